//! `--rehearse`: all of it with a user of its own, of which nothing is left, however it ends.

use std::time::Duration;

use e2e::world::{Fuse, Moment, Process};
use serde_json::Value;
use shared::response::rotation::{Desk, Destination, Outcome, Progress, Rehearsal, Rehearsed, Stop};
use simulator::{Fault, FaultKind};

use super::stage::{Stage, hours, kms, locked, say};

async fn rehearse(stage: &Stage, process: &Process, to: Option<&Destination>) -> Result<Outcome, Stop> {
    let ctx = process.context().await;
    let session = ctx.session.clone().expect("the operator has a key").until(None);
    let desk = Desk {
        session: &session,
        cases: &ctx.cases,
        clock: &ctx.clock,
        pace: &ctx.pace,
        break_glass: &ctx.config.break_glass,
    };
    let rehearsal = Rehearsal { desk, client: &ctx.client, random: &ctx.random };
    rehearsal.run(to, &stage.person).await
}

fn over(outcome: Outcome) -> Result<Rehearsed, String> {
    match outcome {
        Outcome::Over(rehearsed) => Ok(rehearsed),
        Outcome::Waiting(report) => Err(format!("it waits: {report:?}")),
    }
}

/// Rehearsals on record.
fn recorded(stage: &Stage) -> Vec<Rehearsed> {
    let stored = stage.world.stored();
    let entries = stored.iter().filter(|(key, _)| key.starts_with("rotation/rehearsals/"));
    let parse = |text: &String| {
        let envelope: Value = serde_json::from_str(text).expect("JSON");
        serde_json::from_value(envelope["entry"].clone()).expect("a rehearsal")
    };
    entries.map(|(_, text)| parse(text)).collect()
}

/// Nothing is left but what was there before, and no secret was written anywhere.
async fn nothing_is_left(stage: &Stage) -> Result<(), String> {
    let state = stage.world.sim.state();
    let names: Vec<_> = state["users"].as_array().into_iter().flatten().map(|user| &user["name"]).collect();
    if names != ["alice", "emergency-admin", "operator"] || stage.keys().len() != 1 {
        return Err(format!("users {names:?}, keys {:?}", stage.keys()));
    }
    let secrets = state["secrets"].as_array().cloned().unwrap_or_default();
    if !secrets.is_empty() {
        return Err(format!("{secrets:?}"));
    }
    let open = stage.open_cases().await;
    if !open.is_empty() {
        return Err(format!("left open: {open:?}"));
    }
    let written = format!(
        "{:?} {:?} {:?} {}",
        stage.world.stored(),
        stage.world.sim.calls(),
        locked(&stage.person.heard),
        state["events"]
    );
    match locked(&stage.made).iter().find(|(_, secret)| written.contains(secret)) {
        Some((key, _)) => Err(format!("the secret of {key} was written")),
        None => Ok(()),
    }
}

#[test]
fn it_is_rehearsed_and_recorded() {
    for to in [None, Some(kms()), Some(Destination::Terminal)] {
        let stage = Stage::new(kms());
        let done = stage.world.play(async {
            let outcome = rehearse(&stage, &stage.world.process(), to.as_ref()).await;
            let rehearsed = over(outcome.map_err(|stop| stop.to_string())?)?;
            nothing_is_left(&stage).await?;
            let all = recorded(&stage);
            let sound = rehearsed.ok && rehearsed.account == "1234567890123456" && all == [rehearsed.clone()];
            if !sound || locked(&stage.made).len() != 2 {
                return Err(format!("{rehearsed:?}, {all:?}"));
            }
            // What was rehearsed is what would be done.
            let calls: Vec<_> = stage.world.writes();
            for call in
                ["ims:CreateUser", "ims:CreateAccessKey", "ims:UpdateAccessKey", "ims:DeleteAccessKey"]
            {
                if !calls.iter().any(|made| made == call) {
                    return Err(format!("no {call} in {calls:?}"));
                }
            }
            Ok(())
        });
        assert_eq!(done, Ok(()), "{to:?}");
    }
}

#[test]
fn it_waits_for_records_of_use_and_goes_on() {
    let stage = Stage::new(kms());
    stage.world.sim.settings(|settings| settings.key_use_delay = Duration::from_secs(3600));
    let done = stage.world.play(async {
        let process = stage.world.process();
        let first = rehearse(&stage, &process, None).await.map_err(|stop| stop.to_string())?;
        if !matches!(first, Outcome::Waiting(_)) || !recorded(&stage).is_empty() {
            return Err(format!("{first:?}"));
        }
        stage.world.sim.settings(|settings| settings.key_use_delay = Duration::ZERO);
        stage.world.pass(hours(2));
        let process = stage.world.process();
        let second = over(rehearse(&stage, &process, None).await.map_err(|stop| stop.to_string())?)?;
        nothing_is_left(&stage).await?;
        let users = locked(&stage.person.heard).iter().filter(|p| matches!(p, Progress::UserMade(_))).count();
        if second.ok && second.took >= 7200 && users == 1 {
            Ok(())
        } else {
            Err(format!("{second:?}, {users} users"))
        }
    });
    assert_eq!(done, Ok(()));
}

#[test]
fn what_fails_is_recorded_and_leaves_nothing() {
    let denied = |action: &str| Fault::new(action, FaultKind::Deny).forever();
    let faults = [
        denied("kms:CreateSecret"),
        Fault::new("ims:CreateAccessKey", FaultKind::Deny).after(1).times(1),
        denied("sts:AssumeRole"),
        denied("ims:CreateUser"),
    ];
    for (number, fault) in faults.into_iter().enumerate() {
        // Nothing calls AssumeRole: the control.
        let works = number == 2;
        let stage = Stage::new(kms());
        stage.world.sim.fault(fault.clone());
        let done = stage.world.play(async {
            let outcome = rehearse(&stage, &stage.world.process(), Some(&kms())).await;
            nothing_is_left(&stage).await?;
            let all = recorded(&stage);
            let why = all.first().and_then(|one| one.why.clone());
            let said = outcome.as_ref().err().map(ToString::to_string);
            if all.len() == 1 && all[0].ok == works && outcome.is_ok() == works && why == said {
                Ok(())
            } else {
                Err(format!("{outcome:?}, {all:?}"))
            }
        });
        assert_eq!(done, Ok(()), "{fault:?}");
    }
}

async fn story(stage: &Stage, to: Option<&Destination>, fuse: Fuse) -> Result<Option<u64>, String> {
    let process = stage.world.process_with(fuse);
    let first = tokio::select! {
        done = rehearse(stage, &process, to) => Some(done),
        () = process.fuse.blown() => None,
    };
    tokio::time::sleep(Duration::from_millis(1)).await;
    match first {
        Some(done) => drop(over(done.map_err(|stop| stop.to_string())?)?),
        None => {
            stage.world.pass(jiff::SignedDuration::from_secs(30));
            let again = rehearse(stage, &stage.world.process(), to).await;
            let again = over(again.map_err(|stop| format!("again: {stop}"))?)?;
            if !again.ok {
                return Err(format!("again: {again:?}"));
            }
        }
    }
    nothing_is_left(stage).await?;
    let all = recorded(stage);
    let mut cases: Vec<&String> = all.iter().map(|one| &one.case).collect();
    cases.dedup();
    if all.is_empty() || cases.len() != all.len() || !all.iter().any(|one| one.ok) {
        return Err(format!("recorded: {all:?}"));
    }
    Ok((!process.fuse.is_blown()).then(|| process.fuse.steps()))
}

#[test]
fn a_crash_at_every_step_leaves_nothing_after_the_next_run() {
    let to = kms();
    let stage = Stage::new(kms());
    let steps =
        stage.world.play(story(&stage, Some(&to), Fuse::never())).expect("nothing fails").expect("no crash");
    let mut failed = Vec::new();
    for step in 0..steps {
        let stage = Stage::new(kms());
        if let Err(why) = stage.world.play(story(&stage, Some(&to), Fuse::at(step, Moment::After))) {
            failed.push(format!("{step}: {why}"));
        }
    }
    say(&format!("rehearsal: {steps} crashes, {} not made good", failed.len()));
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
