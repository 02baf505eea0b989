//! `rotation.disable` in any account, over days with any uses, any meddling and any faults: what holds of every key that it disables.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;
use simulator::{Fault, FaultKind, Variant};

use super::stage::{Stage, aged, days, disabled, person, start};

const IDLE_AFTER: i64 = 20;
const OVERDUE_AT: i64 = 33;
const NOTICE: i64 = 2;

/// A user, and what makes them special.
#[derive(Debug, Clone)]
struct Person {
    administrator: bool,
    break_glass: bool,
    frozen: bool,
    console: bool,
    /// Age, last use, whether it works.
    keys: Vec<(i64, Option<i64>, bool)>,
}

#[derive(Debug, Clone)]
struct Day {
    /// The timer does not fire.
    missed: bool,
    /// By so many minutes late.
    late: i64,
    /// Keys that are used after the run, and the one that its user disables or enables.
    uses: Vec<prop::sample::Index>,
    switched: Option<(prop::sample::Index, bool)>,
    /// What fails: which call, how, and whether each time.
    fault: Option<(usize, usize, bool)>,
    /// Last uses read as older (some) or as none (all).
    stale: Option<bool>,
}

#[derive(Debug, Clone)]
struct Story {
    people: Vec<Person>,
    days: Vec<Day>,
    overdue: bool,
    cap: usize,
    as_user: bool,
}

const ACTIONS: [&str; 14] = [
    "ims:ListUsers",
    "ims:ListAccessKeys",
    "ims:GetAccessKeyLastUsed",
    "actiontrail:GetAccessKeyLastUsedInfo",
    "ram:ListEntitiesForPolicy",
    "ims:UpdateAccessKey",
    "ims:GetAccountSummary",
    "ims:GetLoginProfile",
    "sts:GetCallerIdentity",
    "actiontrail:*",
    "inbox:web",
    "inbox:*",
    "ims:*",
    "ims:GetSecurityPreference",
];

fn kind(number: usize) -> FaultKind {
    let kinds = [
        FaultKind::Throttle { retry_after: None },
        FaultKind::Deny,
        FaultKind::Http500,
        FaultKind::Reset,
        FaultKind::BadJson,
    ];
    kinds[number % kinds.len()].clone()
}

fn people() -> impl Strategy<Value = Person> {
    let key = (0..60_i64, prop::option::weighted(0.7, 0..60_i64), prop::bool::weighted(0.9));
    let of = |share| prop::bool::weighted(share);
    (of(0.3), of(0.15), of(0.1), of(0.2), prop::collection::vec(key, 0..3)).prop_map(
        |(administrator, break_glass, frozen, console, keys)| {
            // Nobody has used a key before it was made.
            let keys = keys
                .into_iter()
                .map(|(age, used, works)| (age, used.map(|used| used.min(age)), works))
                .collect();
            Person { administrator, break_glass, frozen, console, keys }
        },
    )
}

fn day() -> impl Strategy<Value = Day> {
    let uses = prop::collection::vec(any::<prop::sample::Index>(), 0..2);
    let switched = prop::option::weighted(0.15, (any::<prop::sample::Index>(), any::<bool>()));
    let fault = prop::option::weighted(0.35, (0..ACTIONS.len(), 0..5_usize, prop::bool::weighted(0.7)));
    let stale = prop::option::weighted(0.1, any::<bool>());
    (prop::bool::weighted(0.1), 0..180_i64, uses, switched, fault, stale).prop_map(
        |(missed, late, uses, switched, fault, stale)| Day { missed, late, uses, switched, fault, stale },
    )
}

fn stories() -> impl Strategy<Value = Story> {
    (
        prop::collection::vec(people(), 2..7),
        prop::collection::vec(day(), 8),
        any::<bool>(),
        1..3_usize,
        prop::bool::weighted(0.3),
    )
        .prop_map(|(people, days, overdue, cap, as_user)| Story { people, days, overdue, cap, as_user })
}

/// What the test itself knows of a key.
struct Known {
    user: usize,
    made: Timestamp,
    used: Option<Timestamp>,
    /// Notices that somebody took, by when.
    notices: Vec<Timestamp>,
    /// A run in which nothing was wrong has seen its last use.
    seen: bool,
}

fn id(user: usize, key: usize) -> String {
    format!("K-{user}-{key}")
}

fn open(story: &Story) -> (Stage, BTreeMap<String, Known>) {
    let (mut users, mut known, mut emergency) = (Vec::new(), BTreeMap::new(), Vec::new());
    for (number, one) in story.people.iter().enumerate() {
        let name = format!("user-{number}");
        let mut keys = Vec::new();
        for (key, (age, used, works)) in one.keys.iter().enumerate() {
            let id = id(number, key);
            let made = aged(&id, *age, *used);
            keys.push(if *works { made } else { disabled(made) });
            let at = |ago: i64| start() - days(ago);
            known.insert(
                id,
                Known { user: number, made: at(*age), used: used.map(at), notices: Vec::new(), seen: false },
            );
        }
        let mut user = person(&name, &[("owner", if number % 2 == 0 { "web" } else { "nobody" })], &keys);
        if one.administrator {
            user["policies"] = json!(["AdministratorAccess"]);
        }
        (user["frozen"], user["console"]) = (one.frozen.into(), one.console.into());
        if one.break_glass {
            emergency.push(format!("user/{name}"));
        }
        users.push(user);
    }
    let mut operator =
        person("operator", &[], &[aged("K-OPERATOR", 300, Some(200)), aged("K-OPERATOR2", 300, Some(200))]);
    operator["policies"] = json!(["hardening-key-rotation"]);
    if story.as_user {
        users.push(operator);
    }
    let config = format!(
        "break_glass: [{}]\nrotation: {{disable: {}, rotate_after: 30d, overdue_after: 3d, remind_before: [1d], idle_after: {IDLE_AFTER}d, notice: {NOTICE}d, max_disabled_per_run: {}}}\nnotify:\n  channels:\n    - {{name: security, type: webhook, url: INBOX/security}}\n    - {{name: web, type: webhook, url: INBOX/web, direct: true}}\n",
        emergency.join(", "),
        if story.overdue { "overdue" } else { "idle" },
        story.cap,
    );
    let stage = Stage::new(&users, &config);
    stage.world.sim.root_creates_key(Variant::Ims);
    if story.as_user {
        stage.world.act_as(Some("operator"));
    }
    (stage, known)
}

/// Keys that work.
fn active(stage: &Stage) -> BTreeSet<String> {
    let state = stage.world.sim.state();
    let users = state["users"].as_array().unwrap().iter();
    let keys = users.flat_map(|user| user["keys"].as_array().unwrap());
    let active = keys.filter(|key| key["status"] == "Active");
    active.map(|key| key["id"].as_str().unwrap().to_owned()).collect()
}

/// Administrators that have a way in.
fn able(story: &Story, active: &BTreeSet<String>) -> usize {
    let able = |(number, one): (usize, &Person)| {
        one.administrator
            && !one.frozen
            && (one.console || (0..one.keys.len()).any(|key| active.contains(&id(number, key))))
    };
    story.people.iter().enumerate().filter(|one| able(*one)).count()
}

fn harm(stage: &Stage, day: &Day) {
    if let Some((action, how, always)) = day.fault {
        let fault = Fault::new(ACTIONS[action], kind(how));
        stage.world.sim.fault(if always { fault.forever() } else { fault });
    }
    if let Some(gone) = day.stale {
        stage.world.spoil("GetAccessKeyLastUsed", move |answer| {
            let date = &mut answer["AccessKeyLastUsed"]["LastUsedDate"];
            if let Some(at) = date.as_str().and_then(|date| date.parse::<Timestamp>().ok()) {
                *date = if gone { "".into() } else { super::stage::date(at - days(60)).into() };
            }
        });
    }
}

/// Whether a fault keeps from knowing what must be known of a key before it is disabled.
fn blind(day: &Day) -> bool {
    let needed = [
        "ims:ListUsers",
        "ims:ListAccessKeys",
        "ims:GetAccessKeyLastUsed",
        "actiontrail:GetAccessKeyLastUsedInfo",
        "ram:ListEntitiesForPolicy",
        "actiontrail:*",
        "ims:*",
        "sts:GetCallerIdentity",
    ];
    day.fault.is_some_and(|(action, _, always)| always && needed.contains(&ACTIONS[action]))
}

/// Why `key` should not have been disabled in this run.
fn objection(
    story: &Story,
    day: &Day,
    key: &Known,
    before: &BTreeSet<String>,
    now: Timestamp,
) -> Option<&'static str> {
    let one = &story.people[key.user];
    let quiet_since = |at: Timestamp| key.used.is_none_or(|used| used <= at);
    let noticed = key.notices.iter().any(|at| *at + days(NOTICE) <= now && quiet_since(*at));
    let idle = now.duration_since(key.used.unwrap_or(key.made)) >= days(IDLE_AFTER);
    let others = story.people.iter().enumerate().filter(|(number, other)| {
        *number != key.user
            && other.administrator
            && !other.frozen
            && (other.console || (0..other.keys.len()).any(|key| before.contains(&id(*number, key))))
    });
    [
        (!noticed, "no notice was delivered in time, or it was used since"),
        (!story.overdue && !idle, "it is not idle"),
        (story.overdue && now.duration_since(key.made) < days(OVERDUE_AT), "it is not overdue"),
        (one.break_glass, "it is a break-glass user's"),
        (one.administrator && others.count() == 0, "it is the last administrator's"),
        (blind(day), "it could not be read"),
        (day.stale.is_some() && key.seen && key.used.is_some(), "its last use is stale"),
    ]
    .into_iter()
    .find_map(|(wrong, why)| wrong.then_some(why))
}

fn play(story: &Story, total: &AtomicUsize) -> Result<(), String> {
    let (stage, mut known) = open(story);
    let ids: Vec<String> = known.keys().cloned().collect();
    let mut ours = BTreeSet::new();
    for (number, day) in story.days.iter().enumerate() {
        stage.at(days(number as i64) + SignedDuration::from_mins(day.late));
        let (now, before) = (stage.world.now(), active(&stage));
        if !day.missed {
            harm(&stage, day);
            stage.world.sim.clear_calls();
            let reply = stage.tick();
            stage.world.clear_faults();
            for key in stage.heard().iter().flat_map(|one| one.notices()) {
                known.get_mut(&key).ok_or("a notice for a key of ours")?.notices.push(now);
            }
            let after = active(&stage);
            let gone: Vec<&String> = before.difference(&after).collect();
            for id in &gone {
                let key = known.get(*id).ok_or("a key of ours was disabled")?;
                if let Some(why) = objection(story, day, key, &before, now) {
                    return Err(format!("day {number}: {id} was disabled, but {why}: {reply:?}"));
                }
            }
            if gone.len() > story.cap || after.difference(&before).count() > 0 {
                return Err(format!("day {number}: {gone:?} in one run"));
            }
            if able(story, &before) > 0 && able(story, &after) == 0 {
                return Err(format!("day {number}: no administrator is left"));
            }
            total.fetch_add(gone.len(), Ordering::SeqCst);
            ours.extend(gone.into_iter().cloned());
            writes(&stage)?;
            if day.fault.is_none() && day.stale.is_none() {
                known.values_mut().for_each(|key| key.seen = true);
            }
        }
        stage.at(days(number as i64) + SignedDuration::from_hours(12));
        if let (Some((index, works)), false) = (&day.switched, ids.is_empty()) {
            let id = index.get(&ids);
            stage.world.sim.set_user_key_status(&format!("user-{}", known[id].user), id, *works);
        }
        for id in day.uses.iter().filter(|_| !ids.is_empty()).map(|index| index.get(&ids)) {
            if stage.active(id) == Some(true) {
                stage.used(id);
                known.get_mut(id).unwrap().used = Some(stage.world.now());
            }
        }
    }
    stage.world.act_as(Some("hardening-key-rotation"));
    for case in stage.world.cases() {
        let undone =
            stage.world.play(stage.world.process().undo(&case)).map_err(|why| format!("{case}: {why}"))?;
        if !undone.failed.is_empty() {
            return Err(format!("{case}: {undone:?}"));
        }
    }
    let back = active(&stage);
    if !ours.is_subset(&back) {
        return Err(format!("not restored: {:?}", ours.difference(&back)));
    }
    let root = &stage.world.sim.state()["root"]["keys"];
    if root[0]["status"] == "Active" { Ok(()) } else { Err("root was touched".to_owned()) }
}

/// What a run changes: the status of keys, to disabled, each of a user that is named.
fn writes(stage: &Stage) -> Result<(), String> {
    for call in stage.world.sim.calls() {
        let reads = ["Get", "List", "GenerateCredentialReport"]
            .iter()
            .any(|verb| call.action.contains(&format!(":{verb}")));
        let disables = call.action == "ims:UpdateAccessKey"
            && call.params.get("Status").is_some_and(|status| status == "Inactive")
            && call.params.contains_key("UserPrincipalName");
        if !reads && !disables || !call.unknown.is_empty() {
            return Err(format!("{call:?}"));
        }
    }
    Ok(())
}

#[test]
fn whatever_happens_only_what_may_be_disabled_is() {
    let total = AtomicUsize::new(0);
    let mut runner =
        TestRunner::new(Config { failure_persistence: None, max_shrink_iters: 60, ..Config::with_cases(40) });
    let ran = runner.run(&stories(), |story| play(&story, &total).map_err(TestCaseError::fail));
    if let Err(error) = ran {
        panic!("{error}");
    }
    let total = total.into_inner();
    println!("{total} keys disabled and put back");
    assert!(total > 10, "only {total}: it proves nothing");
}
