//! An account whose keys are of every age, days that go by in it, and what people hear.

use std::cell::Cell;

use e2e::world::{KEY_ROTATION, Process, World, account_for, timer};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::runtime::Failure;
use simulator::{Account, Settings};

/// When the stories begin.
pub(super) const START: &str = "2026-11-24T02:00:00Z";
/// Where programs call from.
pub(super) const PROGRAM: &str = "203.0.113.21";

pub(super) fn start() -> Timestamp {
    START.parse().unwrap()
}

pub(super) fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

pub(super) fn date(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A key made so long before the start, and last used so long before it.
pub(super) fn key(id: &str, age: SignedDuration, used: Option<SignedDuration>) -> Value {
    let mut key = json!({
        "id": id, "secret": format!("example-secret-{id}"), "created": date(start() - age), "calls_from": PROGRAM,
    });
    if let Some(used) = used {
        key["last_used"] = date(start() - used).into();
        key["last_service"] = "Ecs".into();
    }
    key
}

/// The same in days.
pub(super) fn aged(id: &str, age: i64, used: Option<i64>) -> Value {
    key(id, days(age), used.map(days))
}

pub(super) fn disabled(mut key: Value) -> Value {
    key["status"] = "Inactive".into();
    key
}

/// A user without any permission.
pub(super) fn person(name: &str, tags: &[(&str, &str)], keys: &[Value]) -> Value {
    let mut user = e2e::world::user(name, keys);
    user["policies"] = json!([]);
    user["tags"] = tags
        .iter()
        .map(|(key, value)| ((*key).to_owned(), json!(value)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    user
}

pub(super) fn administrator(mut user: Value) -> Value {
    user["policies"] = json!(["AdministratorAccess"]);
    user
}

pub(super) fn account(users: &[Value]) -> Account {
    account_for(&KEY_ROTATION, users, Value::Null)
}

/// What one channel took.
#[derive(Debug, Clone)]
pub(super) struct Heard {
    pub(super) channel: String,
    pub(super) id: String,
    pub(super) severity: String,
    pub(super) title: String,
    pub(super) body: Value,
}

impl Heard {
    pub(super) fn is_digest(&self) -> bool {
        self.id.starts_with("key-rotation/digest/")
    }

    pub(super) fn is_summary(&self) -> bool {
        self.id.starts_with("key-rotation/summary/")
    }

    pub(super) fn sections(&self) -> Vec<(String, Vec<String>)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let lines = |section: &Value| section["lines"].as_array().unwrap().iter().map(text).collect();
        let sections = self.body["sections"].as_array().unwrap();
        sections.iter().map(|section| (text(&section["title"]), lines(section))).collect()
    }

    pub(super) fn section(&self, title: &str) -> Vec<String> {
        self.sections().into_iter().find(|(found, _)| found.starts_with(title)).unwrap_or_default().1
    }

    /// What a digest says, key by key: the titles of its sections, but for how to be exempted.
    pub(super) fn subjects(&self) -> Vec<String> {
        let mut titles: Vec<String> = self.sections().into_iter().map(|(title, _)| title).collect();
        titles.pop();
        titles
    }

    /// What it names: the keys that it tells of at length, and those in a line each.
    pub(super) fn named(&self) -> Vec<String> {
        let mut names = Vec::new();
        for (title, lines) in self.sections() {
            match title.as_str() {
                "And these" => names.extend(lines),
                "If a key must stay as it is" | "More to come" => {}
                _ => names.push(title),
            }
        }
        names
    }

    /// Keys that it announces to be disabled.
    pub(super) fn notices(&self) -> Vec<String> {
        let told = self
            .sections()
            .into_iter()
            .filter(|(_, lines)| lines.iter().any(|line| line.starts_with("NOTICE")));
        told.filter_map(|(title, _)| Some(title.split(' ').next()?.to_owned())).collect()
    }
}

/// A world that is at its start.
pub(super) struct Stage {
    pub(super) world: World,
    heard: Cell<usize>,
}

impl Stage {
    pub(super) fn new(users: &[Value], config: &str) -> Self {
        Self::of(account(users), config)
    }

    pub(super) fn of(account: Account, config: &str) -> Self {
        let world = World::of(KEY_ROTATION, account, Settings::default(), config);
        // Keys are disabled here on purpose.
        world.sim.watch(Vec::new());
        let stage = Self { world, heard: Cell::new(0) };
        stage.at(SignedDuration::ZERO);
        stage
    }

    /// Goes to a moment after the start.
    pub(super) fn at(&self, moment: SignedDuration) {
        self.world.pass((start() + moment).duration_since(self.world.now()));
    }

    pub(super) fn day(&self, day: i64) {
        self.at(days(day));
    }

    /// The timer ticks.
    pub(super) fn tick(&self) -> Result<Value, Failure> {
        self.tick_of(&self.world.process())
    }

    pub(super) fn tick_of(&self, process: &Process) -> Result<Value, Failure> {
        self.world.play(process.invoke(&timer()))
    }

    /// The same where nothing may go wrong; what was heard of it.
    #[track_caller]
    pub(super) fn run(&self) -> (Value, Vec<Heard>) {
        let reply = self.tick().unwrap_or_else(|failure| panic!("{failure}"));
        (reply, self.heard())
    }

    /// What was taken since the last time that this was asked.
    pub(super) fn heard(&self) -> Vec<Heard> {
        let inbox = self.world.sim.inbox();
        let new = inbox[self.heard.replace(inbox.len())..].iter().filter(|delivery| delivery.status == 200);
        new.map(|delivery| {
            let body: Value = serde_json::from_str(&delivery.body).expect("a webhook's body is JSON");
            let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
            Heard {
                channel: delivery.name.clone(),
                id: text("id"),
                severity: text("severity"),
                title: text("title"),
                body,
            }
        })
        .collect()
    }

    /// A program uses a key, now.
    #[track_caller]
    pub(super) fn used(&self, key: &str) {
        assert!(self.world.sim.use_key(key, "Ecs", "DescribeInstances", PROGRAM), "{key} works");
    }

    /// Whether a user's key is active; `None`: there is no such key.
    pub(super) fn active(&self, key: &str) -> Option<bool> {
        let state = self.world.sim.state();
        let users = state["users"].as_array().unwrap().iter();
        let keys = users.flat_map(|user| user["keys"].as_array().unwrap());
        keys.filter(|found| found["id"] == key).map(|found| found["status"] == "Active").next()
    }
}
