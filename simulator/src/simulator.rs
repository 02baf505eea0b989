//! The handle on a running simulator.

use crate::account::{Account, CURRENT, KeyHolder};
use crate::cloud::Cloud;
use crate::fault::Fault;
use crate::record::{Call, Delivery, Keys, Lockout};
use crate::server;
use crate::settings::Settings;
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// A simulated account that listens on loopback, in a thread of its own. Dropping it stops it. Every method
/// may be called from any thread while it runs.
pub struct Simulator {
    address: SocketAddr,
    cloud: Arc<Mutex<Cloud>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for Simulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulator").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Simulator {
    /// Starts a simulator.
    ///
    /// # Errors
    /// The port is taken, or the system gives no socket or thread.
    pub fn start(account: Account, settings: Settings) -> std::io::Result<Self> {
        let listener = std::net::TcpListener::bind(("127.0.0.1", settings.port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let cloud = Arc::new(Mutex::new(Cloud::new(account, settings)));
        let (stop, stopped) = oneshot::channel();
        let shared = Arc::clone(&cloud);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::Builder::new().name("simulator".into()).spawn(move || {
            // Dropping the runtime afterwards ends every connection, hanging ones too.
            runtime.block_on(server::serve(listener, shared, stopped));
        })?;
        Ok(Self { address, cloud, stop: Some(stop), thread: Some(thread) })
    }

    /// A panic in one call must not take the simulator's other users with it.
    pub(crate) fn cloud(&self) -> MutexGuard<'_, Cloud> {
        self.cloud.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `http://127.0.0.1:PORT`, for ALIBABA_CLOUD_ENDPOINT_URL.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The 16 digits of the account.
    pub fn account_id(&self) -> String {
        self.cloud().account.account_id.clone()
    }

    /// Changes how the cloud behaves from the next call on.
    pub fn settings(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.cloud().settings);
    }

    /// Puts a fault in force, after those that are.
    pub fn fault(&self, fault: Fault) {
        self.cloud().faults.add(fault);
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.cloud().faults.clear();
    }

    /// Every API call so far, refused ones included, oldest first.
    pub fn calls(&self) -> Vec<Call> {
        self.cloud().calls.clone()
    }

    /// Forgets the calls so far.
    pub fn clear_calls(&self) {
        self.cloud().calls.clear();
    }

    /// Every request to `/inbox/<name>` so far, oldest first.
    pub fn inbox(&self) -> Vec<Delivery> {
        self.cloud().inbox.clone()
    }

    /// Forgets the deliveries so far.
    pub fn clear_inbox(&self) {
        self.cloud().inbox.clear();
    }

    /// Credentials by key id or by principal: `root`, a user's name or a role's name, of which the first key
    /// or session is meant. None if there are none.
    pub fn credentials(&self, name: &str) -> Option<Keys> {
        let cloud = self.cloud();
        let account = &cloud.account;
        let of_key = |key: &crate::account::AccessKey| Keys {
            id: key.id.clone(),
            secret: key.secret.clone(),
            token: None,
        };
        let of_session = |session: &crate::account::Session| Keys {
            id: session.id.clone(),
            secret: session.secret.clone(),
            token: Some(session.token.clone()),
        };
        let holder = if name == "root" { KeyHolder::Root } else { KeyHolder::User(name.into()) };
        (account.key(name).map(|(_, key)| of_key(key)))
            .or_else(|| account.session(name).map(|(_, session)| of_session(session)))
            .or_else(|| account.keys(&holder)?.first().map(of_key))
            .or_else(|| account.role(name)?.sessions.first().map(of_session))
    }

    /// Whether a key could call now from an address, in a VPC or from the internet: it exists, is Active, and
    /// no AccessKey network policy refuses it. False for an address that is none.
    pub fn may_call(&self, key_id: &str, source_ip: &str, vpc: Option<&str>) -> bool {
        source_ip.parse().is_ok_and(|source| self.cloud().may_call(key_id, source, vpc))
    }

    /// Watches pairs of key id and internet address from now on, instead of those watched before.
    pub fn watch(&self, pairs: Vec<(String, String)>) {
        self.cloud().watch(pairs);
    }

    /// Every moment since [`Simulator::watch`] at which a watched key that could call no longer could, or the
    /// reverse, with what did it.
    pub fn lockouts(&self) -> Vec<Lockout> {
        self.cloud().lockouts.clone()
    }

    /// The whole account in the format of an account file, with the network policies, and with the events
    /// recorded so far; secrets, tokens and the values of parameters and environments are masked.
    pub fn state(&self) -> Value {
        let cloud = self.cloud();
        let mut state = serde_json::to_value(&cloud.account).expect("an account is plain data");
        if let Some(events) = state["events"].as_array_mut() {
            events.extend(cloud.trail.events.iter().map(|(_, event)| event.clone()));
        }
        mask(&mut state);
        state
    }

    /// Deletes an instance, a group, an EIP or anything else that the network products keep, by its id. False if
    /// there is no such thing. To do so between two calls of a client, see [`crate::FaultKind::Deleted`].
    pub fn delete_resource(&self, id: &str) -> bool {
        Arc::make_mut(&mut self.cloud().account.network).delete(id)
    }

    /// The current value of a secret that KMS keeps in a region; None if there is no such secret.
    pub fn secret_value(&self, region: &str, name: &str) -> Option<String> {
        let cloud = self.cloud();
        let secret = cloud.account.secrets.iter().find(|one| one.region == region && one.name == name)?;
        Some(secret.staged(CURRENT)?.secret_data.clone())
    }

    /// CloudEvents 1.0 around an ActionTrail event, as EventBridge sends it from its default bus.
    pub fn envelope(event: &Value, account_id: &str) -> Value {
        crate::trail::envelope(event, account_id)
    }
}

fn mask(value: &mut Value) {
    match value {
        Value::Object(members) => members.iter_mut().for_each(|(name, value)| match name.as_str() {
            "secret" | "token" | "user_data" | "secret_data" | "value" => *value = "****".into(),
            // What functions and stacks are given: names stay.
            "environment" | "parameters" if value.is_object() => {
                value.as_object_mut().into_iter().flatten().for_each(|(_, value)| *value = "****".into());
            }
            _ => mask(value),
        }),
        Value::Array(items) => items.iter_mut().for_each(mask),
        _ => {}
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The other end is gone only if the thread is.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
