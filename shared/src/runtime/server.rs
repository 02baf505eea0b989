//! The server: accept, route, run, reply, stop.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use tokio::task::LocalSet;
use tokio::time::{sleep, timeout, timeout_at};

use super::panics::REQUEST_ID;
use super::request::{Kind, read};
use super::{Context, Failure, Host, Invocation};
use crate::log::Log;

/// How long the body of a request that is refused at sight is waited for.
const DROP_BODY: Duration = Duration::from_secs(5);
/// How long running invocations may go on once the server is to stop: what the platform gives a pre-stop hook
/// ("Limits").
const GRACE: Duration = Duration::from_secs(90);
/// A pre-stop hook replies before its own 90 seconds are over.
const PRE_STOP: Duration = Duration::from_secs(85);

/// Serves until `stop` is ready or the platform has called `/pre-stop`. Then nothing more is accepted, and what runs has 90
/// seconds to finish.
///
/// A handler runs on when its caller goes away: the response to an incident is not the caller's to interrupt.
pub async fn listen<H, F>(listener: TcpListener, host: Host, handle: H, stop: impl Future<Output = ()>)
where
    H: Fn(Context, Bytes) -> F + 'static,
    F: Future<Output = Result<Value, Failure>> + 'static,
{
    let server = Rc::new(Server {
        host,
        handle: Rc::new(handle),
        phase: watch::Sender::new(Phase::Open),
        running: watch::Sender::new(0),
        connections: watch::Sender::new(0),
    });
    // One thread, so handlers need not be Send.
    LocalSet::new().run_until(server.run(listener, stop)).await;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Open,
    /// Nothing new is begun.
    Draining,
    /// Connections are closed as soon as their reply is out.
    Closing,
}

struct Server<H> {
    host: Host,
    handle: Rc<H>,
    phase: watch::Sender<Phase>,
    running: watch::Sender<usize>,
    connections: watch::Sender<usize>,
}

impl<H, F> Server<H>
where
    H: Fn(Context, Bytes) -> F + 'static,
    F: Future<Output = Result<Value, Failure>> + 'static,
{
    async fn run(self: Rc<Self>, listener: TcpListener, stop: impl Future<Output = ()>) {
        let mut stop = pin!(stop);
        let mut phase = self.phase.subscribe();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        tokio::task::spawn_local(Rc::clone(&self).connection(stream));
                    }
                    Err(error) => {
                        // No file descriptor left, most likely: some are given back as invocations end.
                        self.host.log("").warn("a connection was not accepted", json!({ "why": error.to_string() }));
                        sleep(Duration::from_millis(50)).await;
                    }
                },
                () = &mut stop => break,
                _ = phase.wait_for(|phase| *phase == Phase::Closing) => break,
            }
        }
        drop(listener);
        self.phase.send_replace(Phase::Closing);
        let ended = async {
            none(&self.running).await;
            none(&self.connections).await;
        };
        if timeout(GRACE, ended).await.is_err() {
            let left = *self.running.borrow();
            self.host.log("").warn("stopped while invocations were running", json!({ "invocations": left }));
        }
    }

    async fn connection(self: Rc<Self>, stream: TcpStream) {
        let _open = Count::one(&self.connections);
        // Best effort: it saves a delay and changes no meaning.
        let _ = stream.set_nodelay(true);
        let service = service_fn(|request| {
            let server = Rc::clone(&self);
            async move { Ok::<_, Infallible>(server.answer(request).await) }
        });
        // The platform keeps connections open and idle for many minutes: no timeout reads them shut.
        let connection = http1::Builder::new()
            .header_read_timeout(None)
            .half_close(true)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        let mut phase = self.phase.subscribe();
        // How a connection ends is its caller's business; what was invoked over it has its own log.
        tokio::select! {
            _ = &mut connection => return,
            _ = phase.wait_for(|phase| *phase == Phase::Closing) => connection.as_mut().graceful_shutdown(),
        }
        let _ = connection.await;
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let kind = match Kind::of(&request) {
            Ok(kind) => kind,
            Err(failure) => {
                // Read and dropped: a connection with a body left in it cannot be kept, and a caller who still sends would see it
                // break instead of the answer.
                let _ = timeout(DROP_BODY, read(request.into_body())).await;
                return reply(Err(failure));
            }
        };
        let mut invocation = Invocation::from_headers(request.headers());
        let id = invocation.request_id.get_or_insert_with(|| self.host.random().hex()).clone();
        let marks = Marks::begin(self.host.log(&id), kind);
        reply(match kind {
            Kind::Invoke => self.invoke(invocation, request.into_body(), marks).await,
            Kind::Initialize => {
                let host = self.host.clone();
                let warm = async move { host.warm_up().await.map(|()| json!({})) };
                self.complete(&invocation, Count::one(&self.running), marks, warm).await
            }
            Kind::PreStop => self.pre_stop(&marks).await,
        })
    }

    async fn invoke(&self, invocation: Invocation, body: Incoming, marks: Marks) -> Result<Value, Failure> {
        if *self.phase.borrow() != Phase::Open {
            return Err(
                marks.failed(Failure::new("Stopping", "the instance is being stopped: nothing new is begun"))
            );
        }
        let running = Count::one(&self.running);
        let late = |_| Err(Failure::new("Timeout", "the body did not arrive in time"));
        let body = match timeout_at(invocation.give_up(), read(body)).await.unwrap_or_else(late) {
            Ok(body) => body,
            Err(failure) => return Err(marks.failed(failure)),
        };
        let (host, handle, told) = (self.host.clone(), Rc::clone(&self.handle), invocation.clone());
        let work = async move { handle(host.context(told).await?, body).await };
        self.complete(&invocation, running, marks, work).await
    }

    /// Runs `work` in a task of its own, which outlives the connection, and waits for it as long as its caller does.
    async fn complete(
        &self,
        invocation: &Invocation,
        running: Count,
        marks: Marks,
        work: impl Future<Output = Result<Value, Failure>> + 'static,
    ) -> Result<Value, Failure> {
        let (send, receive) = oneshot::channel();
        let id = marks.log.request_id().to_owned();
        tokio::task::spawn_local(async move {
            let result = REQUEST_ID.scope(id, AssertUnwindSafe(work).catch_unwind()).await;
            let result = result.unwrap_or_else(|_| {
                Err(Failure::new(
                    "Panic",
                    "the function panicked; its log has the place under this request id",
                ))
            });
            let result = result.map_err(|failure| marks.failed(failure));
            if send.send(result).is_err() {
                marks.log.warn("nobody was left to take the reply", json!({}));
            }
            drop(marks);
            drop(running);
        });
        match timeout_at(invocation.give_up(), receive).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(Failure::new("Stopped", "the instance stopped before the invocation was done")),
            Err(_) => {
                let seconds = invocation.timeout().as_secs();
                Err(Failure::new(
                    "Timeout",
                    format!("not done within {seconds} s; what was begun goes on while the instance lives"),
                ))
            }
        }
    }

    async fn pre_stop(&self, marks: &Marks) -> Result<Value, Failure> {
        self.phase.send_if_modified(|phase| {
            let open = *phase == Phase::Open;
            *phase = (*phase).max(Phase::Draining);
            open
        });
        let ended = timeout(PRE_STOP, none(&self.running)).await;
        // The reply is still sent: a connection closes after what it is at.
        self.phase.send_replace(Phase::Closing);
        match ended {
            Ok(()) => Ok(json!({})),
            Err(_) => Err(marks.failed(Failure::new("StillRunning", "an invocation did not end in time"))),
        }
    }
}

/// One of so many, as long as it lives.
struct Count(watch::Sender<usize>);

impl Count {
    fn one(of: &watch::Sender<usize>) -> Self {
        of.send_modify(|count| *count += 1);
        Self(of.clone())
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// Waits until there are none.
async fn none(of: &watch::Sender<usize>) {
    let _ = of.subscribe().wait_for(|count| *count == 0).await;
}

/// The lines that the platform's log view tells invocations apart by. The end is written however it ends.
struct Marks {
    log: Log,
    kind: Kind,
}

impl Marks {
    fn begin(log: Log, kind: Kind) -> Self {
        log.mark(&format!("FC {} Start RequestId: {}", kind.mark(), log.request_id()));
        Self { log, kind }
    }

    /// Notes a failure and passes it on.
    fn failed(&self, failure: Failure) -> Failure {
        let fields = json!({ "errorType": failure.error_type, "errorMessage": failure.error_message });
        self.log.error("the invocation failed", fields);
        failure
    }
}

impl Drop for Marks {
    fn drop(&mut self) {
        self.log.mark(&format!("FC {} End RequestId: {}", self.kind.mark(), self.log.request_id()));
    }
}

/// The platform takes an invocation for failed by the header; the status says the same (custom runtime, "Event
/// functions").
fn reply(result: Result<Value, Failure>) -> Response<Full<Bytes>> {
    let (status, fc_status, body) = match result {
        Ok(value) => (StatusCode::OK, "200", value),
        Err(Failure { error_type, error_message }) => {
            (StatusCode::NOT_FOUND, "404", json!({ "errorType": error_type, "errorMessage": error_message }))
        }
    };
    let mut response = Response::new(Full::new(body.to_string().into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert("x-fc-status", HeaderValue::from_static(fc_status));
    response
}

/// Ready when the process is asked to end.
pub async fn signalled() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let (Ok(mut terminate), Ok(mut interrupt)) =
            (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
        {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        // Without signals there is still the pre-stop hook.
        std::future::pending().await
    }
}
