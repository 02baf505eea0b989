//! The same event again and again, and a crash after any step: one case, one set of changes, one alert.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

mod crashes;

use std::collections::BTreeSet;

use e2e::world::{Fuse, Moment, World, timer};
use futures_util::future::join_all;
use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use shared::response::{Change, Entry, What};
use simulator::NewKey;

fn intended(entries: &[Entry]) -> Vec<String> {
    let changes = entries.iter().filter_map(|entry| match &entry.what {
        What::Intended { changes } => Some(changes.iter().map(Change::id)),
        _ => None,
    });
    changes.flatten().collect()
}

/// The case of a key.
pub(crate) fn case_of(made: &NewKey) -> String {
    format!("root-key-{}", made.id)
}

fn opened(entries: &[Entry]) -> usize {
    entries.iter().filter(|entry| matches!(entry.what, What::Opened { .. })).count()
}

/// Events that are delivered with it, in whatever order.
fn related(event: &Value, made: &NewKey) -> Vec<Value> {
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut event = event.clone();
        change(&mut event);
        event
    };
    vec![
        changed(&|event| event["id"] = "another-envelope".into()),
        changed(&|event| {
            event["id"] = "of-the-older-interface".into();
            event["source"] = "acs.ram".into();
            event["type"] = "ram:ActionTrail:ApiCall".into();
            event["data"]["serviceName"] = "Ram".into();
            event["data"]["eventId"] = "of-the-older-interface".into();
        }),
        changed(&|event| {
            event["id"] = "an-update".into();
            event["data"]["eventName"] = "UpdateAccessKey".into();
        }),
        changed(&|event| {
            event["id"] = "a-user".into();
            event["data"]["eventName"] = "CreateUser".into();
        }),
        made.event.clone(),
        json!([event.to_string()]),
    ]
}

fn a_hundred_at_once(processes: usize, timers: usize, order: &[u32]) {
    let world = World::small();
    let (made, event) = world.root_key();
    let mut bodies = vec![event.clone(); 100];
    bodies.extend(related(&event, &made));
    bodies.extend(vec![timer(); timers]);
    let mut shuffled: Vec<(u32, Value)> = order.iter().copied().cycle().zip(bodies).collect();
    shuffled.sort_by_key(|(place, _)| *place);
    let processes: Vec<_> = (0..processes).map(|_| world.process()).collect();
    let runs = shuffled.iter().enumerate().map(|(number, (_, body))| {
        let process = &processes[number % processes.len()];
        async move { (body, process.invoke(body).await.expect("a reply")) }
    });
    let replies = world.play(join_all(runs));

    let mut firsts = 0;
    for (body, reply) in &replies {
        let reply = if body.is_array() { &reply["results"][0] } else { reply };
        match reply["outcome"].as_str() {
            Some("duplicate" | "ignored") => {}
            Some("network_restricted") => firsts += 1,
            _ => assert_eq!(reply["trigger"], "timer", "{reply}"),
        }
    }
    // A sweep may have been the first to see it.
    assert!(firsts == 1 || (firsts == 0 && timers > 0), "{firsts} were first");
    let found = world.entries(&case_of(&made));
    assert_eq!(opened(&found), 1);
    let intended = intended(&found);
    let distinct: BTreeSet<_> = intended.iter().collect();
    assert_eq!(distinct.len(), intended.len(), "{intended:?}");
    assert_eq!(world.cases(), [case_of(&made)]);
    assert_eq!(world.told("/alert"), [format!("{}/alert", case_of(&made))]);
    world.belts().unwrap();
    assert!(!world.attackable(&made.id));
}

#[test]
fn the_same_event_a_hundred_times_at_once_is_one_case() {
    let inputs = (1usize..=4, 0usize..=2, prop::collection::vec(any::<u32>(), 108));
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(6) });
    let ran = runner.run(&inputs, |(processes, timers, order)| {
        a_hundred_at_once(processes, timers, &order);
        Ok(())
    });
    if let Err(error) = ran {
        panic!("{error}");
    }
}

/// How many steps a run without a crash takes.
fn steps() -> u64 {
    let world = World::small();
    let (_, event) = world.root_key();
    let process = world.process();
    let reply = world.play(process.invoke(&event)).unwrap();
    assert_eq!(reply["outcome"], "network_restricted", "{reply}");
    process.fuse.steps()
}

/// A crash at one step; then the event comes again, and then the timer. Whether it did crash: reads run side by side, so
/// that the last steps need not come in every run.
fn crashed(step: u64, moment: Moment) -> Result<bool, String> {
    let world = World::small();
    let before = world.policies();
    let (made, event) = world.root_key();
    let case = case_of(&made);
    let crashed = world.play(async {
        let first = world.process_with(Fuse::at(step, moment));
        let done = first.until_crash(&event).await;
        let crashed = done.is_none();
        done.transpose().map_err(|failure| failure.to_string())?;
        // The platform delivers again after a while, to another instance.
        world.wait(SignedDuration::from_secs(30));
        let second = world.process();
        let again = second.invoke(&event).await.map_err(|failure| failure.to_string())?;
        world.honest(&again, &made.id)?;
        let swept = second.sweep().await.map_err(|failure| failure.to_string())?;
        world.honest(&swept, &made.id)?;
        if swept["cases"][0]["outcome"] != "network_restricted" || world.attackable(&made.id) {
            return Err(format!("after {again}, {swept}"));
        }
        let undone = second.undo(&case).await?;
        if !undone.failed.is_empty() || !undone.left.is_empty() {
            return Err(format!("{undone:?}"));
        }
        Ok(crashed)
    })?;
    world.belts()?;
    let checks = [
        (world.cases() == [case.clone()], "more cases than one"),
        (opened(&world.entries(&case)) == 1, "not opened once"),
        (world.told("/alert").len() == 1, "not one alert"),
        (world.policies() == before, "undo left something"),
    ];
    checks.into_iter().find(|(so, _)| !so).map_or(Ok(crashed), |(_, what)| Err(what.to_owned()))
}

/// A run with a crash at every step, before and after its effect.
fn everywhere(steps: u64, run: impl Fn(u64, Moment) -> Result<bool, String> + Sync) {
    let run = &run;
    let done: Vec<_> = std::thread::scope(|scope| {
        let halves = [Moment::Before, Moment::After].map(|moment| {
            scope.spawn(move || (0..steps).map(|step| (step, moment, run(step, moment))).collect::<Vec<_>>())
        });
        halves.into_iter().flat_map(|half| half.join().expect("no panic")).collect()
    });
    let crashes = done.iter().filter(|(.., how)| *how == Ok(true)).count();
    let failed: Vec<String> = done
        .into_iter()
        .filter_map(|(step, moment, how)| Some(format!("step {step}, {moment:?}: {}", how.err()?)))
        .collect();
    println!("{crashes} crashes made good, {} not", failed.len());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(crashes as u64 > steps, "only {crashes} crashes in {steps} steps");
}

#[test]
fn a_crash_at_any_step_is_made_good() {
    everywhere(steps(), crashed);
}

/// A crash while a case is being undone; then it is undone again. Without a fuse, the number of steps.
fn undone(fuse: Fuse) -> Result<(bool, u64), String> {
    let world = World::small();
    let before = world.policies();
    let (made, event) = world.root_key();
    let case = case_of(&made);
    let (crashed, steps) = world.play(async {
        world.process().invoke(&event).await.map_err(|failure| failure.to_string())?;
        let first = world.process_with(fuse);
        let crashed = tokio::select! {
            done = first.undo(&case) => done.map(|_| false)?,
            () = first.fuse.blown() => true,
        };
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        world.belts()?;
        world.wait(SignedDuration::from_secs(30));
        let again = world.process().undo(&case).await?;
        if again.failed.is_empty() && again.left.is_empty() {
            Ok((crashed, first.fuse.steps()))
        } else {
            Err(format!("{again:?}"))
        }
    })?;
    world.belts()?;
    if world.policies() == before { Ok((crashed, steps)) } else { Err("undo left something".to_owned()) }
}

#[test]
fn a_crash_while_undoing_is_made_good() {
    let (_, steps) = undone(Fuse::never()).unwrap();
    everywhere(steps, |step, moment| Ok(undone(Fuse::at(step, moment))?.0));
}
