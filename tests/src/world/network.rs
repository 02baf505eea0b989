//! The real transport in a world whose time stands still while something is on its way.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::Value;
use shared::openapi::{HttpTransport, Reply, Request, SendError, Transport};

use super::Fuse;

/// A thread that carries requests, in real time.
pub(super) struct Wire {
    handle: tokio::runtime::Handle,
    http: Arc<HttpTransport>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Wire {
    pub(super) fn to(url: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("the system gives a runtime");
        let handle = runtime.handle().clone();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let thread = std::thread::spawn(move || {
            let _ = runtime.block_on(stopped);
        });
        let http = Arc::new(HttpTransport::new(Some(url)).expect("a loopback address"));
        Self { handle, http, stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

type Acting = (&'static str, Box<dyn Fn() + Send + Sync>);
type Spoiling = (&'static str, Box<dyn Fn(&mut Value) + Send + Sync>);

/// What others do between a process and the cloud.
#[derive(Default)]
pub(super) struct Meddlers(Mutex<(Vec<Acting>, Vec<Spoiling>)>);

impl Meddlers {
    fn all(&self) -> std::sync::MutexGuard<'_, (Vec<Acting>, Vec<Spoiling>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn before(&self, action: &'static str, act: Box<dyn Fn() + Send + Sync>) {
        self.all().0.push((action, act));
    }

    pub(super) fn spoil(&self, action: &'static str, change: Box<dyn Fn(&mut Value) + Send + Sync>) {
        self.all().1.push((action, change));
    }

    pub(super) fn clear(&self) {
        *self.all() = Default::default();
    }

    fn act(&self, action: &str) {
        self.all().0.iter().filter(|(on, _)| *on == action).for_each(|(_, act)| act());
    }

    fn change(&self, action: &str, reply: &mut Reply) {
        for (_, change) in self.all().1.iter().filter(|(on, _)| *on == action) {
            // What a fault has cut off is spoilt enough.
            if let Ok(mut body) = serde_json::from_slice::<Value>(&reply.body) {
                change(&mut body);
                reply.body = body.to_string().into();
            }
        }
    }
}

/// One process's way to the network.
pub(super) struct Network {
    pub(super) wire: Arc<Wire>,
    pub(super) fuse: Arc<Fuse>,
    pub(super) meddlers: Arc<Meddlers>,
    /// How long, in real time, an answer is waited for that may never come.
    pub(super) patience: Duration,
}

impl Network {
    async fn carry(&self, mut request: Request) -> Result<Reply, SendError> {
        let action = request.header("x-acs-action").unwrap_or_default().to_owned();
        self.meddlers.act(&action);
        let asked = request.timeout;
        request.timeout = self.patience;
        // Not the wire itself: its thread must not be the one that drops it.
        let http = Arc::clone(&self.wire.http);
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        self.wire.handle.spawn(async move {
            let _ = sender.send(http.send(request).await);
        });
        // A blocking task keeps tokio's paused clock from running ahead of the answer.
        let answer = tokio::task::spawn_blocking(move || receiver.recv()).await;
        let mut answer = answer.ok().and_then(Result::ok).unwrap_or(Err(SendError::Timeout));
        if let Ok(reply) = &mut answer {
            self.meddlers.change(&action, reply);
        }
        if let Err(SendError::Timeout) = answer {
            tokio::time::sleep(asked).await;
        }
        answer
    }
}

impl Transport for Network {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Reply, SendError>> {
        Box::pin(self.fuse.step(self.carry(request)))
    }
}
