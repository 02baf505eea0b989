//! The whole procedure, interrupted before and after every step, whatever it is, and resumed.

use e2e::world::{Fuse, Moment};
use shared::response::rotation::Destination;

use super::stage::{OLD, Stage, Verb, expect, hours, is_rotated, kms, locked, say};

/// From the second key to the deletion of the first, by a process with this fuse. The steps it took; `None` after a crash.
async fn story(stage: &Stage, fuse: Fuse) -> Result<Option<u64>, String> {
    let process = stage.world.process_with(fuse);
    let mut reports = Vec::new();
    let made = stage.run_again(&process, Verb::Go).await?;
    expect(&made, "waiting_for_new_key")?;
    reports.push(made);
    let new = stage.use_new();
    let waits = stage.run_again(&process, Verb::Go).await?;
    expect(&waits, "waiting_for_old_key")?;
    reports.push(waits);
    if stage.keys() != [(OLD.to_owned(), "Active".to_owned()), (new.clone(), "Active".to_owned())] {
        return Err(format!("while it waits: {:?}", stage.keys()));
    }
    stage.world.pass(hours(25));
    let disabled = stage.run_again(&process, Verb::Go).await?;
    expect(&disabled, "disabled")?;
    reports.push(disabled);
    if stage.status(OLD).as_deref() != Some("Inactive") {
        return Err(format!("after disabling: {:?}", stage.keys()));
    }
    stage.world.pass(hours(24 * 8));
    let before = locked(&stage.made).len();
    // A run that dies after it has put everything away leaves nothing to do.
    match stage.run_again(&process, Verb::Delete).await {
        Ok(report) if is_rotated(&report) => reports.push(report),
        Err(why) if why.contains("nothing is under way") => {}
        other => return Err(format!("not rotated: {other:?}")),
    }
    if stage.keys() != [(new.clone(), "Active".to_owned())] {
        return Err(format!("in the end: {:?}", stage.keys()));
    }
    if stage.handed_over().map(|(key, _)| key) != Some(new) || locked(&stage.made).len() != before {
        return Err(format!("handed over: {:?}", stage.handed_over().map(|(key, _)| key)));
    }
    stage.secrets_are_kept(&reports)?;
    let open = stage.open_cases().await;
    let case = stage.world.process().case(&format!("rotation-{OLD}")).await.ok_or("no case")?;
    let standing = shared::response::standing_changes(&case);
    if !open.is_empty() || !standing.is_empty() {
        return Err(format!("left open: {open:?} {standing:?}"));
    }
    Ok((!process.fuse.is_blown()).then(|| process.fuse.steps()))
}

fn crash_everywhere(to: &Destination) {
    let stage = Stage::new(to.clone());
    let steps = stage.world.play(story(&stage, Fuse::never())).expect("nothing fails").expect("no crash");
    assert!(steps > 60, "it takes {steps} steps");
    // Before a step is not always after the one before it: showing a secret is no step of the fuse.
    let crashes = (0..steps).flat_map(|step| [(step, Moment::Before), (step, Moment::After)]);
    let (mut failed, mut replaced) = (Vec::new(), 0);
    for (step, moment) in crashes {
        let stage = Stage::new(to.clone());
        if let Err(why) = stage.world.play(story(&stage, Fuse::at(step, moment))) {
            failed.push(format!("{step} {moment:?}: {why}"));
        }
        replaced += locked(&stage.made).len() - 1;
    }
    say(&format!(
        "rotation to {to}: {} crashes, {} not made good, {replaced} keys replaced",
        2 * steps,
        failed.len()
    ));
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(replaced > 2, "no crash left a key whose secret was lost");
}

#[test]
fn a_rotation_into_a_vault_survives_a_crash_at_every_step() {
    crash_everywhere(&kms());
}

#[test]
fn a_rotation_on_a_terminal_survives_a_crash_at_every_step() {
    crash_everywhere(&Destination::Terminal);
}
