//! What has changed since another scan.

use std::path::Path;

use anyhow::Context as _;
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::config::Config;
use shared::report::{Changes, Known, Mended, Register, Report};

use super::choice::Choice;
use super::saved::Saved;

/// The other scan.
pub(super) struct Since {
    pub(super) at: Timestamp,
    pub(super) known: Known,
}

impl Since {
    /// Reads a snapshot, which is judged as this scan is, or a report.
    pub(super) fn read(path: &Path, choice: &Choice, config: &Config) -> anyhow::Result<Self> {
        let report = if Saved::is_one(path) {
            super::judged(&Saved::read(path)?, choice, config).0
        } else {
            let place = || format!("cannot read {}", path.display());
            let bytes = std::fs::read(path).with_context(place)?;
            serde_json::from_slice::<Report>(&bytes)
                .with_context(|| format!("{} is neither a snapshot nor a report as JSON", path.display()))?
        };
        let mut known = Known::default().after(&report.findings, report.started_at);
        known.failures.retain(|_, failure| choice.checks.iter().any(|check| check.id == failure.check));
        Ok(Self { at: report.started_at, known })
    }
}

/// The report as JSON, with the register and, where there is something to compare with, what has changed.
pub(super) fn json(
    report: &Report,
    register: &Register,
    changes: Option<&Changes>,
) -> anyhow::Result<String> {
    let mut whole = serde_json::to_value(report)?;
    whole["register"] = serde_json::to_value(register)?;
    if let Some(changes) = changes {
        let fixed = changes.fixed.iter().map(|(failure, how)| {
            let how = match how {
                Mended::Passes => "passes",
                Mended::Gone => "gone",
                Mended::Accepted => "accepted",
            };
            json!({ "check": failure.check, "resource": failure.resource, "how": how })
        });
        let unseen = changes.unseen.iter().map(|one| json!({ "check": one.check, "resource": one.resource }));
        whole["changes"] = json!({
            "new": changes.new, "open": changes.open,
            "fixed": fixed.collect::<Vec<Value>>(), "unseen": unseen.collect::<Vec<Value>>(),
        });
    }
    Ok(serde_json::to_string_pretty(&whole)?)
}
