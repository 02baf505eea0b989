//! What a command stands on: the environment, credentials where the official tools find them, the configuration, the
//! store.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use shared::ambient::Env;
use shared::config::{Config, Source};
use shared::log::Log;
use shared::notify::Notifier;
use shared::openapi::{Session, chain};
use shared::response::{Cases, Pace, Running};
use shared::runtime::{Context, Host};
use shared::state::{Location, Store};
use tokio::time::Instant;

/// How long one invocation may take here when nothing else is said: as long as a function by default.
const TIMEOUT: Duration = Duration::from_secs(120);

/// A command's surroundings.
pub(crate) struct Surroundings {
    pub(crate) env: Env,
    pub(crate) host: Host,
    pub(crate) source: Option<Source>,
    profile: Option<String>,
    location: Location,
    running: Running,
}

impl Surroundings {
    /// As the environment and `--profile` say.
    pub(crate) fn new(profile: Option<&str>) -> anyhow::Result<Self> {
        let env = Env::system();
        let source = env.get("HARDENING_CONFIG").map(Source::parse).transpose()?;
        let location = match Location::from_env(&env)? {
            Some(location) => location,
            None => Location::user_default(&env)?,
        };
        let host = Host::system();
        Ok(Self { env, host, source, profile: profile.map(str::to_owned), location, running: Running::default() })
    }

    /// A session in the caller's name.
    pub(crate) async fn session(&self) -> anyhow::Result<Session> {
        let client = self.host.client()?;
        let credentials = chain::find(client, &self.env, self.profile.as_deref()).await?;
        Ok(client.session(credentials, None))
    }

    /// The configuration.
    pub(crate) async fn config(&self) -> anyhow::Result<Config> {
        match &self.source {
            None => Ok(Config::default()),
            Some(source) => {
                let session = if source.needs_session() { Some(self.session().await?) } else { None };
                Ok(source.load(session.as_ref()).await?)
            }
        }
    }

    /// The cases in the store.
    pub(crate) fn cases(&self, session: Option<&Session>) -> anyhow::Result<Cases> {
        let store = Store::open(&self.location, session.cloned(), self.host.random().clone())?;
        Ok(Cases::new(store, self.host.clock().clone(), self.host.random().clone(), self.running.clone()))
    }

    /// What one invocation of a function gets.
    pub(crate) async fn context(&self, session: Option<Session>, log: Log) -> anyhow::Result<Context> {
        let config = Arc::new(self.config().await?);
        let notifier = Notifier::new(&config, &self.env, self.host.client()?.clone()).context("notify.channels")?;
        let deadline = Instant::now() + TIMEOUT;
        Ok(Context {
            request_id: log.request_id().to_owned(),
            cases: self.cases(session.as_ref())?,
            session: session.map(|session| session.until(Some(deadline))),
            config,
            notifier,
            clock: self.host.clock().clone(),
            log,
            deadline,
            pace: Pace::default(),
        })
    }
}
