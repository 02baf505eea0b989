//! A user with a key, a program that uses it, and runs of the rotation that are cut off.

use std::sync::{Arc, Mutex, MutexGuard};

use e2e::world::{Process, World, account, key, user};
use jiff::SignedDuration;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use shared::response::rotation::{Desk, Destination, Person, Progress, Report, State, Stop, Terms};
use simulator::Settings;

pub(super) const OLD: &str = "LTAI5tAlice00001";
pub(super) const OPERATOR: &str = "LTAI5tOperator01";
/// Where programs of the user call from.
pub(super) const PROGRAM: &str = "203.0.113.21";
pub(super) const SECRET: &str = "prod/alice";

pub(super) fn locked<T>(list: &Mutex<T>) -> MutexGuard<'_, T> {
    list.lock().expect("nobody panics with it")
}

pub(super) fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

pub(super) fn kms() -> Destination {
    format!("kms:{SECRET}").parse().expect("a destination")
}

/// A person who keeps what comes out, and may refuse to take it.
#[derive(Clone, Default)]
pub(super) struct Keeper {
    pub(super) taken: Arc<Mutex<Vec<(String, String)>>>,
    pub(super) heard: Arc<Mutex<Vec<Progress>>>,
    pub(super) refuses: bool,
}

impl Person for Keeper {
    fn take(&self, key: &str, secret: &SecretString) -> std::io::Result<()> {
        if self.refuses {
            return Err(std::io::ErrorKind::BrokenPipe.into());
        }
        locked(&self.taken).push((key.to_owned(), secret.expose_secret().to_owned()));
        Ok(())
    }

    fn hear(&self, progress: Progress) {
        locked(&self.heard).push(progress);
    }
}

/// What a person asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Verb {
    Go,
    Delete,
    Abort,
}

/// An account with alice, who has one key that is in use, an operator, and a break-glass user.
pub(super) struct Stage {
    pub(super) world: World,
    pub(super) person: Keeper,
    pub(super) to: Destination,
    pub(super) terms: Terms,
    /// Every key that was ever made, with its secret.
    pub(super) made: Arc<Mutex<Vec<(String, String)>>>,
}

impl Stage {
    pub(super) fn new(to: Destination) -> Self {
        let mut old = key(OLD, PROGRAM);
        old["last_used"] = "2026-01-16T08:00:00Z".into();
        old["last_service"] = "Ecs".into();
        let users = [
            user("alice", &[old]),
            user("emergency-admin", &[key("LTAI5tEmergency1", "203.0.113.99")]),
            user("operator", &[key(OPERATOR, "203.0.113.50")]),
        ];
        let config = "break_glass: [user/emergency-admin]";
        let world = World::new(account(&users, Value::Null), Settings::default(), config);
        world.act_as(Some("operator"));
        let stage =
            Self { world, person: Keeper::default(), to, terms: Terms::default(), made: Arc::default() };
        stage.note_secrets();
        stage
    }

    fn note_secrets(&self) {
        let made = Arc::clone(&self.made);
        self.world.spoil("CreateAccessKey", move |answer| {
            let text = |name: &str| answer["AccessKey"][name].as_str().unwrap_or_default().to_owned();
            if !text("AccessKeySecret").is_empty() {
                locked(&made).push((text("AccessKeyId"), text("AccessKeySecret")));
            }
        });
    }

    pub(super) fn clear_faults(&self) {
        self.world.clear_faults();
        self.note_secrets();
    }

    /// One run, as the command does it.
    pub(super) async fn run(&self, process: &Process, verb: Verb) -> Result<Report, Stop> {
        self.run_for(process, verb, "alice").await
    }

    pub(super) async fn run_for(&self, process: &Process, verb: Verb, user: &str) -> Result<Report, Stop> {
        let ctx = process.context().await;
        let session = ctx.session.clone().expect("the operator has a key").until(None);
        let desk = Desk {
            session: &session,
            cases: &ctx.cases,
            clock: &ctx.clock,
            pace: &ctx.pace,
            break_glass: &ctx.config.break_glass,
        };
        let rotation = match (desk.running(user, None, None).await?, verb) {
            (Some(rotation), _) => rotation,
            (None, Verb::Go) => desk.begin(user, None, &self.to).await?,
            (None, _) => return Err(Stop::Refused("nothing is under way".to_owned())),
        };
        match verb {
            Verb::Go => rotation.advance(&self.terms, &self.person).await,
            Verb::Delete => rotation.delete(&self.terms, false, &self.person).await,
            Verb::Abort => rotation.abort(&self.terms, &self.person).await,
        }
    }

    /// The same until the process dies, which is `None`.
    pub(super) async fn until_crash(&self, process: &Process, verb: Verb) -> Option<Result<Report, Stop>> {
        let done = tokio::select! {
            done = self.run(process, verb) => Some(done),
            () = process.fuse.blown() => None,
        };
        // Paused time moves only when nothing is on the wire.
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        done
    }

    /// Runs it, after a crash once more in a process that lives.
    pub(super) async fn run_again(&self, process: &Process, verb: Verb) -> Result<Report, String> {
        if !process.fuse.is_blown() {
            match self.until_crash(process, verb).await {
                Some(done) => return done.map_err(|stop| format!("{verb:?}: {stop}")),
                None => self.world.pass(SignedDuration::from_secs(30)),
            }
        }
        let sound = self.world.process();
        self.run(&sound, verb).await.map_err(|stop| format!("{verb:?} again: {stop}"))
    }

    /// The program is given the key that stands at the destination, and uses it.
    pub(super) fn use_new(&self) -> String {
        let key = self.handed_over().expect("a key was handed over").0;
        assert!(self.world.sim.use_key(&key, "Ecs", "DescribeInstances", PROGRAM), "{key} works");
        key
    }

    /// A program calls with the old key; whether it may.
    pub(super) fn use_old(&self) -> bool {
        self.world.sim.use_key(OLD, "Ecs", "DescribeInstances", PROGRAM)
    }

    /// The key and the secret that stand at the destination.
    pub(super) fn handed_over(&self) -> Option<(String, String)> {
        match &self.to {
            Destination::Terminal => locked(&self.person.taken).last().cloned(),
            _ => {
                let stored: Value =
                    serde_json::from_str(&self.world.sim.secret_value("cn-hangzhou", SECRET)?).ok()?;
                let text = |name: &str| stored[name].as_str().map(str::to_owned);
                Some((text("AccessKeyId")?, text("AccessKeySecret")?))
            }
        }
    }

    /// Alice's keys with their status.
    pub(super) fn keys(&self) -> Vec<(String, String)> {
        let state = self.world.sim.state();
        let users = state["users"].as_array().expect("users");
        let alice = users.iter().find(|user| user["name"] == "alice").expect("alice");
        let text = |key: &Value, name: &str| key[name].as_str().unwrap_or("Active").to_owned();
        let keys = alice["keys"].as_array().cloned().unwrap_or_default();
        keys.iter().map(|key| (text(key, "id"), text(key, "status"))).collect()
    }

    pub(super) fn status(&self, id: &str) -> Option<String> {
        self.keys().into_iter().find(|(key, _)| key == id).map(|(_, status)| status)
    }

    /// No secret is anywhere but where it was handed over.
    pub(super) fn secrets_are_kept(&self, reports: &[Report]) -> Result<(), String> {
        let sim = &self.world.sim;
        let mut state = sim.state();
        let stored = self.world.stored();
        let written = [
            ("the store", format!("{stored:?}")),
            ("calls", format!("{:?}", sim.calls())),
            ("events", state["events"].take().to_string()),
            ("messages", format!("{:?}", sim.inbox())),
            ("progress", format!("{:?}", locked(&self.person.heard))),
            ("reports", format!("{reports:?} {}", json!(reports))),
        ];
        if stored.is_empty() || sim.calls().is_empty() {
            return Err("nothing was written that could be searched".to_owned());
        }
        let made = locked(&self.made);
        for (key, secret) in made.iter() {
            if secret.len() < 8 {
                return Err(format!("{key} has no secret that could be found"));
            }
            if let Some((place, _)) = written.iter().find(|(_, text)| text.contains(secret)) {
                return Err(format!("the secret of {key} is in {place}"));
            }
        }
        // The one that stands is the one that works.
        let (key, secret) = self.handed_over().ok_or("nothing was handed over")?;
        match sim.credentials(&key) {
            Some(keys) if keys.secret == secret => {}
            _ => return Err(format!("{key} was handed over, and does not work")),
        }
        let taken = locked(&self.person.taken);
        let times = taken.iter().filter(|(one, _)| *one == key).count();
        if self.to == Destination::Terminal && times != 1
            || self.to != Destination::Terminal && !taken.is_empty()
        {
            return Err(format!("shown: {:?}", taken.iter().map(|(key, _)| key).collect::<Vec<_>>()));
        }
        Ok(())
    }

    /// Cases that are not put away.
    pub(super) async fn open_cases(&self) -> Vec<String> {
        let ctx = self.world.process().context().await;
        ctx.cases.ids(false).await.expect("memory")
    }
}

/// Says how many cases ran.
#[expect(clippy::print_stdout, reason = "it is for whoever reads the output of the tests")]
pub(super) fn say(text: &str) {
    println!("{text}");
}

/// The name of a state.
pub(super) fn named(report: &Report) -> String {
    json!(report)["state"].as_str().unwrap_or_default().to_owned()
}

pub(super) fn expect(report: &Report, state: &str) -> Result<(), String> {
    if named(report) == state { Ok(()) } else { Err(format!("{state} was expected: {report:?}")) }
}

pub(super) fn is_rotated(report: &Report) -> bool {
    matches!(report.state, State::Rotated)
}
