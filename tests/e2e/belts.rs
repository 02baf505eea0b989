//! Nobody is locked out: whatever the account looks like, and whoever else is at work in it.

#![allow(clippy::unwrap_used)]

mod meddling;

use std::time::Duration;

use e2e::world::{QUARANTINE, World, account, key, open_list, small, user};
use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::cloud::NetworkPolicy;
use shared::response::{Applied, Change, Pace, What};
use simulator::{Account, NewKey, PolicyMissing, PolicyWithoutStatements, Settings};

use crate::repeats::case_of;

/// A small generator of numbers: the same account for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }

    /// A policy of any kind, or none.
    fn policy(&mut self) -> Option<Value> {
        let statements = json!([
            {"Type": "ClassicWhiteList", "IPList": ["203.0.113.0/24", "198.51.100.7"]},
            {"Type": "VPCWhiteList", "Value": "AllowAllVPC", "IPList": ["172.16.0.0/12"]},
        ]);
        let status = self.one_of(&["Active", "Inactive"]);
        match self.below(4) {
            0 => None,
            1 => Some(json!({"Version": 1, "Status": status, "Statements": []})),
            _ => Some(json!({"Version": 1, "Status": status, "Statements": statements})),
        }
    }

    fn account(&mut self) -> Account {
        let mut users = Vec::new();
        for number in 0..1 + self.below(7) {
            let keys: Vec<Value> = (0..self.below(3)).map(|of| self.key(number, of)).collect();
            users.push(user(&format!("user-{number}"), &keys));
        }
        account(&users, self.policy().unwrap_or_default())
    }

    fn key(&mut self, user: usize, number: usize) -> Value {
        let from = self.one_of(&["203.0.113.10", "198.51.100.7", "8.8.4.4", "172.16.8.12"]);
        let mut made = key(&format!("LTAI5tRandom{user:06}{number:06}"), from);
        if from.starts_with("172") {
            made["calls_from_vpc"] = "vpc-1".into();
        }
        made["status"] = self.one_of(&["Active", "Active", "Inactive"]).into();
        if let Some(policy) = self.policy() {
            made["policy"] = policy;
        }
        made
    }

    fn settings(&mut self) -> Settings {
        let mut settings = Settings::default();
        settings.policy_missing = self.one_of(&[PolicyMissing::Baseline, PolicyMissing::NotExist]);
        if self.below(3) == 0 {
            // Real time, while the function's pauses cost none: its reads must take some.
            settings.policy_read_lag = Duration::from_millis(50);
            settings.latency = Duration::from_millis(8);
        }
        settings.policy_without_statements =
            self.one_of(&[PolicyWithoutStatements::DeniesAll, PolicyWithoutStatements::AllowsAll]);
        settings
    }
}

/// Watches every user's key from four addresses, over the internet.
fn watch_all(world: &World) {
    let from = ["203.0.113.10", "198.51.100.7", "8.8.4.4", "2001:db8::7"];
    let keys = world.user_keys().into_iter();
    world.sim.watch(keys.flat_map(|(key, ..)| from.map(|ip| (key.clone(), ip.to_owned()))).collect());
}

fn any_account(seed: u64) {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let world = World::new(dice.account(), dice.settings(), QUARANTINE);
    let (before, able) = (world.policies(), world.able());
    watch_all(&world);
    let (made, event) = world.root_key();
    world.play(async {
        let reply = world.process().invoke(&event).await.unwrap();
        assert_eq!(reply["outcome"], "network_restricted", "seed {seed}: {reply}");
        assert!(!world.attackable(&made.id), "seed {seed}");
        assert_eq!(world.able(), able, "seed {seed}");
        let report = world.process().undo(&case_of(&made)).await.unwrap();
        assert!(report.failed.is_empty() && report.left.is_empty(), "seed {seed}: {report:?}");
    });
    world.belts().unwrap_or_else(|why| panic!("seed {seed}: {why}"));
    assert_eq!(world.policies(), before, "seed {seed}");
}

#[test]
fn in_any_account_nobody_notices_and_undo_leaves_no_trace() {
    (0..40).for_each(any_account);
}

/// The response under other rules: its outcome, and what was written to the cloud.
fn written(rules: &str) -> (String, Vec<String>) {
    let world = World::new(small(), Settings::default(), &format!("root_key: {{{rules}}}"));
    let before = world.policies();
    let (_, event) = world.root_key();
    let reply = world.play(async {
        let reply = world.process().invoke(&event).await.unwrap();
        world.wait(SignedDuration::from_mins(20));
        world.process().sweep().await.unwrap();
        reply
    });
    assert_eq!(world.policies(), before);
    (reply["outcome"].as_str().unwrap_or_default().to_owned(), world.writes())
}

#[test]
fn what_is_not_allowed_is_not_tried() {
    let refused = ("refused".to_owned(), vec!["ims:UpdateAccessKey".to_owned()]);
    assert_eq!(written("mode: revoke, quarantine: true, max_pinned_keys: 2"), refused);
    assert_eq!(written("mode: revoke, quarantine: false"), refused);
    assert_eq!(written("mode: observe, quarantine: true"), ("observed".to_owned(), Vec::new()));
}

/// A key is made by somebody at the moment of the first call of `action`: it works, or the account is not closed.
fn made_meanwhile(action: &str, who: &str) {
    let mut settings = Settings::default();
    settings.latency = Duration::from_millis(50);
    let users = [user("alice", &[key("LTAI5tAlice00001", "203.0.113.21")]), user("bob", &[])];
    let world = World::new(account(&users, Value::Null), settings, QUARANTINE);
    let (root, event) = world.root_key();
    let works = |key: &NewKey| world.sim.may_call(&key.id, "203.0.113.10", None);
    let late = std::thread::scope(|scope| {
        let somebody = scope.spawn(|| {
            while !world.sim.calls().iter().any(|call| call.action == action) {
                std::thread::sleep(Duration::from_millis(1));
            }
            world.sim.user_creates_key(who)
        });
        let reply = world.play(world.process().invoke(&event)).unwrap();
        let late = somebody.join().unwrap();
        assert!(works(&late) || reply["outcome"] != "network_restricted", "{action}, {who}: {reply}");
        late
    });
    world.belts().unwrap();
    world.play(world.process().undo(&case_of(&root))).unwrap();
    assert!(works(&late));
}

#[test]
fn a_key_made_meanwhile_is_seen_by_the_second_reading() {
    made_meanwhile("ims:ListUsers", "newcomer");
    made_meanwhile("ims:ListAccessKeys", "newcomer");
    made_meanwhile("ims:ListAccessKeys", "bob");
    // The direct attempt: the first reading is over, and nothing is pinned yet.
    made_meanwhile("ims:UpdateAccessKey", "newcomer");
    made_meanwhile("ims:UpdateAccessKey", "bob");
}

#[test]
fn undo_leaves_a_pin_that_somebody_else_changed() {
    let world = World::small();
    let mut expected = world.policies();
    let (made, event) = world.root_key();
    let theirs = open_list("Active", &["203.0.113.21"]);
    world.play(async {
        let process = world.process();
        assert_eq!(process.invoke(&event).await.unwrap()["outcome"], "network_restricted");
        let somebody = process.session(world.sim.credentials("emergency-admin").unwrap());
        let change = Change::KeyPolicy {
            user: format!("alice@{}.onaliyun.com", world.sim.account_id()),
            key: "LTAI5tAlice00001".to_owned(),
            before: NetworkPolicy::none(),
            after: NetworkPolicy::from_value(theirs.clone()).unwrap(),
        };
        let opened =
            What::Opened { function: "theirs".to_owned(), title: String::new(), subject: Value::Null };
        let (theirs, _) = process.context().await.cases.open("theirs", opened).await.unwrap();
        assert!(matches!(theirs.make(change, &somebody, &Pace::default()).await, Ok(Applied::Proved(_))));
        let report = process.undo(&case_of(&made)).await.unwrap();
        assert!(report.failed.is_empty(), "{report:?}");
        assert_eq!(report.left, ["key-policy:LTAI5tAlice00001"], "it says so");
    });
    let keys = expected["keys"].as_array_mut().unwrap();
    keys.iter_mut().filter(|key| key[0] == "LTAI5tAlice00001").for_each(|key| key[1] = theirs.clone());
    assert_eq!(world.policies(), expected);
}

#[test]
fn undo_leaves_an_account_policy_that_somebody_else_changed() {
    let users = [user("alice", &[key("LTAI5tAlice00001", "203.0.113.21")])];
    let policy = open_list("Active", &["203.0.113.0/24"]);
    let world = World::new(account(&users, policy), Settings::default(), QUARANTINE);
    let before = world.policies();
    let (made, event) = world.root_key();
    world.play(async {
        assert_eq!(world.process().invoke(&event).await.unwrap()["outcome"], "network_restricted");
        world.sim.root_lifts_policy();
        let report = world.process().undo(&case_of(&made)).await.unwrap();
        assert_eq!((report.failed, report.left), (Vec::new(), vec!["account-key-policy".to_owned()]));
    });
    let after = world.policies();
    assert_eq!(after["account"]["Status"], "Inactive", "as root left it");
    assert_eq!(after["keys"], before["keys"], "the pins are gone");
}
