//! The same for an undo: each of its calls fails in each way. A pin is all that keeps its key working while the account
//! is closed, so whatever an undo reads, it must not take a pin from a closed account.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use e2e::world::{StoreFault, World};
use jiff::SignedDuration;
use shared::state::Operation;
use simulator::{Fault, FaultKind, Staleness};

/// How long, in real time, a reply is waited for that never comes.
const HANG: Duration = Duration::from_millis(300);

#[derive(Debug, Clone)]
enum Harm {
    Call(Fault),
    Store(Operation, StoreFault, u32, u32),
}

fn harms() -> Vec<Harm> {
    let kinds = [
        FaultKind::Throttle { retry_after: Some(20) },
        FaultKind::Deny,
        FaultKind::Http500,
        FaultKind::Http503,
        FaultKind::Slow(Duration::from_millis(20)),
        FaultKind::Hang,
        FaultKind::Reset,
        FaultKind::Truncate,
        FaultKind::BadJson,
    ];
    let stale = [Staleness::BeforeLastWrite, Staleness::AtStart].map(FaultKind::StaleRead);
    let mut faults = Vec::new();
    for thing in ["AccessKeyPolicyForAccount", "AccessKeyPolicy"] {
        let write = format!("ims:Set{thing}");
        for kind in &kinds {
            faults.push(Fault::new(format!("ims:Get{thing}"), kind.clone()));
            faults.push(Fault::new(&write, kind.clone()).before());
            if !matches!(kind, FaultKind::Throttle { .. } | FaultKind::Deny) {
                faults.push(Fault::new(&write, kind.clone()).done_first());
            }
        }
        faults.extend(stale.iter().map(|kind| Fault::new(format!("ims:Get{thing}"), kind.clone())));
    }
    let attempts = |fault: &Fault| {
        [fault.clone(), fault.clone().forever(), fault.clone().after(1).forever()].map(Harm::Call)
    };
    let mut harms: Vec<Harm> = faults.iter().flat_map(attempts).collect();
    for (after, times) in [(0, 1), (1, 1), (2, 1), (3, 1), (0, u32::MAX), (1, u32::MAX), (2, u32::MAX)] {
        harms.push(Harm::Store(Operation::Read, StoreFault::Fails, after, times));
        harms.push(Harm::Store(Operation::List, StoreFault::Fails, after, times));
        for fault in [StoreFault::Fails, StoreFault::DoneUnheard, StoreFault::LostUnheard] {
            harms.push(Harm::Store(Operation::Create, fault, after, times));
        }
    }
    harms
}

async fn story(world: &World, harm: &Harm) -> Result<(), String> {
    let before = world.policies();
    let (made, event) = world.root_key();
    let case = format!("root-key-{}", made.id);
    let reply = world.process().invoke(&event).await.map_err(|failure| failure.to_string())?;
    if reply["outcome"] != "network_restricted" {
        return Err(format!("without a fault: {reply}"));
    }
    match harm {
        Harm::Call(fault) => world.sim.fault(fault.clone()),
        Harm::Store(operation, fault, after, times) => world.store_fault(*operation, *fault, *after, *times),
    }
    let claimed = world.process().undo(&case).await.map(|report| report.undone).unwrap_or_default();
    world.clear_faults();
    world.belts()?;
    let now = world.policies();
    let policy_of = |all: &serde_json::Value, id: &str| match id.strip_prefix("key-policy:") {
        None => all["account"].clone(),
        Some(key) => {
            let keys = all["keys"].as_array().cloned().unwrap_or_default();
            keys.into_iter().find(|found| found[0] == key).map(|found| found[1].clone()).unwrap_or_default()
        }
    };
    if let Some(id) = claimed.iter().find(|id| policy_of(&now, id) != policy_of(&before, id)) {
        return Err(format!("says that {id} is undone, and it is not: {}", policy_of(&now, id)));
    }
    // Once more, when all is well.
    world.wait(SignedDuration::from_mins(1));
    let report = world.process().undo(&case).await?;
    world.belts()?;
    if !report.failed.is_empty() || world.policies() != before {
        return Err(format!("the next undo leaves {report:?}, {}", world.policies()));
    }
    Ok(())
}

#[test]
fn every_call_of_an_undo_fails_in_every_way() {
    let harms = harms();
    assert!(harms.len() >= 140, "only {} cases", harms.len());
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                while let Some(harm) = harms.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let world = World::small();
                    if matches!(harm, Harm::Call(fault) if fault.kind == FaultKind::Hang) {
                        world.patience(HANG);
                    }
                    if let Err(why) = world.play(story(&world, harm)) {
                        failed.lock().expect("no case panics").push(format!("{harm:?}\n    {why}"));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().expect("no case panics");
    println!("fault matrix of an undo: {} cases, {} failed", harms.len(), failed.len());
    assert!(failed.is_empty(), "{} of {}:\n{}", failed.len(), harms.len(), failed.join("\n"));
}
