//! The credential report: a CSV of root and all users (RAM user guide, "Generate and download user credential
//! reports").

use super::date_or_created;
use crate::account::{AccessKey, CredentialReport, KeyStatus, User};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging;
use crate::product::{Answer, Asked};
use crate::settings::ReportEncoding;
use crate::signature::base64;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::sync::Arc;

/// For so long a report is given again instead of a new one.
const FRESH: SignedDuration = SignedDuration::from_hours(4);
/// With more users there is no report.
const USERS: usize = 3500;
/// What each key has columns for. A user has two keys at most; root may have more from older times.
const KEYS: [&str; 5] = [
    "access_key_1",
    "access_key_2",
    "additional_access_key_1",
    "additional_access_key_2",
    "additional_access_key_3",
];
const NEVER: &str = "-";
const NONE: &str = "N/A";

fn truth(value: bool) -> &'static str {
    if value { "TRUE" } else { "FALSE" }
}

fn or<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    if text.is_empty() { otherwise } else { text }
}

fn header() -> String {
    let mut names: Vec<String> = [
        "user",
        "user_creation_time",
        "user_last_logon",
        "password_exist",
        "password_active",
        "password_last_changed",
        "password_next_rotation",
        "mfa_active",
    ]
    .map(String::from)
    .into();
    for key in KEYS {
        names.extend(["exist", "active", "last_rotated", "last_used"].map(|part| format!("{key}_{part}")));
    }
    names.join(",")
}

/// The whole report as of now, header first.
fn csv(cloud: &Cloud) -> String {
    let account = &cloud.account;
    let root = &account.root;
    let mut lines = vec![header()];
    // When root's password was changed comes from another system and late; it is left open here.
    let of_root = [or(&root.created, NONE), or(&root.last_sign_in, NEVER), "TRUE", "TRUE", NONE, NEVER, truth(root.mfa)];
    lines.push(row(cloud, "<root>", of_root, &root.keys));
    for user in &account.users {
        lines.push(row(cloud, &account.principal_name(&user.name), of_user(user), &user.keys));
    }
    lines.join("\n") + "\n"
}

/// The columns from creation to MFA. Without a login profile there is nothing to say of passwords and MFA.
fn of_user(user: &User) -> [&str; 7] {
    let logon = or(&user.last_sign_in, NEVER);
    if user.console {
        [&user.created, logon, "TRUE", "TRUE", &user.created, NEVER, truth(user.mfa)]
    } else {
        [&user.created, logon, "FALSE", NONE, NONE, NONE, NONE]
    }
}

fn row(cloud: &Cloud, name: &str, identity: [&str; 7], keys: &[AccessKey]) -> String {
    let mut cells: Vec<String> = vec![name.into()];
    cells.extend(identity.map(String::from));
    for number in 0..KEYS.len() {
        match keys.get(number) {
            Some(key) => cells.extend([
                "TRUE".into(),
                truth(key.status == KeyStatus::Active).into(),
                date_or_created(key).into(),
                cloud.last_use(key).map_or(NEVER.into(), |(date, _)| date),
            ]),
            None => cells.extend(["FALSE", NONE, NONE, NONE].map(String::from)),
        }
    }
    cells.join(",")
}

impl Cloud {
    /// Gives a report of the account file its text, if it has none of its own.
    pub(crate) fn complete_report(&mut self) {
        if let Some(report) = self.account.credential_report.clone().filter(|report| report.content.is_empty()) {
            let content = csv(self);
            self.account.credential_report = Some(Arc::new(CredentialReport { content, ..(*report).clone() }));
        }
    }
}

pub(super) fn generate(cloud: &mut Cloud, _: &Asked) -> Result<Answer, ApiError> {
    let state = |word: &str| Ok(json!({ "State": word }).into());
    if cloud.account.users.len() > USERS {
        // The limit is documented, its code is not.
        let message = format!("No report is generated for more than {USERS} users.");
        return Err(ApiError::new(409, "LimitExceeded.CredentialReport", message));
    }
    let now = cloud.now();
    let last = cloud.account.credential_report.as_ref();
    let last = last.and_then(|report| report.generated.parse::<Timestamp>().ok());
    if last.is_some_and(|at| at.duration_until(now) < FRESH) {
        return state("COMPLETED");
    }
    cloud.report_polls += 1;
    match cloud.report_polls {
        polls if polls > cloud.settings.report_polls => {}
        1 => return state("STARTED"),
        _ => return state("INPROGRESS"),
    }
    cloud.report_polls = 0;
    let report = CredentialReport { generated: cloud.date(), content: csv(cloud) };
    cloud.account.credential_report = Some(Arc::new(report));
    state("COMPLETED")
}

pub(super) fn get(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let Some(report) = &cloud.account.credential_report else {
        return Err(ApiError::not_exist("CredentialReport", "none was generated"));
    };
    let size = paging::size("MaxItems", asked.param("MaxItems"), USERS + 1, 1..=USERS + 1)?;
    // A token is good for the report that it was given with.
    let place = |number: usize| format!("{}#{number}", report.generated);
    let start = match asked.param("NextToken") {
        None => 0,
        Some(token) => paging::after("NextToken", token)?
            .strip_prefix(&place(0)[..place(0).len() - 1])
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| ApiError::invalid("NextToken", "it is of another report"))?,
    };
    let (header, rows) = report.content.split_once('\n').unwrap_or((&report.content, ""));
    let mut rest = rows.lines().skip(start);
    let mut page: Vec<&str> = rest.by_ref().take(size).collect();
    let more = rest.next().is_some();
    if start == 0 || cloud.settings.report_header_repeats {
        page.insert(0, header);
    }
    let text = page.join("\n") + "\n";
    let content = match cloud.settings.report_encoding {
        ReportEncoding::Base64 => base64(text.as_bytes()),
        ReportEncoding::Base32 => base32(text.as_bytes()),
    };
    let mut answer = json!({
        "Content": content,
        "GeneratedTime": report.generated,
        "IsTruncated": more.to_string(),
    });
    if more {
        answer["NextToken"] = paging::token(&place(start + size)).into();
    }
    Ok(answer.into())
}

/// RFC 4648, section 6.
fn base32(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::new();
    for chunk in bytes.chunks(5) {
        let number = (0..5).fold(0_u64, |sum, at| sum << 8 | u64::from(chunk.get(at).copied().unwrap_or(0)));
        let digits = (chunk.len() * 8).div_ceil(5);
        text.extend((0..8).map(|at| match at < digits {
            true => char::from(DIGITS[(number >> (35 - 5 * at) & 31) as usize]),
            false => '=',
        }));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_has_the_documented_columns() {
        let header = header();
        let names: Vec<&str> = header.split(',').collect();
        assert_eq!(names.len(), 28);
        assert_eq!(
            (names[0], names[7], names[11]),
            ("user", "mfa_active", "access_key_1_last_used")
        );
        assert_eq!((names[16], names[27]), ("additional_access_key_1_exist", "additional_access_key_3_last_used"));
    }

    #[test]
    fn base32_is_that_of_the_standard() {
        for (plain, coded) in [
            ("", ""),
            ("f", "MY======"),
            ("fo", "MZXQ===="),
            ("foo", "MZXW6==="),
            ("foob", "MZXW6YQ="),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI======"),
        ] {
            assert_eq!(base32(plain.as_bytes()), coded);
        }
        // The sample in GetCredentialReport's document.
        assert!(base32(b"user,user_creation_time").starts_with("OVZWK4RMOVZW"));
    }
}
