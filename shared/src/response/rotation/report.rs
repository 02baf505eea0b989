//! How a rotation stands, for people and machines.

use jiff::Timestamp;
use serde::Serialize;

use super::view::{Next, Record};
use super::{Destination, LastUse, Rotation, Watched};

/// How a rotation stands.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The case that records it.
    pub case: String,
    /// The user, as a principal name.
    pub user: String,
    /// The key that is replaced.
    pub old_key: String,
    /// The key that replaces it, once it was made.
    pub new_key: Option<String>,
    /// Where its secret was handed over to, once it was.
    pub handed_to: Option<Destination>,
    /// When that was known.
    pub handed_at: Option<Timestamp>,
    /// What it waits for, or how it ended.
    #[serde(flatten)]
    pub state: State,
}

/// What a rotation waits for, or how it ended.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// There is something that a run can do now.
    Unfinished,
    /// The last use of a key could not be read, so it waits.
    Unknown {
        /// What could not be read, and why.
        unread: Vec<String>,
    },
    /// Nobody has used the new key yet.
    WaitingForNewKey {
        /// Since when.
        since: Timestamp,
    },
    /// The new key is used, and the old one has not been quiet for long enough.
    WaitingForOldKey {
        /// When the new key was first seen to be used.
        first_use: Timestamp,
        /// When the old one was last used.
        last_use: LastUse,
        /// When the wait is over, if it is not used again.
        until: Timestamp,
    },
    /// The old key is disabled.
    Disabled {
        /// Since when.
        since: Timestamp,
        /// What was seen of it since.
        watched: Watched,
        /// Whether a call with it was seen to fail in this run or an earlier one.
        missed: bool,
        /// When it may be deleted.
        deletable_at: Timestamp,
    },
    /// The old key is deleted.
    Rotated,
    /// Everything was put back, as far as that could be.
    Aborted {
        /// The new key, if it was kept.
        kept: Option<String>,
        /// Where the secret of the new key still is.
        left_in: Option<LeftIn>,
    },
}

/// A version that no abort can take out of its secret again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftIn {
    /// The secret.
    pub to: Destination,
    /// The version, which is named for the key.
    pub version: String,
    /// The version that was current before it.
    pub previous: Option<String>,
}

impl Rotation<'_> {
    pub(super) fn report(&self, record: &Record, state: State) -> Report {
        let handed = record.made.as_ref().filter(|made| made.handed.is_some());
        Report {
            case: self.case.id().to_owned(),
            user: self.subject.user.clone(),
            old_key: self.old().to_owned(),
            new_key: record.made.as_ref().map(|made| made.key.clone()),
            handed_to: handed.and_then(|made| Some(made.handing.as_ref()?.1.clone())),
            handed_at: handed.and_then(|made| made.handed),
            state,
        }
    }

    /// The new key, once it was handed over, by the record alone.
    pub fn new_key(&self) -> Option<String> {
        self.record().made.filter(|made| made.handed.is_some()).map(|made| made.key)
    }

    /// Where a secret goes that is still to be handed over; `None` when there is none, by the record alone.
    pub fn hands_over_to(&self) -> Option<&Destination> {
        let record = self.record();
        let still = matches!(
            record.next(self.old()),
            Next::Create | Next::Recover(_) | Next::Resolve(_) | Next::Discard(_)
        );
        (still && !record.aborting).then_some(&self.to)
    }

    /// Whether the old key is disabled by this rotation, by the record alone.
    pub fn is_disabled(&self) -> bool {
        matches!(self.record().next(self.old()), Next::Watch(_))
    }
}
