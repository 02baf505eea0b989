//! What a scanning function replies, and what is kept of it (contract, "Report").

mod changes;
mod csv;
mod exemptions;
mod html;
mod register;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use changes::{Changes, Failure, Known, Mended};
pub use exemptions::{covers, exempt, exemption_for};
pub use register::{Entry, Register};

use crate::checks::{Check, Finding, Status, run};
use crate::config::Config;
use crate::snapshot::{Coverage, Snapshot};
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

/// Judges a snapshot: runs the checks on it, marks what people have accepted, and looks through the register. `took` is how long reading took.
/// Pure: the same snapshot, checks and configuration give the same findings.
pub fn judge(
    function: &str,
    run_id: &str,
    account: &Snapshot,
    checks: &[&Check],
    config: &Config,
    took: Duration,
) -> (Report, Register) {
    let mut findings = run(checks, account, config);
    exempt(&mut findings, &config.exemptions, account.taken_at);
    let ids: Vec<&str> = checks.iter().map(|check| check.id).collect();
    let days = config.exposure.remind_exemptions_before;
    let register = Register::of(&config.exemptions, &findings, &ids, account.taken_at, days);
    let report = Report {
        version: 1,
        function: function.to_owned(),
        run_id: run_id.to_owned(),
        account_id: account.account_id.clone(),
        started_at: account.taken_at,
        duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        coverage: account.coverage.clone(),
        summary: Report::summarise(&findings),
        findings,
    };
    (report, register)
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
