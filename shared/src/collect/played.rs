//! A cloud of a few lines for the tests of collectors: it answers each action as the test says, whatever the host.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use serde_json::{Value, json};

use crate::ambient::{Clock, Env, Random};
use crate::openapi::{
    Client, Credentials, Reply, Request, RetryPolicy, SendError, Session, Target, Transport,
};

/// One call, as the cloud sees it.
pub(super) struct Call {
    /// `rds.aliyuncs.com`.
    pub(super) host: String,
    /// `DescribeDBInstances`.
    pub(super) action: String,
    /// `2014-08-15`.
    pub(super) version: String,
    /// The path of a ROA call.
    pub(super) path: String,
    parameters: Vec<(String, String)>,
}

impl Call {
    /// A parameter; empty without.
    pub(super) fn get(&self, name: &str) -> &str {
        self.parameters.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

/// What it answers: a body, the status and code of an error, or no connection.
pub(super) enum Answer {
    /// 200.
    Body(Value),
    /// An error.
    Code(u16, &'static str),
    /// No connection.
    Nowhere,
}

struct Played<F> {
    answer: F,
    calls: Arc<Mutex<Vec<String>>>,
}

impl<F: Fn(&Call) -> Answer + Send + Sync> Transport for Played<F> {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Reply, SendError>> {
        let header = |name: &str| request.header(name).unwrap_or_default().to_owned();
        let Target::Cloud(host) = &request.target else { panic!("not for the cloud") };
        let (action, version) = (header("x-acs-action"), header("x-acs-version"));
        let call = Call {
            host: host.clone(),
            action,
            version,
            path: request.path.clone(),
            parameters: request.query.clone(),
        };
        self.calls.lock().unwrap().push(call.action.clone());
        let reply =
            |status, body: Value| Reply { status, headers: Vec::new(), body: body.to_string().into() };
        let answer = match (self.answer)(&call) {
            Answer::Body(body) => Ok(reply(200, body)),
            Answer::Code(status, code) => Ok(reply(status, json!({ "Code": code, "Message": "as told" }))),
            Answer::Nowhere => Err(SendError::Connect("no such host".to_owned())),
        };
        async move { answer }.boxed()
    }
}

/// A session in a region of such a cloud, and the actions that were called.
pub(super) fn session(
    region: &str,
    answer: impl Fn(&Call) -> Answer + Send + Sync + 'static,
) -> (Session, Arc<Mutex<Vec<String>>>) {
    let calls = Arc::<Mutex<Vec<String>>>::default();
    let transport = Arc::new(Played { answer, calls: calls.clone() });
    let policy = RetryPolicy { attempts: 1, base: Duration::ZERO, ..RetryPolicy::default() };
    let clock = Clock::from_fn(|| "2026-11-23T02:00:00Z".parse().unwrap());
    let client = Client::with(transport, policy, &Env::default(), clock, Random::from_fn(|| 7)).unwrap();
    let credentials = Credentials::key("LTAI5tExample", "not-a-real-secret");
    (client.session(credentials, None).in_region(region), calls)
}
