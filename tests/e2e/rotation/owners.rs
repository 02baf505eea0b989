//! Who is told, and where: by the configuration, by tags, by a channel's name, or by the fallback; nobody twice and nobody not.

use std::collections::{BTreeMap, BTreeSet};

use simulator::{Fault, FaultKind, Variant};

use super::stage::{Heard, Stage, aged, person};

const CHANNELS: &str = "
  channels:
    - {name: security, type: webhook, url: INBOX/security}
    - {name: builds, type: webhook, url: INBOX/builds, direct: true}
    - {name: people, type: webhook, url: INBOX/people, direct: true}
    - {name: web-team, type: webhook, url: INBOX/web-team, direct: true}
    - {name: rest, type: webhook, url: INBOX/rest, fallback: true}";

/// An overdue key for each user.
fn users(all: &[(&str, &[(&str, &str)])]) -> Vec<serde_json::Value> {
    let key = |name: &str| aged(&format!("K-{}", name.to_uppercase()), 120, Some(0));
    all.iter().map(|(name, tags)| person(name, tags, &[key(name)])).collect()
}

/// Keys that each channel heard of in digests.
fn keys(heard: &[Heard]) -> BTreeMap<&str, Vec<String>> {
    let mut keys: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for one in heard.iter().filter(|one| one.is_digest()) {
        let named = one.subjects().into_iter().map(|title| title.split(' ').next().unwrap().to_owned());
        keys.entry(&one.channel).or_default().extend(named);
    }
    keys
}

/// Keys that each summary names, by channel.
fn summaries(heard: &[Heard]) -> BTreeMap<&str, BTreeSet<String>> {
    let named = |one: &Heard| {
        let lines = one.section("Overdue");
        lines.iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect()
    };
    heard.iter().filter(|one| one.is_summary()).map(|one| (one.channel.as_str(), named(one))).collect()
}

fn set(keys: &[&str]) -> BTreeSet<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

#[test]
fn each_owner_hears_of_their_keys_where_they_read() {
    let rotation = "
rotation:
  owners:
    - {user: 'ci-*', owner: build-team, channel: builds}
    - {owner: alice, channel: people}
notify:";
    let stage = Stage::new(
        &users(&[
            ("ci-deploy", &[("owner", "alice")]),
            ("app1", &[("owner", "alice"), ("email", "web-team")]),
            ("app2", &[("Owner", "Alice")]),
            ("app3", &[("email", "bob@example.com"), ("dingtalk", "web-team")]),
            ("app4", &[("email", "carol@example.com")]),
            ("app5", &[("owner", " ")]),
            ("app6", &[]),
        ]),
        &format!("{rotation}{CHANNELS}"),
    );
    let (_, heard) = stage.run();
    let told = keys(&heard);
    let expected = [
        ("builds", vec!["K-CI-DEPLOY"]),
        ("people", vec!["K-APP1", "K-APP2"]),
        ("rest", vec!["K-APP4", "K-APP5", "K-APP6"]),
        ("web-team", vec!["K-APP3"]),
    ];
    for (channel, keys) in &expected {
        let mut found = told[channel].clone();
        found.sort();
        assert_eq!(found, *keys, "{channel}");
    }
    assert_eq!(told.len(), expected.len(), "{told:?}");
    // One digest an owner; `alice` and `Alice` are written differently, and so are two.
    let digests =
        |channel: &str| heard.iter().filter(|one| one.channel == channel && one.is_digest()).count();
    assert_eq!(["builds", "people", "rest", "web-team"].map(digests), [1, 2, 1, 1]);
    let rest = heard.iter().find(|one| one.channel == "rest").unwrap();
    let of_app4 = rest.section("K-APP4");
    assert!(of_app4.iter().any(|line| line.contains("carol@example.com")), "the owner is named: {of_app4:?}");
    // Security alone gets the summary, of all seven, since none of it was heard there.
    let all = ["K-APP1", "K-APP2", "K-APP3", "K-APP4", "K-APP5", "K-APP6", "K-CI-DEPLOY"];
    assert_eq!(summaries(&heard), BTreeMap::from([("security", set(&all))]));
}

#[test]
fn a_summary_leaves_out_what_its_channel_has_heard() {
    let config = "
notify:
  channels:
    - {name: security, type: webhook, url: INBOX/security}
    - {name: ops, type: webhook, url: INBOX/ops, min_severity: high}
    - {name: web, type: webhook, url: INBOX/web, direct: true}";
    // Ops is an owner as well; without a fallback, security gets what has no owner.
    let stage =
        Stage::new(&users(&[("a", &[("owner", "ops")]), ("b", &[("owner", "web")]), ("c", &[])]), config);
    let (_, heard) = stage.run();
    let told = keys(&heard);
    assert_eq!(told["ops"], ["K-A"]);
    assert_eq!((&told["web"][..], &told["security"][..]), (&["K-B".to_owned()][..], &["K-C".to_owned()][..]));
    let expected = [("ops", set(&["K-B", "K-C"])), ("security", set(&["K-A", "K-B"]))];
    assert_eq!(summaries(&heard), BTreeMap::from(expected));
    let severities: BTreeSet<&str> =
        heard.iter().filter(|one| one.is_summary()).map(|one| one.severity.as_str()).collect();
    assert_eq!(severities, BTreeSet::from(["high"]), "as urgent on each");
}

#[test]
fn a_channel_that_is_down_forgets_nobody() {
    let config = format!("notify:{CHANNELS}");
    let people = users(&[("a", &[("owner", "web-team")]), ("b", &[("owner", "people")])]);
    for kind in [FaultKind::Deny, FaultKind::Http503, FaultKind::Throttle { retry_after: None }] {
        let stage = Stage::new(&people, &config);
        stage.world.sim.fault(Fault::new("inbox:web-team", kind.clone()).forever());
        let (reply, heard) = stage.run();
        let told = keys(&heard);
        assert_eq!(
            (&told["rest"][..], &told["people"][..]),
            (&["K-A".to_owned()][..], &["K-B".to_owned()][..])
        );
        let rest = heard.iter().find(|one| one.channel == "rest").unwrap();
        assert!(
            rest.body["facts"].to_string().contains("web-team"),
            "it says which was down: {}",
            rest.body["facts"]
        );
        assert_eq!(summaries(&heard)["security"], set(&["K-A", "K-B"]));
        let failed = reply["messages"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| !one["failed"].as_array().unwrap().is_empty());
        assert_eq!(failed.count(), 1, "{}", reply["messages"]);
        // It was heard, if elsewhere: not again.
        stage.day(1);
        assert_eq!(stage.run().1.len(), 0, "{kind:?}");
    }
}

#[test]
fn when_every_channel_is_down_all_of_it_is_said_the_next_day() {
    let config = format!("notify:{CHANNELS}");
    let stage = Stage::new(&users(&[("a", &[("owner", "web-team")]), ("b", &[])]), &config);
    stage.world.sim.root_creates_key(Variant::Ims);
    stage.world.sim.fault(Fault::new("inbox:*", FaultKind::Deny).forever());
    for day in 0..3 {
        stage.day(day);
        let (reply, heard) = stage.run();
        assert!(heard.is_empty() && reply["messages"].as_array().unwrap().len() > 2, "day {day}");
    }
    stage.world.clear_faults();
    stage.day(3);
    let (_, heard) = stage.run();
    assert_eq!(
        keys(&heard),
        BTreeMap::from([("rest", vec!["K-B".to_owned()]), ("web-team", vec!["K-A".to_owned()])])
    );
    let summary = heard.iter().find(|one| one.is_summary()).unwrap();
    assert_eq!((&*summary.channel, &*summary.severity), ("security", "critical"));
    assert!(!summary.section("Root").is_empty());
    assert_eq!(summaries(&heard)["security"], set(&["K-A", "K-B"]));
    stage.day(4);
    assert_eq!(stage.run().1.len(), 0);
}

#[test]
fn what_security_could_not_be_told_is_told_the_next_day() {
    let config = "
notify:
  channels:
    - {name: security, type: webhook, url: INBOX/security}
    - {name: web, type: webhook, url: INBOX/web, direct: true}";
    let stage = Stage::new(&users(&[("a", &[("owner", "web")]), ("b", &[("owner", "web")])]), config);
    stage.world.sim.fault(Fault::new("inbox:security", FaultKind::Deny).forever());
    let (_, heard) = stage.run();
    assert_eq!(heard.len(), 1, "the owner's digest");
    stage.world.clear_faults();
    stage.day(1);
    let (_, heard) = stage.run();
    assert_eq!(summaries(&heard), BTreeMap::from([("security", set(&["K-A", "K-B"]))]));
    assert!(keys(&heard).is_empty(), "the owner has heard it");
    stage.day(2);
    assert_eq!(stage.run().1.len(), 0);
}
