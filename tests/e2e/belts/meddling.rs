//! Others are at work in the account while a response runs, and what is read of it is not always whole.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use e2e::world::{QUARANTINE, World, account, key, open_list, small, user};
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::{Account, Fault, FaultKind, Settings};

use super::Dice;

/// A few users, under an account-level list in force.
fn listed() -> Account {
    let alice = user("alice", &[key("LTAI5tAlice00001", "203.0.113.21")]);
    let admin = user("emergency-admin", &[key("LTAI5tEmergency1", "203.0.113.99")]);
    account(&[alice, admin], open_list("Active", &["203.0.113.0/24"]))
}

/// Delivers the event of a new root key; the reply, and its key.
fn respond(world: &World) -> (Value, String) {
    let (made, event) = world.root_key();
    let reply = world.play(world.process().invoke(&event)).expect("a reply");
    world.honest(&reply, &made.id).expect("no false claim");
    (reply, made.id)
}

fn last_of<'a>(reply: &'a Value, wanted: &str) -> &'a Value {
    let steps = reply["steps"].as_array().expect("steps");
    steps.iter().rev().find(|step| step["step"] == wanted).unwrap_or(&Value::Null)
}

/// No change of any network policy, and the listing named as the reason.
fn begins_nothing(world: &World, what: &str) {
    let before = world.policies();
    let (reply, key) = respond(world);
    assert_eq!(reply["outcome"], "refused", "{what}: {reply}");
    assert_eq!(last_of(&reply, "quarantine")["result"], "not_begun", "{what}: {reply}");
    assert!(!world.writes().iter().any(|call| call.contains("Policy")), "{what}: {:?}", world.writes());
    assert_eq!(world.policies(), before, "{what}");
    // Read whole, it goes on.
    world.clear_faults();
    world.wait(SignedDuration::from_mins(15));
    world.play(world.process().sweep()).expect("a sweep");
    assert!(!world.attackable(&key), "{what}: the next sweep closes");
    world.belts().unwrap_or_else(|why| panic!("{what}: {why}"));
}

#[test]
fn a_list_of_users_that_is_not_whole_begins_nothing() {
    type Cut = fn(&mut Value);
    let cuts: [(&str, Cut); 3] = [
        ("an empty page", |page| page["Users"]["User"] = json!([])),
        ("a page short of one", |page| drop(page["Users"]["User"].as_array_mut().map(Vec::pop))),
        ("a page of something else", |page| page["Users"] = Value::Null),
    ];
    for (what, cut) in cuts {
        let world = World::small();
        world.spoil("ListUsers", cut);
        begins_nothing(&world, what);
    }
}

#[test]
fn an_answer_without_its_content_begins_nothing() {
    for action in
        ["ListAccessKeys", "GetAccessKeyPolicy", "GetAccessKeyPolicyForAccount", "GetAccountSummary"]
    {
        let world = World::small();
        world.spoil(action, |body| *body = json!({ "RequestId": "R-1" }));
        begins_nothing(&world, action);
    }
}

/// A user that one listing shows twice instead of another makes the number right and the list wrong.
#[test]
fn a_user_listed_twice_does_not_stand_for_another() {
    let world = World::small();
    world.spoil("ListUsers", |page| {
        if let Some(users) = page["Users"]["User"].as_array_mut() {
            users.pop();
            let first = users.first().cloned();
            users.extend(first);
        }
    });
    begins_nothing(&world, "a user twice");
}

#[test]
fn a_second_listing_that_is_not_whole_takes_the_pins_back() {
    let world = World::small();
    let before = world.policies();
    let listings = AtomicU32::new(0);
    world.spoil("ListUsers", move |page| {
        if listings.fetch_add(1, Ordering::SeqCst) > 0 {
            page["Users"]["User"] = json!([]);
        }
    });
    let (reply, key) = respond(&world);
    assert_eq!(reply["outcome"], "refused", "{reply}");
    assert_eq!(last_of(&reply, "quarantine")["result"], "taken_back", "{reply}");
    assert!(world.attackable(&key), "not closed");
    assert_eq!(world.policies(), before);
    world.belts().expect("nobody is locked out");
}

#[test]
fn an_account_policy_changed_in_the_middle_stands_and_the_pins_are_taken_back() {
    let world = World::new(listed(), Settings::default(), QUARANTINE);
    let before = world.policies();
    let (sim, once) = (Arc::clone(&world.sim), AtomicBool::new(false));
    world.before_each("SetAccessKeyPolicy", move || {
        if !once.swap(true, Ordering::SeqCst) {
            sim.root_lifts_policy();
        }
    });
    let (reply, _) = respond(&world);
    assert_eq!(reply["outcome"], "refused", "{reply}");
    assert_eq!(last_of(&reply, "quarantine")["result"], "taken_back", "{reply}");
    assert!(!world.writes().iter().any(|call| call.ends_with("ForAccount")), "not closed");
    let after = world.policies();
    assert_eq!(after["keys"], before["keys"]);
    assert_eq!(after["account"]["Status"], "Inactive", "as root left it");
    world.belts().expect("nobody is locked out");
}

#[test]
fn new_keys_that_never_stop_coming_are_not_closed_upon() {
    let world = World::small();
    let (sim, made) = (Arc::clone(&world.sim), AtomicU32::new(0));
    world.before_each("ListUsers", move || {
        sim.user_creates_key(&format!("user-{}", made.fetch_add(1, Ordering::SeqCst)));
    });
    let before = world.policies()["account"].clone();
    let (reply, key) = respond(&world);
    assert_eq!(last_of(&reply, "quarantine")["result"], "taken_back", "{reply}");
    assert!(world.attackable(&key), "not closed");
    let after = world.policies();
    assert_eq!(after["account"], before);
    let pinned = |key: &Value| key[1]["Status"] == "Active" && key[0] != "LTAI5tBackup0001";
    assert!(!after["keys"].as_array().expect("keys").iter().any(pinned), "{after}");
    world.belts().expect("nobody is locked out");
}

#[test]
fn more_keys_than_allowed_begin_nothing_and_exactly_as_many_do() {
    for (limit, outcome) in [(3, "refused"), (4, "network_restricted")] {
        // Four active keys, of which one has a policy of its own.
        let rules = format!("root_key: {{quarantine: true, max_pinned_keys: {limit}}}");
        let world = World::new(small(), Settings::default(), &rules);
        let before = world.policies();
        let (reply, _) = respond(&world);
        assert_eq!(reply["outcome"], outcome, "{limit}: {reply}");
        assert_eq!(world.policies() == before, outcome == "refused", "{limit}");
        world.belts().expect("nobody is locked out");
    }
}

fn random_fault(dice: &mut Dice) -> Fault {
    let actions = [
        "ims:ListUsers",
        "ims:GetAccountSummary",
        "ims:ListAccessKeys",
        "ims:GetAccessKeyPolicy",
        "ims:SetAccessKeyPolicy",
        "ims:GetAccessKeyPolicyForAccount",
        "ims:SetAccessKeyPolicyForAccount",
        "ims:GetAccountSecurityPracticeReport",
        "actiontrail:*",
        "sts:*",
        "inbox:*",
        "*",
    ];
    let kinds = [
        FaultKind::Throttle { retry_after: None },
        FaultKind::Deny,
        FaultKind::Http500,
        FaultKind::Http503,
        FaultKind::Reset,
        FaultKind::Truncate,
        FaultKind::BadJson,
    ];
    let fault = Fault::new(dice.one_of(&actions), dice.one_of(&kinds)).after(dice.below(6) as u32);
    let fault = fault.times(1 + dice.below(9) as u32);
    match dice.below(3) {
        0 => fault.before(),
        1 => fault.done_first(),
        _ => fault,
    }
}

/// A random account, and a few random faults at each step of its story.
fn hard_times(seed: u64) -> Result<(), String> {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let mut settings = dice.settings();
    settings.count_inactive_root_keys = dice.below(2) == 0;
    let world = World::new(dice.account(), settings, QUARANTINE);
    let (able, before) = (world.able(), world.policies());
    let (made, event) = world.root_key();
    let case = format!("root-key-{}", made.id);
    world.play(async {
        let mut harm = || (0..1 + dice.below(4)).for_each(|_| world.sim.fault(random_fault(&mut dice)));
        for step in 0..4 {
            harm();
            let reply = match step {
                0 | 2 => world.process().invoke(&event).await,
                _ => world.process().sweep().await,
            };
            world.belts()?;
            if let Ok(reply) = &reply {
                world.honest(reply, &made.id)?;
            }
            if world.able() != able {
                return Err(format!("step {step}: who may call: {:?}, not {able:?}", world.able()));
            }
            world.wait(SignedDuration::from_mins(7));
        }
        harm();
        // A case may not have been opened yet, then there is nothing to undo.
        let _ = world.process().undo(&case).await;
        world.belts()?;
        world.clear_faults();
        world.wait(SignedDuration::from_mins(1));
        if world.process().case(&case).await.is_some() {
            let undone = world.process().undo(&case).await?;
            if !undone.failed.is_empty() {
                return Err(format!("{undone:?}"));
            }
        }
        world.belts()
    })?;
    if world.policies() == before { Ok(()) } else { Err(format!("{} where {before} was", world.policies())) }
}

#[test]
fn in_hard_times_nobody_is_locked_out_and_undo_leaves_no_trace() {
    let failed: Vec<String> =
        (0..30).filter_map(|seed| Some(format!("seed {seed}: {}", hard_times(seed).err()?))).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
