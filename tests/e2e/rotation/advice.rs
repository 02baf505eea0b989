//! What owners are told to do can be done, and what they are told is so.

use serde_json::{Value, json};
use simulator::{Fault, FaultKind};

use super::stage::{Stage, aged, date, days, disabled, key, person, start};

fn config(rotation: &str, more: &str) -> String {
    format!(
        "rotation: {{{rotation}}}\n{more}\nnotify:\n  channels:\n    - {{name: security, type: webhook, url: INBOX/security}}\n    - {{name: web, type: webhook, url: INBOX/web, direct: true}}\n"
    )
}

/// The lines about one key in what its owner's channel took.
#[track_caller]
fn told(stage: &Stage, of: &str) -> String {
    let heard = stage.run().1;
    let sections: Vec<_> =
        heard.iter().filter(|one| one.is_digest()).flat_map(|one| one.sections()).collect();
    let found = sections.iter().find(|(title, _)| title.contains(of));
    found.map(|(_, lines)| lines.join("\n")).unwrap_or_else(|| panic!("{of} is not told of: {sections:?}"))
}

fn of_web(name: &str, keys: &[Value]) -> Value {
    person(name, &[("owner", "web")], keys)
}

#[test]
fn a_notice_that_came_to_others_only_is_given_again_to_its_owner() {
    let stage = Stage::new(
        &[of_web("app", &[aged("K-1", 300, Some(200))])],
        &config("disable: idle, notice: 1d", ""),
    );
    stage.world.sim.fault(Fault::new("inbox:web", FaultKind::Http500).forever());
    let heard = stage.run().1;
    let redirected = heard.iter().find(|one| one.is_digest()).unwrap();
    assert_eq!(redirected.channel, "security");
    assert!(redirected.body.to_string().contains("web"), "it says whom it was for: {}", redirected.body);
    stage.world.clear_faults();
    for day in 1..4 {
        stage.day(day);
        let heard = stage.run().1;
        if day == 1 {
            assert!(heard.iter().any(|one| one.channel == "web" && !one.notices().is_empty()), "{heard:?}");
        }
        // The timer of the second day comes a moment too early.
        assert_eq!(stage.active("K-1"), Some(day < 3), "a day after its owner was told, and not before");
    }
}

#[test]
fn a_stale_reading_is_unknown_and_never_told_as_fact() {
    let stage = Stage::new(&[of_web("app", &[aged("K-1", 300, Some(0))])], &config("disable: never", ""));
    assert!(told(&stage, "K-1").contains("Last used 2026-11-24"));
    let old = date(start() - days(200));
    stage.world.spoil("GetAccessKeyLastUsed", move |answer| {
        answer["AccessKeyLastUsed"]["LastUsedDate"] = json!(old)
    });
    stage.day(7);
    let (reply, heard) = stage.run();
    let text = heard.iter().map(|one| one.body.to_string()).collect::<String>();
    assert!(text.contains("UNKNOWN") && !text.contains("Nothing seems to need it"), "{text}");
    let idle = reply["findings"].as_array().unwrap().iter().find(|one| one["check"] == "idle-access-key");
    assert_eq!(idle.unwrap()["status"], "UNKNOWN");
    assert!(reply["coverage"]["failed"].as_u64() > Some(0));
}

#[test]
fn what_is_to_be_done_can_be_done() {
    let users = [
        of_web("breaker", &[aged("K-GLASS", 300, None)]),
        of_web("pair", &[aged("K-USED", 300, Some(0)), disabled(aged("K-OFF", 400, Some(300)))]),
        of_web("twins", &[aged("K-MUCH", 5, Some(0)), aged("K-LITTLE", 6, Some(3))]),
    ];
    let stage = Stage::new(&users, &config("disable: never", "break_glass: [user/breaker]"));
    let heard = stage.run().1;
    let digest = heard.iter().find(|one| one.is_digest()).unwrap();
    let lines = |of: &str| digest.section(of).join("\n");
    assert!(lines("K-GLASS").contains("by hand") && !lines("K-GLASS").contains("harden rotate"));
    assert!(lines("K-USED").contains("holds two keys"), "{}", lines("K-USED"));
    let twins = lines("twins");
    assert!(
        twins.contains("K-MUCH: made") && twins.contains("--UserAccessKeyId K-LITTLE --Status Inactive"),
        "{twins}"
    );
    let ways = lines("If a key must stay");
    for check in [
        "check: old-access-key",
        "check: idle-access-key",
        "check: several-access-keys, resource: \"acs:ram::*:user/USER\"",
    ] {
        assert!(ways.contains(check), "{check}: {ways}");
    }
}

#[test]
fn an_accepted_idleness_leaves_the_age() {
    let accepted = "exemptions: [{check: idle-access-key, resource: 'acs:ram::*:accesskey/K-1', owner: o, reason: r, expires: 2027-06-30}]";
    let stage =
        Stage::new(&[of_web("app", &[aged("K-1", 300, Some(200))])], &config("disable: never", accepted));
    assert!(told(&stage, "K-1").contains("harden rotate app"), "it is overdue all the same");
}

#[test]
fn security_hears_whom_an_unread_answer_concerns_and_how_it_has_gone() {
    let users =
        [of_web("app", &[key("K-1", days(300), Some(days(0)))]), of_web("bot", &[aged("K-2", 10, Some(0))])];
    let stage = Stage::new(&users, &config("disable: never", ""));
    stage.run();
    stage.day(7);
    let later = stage.run().1;
    let figures = later.iter().find(|one| one.is_summary()).unwrap().section("Figures").join("\n");
    assert!(figures.contains("On 2026-11-24 it was 50%, of 2 keys."), "{figures}");
    stage.world.sim.fault(Fault::new("ims:GetAccessKeyLastUsed", FaultKind::Deny).forever());
    stage.day(8);
    let unread =
        stage.run().1.iter().find(|one| one.is_summary()).unwrap().section("Could not be read").join("\n");
    assert!(unread.contains("K-1 (app), K-2 (bot)"), "{unread}");
}
