//! A thousand users: all of them found, each key in the stage that is written here by hand, and a reply that fits.

use std::collections::BTreeMap;

use e2e::world::StoreFault;
use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::state::Operation;

use super::stage::{Heard, Stage, days, disabled, key, person};

const USERS: usize = 1004;
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// A key, and what it must be found to be under the default limits.
struct Row {
    age: SignedDuration,
    used: Option<SignedDuration>,
    active: bool,
    stage: &'static str,
    old: bool,
    idle: bool,
}

/// Every boundary from both sides, an hour away from it: the run takes its time. The boundary itself is checked where time
/// stands still (shared, checks/keys).
fn rows() -> Vec<Row> {
    let row = |age, used, stage| {
        let (old, idle) = (matches!(stage, "due" | "overdue"), matches!(stage, "idle" | "never_used"));
        Row { age, used, active: true, stage, old, idle }
    };
    let used = Some(HOUR);
    vec![
        row(days(1), used, "fine"),
        row(days(76) - HOUR, used, "fine"),
        row(days(76) + HOUR, used, "due_soon"),
        row(days(83) + HOUR, used, "due_soon"),
        row(days(89) + HOUR, used, "due_soon"),
        row(days(90) - HOUR, used, "due_soon"),
        row(days(90) + HOUR, used, "due"),
        row(days(97) - HOUR, used, "due"),
        row(days(97) + HOUR, used, "overdue"),
        row(days(900), used, "overdue"),
        // Nothing uses it.
        row(days(80), Some(days(80)), "due_soon"),
        Row { old: true, ..row(days(91), Some(days(90) - HOUR), "due") },
        Row { old: true, ..row(days(200), Some(days(90) + HOUR), "idle") },
        row(days(10), None, "fine"),
        row(days(90) - HOUR, None, "due_soon"),
        Row { old: true, ..row(days(90) + HOUR, None, "never_used") },
        // A clock that is wrong somewhere.
        row(-HOUR, None, "fine"),
        row(days(100), Some(-HOUR), "overdue"),
        // Disabled.
        Row { active: false, ..row(days(1), None, "inactive") },
        Row { active: false, ..row(days(300), Some(days(200)), "inactive") },
    ]
}

/// Owners of some, channels of fewer.
const CONFIG: &str = "
rotation:
  owners: [{user: 'user-00*', owner: builds, channel: builds}]
notify:
  channels:
    - {name: security, type: webhook, url: INBOX/security}
    - {name: builds, type: webhook, url: INBOX/builds, direct: true}
    - {name: rest, type: webhook, url: INBOX/rest, fallback: true}";

#[test]
fn a_thousand_users_with_fifteen_hundred_keys() {
    let rows = rows();
    let (mut users, mut stages, mut statuses) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
    let (mut number, mut several) = (0, 0_u64);
    let mut count =
        |check: &'static str, status: &'static str| *statuses.entry((check, status)).or_insert(0_u64) += 1;
    for user in 0..USERS {
        let mut keys = Vec::new();
        for _ in 0..[0, 2, 2, 2][user % 4] {
            let row = &rows[number % rows.len()];
            let made = key(&format!("LTAI5tPopulation{number:06}"), row.age, row.used);
            keys.push(if row.active { made } else { disabled(made) });
            *stages.entry(row.stage).or_insert(0_u64) += 1;
            if row.active {
                count("old-access-key", if row.old { "FAIL" } else { "PASS" });
                count("idle-access-key", if row.idle { "FAIL" } else { "PASS" });
            }
            number += 1;
        }
        several += u64::from(keys.iter().filter(|key| key["status"] != "Inactive").count() > 1);
        let mut user_of = person(&format!("user-{user:05}"), &[("team", "one of many")], &keys);
        user_of["frozen"] = json!(user % 50 == 1);
        user_of["id"] = format!("2{user:017}").into();
        users.push(user_of);
    }
    let stage = Stage::new(&users, CONFIG);
    // The report is the last thing that a run stores. One that cannot be stored costs that run its reply, and nobody their message.
    stage.world.store_fault(Operation::Create, StoreFault::Fails, 3, 1);
    let failure = stage.tick().unwrap_err().to_string();
    assert!(failure.contains("reports/"), "{failure}");
    let told = stage.heard();
    // What was too much for one run comes in the next ones, each thing once.
    let mut named: Vec<String> = told.iter().filter(|one| one.is_digest()).flat_map(Heard::named).collect();
    for run in 1..10 {
        stage.at(SignedDuration::from_mins(run));
        let more = stage.run().1;
        named.extend(more.iter().filter(|one| one.is_digest()).flat_map(Heard::named));
    }
    stage.at(SignedDuration::from_mins(11));
    let began = std::time::Instant::now();
    let (reply, heard) = stage.run();
    assert_eq!((heard.len(), &reply["messages"]), (0, &json!([])), "all of it was said");
    let all = named.len();
    named.sort_unstable();
    named.dedup();
    let fine = stages["fine"];
    assert_eq!(
        (all, named.len() as u64),
        (named.len(), number as u64 - fine + several),
        "each key is named, once"
    );
    let calls = reply["coverage"]["calls"].as_u64().unwrap();
    println!(
        "{USERS} users, {number} keys: {calls} calls to read, {} in all, {} bytes of reply, {:.1?}",
        stage.world.sim.calls().len(),
        reply.to_string().len(),
        began.elapsed()
    );

    assert_eq!(reply["stages"], json!(stages));
    // Two pages of users; the report, the counts and the preferences once; three questions about each.
    assert_eq!(calls, 2 + 5 + 2 * USERS as u64 + number as u64);
    assert_eq!((&reply["coverage"]["failed"], &reply["coverage"]["retries"]), (&json!(0), &json!(0)));
    assert_eq!(
        (&reply["figures"]["users"], &reply["figures"]["inactive_keys"]),
        (&json!(USERS), &json!(stages["inactive"]))
    );

    assert!(reply.to_string().len() <= 1 << 20);
    let kept = reply["findings"].as_array().unwrap();
    assert!(kept.iter().all(|finding| finding["status"] != "PASS"), "PASS findings are in the report only");
    let named = reply["report"].as_str().unwrap();
    let (_, stored) =
        stage.world.stored().into_iter().find(|(key, _)| named.ends_with(key.as_str())).unwrap();
    let stored: Value = serde_json::from_str(&stored).unwrap();
    let all = stored["findings"].as_array().unwrap();
    for ((check, status), wanted) in statuses {
        let found = |findings: &[Value]| {
            findings.iter().filter(|one| one["check"] == check && one["status"] == status).count() as u64
        };
        assert_eq!(found(all), wanted, "{check} {status} in the stored report");
        assert_eq!(found(kept), if status == "PASS" { 0 } else { wanted }, "{check} {status} in the reply");
    }
    let failed = all.iter().filter(|one| one["check"] == "several-access-keys" && one["status"] == "FAIL");
    assert_eq!(failed.count() as u64, several);
    let total: u64 = ["FAIL", "PASS", "UNKNOWN", "EXEMPT"]
        .iter()
        .map(|name| stored["summary"][name].as_u64().unwrap())
        .sum();
    assert_eq!((total, &stored["summary"]), (all.len() as u64, &reply["summary"]));

    // Five messages to each at most, of sixty keys, and one to security: the rest is for the next runs.
    for (channel, most) in [("rest", 5), ("builds", 5), ("security", 1)] {
        let count = told.iter().filter(|one| one.channel == channel).count();
        assert!((1..=most).contains(&count), "{channel}: {count}");
    }
    for one in &told {
        let text = one.body["text"].as_str().unwrap();
        assert!(text.len() < 20_000, "{}: {} bytes are more than DingTalk takes", one.title, text.len());
    }
}
