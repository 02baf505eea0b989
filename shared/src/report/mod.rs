//! What a scanning function replies, and what is kept of it (contract, "Report").

mod changes;
mod csv;
mod exemptions;
mod html;
mod register;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use changes::{Changes, Failure, Known, Mended};
pub use exemptions::{covers, exempt, exemption_for};
pub use register::{Entry, Register};

use crate::checks::{Finding, Status};
use crate::snapshot::Coverage;
use crate::state::{StateError, Store};

/// A reply may not be larger (contract, "Report").
const LARGEST: usize = 1 << 20;

/// The report of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The version of the format: 1.
    pub version: u32,
    /// The function.
    pub function: String,
    /// The run.
    pub run_id: String,
    /// The account.
    pub account_id: String,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took.
    pub duration_ms: u64,
    /// What was read.
    pub coverage: Coverage,
    /// Findings by status; each of the four is there.
    pub summary: BTreeMap<Status, u64>,
    /// The findings.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Counts the findings.
    pub fn summarise(findings: &[Finding]) -> BTreeMap<Status, u64> {
        let mut summary: BTreeMap<Status, u64> =
            [Status::Fail, Status::Pass, Status::Unknown, Status::Exempt].map(|status| (status, 0)).into();
        for finding in findings {
            *summary.entry(finding.status).or_default() += 1;
        }
        summary
    }

    /// Takes over since when findings have failed, from the fingerprints and times of the last run; returns those of this one.
    pub fn carry_first_seen(&mut self, before: &BTreeMap<String, Timestamp>) -> BTreeMap<String, Timestamp> {
        let mut now = BTreeMap::new();
        let mut unread = BTreeSet::new();
        for finding in &mut self.findings {
            match finding.status {
                Status::Fail | Status::Exempt => {
                    let first = before.get(&finding.fingerprint).copied().or(finding.first_seen);
                    finding.first_seen = first;
                    now.extend(first.map(|first| (finding.fingerprint.clone(), first)));
                }
                // What cannot be read today has not been mended by that.
                Status::Unknown => {
                    unread.insert(finding.fingerprint.clone());
                }
                Status::Pass => {}
            }
        }
        now.extend(unread.into_iter().filter_map(|print| before.get(&print).map(|first| (print, *first))));
        now
    }
}

/// The report as a reply, with what else the function has to say. Over 1 MiB it loses its PASS findings and names where the whole
/// report is stored.
///
/// # Errors
/// When a report that is too large cannot be stored.
pub async fn reply(mut report: Report, more: Value, store: &Store) -> Result<Value, StateError> {
    // Written out before it is made a value: a value of a large report takes many times its room.
    let whole = Whole { report: &report, more: &more };
    let bytes = serde_json::to_vec(&whole).unwrap_or_default();
    let stored = if bytes.len() > LARGEST {
        let key = format!("reports/{}/{}.json", report.function, crate::state::segment(&report.run_id));
        store.create(&key, bytes.into()).await?;
        Some(store.url(&key))
    } else {
        None
    };
    if stored.is_some() {
        report.findings.retain(|finding| finding.status != Status::Pass);
    }
    let mut reply = serde_json::to_value(Whole { report: &report, more: &more }).unwrap_or_default();
    if let Some(url) = stored {
        reply["report"] = url.into();
    }
    Ok(reply)
}

/// A report with what else the function has to say.
#[derive(Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    report: &'a Report,
    #[serde(flatten)]
    more: &'a Value,
}
