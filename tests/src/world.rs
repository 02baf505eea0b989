//! A function in this process against the simulator, with a hand on the clock, the network and the store.
//!
//! Time is tokio's paused clock: pauses, leases and deadlines have the lengths they have in production and cost
//! nothing. It stands still while a request is on its way, and a request that is never answered costs as long as
//! the client meant to wait for it.

mod fuse;
mod network;
mod people;
mod store;

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::ambient::{Clock, Env, Random};
use shared::config::Config;
use shared::log::Log;
use shared::notify::Notifier;
use shared::openapi::{Api, Client, Credentials, RetryPolicy, Session};
use shared::response::{Case, Cases, Entry, Pace, Running, Undone, undo};
use shared::runtime::{Context, Failure, Host, Invocation};
use shared::state::{Memory, Operation, Store};
use simulator::{Account, Keys, Settings, Simulator};
use tokio::time::Instant;

pub use fuse::{Fuse, Moment};
pub use people::{account, account_for, key, key_with, open_list, small, user};
pub use store::StoreFault;

use network::{Meddlers, Network, Wire};
use store::{Shelf, StoreFaults};

/// The role that the response to root keys runs as.
pub const ROLE: &str = "hardening-root-key-revoke";

/// A function under test.
#[derive(Clone, Copy)]
pub struct Job {
    /// The role that it runs as.
    pub role: &'static str,
    /// The platform's limit for one invocation, as s.yaml could set it.
    pub limit: Duration,
    /// What it calls.
    pub needs: fn() -> Vec<Api>,
    /// The function itself.
    pub handle: fn(Context, Bytes) -> LocalBoxFuture<'static, Result<Value, Failure>>,
}

/// The response to root keys.
pub const ROOT_KEY: Job = Job {
    role: ROLE,
    limit: Duration::from_secs(60),
    needs: root_key_revoke::needs,
    handle: |ctx, event| Box::pin(root_key_revoke::handle(ctx, event)),
};

/// The rotation of access keys.
pub const KEY_ROTATION: Job = Job {
    role: "hardening-key-rotation",
    limit: Duration::from_secs(60),
    needs: key_rotation::needs,
    handle: |ctx, event| Box::pin(key_rotation::handle(ctx, event)),
};

/// The nightly scan of what the internet reaches.
pub const EXPOSURE_SCAN: Job = Job {
    role: "hardening-exposure-scan",
    limit: Duration::from_secs(900),
    needs: exposure_scan::needs,
    handle: |ctx, event| Box::pin(exposure_scan::handle(ctx, event)),
};

/// Where an attacker calls from.
pub const ATTACKER: &str = "198.51.100.66";

/// The configuration that most tests run with.
pub const QUARANTINE: &str =
    "break_glass: [user/emergency-admin]\nroot_key: {mode: revoke, quarantine: true, repeat_every: 15m}";

/// An account, a store, and time.
pub struct World {
    /// The account.
    pub sim: Arc<Simulator>,
    shared: Arc<Common>,
}

struct Common {
    job: Job,
    config: Mutex<Arc<Config>>,
    /// Whether invocations bring credentials, and whose.
    keys: Mutex<Option<Keys>>,
    wire: Arc<Wire>,
    memory: Memory,
    faults: Arc<StoreFaults>,
    meddlers: Arc<Meddlers>,
    /// Milliseconds that the clock is ahead of the machine's.
    ahead: AtomicI64,
    /// Where tokio's paused clock stood when it was started.
    began: Mutex<Option<Instant>>,
    seed: AtomicU64,
    patience: Mutex<Duration>,
    pace: Mutex<Pace>,
}

impl Common {
    fn now(&self) -> Timestamp {
        let run = held(&self.began).map(|began| began.elapsed().as_millis() as i64).unwrap_or_default();
        Timestamp::now() + SignedDuration::from_millis(self.ahead.load(Ordering::SeqCst) + run)
    }

    /// One sequence for all processes: no two writers are named alike.
    fn random(self: &Arc<Self>) -> Random {
        let common = Arc::clone(self);
        Random::from_fn(move || {
            let mut mixed = common.seed.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst);
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            mixed ^ (mixed >> 31)
        })
    }
}

impl World {
    /// The world of the response to root keys.
    pub fn new(account: Account, settings: Settings, config: &str) -> Self {
        Self::of(ROOT_KEY, account, settings, config)
    }

    /// The world of `job`. `config` is hardening.yaml; see [`World::configure`].
    pub fn of(job: Job, account: Account, settings: Settings, config: &str) -> Self {
        let sim = Arc::new(Simulator::start(account, settings).expect("a free port"));
        // The client keeps to two lookups a second in its own, paused time; the simulator counts real seconds.
        sim.settings(|settings| {
            settings.lookups_per_second = 0;
            settings.rate_limits = false;
        });
        let common = Common {
            job,
            config: Mutex::new(Arc::new(Config::default())),
            keys: Mutex::new(sim.credentials(job.role)),
            wire: Arc::new(Wire::to(&sim.base_url())),
            memory: Memory::default(),
            faults: Arc::default(),
            meddlers: Arc::default(),
            ahead: AtomicI64::new(0),
            began: Mutex::new(None),
            seed: AtomicU64::new(7),
            patience: Mutex::new(Duration::from_secs(20)),
            pace: Mutex::new(Pace::default()),
        };
        let world = Self { sim, shared: Arc::new(common) };
        world.configure(config);
        world.watch();
        world
    }

    /// The small account under [`QUARANTINE`].
    pub fn small() -> Self {
        Self::new(small(), Settings::default(), QUARANTINE)
    }

    /// Another hardening.yaml from now on. Without channels of its own it gets one; in theirs, `INBOX` stands for the
    /// simulator's.
    pub fn configure(&self, config: &str) {
        let url = self.sim.base_url();
        let mut text = config.replace("INBOX", &format!("{url}/inbox"));
        if !text.contains("notify:") {
            text += &format!(
                "\nnotify: {{channels: [{{name: security, type: webhook, url: \"{url}/inbox/security\", min_severity: low}}]}}"
            );
        }
        *held(&self.shared.config) =
            Arc::new(Config::parse(&text, "test.yaml").expect("a valid configuration"));
    }

    /// In whose name the next invocations come; `None`: without a credential.
    pub fn act_as(&self, name: Option<&str>) {
        *held(&self.shared.keys) = name.and_then(|name| self.sim.credentials(name));
    }

    /// How long, in real time, an answer is waited for.
    pub fn patience(&self, patience: Duration) {
        *held(&self.shared.patience) = patience;
    }

    /// How patient responses are from now on.
    pub fn pace(&self, change: impl FnOnce(&mut Pace)) {
        change(&mut held(&self.shared.pace));
    }

    /// Moves the clock.
    pub fn wait(&self, time: SignedDuration) {
        self.shared.ahead.fetch_add(time.as_millis() as i64, Ordering::SeqCst);
    }

    /// Moves the clock, and that of the account with it: what happens there from now on is dated by it.
    pub fn pass(&self, time: SignedDuration) {
        self.wait(time);
        let ahead = self.shared.now().duration_since(Timestamp::now());
        self.sim.settings(|settings| settings.ahead = ahead);
    }

    /// Everything that is stored, by key.
    pub fn stored(&self) -> std::collections::BTreeMap<String, String> {
        let store = Store::from_backend(Arc::new(self.shared.memory.clone()), self.shared.random());
        let read = async {
            let mut stored = std::collections::BTreeMap::new();
            for key in store.list("").await.expect("memory") {
                let bytes = store.read(&key).await.expect("memory").unwrap_or_default();
                stored.insert(key, String::from_utf8_lossy(&bytes).into_owned());
            }
            stored
        };
        futures_util::FutureExt::now_or_never(read).expect("memory does not wait")
    }

    /// The world's time.
    pub fn now(&self) -> Timestamp {
        self.shared.now()
    }

    /// Harms operations of the store, for all processes.
    pub fn store_fault(&self, operation: Operation, fault: StoreFault, after: u32, times: u32) {
        self.shared.faults.add(operation, fault, after, times);
    }

    /// Somebody else acts right before each call of `action`.
    pub fn before_each(&self, action: &'static str, act: impl Fn() + Send + Sync + 'static) {
        self.shared.meddlers.before(action, Box::new(act));
    }

    /// Every answer to `action` is changed on its way.
    pub fn spoil(&self, action: &'static str, change: impl Fn(&mut Value) + Send + Sync + 'static) {
        self.shared.meddlers.spoil(action, Box::new(change));
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.sim.clear_faults();
        self.shared.faults.clear();
        self.shared.meddlers.clear();
    }

    /// Runs a story in paused time.
    pub fn play<T>(&self, story: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .expect("the system gives a runtime");
        tokio::task::LocalSet::new().block_on(&runtime, async {
            *held(&self.shared.began) = Some(Instant::now());
            let told = story.await;
            if let Some(began) = held(&self.shared.began).take() {
                self.shared.ahead.fetch_add(began.elapsed().as_millis() as i64, Ordering::SeqCst);
            }
            told
        })
    }

    /// An instance of the function.
    pub fn process(&self) -> Process {
        self.process_with(Fuse::never())
    }

    /// One that will crash.
    pub fn process_with(&self, fuse: Fuse) -> Process {
        let common = Arc::clone(&self.shared);
        let fuse = Arc::new(fuse);
        let network = Network {
            wire: Arc::clone(&common.wire),
            fuse: Arc::clone(&fuse),
            meddlers: Arc::clone(&common.meddlers),
            patience: *held(&common.patience),
        };
        // Signatures are dated by the machine's clock, as the simulator's are.
        let (clock, random) = (Clock::system(), common.random());
        let client = Client::with(Arc::new(network), RetryPolicy::default(), &Env::default(), clock, random)
            .expect("an empty environment is valid");
        let shelf = Shelf {
            memory: common.memory.clone(),
            fuse: Arc::clone(&fuse),
            faults: Arc::clone(&common.faults),
        };
        let store = Store::from_backend(Arc::new(shelf), common.random());
        let clock = {
            let common = Arc::clone(&common);
            Clock::from_fn(move || common.now())
        };
        let cases = Cases::new(store, clock.clone(), common.random(), Running::default());
        Process { common, client, cases, clock, fuse }
    }

    /// What is on record, read past every fault.
    pub fn entries(&self, id: &str) -> Vec<Entry> {
        let store = Store::from_backend(Arc::new(self.shared.memory.clone()), self.shared.random());
        let cases = Cases::new(store, Clock::system(), self.shared.random(), Running::default());
        let read =
            async { cases.load(id).await.expect("memory").map(|case| case.entries()).unwrap_or_default() };
        // Memory answers at once, inside a story or outside of one.
        futures_util::FutureExt::now_or_never(read).expect("memory does not wait")
    }

    /// All cases' ids, archived ones included.
    pub fn cases(&self) -> Vec<String> {
        let store = Store::from_backend(Arc::new(self.shared.memory.clone()), self.shared.random());
        let cases = Cases::new(store, Clock::system(), self.shared.random(), Running::default());
        let read = cases.ids(true);
        futures_util::FutureExt::now_or_never(read).expect("memory does not wait").expect("memory")
    }
}

/// What every host of a test shares: only its parts that a context needs and a world replaces.
static HOST: LazyLock<Host> =
    LazyLock::new(|| Host::new(Env::default, Clock::system(), Random::system(), |_| Log::silent()));

/// An instance of the function: a process of its own, on the same store. Clones are the same.
#[derive(Clone)]
pub struct Process {
    common: Arc<Common>,
    client: Client,
    cases: Cases,
    clock: Clock,
    /// Counts its steps.
    pub fuse: Arc<Fuse>,
}

impl Process {
    /// What one invocation gets.
    pub async fn context(&self) -> Context {
        let mut ctx = HOST.context(Invocation::now()).await.expect("an empty environment is valid");
        let invocation = Invocation { limit: Some(self.common.job.limit), ..Invocation::now() };
        let keys = held(&self.common.keys).clone();
        ctx.credentials = keys.map(|keys| match keys.token {
            Some(token) => Credentials::sts(keys.id, keys.secret, token),
            None => Credentials::key(keys.id, keys.secret),
        });
        ctx.deadline = invocation.deadline();
        ctx.timeout = invocation.timeout();
        ctx.session = ctx.credentials.clone().map(|own| self.client.session(own, Some(ctx.deadline)));
        ctx.config = Arc::clone(&held(&self.common.config));
        ctx.notifier = Arc::new(Notifier::forgiving(&ctx.config, &ctx.env, self.client.clone()));
        ctx.clock = self.clock.clone();
        ctx.random = self.common.random();
        ctx.client = self.client.clone();
        ctx.cases = self.cases.clone();
        ctx.pace = held(&self.common.pace).clone();
        ctx
    }

    /// One invocation. It must be over within the platform's limit.
    ///
    /// # Errors
    /// As the function.
    pub async fn invoke(&self, event: &Value) -> Result<Value, Failure> {
        let handled = (self.common.job.handle)(self.context().await, event.to_string().into_bytes().into());
        tokio::time::timeout(self.common.job.limit, handled).await.unwrap_or_else(|_| {
            Err(Failure::new("Timeout", "the invocation took longer than the platform lets it"))
        })
    }

    /// The timer.
    ///
    /// # Errors
    /// As the function.
    pub async fn sweep(&self) -> Result<Value, Failure> {
        self.invoke(&timer()).await
    }

    /// The same, until its fuse blows: `None` is a crash, after which what was on its way has arrived.
    pub async fn until_crash(&self, event: &Value) -> Option<Result<Value, Failure>> {
        let done = tokio::select! {
            done = self.invoke(event) => Some(done),
            () = self.fuse.blown() => None,
        };
        // Paused time moves only when nothing is on the wire.
        tokio::time::sleep(Duration::from_millis(1)).await;
        done
    }

    /// Calls in somebody's name.
    pub fn session(&self, keys: Keys) -> Session {
        let own = match keys.token {
            Some(token) => Credentials::sts(keys.id, keys.secret, token),
            None => Credentials::key(keys.id, keys.secret),
        };
        self.client.session(own, None)
    }

    /// A case, to look at or to work on.
    pub async fn case(&self, id: &str) -> Option<Case> {
        self.cases.load(id).await.ok().flatten()
    }

    /// `harden undo`: claims the case, and takes back what stands.
    ///
    /// # Errors
    /// When the case is missing, held or lost, or the store fails.
    pub async fn undo(&self, id: &str) -> Result<Undone, String> {
        let ctx = self.context().await;
        let session = ctx.session.clone().ok_or("no credential")?.until(None);
        let case = self.case(id).await.ok_or("no such case")?;
        let hold = case.claim(&ctx.pace).await.map_err(|error| error.to_string())?.ok_or("held")?;
        let undone = case.alive(&ctx.pace, undo(&case, &session, &ctx.pace)).await;
        case.release(hold).await.map_err(|error| error.to_string())?;
        undone.map_err(|error| error.to_string())
    }
}

/// A timer's tick.
pub fn timer() -> Value {
    json!({ "triggerTime": "2026-11-24T00:00:00Z", "triggerName": "sweep", "payload": "" })
}

fn held<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
