//! `harden demo`: the main job, played on the simulated account. Everything that is shown is what really happened: the
//! calls go over HTTP, signed; a part that does not go as it should ends the demo with exit status 1.

mod stage;

use std::collections::HashSet;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::ambient::{Clock, Env, Random};
use shared::cloud::sts::GetCallerIdentity;
use shared::config::Config;
use shared::log::Log;
use shared::notify::Notifier;
use shared::openapi::{Client, Credentials, Session};
use shared::response::{Cases, Pace, Running, undo};
use shared::runtime::{Host, Invocation};
use shared::state::{Location, Store};
use simulator::{Account, Keys, NewKey, RootKeyAction, Settings, Simulator, Variant};

use stage::Stage;

/// The role that the function runs as, in the built-in account.
const ROLE: &str = "hardening-root-key-revoke";

/// Plays.
pub(crate) async fn run() -> anyhow::Result<ExitCode> {
    let mut play = Play::new()?;
    play.whole().await?;
    Ok(if play.stage.failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

struct Play {
    stage: Stage,
    cloud: Simulator,
    client: Client,
    config: Arc<Config>,
    notifier: Arc<Notifier>,
    host: Host,
    cases: Cases,
    clock: Clock,
    /// Seconds that the function's clock is ahead: a quarter of an hour passes in no time.
    ahead: Arc<AtomicI64>,
    /// Messages shown so far.
    seen: usize,
    /// Their sections' lines.
    told: HashSet<String>,
}

impl Play {
    fn new() -> anyhow::Result<Self> {
        let mut settings = Settings::default();
        settings.events_delay = Duration::from_millis(500);
        let cloud = Simulator::start(Account::builtin(), settings)?;
        let env = Env::from_iter([("ALIBABA_CLOUD_ENDPOINT_URL", cloud.base_url())]);
        let random = Random::system();
        let client = Client::new(&env, Clock::system(), random.clone())?;
        let ahead = Arc::new(AtomicI64::new(0));
        let offset = Arc::clone(&ahead);
        let clock = Clock::from_fn(move || {
            Timestamp::now() + SignedDuration::from_secs(offset.load(Ordering::Relaxed))
        });
        let text = format!(
            "version: 1\nroot_key: {{mode: revoke, quarantine: true}}\nnotify:\n  channels:\n    - {{name: security, type: webhook, url: \"{}/inbox/security\", secret: example-secret}}\n",
            cloud.base_url()
        );
        let config = Arc::new(Config::parse(&text, "the demo's configuration")?);
        let notifier = Arc::new(Notifier::new(&config, &env, client.clone())?);
        let host_env = env.clone();
        let host = Host::new(move || host_env.clone(), Clock::system(), random.clone(), |_| Log::silent());
        let store = Store::open(&Location::memory(), None, random.clone())?;
        let cases = Cases::new(store, clock.clone(), random, Running::default());
        let stage = Stage::new();
        Ok(Self {
            stage,
            cloud,
            client,
            config,
            notifier,
            host,
            cases,
            clock,
            ahead,
            seen: 0,
            told: HashSet::new(),
        })
    }

    async fn whole(&mut self) -> anyhow::Result<()> {
        self.opening();
        let key = self.act_one().await?;
        self.act_two(&key).await?;
        self.act_three(&key).await?;
        self.act_four(&key).await?;
        self.act_five(&key).await?;
        self.stage.curtain();
        Ok(())
    }

    fn opening(&self) {
        self.stage.title("A root access key appears, and what happens in the next seconds");
        self.stage.say(&format!(
            "A simulated account, {}, in this process: real HTTP, signatures and permissions checked. {} RAM users hold {} active keys; root has none.",
            self.cloud.account_id(),
            self.users(),
            self.active_keys().len()
        ));
    }

    async fn act_one(&mut self) -> anyhow::Result<NewKey> {
        let watched = self.active_keys().into_iter().map(|key| (key.id, "203.0.113.10".to_owned()));
        self.cloud.watch(watched.collect());
        self.stage.scene("Somebody who is signed in as root creates an access key");
        let key = self.cloud.root_creates_key(Variant::Ims);
        let event = &key.event;
        self.stage.fact(
            "event",
            &format!("{} by {}", text(event, "/eventName"), text(event, "/userIdentity/type")),
        );
        self.stage
            .fact("from", &format!("{} with {}", text(event, "/sourceIpAddress"), text(event, "/userAgent")));
        self.stage.fact("key", &key.id);
        let works = self.call(&Credentials::key(key.id.clone(), key.secret.clone())).await;
        self.stage.expect("the new key can call", works.is_ok(), &shown(&works));
        Ok(key)
    }

    async fn act_two(&mut self, key: &NewKey) -> anyhow::Result<()> {
        self.stage.scene("EventBridge delivers the event to root-key-revoke");
        let event = Simulator::envelope(&key.event, &self.cloud.account_id());
        let started = Instant::now();
        let reply = self.invoke(&event).await?;
        let took = started.elapsed();
        self.read_inbox(1);
        let steps = reply["steps"].as_array().cloned().unwrap_or_default();
        let named = |name: &'static str| steps.iter().filter(move |step| step["step"] == name);
        for step in named("disable_key") {
            let refusal = format!("{} ({})", text(step, "/code"), text(step, "/message"));
            self.stage.fact("disabling it directly", &format!("{}: {refusal}", text(step, "/result")));
        }
        let stored: usize = named("record_intent").map(count).sum();
        let proved: usize = named("read_back").map(count).sum();
        self.stage.fact("written down first", &format!("{stored} changes, each with what was there before"));
        self.stage.fact("made and read back", &format!("{proved} changes"));
        self.read_inbox(usize::MAX);
        let outcome = text(&reply, "/outcome");
        let good = outcome == "network_restricted" && reply["verified"] == true;
        self.stage.expect("outcome", good, &format!("{outcome}, after {} ms", took.as_millis()));
        Ok(())
    }

    async fn act_three(&mut self, key: &NewKey) -> anyhow::Result<()> {
        self.stage.scene("Who can still call");
        let denied = self.call(&Credentials::key(key.id.clone(), key.secret.clone())).await;
        self.stage.expect("the new root key is denied", denied.is_err(), &shown(&denied));
        for held in self.active_keys() {
            let allowed = self.call(&Credentials::key(held.id.clone(), held.secret.clone())).await;
            self.stage.expect(
                &format!("RAM-user key {} is allowed", held.id),
                allowed.is_ok(),
                &shown(&allowed),
            );
        }
        let session = self.role()?;
        let allowed = session.call(&GetCallerIdentity {}).await.map(|who| principal(&who.arn).to_owned());
        self.stage.expect(
            "STS token is allowed",
            allowed.is_ok(),
            &shown(&allowed.map_err(|error| error.to_string())),
        );
        let again = self.invoke(&Simulator::envelope(&key.event, &self.cloud.account_id())).await?;
        self.stage.expect(
            "the same event again changes nothing",
            again["outcome"] == "duplicate",
            &text(&again, "/outcome"),
        );
        Ok(())
    }

    async fn act_four(&mut self, key: &NewKey) -> anyhow::Result<()> {
        self.stage.scene("A quarter of an hour later, nobody has disabled it: the timer");
        self.ahead.store(15 * 60, Ordering::Relaxed);
        self.sweep().await?;
        self.read_inbox(usize::MAX);
        self.stage.scene("The human who holds root disables the key in the console");
        self.cloud.root_sets_key(&key.id, RootKeyAction::Inactive);
        self.stage
            .say("ActionTrail shows it some minutes later (here: half a second); the next sweep reads it.");
        tokio::time::sleep(Duration::from_millis(1200)).await;
        let reply = self.sweep().await?;
        self.read_inbox(usize::MAX);
        let outcome = text(&reply["cases"][0], "/outcome");
        self.stage.expect("outcome", outcome == "revoked", &format!("{outcome}: proved, not assumed"));
        Ok(())
    }

    async fn act_five(&mut self, key: &NewKey) -> anyhow::Result<()> {
        self.stage.scene(&format!("harden undo root-key-{}", key.id));
        let case = self
            .cases
            .load(&format!("root-key-{}", key.id))
            .await?
            .ok_or_else(|| anyhow::anyhow!("the case is gone"))?;
        let undone = undo(&case, &self.role()?, &Pace::default()).await?;
        self.stage.expect(
            "account policy restored, pins removed",
            undone.failed.is_empty(),
            &format!("{} change(s) taken back and read back", undone.undone.len()),
        );
        for held in self.active_keys() {
            let allowed = self.call(&Credentials::key(held.id.clone(), held.secret.clone())).await;
            if allowed.is_err() {
                self.stage.expect(&format!("RAM-user key {} is allowed", held.id), false, &shown(&allowed));
            }
        }
        let lockouts = self.cloud.lockouts().iter().filter(|change| !change.allowed).count();
        self.stage.expect(
            "nobody was locked out at any moment",
            lockouts == 0,
            &format!("{lockouts} times a watched key could not call"),
        );
        Ok(())
    }

    /// One invocation, as Function Compute would make it.
    async fn invoke(&self, event: &Value) -> anyhow::Result<Value> {
        let keys = self.role_keys()?;
        let mut context =
            self.host.context(Invocation { credentials: Some(keys), ..Invocation::now() }).await?;
        context.config = Arc::clone(&self.config);
        context.notifier = Arc::clone(&self.notifier);
        context.cases = self.cases.clone();
        context.clock = self.clock.clone();
        let reply = root_key_revoke::handle(context, Bytes::from(event.to_string())).await;
        reply.map_err(|failure| anyhow::anyhow!("{failure}"))
    }

    async fn sweep(&self) -> anyhow::Result<Value> {
        self.invoke(&json!({ "triggerTime": self.clock.now().to_string(), "triggerName": "sweep", "payload": "sweep" })).await
    }

    fn role_keys(&self) -> anyhow::Result<Credentials> {
        let keys =
            self.cloud.credentials(ROLE).ok_or_else(|| anyhow::anyhow!("the account has no role {ROLE}"))?;
        Ok(credentials(&keys))
    }

    /// A session of the function's role.
    fn role(&self) -> anyhow::Result<Session> {
        Ok(self.client.session(self.role_keys()?, None))
    }

    async fn call(&self, credentials: &Credentials) -> Result<String, String> {
        let session = self.client.session(credentials.clone(), None);
        session
            .call(&GetCallerIdentity {})
            .await
            .map(|who| principal(&who.arn).to_owned())
            .map_err(|error| error.code().to_owned())
    }

    /// Shows the messages that came since the last look, at most so many. The first is shown whole, as people get it; of
    /// the others what is new.
    fn read_inbox(&mut self, most: usize) {
        for delivery in self.cloud.inbox().into_iter().skip(self.seen).take(most) {
            self.seen += 1;
            let message: Value = serde_json::from_str(&delivery.body).unwrap_or_default();
            let news = self.news(&message);
            let shown = if self.seen == 1 { whole(&message) } else { news };
            self.stage.message(&text(&message, "/severity"), &shown);
        }
    }

    /// Title, summary, and what the sections say that no message before has said.
    fn news(&mut self, message: &Value) -> String {
        let mut shown = format!("{}\n{}", text(message, "/title"), text(message, "/summary"));
        self.told.insert(text(message, "/summary"));
        for section in message["sections"].as_array().into_iter().flatten() {
            let lines = section["lines"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let new: Vec<&str> = lines.filter(|line| self.told.insert((*line).to_owned())).collect();
            if !new.is_empty() {
                shown.push_str(&format!("\n{}:\n- {}", text(section, "/title"), new.join("\n- ")));
            }
        }
        shown
    }

    fn users(&self) -> usize {
        self.cloud.state()["users"].as_array().map_or(0, Vec::len)
    }

    /// The active keys of the RAM users: they can sign.
    fn active_keys(&self) -> Vec<Keys> {
        let state = self.cloud.state();
        let users = state["users"].as_array().into_iter().flatten();
        let keys = users.flat_map(|user| user["keys"].as_array().cloned().unwrap_or_default());
        let active = keys.filter(|key| key["status"] == "Active");
        active.filter_map(|key| self.cloud.credentials(key["id"].as_str()?)).collect()
    }
}

/// The message as text, but for what every message ends its facts with: its sender, time and id.
fn whole(message: &Value) -> String {
    let routine = ["Reported by: ", "Time: ", "Message id: "];
    let text = text(message, "/text");
    let lines = text.lines().filter(|line| !routine.iter().any(|label| line.starts_with(label)));
    lines.collect::<Vec<_>>().join("\n")
}

/// `user/alice` of `acs:ram::1234567890123456:user/alice`.
fn principal(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}

fn credentials(keys: &Keys) -> Credentials {
    match &keys.token {
        Some(token) => Credentials::sts(keys.id.clone(), keys.secret.clone(), token.clone()),
        None => Credentials::key(keys.id.clone(), keys.secret.clone()),
    }
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn count(step: &Value) -> usize {
    step["data"]["changes"].as_array().map_or(0, Vec::len)
}

fn shown(result: &Result<String, String>) -> String {
    match result {
        Ok(text) | Err(text) => text.clone(),
    }
}
