//! A server to talk to, and a client of plain sockets to talk with.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::ambient::{Clock, Random};
use crate::log::Log;
use crate::runtime::{Context, Failure, Host, listen};

/// A server in a thread of its own, its lines and its environment.
pub(super) struct Running {
    pub(super) address: SocketAddr,
    pub(super) lines: Arc<Mutex<Vec<String>>>,
    pub(super) env: Arc<Mutex<Vec<(&'static str, &'static str)>>>,
    pub(super) stop: watch::Sender<bool>,
    pub(super) thread: JoinHandle<()>,
}

/// What the handler does is told by the event: `{"do": ...}`.
async fn handle(ctx: Context, event: Bytes) -> Result<Value, Failure> {
    let ask: Value = serde_json::from_slice(&event).unwrap_or_default();
    match ask["do"].as_str().unwrap_or_default() {
        "panic" => panic!("with {}", ask["secret"]),
        "fail" => Err(Failure::new("Refused", "for a test")),
        "sleep" => {
            tokio::time::sleep(Duration::from_millis(ask["ms"].as_u64().unwrap_or_default())).await;
            ctx.log.info("slept", json!({}));
            Ok(json!({ "slept": ask["ms"] }))
        }
        "context" => Ok(json!({
            "request": ctx.request_id, "function": ctx.function_name, "account": ctx.account_id, "region": ctx.region,
            "key": ctx.session.as_ref().map(|session| session.key_id().to_owned()),
            "sts": ctx.credentials.as_ref().map(|own| own.is_temporary()),
            "timeout": ctx.timeout.as_secs(),
            "left": ctx.deadline.duration_since(tokio::time::Instant::now()).as_millis() as u64,
            "session_deadline": ctx.session.as_ref().and_then(|session| session.deadline()) == Some(ctx.deadline),
        })),
        _ => Ok(json!({ "bytes": event.len() })),
    }
}

impl Running {
    pub(super) fn start() -> Self {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let env = Arc::new(Mutex::new(Vec::new()));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, mut stopped) = watch::channel(false);
        let (sink, vars) = (Arc::clone(&lines), Arc::clone(&env));
        let thread = std::thread::spawn(move || {
            let log = move |id: &str| {
                let sink = Arc::clone(&sink);
                Log::to(id, move |line| sink.lock().unwrap().push(line.to_owned()))
            };
            let read_env = move || vars.lock().unwrap().iter().copied().collect();
            let host = Host::new(read_env, Clock::system(), Random::system(), log);
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let stop = async move {
                    let _ = stopped.wait_for(|stop| *stop).await;
                };
                listen(listener, host, handle, stop).await;
            });
        });
        Self { address, lines, env, stop, thread }
    }

    pub(super) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream
    }

    pub(super) fn ask(&self, head: &str, body: &str) -> Answer {
        let mut stream = self.connect();
        send(&mut stream, head, body);
        receive(&mut stream)
    }

    pub(super) fn invoke(&self, event: Value) -> Answer {
        self.ask("POST /invoke HTTP/1.1", &event.to_string())
    }

    pub(super) fn seen(&self, part: &str) -> bool {
        self.lines.lock().unwrap().iter().any(|line| line.contains(part))
    }

    pub(super) fn await_line(&self, part: &str) {
        let start = Instant::now();
        while !self.seen(part) {
            assert!(start.elapsed() < Duration::from_secs(10), "never seen: {part}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends the server and gives how long that took.
    pub(super) fn stop(self) -> Duration {
        let start = Instant::now();
        self.stop.send_replace(true);
        self.thread.join().unwrap();
        start.elapsed()
    }
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: Value,
}

impl Answer {
    pub(super) fn failed(&self, kind: &str) {
        assert_eq!(self.status, 404, "{self:?}");
        assert!(
            self.head.contains("x-fc-status: 404") && self.head.contains("content-type: application/json")
        );
        assert_eq!(self.body["errorType"], kind);
        assert!(self.body["errorMessage"].as_str().is_some_and(|message| !message.is_empty()));
    }

    pub(super) fn ok(&self) -> &Value {
        assert_eq!(self.status, 200, "{self:?}");
        assert!(
            self.head.contains("x-fc-status: 200") && self.head.contains("content-type: application/json")
        );
        &self.body
    }
}

/// `head` is the request line, and header lines after it.
pub(super) fn send(stream: &mut TcpStream, head: &str, body: &str) {
    let length = body.len();
    let text = format!("{head}\r\nhost: fc\r\ncontent-length: {length}\r\n\r\n{body}");
    stream.write_all(text.as_bytes()).unwrap();
}

pub(super) fn receive(stream: &mut TcpStream) -> Answer {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let length =
        head.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap().parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    let status = head[9..12].parse().unwrap();
    Answer { status, head, body: serde_json::from_slice(&body).unwrap() }
}

pub(super) fn closed(stream: &mut TcpStream) -> bool {
    match stream.read(&mut [0]) {
        Ok(0) => true,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
        Ok(_) => false,
    }
}
