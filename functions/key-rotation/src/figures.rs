//! Figures of one run, kept so that the trend shows. Pure.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use shared::config::Config;
use shared::snapshot::Snapshot;

use crate::ledger::{Ledger, Trend};
use crate::plan::Plan;

/// Where they are kept.
pub(crate) const SERIES: &str = "key-rotation/figures";

/// The figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figures {
    /// When.
    pub at: Timestamp,
    /// RAM users listed.
    pub users: u64,
    /// Their active keys.
    pub active_keys: u64,
    /// Their disabled keys.
    pub inactive_keys: u64,
    /// Age of the active keys whose age is known, in days.
    pub median_age_days: Option<u64>,
    /// The oldest of them.
    pub oldest_age_days: Option<u64>,
    /// Active keys of known age that are not past `rotate_after`, as a share of 1.
    pub within_schedule: Option<f64>,
    /// Root's keys, if they could be counted.
    pub root_keys: Option<u64>,
    /// Keys by stage.
    pub stages: BTreeMap<String, u64>,
    /// Keys rotated since the last run.
    pub rotated: u64,
    /// From the day a key was due to its rotation: the mean of those, in days.
    pub mean_days_to_rotate: Option<f64>,
    /// Reads that failed: what the figures do not know of.
    pub unread: u64,
}

impl Ledger {
    /// Keeps the figures for the trend, and those of the weeks before. What could not be read is no figure.
    pub(crate) fn remember(&mut self, figures: &Figures) {
        const WEEKS: SignedDuration = SignedDuration::from_hours(24 * 30);
        self.trend.retain(|one| figures.at.duration_since(one.at) <= WEEKS);
        if figures.unread == 0 {
            self.trend.push(Trend {
                at: figures.at,
                active_keys: figures.active_keys,
                within_schedule_percent: figures.within_schedule.map(|share| (share * 100.0).floor() as u8),
            });
        }
    }
}

/// Counts.
pub(crate) fn figures(account: &Snapshot, plan: &Plan<'_>, config: &Config, unread: u64) -> Figures {
    const DAY: u64 = 24 * 60 * 60;
    let (active, inactive): (Vec<_>, Vec<_>) = account.keys().map(|(_, key)| key).partition(|key| key.active);
    let mut ages: Vec<u64> = active
        .iter()
        .filter_map(|key| key.created.known())
        .map(|made| u64::try_from(account.taken_at.duration_since(*made).as_secs()).unwrap_or_default())
        .collect();
    ages.sort_unstable();
    let within = ages.iter().filter(|age| **age < config.rotation.rotate_after.as_secs()).count();
    let took: f64 = plan.rotated.iter().map(|one| one.took.as_secs_f64() / DAY as f64).sum();
    let rotated = plan.rotated.len() as u64;
    Figures {
        at: account.taken_at,
        users: account.users.len() as u64,
        active_keys: active.len() as u64,
        inactive_keys: inactive.len() as u64,
        median_age_days: ages.get(ages.len() / 2).map(|age| age / DAY),
        oldest_age_days: ages.last().map(|age| age / DAY),
        within_schedule: (!ages.is_empty()).then(|| within as f64 / ages.len() as f64),
        root_keys: account.root_keys.known().copied(),
        stages: plan.stages.iter().map(|(stage, count)| ((*stage).to_owned(), *count)).collect(),
        rotated,
        mean_days_to_rotate: (rotated > 0).then(|| took / rotated as f64),
        unread,
    }
}
