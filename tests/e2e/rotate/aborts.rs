//! `--abort` at every stage, and interrupted at every step of it.

use e2e::world::{Fuse, Moment};
use shared::response::rotation::{Destination, State};

use super::stage::{OLD, Stage, Verb, expect, hours, kms, locked, say};

/// How far the rotation came before it is aborted.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Point {
    /// A run died at this step of it.
    Died(u64),
    /// Handed over, not used.
    Handed,
    /// The new key is used.
    Used,
    /// The old key is disabled.
    Disabled,
}

/// Brings a stage there.
async fn reach(stage: &Stage, point: Point) -> Result<(), String> {
    let process = stage.world.process();
    match point {
        Point::Died(step) => {
            let process = stage.world.process_with(Fuse::at(step, Moment::After));
            if let Some(done) = stage.until_crash(&process, Verb::Go).await {
                return Err(format!("it did not die in time: {done:?}"));
            }
            stage.world.pass(jiff::SignedDuration::from_secs(30));
            Ok(())
        }
        _ => {
            stage.run_again(&process, Verb::Go).await?;
            if point == Point::Handed {
                return Ok(());
            }
            stage.use_new();
            stage.run_again(&process, Verb::Go).await?;
            if point == Point::Disabled {
                stage.world.pass(hours(25));
                expect(&stage.run_again(&process, Verb::Go).await?, "disabled")?;
            }
            Ok(())
        }
    }
}

/// The first step of the first run after which this is so.
fn step_until(to: &Destination, so: impl Fn(&Stage) -> bool) -> u64 {
    let mut steps = 0..200;
    let found = steps.find(|&step| {
        let stage = Stage::new(to.clone());
        stage.world.play(reach(&stage, Point::Died(step))).expect("it dies");
        so(&stage)
    });
    found.expect("some step")
}

async fn story(stage: &Stage, point: Point, fuse: Fuse) -> Result<Option<u64>, String> {
    reach(stage, point).await?;
    let handed = stage.handed_over().map(|(key, _)| key);
    let process = stage.world.process_with(fuse);
    let used = matches!(point, Point::Used | Point::Disabled);
    match stage.run_again(&process, Verb::Abort).await {
        Ok(report) => {
            expect(&report, "aborted")?;
            let State::Aborted { kept, left_in } = &report.state else { return Err(format!("{report:?}")) };
            let to_kms = stage.to != Destination::Terminal && handed.is_some();
            if kept.as_ref() != handed.as_ref().filter(|_| used) || left_in.is_some() != to_kms {
                return Err(format!("{report:?}"));
            }
        }
        // It was over before it died, or had not begun to be recorded.
        Err(why) if why.contains("nothing is under way") && process.fuse.is_blown() => {}
        Err(why) => return Err(why),
    }
    let mut expected = vec![(OLD.to_owned(), "Active".to_owned())];
    expected.extend(handed.filter(|_| used).map(|key| (key, "Active".to_owned())));
    if stage.keys() != expected {
        return Err(format!("{:?} where {expected:?} was expected", stage.keys()));
    }
    let open = stage.open_cases().await;
    let case = stage.world.process().case(&format!("rotation-{OLD}")).await.ok_or("no case")?;
    let standing = shared::response::standing_changes(&case);
    if !open.is_empty() || !standing.is_empty() {
        return Err(format!("left open: {open:?} {standing:?}"));
    }
    Ok((!process.fuse.is_blown()).then(|| process.fuse.steps()))
}

fn everywhere(to: &Destination, point: Point) {
    let stage = Stage::new(to.clone());
    let steps = stage.world.play(story(&stage, point, Fuse::never()));
    let steps = steps.unwrap_or_else(|why| panic!("{point:?}: {why}")).expect("no crash");
    let mut failed = Vec::new();
    for step in 0..steps {
        let stage = Stage::new(to.clone());
        if let Err(why) = stage.world.play(story(&stage, point, Fuse::at(step, Moment::After))) {
            failed.push(format!("{point:?} {step}: {why}"));
        }
    }
    say(&format!("abort when {point:?}, {to}: {steps} crashes, {} not made good", failed.len()));
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn an_abort_puts_things_back_at_every_stage_and_survives_crashes() {
    let entries = |stage: &Stage| stage.world.entries(&format!("rotation-{OLD}")).len();
    let opened = step_until(&kms(), |stage| entries(stage) > 0);
    let made = step_until(&kms(), |stage| !locked(&stage.made).is_empty());
    let stored = step_until(&kms(), |stage| stage.handed_over().is_some());
    // Stored, and not on record: it was handed over all the same.
    for step in [opened, made - 1, made, made + 1, stored] {
        everywhere(&kms(), Point::Died(step));
    }
    for point in [Point::Handed, Point::Used, Point::Disabled] {
        everywhere(&kms(), point);
    }
    let shown = step_until(&Destination::Terminal, |stage| stage.handed_over().is_some());
    for point in [Point::Died(shown), Point::Handed, Point::Disabled] {
        everywhere(&Destination::Terminal, point);
    }
}

#[test]
fn after_an_abort_the_same_key_can_be_rotated_anew() {
    let stage = Stage::new(kms());
    let done = stage.world.play(async {
        reach(&stage, Point::Handed).await?;
        let process = stage.world.process();
        stage.run_again(&process, Verb::Abort).await?;
        let again = stage.run_again(&process, Verb::Go).await?;
        expect(&again, "waiting_for_new_key")?;
        if again.case != format!("rotation-{OLD}-2") || stage.keys().len() != 2 {
            return Err(format!("{again:?}"));
        }
        Ok(())
    });
    assert_eq!(done, Ok(()));
}

#[test]
fn an_abort_that_was_interrupted_is_finished_by_any_run() {
    for step in 0..100 {
        let stage = Stage::new(kms());
        let done = stage.world.play(async {
            reach(&stage, Point::Disabled).await?;
            let process = stage.world.process_with(Fuse::at(step, Moment::After));
            if stage.until_crash(&process, Verb::Abort).await.is_some() {
                return Err("it did not die in time".to_owned());
            }
            stage.world.pass(jiff::SignedDuration::from_secs(30));
            let entries = stage.world.entries(&format!("rotation-{OLD}"));
            if !entries.iter().any(|entry| format!("{entry:?}").contains("\"abort\"")) {
                return Ok(false);
            }
            if stage.status(OLD).as_deref() != Some("Inactive") {
                return Err("it was enabled too early for this test".to_owned());
            }
            let report =
                stage.run(&stage.world.process(), Verb::Go).await.map_err(|stop| stop.to_string())?;
            expect(&report, "aborted")?;
            if stage.status(OLD).as_deref() == Some("Active") {
                Ok(true)
            } else {
                Err(format!("{:?}", stage.keys()))
            }
        });
        if done.expect("it is finished") {
            return;
        }
    }
    panic!("the abort was never written down");
}

#[test]
fn a_key_that_is_the_last_one_is_never_deleted_by_an_abort() {
    let stage = Stage::new(kms());
    let done = stage.world.play(async {
        reach(&stage, Point::Handed).await?;
        // Somebody disables the old one by hand.
        stage.world.sim.set_user_key_status("alice", OLD, false);
        let report = stage.run_again(&stage.world.process(), Verb::Abort).await?;
        let new = stage.handed_over().map(|(key, _)| key);
        match report.state {
            State::Aborted { kept, .. } if kept == new => {}
            other => return Err(format!("{other:?}")),
        }
        let status = new.and_then(|new| stage.status(&new));
        if status.as_deref() == Some("Active") { Ok(()) } else { Err(format!("{:?}", stage.keys())) }
    });
    assert_eq!(done, Ok(()));
}
