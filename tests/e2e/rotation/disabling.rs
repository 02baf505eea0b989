//! `rotation.disable`, case by case: with notice, never early, never what somebody uses or needs, always with a way back.

use jiff::SignedDuration;
use serde_json::Value;
use shared::response::What;
use simulator::{Fault, FaultKind};

use super::stage::{Stage, administrator, aged, date, days, person, start};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn config(rotation: &str, more: &str) -> String {
    format!(
        "rotation: {{{rotation}}}\n{more}\nnotify:\n  channels:\n    - {{name: security, type: webhook, url: INBOX/security}}\n    - {{name: web, type: webhook, url: INBOX/web, direct: true}}\n"
    )
}

fn idle(name: &str) -> Value {
    person(name, &[("owner", "web")], &[aged(&format!("K-{}", name.to_uppercase()), 300, Some(200))])
}

fn case(key: &str) -> String {
    format!("key-disabled-{key}")
}

#[test]
fn after_notice_and_with_a_way_back() {
    let stage = Stage::new(&[idle("old")], &config("disable: idle", ""));
    let (_, heard) = stage.run();
    let notice = heard.iter().find(|one| one.channel == "web").unwrap();
    assert_eq!(notice.notices(), ["K-OLD"]);
    assert!(
        notice.body["text"].as_str().unwrap().contains("on or after 2026-12-01"),
        "{}",
        notice.body["text"]
    );
    // Not a moment before, however early the timer is.
    for early in [days(1), days(6), days(7) - HOUR] {
        stage.at(early);
        assert_eq!(stage.run().1.len(), 0, "{early}");
        assert_eq!(stage.active("K-OLD"), Some(true), "{early}");
    }
    for round in 0..2 {
        stage.at(days(7 + round * 20) + HOUR);
        let (reply, heard) = stage.run();
        assert_eq!(stage.active("K-OLD"), Some(false), "{reply}");
        let on = |channel: &str| heard.iter().filter(|one| one.channel == channel).collect::<Vec<_>>();
        assert_eq!(on("web")[0].subjects(), ["K-OLD of old was disabled today"]);
        assert!(on("web")[0].body.to_string().contains(&format!("harden undo {}", case("K-OLD"))));
        assert!(on("security")[0].section("Disabling")[0].starts_with("K-OLD (old): disabled, read back."));
        // The next day there is nothing new; and a person takes it back.
        stage.day(8 + round * 20);
        assert_eq!(stage.run().1.len(), 0);
        let undone = stage.world.play(stage.world.process().undo(&case("K-OLD"))).unwrap();
        assert_eq!((undone.undone.len(), stage.active("K-OLD")), (1, Some(true)), "{undone:?}");
        // It is idle as before: that takes another notice, and another wait.
        stage.day(9 + round * 20);
        let (_, heard) = stage.run();
        assert_eq!((heard[0].notices(), stage.active("K-OLD")), (vec!["K-OLD".to_owned()], Some(true)));
        stage.day(15 + round * 20);
        assert_eq!((stage.run().1.len(), stage.active("K-OLD")), (0, Some(true)));
    }
}

#[test]
fn a_summary_does_not_say_again_on_its_channel_that_a_key_was_disabled() {
    let mut user = idle("old");
    user["tags"] = serde_json::json!({});
    let stage = Stage::new(&[user], &config("disable: idle", ""));
    stage.run();
    stage.at(days(7) + HOUR);
    let (_, heard) = stage.run();
    assert_eq!(stage.active("K-OLD"), Some(false));
    let security: Vec<_> = heard.iter().filter(|one| one.channel == "security").collect();
    assert_eq!(security[0].subjects(), ["K-OLD of old was disabled today"]);
    assert!(
        security[1].is_summary() && security[1].section("Disabling").is_empty(),
        "{:?}",
        security[1].sections()
    );
}

/// What happens between the notice and the day.
type Between = fn(&Stage);

#[test]
fn never_what_somebody_uses_or_wants() {
    let cases: &[(&str, &str, Between)] = &[
        ("used", "disable: idle", |stage| stage.used("K-OLD")),
        ("used, overdue", "disable: overdue", |stage| stage.used("K-OLD")),
        ("enabled by its user", "disable: idle", |stage| {
            stage.world.sim.set_user_key_status("old", "K-OLD", false);
            stage.world.sim.set_user_key_status("old", "K-OLD", true);
        }),
        ("its last use cannot be read", "disable: idle", |stage| {
            stage.world.sim.fault(Fault::new("ims:GetAccessKeyLastUsed", FaultKind::Deny).forever());
        }),
        ("the trail cannot be read", "disable: overdue", |stage| {
            stage
                .world
                .sim
                .fault(Fault::new("actiontrail:GetAccessKeyLastUsedInfo", FaultKind::Deny).forever());
        }),
        ("administrators cannot be read", "disable: idle", |stage| {
            stage.world.sim.fault(Fault::new("ram:ListEntitiesForPolicy", FaultKind::Deny).forever());
        }),
        ("its last use reads older", "disable: idle", |stage| {
            stage.world.spoil("GetAccessKeyLastUsed", |answer| {
                answer["AccessKeyLastUsed"]["LastUsedDate"] = date(start() - days(250)).into();
            });
        }),
        ("its last use is gone", "disable: overdue", |stage| {
            stage.world.spoil("GetAccessKeyLastUsed", |answer| {
                answer["AccessKeyLastUsed"]["LastUsedDate"] = "".into()
            });
        }),
        ("none may be disabled", "disable: idle, max_disabled_per_run: 0", |_| {}),
    ];
    for (name, rotation, between) in cases {
        let stage = Stage::new(&[idle("old")], &config(rotation, ""));
        assert!(stage.run().1.iter().any(|one| one.notices() == ["K-OLD"]), "{name}");
        stage.day(3);
        between(&stage);
        for day in [4, 7, 8] {
            stage.at(days(day) + HOUR);
            let (reply, _) = stage.run();
            assert_eq!(stage.active("K-OLD"), Some(true), "{name}, day {day}: {reply}");
        }
    }
}

#[test]
fn never_whom_it_would_lock_out_or_what_is_exempt() {
    let plain = idle("old");
    let exempt = "exemptions: [{check: old-access-key, resource: 'acs:ram::*:accesskey/K-OLD', owner: o, reason: r, expires: 2027-06-30}]";
    let mut frozen = administrator(idle("frozen"));
    frozen["frozen"] = true.into();
    let without_a_way_in = administrator(person("nobody", &[], &[]));
    for (name, users, rotation, more) in [
        ("break glass", vec![plain.clone()], "disable: overdue", "break_glass: [user/old]"),
        ("exempt from rotation", vec![plain.clone()], "disable: overdue", exempt),
        ("the only administrator", vec![administrator(plain.clone())], "disable: idle", ""),
        (
            "the other one is frozen",
            vec![administrator(plain.clone()), frozen],
            "disable: idle",
            "break_glass: [user/frozen]",
        ),
        (
            "the other one cannot get in",
            vec![administrator(plain.clone()), without_a_way_in],
            "disable: idle",
            "",
        ),
        ("never", vec![plain.clone()], "disable: never", ""),
    ] {
        let stage = Stage::new(&users, &config(rotation, more));
        for day in 0..12 {
            stage.at(days(day) + HOUR);
            let (_, heard) = stage.run();
            assert!(heard.iter().all(|one| one.notices().is_empty()), "{name}: no notice either");
        }
        assert_eq!(stage.active("K-OLD"), Some(true), "{name}");
    }
}

#[test]
fn never_our_own_key() {
    let operator = administrator(person(
        "operator",
        &[],
        &[aged("K-OPERATOR", 300, Some(200)), aged("K-OPERATOR2", 300, None)],
    ));
    let other = administrator(idle("other"));
    let stage = Stage::new(&[operator, other], &config("disable: idle", ""));
    stage.world.act_as(Some("K-OPERATOR"));
    for day in 0..12 {
        stage.at(days(day) + HOUR);
        stage.run();
    }
    let active = ["K-OPERATOR", "K-OPERATOR2", "K-OTHER"].map(|key| stage.active(key));
    assert_eq!(active, [Some(true), Some(true), Some(false)]);
}

#[test]
fn of_administrators_somebody_always_keeps_a_way_in() {
    let users = ["a", "b", "c"].map(|name| administrator(idle(name)));
    let stage = Stage::new(&users, &config("disable: idle", ""));
    let mut left = Vec::new();
    for day in 0..12 {
        stage.at(days(day) + HOUR);
        let before = left.last().copied().unwrap_or(3);
        stage.run();
        left.push(["K-A", "K-B", "K-C"].into_iter().filter(|key| stage.active(key) == Some(true)).count());
        assert!(before - left.last().unwrap() <= 1, "one at a time: {left:?}");
    }
    assert_eq!(left.last(), Some(&1), "{left:?}");
}

#[test]
fn no_more_than_so_many_at_once_and_the_longest_waiting_first() {
    let users = ["a", "b", "c", "d", "e"].map(idle);
    let stage = Stage::new(&users, &config("disable: idle, max_disabled_per_run: 2", ""));
    stage.run();
    let mut disabled = Vec::new();
    for day in 7..11 {
        stage.at(days(day) + HOUR);
        let (reply, _) = stage.run();
        disabled.push((reply["disabled"].as_array().unwrap().len(), reply["postponed"].as_u64().unwrap()));
    }
    assert_eq!(disabled, [(2, 3), (2, 1), (1, 0), (0, 0)]);
}

#[test]
fn a_notice_that_nobody_heard_is_none() {
    let deaf = "rotation: {disable: idle}\nnotify: {channels: [{name: security, type: webhook, url: INBOX/security, min_severity: critical}]}";
    let stage = Stage::new(&[idle("old")], deaf);
    for day in 0..20 {
        stage.at(days(day) + HOUR);
        assert_eq!(stage.run().1.len(), 0);
    }
    assert_eq!(stage.active("K-OLD"), Some(true));
    // From the day on which somebody hears it, it counts.
    stage.world.configure(&config("disable: idle", ""));
    for (day, active) in [(40, true), (46, true), (48, false)] {
        stage.day(day);
        stage.run();
        assert_eq!(stage.active("K-OLD"), Some(active), "day {day}");
    }
}

#[test]
fn idle_is_what_both_records_say() {
    // The user's own record has missed what the trail has seen, from before the notice on.
    let stage = Stage::new(&[idle("old")], &config("disable: idle", ""));
    stage.at(-days(2));
    stage.used("K-OLD");
    stage.world.spoil("GetAccessKeyLastUsed", |answer| {
        answer["AccessKeyLastUsed"]["LastUsedDate"] = date(start() - days(200)).into();
    });
    for day in 0..12 {
        stage.at(days(day) + HOUR);
        stage.run();
    }
    assert_eq!(stage.active("K-OLD"), Some(true));
}

#[test]
fn what_was_read_once_outweighs_older_readings_of_both_records() {
    let stage = Stage::new(
        &[person("old", &[("owner", "web")], &[aged("K-OLD", 300, Some(5))])],
        &config("disable: idle", ""),
    );
    stage.run();
    let old = start() - days(200);
    stage.world.spoil("GetAccessKeyLastUsed", move |answer| {
        answer["AccessKeyLastUsed"]["LastUsedDate"] = date(old).into()
    });
    stage.world.spoil("GetAccessKeyLastUsedInfo", move |answer| {
        answer["UsedTimestamp"] = old.as_millisecond().into()
    });
    for day in 1..12 {
        stage.at(days(day) + HOUR);
        let (_, heard) = stage.run();
        assert!(heard.iter().all(|one| one.notices().is_empty()), "day {day}");
    }
    assert_eq!(stage.active("K-OLD"), Some(true));
}

#[test]
fn a_key_that_a_rotation_is_at_is_the_rotations() {
    let two = person("app", &[("owner", "web")], &[aged("K-OLD", 300, Some(200)), aged("K-NEW", 1, Some(0))]);
    let stage = Stage::new(&[two], &config("disable: idle, notice: 1d", ""));
    stage.world.play(async {
        let opened = What::Opened {
            function: "rotate".to_owned(),
            title: "rotation of K-OLD".to_owned(),
            subject: Value::Null,
        };
        let context = stage.world.process().context().await;
        context.cases.open("rotation-K-OLD", opened).await.unwrap();
    });
    for day in 0..4 {
        stage.day(day);
        for message in stage.run().1 {
            let text = message.body["text"].as_str().unwrap();
            assert!(!text.contains("2 active access keys") && !text.contains("NOTICE"), "{text}");
            assert!(message.is_summary() || text.contains("harden rotate app\n"), "{text}");
        }
    }
    assert_eq!(stage.active("K-OLD"), Some(true), "the rotation knows best when");
}
