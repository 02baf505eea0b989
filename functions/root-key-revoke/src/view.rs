//! What a case's entries add up to. Pure.

use jiff::Timestamp;
use serde_json::{Value, json};
use shared::response::{Case, Change, Entry, What};

use crate::decide::Subject;
use crate::proof::Proof;
use crate::wording::FUNCTION;

/// How a root-key creation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Proved useless.
    Revoked,
    /// The quarantine stands: read.
    NetworkRestricted,
    /// Mode is observe.
    Observed,
    /// Nothing is proved to have worked.
    Refused,
    /// What was done could not be read this time (sweeps only).
    Unknown,
}

impl Outcome {
    /// The name in replies.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::NetworkRestricted => "network_restricted",
            Self::Observed => "observed",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        }
    }

    /// Whether what it claims was read back.
    pub(crate) fn is_verified(self) -> bool {
        matches!(self, Self::Revoked | Self::NetworkRestricted)
    }
}

/// What is on record of the quarantine.
#[derive(Debug, Clone, Default)]
pub(crate) struct Quarantined {
    /// It was closed by this case and read back.
    pub closed: bool,
    /// Another case had closed it.
    pub by_other: bool,
    /// It was undone by us.
    pub undone: bool,
    /// It was lifted by somebody.
    pub lifted: bool,
    /// Keys pinned.
    pub pinned: usize,
}

impl Quarantined {
    /// Whether, by the record, it is in force.
    pub(crate) fn stands(&self) -> bool {
        self.is_ours() && !self.lifted
    }

    /// Whether it was closed and not undone by us: then it is worth looking at, lifted or not.
    pub(crate) fn is_ours(&self) -> bool {
        (self.closed || self.by_other) && !self.undone
    }
}

/// Names of steps, as replies show them.
pub(crate) mod step {
    pub(crate) const ALERT: &str = "alert";
    pub(crate) const WHO_AM_I: &str = "who_am_i";
    pub(crate) const COUNT: &str = "count_root_keys";
    pub(crate) const DISABLE: &str = "disable_key";
    pub(crate) const QUARANTINE: &str = "quarantine";
    pub(crate) const STANDING: &str = "check_quarantine";
    pub(crate) const PROOF: &str = "prove";
    pub(crate) const CONCLUDED: &str = "conclude";
}

/// A case's entries, read.
pub(crate) struct View(Vec<Entry>);

impl View {
    pub(crate) fn of(case: &Case) -> Self {
        Self(case.entries())
    }

    /// What the case is about; `None` for a case of another function.
    pub(crate) fn subject(&self) -> Option<Subject> {
        match &self.0.first()?.what {
            What::Opened { function, subject, .. } if function == FUNCTION => {
                serde_json::from_value(subject.clone()).ok()
            }
            _ => None,
        }
    }

    pub(crate) fn opened_at(&self) -> Option<Timestamp> {
        self.0.first().map(|entry| entry.at)
    }

    /// Whether nobody is owed a message about this: a channel took it, or none was meant to.
    pub(crate) fn told(&self, about: &str) -> bool {
        self.0.iter().any(|entry| {
            matches!(&entry.what, What::Told { about: of, delivered, failed, .. }
                if of == about && settled(delivered, failed))
        })
    }

    /// When somebody last heard of the case with urgency.
    pub(crate) fn last_told(&self) -> Option<Timestamp> {
        self.0
            .iter()
            .filter(|entry| matches!(&entry.what, What::Told { delivered, failed, .. } if settled(delivered, failed)))
            .map(|entry| entry.at)
            .max()
    }

    /// Whether the run that looked found that the event is of another account.
    pub(crate) fn is_of_other_account(&self) -> bool {
        self.0.iter().any(|entry| matches!(&entry.what, What::Step { code, .. } if code == "OtherAccount"))
    }

    /// How many messages about this have been begun.
    pub(crate) fn tellings(&self, about: &str) -> usize {
        self.0
            .iter()
            .filter(|entry| matches!(&entry.what, What::Telling { about: of, .. } if of == about))
            .count()
    }

    /// The last result of a step.
    pub(crate) fn result(&self, wanted: &str) -> Option<(String, Value)> {
        self.0.iter().rev().find_map(|entry| match &entry.what {
            What::Step { step, result, data, .. } if step == wanted => Some((result.clone(), data.clone())),
            _ => None,
        })
    }

    /// Whether the last entry about this step says the same. A count is told apart by its number.
    pub(crate) fn says_already(&self, wanted: &str, same: &str, same_code: &str, same_message: &str) -> bool {
        wanted != step::COUNT
            && self
                .0
                .iter()
                .rev()
                .find_map(|entry| match &entry.what {
                    What::Step { step, result, code, message, .. } if step == wanted => {
                        Some((result, code, message))
                    }
                    _ => None,
                })
                .is_some_and(|(result, code, message)| {
                    result == same && code == same_code && message == same_message
                })
    }

    /// All numbers of root keys read in this case.
    pub(crate) fn counts(&self) -> Vec<u64> {
        self.0
            .iter()
            .filter_map(|entry| match &entry.what {
                What::Step { step, data, .. } if step == step::COUNT => data["count"].as_u64(),
                _ => None,
            })
            .collect()
    }

    /// Whether a run has come to its end.
    pub(crate) fn concluded(&self) -> bool {
        self.result(step::CONCLUDED).is_some()
    }

    /// The outcome on record.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        let (name, _) = self.result(step::CONCLUDED)?;
        [Outcome::Revoked, Outcome::NetworkRestricted, Outcome::Observed, Outcome::Refused, Outcome::Unknown]
            .into_iter()
            .find(|outcome| outcome.name() == name)
    }

    /// The proof on record.
    pub(crate) fn proof(&self) -> Proof {
        self.result(step::PROOF)
            .and_then(|(_, data)| serde_json::from_value(data).ok())
            .unwrap_or(Proof::None)
    }

    /// How often a proof on record turned out not to hold any more.
    pub(crate) fn relapses(&self) -> usize {
        let proofs: Vec<bool> = self
            .0
            .iter()
            .filter_map(|entry| match &entry.what {
                What::Step { step, result, .. } if step == step::PROOF => Some(result == "proved"),
                _ => None,
            })
            .collect();
        proofs.windows(2).filter(|pair| pair[0] && !pair[1]).count()
    }

    /// What a message about an outcome is filed under: anew after each relapse.
    pub(crate) fn about(&self, outcome: Outcome) -> String {
        match self.relapses() {
            0 => format!("outcome_{}", outcome.name()),
            again => format!("outcome_{}_{}", outcome.name(), again + 1),
        }
    }

    /// What is on record of the quarantine.
    pub(crate) fn quarantined(&self) -> Quarantined {
        let mut found = Quarantined::default();
        for entry in &self.0 {
            match &entry.what {
                What::Intended { changes } => {
                    found.pinned +=
                        changes.iter().filter(|change| matches!(change, Change::KeyPolicy { .. })).count();
                }
                What::Proved { changes } if changes.iter().any(|id| id == "account-key-policy") => {
                    found.closed = true;
                    found.undone = false;
                }
                What::Undone { changes, .. } => {
                    found.pinned = found
                        .pinned
                        .saturating_sub(changes.iter().filter(|id| id.starts_with("key-policy:")).count());
                    found.undone |= changes.iter().any(|id| id == "account-key-policy");
                }
                What::Step { step, result, .. } if step == step::QUARANTINE && result == "closed_already" => {
                    found.by_other = true;
                }
                What::Step { step, result, .. } if step == step::STANDING => match result.as_str() {
                    "lifted" => found.lifted = true,
                    "stands" => found.lifted = false,
                    _ => {}
                },
                _ => {}
            }
        }
        found
    }

    /// The closing that this case intended and has not undone.
    pub(crate) fn closing(&self) -> Option<Change> {
        let mut closing = None;
        for entry in &self.0 {
            match &entry.what {
                What::Intended { changes } => {
                    let found =
                        changes.iter().find(|change| matches!(change, Change::AccountKeyPolicy { .. }));
                    closing = closing.or(found.cloned());
                }
                What::Undone { changes, .. } if changes.iter().any(|id| id == "account-key-policy") => {
                    closing = None
                }
                _ => {}
            }
        }
        closing
    }

    /// The steps, for a reply: what was tried, with what result, in the service's own words.
    pub(crate) fn steps(&self) -> Vec<Value> {
        self.0.iter().filter_map(reply_step).collect()
    }
}

fn settled(delivered: &[String], failed: &[String]) -> bool {
    !delivered.is_empty() || failed.is_empty()
}

fn reply_step(entry: &Entry) -> Option<Value> {
    let at = entry.at.to_string();
    Some(match &entry.what {
        What::Step { step, result, code, message, request_id, data } => {
            let mut shown = json!({ "step": step, "result": result, "code": code, "message": message, "request_id": request_id, "at": at });
            if !data.is_null() {
                shown["data"] = data.clone();
            }
            shown
        }
        What::Told { about, delivered, failed, .. } => {
            let result = if delivered.is_empty() { "not_delivered" } else { "delivered" };
            json!({ "step": about, "result": result, "code": "", "request_id": "", "at": at,
                    "data": { "delivered": delivered, "failed": failed } })
        }
        What::Intended { changes } => {
            let ids: Vec<String> = changes.iter().map(Change::id).collect();
            json!({ "step": "record_intent", "result": "stored", "code": "", "request_id": "", "at": at, "data": { "changes": ids } })
        }
        What::Proved { changes } => {
            json!({ "step": "read_back", "result": "proved", "code": "", "request_id": "", "at": at, "data": { "changes": changes } })
        }
        What::Undone { changes, how } => {
            json!({ "step": "undo", "result": how, "code": "", "request_id": "", "at": at, "data": { "changes": changes } })
        }
        _ => return None,
    })
}
