//! What is read in part, in another form, or for one user not: the rest is told, the unread is UNKNOWN, and nothing is told anew.

use base64::Engine as _;
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::{Account, Fault, FaultKind, ReportEncoding};

use super::stage::{Heard, Stage, account, aged, date, days, person, start};

const CONFIG: &str = "
notify:
  channels:
    - {name: security, type: webhook, url: INBOX/security}
    - {name: web, type: webhook, url: INBOX/web, direct: true}
    - {name: rest, type: webhook, url: INBOX/rest, fallback: true}";
const HEADER: &str = "user,user_creation_time,mfa_active,access_key_1_exist,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used";

/// The account with a change that its builder does not know of.
fn changed(users: &[Value], change: impl FnOnce(&mut Value)) -> Account {
    let mut made = serde_json::to_value(account(users)).unwrap();
    change(&mut made);
    Account::from_json(&made.to_string()).unwrap()
}

fn with_root_key(account: &mut Value) {
    account["root"]["keys"] = json!([aged("K-ROOT", 700, Some(40))]);
}

fn root_lines(heard: &[Heard]) -> Vec<String> {
    heard.iter().find(|one| one.is_summary()).unwrap().section("Root")
}

#[test]
fn a_credential_report_is_read_in_every_form() {
    let users: Vec<Value> = (0..6).map(|number| person(&format!("user-{number}"), &[], &[])).collect();
    let age = date(start() - days(700))[..10].to_owned();
    for encoding in [ReportEncoding::Base64, ReportEncoding::Base32] {
        for header_repeats in [true, false] {
            for polls in [0, 1, 3] {
                let stage = Stage::of(changed(&users, with_root_key), CONFIG);
                stage.world.sim.settings(|settings| {
                    settings.report_encoding = encoding;
                    settings.report_header_repeats = header_repeats;
                    settings.report_polls = polls;
                });
                let (reply, heard) = stage.run();
                let lines = root_lines(&heard);
                let name = format!("{encoding:?}, header {header_repeats}, {polls} polls: {lines:?}");
                assert_eq!(reply["coverage"]["failed"], 0, "{name} {}", reply["coverage"]);
                assert!(lines.iter().any(|line| line.contains(&format!("Made {age}, last used"))), "{name}");
                assert_eq!(heard.iter().find(|one| one.is_summary()).unwrap().severity, "critical");
            }
        }
    }
}

#[test]
fn a_long_report_is_read_to_its_last_page() {
    // A report that was made an hour ago, of more rows than a page has; root's is the last, where order is nobody's promise.
    let rows: Vec<String> = (0..3600)
        .map(|row| format!("user-{row}@1.onaliyun.com,2020-01-01T00:00:00Z,FALSE,FALSE,-,-,-"))
        .collect();
    let content = format!(
        "{HEADER}\n{}\n<root>,2020-01-01T00:00:00Z,TRUE,TRUE,TRUE,2024-05-06T07:08:09Z,-\n",
        rows.join("\n")
    );
    for header_repeats in [true, false] {
        let stage = Stage::of(
            changed(&[], |account| {
                with_root_key(account);
                account["credential_report"] =
                    json!({ "generated": date(start() - SignedDuration::from_hours(1)), "content": content });
            }),
            CONFIG,
        );
        stage.world.sim.settings(|settings| settings.report_header_repeats = header_repeats);
        let (_, heard) = stage.run();
        let lines = root_lines(&heard);
        assert!(
            lines.iter().any(|line| line.contains("Made 2024-05-06, never used")),
            "{header_repeats}: {lines:?}"
        );
        let pages =
            stage.world.sim.calls().iter().filter(|call| call.action == "ims:GetCredentialReport").count();
        assert_eq!(pages, 2);
    }
}

#[test]
fn a_report_that_is_missing_old_or_nonsense_is_said_and_root_is_counted_all_the_same() {
    let old = date(start() - days(3));
    let denied = |action: &str| Fault::new(action, FaultKind::Deny).forever();
    let junk = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    // What fails, what the account has, what the content is changed to, what is said of it, and the date of what is known of root.
    for (fails, made, content, said, dated) in [
        ("ims:GenerateCredentialReport", None, None, "GenerateCredentialReport", None),
        ("ims:*CredentialReport", None, None, "GenerateCredentialReport", None),
        ("ims:GenerateCredentialReport", Some(&*old), None, "GenerateCredentialReport", Some(&*old)),
        ("", None, Some("?!".to_owned()), "base64", None),
        ("", None, Some(junk("<html>not found</html>")), "base64", None),
        ("", None, Some(junk(&format!("{HEADER}\nalice@1,-,-,FALSE,-,-,-\n"))), "<root>", None),
    ] {
        let stage = Stage::of(
            changed(&[person("bob", &[("owner", "web")], &[aged("K-BOB", 100, Some(0))])], |account| {
                with_root_key(account);
                if let Some(made) = made {
                    account["credential_report"] = json!({ "generated": made });
                }
            }),
            CONFIG,
        );
        let name = format!("{fails} {made:?} {content:?}");
        if !fails.is_empty() {
            stage.world.sim.fault(denied(fails));
        }
        if let Some(content) = content {
            stage
                .world
                .spoil("GetCredentialReport", move |answer| answer["Content"] = content.clone().into());
        }
        let (reply, heard) = stage.run();
        assert_eq!(reply["coverage"]["failed"], 1, "{name}: {}", reply["coverage"]);
        let summary = heard.iter().find(|one| one.is_summary()).unwrap();
        let (title, lines) = summary.sections().swap_remove(0);
        assert!(
            title.starts_with("Could not be read") && lines[0].contains(said),
            "{name}: {title} {lines:?}"
        );
        let root = reply["findings"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["check"] == "root-access-key")
            .unwrap();
        assert_eq!(root["status"], "FAIL", "{name}");
        let lines = root_lines(&heard);
        let dates = lines.iter().any(|line| line.contains(dated.unwrap_or("credential report")));
        assert_eq!(dates, dated.is_some(), "{name}: {lines:?}");
        assert!(heard.iter().any(|one| one.channel == "web"), "{name}: the owner is told");
    }
}

#[test]
fn an_account_too_large_for_a_report_says_so() {
    // Its users are left unread, which takes less time and must not matter.
    let users: Vec<Value> = (0..3501).map(|number| person(&format!("user-{number}"), &[], &[])).collect();
    let users = users.into_iter().enumerate().map(|(number, mut user)| {
        user["id"] = format!("2{number:017}").into();
        user
    });
    let stage = Stage::of(changed(&users.collect::<Vec<_>>(), with_root_key), CONFIG);
    stage.world.sim.fault(Fault::new("ims:ListUsers", FaultKind::Deny).forever());
    let (reply, heard) = stage.run();
    let failures = reply["coverage"]["failures"].to_string();
    assert!(
        failures.contains("LimitExceeded.CredentialReport") && failures.contains("ims:ListUsers"),
        "{failures}"
    );
    assert_eq!(heard[0].severity, "critical");
    let unread = reply["findings"].as_array().unwrap().iter().filter(|one| one["status"] == "UNKNOWN");
    assert!(unread.clone().count() >= 4, "{}", reply["summary"]);
    assert!(unread.into_iter().all(|one| one["resource"].as_str().unwrap().ends_with("user/*")));
}

/// A role that may do the same, except to ask for the last use of one user's key.
fn restricted(account: &mut Value) {
    let mut role = account["roles"][0].clone();
    let mut policy = account["policies"][0].clone();
    assert_eq!(
        (&role["name"], &policy["name"]),
        (&json!("hardening-key-rotation"), &json!("hardening-key-rotation"))
    );
    role["name"] = "restricted".into();
    role["id"] = "301234567890123499".into();
    role["policies"] = json!(["restricted"]);
    role["sessions"][0]["id"] = "STS.restricted".into();
    policy["name"] = "restricted".into();
    policy["document"]["Statement"].as_array_mut().unwrap().push(
        json!({ "Effect": "Deny", "Action": "ram:GetAccessKeyLastUsed", "Resource": "acs:ram:*:*:user/old" }),
    );
    account["roles"].as_array_mut().unwrap().push(role);
    account["policies"].as_array_mut().unwrap().push(policy);
}

#[test]
fn one_user_whose_last_use_is_denied() {
    let users = [
        person("bob", &[("owner", "web")], &[aged("K-BOB", 89, Some(0))]),
        person("old", &[("owner", "web")], &[aged("K-IDLE", 300, Some(200))]),
        person("young", &[("owner", "web")], &[aged("K-YOUNG", 60, Some(0))]),
    ];
    for (idle_after, name) in
        [("90d", "old enough to be told of by its age"), ("301d", "told of by its age all along")]
    {
        let stage = Stage::of(
            changed(&users, restricted),
            &format!("rotation: {{disable: idle, idle_after: {idle_after}}}{CONFIG}"),
        );
        let (_, heard) = stage.run();
        assert!(
            heard.iter().any(|one| one.subjects().iter().any(|title| title.starts_with("K-IDLE"))),
            "{name}"
        );
        stage.world.act_as(Some("restricted"));
        for day in 1..4 {
            stage.day(day);
            stage.used("K-BOB");
            let (reply, heard) = stage.run();
            let of = |check: &str| {
                let findings = reply["findings"].as_array().unwrap().iter();
                let mut of = findings.filter(|one| {
                    one["check"] == check && one["resource"].as_str().unwrap().ends_with("K-IDLE")
                });
                of.next().unwrap()["status"].clone()
            };
            assert_eq!(
                (of("idle-access-key"), of("old-access-key")),
                (json!("UNKNOWN"), json!("FAIL")),
                "{name}"
            );
            let digests: Vec<_> =
                heard.iter().filter(|one| one.is_digest()).flat_map(Heard::subjects).collect();
            let summaries: Vec<_> = heard.iter().filter(|one| one.is_summary()).collect();
            // The day on which something is news for others; then a summary comes anyway, and says what is unread.
            assert_eq!(
                digests,
                if day == 1 { vec!["K-BOB of bob is due for rotation"] } else { vec![] },
                "{name}, day {day}"
            );
            assert_eq!(summaries.len(), usize::from(day == 1), "{name}, day {day}");
            for summary in summaries {
                let (title, lines) = summary.sections().swap_remove(0);
                assert!(
                    title.starts_with("Could not be read") && lines[0].contains("GetAccessKeyLastUsed"),
                    "{title} {lines:?}"
                );
            }
        }
        stage.world.act_as(Some("hardening-key-rotation"));
        stage.day(4);
        assert_eq!(stage.run().1.len(), 0, "{name}: nothing is new");
    }
}

#[test]
fn a_listing_that_breaks_off_half_way() {
    let keys = ["a", "b", "c", "d"].map(|name| {
        person(name, &[("owner", "web")], &[aged(&format!("K-{}", name.to_uppercase()), 96, Some(0))])
    });
    let stage = Stage::new(&keys, CONFIG);
    // Pages of two.
    stage.world.spoil("ListUsers", |answer| {
        if let Some(users) = answer["Users"]["User"].as_array_mut()
            && users.len() > 2
        {
            users.truncate(2);
            let last = users[1]["UserPrincipalName"].as_str().unwrap().split('@').next().unwrap().to_owned();
            answer["IsTruncated"] = true.into();
            answer["Marker"] =
                base64::engine::general_purpose::STANDARD.encode(format!("after:{last}")).into();
        }
    });
    let subjects =
        |heard: &[Heard]| heard.iter().filter(|one| one.is_digest()).flat_map(Heard::subjects).count();
    let (reply, heard) = stage.run();
    assert_eq!((subjects(&heard), &reply["stages"]), (4, &json!({ "due": 4 })), "both pages");
    // The next day all four are overdue, and two can be read.
    stage.day(1);
    stage.world.sim.fault(Fault::new("ims:ListUsers", FaultKind::Deny).after(1).forever());
    let (reply, heard) = stage.run();
    assert_eq!((subjects(&heard), &reply["stages"]), (2, &json!({ "overdue": 2 })));
    assert!(reply["summary"]["UNKNOWN"].as_u64().unwrap() > 0);
    let summary = heard.iter().find(|one| one.is_summary()).unwrap();
    assert!(summary.sections()[0].1[0].contains("ims:ListUsers"), "{:?}", summary.sections());
    stage.world.sim.clear_faults();
    stage.day(2);
    let (_, heard) = stage.run();
    assert_eq!(subjects(&heard), 2, "the other two, a day late");
    stage.day(3);
    assert_eq!(stage.run().1.len(), 0);
}
