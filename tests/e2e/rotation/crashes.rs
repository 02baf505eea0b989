//! A run that ends at any step, the timer that comes again, and a store that fails: the same messages, each by the same id, and
//! one key disabled once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use e2e::world::{Fuse, Moment, StoreFault, timer};
use jiff::SignedDuration;
use shared::state::Operation;
use simulator::Variant;

use super::stage::{Heard, Stage, aged, days, person};

const CONFIG: &str = "
rotation: {disable: idle}
notify:
  channels:
    - {name: security, type: webhook, url: INBOX/security}
    - {name: web, type: webhook, url: INBOX/web, direct: true}
    - {name: rest, type: webhook, url: INBOX/rest, fallback: true}";
const CASE: &str = "key-disabled-K-IDLE";
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// The day on which a key is to be disabled, one becomes overdue, one is due soon, and root has a new key.
fn eve() -> Stage {
    let users = [
        person("bob", &[("owner", "web")], &[aged("K-BOB", 90, Some(0))]),
        person("dave", &[], &[aged("K-DAVE", 69, Some(0))]),
        person("old", &[("owner", "web")], &[aged("K-IDLE", 300, Some(200))]),
    ];
    let stage = Stage::new(&users, CONFIG);
    let (_, heard) = stage.run();
    assert!(heard.iter().any(|one| one.notices() == ["K-IDLE"]));
    stage.day(6);
    stage.used("K-BOB");
    stage.used("K-DAVE");
    stage.world.sim.root_creates_key(Variant::Ims);
    stage.at(days(7) + MINUTE);
    stage
}

/// How often each message was heard, by channel, id and what it is about.
fn count(heard: &[Heard]) -> BTreeMap<(String, String), usize> {
    let mut count = BTreeMap::new();
    for one in heard {
        *count.entry((one.channel.clone(), one.id.clone())).or_default() += 1;
    }
    count
}

/// Whether a summary says that the key was disabled.
fn summarised(heard: &[Heard]) -> bool {
    heard
        .iter()
        .any(|one| one.is_summary() && one.section("Disabling").iter().any(|line| line.contains("K-IDLE")))
}

/// What a run without a crash says, and how many steps it takes.
fn whole() -> (BTreeSet<(String, String)>, u64) {
    let stage = eve();
    let process = stage.world.process();
    stage.tick_of(&process).unwrap();
    let told = count(&stage.heard());
    assert!(told.len() == 3 && told.values().all(|times| *times == 1), "{told:?}");
    assert_eq!(stage.active("K-IDLE"), Some(false));
    (told.into_keys().collect(), process.fuse.steps())
}

/// A crash at one step; then the timer comes again, when the first run is taken for dead. Whether it did crash.
fn crashed(step: u64, moment: Moment, expected: &BTreeSet<(String, String)>) -> Result<bool, String> {
    let stage = eve();
    let process = stage.world.process_with(Fuse::at(step, moment));
    let crashed = stage.world.play(process.until_crash(&timer())).is_none();
    let before = count(&stage.heard());
    stage.at(days(7) + MINUTE * 4);
    let again = stage.tick().map_err(|failure| failure.to_string())?;
    let heard = stage.heard();
    let after = count(&heard);
    let all: BTreeSet<_> = before.keys().chain(after.keys()).cloned().collect();
    if all != *expected || before.values().chain(after.values()).any(|times| *times > 1) {
        return Err(format!("{before:?}, then {after:?}"));
    }
    if stage.active("K-IDLE") != Some(false) || stage.world.cases() != [CASE] {
        return Err(format!("{}, {:?}", again["disabled"], stage.world.cases()));
    }
    // Security hears of what was done, whichever of the two runs did it.
    if again["messages"].to_string().contains("summary") && !summarised(&heard) {
        return Err("security was not told that a key was disabled".to_owned());
    }
    stage.day(8);
    stage.tick().map_err(|failure| failure.to_string())?;
    let next = stage.heard();
    if !next.is_empty() {
        return Err(format!("said the next day: {next:?}"));
    }
    let undone = stage.world.play(stage.world.process().undo(CASE))?;
    match (undone.undone.len(), stage.active("K-IDLE")) {
        (1, Some(true)) => Ok(crashed),
        _ => Err(format!("{undone:?}")),
    }
}

#[test]
fn a_crash_at_any_step_repeats_messages_by_their_ids_and_nothing_else() {
    let (expected, steps) = whole();
    let (expected, crashes) = (&expected, AtomicUsize::new(0));
    // Before a step is after the one before it.
    let steps_of: Vec<(u64, Moment)> =
        std::iter::once((0, Moment::Before)).chain((0..steps).map(|step| (step, Moment::After))).collect();
    let run = |(step, moment): &(u64, Moment)| match crashed(*step, *moment, expected) {
        Ok(crashed) => {
            crashes.fetch_add(usize::from(crashed), Ordering::SeqCst);
            None
        }
        Err(why) => Some(format!("step {step}, {moment:?}: {why}")),
    };
    let failed: Vec<String> = std::thread::scope(|scope| {
        let halves: Vec<_> = steps_of
            .chunks(steps_of.len().div_ceil(2))
            .map(|half| scope.spawn(|| half.iter().filter_map(run).collect::<Vec<_>>()))
            .collect();
        halves.into_iter().flat_map(|half| half.join().expect("no panic")).collect()
    });
    let crashes = crashes.into_inner();
    println!("{crashes} crashes of a run of {steps} steps, {} not made good", failed.len());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(crashes as u64 >= steps, "only {crashes}");
}

#[test]
fn while_a_run_is_at_it_another_does_nothing() {
    let stage = eve();
    let (_, steps) = whole();
    let process = stage.world.process_with(Fuse::at(steps - 1, Moment::Before));
    assert!(stage.world.play(process.until_crash(&timer())).is_none());
    stage.heard();
    stage.at(days(7) + MINUTE + SignedDuration::from_secs(30));
    // No success: the platform comes again, and nothing is lost should the other have died.
    let failure = stage.tick().unwrap_err();
    assert_eq!((failure.error_type.as_str(), stage.heard().len()), ("AnotherRun", 0));
}

#[test]
fn a_store_that_fails_is_told_of_and_nothing_is_lost() {
    let (expected, _) = whole();
    let expected: BTreeSet<String> = expected.into_iter().map(|(channel, _)| channel).collect();
    let mut cases = 0;
    for (operation, count_of) in [(Operation::Create, 12), (Operation::Read, 4), (Operation::List, 6)] {
        for fault in [StoreFault::Fails, StoreFault::DoneUnheard, StoreFault::LostUnheard] {
            if operation != Operation::Create && fault != StoreFault::Fails {
                continue;
            }
            for (after, times) in (0..count_of).flat_map(|after| [(after, 1), (after, u32::MAX)]) {
                cases += 1;
                let name = format!("{operation:?} {fault:?} after {after}, {times} times");
                let stage = eve();
                stage.world.store_fault(operation, fault, after, times);
                let reply = stage.tick();
                let first = stage.heard();
                if let Err(failure) = &reply
                    && first.is_empty()
                {
                    panic!("{name}: nobody heard of {failure}");
                }
                for line in
                    reply.iter().flat_map(|reply| reply["disabled"].as_array().cloned().unwrap_or_default())
                {
                    let line = line.as_str().unwrap().to_owned();
                    let active = stage.active("K-IDLE") == Some(true);
                    assert!(!line.contains("left as it is") || active, "{name}: {line}");
                    assert!(!line.contains("disabled, read back") || !active, "{name}: {line}");
                }
                stage.world.clear_faults();
                // Whatever was lost is said when the store is back: two runs, since a key may be disabled in the first of them.
                for minutes in [4, 8] {
                    stage.at(days(7) + MINUTE * minutes);
                    stage.tick().unwrap_or_else(|failure| panic!("{name}: {failure}"));
                }
                let all: Vec<Heard> = first.into_iter().chain(stage.heard()).collect();
                let told: BTreeSet<String> = all.iter().map(|one| one.channel.clone()).collect();
                assert!(expected.is_subset(&told), "{name}: {told:?}");
                let of = |part: &str| all.iter().any(|one| one.body.to_string().contains(part));
                for part in [
                    "K-BOB of bob is OVERDUE",
                    "K-DAVE of dave is due",
                    "Root has an access key",
                    "K-IDLE of old",
                ] {
                    assert!(of(part), "{name}: nobody heard of {part}");
                }
                assert_eq!(stage.active("K-IDLE"), Some(false), "{name}");
                let undone = stage.world.play(stage.world.process().undo(CASE)).unwrap();
                assert_eq!((undone.undone.len(), stage.active("K-IDLE")), (1, Some(true)), "{name}");
            }
        }
    }
    println!("{cases} failures of the store");
}
