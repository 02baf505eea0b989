//! What has changed since another run. Pure.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::checks::{Finding, Status};
use crate::config::{Severity, matches};

/// What was known to fail after a run: what the next one compares with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// By fingerprint.
    pub failures: BTreeMap<String, Failure>,
}

/// One thing that is known to fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The check.
    pub check: String,
    /// The resource's ARN.
    pub resource: String,
    /// How bad it is.
    pub severity: Severity,
    /// What it is called.
    pub title: String,
    /// Since when.
    pub since: Timestamp,
    /// Whether a person has accepted it.
    #[serde(default)]
    pub exempt: bool,
    /// Whether it could not be read any more, and so is only believed to be as it was.
    #[serde(default)]
    pub unread: bool,
}

/// What is different. Each list is in the order of the findings, or of the fingerprints for what has none any more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Fingerprints of failures that were not known, were accepted until now, or have become worse.
    pub new: Vec<String>,
    /// What failed before and is seen to be well, accepted, or gone.
    pub fixed: Vec<(Failure, Mended)>,
    /// Fingerprints of failures that were known as they are.
    pub open: Vec<String>,
    /// What failed before and could not be read this time: neither fixed nor seen.
    pub unseen: Vec<Failure>,
}

/// How something that failed does not fail any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mended {
    /// The check passes.
    Passes,
    /// The resource is not there any more.
    Gone,
    /// A person has accepted it.
    Accepted,
}

impl Known {
    /// What is known after a run: what fails now, since when it does, and what could not be read but failed before.
    pub fn after(&self, findings: &[Finding], now: Timestamp) -> Self {
        let mut failures = BTreeMap::new();
        for finding in findings.iter().filter(|one| matches!(one.status, Status::Fail | Status::Exempt)) {
            let before = self.failures.get(&finding.fingerprint);
            let since = before.map(|failure| failure.since).or(finding.first_seen).unwrap_or(now);
            let failure = Failure {
                check: finding.check.clone(),
                resource: finding.resource.clone(),
                severity: finding.severity,
                title: finding.title.clone(),
                since,
                exempt: finding.status == Status::Exempt,
                unread: false,
            };
            failures.insert(finding.fingerprint.clone(), failure);
        }
        let unread = Unread::of(findings);
        for (print, failure) in &self.failures {
            if !failures.contains_key(print) && unread.hides(print, failure) {
                failures.insert(print.clone(), Failure { unread: true, ..failure.clone() });
            }
        }
        Self { failures }
    }

    /// Takes over since when findings have failed.
    pub fn date(&self, findings: &mut [Finding]) {
        for finding in findings.iter_mut().filter(|one| one.first_seen.is_some()) {
            if let Some(known) = self.failures.get(&finding.fingerprint) {
                finding.first_seen = Some(known.since);
            }
        }
    }

    /// What is different in these findings from what is known.
    pub fn compare(&self, findings: &[Finding]) -> Changes {
        let mut changes = Changes::default();
        let mut seen = BTreeMap::new();
        for finding in findings {
            seen.insert(finding.fingerprint.as_str(), finding.status);
            if finding.status != Status::Fail {
                continue;
            }
            let print = finding.fingerprint.clone();
            match self.failures.get(&print) {
                Some(known) if !known.exempt && known.severity >= finding.severity => {
                    changes.open.push(print)
                }
                _ => changes.new.push(print),
            }
        }
        let unread = Unread::of(findings);
        for (print, failure) in self.failures.iter().filter(|(_, failure)| !failure.exempt) {
            match seen.get(print.as_str()) {
                Some(Status::Fail) => {}
                Some(Status::Pass) => changes.fixed.push((failure.clone(), Mended::Passes)),
                Some(Status::Exempt) => changes.fixed.push((failure.clone(), Mended::Accepted)),
                _ if unread.hides(print, failure) => changes.unseen.push(failure.clone()),
                _ => changes.fixed.push((failure.clone(), Mended::Gone)),
            }
        }
        changes
    }
}

/// What a run could not read.
struct Unread<'a> {
    prints: BTreeSet<&'a str>,
    /// Check and resource pattern of lists that were not whole: `acs:ecs:cn-hangzhou:1:securitygroup*`.
    lists: BTreeSet<(&'a str, &'a str)>,
}

impl<'a> Unread<'a> {
    fn of(findings: &'a [Finding]) -> Self {
        let unknown = || findings.iter().filter(|finding| finding.status == Status::Unknown);
        let is_list = |finding: &&Finding| finding.resource.contains('*');
        Self {
            prints: unknown().map(|finding| finding.fingerprint.as_str()).collect(),
            lists: unknown()
                .filter(is_list)
                .map(|finding| (finding.check.as_str(), finding.resource.as_str()))
                .collect(),
        }
    }

    /// Whether that is where this failure would have been seen.
    fn hides(&self, print: &str, failure: &Failure) -> bool {
        self.prints.contains(print)
            || self
                .lists
                .iter()
                .any(|(check, pattern)| *check == failure.check && matches(pattern, &failure.resource))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::Scope;

    fn now() -> Timestamp {
        "2026-11-24T02:00:00Z".parse().unwrap()
    }

    fn finding(resource: &str, status: Status, severity: Severity) -> Finding {
        Finding {
            check: "open-ssh".to_owned(),
            status,
            severity,
            resource: resource.to_owned(),
            region: String::new(),
            account_id: "1".to_owned(),
            title: "SSH is open".to_owned(),
            message: String::new(),
            evidence: serde_json::Map::new(),
            remediation: String::new(),
            fingerprint: resource.to_owned(),
            first_seen: matches!(status, Status::Fail | Status::Exempt).then(now),
            scope: Scope::default(),
        }
    }

    fn fails(resources: &[&str]) -> Vec<Finding> {
        resources.iter().map(|resource| finding(resource, Status::Fail, Severity::Medium)).collect()
    }

    #[test]
    fn new_fixed_and_still_open_are_told_apart() {
        let before = Known::default().after(&fails(&["sg-1", "sg-2", "sg-3", "sg-4"]), now());
        let mut today = fails(&["sg-1", "sg-5"]);
        today.push(finding("sg-2", Status::Pass, Severity::Medium));
        today.push(finding("sg-3", Status::Exempt, Severity::Medium));
        let changes = before.compare(&today);
        assert_eq!(changes.new, ["sg-5"]);
        assert_eq!(changes.open, ["sg-1"]);
        let fixed: Vec<_> = changes.fixed.iter().map(|(one, how)| (one.resource.as_str(), *how)).collect();
        assert_eq!(fixed, [("sg-2", Mended::Passes), ("sg-3", Mended::Accepted), ("sg-4", Mended::Gone)]);
        assert!(changes.unseen.is_empty());
    }

    #[test]
    fn what_is_not_read_is_not_fixed_and_keeps_its_date() {
        let early = "2026-01-01T00:00:00Z".parse().unwrap();
        let mut known = Known::default().after(&fails(&["acs:ecs:a:1:sg-1", "acs:ecs:b:1:sg-2"]), now());
        known.failures.values_mut().for_each(|failure| failure.since = early);
        let today = [finding("acs:ecs:a:1:sg*", Status::Unknown, Severity::Medium)];
        let changes = known.compare(&today);
        assert_eq!(changes.unseen.len(), 1, "{changes:?}");
        assert_eq!(changes.fixed.len(), 1, "the other region was read");
        let after = known.after(&today, now());
        assert!(after.failures["acs:ecs:a:1:sg-1"].unread);
        let mut again = fails(&["acs:ecs:a:1:sg-1"]);
        after.date(&mut again);
        assert_eq!(again[0].first_seen, Some(early));
        assert_eq!(after.compare(&again).new, Vec::<String>::new(), "seen again is not new");
    }

    #[test]
    fn worse_and_no_longer_accepted_are_news() {
        let known = Known::default().after(&fails(&["sg-1"]), now());
        let worse = [finding("sg-1", Status::Fail, Severity::Critical)];
        assert_eq!(known.compare(&worse).new, ["sg-1"]);
        let accepted = Known::default().after(&[finding("sg-1", Status::Exempt, Severity::Medium)], now());
        assert_eq!(accepted.compare(&fails(&["sg-1"])).new, ["sg-1"]);
        assert!(accepted.compare(&[]).fixed.is_empty(), "what was accepted is not told of");
    }
}
