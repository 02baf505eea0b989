//! What a command stands on: the environment, credentials where the official tools find them, the configuration, the
//! store.

use shared::ambient::{Clock, Env, Random};
use shared::config::{Config, Source};
use shared::log::Log;
use shared::openapi::{Client, Credentials, Session, chain};
use shared::response::Cases;
use shared::runtime::{Context, Host, Invocation};
use shared::state::{Location, VARIABLE};

/// A command's surroundings.
pub(crate) struct Surroundings {
    pub(crate) env: Env,
    pub(crate) host: Host,
    profile: Option<String>,
    /// Why there is no place to record anything, if there is none: an error for whoever needs one.
    stateless: Option<String>,
}

impl Surroundings {
    /// As the environment and `--profile` say. What is recorded goes into the user's data folder, unless
    /// `HARDENING_STATE` says otherwise.
    pub(crate) fn new(profile: Option<&str>) -> anyhow::Result<Self> {
        Self::with(profile, None)
    }

    /// The same with another configuration.
    pub(crate) fn with(profile: Option<&str>, config: Option<&str>) -> anyhow::Result<Self> {
        let mut extra: Vec<(String, String)> = Vec::new();
        let mut stateless = None;
        if Location::from_env(&Env::system())?.is_none() {
            match Location::user_default(&Env::system()) {
                Ok(location) => extra.push((VARIABLE.to_owned(), location.to_string())),
                Err(why) => stateless = Some(why.to_string()),
            }
        }
        if let Some(config) = config {
            extra.push(("HARDENING_CONFIG".to_owned(), config.to_owned()));
        }
        let env = move || Env::system().and(extra.clone());
        let host = Host::new(env.clone(), Clock::system(), Random::system(), Log::stderr);
        Ok(Self { env: env(), host, profile: profile.map(str::to_owned), stateless })
    }

    /// The client.
    pub(crate) fn client(&self) -> anyhow::Result<&Client> {
        Ok(self.host.client()?)
    }

    /// The caller's credentials.
    pub(crate) async fn credentials(&self) -> anyhow::Result<Credentials> {
        Ok(chain::find(self.client()?, &self.env, self.profile.as_deref()).await?)
    }

    /// A session in the caller's name.
    pub(crate) async fn session(&self) -> anyhow::Result<Session> {
        Ok(self.client()?.session(self.credentials().await?, None))
    }

    /// The configuration.
    pub(crate) async fn config(&self) -> anyhow::Result<Config> {
        let Some(source) = self.env.get("HARDENING_CONFIG") else { return Ok(Config::default()) };
        let source = Source::parse(source)?;
        let session = match &source {
            Source::Path(_) => None,
            Source::Oss { .. } => Some(self.session().await?),
        };
        Ok(source.load(session.as_ref()).await?)
    }

    fn recorded(&self) -> anyhow::Result<()> {
        self.stateless.as_ref().map_or(Ok(()), |why| Err(anyhow::anyhow!("{why}")))
    }

    /// The cases in the store.
    pub(crate) fn cases(&self, session: Option<&Session>) -> anyhow::Result<Cases> {
        self.recorded()?;
        Ok(self.host.cases(&self.env, session.cloned(), &Log::silent())?)
    }

    /// What one invocation of a function gets.
    pub(crate) async fn context(&self, credentials: Option<Credentials>) -> anyhow::Result<Context> {
        self.recorded()?;
        let invocation = Invocation { credentials, ..Invocation::now() };
        Ok(self.host.context(invocation).await?)
    }
}
