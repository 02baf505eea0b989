//! Whoever must hear of something does: words are not lost when a channel is down, when there is much to do, or when an event is
//! odd; and what cannot be told is no success.

#![allow(clippy::unwrap_used)]

use e2e::world::{World, timer};
use jiff::SignedDuration;
use serde_json::json;
use simulator::{Fault, FaultKind, Simulator, Variant};

fn down() -> Fault {
    Fault::new("inbox:*", FaultKind::Http500).forever()
}

#[test]
fn a_key_that_root_makes_for_a_user_is_told_of_when_somebody_can_hear() {
    let world = World::small();
    world.play(async {
        let made = world.sim.root_creates_key_for("alice");
        let event = Simulator::envelope(&made.event, &world.sim.account_id());
        world.sim.fault(down());
        let failed = world.process().invoke(&event).await.unwrap_err();
        assert_eq!(failed.error_type, "NotDelivered", "so that it is delivered again");
        world.clear_faults();
        for _ in 0..2 {
            assert_eq!(world.process().invoke(&event).await.unwrap()["outcome"], "ignored");
        }
        assert_eq!(world.told("/for-user").len(), 1);
        assert_eq!(world.messages().len(), 1, "once");
        // It is nothing that a sweep could follow up.
        assert_eq!(world.process().sweep().await.unwrap()["cases"], json!([]));
    });
}

#[test]
fn root_keys_found_at_the_start_are_told_of_when_somebody_can_hear() {
    let world = World::small();
    world.play(async {
        world.sim.root_creates_key_unrecorded(Variant::Ims);
        world.sim.fault(down());
        assert_eq!(world.process().sweep().await.unwrap()["cases"][0]["outcome"], "found_at_start");
        world.clear_faults();
        world.wait(SignedDuration::from_mins(5));
        assert_eq!(world.process().sweep().await.unwrap()["cases"][0]["outcome"], "found_at_start");
        assert_eq!(world.messages().len(), 1);
        world.wait(SignedDuration::from_mins(5));
        assert_eq!(world.process().sweep().await.unwrap()["cases"], json!([]), "known now");
        assert_eq!(world.messages().len(), 1);
    });
}

#[test]
fn a_sweep_of_many_cases_finds_what_is_new_and_reads_the_trail_once() {
    const CASES: usize = 60;
    let world = World::small();
    world.play(async {
        for _ in 0..CASES {
            let (_, event) = world.root_key();
            world.process().invoke(&event).await.unwrap();
        }
        world.process().sweep().await.unwrap();
        let missed = world.sim.root_creates_key(Variant::Ims);
        world.wait(SignedDuration::from_mins(16));
        let before = world.messages().len();
        world.sim.clear_calls();
        let swept = world.process().sweep().await.unwrap();
        let cases = swept["cases"].as_array().unwrap();
        assert_eq!((cases.len(), &swept["unread"]), (CASES + 1, &json!([])), "all in one run");
        assert!(
            cases.iter().any(|case| case["access_key_id"] == missed.id.as_str()),
            "the missed one is found"
        );
        assert!(world.messages().len() >= before + CASES, "and every other is reminded of");
        let lookups =
            world.sim.calls().iter().filter(|call| call.action == "actiontrail:LookupEvents").count();
        // Three names in two regions, one of them on two pages; and twice two for the new case, looked at on its own.
        assert!(lookups <= 14, "{lookups} for {CASES} cases: two a second are allowed");
    });
}

#[test]
fn an_alert_that_reached_nobody_is_said_again_and_nothing_else_is_done_again() {
    let world = World::small();
    world.play(async {
        world.sim.fault(down());
        let (_, event) = world.root_key();
        let reply = world.process().invoke(&event).await.unwrap();
        let case = reply["case"].as_str().unwrap().to_owned();
        world.process().sweep().await.unwrap();
        let before = world.entries(&case).len();
        world.wait(SignedDuration::from_mins(1));
        world.process().sweep().await.unwrap();
        let grown = world.entries(&case).len() - before;
        assert!(grown <= 8, "{grown} entries for one vain attempt");
        world.clear_faults();
        world.process().sweep().await.unwrap();
        assert_eq!(world.told("/alert").len(), 1);
    });
}

#[test]
fn an_event_that_names_no_account_is_alerted_and_not_acted_on() {
    let world = World::small();
    world.play(async {
        let (_, mut event) = world.root_key();
        for name in ["aliyunaccountid", "aliyunoriginalaccountid", "subject"] {
            event.as_object_mut().unwrap().remove(name);
        }
        let data = &mut event["data"];
        data["userIdentity"] = json!({"type": "root-account"});
        data.as_object_mut().unwrap().remove("recipientAccountId");
        let reply = world.process().invoke(&event).await.unwrap();
        assert_eq!((&reply["outcome"], &reply["account_id"]), (&json!("refused"), &json!(null)), "{reply}");
        assert!(reply["steps"].to_string().contains("NoAccount"));
        assert_eq!(world.writes(), Vec::<String>::new());
        assert_eq!(world.told("/alert").len(), 1);
    });
}

#[test]
fn one_event_id_and_another_key_is_another_case() {
    let world = World::small();
    world.play(async {
        let (first, event) = world.root_key();
        let (second, mut other) = world.root_key();
        other["id"] = event["id"].clone();
        for (event, key) in [(&event, &first), (&other, &second)] {
            let reply = world.process().invoke(event).await.unwrap();
            assert_eq!(
                (&reply["outcome"], &reply["access_key_id"]),
                (&json!("network_restricted"), &json!(key.id))
            );
        }
        assert_eq!(world.process().invoke(&other).await.unwrap()["outcome"], "duplicate");
        assert_eq!(world.told("/alert").len(), 2);
    });
}

#[test]
fn an_event_of_another_account_is_not_promised_to_be_followed_up() {
    let world = World::small();
    world.play(async {
        let (_, event) = world.root_key();
        let other = event.to_string().replace(&world.sim.account_id(), "1999999999999999");
        let reply = world.process().invoke(&serde_json::from_str(&other).unwrap()).await.unwrap();
        assert_eq!(reply["outcome"], "refused");
        let messages = world.messages();
        let (.., outcome) = messages.iter().find(|(id, ..)| id.contains("/outcome")).unwrap();
        let text = outcome.to_string();
        assert!(text.contains("does not follow this up") && !text.contains("keeps reminding"), "{text}");
        assert_eq!(world.process().invoke(&timer()).await.unwrap()["cases"], json!([]));
    });
}
