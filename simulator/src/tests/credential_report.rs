use super::client::{ims, start};
use crate::{Account, Keys, ReportEncoding, Settings, Simulator};
use base64::Engine;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn admin(cloud: &Simulator) -> Keys {
    cloud.credentials("emergency-admin").unwrap()
}

fn generate(cloud: &Simulator) -> Value {
    ims(cloud, &admin(cloud), "GenerateCredentialReport", &[]).json()["State"].clone()
}

fn get(cloud: &Simulator, params: &[(&str, &str)]) -> Value {
    ims(cloud, &admin(cloud), "GetCredentialReport", params).json()
}

fn text(page: &Value) -> String {
    let bytes = base64::engine::general_purpose::STANDARD.decode(page["Content"].as_str().unwrap()).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// The rows by user, each by column.
fn rows(text: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut lines = text.lines().map(|line| line.split(',').map(String::from).collect::<Vec<_>>());
    let header = lines.next().unwrap();
    assert_eq!(header.len(), 28);
    lines
        .map(|cells| {
            assert_eq!(cells.len(), 28);
            (cells[0].split('@').next().unwrap().into(), header.iter().cloned().zip(cells).collect())
        })
        .collect()
}

#[test]
fn the_report_tells_of_root_and_every_user() {
    let cloud = start();
    let none = get(&cloud, &[]);
    assert_eq!(none["Code"], "EntityNotExist.CredentialReport");
    assert_eq!(generate(&cloud), "COMPLETED");
    let page = get(&cloud, &[]);
    assert_eq!((&page["IsTruncated"], page.get("NextToken")), (&json!("false"), None));
    assert!(page["GeneratedTime"].as_str().unwrap().ends_with('Z'));
    let text = text(&page);
    assert!(text.lines().nth(1).unwrap().starts_with("<root>,"), "{text}");
    let rows = rows(&text);
    assert_eq!(rows.len(), 9);
    let cell = |user: &str, column: &str| rows[user][column].clone();
    assert_eq!(
        (cell("<root>", "password_exist"), cell("<root>", "mfa_active")),
        ("TRUE".into(), "TRUE".into())
    );
    assert_eq!(cell("<root>", "access_key_1_exist"), "FALSE");
    assert_eq!(cell("alice", "user_creation_time"), "2023-03-06T02:11:40Z");
    assert_eq!(cell("alice", "access_key_1_last_rotated"), "2026-09-14T08:20:11Z");
    assert_eq!(cell("alice", "access_key_1_last_used"), "2026-11-20T09:00:00Z");
    assert_eq!(
        (cell("alice", "access_key_2_exist"), cell("alice", "access_key_2_active")),
        ("FALSE".into(), "N/A".into())
    );
    assert_eq!(cell("carol", "access_key_1_active"), "FALSE");
    assert_eq!(cell("ci-bot", "access_key_2_active"), "TRUE");
    assert_eq!((cell("ci-bot", "mfa_active"), cell("ci-bot", "user_last_logon")), ("N/A".into(), "-".into()));
    assert!(cell("emergency-admin", "access_key_1_last_used").ends_with('Z'), "by this very call");
    assert!(!text.contains("LTAI"), "no key ids in it");
}

#[test]
fn a_report_is_that_of_its_generation_and_given_again_for_four_hours() {
    let cloud = start();
    cloud.settings(|s| s.report_polls = 2);
    assert_eq!([(); 4].map(|()| generate(&cloud)), ["STARTED", "INPROGRESS", "COMPLETED", "COMPLETED"]);
    let first = get(&cloud, &[]);
    cloud.root_creates_key_for("zoe");
    cloud.settings(|s| s.ahead = HOUR * 3);
    assert_eq!(generate(&cloud), "COMPLETED");
    assert_eq!(get(&cloud, &[])["Content"], first["Content"]);
    cloud.settings(|s| s.ahead = HOUR * 4 + SignedDuration::from_secs(1));
    assert_eq!(generate(&cloud), "STARTED");
    assert_eq!(
        get(&cloud, &[])["GeneratedTime"],
        first["GeneratedTime"],
        "the old one until there is a new one"
    );
    assert_eq!([generate(&cloud), generate(&cloud)], ["INPROGRESS", "COMPLETED"]);
    let second = get(&cloud, &[]);
    assert_ne!(second["GeneratedTime"], first["GeneratedTime"]);
    assert!(rows(&text(&second)).contains_key("zoe"));
}

#[test]
fn reports_are_paged_by_a_token_of_the_same_report() {
    let cloud = start();
    generate(&cloud);
    let whole = text(&get(&cloud, &[]));
    let (header, _) = whole.split_once('\n').unwrap();
    for (repeats, size) in [(true, "4"), (false, "9"), (false, "1")] {
        cloud.settings(|s| s.report_header_repeats = repeats);
        let (mut seen, mut token) = (format!("{header}\n"), String::new());
        loop {
            let page = get(&cloud, &[("MaxItems", size), ("NextToken", &token)]);
            let part = text(&page);
            assert_eq!(part.starts_with("user,"), repeats || token.is_empty());
            seen += part.strip_prefix(&format!("{header}\n")).unwrap_or(&part);
            match page["IsTruncated"].as_str().unwrap() {
                "true" => token = page["NextToken"].as_str().unwrap().into(),
                _ => break,
            }
        }
        assert_eq!(seen, whole);
    }
    let token = get(&cloud, &[("MaxItems", "4")])["NextToken"].as_str().unwrap().to_string();
    cloud.settings(|s| s.ahead = HOUR * 5);
    generate(&cloud);
    assert_eq!(get(&cloud, &[("NextToken", &token)])["Code"], "InvalidParameter.NextToken");
    assert_eq!(get(&cloud, &[("MaxItems", "3502")])["Code"], "InvalidParameter.MaxItems");
    cloud.settings(|s| s.report_encoding = ReportEncoding::Base32);
    assert!(get(&cloud, &[])["Content"].as_str().unwrap().starts_with("OVZWK4RMOVZW"));
}

#[test]
fn a_report_may_be_older_than_the_simulator_and_the_account_too_large_for_one() {
    let mut account: Value = serde_json::to_value(Account::builtin()).unwrap();
    account["credential_report"] = json!({"generated": "2026-11-01T00:00:00Z"});
    let old = Account::from_json(&account.to_string()).unwrap();
    let cloud = Simulator::start(old, Settings::default()).unwrap();
    let page = get(&cloud, &[]);
    assert_eq!(page["GeneratedTime"], "2026-11-01T00:00:00Z");
    assert_eq!(rows(&text(&page))["emergency-admin"]["access_key_1_last_used"], "-", "as in the file");
    account["credential_report"]["content"] = "user\n<root>\n".into();
    let given = Account::from_json(&account.to_string()).unwrap();
    let cloud = Simulator::start(given, Settings::default()).unwrap();
    assert_eq!(text(&get(&cloud, &[])), "user\n<root>\n");

    let large = Simulator::start(Account::generated(3501, 1), Settings::default()).unwrap();
    let root = super::client::root(&large);
    let refused = ims(&large, &root, "GenerateCredentialReport", &[]);
    assert_eq!((refused.status, refused.code().as_str()), (409, "LimitExceeded.CredentialReport"));
}

#[test]
fn who_signs_in_has_a_profile_and_preferences_are_the_documented_ones() {
    let cloud = start();
    let profile = |user: &str| {
        let name = format!("{user}@1234567890123456.onaliyun.com");
        ims(&cloud, &admin(&cloud), "GetLoginProfile", &[("UserPrincipalName", &name)])
    };
    let alice = profile("alice").json();
    assert_eq!(alice["LoginProfile"]["Status"], "Active");
    assert_eq!(alice["LoginProfile"]["LastLoginTime"], "2026-11-20T01:05:12Z");
    let bot = profile("ci-bot");
    assert_eq!((bot.status, bot.code().as_str()), (404, "EntityNotExist.User.LoginProfile"));
    assert_eq!(profile("nobody").code(), "EntityNotExist.User");

    let preference = |cloud: &Simulator| {
        ims(cloud, &admin(cloud), "GetSecurityPreference", &[]).json()["SecurityPreference"].clone()
    };
    let found = preference(&cloud);
    assert_eq!(found["MaxIdleDays"], json!({"MaxIdleDaysForAccessKeys": 730, "MaxIdleDaysForUsers": 730}));
    assert_eq!(found["AccessKeyPreference"]["AllowUserToManageAccessKeys"], false);
    assert_eq!(found["LoginProfilePreference"]["LoginSessionDuration"], 6);
    let mut account: Value = serde_json::to_value(Account::builtin()).unwrap();
    account["security"] =
        json!({"max_idle_days_for_access_keys": 90, "allow_user_to_manage_access_keys": true});
    let strict = Account::from_json(&account.to_string()).unwrap();
    let found = preference(&Simulator::start(strict, Settings::default()).unwrap());
    assert_eq!(found["MaxIdleDays"]["MaxIdleDaysForAccessKeys"], 90);
    assert_eq!(found["AccessKeyPreference"]["AllowUserToManageAccessKeys"], true);
}
