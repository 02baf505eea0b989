//! Findings that a named person has accepted, for a reason, until a date.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::checks::{Finding, Status};
use crate::config::{Exemption, matches};

/// Marks the failures that an exemption covers. It holds to the end of its last day, UTC; after that they are failures again.
pub fn exempt(findings: &mut [Finding], exemptions: &[Exemption], now: Timestamp) {
    for finding in findings.iter_mut().filter(|finding| finding.status == Status::Fail) {
        let today = TimeZone::UTC.to_datetime(now).date();
        let covers = |exemption: &&Exemption| today <= exemption.expires && covers(exemption, finding);
        if let Some(exemption) = exemptions.iter().find(covers) {
            finding.status = Status::Exempt;
            let said = json!({
                "owner": exemption.owner, "reason": exemption.reason, "expires": exemption.expires.to_string(),
            });
            finding.evidence.insert("exemption".to_owned(), said);
        }
    }
}

/// Whether an exemption is about a finding, whatever the day.
pub fn covers(exemption: &Exemption, finding: &Finding) -> bool {
    let has_tag = |(key, pattern): (&String, &String)| {
        finding.scope.tags.get(key).is_some_and(|value| matches(pattern, value))
    };
    let is_named = |(first, last): &(u16, u16)| (*first..=*last).all(|port| exemption.ports.contains(&port));
    matches(&exemption.check, &finding.check)
        && matches(&exemption.resource, &finding.resource)
        && exemption.tags.iter().all(has_tag)
        && (exemption.ports.is_empty()
            || (!finding.scope.ports.is_empty() && finding.scope.ports.iter().all(is_named)))
}

/// The exemption that covers a check on a resource now. Those that ask for tags or ports cover none: here are none to ask.
pub fn exemption_for<'a>(
    exemptions: &'a [Exemption],
    check: &str,
    resource: &str,
    now: Timestamp,
) -> Option<&'a Exemption> {
    let today = TimeZone::UTC.to_datetime(now).date();
    exemptions.iter().find(|exemption| {
        today <= exemption.expires
            && matches(&exemption.check, check)
            && matches(&exemption.resource, resource)
            && exemption.tags.is_empty()
            && exemption.ports.is_empty()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::Scope;
    use crate::config::{Config, Severity};

    fn failure(check: &str, resource: &str) -> Finding {
        Finding {
            check: check.to_owned(),
            status: Status::Fail,
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
    fn tags_and_ports_narrow_an_exemption() {
        let text = "exemptions:\n  - {check: open-port, resource: '*', tags: {team: 'web*'}, ports: [80, 443], owner: o, reason: r, expires: 2026-11-24}";
        let exemption = &Config::parse(text, "test").unwrap().exemptions[0];
        for (team, ports, wanted) in [
            ("web-1", vec![(443, 443)], true),
            ("web-1", vec![(80, 80), (443, 443)], true),
            ("web-1", vec![(80, 81)], false),
            ("web-1", vec![], false),
            ("db", vec![(443, 443)], false),
        ] {
            let mut finding = failure("open-port", "acs:ecs:r:1:securitygroup/sg-1");
            finding.scope =
                Scope { tags: [("team".to_owned(), team.to_owned())].into(), ports: ports.clone() };
            assert_eq!(covers(exemption, &finding), wanted, "{team} {ports:?}");
        }
    }

    #[test]
    fn an_exemption_holds_for_its_check_and_resource_to_the_end_of_its_day() {
        let text = "exemptions:\n  - {check: old-access-key, resource: 'acs:ram::*:accesskey/LTAI1', owner: o, reason: r, expires: 2026-11-24}";
        let config = Config::parse(text, "test").unwrap();
        for (check, resource, now, wanted) in [
            ("old-access-key", "acs:ram::1:accesskey/LTAI1", "2026-11-24T23:59:59Z", Status::Exempt),
            ("old-access-key", "acs:ram::1:accesskey/LTAI1", "2026-11-25T00:00:00Z", Status::Fail),
            ("old-access-key", "acs:ram::1:accesskey/LTAI12", "2026-11-24T00:00:00Z", Status::Fail),
            ("idle-access-key", "acs:ram::1:accesskey/LTAI1", "2026-11-24T00:00:00Z", Status::Fail),
        ] {
            let mut findings = [failure(check, resource)];
            exempt(&mut findings, &config.exemptions, now.parse().unwrap());
            assert_eq!(findings[0].status, wanted, "{check} {resource} {now}");
        }
    }
}
