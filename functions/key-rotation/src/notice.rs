//! Notices: which keys are to be disabled, and whether what was announced still holds. Pure.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use shared::checks::keys::{Use, due_at};
use shared::config::{Config, Disable};
use shared::snapshot::AccessKey;

use crate::ledger::{Ledger, Notice, Told};
use crate::plan::{About, Item};

/// What a mark ends with when the key will be disabled.
pub(crate) const MARK: &str = "+notice";

/// Whether the configuration says that such a key is disabled. An unread age or use never does, nor a key that is in use.
pub(crate) fn doomed(key: &AccessKey, config: &Config, now: Timestamp) -> bool {
    let limits = &config.rotation;
    let (true, Some(made)) = (key.active, key.created.known()) else { return false };
    let usage = Use::of(key, limits, now);
    let quiet = match &usage {
        Use::Unknown(_) => return false,
        Use::Used(last) | Use::Idle(last) => later(last.at, limits.notice) <= now,
        Use::Never | Use::NotYet => true,
    };
    quiet
        && match limits.disable {
            Disable::Never => false,
            Disable::Idle => matches!(usage, Use::Idle(_) | Use::Never),
            Disable::Overdue => later(due_at(*made, limits), limits.overdue_after) <= now,
        }
}

/// Whether a notice holds no more: the key was used since, or enabled by somebody, or reads as if it had been used less than was
/// known then (such a reading is stale).
pub(crate) fn is_void(key: &AccessKey, notice: &Notice) -> bool {
    let last = key.last_use.known().and_then(|last| last.as_ref()).map(|last| last.at);
    last > Some(notice.at)
        || last < notice.last_use
        || key.last_use.known().is_none()
        || key.changed.is_some_and(|at| at > notice.at)
}

/// The moment a span after `at`.
pub(crate) fn later(at: Timestamp, span: Duration) -> Timestamp {
    SignedDuration::try_from(span).ok().and_then(|span| at.checked_add(span).ok()).unwrap_or(Timestamp::MAX)
}

impl Ledger {
    /// Takes a notice back: the next one is news.
    pub(crate) fn withdraw(&mut self, key: &str) {
        if let Some(told) = self.told.get_mut(key) {
            told.notice = None;
            told.mark = told.mark.trim_end_matches(MARK).to_owned();
        }
    }

    /// Remembers that an item was said. A notice counts from the moment at which it was delivered, if it was.
    pub(crate) fn say(&mut self, item: &Item<'_>, now: Timestamp, delivered: Option<Timestamp>) {
        let before = self.told.get(&item.subject);
        let key = match item.about {
            About::Key(key, _) => Some(key),
            _ => None,
        };
        let kept = before.and_then(|told| told.notice.clone());
        let notice = match (item.disabled_on, key) {
            (Some(_), Some(key)) => kept.filter(|notice| !is_void(key, notice)).or_else(|| {
                let last_use = key.last_use.known().and_then(|last| last.as_ref()).map(|last| last.at);
                delivered.map(|at| Notice { at, last_use })
            }),
            _ => None,
        };
        let told = Told { mark: item.mark.clone(), at: now, times: item.times, notice };
        self.told.insert(item.subject.clone(), told);
    }
}
