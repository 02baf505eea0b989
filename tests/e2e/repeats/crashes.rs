//! Crashes where the account has policies of its own, in the sweep that finds the proof, and in an undo.

use std::collections::BTreeMap;

use e2e::world::{Fuse, Moment, Process, QUARANTINE, World, account, key, key_with, open_list, timer, user};
use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::response::What;
use simulator::{Account, RootKeyAction, Settings};

/// Keys of all kinds: bound by the account, with a list in force, with one that is not in force, disabled.
fn keys(policy: Value) -> Account {
    let mut disabled = key("LTAI5tDisabled01", "203.0.113.23");
    disabled["status"] = "Inactive".into();
    let alice = [
        key_with("LTAI5tOwnList001", "198.51.100.40", open_list("Active", &["198.51.100.40"])),
        key_with("LTAI5tIdleList01", "203.0.113.22", open_list("Inactive", &["203.0.113.0/24"])),
    ];
    let users = [user("alice", &alice), user("bob", &[key("LTAI5tBound00001", "203.0.113.21"), disabled])];
    account(&users, policy)
}

/// No account-level policy, one that is not in force, and one that is.
fn policies() -> [Value; 3] {
    [Value::Null, open_list("Inactive", &["203.0.113.0/24"]), open_list("Active", &["203.0.113.0/24"])]
}

/// Each thing was intended in one way only: what an undo goes back to is what was there before us.
fn one_set_of_changes(world: &World, case: &str) -> Result<(), String> {
    let mut intended = BTreeMap::new();
    for entry in world.entries(case) {
        let What::Intended { changes } = entry.what else { continue };
        for change in changes {
            let said = json!(change);
            let first = intended.entry(change.id()).or_insert_with(|| said.clone());
            if *first != said {
                return Err(format!("intended twice, and not the same: {first} and {said}"));
            }
        }
    }
    if intended.len() == 4 { Ok(()) } else { Err(format!("not four changes: {:?}", intended.keys())) }
}

async fn undone(world: &World, case: &str, before: &Value) -> Result<(), String> {
    let report = world.process().undo(case).await?;
    if !report.failed.is_empty() || !report.left.is_empty() || world.policies() != *before {
        return Err(format!("{report:?}, {} where {before} was", world.policies()));
    }
    world.belts()
}

/// Which part of a story crashes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Part {
    Response,
    Sweep,
    Undo,
}

/// A story whose `part` is run by a process with this fuse. The steps that the part took; `None` after a crash.
async fn story(world: &World, part: Part, fuse: Fuse) -> Result<Option<u64>, String> {
    let (before, able) = (world.policies(), world.able());
    let (made, event) = world.root_key();
    let case = format!("root-key-{}", made.id);
    let failing: Process = world.process_with(fuse);
    let sound = world.process();
    let failed = |failure: shared::runtime::Failure| failure.to_string();
    let process = |now| if part == now { &failing } else { &sound };

    if let Some(done) = process(Part::Response).until_crash(&event).await {
        done.map_err(failed)?;
    }
    world.wait(SignedDuration::from_secs(30));
    let again = world.process().invoke(&event).await.map_err(failed)?;
    world.honest(&again, &made.id)?;
    world.belts()?;
    if world.attackable(&made.id) || world.able() != able {
        return Err(format!("after {again}: {:?}", world.able()));
    }
    one_set_of_changes(world, &case)?;

    world.sim.root_sets_key(&made.id, RootKeyAction::Inactive);
    world.wait(SignedDuration::from_mins(16));
    if let Some(done) = process(Part::Sweep).until_crash(&timer()).await {
        done.map_err(failed)?;
    }
    world.wait(SignedDuration::from_secs(30));
    let swept = world.process().sweep().await.map_err(failed)?;
    world.honest(&swept, &made.id)?;
    if swept["cases"][0]["outcome"] != "revoked" || world.told("/outcome/revoked").len() != 1 {
        return Err(format!("not proved once: {swept}, {:?}", world.told("/outcome/revoked")));
    }

    let undoing = process(Part::Undo);
    tokio::select! {
        done = undoing.undo(&case) => drop(done?),
        () = undoing.fuse.blown() => tokio::time::sleep(std::time::Duration::from_millis(1)).await,
    }
    world.belts()?;
    world.wait(SignedDuration::from_secs(30));
    undone(world, &case, &before).await?;
    if world.cases() != [case.clone()] || world.told("/alert").len() != 1 {
        return Err(format!("cases {:?}, alerts {:?}", world.cases(), world.told("/alert")));
    }
    Ok((!failing.fuse.is_blown()).then(|| failing.fuse.steps()))
}

fn crash_everywhere(part: Part, policy: &Value) {
    let fresh = || World::new(keys(policy.clone()), Settings::default(), QUARANTINE);
    let world = fresh();
    let steps = world.play(story(&world, part, Fuse::never())).expect("nothing fails").expect("no crash");
    assert!(steps > 8, "{part:?} takes {steps} steps");
    // Before a step is after the one before it.
    let crashes = std::iter::once((0, Moment::Before)).chain((0..steps).map(|step| (step, Moment::After)));
    let mut failed = Vec::new();
    for (step, moment) in crashes {
        let world = fresh();
        if let Err(why) = world.play(story(&world, part, Fuse::at(step, moment))) {
            failed.push(format!("{part:?} {step} {moment:?}: {why}"));
        }
    }
    #[expect(clippy::print_stdout, reason = "it says how many cases ran")]
    {
        println!("{part:?}: {} crashes, {} not made good", steps + 1, failed.len());
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn a_crash_in_a_response_to_an_account_with_a_list_is_made_good() {
    crash_everywhere(Part::Response, &policies()[2]);
}

#[test]
fn a_crash_in_the_sweep_that_finds_the_proof_is_made_good() {
    crash_everywhere(Part::Sweep, &policies()[0]);
}

#[test]
fn a_crash_in_an_undo_is_made_good() {
    crash_everywhere(Part::Undo, &policies()[1]);
}

#[test]
fn undo_restores_every_policy_whatever_it_was() {
    for policy in policies() {
        let world = World::new(keys(policy.clone()), Settings::default(), QUARANTINE);
        let done = world.play(story(&world, Part::Response, Fuse::never()));
        assert!(matches!(done, Ok(Some(_))), "{policy}: {done:?}");
    }
}
