//! What the entries of a rotation's case add up to, and what comes next. Pure.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Destination;
use super::report::LeftIn;
use crate::response::case::REFUSED;
use crate::response::{Change, Entry, What};

/// Whose case it is, as its first entry says.
pub(super) const FUNCTION: &str = "rotate";

/// What a rotation is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The account, 16 digits.
    pub account: String,
    /// The user, as a principal name.
    pub user: String,
    /// The key that is to be replaced.
    pub old_key: String,
    /// Where the new secret goes.
    pub to: Destination,
}

impl Subject {
    /// The subject of a case, if it is a rotation's.
    pub(super) fn of(entries: &[Entry]) -> Option<Self> {
        match &entries.first()?.what {
            What::Opened { function, subject, .. } if function == FUNCTION => {
                serde_json::from_value(subject.clone()).ok()
            }
            _ => None,
        }
    }

    /// The user's name without the domain.
    pub fn name(&self) -> &str {
        self.user.split('@').next().unwrap_or_default()
    }
}

/// Names of steps in the record.
pub(super) mod step {
    pub(crate) const CREATE: &str = "create_key";
    pub(crate) const HAND_OVER: &str = "hand_over";
    pub(crate) const DISCARD: &str = "discard";
    pub(crate) const DELETE: &str = "delete_key";
    pub(crate) const FIRST_USE: &str = "first_use";
    pub(crate) const WATCH: &str = "watch";
    pub(crate) const ABORT: &str = "abort";
    pub(crate) const CONCLUDE: &str = "conclude";
}

/// How a rotation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Rotated,
    Aborted,
}

impl End {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Rotated => "rotated",
            Self::Aborted => "aborted",
        }
    }
}

/// A creation of which it is not known whether it was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Creating {
    /// The keys that the user had before.
    pub(super) known: BTreeSet<String>,
    /// When it was intended.
    pub(super) at: Timestamp,
}

/// The new key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) key: String,
    /// When its handing over was begun, and where to.
    pub(super) handing: Option<(Timestamp, Destination)>,
    /// When it was known to have been handed over.
    pub(super) handed: Option<Timestamp>,
}

/// Everything known of a rotation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) creating: Option<Creating>,
    pub(super) made: Option<Made>,
    /// Keys of ours that are to be deleted: nobody has their secret, or nobody is to have it.
    pub(super) discard: BTreeSet<String>,
    /// Keys whose deletion was begun.
    pub(super) deleting: BTreeSet<String>,
    /// Keys that are gone, by us or found gone.
    pub(super) gone: BTreeSet<String>,
    /// When the new key was first seen to have been used.
    pub(super) first_use: Option<Timestamp>,
    /// When disabling the old key was last begun and has not been taken back.
    pub(super) disabling: Option<Timestamp>,
    /// When it was read back.
    pub(super) disabled: Option<Timestamp>,
    /// When the old key was last enabled again.
    pub(super) put_back: Option<Timestamp>,
    /// Calls with the old key were seen to fail since it was disabled.
    pub(super) failing: bool,
    pub(super) aborting: bool,
    /// A key that an abort wanted to delete, and that was used in the meantime.
    pub(super) kept: Option<String>,
    /// The last version that was put into a secret, as far as is known.
    pub(super) stored: Option<LeftIn>,
    pub(super) ended: Option<End>,
}

/// What is to be done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing but to put the case away.
    Archive(End),
    /// The old key is gone: write down the end.
    Conclude,
    /// Delete this key of ours.
    Discard(String),
    /// Find out whether a creation was done.
    Resolve(Creating),
    /// Go on with putting things back.
    Abort,
    /// Make the second key.
    Create,
    /// A key was made, and it is not on record that it was handed over.
    Recover(Made),
    /// Wait until the old key may be disabled, and disable it.
    Gate(Made),
    /// The old key is disabled.
    Watch(Made),
}

impl Record {
    /// Adds the entries up. `old` is the key that is replaced.
    pub(super) fn of(entries: &[Entry], old: &str) -> Self {
        let mut record = Self::default();
        let disabling = Change::key_status_id(old);
        for entry in entries {
            match &entry.what {
                What::Step { step, result, data, .. } => record.step(step, result, data, entry.at),
                What::Intended { changes } if changes.iter().any(|change| change.id() == disabling) => {
                    record.disabling = Some(entry.at);
                }
                What::Proved { changes } if changes.contains(&disabling) => {
                    record.disabled = Some(entry.at);
                }
                What::Undone { changes, how } if changes.contains(&disabling) => {
                    (record.disabling, record.disabled, record.failing) = (None, None, false);
                    // What was refused was never done, so nobody was disturbed by it.
                    if how != REFUSED {
                        record.put_back = Some(entry.at);
                    }
                }
                _ => {}
            }
        }
        record
    }

    fn step(&mut self, step: &str, result: &str, data: &Value, at: Timestamp) {
        let key = data["key"].as_str().unwrap_or_default().to_owned();
        let ours = self.made.as_ref().is_some_and(|made| made.key == key);
        match (step, result) {
            (step::CREATE, "intended") => {
                let known = data["known"].as_array().into_iter().flatten();
                let known = known.filter_map(|id| id.as_str().map(str::to_owned)).collect();
                self.creating = Some(Creating { known, at });
            }
            (step::CREATE, "made") => {
                self.creating = None;
                self.first_use = None;
                self.made = Some(Made { key, handing: None, handed: None });
            }
            (step::CREATE, "refused" | "not_made") => self.creating = None,
            (step::CREATE, "found") => {
                self.creating = None;
                self.discard.insert(key);
            }
            (step::HAND_OVER, "intended") if ours => {
                if let (Some(made), Ok(to)) = (&mut self.made, serde_json::from_value(data["to"].clone())) {
                    if matches!(to, Destination::Kms { .. }) {
                        let previous = data["previous"].as_str().map(str::to_owned);
                        self.stored = Some(LeftIn { to: Destination::clone(&to), version: key, previous });
                    }
                    made.handing = Some((at, to));
                }
            }
            (step::HAND_OVER, "done") if ours => {
                if let Some(made) = &mut self.made {
                    made.handed = Some(at);
                }
            }
            (step::DISCARD, "kept") => {
                self.discard.remove(&key);
                self.kept = Some(key);
            }
            (step::DISCARD, _) => {
                if ours {
                    self.made = None;
                }
                self.discard.insert(key);
            }
            (step::DELETE, "intended") => {
                self.deleting.insert(key);
            }
            (step::DELETE, "refused") => {
                self.deleting.remove(&key);
            }
            (step::DELETE, "done") => {
                self.deleting.remove(&key);
                self.discard.remove(&key);
                self.gone.insert(key);
            }
            (step::FIRST_USE, _) if ours => {
                self.first_use = data["at"].as_str().and_then(|at| at.parse().ok());
            }
            (step::WATCH, "failing") => self.failing = true,
            (step::ABORT, _) => self.aborting = true,
            (step::CONCLUDE, result) => {
                self.ended = [End::Rotated, End::Aborted].into_iter().find(|end| end.name() == result);
            }
            _ => {}
        }
    }

    /// What is to be done next, by the record alone.
    pub(super) fn next(&self, old: &str) -> Next {
        if let Some(end) = self.ended {
            return Next::Archive(end);
        }
        if self.gone.contains(old) {
            return Next::Conclude;
        }
        if let Some(key) = self.discard.first() {
            return Next::Discard(key.clone());
        }
        if let Some(creating) = &self.creating {
            return Next::Resolve(creating.clone());
        }
        match &self.made {
            _ if self.aborting => Next::Abort,
            None => Next::Create,
            Some(made) if made.handed.is_none() => Next::Recover(made.clone()),
            Some(made) if self.disabled.is_none() => Next::Gate(made.clone()),
            Some(made) => Next::Watch(made.clone()),
        }
    }
}

#[cfg(test)]
mod tests;
