//! Closing the account to every key that is not known: each known key is first pinned to what it may do today, then
//! the account-level policy is closed. What is left outside are root's keys, and keys made from now on.
//!
//! The order is what keeps everybody else in: no closing before every pin has been read back and the list of keys has
//! been read a second time; no pin is taken away while the account may be closed.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{self, StreamExt};

use super::change::account_policy;
use super::{Applied, Case, CaseError, Change, HeldKey, Inventory, Pace, Reverted, What};
use crate::cloud::NetworkPolicy;
use crate::openapi::{Error, Kind, Session};

/// Rounds of pinning: keys made in the meantime are pinned in the next one.
const ROUNDS: usize = 3;

/// One attempt to quarantine, for one case.
pub struct Quarantine<'a> {
    /// In whose name.
    pub session: &'a Session,
    /// The same, with the time that taking things back may need.
    pub session_for_undo: &'a Session,
    /// The case that records it.
    pub case: &'a Case,
    /// How patient it is.
    pub pace: &'a Pace,
    /// More RAM-user keys than this: not begun.
    pub max_pinned_keys: usize,
}

/// How it ended.
#[derive(Debug, Clone)]
pub enum Closing {
    /// Closed, and read back.
    Closed {
        /// Keys pinned by this case.
        pinned: usize,
        /// The request id of the closing; empty when an earlier run did it.
        request_id: String,
    },
    /// It was closed already, by another case; read now.
    AlreadyClosed,
    /// Nothing was changed.
    NotBegun(Refused),
    /// Pins were made and taken back; the ids of those that could not be are given. They allow what was allowed before.
    TakenBack(Refused, Vec<String>),
    /// The closing was asked for and could not be read back. The pins stay, since it may be closed.
    Unproved(Refused),
}

/// Why.
#[derive(Debug, Clone)]
pub enum Refused {
    /// The service, in its own words.
    Service(Error),
    /// A rule of ours.
    Rule(String),
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Service(error) => error.fmt(f),
            Self::Rule(why) => f.write_str(why),
        }
    }
}

impl Refused {
    /// The same as an error, for the record.
    pub fn into_error(self) -> Error {
        match self {
            Self::Service(error) => error,
            Self::Rule(why) => Error::new(Kind::Refused, "quarantine", "OwnRule", why),
        }
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Service(error)
    }
}

/// What stops the pinning.
enum Stop {
    Refused(Refused),
    Case(CaseError),
}

impl From<CaseError> for Stop {
    fn from(error: CaseError) -> Self {
        Self::Case(error)
    }
}

impl From<Refused> for Stop {
    fn from(why: Refused) -> Self {
        Self::Refused(why)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Refused(error.into())
    }
}

impl Quarantine<'_> {
    /// Pins, closes, reads back, from a reading of all keys that was begun a moment ago. What an earlier run of this
    /// case did is found and built upon.
    ///
    /// # Errors
    /// When the store fails or the case is lost. Nothing is changed after that; what was changed before stands in the
    /// record, and pins only ever allow what was allowed.
    pub async fn close(&self, inventory: Result<Inventory, Error>) -> Result<Closing, CaseError> {
        let inventory = match inventory {
            Ok(inventory) => inventory,
            Err(error) => return Ok(Closing::NotBegun(error.into())),
        };
        let ours = self.intended_closing();
        if inventory.account.same(&NetworkPolicy::nowhere()) {
            return match ours {
                Some(closing) => {
                    self.case.write(What::Proved { changes: vec![closing.id()] }).await?;
                    Ok(Closing::Closed { pinned: self.pins().len(), request_id: String::new() })
                }
                None => Ok(Closing::AlreadyClosed),
            };
        }
        if inventory.keys.len() > self.max_pinned_keys {
            let why = format!(
                "{} active RAM-user keys, more than root_key.max_pinned_keys = {}",
                inventory.keys.len(),
                self.max_pinned_keys
            );
            return Ok(Closing::NotBegun(Refused::Rule(why)));
        }
        match self.pin_all(&inventory).await {
            Ok(()) => {}
            Err(Stop::Case(error)) => return Err(error),
            Err(Stop::Refused(why)) => return self.take_back(why).await,
        }
        let closing = Change::AccountKeyPolicy { before: inventory.account, after: NetworkPolicy::nowhere() };
        self.case.write(What::Intended { changes: vec![closing.clone()] }).await?;
        match closing.apply(self.session, self.pace).await {
            Applied::Proved(request_id) => {
                self.case.write(What::Proved { changes: vec![closing.id()] }).await?;
                Ok(Closing::Closed { pinned: self.pins().len(), request_id })
            }
            Applied::Refused(error) => self.take_back(error.into()).await,
            Applied::Unproved(error) => Ok(Closing::Unproved(error.into())),
        }
    }

    /// Pins until a second reading of all keys shows none that the closing would catch.
    async fn pin_all(&self, inventory: &Inventory) -> Result<(), Stop> {
        // A key that this case ever pinned is pinned again, whatever its policy reads: the reading may be older than the
        // taking back of that pin.
        let touched = self.ever_pinned();
        let mut bound: Vec<HeldKey> = inventory
            .keys
            .iter()
            .filter(|held| !held.policy.is_active() || touched.contains_key(&held.key))
            .cloned()
            .collect();
        for held in &mut bound {
            if let Some(before) = touched.get(&held.key) {
                held.policy = before.clone();
            }
        }
        let mut pinned = BTreeSet::new();
        for _ in 0..ROUNDS {
            if bound.is_empty() {
                return Ok(());
            }
            let pins: Vec<Change> = bound
                .drain(..)
                .map(|held| Change::KeyPolicy {
                    user: held.user,
                    key: held.key,
                    before: held.policy,
                    after: inventory.account.as_allowed_today(),
                })
                .collect();
            pinned.extend(pins.iter().filter_map(Change::key).map(str::to_owned));
            // A pin that an earlier run recorded keeps the record of what was there before it.
            let known = self.pins();
            let new: Vec<Change> =
                pins.iter().filter(|pin| !known.contains_key(&pin.id())).cloned().collect();
            if known.len() + new.len() > self.max_pinned_keys {
                return Err(self.too_many().into());
            }
            if !new.is_empty() {
                self.case.write(What::Intended { changes: new }).await?;
            }
            // Side by side, so that the second reading costs no time; the keys being pinned are left out of it.
            let (applied, again) = futures_util::future::join(
                self.apply_all(&pins),
                Inventory::read_except(self.session, self.pace, &pinned),
            )
            .await;
            applied?;
            self.case.write(What::Proved { changes: pins.iter().map(Change::id).collect() }).await?;
            let again = again?;
            if !again.account.same(&inventory.account) {
                let why = "the account-level policy was changed by somebody else meanwhile";
                return Err(Refused::Rule(why.to_owned()).into());
            }
            bound = again.bound().cloned().collect();
        }
        if bound.is_empty() {
            return Ok(());
        }
        Err(Refused::Rule("new keys kept appearing while the known ones were pinned".to_owned()).into())
    }

    fn too_many(&self) -> Refused {
        Refused::Rule(format!("more keys than root_key.max_pinned_keys = {}", self.max_pinned_keys))
    }

    async fn apply_all(&self, pins: &[Change]) -> Result<(), Refused> {
        let mut results = stream::iter(pins.iter().map(|pin| pin.apply(self.session, self.pace)))
            .buffer_unordered(self.pace.concurrency);
        let mut stopped = None;
        while let Some(applied) = results.next().await {
            match applied {
                Applied::Proved(_) => {}
                // The others are let finish: taking back must know how each of them ended.
                Applied::Refused(error) | Applied::Unproved(error) => stopped = Some(error),
            }
        }
        stopped.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Takes this case's pins back, unless the account may be closed.
    async fn take_back(&self, why: Refused) -> Result<Closing, CaseError> {
        let pins = self.pins();
        if pins.is_empty() {
            return Ok(Closing::NotBegun(why));
        }
        // A pin is all that keeps its key working once the account is closed, whoever closed it.
        match account_policy(self.session_for_undo).await {
            Ok(account) if !account.same(&NetworkPolicy::nowhere()) => {}
            _ => return Ok(Closing::TakenBack(why, pins.into_keys().collect())),
        }
        let reverted = revert_all(self.session_for_undo, self.case, self.pace, pins, "taken back").await?;
        Ok(Closing::TakenBack(why, reverted.failed))
    }

    /// The keys that this case has ever pinned, with what was there before the first pin.
    fn ever_pinned(&self) -> BTreeMap<String, NetworkPolicy> {
        let mut keys = BTreeMap::new();
        for entry in self.case.entries() {
            let What::Intended { changes } = entry.what else { continue };
            for change in changes {
                if let Change::KeyPolicy { key, before, .. } = change {
                    keys.entry(key).or_insert(before);
                }
            }
        }
        keys
    }

    /// The pins on record that have not been taken back.
    fn pins(&self) -> BTreeMap<String, Change> {
        standing_changes(self.case)
            .into_iter()
            .filter(|(_, change)| matches!(change, Change::KeyPolicy { .. }))
            .collect()
    }

    fn intended_closing(&self) -> Option<Change> {
        standing_changes(self.case)
            .into_values()
            .find(|change| matches!(change, Change::AccountKeyPolicy { .. }))
    }
}

/// The changes of a case that were intended and not undone, by id. Of two records for the same thing the first
/// counts: it saw what was there before us.
pub fn standing_changes(case: &Case) -> BTreeMap<String, Change> {
    let mut standing = BTreeMap::new();
    for entry in case.entries() {
        match entry.what {
            What::Intended { changes } => {
                for change in changes {
                    standing.entry(change.id()).or_insert(change);
                }
            }
            What::Undone { changes, .. } => {
                for id in changes {
                    standing.remove(&id);
                }
            }
            _ => {}
        }
    }
    standing
}

/// How taking many changes back went, by id.
#[derive(Debug, Default)]
pub(super) struct AllReverted {
    /// As before.
    pub(super) done: Vec<String>,
    /// Somebody else changed them since: left alone.
    pub(super) left: Vec<String>,
    /// Neither, and still on record.
    pub(super) failed: Vec<String>,
}

/// Takes changes back side by side and records it.
pub(super) async fn revert_all(
    session: &Session,
    case: &Case,
    pace: &Pace,
    changes: BTreeMap<String, Change>,
    how: &str,
) -> Result<AllReverted, CaseError> {
    let results: Vec<(String, Reverted)> = stream::iter(changes)
        .map(|(id, change)| async move { (id, change.revert(session, pace).await) })
        .buffer_unordered(pace.concurrency)
        .collect()
        .await;
    let mut all = AllReverted::default();
    for (id, reverted) in results {
        match reverted {
            Reverted::Restored => all.done.push(id),
            Reverted::Left => all.left.push(id),
            Reverted::Failed(_) => all.failed.push(id),
        }
    }
    if !all.done.is_empty() {
        case.write(What::Undone { changes: all.done.clone(), how: how.to_owned() }).await?;
    }
    if !all.left.is_empty() {
        let how = "somebody else changed it since: left as it is".to_owned();
        case.write(What::Undone { changes: all.left.clone(), how }).await?;
    }
    all.failed.sort();
    Ok(all)
}
