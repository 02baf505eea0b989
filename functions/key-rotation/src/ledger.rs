//! What has been said about which key, and since when: what makes each message come once. One run at a time may write it.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use shared::state::{Appended, Series, StateError, Store};

/// Where it is kept.
const SERIES: &str = "key-rotation/ledger";

/// What is remembered from run to run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ledger {
    /// What was last said, by subject: a key's id, `user/NAME`, `root`, `unread`.
    pub told: BTreeMap<String, Told>,
    /// Keys that are due and not yet rotated.
    pub due: BTreeMap<String, Due>,
    /// Since when findings have failed, by fingerprint.
    pub first_seen: BTreeMap<String, Timestamp>,
    /// The latest use of each key that was ever read. A reading that is older is stale.
    #[serde(default)]
    pub used: BTreeMap<String, Timestamp>,
    /// How it stood in the last weeks, oldest first.
    #[serde(default)]
    pub trend: Vec<Trend>,
    /// What security is still to be told of, since no summary could be delivered.
    #[serde(default)]
    pub owed: Owed,
}

/// How it stood after one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Trend {
    /// When.
    pub at: Timestamp,
    /// Active keys.
    pub active_keys: u64,
    /// How many of a hundred of them were within schedule.
    pub within_schedule_percent: Option<u8>,
}

/// Lines that belong into the next summary, each with its subject.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Owed {
    /// Overdue keys.
    pub overdue: BTreeMap<String, String>,
    /// Keys that were disabled, or were meant to be.
    pub acted: BTreeMap<String, String>,
    /// Keys that were rotated: from when each was due, in seconds. Worth a line, not a summary.
    #[serde(default)]
    pub rotated: BTreeMap<String, u64>,
}

impl Owed {
    /// Whether there is nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.overdue.is_empty() && self.acted.is_empty()
    }
}

/// What was last said about a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Told {
    /// What it was about; another mark is news.
    pub mark: String,
    /// When.
    pub at: Timestamp,
    /// How often with this mark.
    pub times: u32,
    /// The owner was told that the key will be disabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<Notice>,
}

/// A notice that a key will be disabled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Notice {
    /// When it was delivered.
    pub at: Timestamp,
    /// The last use known then. One that reads older later is a stale reading.
    pub last_use: Option<Timestamp>,
}

/// A key that is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Due {
    /// Whose.
    pub user: String,
    /// Since when.
    pub since: Timestamp,
}

/// An entry of the series.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Page {
    at: Timestamp,
    run: String,
    /// A run that has begun and not ended holds the ledger until its time is over.
    done: bool,
    /// The number of the last entry of a run that ended: this one's, or the one that this run started from.
    #[serde(default)]
    round: u64,
    ledger: Ledger,
}

/// The ledger, held by one run.
pub(crate) struct Held {
    series: Series,
    number: u64,
    run: String,
    /// The same for each attempt at one run: a crash does not change it, an end does. Part of what messages are called by.
    pub round: u64,
    /// As the last run left it.
    pub ledger: Ledger,
}

/// Takes the ledger for this run. `None`: another run has it, and had not had `lease` to finish.
pub(crate) async fn take(
    store: &Store,
    run: &str,
    now: Timestamp,
    lease: Duration,
) -> Result<Option<Held>, StateError> {
    let series = store.series(SERIES);
    let lease = SignedDuration::try_from(lease).unwrap_or(SignedDuration::MAX);
    loop {
        let last = series.last::<Page>().await?;
        let (number, round, ledger) = match last {
            None => (0, 0, Ledger::default()),
            // The same run again is its own successor: the platform repeats one only when it has ended.
            Some((_, page)) if !page.done && page.run != run && now.duration_since(page.at) < lease => {
                return Ok(None);
            }
            Some((number, page)) => (number, page.round, page.ledger),
        };
        let page = Page { at: now, run: run.to_owned(), done: false, round, ledger: ledger.clone() };
        if series.append(number + 1, &page).await? == Appended::Done {
            return Ok(Some(Held { series, number: number + 1, run: run.to_owned(), round, ledger }));
        }
    }
}

impl Held {
    /// Stores what the next run starts from, and lets go. When another run has taken over meanwhile, its word stands.
    pub(crate) async fn release(self, ledger: &Ledger, now: Timestamp) -> Result<(), StateError> {
        let number = self.number + 1;
        let page = Page { at: now, run: self.run, done: true, round: number, ledger: ledger.clone() };
        let _: Appended = self.series.append(number, &page).await?;
        Ok(())
    }
}
