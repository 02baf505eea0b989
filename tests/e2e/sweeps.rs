//! What the timer does: it asks again until a key is proved useless, and finds keys whose event never came.

#![allow(clippy::unwrap_used)]

mod order;

use std::time::Duration;

use e2e::world::{Process, QUARANTINE, World, account, key, small, user};
use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::response::What;
use simulator::{
    Account, EventsRegion, Fault, FaultKind, NewKey, RoleWithoutUser, RootKeyAction, Settings, Variant,
};

use crate::repeats::case_of;

/// Settings under which only an event can prove it: keys that are disabled go on being counted.
fn by_event(region: EventsRegion) -> Settings {
    let mut settings = Settings::default();
    settings.count_inactive_root_keys = true;
    settings.events_region = region;
    settings
}

/// A root key is made and its event delivered.
async fn respond(world: &World) -> (NewKey, Value) {
    let (made, event) = world.root_key();
    let reply = world.process().invoke(&event).await.unwrap();
    assert_eq!(reply["outcome"], "network_restricted", "{reply}");
    (made, event)
}

/// So many minutes later, the timer.
async fn later(world: &World, minutes: i64) -> Value {
    world.wait(SignedDuration::from_mins(minutes));
    world.process().sweep().await.unwrap()
}

/// What a sweep so many minutes later says of the one case.
async fn outcome_later(world: &World, minutes: i64) -> String {
    let reply = later(world, minutes).await;
    let cases = reply["cases"].as_array().into_iter().flatten().filter(|case| !case["case"].is_null());
    let outcomes: Vec<_> = cases.filter_map(|case| case["outcome"].as_str()).collect();
    assert_eq!(outcomes.len(), 1, "{reply}");
    outcomes[0].to_owned()
}

fn escalations(world: &World) -> usize {
    world.messages().iter().filter(|(id, ..)| id.contains("/escalation/")).count()
}

fn proof_on_record(world: &World, case: &str) -> Value {
    let mut proofs = world.entries(case).into_iter().rev().filter_map(|entry| match entry.what {
        What::Step { step, data, .. } if step == "prove" => Some(data),
        _ => None,
    });
    proofs.next().unwrap_or_default()
}

fn escalates_until_an_event_proves_it(account: Account, region: EventsRegion, done: RootKeyAction) {
    let world = World::new(account, by_event(region), QUARANTINE);
    world.play(async {
        let (made, _) = respond(&world).await;
        for (minutes, expected) in [(5, 0), (9, 0), (2, 1), (1, 1), (13, 1), (2, 2)] {
            assert_eq!(outcome_later(&world, minutes).await, "network_restricted");
            assert_eq!(escalations(&world), expected, "{region:?}, {minutes} minutes later");
        }
        world.sim.root_sets_key(&made.id, done);
        assert_eq!(outcome_later(&world, 20).await, "revoked", "{region:?}");
        assert_eq!(proof_on_record(&world, &case_of(&made))["proof"], "event");
        later(&world, 60).await;
        assert_eq!(escalations(&world), 2, "proved is proved");
        assert_eq!(world.messages().iter().filter(|(id, ..)| id.ends_with("/outcome/revoked")).count(), 1);
    });
    world.belts().unwrap();
}

#[test]
fn it_escalates_every_quarter_of_an_hour_until_an_event_proves_it() {
    for region in [EventsRegion::Hangzhou, EventsRegion::Singapore, EventsRegion::Both] {
        escalates_until_an_event_proves_it(small(), region, RootKeyAction::Inactive);
    }
    // The number of root keys does not fall to none: only the event can tell.
    escalates_until_an_event_proves_it(
        with_an_old_root_key(),
        EventsRegion::Singapore,
        RootKeyAction::Delete,
    );
}

#[test]
fn no_root_key_left_is_proof() {
    let world = World::small();
    world.play(async {
        let (made, _) = respond(&world).await;
        // The event is not there yet.
        world.sim.settings(|settings| settings.events_delay = Duration::from_secs(600));
        world.sim.root_sets_key(&made.id, RootKeyAction::Delete);
        assert_eq!(
            outcome_later(&world, 1).await,
            "network_restricted",
            "one reading of none may be an old one"
        );
        assert_eq!(outcome_later(&world, 16).await, "revoked");
        assert_eq!(proof_on_record(&world, &case_of(&made)), json!({"proof": "count", "was": 1}));
    });
}

#[test]
fn one_of_two_root_keys_gone_is_no_proof() {
    let world = World::small();
    world.play(async {
        let (made, _) = respond(&world).await;
        let (other, event) = world.root_key();
        let reply = world.process().invoke(&event).await.unwrap();
        assert_eq!(
            reply["outcome"], "network_restricted",
            "the quarantine of the other case serves both: {reply}"
        );
        world.sim.root_sets_key(&other.id, RootKeyAction::Inactive);
        let reply = later(&world, 1).await;
        let outcome = |key: &NewKey| {
            let cases = reply["cases"].as_array().unwrap().iter();
            cases
                .filter(|case| case["access_key_id"] == key.id)
                .map(|case| case["outcome"].clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            (outcome(&made), outcome(&other)),
            (vec!["network_restricted".into()], vec!["revoked".into()])
        );
    });
    world.belts().unwrap();
}

#[test]
fn a_key_that_works_again_is_not_revoked() {
    let world = World::new(small(), by_event(EventsRegion::Hangzhou), QUARANTINE);
    world.play(async {
        let (made, _) = respond(&world).await;
        world.sim.root_sets_key(&made.id, RootKeyAction::Inactive);
        // Times are to the second.
        std::thread::sleep(Duration::from_millis(1001));
        world.sim.root_sets_key(&made.id, RootKeyAction::Active);
        assert_eq!(outcome_later(&world, 16).await, "network_restricted");
        assert_eq!(escalations(&world), 1);
    });
}

#[test]
fn a_key_that_works_again_after_its_proof_is_not_claimed_revoked() {
    let world = World::small();
    world.play(async {
        let (made, _) = respond(&world).await;
        world.sim.root_sets_key(&made.id, RootKeyAction::Inactive);
        assert_eq!(outcome_later(&world, 1).await, "revoked");
        std::thread::sleep(Duration::from_millis(1001));
        world.sim.root_sets_key(&made.id, RootKeyAction::Active);
        assert_eq!(outcome_later(&world, 16).await, "network_restricted");
        let again: Vec<String> = world.told("/outcome_network_restricted_2");
        assert_eq!((again.len(), escalations(&world)), (1, 0), "people hear of it, once");
        std::thread::sleep(Duration::from_millis(1001));
        world.sim.root_sets_key(&made.id, RootKeyAction::Inactive);
        let reply = later(&world, 16).await;
        assert_eq!(reply["cases"][0]["outcome"], "revoked", "{reply}");
        world.honest(&reply, &made.id).unwrap();
        let told = world
            .messages()
            .iter()
            .filter(|(id, ..)| id.contains("/outcome") && id.contains("revoked"))
            .count();
        assert_eq!(told, 2, "and of the second proof, too");
    });
}

#[test]
fn what_a_region_does_not_say_is_not_assumed() {
    let world = World::new(small(), by_event(EventsRegion::Both), QUARANTINE);
    world.play(async {
        let (made, _) = respond(&world).await;
        world.sim.root_sets_key(&made.id, RootKeyAction::Inactive);
        // One of the two regions, then both. The sweep's search for new keys asks first, once in each.
        world.sim.fault(Fault::new("actiontrail:LookupEvents", FaultKind::Deny).after(2));
        assert_eq!(outcome_later(&world, 16).await, "network_restricted");
        assert_eq!(escalations(&world), 1);
        world.sim.fault(Fault::new("actiontrail:LookupEvents", FaultKind::Deny).forever());
        let reply = later(&world, 16).await;
        assert_eq!(reply["cases"][0]["outcome"], "network_restricted");
        assert_eq!(reply["unread"].as_array().map(Vec::len), Some(2), "it says so: {reply}");
        assert_eq!(escalations(&world), 2);
        world.sim.clear_faults();
        assert_eq!(outcome_later(&world, 1).await, "revoked");
    });
}

#[test]
fn a_quarantine_lifted_by_root_is_an_alert_and_stays_lifted() {
    let world = World::small();
    world.play(async {
        let (_, event) = respond(&world).await;
        world.sim.root_lifts_policy();
        world.sim.clear_calls();
        let reply = later(&world, 1).await;
        assert_eq!(reply["cases"][0]["lifted"], true, "{reply}");
        for _ in 0..2 {
            assert_eq!(outcome_later(&world, 20).await, "refused", "nothing restricts it");
        }
        assert_eq!(world.messages().iter().filter(|(id, ..)| id.ends_with("/lifted")).count(), 1);
        assert_eq!(escalations(&world), 2, "it goes on");
        world.process().invoke(&event).await.unwrap();
        assert_eq!(world.writes(), Vec::<String>::new(), "not closed again against root");
    });
}

#[test]
fn a_quarantine_that_we_undid_is_no_alert() {
    let world = World::small();
    world.play(async {
        let (made, _) = respond(&world).await;
        let report = world.process().undo(&case_of(&made)).await.unwrap();
        assert!(report.failed.is_empty() && report.left.is_empty(), "{report:?}");
        world.sim.clear_calls();
        assert_eq!(outcome_later(&world, 20).await, "refused", "nothing restricts it");
        assert_eq!(world.told("/lifted"), Vec::<String>::new());
        assert_eq!(escalations(&world), 1, "the key still works");
        assert_eq!(world.writes(), Vec::<String>::new());
    });
}

#[test]
fn proved_and_undone_is_left_alone() {
    let world = World::small();
    world.play(async {
        let (made, _) = respond(&world).await;
        world.sim.root_sets_key(&made.id, RootKeyAction::Inactive);
        assert_eq!(outcome_later(&world, 1).await, "revoked");
        assert_eq!(outcome_later(&world, 1).await, "revoked", "the quarantine still stands");
        world.process().undo(&case_of(&made)).await.unwrap();
        later(&world, 1).await;
        let (written, told) = (world.entries(&case_of(&made)).len(), world.messages().len());
        assert_eq!(later(&world, 24 * 60).await["cases"], json!([]), "archived");
        assert_eq!((world.entries(&case_of(&made)).len(), world.messages().len()), (written, told));
    });
    world.belts().unwrap();
}

#[test]
fn a_key_is_found_in_the_trail() {
    let world = World::small();
    world.play(async {
        assert_eq!(later(&world, 0).await["cases"], json!([]));
        let made = world.sim.root_creates_key(Variant::Ram);
        let reply = later(&world, 5).await;
        assert_eq!(reply["cases"].as_array().map(Vec::len), Some(1), "{reply}");
        assert_eq!(reply["cases"][0]["case"], case_of(&made), "{reply}");
        assert_eq!(reply["cases"][0]["outcome"], "network_restricted");
        // The event comes after all.
        let event = simulator::Simulator::envelope(&made.event, &world.sim.account_id());
        assert_eq!(world.process().invoke(&event).await.unwrap()["outcome"], "duplicate");
        assert_eq!(world.messages().iter().filter(|(id, ..)| id.ends_with("/alert")).count(), 1);
    });
    world.belts().unwrap();
}

#[test]
fn a_key_is_found_by_the_count_alone() {
    let world = World::small();
    world.play(async {
        later(&world, 0).await;
        let made = world.sim.root_creates_key_unrecorded(Variant::Ims);
        let reply = later(&world, 5).await;
        let case = reply["cases"][0]["case"].as_str().unwrap_or_default().to_owned();
        assert!(case.starts_with("root-key-count-"), "{reply}");
        assert_eq!(reply["cases"][0]["outcome"], "network_restricted", "{reply}");
        for _ in 0..3 {
            assert_eq!(outcome_later(&world, 1).await, "network_restricted", "the same case, no new one");
        }
        assert_eq!(world.messages().iter().filter(|(id, ..)| id.ends_with("/alert")).count(), 1);
        world.sim.root_sets_key(&made.id, RootKeyAction::Delete);
        assert_eq!(
            outcome_later(&world, 1).await,
            "network_restricted",
            "one reading of none may be an old one"
        );
        assert_eq!(outcome_later(&world, 16).await, "revoked");
        assert_eq!(world.cases(), [case]);
    });
    world.belts().unwrap();
}

/// An account whose root has a key from before.
fn with_an_old_root_key() -> Account {
    let account = account(&[user("alice", &[key("LTAI5tAlice00001", "203.0.113.21")])], Value::Null);
    let mut account = serde_json::to_value(account).unwrap();
    account["root"]["keys"] = json!([key("LTAI5tOldRoot001", "203.0.113.50")]);
    Account::from_json(&account.to_string()).unwrap()
}

#[test]
fn root_keys_from_before_are_told_and_not_acted_on() {
    let world = World::new(with_an_old_root_key(), Settings::default(), QUARANTINE);
    let before = world.policies();
    world.play(async {
        assert_eq!(later(&world, 0).await["cases"][0]["outcome"], "found_at_start");
        assert_eq!(later(&world, 15).await["cases"], json!([]));
        let told: Vec<String> = world.messages().into_iter().map(|(id, ..)| id).collect();
        assert_eq!(told, ["root-keys/found/1"]);
        assert_eq!((world.writes(), world.policies()), (Vec::new(), before));
        // A new one is something else.
        let made = world.sim.root_creates_key(Variant::Ims);
        assert_eq!(later(&world, 5).await["cases"][0]["case"], case_of(&made));
    });
}

#[test]
fn should_a_role_reach_root_the_key_is_disabled_and_that_is_read_back() {
    let mut settings = by_event(EventsRegion::Hangzhou);
    settings.role_without_user = RoleWithoutUser::ActsOnRoot;
    let world = World::new(small(), settings, QUARANTINE);
    let (made, event) = world.root_key();
    let process: Process = world.process();
    let reply = world.play(process.invoke(&event)).unwrap();
    let proof = (&reply["outcome"], &reply["verified"], &reply["proof"]["proof"]);
    assert_eq!(proof, (&json!("revoked"), &json!(true), &json!("read_back")), "{reply}");
    assert_eq!(world.writes(), ["ims:UpdateAccessKey"]);
    assert_eq!(world.root_key_status(&made.id).as_deref(), Some("Inactive"));
}
