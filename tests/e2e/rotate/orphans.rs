//! Keys that are made and not handed over, and keys that only look like it.

use e2e::world::{Fuse, Moment};
use jiff::SignedDuration;
use shared::response::rotation::{Destination, State};
use simulator::{Fault, FaultKind, Staleness};

use super::stage::{OLD, PROGRAM, Stage, Verb, expect, hours, kms, locked};
use super::stops::{active, play, stops};

#[test]
fn what_is_not_taken_is_deleted() {
    let mut stage = Stage::new(Destination::Terminal);
    stage.person.refuses = true;
    play(&stage, async {
        stops(&stage, Verb::Go, "could not be written out").await?;
        if stage.keys().len() == 1 { Ok(()) } else { Err(format!("{:?}", stage.keys())) }
    });
    stage.person.refuses = false;
    play(&stage, async {
        expect(&stage.run_again(&stage.world.process(), Verb::Go).await?, "waiting_for_new_key")?;
        stage.secrets_are_kept(&[])
    });
}

#[test]
fn a_vault_that_takes_nothing_leaves_no_key() {
    for fault in [
        Fault::new("kms:CreateSecret", FaultKind::Deny).times(1),
        Fault::new("kms:CreateSecret", FaultKind::Http500).before().times(1),
        Fault::new("kms:CreateSecret", FaultKind::Reset).done_first().times(1),
        Fault::new("kms:CreateSecret", FaultKind::BadJson).done_first().times(1),
        Fault::new("kms:DescribeSecret", FaultKind::Deny).times(1),
        Fault::new("kms:ListSecretVersionIds", FaultKind::Deny).times(1),
    ] {
        let stage = Stage::new(kms());
        stage.world.sim.fault(fault.clone());
        play(&stage, async {
            let _ = stage.run(&stage.world.process(), Verb::Go).await;
            stage.clear_faults();
            stage.world.pass(SignedDuration::from_secs(30));
            let report = stage.run_again(&stage.world.process(), Verb::Go).await?;
            expect(&report, "waiting_for_new_key").map_err(|why| format!("{fault:?}: {why}"))?;
            let handed = stage.handed_over().ok_or("nothing was handed over")?.0;
            if stage.keys().len() != 2 || report.new_key.as_ref() != Some(&handed) {
                return Err(format!("{fault:?}: {:?}, {handed}", stage.keys()));
            }
            stage.secrets_are_kept(&[report])
        });
    }
}

#[test]
fn a_secret_that_was_there_keeps_its_former_version() {
    let stage = Stage::new(kms());
    play(&stage, async {
        let process = stage.world.process();
        let first = stage.run_again(&process, Verb::Go).await?.new_key;
        stage.run_again(&process, Verb::Abort).await?;
        let second = stage.run_again(&process, Verb::Go).await?.new_key;
        let report = stage.run_again(&process, Verb::Abort).await?;
        let State::Aborted { kept: None, left_in: Some(left) } = &report.state else {
            return Err(format!("{report:?}"));
        };
        if Some(&left.version) == second.as_ref() && left.previous == first && first != second {
            Ok(())
        } else {
            Err(format!("{left:?}"))
        }
    });
}

/// A stage on which a run died right before, or right after, it made the key.
fn died_making(moment: Moment) -> Stage {
    for step in 0..60 {
        let stage = Stage::new(kms());
        let died = play(&stage, async {
            let process = stage.world.process_with(Fuse::at(step, moment));
            if let Some(done) = stage.until_crash(&process, Verb::Go).await {
                return Err(format!("it did not die in time: {done:?}"));
            }
            stage.world.pass(SignedDuration::from_secs(30));
            let entries = stage.world.entries(&format!("rotation-{OLD}"));
            let intended = entries.iter().any(|entry| format!("{entry:?}").contains("\"create_key\""));
            let made = !locked(&stage.made).is_empty();
            Ok(if moment == Moment::After { made } else { intended && !made })
        });
        if died {
            return stage;
        }
    }
    panic!("it never came to that");
}

#[test]
fn an_unheard_creation_is_found_and_replaced_in_the_same_run() {
    let unheard = |kind: FaultKind| Fault::new("ims:CreateAccessKey", kind).done_first().times(1);
    let stale = || {
        let kind = FaultKind::StaleRead(Staleness::BeforeLastWrite);
        Fault::new("ims:ListAccessKeys", kind).after(2).times(2)
    };
    for (made, faults) in [
        (2, vec![unheard(FaultKind::Reset)]),
        (2, vec![unheard(FaultKind::Http500)]),
        (2, vec![unheard(FaultKind::Reset), stale()]),
        (1, vec![Fault::new("ims:CreateAccessKey", FaultKind::Reset).before().times(1)]),
    ] {
        let stage = Stage::new(kms());
        for fault in &faults {
            stage.world.sim.fault(fault.clone());
        }
        play(&stage, async {
            let report = stage.run_again(&stage.world.process(), Verb::Go).await?;
            expect(&report, "waiting_for_new_key")?;
            if stage.keys().len() != 2 {
                return Err(format!("{faults:?}: {:?}", stage.keys()));
            }
            stage.secrets_are_kept(&[report])
        });
        let calls = stage.world.sim.calls();
        let creations = calls.iter().filter(|call| call.action == "ims:CreateAccessKey").count();
        assert_eq!(creations, 2, "{made} {faults:?}");
    }
}

#[test]
fn a_key_that_may_be_somebody_elses_is_not_touched() {
    // Used, although nobody should have its secret.
    let stage = died_making(Moment::After);
    play(&stage, async {
        let orphan = locked(&stage.made).last().cloned().ok_or("no key")?.0;
        stage.world.sim.use_key(&orphan, "Ecs", "DescribeInstances", PROGRAM);
        stops(&stage, Verb::Go, "it has been used").await?;
        stops(&stage, Verb::Abort, "it has been used").await?;
        active(&stage, &orphan)?;
        active(&stage, OLD)
    });
    // Made by hand: the trail says so, or it was long after.
    for (later, part) in [(0, "was made by alice"), (3, "it is somebody else's")] {
        let stage = died_making(Moment::Before);
        play(&stage, async {
            stage.world.pass(hours(later));
            let theirs = stage.world.sim.user_creates_key("alice").id;
            stops(&stage, Verb::Go, part).await?;
            active(&stage, &theirs)?;
            active(&stage, OLD)
        });
    }
}
