//! What is remembered from night to night: what fails since when, and what people have been told.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use shared::report::{Changes, Known, Register, Report};
use shared::state::{Appended, Series, StateError, Store};

/// Where it is kept.
const SERIES: &str = "exposure-scan/record";
/// What is still open is said again after this time, also when nothing has changed.
const SAID_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What was known after a run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Record {
    /// What fails, since when.
    pub known: Known,
    /// What people know of, where that is something else: no message of it could be delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Known>,
    /// When people were last told; `None` before they first were.
    #[serde(default)]
    pub told_at: Option<Timestamp>,
    /// Why something could not be read, as people were last told.
    #[serde(default)]
    pub unread: BTreeSet<String>,
    /// Entries of the register, as people were last told.
    #[serde(default)]
    pub register: BTreeSet<String>,
}

/// The record, and where the next one goes.
pub(crate) struct Kept {
    series: Series,
    /// The number of the last one; 0 before the first.
    pub number: u64,
    pub record: Record,
}

impl Kept {
    pub(crate) async fn read(store: &Store) -> Result<Self, StateError> {
        let series = store.series(SERIES);
        let (number, record) = series.last::<Record>().await?.unwrap_or_default();
        Ok(Self { series, number, record })
    }

    /// Writes the next record; says whether nobody else has meanwhile.
    pub(crate) async fn write(&self, next: &Record) -> Result<bool, StateError> {
        Ok(matches!(self.series.append(self.number + 1, next).await?, Appended::Done))
    }
}

/// What there is to say of a run.
pub(crate) struct News {
    pub changes: Changes,
    /// Reasons why something could not be read.
    pub unread: BTreeSet<String>,
    /// Entries of the register that are worth a word.
    pub register: BTreeSet<String>,
    /// Nobody has ever been told of this account.
    pub first: bool,
    /// Whether everything could be read, other than when people were last told.
    pub readable_again: bool,
    /// Whether it is worth a message.
    pub worth_telling: bool,
}

impl Record {
    /// What is news in a report, against what people were told.
    pub(crate) fn news(&self, report: &Report, register: &Register) -> News {
        let changes = self.told.as_ref().unwrap_or(&self.known).compare(&report.findings);
        let failures = &report.coverage.failures;
        let unread: BTreeSet<String> =
            failures.iter().map(|why| format!("{}:{}:{}", why.action, why.region, why.code)).collect();
        let entries =
            [("ending", &register.ending), ("expired", &register.expired), ("stale", &register.stale)];
        let mark = |(how, entries): (&str, &Vec<shared::report::Entry>)| {
            let mark = |entry: &shared::report::Entry| {
                format!("{how}:{}:{}:{}", entry.check, entry.resource, entry.expires)
            };
            entries.iter().map(mark).collect::<Vec<_>>()
        };
        let register: BTreeSet<String> = entries.into_iter().flat_map(mark).collect();
        let old = self.told_at.is_none_or(|at| report.started_at.duration_since(at) >= SAID_AGAIN_AFTER);
        let still = !changes.open.is_empty() || !changes.unseen.is_empty() || !unread.is_empty();
        let readable_again = unread.is_empty() && !self.unread.is_empty();
        let worth_telling = !changes.new.is_empty()
            || !changes.fixed.is_empty()
            || !register.is_subset(&self.register)
            || !unread.is_subset(&self.unread)
            || (old && still)
            // The doubt is over.
            || readable_again;
        let first = self.told_at.is_none();
        News { changes, unread, register, first, readable_again, worth_telling }
    }

    /// The record after a run; `told` says whether people have been told of it, or nothing was worth telling.
    pub(crate) fn after(&self, report: &Report, news: News, told: bool) -> Self {
        let known = self.known.after(&report.findings, report.started_at);
        if !told {
            let baseline = self.told.clone().unwrap_or_else(|| self.known.clone());
            return Self { known, told: Some(baseline), ..self.clone() };
        }
        let told_at = if news.worth_telling { Some(report.started_at) } else { self.told_at };
        Self { known, told: None, told_at, unread: news.unread, register: news.register }
    }
}
