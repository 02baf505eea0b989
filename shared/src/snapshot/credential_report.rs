//! The credential report: a CSV table, encoded, in pages (IMS, GetCredentialReport).
//!
//! Columns are found by name. A column that is missing, and a value that says nothing (`-`, `N/A`), are `None`.

use base64::Engine as _;
use data_encoding::BASE32_NOPAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What the row of the root account is called.
const ROOT: &str = "<root>";
/// The slots of keys; root may hold more than two.
const SLOTS: [&str; 5] = [
    "access_key_1",
    "access_key_2",
    "additional_access_key_1",
    "additional_access_key_2",
    "additional_access_key_3",
];

/// The report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialReport {
    /// When the service made it; `None` if it does not say. It may be hours old.
    pub generated_at: Option<Timestamp>,
    /// The rows: root's first.
    pub rows: Vec<ReportRow>,
}

/// One identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportRow {
    /// `<root>`, or a user's principal name.
    pub user: String,
    /// The last sign-in.
    pub last_sign_in: Option<Timestamp>,
    /// Whether a password can be used.
    pub password_active: Option<bool>,
    /// When it was last changed. Root's lags by up to a day.
    pub password_changed: Option<Timestamp>,
    /// Whether MFA is on.
    pub mfa: Option<bool>,
    /// The keys that exist. The report has no ids.
    pub keys: Vec<ReportedKey>,
}

/// One key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedKey {
    /// Whether it works.
    pub active: Option<bool>,
    /// When it was made.
    pub rotated: Option<Timestamp>,
    /// When it was last used.
    pub used: Option<Timestamp>,
}

/// Why a report could not be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// Neither of the two encodings yields a table.
    #[error("the report is neither base64 nor base32 of a table that begins with \"user,\"")]
    Encoding,
    /// The table is broken.
    #[error("the table is broken: {0}")]
    Table(String),
    /// There is no row for root, which every report has.
    #[error("the report has no row {ROOT}")]
    NoRoot,
}

impl CredentialReport {
    /// Reads the pages of a report, as encoded. Each may or may not repeat the header.
    ///
    /// # Errors
    /// When it cannot be decoded, is no table, or says nothing of root.
    pub fn parse<'a>(
        pages: impl IntoIterator<Item = &'a str>,
        generated_at: Option<Timestamp>,
    ) -> Result<Self, ReportError> {
        let mut header: Option<csv::StringRecord> = None;
        let mut rows = Vec::new();
        for (index, page) in pages.into_iter().enumerate() {
            let text = decode(page, index == 0)?;
            let mut reader =
                csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            for record in reader.records() {
                let record = record.map_err(|error| ReportError::Table(error.to_string()))?;
                match &header {
                    _ if record.get(0) == Some("user") => header = Some(record),
                    Some(header) => rows.push(row(header, &record)),
                    None => return Err(ReportError::Encoding),
                }
            }
        }
        if rows.iter().all(|row| row.user != ROOT) {
            return Err(ReportError::NoRoot);
        }
        Ok(Self { generated_at, rows })
    }

    /// The row of the root account.
    pub fn root(&self) -> Option<&ReportRow> {
        self.rows.iter().find(|row| row.user == ROOT)
    }
}

/// Base64 is documented; the documented sample is base32. Only the text itself tells: the first page begins with "user,".
fn decode(page: &str, first: bool) -> Result<String, ReportError> {
    let packed: String = page.split_whitespace().collect();
    let fits = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).ok()?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
        // Later pages need not repeat the header, but every row has commas.
        (if first { text.starts_with("user,") } else { text.contains(',') || text.is_empty() })
            .then_some(text)
    };
    let base64 = base64::engine::general_purpose::STANDARD.decode(&packed).ok().and_then(fits);
    let base32 = || BASE32_NOPAD.decode(packed.trim_end_matches('=').as_bytes()).ok().and_then(fits);
    base64.or_else(base32).ok_or(ReportError::Encoding)
}

fn row(header: &csv::StringRecord, record: &csv::StringRecord) -> ReportRow {
    let value = |name: &str| {
        let index = header.iter().position(|column| column.trim() == name)?;
        record.get(index).map(str::trim).filter(|value| !matches!(*value, "" | "-" | "N/A"))
    };
    let truth = |name: &str| match value(name)? {
        text if text.eq_ignore_ascii_case("true") => Some(true),
        text if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    };
    let time = |name: &str| value(name)?.parse().ok();
    let keys =
        SLOTS.iter().filter(|slot| truth(&format!("{slot}_exist")) == Some(true)).map(|slot| ReportedKey {
            active: truth(&format!("{slot}_active")),
            rotated: time(&format!("{slot}_last_rotated")),
            used: time(&format!("{slot}_last_used")),
        });
    ReportRow {
        user: value("user").unwrap_or_default().to_owned(),
        last_sign_in: time("user_last_logon"),
        password_active: truth("password_active"),
        password_changed: time("password_last_changed"),
        mfa: truth("mfa_active"),
        keys: keys.collect(),
    }
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    const HEADER: &str = "user,user_creation_time,user_last_logon,password_exist,password_active,password_last_changed,password_next_rotation,mfa_active,access_key_1_exist,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used,additional_access_key_3_exist,additional_access_key_3_active,additional_access_key_3_last_rotated,additional_access_key_3_last_used";
    const ROOT_ROW: &str = "<root>,2020-01-01T00:00:00Z,2026-11-01T08:00:00Z,TRUE,TRUE,-,N/A,FALSE,FALSE,-,-,-,TRUE,TRUE,2024-02-03T04:05:06Z,-";
    const USER_ROW: &str = "alice@1.onaliyun.com,2020-01-01T00:00:00Z,-,FALSE,FALSE,-,N/A,TRUE,TRUE,FALSE,2026-01-01T00:00:00Z,2026-11-01T00:00:00Z,FALSE,-,-,-";

    fn parse(pages: &[String]) -> Result<CredentialReport, ReportError> {
        CredentialReport::parse(pages.iter().map(String::as_str), None)
    }

    #[test]
    fn both_encodings_byte_order_mark_and_line_ends() {
        for text in [
            format!("{HEADER}\n{ROOT_ROW}\n{USER_ROW}\n"),
            format!("\u{feff}{HEADER}\r\n{ROOT_ROW}\r\n{USER_ROW}\r\n"),
        ] {
            for page in [STANDARD.encode(&text), data_encoding::BASE32.encode(text.as_bytes())] {
                let report = parse(&[page]).unwrap();
                let root = report.root().unwrap();
                assert_eq!((root.mfa, root.password_active, root.keys.len()), (Some(false), Some(true), 1));
                assert_eq!(root.keys[0].used, None, "a key in the fifth slot, never used");
                assert_eq!(report.rows[1].keys[0].active, Some(false));
            }
        }
    }

    #[test]
    fn pages_with_and_without_a_header() {
        let first = STANDARD.encode(format!("{HEADER}\n{ROOT_ROW}\n"));
        for second in [format!("{USER_ROW}\n"), format!("{HEADER}\n{USER_ROW}\n")] {
            assert_eq!(parse(&[first.clone(), STANDARD.encode(second)]).unwrap().rows.len(), 2);
        }
    }

    #[test]
    fn what_is_no_report_is_an_error_and_never_an_empty_one() {
        let error = |text: &str| parse(&[STANDARD.encode(text)]).unwrap_err();
        assert_eq!(error(""), ReportError::Encoding);
        assert_eq!(error("<html>"), ReportError::Encoding);
        assert_eq!(error(&format!("{HEADER}\n")), ReportError::NoRoot);
        assert_eq!(parse(&["!!!".into()]).unwrap_err(), ReportError::Encoding);
        assert_eq!(parse(&[]).unwrap_err(), ReportError::NoRoot);
    }

    #[test]
    fn columns_go_by_name_and_unknown_ones_do_no_harm() {
        let text = "user,new_column,mfa_active,access_key_1_exist\n<root>,x,maybe,TRUE\n";
        let report = parse(&[STANDARD.encode(text)]).unwrap();
        let root = report.root().unwrap();
        assert_eq!((root.mfa, root.password_active), (None, None));
        assert_eq!(root.keys, [ReportedKey { active: None, rotated: None, used: None }]);
    }
}
