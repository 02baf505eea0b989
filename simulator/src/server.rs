//! HTTP/1.1 on loopback: requests in, replies out, and the faults of the transport.

use crate::cloud::Cloud;
use crate::fault::{Fault, FaultKind};
use crate::product::Reply;
use crate::record::Delivery;
use crate::request::Request;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use std::cell::Cell;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

type Shared = Arc<Mutex<Cloud>>;

/// Serves until told to stop. Runs on one thread: connections are local tasks.
pub(crate) async fn serve(listener: std::net::TcpListener, cloud: Shared, stopped: oneshot::Receiver<()>) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    let accept = async {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    tokio::task::spawn_local(connection(stream, Arc::clone(&cloud)));
                }
                // Too many open files, say: others may be closed meanwhile.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    };
    let local = tokio::task::LocalSet::new();
    local
        .run_until(async {
            tokio::select! {
                () = accept => {}
                _ = stopped => {}
            }
        })
        .await;
}

async fn connection(stream: TcpStream, cloud: Shared) {
    // Loopback calls of a few hundred bytes: waiting to fill a packet only adds latency.
    let _ = stream.set_nodelay(true);
    let abort = Rc::new(Cell::new(false));
    let service = service_fn(|request| Box::pin(answer(request, Arc::clone(&cloud), Rc::clone(&abort))));
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let _ = std::future::poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let stream = connection.into_parts().io.into_inner();
    if abort.get() {
        // Closing without lingering sends a reset instead of an orderly end.
        let _ = stream.set_zero_linger();
    }
}

async fn answer(
    request: hyper::Request<Incoming>,
    cloud: Shared,
    abort: Rc<Cell<bool>>,
) -> io::Result<hyper::Response<Wire>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let text = |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers: Vec<(String, String)> =
        head.headers.iter().map(|(name, value)| (name.as_str().into(), text(value))).collect();
    let method = head.method.as_str();
    let (path, query) = (head.uri.path(), head.uri.query().unwrap_or_default());
    let request = Request::new(method, path, query, headers.iter().cloned().collect(), body);
    let lock = || cloud.lock().unwrap_or_else(PoisonError::into_inner);

    let inbox = path.strip_prefix("/inbox/").filter(|_| !request.host.ends_with(".aliyuncs.com"));
    let (reply, fault) = if let Some(name) = inbox {
        let fault = lock().faults.take(&format!("inbox:{name}"), None);
        wait_before(fault.as_ref()).await;
        let status = inbox_status(fault.as_ref());
        lock().inbox.push(Delivery {
            time: Timestamp::now(),
            name: name.into(),
            method: method.into(),
            path: path.into(),
            query: query.into(),
            headers,
            body: String::from_utf8_lossy(&request.body).into_owned(),
            status,
        });
        let body = match status {
            200 => r#"{"errcode":0,"errmsg":"ok"}"#,
            400 => r#"{"errcode":130101,"errmsg":"send too fast, exceed 20 times per minute"}"#,
            403 => r#"{"errcode":310000,"errmsg":"keywords not in content"}"#,
            _ => r#"{"errcode":-1,"errmsg":"system error"}"#,
        };
        (Reply::new(status, "application/json", body), fault)
    } else {
        let (identified, latency) = {
            let mut cloud = lock();
            (cloud.identify(request), cloud.settings.latency)
        };
        if latency > Duration::ZERO {
            tokio::time::sleep(latency).await;
        }
        wait_before(identified.fault.as_ref()).await;
        let reply = lock().perform(&identified);
        (reply, identified.fault)
    };
    spoil(reply, head.method == hyper::Method::HEAD, fault, &abort).await
}

fn inbox_status(fault: Option<&Fault>) -> u16 {
    match fault.map(|fault| &fault.kind) {
        Some(FaultKind::Throttle { .. }) => 400,
        Some(FaultKind::Deny) => 403,
        Some(FaultKind::Http500) => 500,
        Some(FaultKind::Http503) => 503,
        _ => 200,
    }
}

async fn wait_before(fault: Option<&Fault>) {
    if let Some(Fault { kind: FaultKind::Slow(time), before: true, .. }) = fault {
        tokio::time::sleep(*time).await;
    }
}

/// Sends the reply as the fault wants it.
async fn spoil(
    reply: Reply,
    is_head: bool,
    fault: Option<Fault>,
    abort: &Cell<bool>,
) -> io::Result<hyper::Response<Wire>> {
    let half = reply.body.slice(..reply.body.len() / 2);
    let mut sent = Wire { data: Some(reply.body.clone()), length: reply.body.len(), breaks_off: None };
    match fault.map(|fault| (fault.kind, fault.before)) {
        Some((FaultKind::Slow(time), false)) => tokio::time::sleep(time).await,
        Some((FaultKind::Hang, _)) => std::future::pending().await,
        Some((FaultKind::Reset, _)) => {
            abort.set(true);
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Some((FaultKind::BadJson, _)) => {
            sent = Wire { length: half.len(), data: Some(half), breaks_off: None }
        }
        Some((FaultKind::Truncate, _)) => {
            let pause = Box::pin(tokio::time::sleep(Duration::from_millis(20)));
            sent = Wire { length: reply.body.len().max(2), data: Some(half), breaks_off: Some(pause) };
        }
        _ => {}
    }
    let mut response = hyper::Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(*name, value);
    }
    if is_head {
        response = response.header("content-length", sent.length);
        sent.data = None;
    }
    response.body(sent).map_err(io::Error::other)
}

/// A body of a declared length that may break off before it is whole.
struct Wire {
    data: Option<Bytes>,
    length: usize,
    /// Set: after the data and a pause, in which they are sent, the connection ends.
    breaks_off: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl Body for Wire {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(data) = self.data.take().filter(|data| !data.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        match &mut self.breaks_off {
            None => Poll::Ready(None),
            Some(pause) => pause.as_mut().poll(context).map(|()| Some(Err(io::ErrorKind::BrokenPipe.into()))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.breaks_off.is_none() && self.data.as_ref().is_none_or(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length as u64)
    }
}
