//! Every call that a run makes, failing in every way, once and always: nobody that was read is forgotten, what was not read is
//! UNKNOWN and said, no key is disabled because of it, and nothing that was told before is told as new afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use serde_json::Value;
use simulator::{Fault, FaultKind};

use super::stage::{Heard, Stage, aged, days, disabled, person};

const CONFIG: &str = "
rotation: {disable: idle, notice: 1d}
notify:
  channels:
    - {name: security, type: webhook, url: INBOX/security}
    - {name: web, type: webhook, url: INBOX/web, direct: true}
    - {name: rest, type: webhook, url: INBOX/rest, fallback: true}";
/// How long, in real time, an answer is waited for that never comes.
const IMPATIENT: Duration = Duration::from_millis(80);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// Without these nothing is known of the key that is to be disabled.
const NEEDED: [&str; 5] = [
    "ims:ListUsers",
    "ims:ListAccessKeys",
    "ims:GetAccessKeyLastUsed",
    "actiontrail:GetAccessKeyLastUsedInfo",
    "ram:ListEntitiesForPolicy",
];

/// An account in which the first day has gone well: on the second a key becomes overdue, one is due soon, and one is to be
/// disabled.
fn eve() -> Stage {
    let users = [
        person("bob", &[("owner", "web")], &[aged("K-BOB", 96, Some(0))]),
        person("dave", &[], &[aged("K-DAVE", 75, Some(0))]),
        person("frank", &[("owner", "web")], &[disabled(aged("K-FRANK", 400, Some(300)))]),
        person("old", &[("owner", "web")], &[aged("K-IDLE", 300, Some(200))]),
        person("two", &[], &[aged("K-ONE", 20, Some(0)), aged("K-TWO", 1, None)]),
    ];
    let stage = Stage::new(&users, CONFIG);
    stage.used("K-BOB");
    let (_, heard) = stage.run();
    assert_eq!(said(&heard).len(), 4, "{:?}", said(&heard));
    stage.at(days(1) + HOUR);
    stage.used("K-BOB");
    stage
}

/// What digests say: which key or user, and what about it.
fn said(heard: &[Heard]) -> BTreeMap<String, usize> {
    let mut said = BTreeMap::new();
    for title in heard.iter().filter(|one| one.is_digest()).flat_map(Heard::subjects) {
        let words = ["disabled", "idle", "OVERDUE", "due on", "due for", "active access keys", "UNKNOWN"];
        let word = words.iter().find(|word| title.contains(**word)).unwrap_or_else(|| panic!("{title}"));
        let subject = title.split(' ').next().unwrap();
        *said.entry(format!("{subject} {word}")).or_default() += 1;
    }
    said
}

/// What a run says on the second day where nothing fails, and what it calls.
fn clean() -> (BTreeSet<String>, BTreeSet<String>) {
    let stage = eve();
    stage.world.sim.clear_calls();
    let (_, heard) = stage.run();
    let calls = stage.world.sim.calls().into_iter().map(|call| call.action).collect();
    let told = said(&heard);
    assert!(told.values().all(|times| *times == 1), "{told:?}");
    (told.into_keys().collect(), calls)
}

fn lines(reply: &Value) -> Vec<String> {
    let lines = reply["disabled"].as_array().into_iter().flatten();
    lines.map(|line| line.as_str().unwrap_or_default().to_owned()).collect()
}

/// What a reply, and those who were told, must know of a read that failed each time.
fn owned_up(fault: &Fault, reply: &Value, heard: &[Heard]) -> Result<(), String> {
    let action = fault.action.as_str();
    let is_use = action.starts_with("actiontrail:");
    if is_use && heard.iter().any(|one| one.body.to_string().contains("could not be read (UNKNOWN)")) {
        return Ok(());
    }
    // Of a fault of all calls, some calls have come before it.
    let is_it = |found: &str| found == action || (action == "ims:*" && found.starts_with("ims:"));
    let unread = reply["coverage"]["failures"].as_array().into_iter().flatten();
    if !unread.into_iter().any(|why| why["action"].as_str().is_some_and(is_it)) {
        return Err(format!("it is not in the coverage: {}", reply["coverage"]));
    }
    let of_findings =
        ["ims:ListUsers", "ims:ListAccessKeys", "ims:GetAccessKeyLastUsed", "ims:GetAccountSummary"];
    if of_findings.contains(&action) && reply["summary"]["UNKNOWN"] == 0 {
        return Err("no finding is UNKNOWN".to_owned());
    }
    let summary = heard.iter().find(|one| one.is_summary()).ok_or("no summary")?;
    let (title, lines) = summary.sections().into_iter().next().ok_or("no section")?;
    if title.starts_with("Could not be read")
        && lines.iter().any(|line| line.contains(action.trim_end_matches('*')))
    {
        Ok(())
    } else {
        Err(format!("the summary does not begin with it: {title} {lines:?}"))
    }
}

fn story(fault: &Fault, patience: Duration, expected: &BTreeSet<String>) -> Result<(), String> {
    let stage = eve();
    let hangs = fault.kind == FaultKind::Hang;
    if hangs {
        stage.world.patience(patience);
    }
    stage.world.sim.fault(fault.clone());
    let reply = stage.tick();
    let first = stage.heard();
    let (always, is_inbox) = (fault.times.is_none(), fault.action.starts_with("inbox:"));
    let is_write = fault.action == "ims:UpdateAccessKey";
    let alive = stage.active("K-IDLE") == Some(true);
    match &reply {
        Ok(reply) => {
            if always && NEEDED.contains(&fault.action.as_str()) && !alive {
                return Err("disabled, although it could not be read".to_owned());
            }
            if always && !is_inbox && !is_write {
                owned_up(fault, reply, &first)?;
            }
            for line in lines(reply) {
                if (line.contains("left as it is") && !alive)
                    || (line.contains("disabled, read back") && alive)
                {
                    return Err(format!("it is not so: {line}"));
                }
            }
        }
        // Who is not known to be anybody does nothing; a denial is not asked again.
        Err(_) if fault.action == "sts:GetCallerIdentity" && (always || fault.kind == FaultKind::Deny) => {}
        Err(failure) => return Err(failure.to_string()),
    }
    stage.world.clear_faults();
    stage.world.patience(Duration::from_secs(20));
    let mut later = Vec::new();
    let last = 2 + i64::from(always) + i64::from(is_write);
    for day in 2..=last {
        stage.at(days(day) + HOUR * (day as i32));
        stage.used("K-BOB");
        stage.tick().map_err(|failure| failure.to_string())?;
        later.extend(stage.heard());
    }
    let all: Vec<Heard> = first.into_iter().chain(later).collect();
    let told = said(&all);
    let missing: Vec<_> = expected.iter().filter(|one| !told.contains_key(*one)).collect();
    // A channel that took a message and did not say so gets it again; a write that is refused takes another notice.
    let extra = |one: &str, times: usize| {
        !(expected.contains(one) && (times == 1 || is_inbox)
            || is_write && one == "K-IDLE idle" && times == 1)
    };
    let extra: Vec<_> = told.iter().filter(|(one, times)| extra(one, **times)).collect();
    if !missing.is_empty() || !extra.is_empty() {
        return Err(format!("never told: {missing:?}, told too often: {extra:?}"));
    }
    if stage.active("K-IDLE") != Some(false) {
        return Err(format!("not disabled in the end; first {:?}", reply.map(|reply| lines(&reply))));
    }
    let wrong = stage
        .world
        .sim
        .calls()
        .into_iter()
        .find(|call| !call.unknown.is_empty() || call.action.contains("Delete"));
    wrong.map_or(Ok(()), |call| Err(format!("{call:?}")))
}

/// Every kind, once and always; of a write, done as well as not done.
fn faults(action: &str) -> Vec<Fault> {
    let kinds = [
        FaultKind::Throttle { retry_after: None },
        FaultKind::Deny,
        FaultKind::Http500,
        FaultKind::Http503,
        FaultKind::Hang,
        FaultKind::Reset,
        FaultKind::Truncate,
        FaultKind::BadJson,
    ];
    let mut faults = Vec::new();
    for kind in kinds {
        let either =
            action == "ims:UpdateAccessKey" && !matches!(kind, FaultKind::Throttle { .. } | FaultKind::Deny);
        let fault = Fault::new(action, kind);
        let sides = if either { vec![fault.clone().before(), fault.done_first()] } else { vec![fault] };
        faults.extend(sides.into_iter().flat_map(|fault| [fault.clone(), fault.forever()]));
    }
    faults
}

#[test]
fn every_call_fails_in_every_way() {
    let (expected, mut actions) = clean();
    assert_eq!(expected.len(), 3, "{expected:?}");
    actions.extend(["inbox:web", "inbox:rest", "inbox:security", "ims:*", "*"].map(str::to_owned));
    for action in ["ims:UpdateAccessKey", "ims:GetCredentialReport", "actiontrail:GetAccessKeyLastUsedIps"] {
        assert!(actions.contains(action), "{action} is not among {actions:?}");
    }
    let cases: Vec<Fault> = actions
        .iter()
        .flat_map(|action| faults(action))
        .filter(|fault| {
            // All at once: what is looked for is that nobody is forgotten, and these are the ways that differ.
            !fault.action.contains('*') || (fault.times.is_none() && fault.kind != FaultKind::Hang)
        })
        .collect();
    let (next, failed, begun) = (AtomicUsize::new(0), Mutex::new(Vec::new()), Instant::now());
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                while let Some(fault) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let wide = fault.action.contains('*');
                    let run = |patience| {
                        if wide { blackout(fault, &expected) } else { story(fault, patience, &expected) }
                    };
                    let mut ended = run(IMPATIENT);
                    if ended.is_err() && fault.kind == FaultKind::Hang {
                        // On a busy machine others than the one that is meant may have been too late.
                        ended = run(IMPATIENT * 8);
                    }
                    if let Err(why) = ended {
                        failed.lock().unwrap().push(format!("{fault:?}\n    {why}"));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    println!(
        "rotation faults: {} cases of {} calls in {:.1?}, {} failed",
        cases.len(),
        actions.len(),
        begun.elapsed(),
        failed.len()
    );
    assert!(cases.len() > 300, "only {}", cases.len());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn throttled_from_some_call_on() {
    let (expected, _) = clean();
    // An account of this size takes twenty-one calls to read.
    for passed in 1..17 {
        let fault = Fault::new("ims:*", FaultKind::Throttle { retry_after: None }).after(passed).forever();
        let ended = story(&fault, IMPATIENT, &expected);
        assert_eq!(ended, Ok(()), "after {passed} calls");
    }
}

/// Nothing, or nothing but the caller's name, can be read for two days.
fn blackout(fault: &Fault, expected: &BTreeSet<String>) -> Result<(), String> {
    let stage = eve();
    let mut all = Vec::new();
    for day in 1..3 {
        stage.world.sim.fault(fault.clone());
        stage.at(days(day) + HOUR * (day as i32));
        stage.used("K-BOB");
        let reply = stage.tick();
        let heard = stage.heard();
        if stage.active("K-IDLE") != Some(true) {
            return Err("disabled in the dark".to_owned());
        }
        if fault.action == "ims:*" {
            let reply = reply.map_err(|failure| failure.to_string())?;
            let summaries = heard.iter().filter(|one| one.is_summary()).count();
            // The reasons are the same on both days, so they are said once.
            if summaries != usize::from(day == 1) || reply["summary"]["UNKNOWN"] == 0 {
                return Err(format!("day {day}: {summaries} summaries, {}", reply["summary"]));
            }
        }
        all.extend(heard);
        stage.world.clear_faults();
    }
    for day in 3..5 {
        stage.at(days(day) + HOUR * (day as i32));
        stage.used("K-BOB");
        stage.tick().map_err(|failure| failure.to_string())?;
        all.extend(stage.heard());
    }
    let told = said(&all);
    if told.keys().eq(expected) && told.values().all(|times| *times == 1) {
        Ok(())
    } else {
        Err(format!("{told:?}"))
    }
}
