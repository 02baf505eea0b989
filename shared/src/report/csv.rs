//! Findings as CSV, one a line.

use super::Report;
use crate::checks::Finding;

/// The columns.
const HEADER: [&str; 12] = [
    "check",
    "status",
    "severity",
    "account_id",
    "region",
    "resource",
    "title",
    "message",
    "remediation",
    "first_seen",
    "fingerprint",
    "evidence",
];

impl Report {
    /// The findings as CSV (RFC 4180) with a header.
    pub fn to_csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        // Writing into memory does not fail.
        let _ = writer.write_record(HEADER);
        for finding in &self.findings {
            let _ = writer.write_record(row(finding));
        }
        let bytes = writer.into_inner().unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    }
}

fn row(finding: &Finding) -> [String; 12] {
    let evidence = if finding.evidence.is_empty() {
        String::new()
    } else {
        serde_json::to_string(&finding.evidence).unwrap_or_default()
    };
    [
        finding.check.clone(),
        finding.status.as_str().to_owned(),
        finding.severity.as_str().to_owned(),
        finding.account_id.clone(),
        finding.region.clone(),
        cell(&finding.resource),
        cell(&finding.title),
        cell(&finding.message),
        cell(&finding.remediation),
        finding.first_seen.map(|at| at.to_string()).unwrap_or_default(),
        finding.fingerprint.clone(),
        evidence,
    ]
}

/// A text that no spreadsheet takes for a formula: names of resources are chosen by whoever made them.
fn cell(text: &str) -> String {
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{text}"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn no_text_becomes_a_formula() {
        assert_eq!(cell("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(cell("acs:oss:r:1:b"), "acs:oss:r:1:b");
        assert_eq!(cell(""), "");
    }
}
