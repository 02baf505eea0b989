//! A cloud for tests: answers each call as the test says, and counts them.

use std::sync::{Arc, Mutex};

use futures_util::future::{BoxFuture, FutureExt as _};

use super::{Client, Credentials, Reply, Request, RetryPolicy, SendError, Session, Transport};
use crate::ambient::{Clock, Env, Random};

/// What the test answers: a status and a body, or that no reply came.
pub(crate) type Outcome = Result<(u16, String), SendError>;

/// A call as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// `DescribeRegions`.
    pub(crate) action: String,
    /// `ecs.cn-hangzhou.aliyuncs.com`.
    pub(crate) host: String,
    parameters: Vec<(String, String)>,
}

impl Call {
    /// A parameter; empty if it was not sent.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.parameters.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

type Answer = Box<dyn Fn(&Call) -> Outcome + Send + Sync>;

/// The cloud.
pub(crate) struct Scripted {
    answer: Answer,
    calls: Mutex<Vec<Call>>,
}

impl Scripted {
    /// A session in `cn-hangzhou` against a cloud that answers so.
    pub(crate) fn session(answer: impl Fn(&Call) -> Outcome + Send + Sync + 'static) -> (Session, Arc<Self>) {
        let cloud = Arc::new(Self { answer: Box::new(answer), calls: Mutex::default() });
        let policy = RetryPolicy { attempts: 1, throttled_attempts: 1, ..RetryPolicy::default() };
        let (clock, random) = (Clock::from_fn(|| jiff::Timestamp::UNIX_EPOCH), Random::from_fn(|| 7));
        let client = Client::with(cloud.clone(), policy, &Env::default(), clock, random).unwrap();
        (client.session(Credentials::key("LTAI-test", "secret"), None), cloud)
    }

    /// How often an action was called.
    pub(crate) fn count(&self, action: &str) -> usize {
        self.calls().iter().filter(|call| call.action == action).count()
    }

    /// All calls in their order.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }
}

impl Transport for Scripted {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Reply, SendError>> {
        let mut parameters = request.query.clone();
        parameters.extend(request.form());
        let action = request.header("x-acs-action").unwrap_or_default().to_owned();
        let call = Call { action, host: request.host().to_owned(), parameters };
        let outcome = (self.answer)(&call);
        self.calls.lock().unwrap().push(call);
        let reply = outcome.map(|(status, body)| Reply { status, headers: Vec::new(), body: body.into() });
        async move { reply }.boxed()
    }
}
