//! The register of what is open on purpose, looked after: what ends soon, what has ended, what matches nothing any more. Pure.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::covers;
use crate::checks::{Finding, Status};
use crate::config::{Exemption, matches};

/// How the register stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Register {
    /// In force, and ending within the time asked for.
    pub ending: Vec<Entry>,
    /// Over, although what they covered is still there: findings again.
    pub expired: Vec<Entry>,
    /// Covering nothing that fails: to be taken out.
    pub stale: Vec<Entry>,
}

/// One entry of the register.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Entry {
    /// Its last day.
    pub expires: Date,
    /// The check that it is about.
    pub check: String,
    /// The resources that it is about.
    pub resource: String,
    /// Who has accepted it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// How many findings of this run it is about.
    pub findings: usize,
}

impl Register {
    /// Looks through the exemptions that are about checks of this run; the others are not judged. Where something could not be read, nothing
    /// is called stale.
    pub fn of(
        exemptions: &[Exemption],
        findings: &[Finding],
        checks: &[&str],
        now: Timestamp,
        ending_within_days: u32,
    ) -> Self {
        let today = TimeZone::UTC.to_datetime(now).date();
        let mut register = Self::default();
        for exemption in exemptions {
            if !checks.iter().any(|check| matches(&exemption.check, check)) {
                continue;
            }
            let about = |finding: &&Finding| {
                matches!(finding.status, Status::Fail | Status::Exempt) && covers(exemption, finding)
            };
            let entry = Entry {
                expires: exemption.expires,
                check: exemption.check.clone(),
                resource: exemption.resource.clone(),
                owner: exemption.owner.clone(),
                reason: exemption.reason.clone(),
                findings: findings.iter().filter(about).count(),
            };
            let days = today.until(exemption.expires).map_or(0, |span| span.get_days());
            if entry.findings == 0 {
                let hidden =
                    |one: &Finding| one.status == Status::Unknown && matches(&exemption.check, &one.check);
                if !findings.iter().any(hidden) {
                    register.stale.push(entry);
                }
            } else if days < 0 {
                register.expired.push(entry);
            } else if days <= i32::try_from(ending_within_days).unwrap_or(i32::MAX) {
                register.ending.push(entry);
            }
        }
        register.ending.sort();
        register.expired.sort();
        register.stale.sort();
        register
    }

    /// Whether there is nothing to say.
    pub fn is_quiet(&self) -> bool {
        self.ending.is_empty() && self.expired.is_empty() && self.stale.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::Scope;
    use crate::config::{Config, Severity};

    fn finding(check: &str, resource: &str, status: Status) -> Finding {
        Finding {
            check: check.to_owned(),
            status,
            severity: Severity::Medium,
            resource: resource.to_owned(),
            region: String::new(),
            account_id: "1".to_owned(),
            title: String::new(),
            message: String::new(),
            evidence: serde_json::Map::new(),
            remediation: String::new(),
            fingerprint: String::new(),
            first_seen: None,
            scope: Scope::default(),
        }
    }

    #[test]
    fn entries_that_end_have_ended_or_match_nothing_are_told_apart() {
        let text = "exemptions:
  - {check: public-bucket, resource: '*:site', owner: web, reason: site, expires: 2026-12-01}
  - {check: public-bucket, resource: '*:old', owner: web, reason: site, expires: 2026-11-23}
  - {check: public-bucket, resource: '*:gone', owner: web, reason: site, expires: 2027-12-01}
  - {check: open-ssh, resource: '*', owner: ops, reason: lab, expires: 2027-12-01}
  - {check: old-access-key, resource: '*', owner: ops, reason: lab, expires: 2026-11-25}
";
        let config = Config::parse(text, "test").unwrap();
        let findings = [
            finding("public-bucket", "acs:oss:r:1:site", Status::Exempt),
            finding("public-bucket", "acs:oss:r:1:old", Status::Fail),
            finding("public-bucket", "acs:oss:r:1:gone", Status::Pass),
            finding("open-ssh", "acs:ecs:r:1:securitygroup*", Status::Unknown),
        ];
        let now = "2026-11-24T12:00:00Z".parse().unwrap();
        let checks = ["public-bucket", "open-ssh"];
        let register = Register::of(&config.exemptions, &findings, &checks, now, 14);
        let of = |entries: &[Entry]| entries.iter().map(|entry| entry.resource.clone()).collect::<Vec<_>>();
        assert_eq!(of(&register.ending), ["*:site"]);
        assert_eq!(of(&register.expired), ["*:old"]);
        // What could not be read makes nothing stale; checks that did not run are not judged.
        assert_eq!(of(&register.stale), ["*:gone"]);
        assert!(Register::of(&config.exemptions, &findings, &checks, now, 6).ending.is_empty());
    }
}
