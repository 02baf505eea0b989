//! Where a key stands between its making and its end. Pure: dates and limits in, a stage out.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::config::Rotation;
use crate::snapshot::{AccessKey, LastUse, Read, Unread};

/// A key's stage, by what its owner has to do next. Of several that hold the one further down this list is not asked for: a key
/// that nothing uses needs no rotation, it needs to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum Stage {
    /// Disabled, and still there: to be deleted.
    Inactive,
    /// When it was made could not be read.
    Unknown {
        /// Why.
        why: Unread,
    },
    /// It has existed for `idle_after` and was never used.
    NeverUsed,
    /// It was last used `idle_after` ago or longer.
    Idle,
    /// It has been due for `overdue_after` or longer.
    Overdue,
    /// It has reached `rotate_after`.
    Due,
    /// It will, within this one of `remind_before`: the shortest that has been reached.
    DueSoon {
        /// Seconds before it is due.
        within: u64,
    },
    /// Nothing to do.
    Fine,
}

/// How a key is used. A use in the future (a clock that is wrong somewhere) is a use now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Use {
    /// Within `idle_after`.
    Used(LastUse),
    /// Not within `idle_after`.
    Idle(LastUse),
    /// Never, though it has existed for `idle_after`.
    Never,
    /// Never, and it has not existed for that long.
    NotYet,
    /// It could not be read.
    Unknown(Unread),
}

/// How long ago; nothing for what is ahead.
pub(crate) fn ago(at: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(at)).unwrap_or(Duration::ZERO)
}

/// The moment a span after `at`.
fn after(at: Timestamp, span: Duration) -> Timestamp {
    SignedDuration::try_from(span).ok().and_then(|span| at.checked_add(span).ok()).unwrap_or(Timestamp::MAX)
}

impl Use {
    /// How `key` is used.
    pub fn of(key: &AccessKey, limits: &Rotation, now: Timestamp) -> Self {
        match &key.last_use {
            Read::Unread(why) => Self::Unknown(why.clone()),
            Read::Read(Some(used)) if ago(used.at, now) >= limits.idle_after => Self::Idle(used.clone()),
            Read::Read(Some(used)) => Self::Used(used.clone()),
            Read::Read(None) => match &key.created {
                Read::Unread(why) => Self::Unknown(why.clone()),
                Read::Read(made) if ago(*made, now) >= limits.idle_after => Self::Never,
                Read::Read(_) => Self::NotYet,
            },
        }
    }
}

/// When a key made at `made` is due.
pub fn due_at(made: Timestamp, limits: &Rotation) -> Timestamp {
    after(made, limits.rotate_after)
}

/// The stage of `key`.
pub fn stage(key: &AccessKey, limits: &Rotation, now: Timestamp) -> Stage {
    if !key.active {
        return Stage::Inactive;
    }
    match Use::of(key, limits, now) {
        Use::Never => Stage::NeverUsed,
        Use::Idle(_) => Stage::Idle,
        // Unread use keeps nobody from being reminded by age.
        Use::Used(_) | Use::NotYet | Use::Unknown(_) => stage_by_age(key, limits, now),
    }
}

/// The stage of a key that is kept for emergencies, and so not meant to be used.
pub fn stage_by_age(key: &AccessKey, limits: &Rotation, now: Timestamp) -> Stage {
    if !key.active {
        return Stage::Inactive;
    }
    let made = match &key.created {
        Read::Unread(why) => return Stage::Unknown { why: why.clone() },
        Read::Read(made) => *made,
    };
    let age = ago(made, now);
    if age >= limits.rotate_after.saturating_add(limits.overdue_after) {
        return Stage::Overdue;
    }
    let Some(left) = limits.rotate_after.checked_sub(age).filter(|left| !left.is_zero()) else {
        return Stage::Due;
    };
    let reached = limits.remind_before.iter().filter(|before| left <= **before).min();
    reached.map_or(Stage::Fine, |before| Stage::DueSoon { within: before.as_secs() })
}
