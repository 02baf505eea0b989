//! A cloud of a few answers, for tests of collectors: what is asked for by host and path gets the reply that was put there.

use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::ambient::{Clock, Env, Random};
use crate::openapi::{Client, Credentials, Reply, Request, RetryPolicy, SendError, Session, Transport};

type Answer = dyn Fn(&str) -> Option<(u16, String)> + Send + Sync;

/// It, with what it was asked: `host/path?query`.
pub(super) struct Stub {
    answer: Box<Answer>,
    pub(super) asked: Mutex<Vec<String>>,
}

impl Stub {
    /// A session in cn-hangzhou with this cloud. What `answer` knows nothing of is refused as `AccessDenied`.
    pub(super) fn session(
        answer: impl Fn(&str) -> Option<(u16, String)> + Send + Sync + 'static,
    ) -> (Session, Arc<Self>) {
        let stub = Arc::new(Self { answer: Box::new(answer), asked: Mutex::default() });
        let env: Env = std::iter::empty::<(String, String)>().collect();
        let client =
            Client::with(stub.clone(), RetryPolicy::default(), &env, Clock::system(), Random::system())
                .unwrap();
        (client.session(Credentials::key("LTAI5tAlice00001", "secret"), None), stub)
    }

    /// Whether anything was asked that has this in it.
    pub(super) fn was_asked(&self, part: &str) -> bool {
        self.asked.lock().unwrap().iter().any(|asked| asked.contains(part))
    }
}

impl Transport for Stub {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Reply, SendError>> {
        let query: Vec<String> =
            request.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let asked = format!("{}{}?{}", request.host(), request.path, query.join("&"));
        let denied = || (403, "<Error><Code>AccessDenied</Code></Error>".to_owned());
        let (status, body) = (self.answer)(&asked).unwrap_or_else(denied);
        self.asked.lock().unwrap().push(asked);
        std::future::ready(Ok(Reply { status, headers: Vec::new(), body: body.into() })).boxed()
    }
}
