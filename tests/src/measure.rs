//! What benchmarks stand on: release binaries, started as the platform starts them, and their figures.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Whether there is something to measure: `cargo test` builds and runs benches, too.
pub fn is_asked_for() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

/// The release binaries, built as a deployment builds them.
///
/// # Panics
/// When the build fails: there is nothing to measure then.
pub fn build(function: &str) -> PathBuf {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let built = Command::new(cargo)
        .args(["build", "--release", "--quiet", "-p", function, "-p", "e2e", "--bins"])
        .status()
        .expect("cargo runs");
    assert!(built.success());
    // target/release/deps/NAME-… is this program.
    let own = std::env::current_exe().expect("a program has a path");
    own.parent().and_then(Path::parent).expect("it lies in target/release/deps").to_path_buf()
}

/// A server, ended when it is dropped; and its port.
pub struct Server(Child, pub u16);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a binary with these variables and no others.
///
/// # Panics
/// When it does not start.
pub fn start(binary: &Path, variables: &[(&str, &str)]) -> Server {
    let port = crate::process::free_port();
    let mut command = Command::new(binary);
    command.env_clear().env("FC_SERVER_PORT", port.to_string()).envs(variables.iter().copied());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    Server(command.spawn().expect("the binary starts"), port)
}

/// POSTs to /invoke as soon as somebody listens; the whole reply.
///
/// # Panics
/// When the connection breaks.
pub fn invoke(port: u16, body: &str) -> String {
    let mut stream = loop {
        match TcpStream::connect(("127.0.0.1", port)) {
            Ok(stream) => break stream,
            Err(_) => std::thread::sleep(Duration::from_micros(50)),
        }
    };
    let head = "POST /invoke HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx-fc-function-timeout: 600";
    write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).expect("it is sent");
    let mut reply = String::new();
    stream.read_to_string(&mut reply).expect("it is answered");
    reply
}

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A figure of the process in KiB, as the kernel has it: `VmRSS`, `VmHWM`.
pub fn kib(server: &Server, name: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.0.id())).unwrap_or_default();
    let figure = status
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':')?.trim().split(' ').next()?.parse().ok());
    figure.unwrap_or_default()
}
