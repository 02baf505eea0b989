//! One call, with its layers: retry → throttle → sign → send.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::time::Instant;

use super::sign::{self, Resource, Scheme, Stamp};
use super::{
    Action, Answer, Api, Credentials, Effect, Error, HttpTransport, Kind, Limiter, Reply, Request,
    RetryPolicy, Style, Target, Transport, flatten, reply,
};
use crate::ambient::{Clock, Env, Random};

/// What all invocations of a process share: connections, rate windows, settings.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    transport: Arc<dyn Transport>,
    limiter: Limiter,
    policy: RetryPolicy,
    scheme: Scheme,
    region: String,
    clock: Clock,
    random: Random,
}

/// What our requests call themselves, and how the trail shows them (`userAgent`).
pub(crate) const AGENT: &str = "cloud-hardening";
/// The region that is home where nothing else says so.
const DEFAULT_REGION: &str = "cn-hangzhou";

impl Client {
    /// A client as the environment describes it: `ALIBABA_CLOUD_ENDPOINT_URL`, `ALIBABA_CLOUD_SIGNATURE`,
    /// `ALIBABA_CLOUD_REGION_ID` (else `FC_REGION`, else cn-hangzhou).
    ///
    /// # Errors
    /// When one of these has a value that means nothing.
    pub fn new(env: &Env, clock: Clock, random: Random) -> Result<Self, Error> {
        let transport = HttpTransport::new(env.get("ALIBABA_CLOUD_ENDPOINT_URL"))?;
        Self::with(Arc::new(transport), RetryPolicy::default(), env, clock, random)
    }

    /// The same over any transport.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn with(
        transport: Arc<dyn Transport>,
        policy: RetryPolicy,
        env: &Env,
        clock: Clock,
        random: Random,
    ) -> Result<Self, Error> {
        let scheme = match env.get("ALIBABA_CLOUD_SIGNATURE") {
            None | Some("acs3") => Scheme::Acs3,
            Some("rpc1") => Scheme::Rpc1,
            Some(other) => {
                let why = format!("{other:?} is not a signature scheme: acs3 or rpc1");
                return Err(Error::new(Kind::Setting, "ALIBABA_CLOUD_SIGNATURE", "Setting", why));
            }
        };
        let region =
            env.get("ALIBABA_CLOUD_REGION_ID").or_else(|| env.get("FC_REGION")).unwrap_or(DEFAULT_REGION);
        let region = region.to_owned();
        let limiter = Limiter::default();
        Ok(Self(Arc::new(Inner { transport, limiter, policy, scheme, region, clock, random })))
    }

    /// Calls in the name of `credentials`. With `deadline`, nothing is begun that cannot end before it.
    pub fn session(&self, credentials: Credentials, deadline: Option<Instant>) -> Session {
        Session {
            client: self.clone(),
            credentials: Arc::new(credentials),
            deadline,
            region: self.0.region.clone(),
            tally: Arc::default(),
        }
    }

    /// Sends a request as it is, once: no signature of the cloud, no retry.
    ///
    /// # Errors
    /// When no reply came.
    pub async fn send(&self, request: Request) -> Result<Reply, super::SendError> {
        self.0.transport.send(request).await
    }

    /// The clock that signatures are dated by.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Where nonces and jitter come from.
    pub fn random(&self) -> &Random {
        &self.0.random
    }

    /// The home region.
    pub fn region(&self) -> &str {
        &self.0.region
    }
}

/// Makes an answer, or an error, of a reply, and keeps the answer.
type Read<'a> = &'a mut (dyn FnMut(Reply) -> Result<(), Error> + Send);

/// Calls in one name, for one invocation.
#[derive(Clone)]
pub struct Session {
    client: Client,
    credentials: Arc<Credentials>,
    deadline: Option<Instant>,
    region: String,
    tally: Arc<Tally>,
}

/// What a session and its clones have sent.
#[derive(Debug, Default)]
struct Tally {
    sent: AtomicU64,
    again: AtomicU64,
    waiting: AtomicU64,
}

/// A call that waits for a place in a rate window, while it does.
struct Waiting<'t>(&'t AtomicU64);

impl<'t> Waiting<'t> {
    fn begin(count: &'t AtomicU64) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Session {
    /// The same session with a count of its own: for what one run sends.
    pub fn counted_anew(&self) -> Self {
        Self { tally: Arc::default(), ..self.clone() }
    }

    /// Requests sent so far, repetitions included.
    pub fn sent(&self) -> u64 {
        self.tally.sent.load(Ordering::Relaxed)
    }

    /// How many of them were repetitions.
    pub fn sent_again(&self) -> u64 {
        self.tally.again.load(Ordering::Relaxed)
    }

    /// Calls that wait for a place in a rate window now.
    pub fn waiting(&self) -> u64 {
        self.tally.waiting.load(Ordering::Relaxed)
    }

    /// The same session, asking regional products in `region`.
    pub fn in_region(&self, region: &str) -> Self {
        Self { region: region.to_owned(), ..self.clone() }
    }

    /// The same session with another end.
    pub fn until(&self, deadline: Option<Instant>) -> Self {
        Self { deadline, ..self.clone() }
    }

    /// The region that regional products are asked in.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Whose name the calls are in: the key id.
    pub fn key_id(&self) -> &str {
        &self.credentials.key_id
    }

    /// When the session ends, if it does.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Asks. Tries again what may be tried again. An action that writes does not compile here: changes go
    /// through `response`.
    ///
    /// # Errors
    /// What the service refused or failed at, or what went wrong on the way.
    pub async fn call<A: Action>(&self, action: &A) -> Result<Answer<A::Response>, Error> {
        const { assert!(matches!(A::API.effect, Effect::Read), "changes go through `response`") }
        self.perform(action).await
    }

    /// The door for changes, for `response` alone: it has stored the intent before.
    pub(crate) async fn change<A: Action>(&self, action: &A) -> Result<Answer<A::Response>, Error> {
        const { assert!(!matches!(A::API.effect, Effect::Read), "a read needs no door") }
        self.perform(action).await
    }

    /// Only what depends on the types stands here; the rest is compiled once, not once an action.
    async fn perform<A: Action>(&self, action: &A) -> Result<Answer<A::Response>, Error> {
        let bucket = action.subdomain();
        let unsigned = self.request(&A::API, bucket, action.path(), serde_json::to_value(action))?;
        let label = A::API.label();
        let mut answer = None;
        let mut read = |reply: Reply| parse::<A>(&label, reply).map(|parsed| answer = Some(parsed));
        self.exchange(&A::API, bucket, &unsigned, &mut read).await?;
        answer.ok_or_else(|| Error::new(Kind::Decode, label, "Decode", "no answer was read"))
    }

    fn exchange<'a>(
        &'a self,
        api: &'a Api,
        subdomain: Option<&'a str>,
        unsigned: &'a Request,
        read: Read<'a>,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let label = api.label();
            let sign = |request: &mut Request, stamp: &Stamp| self.sign(api, subdomain, request, stamp);
            let limit = (api.rate, api.rate_shared, label.as_str());
            let place = if api.host.is_regional() { self.region.as_str() } else { "" };
            self.attempts(limit, place, api.effect, unsigned, &sign, read).await
        })
    }

    fn request(
        &self,
        api: &Api,
        subdomain: Option<&str>,
        path: String,
        parameters: Result<Value, serde_json::Error>,
    ) -> Result<Request, Error> {
        let bad =
            |error: serde_json::Error| Error::new(Kind::Setting, api.label(), "Request", error.to_string());
        let parameters = parameters.map_err(bad)?;
        let host = api.host.name(&self.region);
        let target = Target::Cloud(subdomain.map_or(host.clone(), |name| format!("{name}.{host}")));
        let mut request;
        match api.style {
            Style::Rpc => {
                request = Request::new("POST", target, "/");
                request.query = flatten(parameters);
            }
            Style::RpcForm => {
                request = Request::new("POST", target, "/");
                request.set_form(&flatten(parameters));
            }
            Style::ObjectStore | Style::LogService => {
                request = Request::new("GET", target, path);
                request.query = flatten(parameters);
            }
            Style::Roa(method) => {
                request = Request::new(method, target, path);
                if matches!(method, "GET" | "DELETE") {
                    request.query = flatten(parameters);
                } else {
                    request.body = serde_json::to_vec(&parameters).map_err(bad)?.into();
                    request.set("content-type", "application/json");
                }
            }
        }
        if api.style != Style::ObjectStore {
            request.set("accept", "application/json");
        }
        request.set("user-agent", format!("{AGENT}/{}", env!("CARGO_PKG_VERSION")));
        Ok(request)
    }

    fn sign(&self, api: &Api, subdomain: Option<&str>, request: &mut Request, stamp: &Stamp) {
        match (self.client.0.scheme, api.style) {
            (_, Style::ObjectStore) => {
                let path = request.path.clone();
                let resource = subdomain.map_or(Resource::Service, |bucket| Resource::Path(bucket, &path));
                sign::oss4(request, &self.region, resource, &[], &self.credentials, stamp);
            }
            (Scheme::Acs3, Style::LogService) => sign::sls4(request, &self.region, &self.credentials, stamp),
            (Scheme::Rpc1, Style::LogService) => sign::sls1(request, &self.credentials, stamp),
            (Scheme::Acs3, _) => sign::acs3(request, api.name, api.version, &self.credentials, stamp),
            (Scheme::Rpc1, Style::Roa(_)) => sign::roa1(request, api.version, &self.credentials, stamp),
            (Scheme::Rpc1, _) => sign::rpc1(request, api.name, api.version, &self.credentials, stamp),
        }
    }

    /// The loop around every request, whatever its protocol. `read` makes an answer or an error of a reply.
    pub(crate) async fn attempts(
        &self,
        (rate, shared, label): (super::Rate, bool, &str),
        place: &str,
        effect: Effect,
        unsigned: &Request,
        sign: &(dyn Fn(&mut Request, &Stamp) + Sync),
        read: Read<'_>,
    ) -> Result<(), Error> {
        let Inner { transport, limiter, policy, clock, random, .. } = &*self.client.0;
        let window = if shared { "" } else { place };
        let mut maybe_done = false;
        let mut done = 0;
        loop {
            let Some(timeout) = self.remaining(policy.attempt_timeout) else {
                let error = Error::new(Kind::Deadline, label, "Deadline", "no time left for this call");
                return Err(error.at(place).after(done, maybe_done));
            };
            // The wait for a place in the window counts against the deadline, too.
            let waiting = Waiting::begin(&self.tally.waiting);
            if tokio::time::timeout(
                self.remaining(Duration::from_secs(3600)).unwrap_or(timeout),
                limiter.enter(label, window, rate),
            )
            .await
            .is_err()
            {
                continue;
            }
            drop(waiting);
            let mut request = unsigned.clone();
            request.timeout = self.remaining(policy.attempt_timeout).unwrap_or(timeout);
            sign(&mut request, &Stamp { now: clock.now(), nonce: random.hex() });
            done += 1;
            self.tally.sent.fetch_add(1, Ordering::Relaxed);
            if done > 1 {
                self.tally.again.fetch_add(1, Ordering::Relaxed);
            }
            let outcome = match transport.send(request).await {
                Ok(reply) => read(reply),
                Err(failure) => Err(failure.into_error(label)),
            };
            let error = match outcome {
                Ok(()) => {
                    limiter.went_through(label, window, rate);
                    return Ok(());
                }
                Err(error) => error,
            };
            if effect != Effect::Read
                && matches!(error.kind(), Kind::Server | Kind::Timeout | Kind::Interrupted | Kind::Decode)
            {
                maybe_done = true;
            }
            let pause = policy.pause(done, error.retry_after(), random);
            if error.kind() == Kind::Throttled {
                limiter.throttled(label, window, pause);
            }
            if !policy.again(&error, effect, done) || self.remaining(pause).is_none_or(|left| left < pause) {
                return Err(self.scrubbed(error).at(place).after(done, maybe_done));
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// The lesser of `wanted` and the time left; `None` when there is none.
    fn remaining(&self, wanted: Duration) -> Option<Duration> {
        let Some(deadline) = self.deadline else { return Some(wanted) };
        let left = deadline.saturating_duration_since(Instant::now());
        (!left.is_zero()).then(|| left.min(wanted))
    }

    fn scrubbed(&self, error: Error) -> Error {
        error.map_message(|message| self.credentials.scrub(message))
    }
}

fn parse<A: Action>(label: &str, reply: Reply) -> Result<Answer<A::Response>, Error> {
    let header_id = reply::checked(label, &A::API, &reply)?;
    let value = A::parse(&reply.body).map_err(|why| reply::undecodable(label, &why))?;
    let request_id = if header_id.is_empty() { reply::body_request_id(&reply.body) } else { header_id };
    Ok(Answer { value, request_id })
}
