//! What a process has, and what of it one invocation gets.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use once_cell::sync::OnceCell;
use serde_json::json;
use tokio::time::Instant;

use super::Failure;
use crate::ambient::{Clock, Env, Random};
use crate::config::{Config, Source};
use crate::log::Log;
use crate::notify::{Notifier, unusable_message};
use crate::openapi::{Client, Credentials, Error, Session};
use crate::response::{Cases, Pace, Running};
use crate::state::{Location, StateError, Store};

/// How long an invocation may take where the platform does not say: its own default for a new function.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);
/// How long telling people of a setting that is wrong may take.
const TELL_UNUSABLE: Duration = Duration::from_secs(5);
/// The longest that a function may be given (Function Compute, "Limits").
const MAX_TIMEOUT: Duration = Duration::from_secs(86_400);

/// What all invocations of a process share. Cheap to clone. Nothing is built before it is asked for, so that the
/// server listens at once.
#[derive(Clone)]
pub struct Host(Arc<Parts>);

struct Parts {
    env: Box<dyn Fn() -> Env + Send + Sync>,
    clock: Clock,
    random: Random,
    log: Box<dyn Fn(&str) -> Log + Send + Sync>,
    client: OnceCell<Client>,
    location: OnceCell<Location>,
    running: Running,
}

impl Host {
    /// This process: its environment, the machine's clock and randomness, logs to standard output.
    pub fn system() -> Self {
        Self::new(Env::system, Clock::system(), Random::system(), Log::stdout)
    }

    /// Parts of one's own. `env` is asked anew for every invocation, since the credentials in it are temporary;
    /// `log` makes the log of a request id.
    pub fn new(
        env: impl Fn() -> Env + Send + Sync + 'static,
        clock: Clock,
        random: Random,
        log: impl Fn(&str) -> Log + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Parts {
            env: Box::new(env),
            clock,
            random,
            log: Box::new(log),
            client: OnceCell::new(),
            location: OnceCell::new(),
            running: Running::default(),
        }))
    }

    /// The environment as it is now.
    pub fn env(&self) -> Env {
        (self.0.env)()
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The source of randomness.
    pub fn random(&self) -> &Random {
        &self.0.random
    }

    /// The log of one request.
    pub fn log(&self, request_id: &str) -> Log {
        (self.0.log)(request_id)
    }

    /// The client, built from the environment when it is first asked for. A failure is not kept: the next to ask
    /// tries again.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn client(&self) -> Result<&Client, Error> {
        self.0
            .client
            .get_or_try_init(|| Client::new(&self.env(), self.0.clock.clone(), self.0.random.clone()))
    }

    /// The cases in the store that the environment names.
    ///
    /// # Errors
    /// A location that means nothing, or one in OSS without a session.
    pub fn cases(&self, env: &Env, session: Option<Session>, log: &Log) -> Result<Cases, StateError> {
        let store = Store::open(self.location(env, log)?, session, self.0.random.clone())?;
        Ok(self.cases_in(store))
    }

    fn cases_in(&self, store: Store) -> Cases {
        Cases::new(store, self.0.clock.clone(), self.0.random.clone(), self.0.running.clone())
    }

    /// Where the state is. In memory it is the same for all invocations of the process, and gone with it.
    fn location(&self, env: &Env, log: &Log) -> Result<&Location, StateError> {
        self.0.location.get_or_try_init(|| match Location::from_env(env)? {
            Some(location) => Ok(location),
            None => {
                log.warn(
                    "HARDENING_STATE is not set: what is recorded is lost with this instance",
                    json!({}),
                );
                Ok(Location::memory())
            }
        })
    }

    /// Builds what invocations will need, ahead of the first.
    ///
    /// # Errors
    /// A setting that means nothing.
    pub async fn warm_up(&self) -> Result<(), Failure> {
        self.client()?;
        Ok(())
    }

    /// With a setting that keeps every call from being made nothing can be done, but people can hear of it: channels need none of
    /// these settings.
    async fn tell_unusable(&self, env: &Env, error: &Error) {
        let Ok(client) = Client::new(&Env::default(), self.0.clock.clone(), self.0.random.clone()) else {
            return;
        };
        let config = match env.get("HARDENING_CONFIG").map(Source::parse) {
            Some(Ok(source @ Source::Path(_))) => source.load(None).await.unwrap_or_default(),
            _ => return,
        };
        let function = env.get("FC_FUNCTION_NAME").unwrap_or("cloud-hardening");
        let message = unusable_message(function, &error.to_string(), self.0.clock.now(), config.language);
        let deadline = Instant::now() + TELL_UNUSABLE;
        Notifier::forgiving(&config, env, client).send(&message, Some(deadline)).await;
    }

    /// What one invocation gets: the one place where it is put together, for the server and for commands alike.
    ///
    /// # Errors
    /// A setting that means nothing.
    pub async fn context(&self, invocation: Invocation) -> Result<Context, Failure> {
        let env = self.env();
        let client = match self.client() {
            Ok(client) => client.clone(),
            Err(error) => {
                self.tell_unusable(&env, &error).await;
                return Err(error.into());
            }
        };
        let var = |name: &str| env.get(name).map(str::to_owned);
        let request_id = invocation.request_id.clone().unwrap_or_else(|| self.0.random.hex());
        let region = invocation.region.clone().unwrap_or_else(|| client.region().to_owned());
        let timeout = invocation.timeout();
        let deadline = invocation.deadline();
        let credentials = invocation.credentials.or_else(|| {
            credentials(
                env.get("ALIBABA_CLOUD_ACCESS_KEY_ID"),
                env.get("ALIBABA_CLOUD_ACCESS_KEY_SECRET"),
                env.get("ALIBABA_CLOUD_SECURITY_TOKEN"),
            )
        });
        let session = credentials.clone().map(|own| client.session(own, Some(deadline)).in_region(&region));
        let log = self.log(&request_id);
        let config = Arc::new(match env.get("HARDENING_CONFIG") {
            None => Config::default(),
            Some(source) => Source::parse(source)?.load(session.as_ref()).await?,
        });
        let notifier = Notifier::forgiving(&config, &env, client.clone());
        if config.notify.channels.is_empty() {
            log.warn("no channel is configured: nobody hears of anything", json!({}));
        }
        for broken in notifier.broken() {
            log.error("a channel cannot be used", json!({ "why": broken }));
        }
        Ok(Context {
            cases: self
                .cases(&env, session.clone(), &log)
                .unwrap_or_else(|error| self.cases_in(Store::unavailable(error, self.0.random.clone()))),
            config,
            notifier: Arc::new(notifier),
            pace: Pace::default(),
            log,
            request_id,
            function_name: invocation.function_name.or_else(|| var("FC_FUNCTION_NAME")),
            account_id: invocation.account_id.or_else(|| var("FC_ACCOUNT_ID")),
            region,
            credentials,
            session,
            deadline,
            timeout,
            clock: self.0.clock.clone(),
            random: self.0.random.clone(),
            client,
            env,
            host: self.clone(),
        })
    }
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Host")
    }
}

/// What one invocation gets.
#[derive(Clone)]
pub struct Context {
    /// The platform's id of the request, or one of our own.
    pub request_id: String,
    /// The function's name as deployed, if known.
    pub function_name: Option<String>,
    /// The account it is deployed in, if known.
    pub account_id: Option<String>,
    /// The home region: the request's, else as [`Client::region`].
    pub region: String,
    /// Whose name the invocation acts in: the request's, else the environment's.
    pub credentials: Option<Credentials>,
    /// Calls in that name, in the home region, until the deadline. `None` without credentials.
    pub session: Option<Session>,
    /// When the reply must be ready: the platform's limit less a reserve to send it.
    pub deadline: Instant,
    /// The platform's limit for the whole invocation.
    pub timeout: Duration,
    /// Log lines of this invocation.
    pub log: Log,
    /// The time of day.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// The client, for calls outside the session.
    pub client: Client,
    /// The environment as it was when the invocation began.
    pub env: Env,
    /// What it shares with other invocations.
    pub host: Host,
    /// The configuration.
    pub config: Arc<Config>,
    /// The channels that people are told on.
    pub notifier: Arc<Notifier>,
    /// The cases in the store.
    pub cases: Cases,
    /// How patient a response is.
    pub pace: Pace,
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context")
            .field("request_id", &self.request_id)
            .field("function_name", &self.function_name)
            .field("account_id", &self.account_id)
            .field("region", &self.region)
            .field("credentials", &self.credentials)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// What a request says of its invocation. Whatever is `None` comes from the environment or a default.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// `x-fc-request-id`.
    pub request_id: Option<String>,
    /// `x-fc-function-name`.
    pub function_name: Option<String>,
    /// `x-fc-account-id`.
    pub account_id: Option<String>,
    /// `x-fc-region`.
    pub region: Option<String>,
    /// `x-fc-access-key-id`, `x-fc-access-key-secret`, `x-fc-security-token`: never mixed with those of the
    /// environment.
    pub credentials: Option<Credentials>,
    /// `x-fc-function-timeout`, in seconds there.
    pub limit: Option<Duration>,
    /// When the request came in; the limit counts from here.
    pub arrived: Instant,
}

impl Invocation {
    /// One that says nothing and begins now.
    pub fn now() -> Self {
        Self {
            request_id: None,
            function_name: None,
            account_id: None,
            region: None,
            credentials: None,
            limit: None,
            arrived: Instant::now(),
        }
    }

    /// Reads the headers. Only the request id may be taken as always there; what is missing, empty or unreadable
    /// counts as not said.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let header =
            |name: &str| headers.get(name)?.to_str().ok().map(str::trim).filter(|text| !text.is_empty());
        let owned = |name: &str| header(name).map(str::to_owned);
        let seconds = |text: &str| text.parse().ok().filter(|seconds| *seconds > 0).map(Duration::from_secs);
        Self {
            request_id: owned("x-fc-request-id"),
            function_name: owned("x-fc-function-name"),
            account_id: owned("x-fc-account-id"),
            region: owned("x-fc-region"),
            credentials: credentials(
                header("x-fc-access-key-id"),
                header("x-fc-access-key-secret"),
                header("x-fc-security-token"),
            ),
            limit: header("x-fc-function-timeout").and_then(seconds),
            ..Self::now()
        }
    }

    /// The limit for the whole invocation.
    pub fn timeout(&self) -> Duration {
        self.limit.unwrap_or(DEFAULT_TIMEOUT).min(MAX_TIMEOUT)
    }

    /// When the handler should be done.
    pub fn deadline(&self) -> Instant {
        self.arrived + self.timeout() - self.reserve()
    }

    /// When the caller is told that the handler was not done: late in the reserve.
    pub(super) fn give_up(&self) -> Instant {
        self.arrived + self.timeout() - self.reserve() / 4
    }

    /// A tenth of the limit, at most two seconds: to write down the outcome and send the reply.
    fn reserve(&self) -> Duration {
        (self.timeout() / 10).min(Duration::from_secs(2))
    }
}

fn credentials(id: Option<&str>, secret: Option<&str>, token: Option<&str>) -> Option<Credentials> {
    let (id, secret) = (id?, secret?);
    Some(match token {
        Some(token) => Credentials::sts(id, secret, token),
        None => Credentials::key(id, secret),
    })
}
