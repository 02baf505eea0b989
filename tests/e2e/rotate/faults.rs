//! Each call of a rotation fails in each way, at each stage, once or for as long as the run lasts; the next run, when all is
//! well, ends where it would have ended, with one key handed over and nothing of ours left.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use shared::response::rotation::Destination;
use simulator::{Fault, FaultKind, Staleness};

use super::stage::{OLD, Stage, Verb, expect, hours, is_rotated, kms, say};

/// How long, in real time, an answer is waited for that never comes.
const HANG: Duration = Duration::from_millis(100);
/// The runs of a rotation, and what each of them ends with.
const RUNS: [&str; 4] = ["waiting_for_new_key", "waiting_for_old_key", "disabled", "rotated"];

/// What happens before each of them.
fn before(stage: &Stage, run: usize) -> Verb {
    match run {
        0 => Verb::Go,
        1 => {
            stage.use_new();
            Verb::Go
        }
        2 => {
            stage.world.pass(hours(25));
            Verb::Go
        }
        _ => {
            stage.world.pass(hours(24 * 8));
            Verb::Delete
        }
    }
}

/// A rotation of which one run meets a fault.
async fn story(stage: &Stage, harmed: usize, fault: &Fault) -> Result<(), String> {
    let mut reports = Vec::new();
    for (run, state) in RUNS.iter().enumerate() {
        let verb = before(stage, run);
        if run == harmed {
            stage.world.sim.fault(fault.clone());
            let met = stage.run(&stage.world.process(), verb).await;
            stage.clear_faults();
            stage.world.pass(SignedDuration::from_secs(30));
            // The old key is never disabled early, nor deleted early.
            let early = (run < 2 && stage.status(OLD).as_deref() != Some("Active"))
                || (run < 3 && stage.status(OLD).is_none());
            if early {
                return Err(format!("too early: {:?}, {met:?}", stage.keys()));
            }
            match met {
                Ok(report) if is_rotated(&report) => {
                    reports.push(report);
                    break;
                }
                Ok(report) => reports.push(report),
                Err(_) => {}
            }
        }
        let report =
            stage.run(&stage.world.process(), verb).await.map_err(|stop| format!("{run}: {stop}"))?;
        expect(&report, state)?;
        reports.push(report);
    }
    let (key, _) = stage.handed_over().ok_or("nothing was handed over")?;
    if stage.keys() != [(key, "Active".to_owned())] {
        return Err(format!("in the end: {:?}", stage.keys()));
    }
    let open = stage.open_cases().await;
    if !open.is_empty() {
        return Err(format!("left open: {open:?}"));
    }
    stage.secrets_are_kept(&reports)
}

/// The calls that each run makes when nothing fails.
fn calls(to: &Destination) -> Vec<BTreeSet<String>> {
    let stage = Stage::new(to.clone());
    stage.world.play(async {
        let mut all = Vec::new();
        for run in 0..RUNS.len() {
            let verb = before(&stage, run);
            stage.world.sim.clear_calls();
            stage.run(&stage.world.process(), verb).await.expect("nothing fails");
            all.push(stage.world.sim.calls().into_iter().map(|call| call.action).collect());
        }
        all
    })
}

fn faults(action: &str) -> Vec<Fault> {
    let kinds = [
        FaultKind::Throttle { retry_after: Some(20) },
        FaultKind::Deny,
        FaultKind::Http500,
        FaultKind::Hang,
        FaultKind::Reset,
        FaultKind::Truncate,
        FaultKind::BadJson,
    ];
    let reads = ["Get", "List", "Lookup", "Describe"].iter().any(|verb| action.contains(&format!(":{verb}")));
    let mut faults = Vec::new();
    for kind in kinds {
        let refused = matches!(kind, FaultKind::Throttle { .. } | FaultKind::Deny);
        faults.push(Fault::new(action, kind.clone()).before());
        if !reads && !refused {
            faults.push(Fault::new(action, kind).done_first());
        }
    }
    if reads {
        faults.extend([Staleness::BeforeLastWrite].map(|age| Fault::new(action, FaultKind::StaleRead(age))));
    }
    faults.into_iter().flat_map(|fault| [fault.clone().times(1), fault.forever()]).collect()
}

#[test]
fn every_call_of_a_rotation_fails_in_every_way() {
    let to = kms();
    let cases: Vec<(usize, Fault)> = calls(&to)
        .into_iter()
        .enumerate()
        .flat_map(|(run, calls)| {
            calls.into_iter().flat_map(move |call| faults(&call)).map(move |fault| (run, fault))
        })
        .collect();
    assert!(cases.len() > 200, "only {} cases", cases.len());
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                while let Some((run, fault)) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let stage = Stage::new(to.clone());
                    if fault.kind == FaultKind::Hang {
                        stage.world.patience(HANG);
                    }
                    if let Err(why) = stage.world.play(story(&stage, *run, fault)) {
                        failed
                            .lock()
                            .expect("no case panics")
                            .push(format!("run {run}, {fault:?}\n    {why}"));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().expect("no case panics");
    say(&format!("fault matrix of a rotation: {} cases, {} failed", cases.len(), failed.len()));
    assert!(failed.is_empty(), "{} of {}:\n{}", failed.len(), cases.len(), failed.join("\n"));
}
