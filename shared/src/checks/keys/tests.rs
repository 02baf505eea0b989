//! Every boundary of the stages, and each check on the cases that other scanners get wrong.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::checks::{Finding, Status, run};
use crate::config::Config;
use crate::snapshot::{
    AccessKey, CredentialReport, LastUse, Preferences, Read, ReportRow, ReportedKey, Snapshot, Unread, User,
};

const DAY: i64 = 24 * 60 * 60;

fn now() -> Timestamp {
    "2026-11-24T02:00:00Z".parse().unwrap()
}

/// So many seconds ago.
fn ago_by(seconds: i64) -> Timestamp {
    now() - SignedDuration::from_secs(seconds)
}

fn unread() -> Unread {
    Unread::new("ims:X", "NoPermission", "not allowed")
}

fn key(age: i64, used: Option<i64>) -> AccessKey {
    let last = used.map(|seconds| LastUse { at: ago_by(seconds), service: Some("Ecs".into()) });
    AccessKey {
        id: "LTAI1".into(),
        active: true,
        created: Read::Read(ago_by(age)),
        changed: None,
        last_use: Read::Read(last),
    }
}

fn user(name: &str, keys: Vec<AccessKey>) -> User {
    User {
        name: name.into(),
        principal_name: format!("{name}@1.onaliyun.com"),
        frozen: false,
        tags: BTreeMap::new(),
        console: Read::Read(false),
        keys: Read::Read(keys),
    }
}

fn account(users: Vec<User>) -> Snapshot {
    Snapshot {
        root_keys: Read::Read(0),
        credential_report: Read::Unread(unread()),
        preferences: Read::Read(Preferences {
            max_idle_days_for_keys: Some(90),
            users_manage_keys: Some(false),
        }),
        users,
        users_unread: None,
        ..Snapshot::unasked(now(), "1")
    }
}

fn found(account: &Snapshot, id: &str) -> Vec<Finding> {
    let findings = run(CHECKS, account, &Config::default());
    findings.into_iter().filter(|finding| finding.check == id).collect()
}

#[track_caller]
fn only(account: &Snapshot, id: &str) -> Status {
    let found = found(account, id);
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].status
}

/// With the defaults: due at 90 days, reminders 14, 7 and 1 days before, overdue 7 days later, idle after 90 days.
#[test]
fn stages_at_every_boundary() {
    let limits = &Config::default().rotation;
    let soon = |days: u64| Stage::DueSoon { within: days * DAY as u64 };
    let used = Some(60);
    for (age, last, wanted, why) in [
        (0, None, Stage::Fine, "just made"),
        (-3600, None, Stage::Fine, "made in the future: clocks differ"),
        (76 * DAY - 1, used, Stage::Fine, "a second before the first reminder"),
        (76 * DAY, used, soon(14), "exactly 14 days before"),
        (83 * DAY - 1, used, soon(14), "a second before the next"),
        (83 * DAY, used, soon(7), "exactly 7 days before"),
        (89 * DAY, used, soon(1), "exactly a day before"),
        (90 * DAY - 1, used, soon(1), "a second before it is due"),
        (90 * DAY, used, Stage::Due, "exactly 90 days"),
        (97 * DAY - 1, used, Stage::Due, "a second before it is overdue"),
        (97 * DAY, used, Stage::Overdue, "exactly 97 days"),
        (4000 * DAY, used, Stage::Overdue, "years"),
        (4000 * DAY, Some(-86_400), Stage::Overdue, "used in the future is used now"),
        (90 * DAY - 1, None, soon(1), "not used yet"),
        (90 * DAY, None, Stage::NeverUsed, "never used for 90 days"),
        (95 * DAY, Some(90 * DAY - 1), Stage::Due, "a second before it is idle"),
        (95 * DAY, Some(90 * DAY), Stage::Idle, "exactly 90 days idle"),
        (400 * DAY, Some(200 * DAY), Stage::Idle, "idle comes before overdue"),
    ] {
        assert_eq!(stage(&key(age, last), limits, now()), wanted, "{why}");
    }
    let inactive = AccessKey { active: false, ..key(400 * DAY, None) };
    assert_eq!(stage(&inactive, limits, now()), Stage::Inactive, "whatever its age");
    let unread_use = AccessKey { last_use: Read::Unread(unread()), ..key(100 * DAY, None) };
    assert_eq!(stage(&unread_use, limits, now()), Stage::Overdue, "unread use hides no age");
    let unread_age = AccessKey { created: Read::Unread(unread()), ..key(0, Some(1)) };
    assert_eq!(stage(&unread_age, limits, now()), Stage::Unknown { why: unread() });
}

#[test]
fn an_unread_date_is_unknown_and_never_a_pass() {
    let no_date = AccessKey { created: Read::Unread(unread()), ..key(0, Some(1)) };
    assert_eq!(only(&account(vec![user("a", vec![no_date])]), "old-access-key"), Status::Unknown);
    let no_use = AccessKey { last_use: Read::Unread(unread()), ..key(400 * DAY, None) };
    assert_eq!(only(&account(vec![user("a", vec![no_use])]), "idle-access-key"), Status::Unknown);
    let no_keys = User { keys: Read::Unread(unread()), ..user("a", vec![]) };
    for check in ["old-access-key", "idle-access-key", "several-access-keys"] {
        assert_eq!(only(&account(vec![no_keys.clone()]), check), Status::Unknown, "{check}");
    }
    let partial = Snapshot { users_unread: Some(unread()), ..account(vec![]) };
    for check in ["old-access-key", "idle-access-key", "several-access-keys", "console-and-key-user"] {
        assert_eq!(only(&partial, check), Status::Unknown, "{check}: users that were not listed");
    }
}

#[test]
fn inactive_keys_are_no_findings_and_never_used_ones_are() {
    let inactive = AccessKey { active: false, ..key(400 * DAY, None) };
    let quiet = account(vec![user("a", vec![inactive])]);
    assert!(found(&quiet, "old-access-key").is_empty() && found(&quiet, "idle-access-key").is_empty());
    assert_eq!(only(&account(vec![user("a", vec![key(90 * DAY, None)])]), "idle-access-key"), Status::Fail);
    assert_eq!(
        only(&account(vec![user("a", vec![key(90 * DAY - 1, None)])]), "idle-access-key"),
        Status::Pass
    );
}

#[test]
fn keys_kept_for_emergencies_are_not_idle() {
    let account = account(vec![user("emergency", vec![key(80 * DAY, None)])]);
    let config = Config::parse("break_glass: [user/emergency]\nrotation: {idle_after: 30d}", "test").unwrap();
    let found = run(CHECKS, &account, &config);
    let idle: Vec<_> = found.iter().filter(|finding| finding.check == "idle-access-key").collect();
    assert_eq!(idle[0].status, Status::Pass);
    let limits = &config.rotation;
    assert_eq!(stage_by_age(&key(80 * DAY, None), limits, now()), Stage::DueSoon { within: 14 * DAY as u64 });
}

#[test]
fn several_keys_count_active_ones_only() {
    let inactive = AccessKey { id: "LTAI2".into(), active: false, ..key(1, None) };
    let second = AccessKey { id: "LTAI3".into(), ..key(1, None) };
    let check = "several-access-keys";
    assert_eq!(only(&account(vec![user("a", vec![key(1, None), inactive])]), check), Status::Pass);
    assert_eq!(only(&account(vec![user("a", vec![key(1, None), second])]), check), Status::Fail);
}

#[test]
fn console_and_key_needs_both_halves_read_unless_one_says_no() {
    let with = |console: Read<bool>, keys: Read<Vec<AccessKey>>| {
        only(&account(vec![User { console, keys, ..user("a", vec![]) }]), "console-and-key-user")
    };
    let one = || Read::Read(vec![key(1, None)]);
    assert_eq!(with(Read::Read(true), one()), Status::Fail);
    assert_eq!(with(Read::Read(false), one()), Status::Pass);
    assert_eq!(with(Read::Read(false), Read::Unread(unread())), Status::Pass);
    assert_eq!(with(Read::Read(true), Read::Read(vec![])), Status::Pass);
    assert_eq!(
        with(Read::Unread(unread()), one()),
        Status::Unknown,
        "a throttled answer is not \"no access\""
    );
    assert_eq!(with(Read::Read(true), Read::Unread(unread())), Status::Unknown);
}

#[test]
fn root_keys_by_count_and_by_all_five_slots() {
    let check = "root-access-key";
    let report = |keys: Vec<ReportedKey>| {
        let root = ReportRow {
            user: "<root>".into(),
            last_sign_in: None,
            password_active: None,
            password_changed: None,
            mfa: None,
            keys,
        };
        Read::Read(CredentialReport { generated_at: None, rows: vec![root] })
    };
    let one = || vec![ReportedKey { active: Some(true), rotated: None, used: None }];
    let with = |root_keys: Read<u64>, credential_report: Read<CredentialReport>| {
        only(&Snapshot { root_keys, credential_report, ..account(vec![]) }, check)
    };
    assert_eq!(with(Read::Read(1), Read::Unread(unread())), Status::Fail);
    assert_eq!(with(Read::Read(0), report(one())), Status::Pass, "the count is fresh, the report is not");
    assert_eq!(with(Read::Unread(unread()), report(one())), Status::Fail, "whatever slot it is in");
    assert_eq!(with(Read::Unread(unread()), report(vec![])), Status::Unknown, "an old report proves nothing");
    assert_eq!(with(Read::Unread(unread()), Read::Unread(unread())), Status::Unknown);
}

#[test]
fn settings_of_the_account() {
    let with = |days: Option<u64>, manage: Option<bool>, check| {
        let preferences = Preferences { max_idle_days_for_keys: days, users_manage_keys: manage };
        only(&Snapshot { preferences: Read::Read(preferences), ..account(vec![]) }, check)
    };
    let idle = "idle-keys-stay-enabled";
    assert_eq!(with(Some(90), None, idle), Status::Pass);
    assert_eq!(with(Some(730), None, idle), Status::Fail, "the default is two years");
    assert_eq!(with(None, None, idle), Status::Unknown);
    let own = "self-managed-access-keys";
    assert_eq!(with(None, Some(true), own), Status::Fail);
    assert_eq!(with(None, Some(false), own), Status::Pass);
    assert_eq!(with(None, None, own), Status::Unknown);
}

proptest! {
    /// A key only ever moves on with time, and what it moves through is in order.
    #[test]
    fn a_used_key_only_moves_forward(age in 0..200 * DAY, more in 0..200 * DAY) {
        let limits = &Config::default().rotation;
        let rank = |stage: Stage| match stage {
            Stage::Fine => 0,
            Stage::DueSoon { within } => 1000 - within / DAY as u64,
            Stage::Due => 2000,
            Stage::Overdue => 3000,
            other => panic!("{other:?}"),
        };
        let at = |age| rank(stage(&key(age, Some(0)), limits, now()));
        prop_assert!(at(age) <= at(age + more));
    }

    /// The same snapshot gives the same findings, byte for byte.
    #[test]
    fn findings_repeat(ages in proptest::collection::vec((0..400 * DAY, proptest::option::of(0..400 * DAY)), 0..6)) {
        let keys = ages.into_iter().enumerate().map(|(index, (age, used))| AccessKey { id: format!("LTAI{index}"), ..key(age, used) });
        let account = account(vec![user("a", keys.collect())]);
        let text = |account: &Snapshot| serde_json::to_string(&run(CHECKS, account, &Config::default())).unwrap();
        let replayed: Snapshot = serde_json::from_str(&serde_json::to_string(&account).unwrap()).unwrap();
        prop_assert_eq!(text(&account), text(&replayed));
    }
}
