//! Thirty days, one by one: what is said on each, to whom, and nothing else.

use std::collections::BTreeSet;

use e2e::world::timer;
use futures_util::future::join_all;
use jiff::SignedDuration;
use simulator::{RootKeyAction, Variant};

use super::stage::{Heard, Stage, aged, disabled, person};

const CONFIG: &str = "
break_glass: [user/emergency]
notify:
  channels:
    - {name: security, type: webhook, url: INBOX/security}
    - {name: web, type: webhook, url: INBOX/web, direct: true}
    - {name: data, type: webhook, url: INBOX/data, direct: true}
    - {name: rest, type: webhook, url: INBOX/rest, fallback: true}";

/// One line a message: the channel, how urgent, and what about. Keys that are made in the story are called by `names`.
fn line(one: &Heard, names: &[(String, &str)]) -> String {
    let what = if one.is_digest() {
        one.subjects().join(" + ")
    } else {
        let sections: Vec<String> =
            one.sections()
                .into_iter()
                .filter(|(title, _)| title != "Figures")
                .map(|(title, lines)| {
                    if title.starts_with("Overdue") {
                        format!("overdue {}", lines.join(" + "))
                    } else {
                        title
                    }
                })
                .collect();
        format!("summary {}", sections.join(", "))
    };
    let said = format!("{} {}: {what}", one.channel, one.severity);
    names.iter().fold(said, |said, (id, name)| said.replace(id, name)).trim_end().to_owned()
}

/// Worked out by hand from the ages below and the default limits. A day that is not named is one on which nothing is said.
#[rustfmt::skip]
const EXPECTED: &[(i64, &[&str])] = &[
    (0, &[
        "rest low: K-EMERGENCY of emergency is due on 2026-12-04",
        "data medium: K-CAROL of carol is OVERDUE by 110 days",
        "web medium: K-BOB of bob is due for rotation + K-FRANK of frank is disabled and still there",
        "security high: summary overdue K-CAROL of carol is OVERDUE by 110 days",
    ]),
    (2, &[
        "web medium: K-BOB of bob is OVERDUE by 7 days",
        "security high: summary overdue K-BOB of bob is OVERDUE by 7 days",
    ]),
    (3, &["rest low: K-EMERGENCY of emergency is due on 2026-12-04", "security low: summary"]),
    (6, &["web low: K-ALICE of alice is due on 2026-12-14", "security low: summary"]),
    (7, &[
        "data high: K-CAROL of carol is OVERDUE by 117 days",
        "security high: summary overdue K-CAROL of carol is OVERDUE by 117 days",
    ]),
    // Root's key was made the day before.
    (8, &["security critical: summary Root"]),
    (9, &[
        "rest low: K-EMERGENCY of emergency is due on 2026-12-04",
        "web high: K-BOB of bob is OVERDUE by 14 days",
        "security high: summary overdue K-BOB of bob is OVERDUE by 14 days",
    ]),
    // Ninety days without a use; what nothing uses needs no rotation.
    (10, &[
        "rest medium: K-EMERGENCY of emergency is due for rotation",
        "data medium: K-CAROL of carol is idle",
        "security low: summary",
    ]),
    // Bob rotates: a second key, the first disabled, the first deleted.
    (11, &["web low: bob has 2 active access keys", "security low: summary"]),
    (12, &["web low: K-BOB of bob is disabled and still there", "security low: summary"]),
    (13, &["web low: K-ALICE of alice is due on 2026-12-14", "security low: summary"]),
    (15, &["security critical: summary Root"]),
    // What the day before would have said, and the use of Carol's key.
    (17, &[
        "rest medium: K-EMERGENCY of emergency is OVERDUE by 7 days + K-DAVE of dave is due on 2026-12-24",
        "data medium: K-CAROL of carol is OVERDUE by 127 days",
        "security high: summary overdue K-CAROL of carol is OVERDUE by 127 days + K-EMERGENCY of emergency is OVERDUE by 7 days",
    ]),
    (19, &["web low: K-ALICE of alice is due on 2026-12-14", "security low: summary"]),
    (20, &["web medium: K-ALICE of alice is due for rotation", "security low: summary"]),
    (23, &["rest low: K-DAVE of dave is due on 2026-12-24", "security low: summary"]),
    (24, &[
        "rest high: K-EMERGENCY of emergency is OVERDUE by 14 days",
        "data high: K-CAROL of carol is OVERDUE by 134 days",
        "security high: summary overdue K-CAROL of carol is OVERDUE by 134 days + K-EMERGENCY of emergency is OVERDUE by 14 days",
    ]),
    (27, &[
        "web medium: K-ALICE of alice is OVERDUE by 7 days",
        "security high: summary overdue K-ALICE of alice is OVERDUE by 7 days",
    ]),
    (28, &["web low: K-FRANK of frank is disabled and still there", "security low: summary"]),
    (29, &["rest low: K-DAVE of dave is due on 2026-12-24", "security low: summary"]),
];

#[test]
fn thirty_days_and_every_message_once() {
    let users = [
        person("alice", &[("owner", "web")], &[aged("K-ALICE", 70, Some(0))]),
        person("bob", &[("owner", "web")], &[aged("K-BOB", 95, Some(0))]),
        person("carol", &[("owner", "data")], &[aged("K-CAROL", 200, Some(80))]),
        person("dave", &[], &[aged("K-DAVE", 60, None)]),
        person("emergency", &[], &[aged("K-EMERGENCY", 80, None)]),
        person("frank", &[("owner", "web")], &[disabled(aged("K-FRANK", 400, Some(300)))]),
    ];
    let stage = Stage::new(&users, CONFIG);
    let sim = &stage.world.sim;
    let (mut names, mut ids, mut told) = (Vec::new(), BTreeSet::new(), Vec::new());
    for day in 0..30 {
        stage.day(day);
        // The timer misses a day; everything on it comes a day late.
        let ticks = match day {
            16 => 0,
            // Twice, one after the other, and three at once.
            4 | 13 => 2,
            20 => 3,
            _ => 1,
        };
        if day == 20 {
            let tick = timer();
            let processes: Vec<_> = (0..ticks).map(|_| stage.world.process()).collect();
            let replies = stage.world.play(join_all(processes.iter().map(|one| one.invoke(&tick))));
            let others = replies.iter().filter_map(|reply| reply.as_ref().err());
            assert!(others.clone().all(|failure| failure.error_type == "AnotherRun"), "{replies:?}");
            assert_eq!(others.count(), replies.len() - 1, "one run at a time: {replies:?}");
        } else {
            for _ in 0..ticks {
                stage.tick().unwrap();
            }
        }
        let heard = stage.heard();
        for one in &heard {
            assert!(ids.insert((one.channel.clone(), one.id.clone())), "day {day}: {} twice", one.id);
        }
        told.push((day, heard.iter().map(|one| line(one, &names)).collect::<Vec<_>>()));

        // What people and programs do after it.
        stage.at(SignedDuration::from_hours(24 * day + 12));
        for key in ["K-ALICE", "K-BOB"] {
            if stage.active(key) == Some(true) {
                stage.used(key);
            }
        }
        match day {
            5 => {
                sim.add_user("erin", &[("owner", "data")]);
                names.push((sim.user_creates_key("erin").id, "K-ERIN"));
            }
            7 => names.push((sim.root_creates_key(Variant::Ims).id, "K-ROOT")),
            10 => names.push((sim.user_creates_key("bob").id, "K-BOB2")),
            11 => drop(sim.set_user_key_status("bob", "K-BOB", false)),
            13 => drop(sim.delete_user_key("bob", "K-BOB")),
            15 => stage.used("K-CAROL"),
            20 => {
                let (root, _) = names.iter().find(|(_, name)| *name == "K-ROOT").unwrap();
                sim.root_sets_key(root, RootKeyAction::Delete);
            }
            _ => {}
        }
    }
    let told: Vec<(i64, Vec<String>)> = told.into_iter().filter(|(_, said)| !said.is_empty()).collect();
    let expected: Vec<(i64, Vec<String>)> = EXPECTED
        .iter()
        .map(|(day, said)| (*day, said.iter().map(|one| (*one).to_owned()).collect()))
        .collect();
    for day in 0..30 {
        let of = |all: &[(i64, Vec<String>)]| all.iter().find(|(found, _)| *found == day).cloned();
        assert_eq!(of(&told), of(&expected), "day {day}");
    }
}
