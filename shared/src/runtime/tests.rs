//! The contract of the custom runtime, over plain sockets.

mod running;

use std::io::{ErrorKind, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::*;
use running::{Running, closed, receive, send};

#[test]
fn an_invocation_is_answered_and_marked() {
    let server = Running::start();
    let answer = server.ask("POST /invoke HTTP/1.1\r\nx-fc-request-id: r-1", "12345");
    assert_eq!(answer.ok()["bytes"], 5);
    server.await_line("FC Invoke End RequestId: r-1");
    let lines = server.lines.lock().unwrap().clone();
    let [start, own @ .., end] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!([start, end], ["FC Invoke Start RequestId: r-1", "FC Invoke End RequestId: r-1"]);
    for line in own {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["requestId"], "r-1");
    }
    assert_eq!(server.ask("POST /initialize HTTP/1.1\r\nx-fc-request-id: r-2", "").ok(), &json!({}));
    server.await_line("FC Initialize End RequestId: r-2");
    assert!(
        server.ask("POST /invoke?a=b HTTP/1.1", "").ok()["bytes"] == 0,
        "an id is made up where none is sent"
    );
    server.stop();
}

#[test]
fn a_failure_says_so_in_status_header_and_body() {
    let server = Running::start();
    let answer = server.invoke(json!({ "do": "fail" }));
    answer.failed("Refused");
    assert_eq!(answer.body, json!({ "errorType": "Refused", "errorMessage": "for a test" }));
    server.await_line("\"errorType\":\"Refused\"");
    for head in
        ["GET /", "POST /invoke/", "GET /favicon.ico", "POST /pre-freeze", "POST /2016-08-15/proxy/a/b/"]
    {
        server.ask(&format!("{head} HTTP/1.1"), "").failed("NotFound");
    }
    for head in ["GET /invoke", "PUT /invoke", "GET /initialize", "POST /pre-stop"] {
        server.ask(&format!("{head} HTTP/1.1"), "").failed("MethodNotAllowed");
    }
    server.stop();
}

#[test]
fn the_control_path_tells_the_kind() {
    let server = Running::start();
    let ask = |path: &str, control: &str| {
        server
            .ask(&format!("POST {path} HTTP/1.1\r\nx-fc-request-id: c\r\nx-fc-control-path: {control}"), "{}")
    };
    assert_eq!(ask("/invoke", "/invoke").ok()["bytes"], 2);
    assert_eq!(ask("/invoke", "/initialize").ok(), &json!({}));
    server.await_line("FC Initialize End RequestId: c");
    ask("/invoke", "/http-invoke").failed("NotFound");
    ask("/other", "/invoke").failed("NotFound");
    server.stop();
}

#[test]
fn a_panic_is_one_failed_request() {
    let server = Running::start();
    let sink = Arc::clone(&server.lines);
    log_panics(move |id| {
        let sink = Arc::clone(&sink);
        Log::to(id, move |line| sink.lock().unwrap().push(line.to_owned()))
    });
    let mut other = server.connect();
    send(&mut other, "POST /invoke HTTP/1.1", r#"{"do":"sleep","ms":300}"#);
    let head = "POST /invoke HTTP/1.1\r\nx-fc-request-id: p-1";
    server.ask(head, r#"{"do":"panic","secret":"hunter2"}"#).failed("Panic");
    assert_eq!(receive(&mut other).ok()["slept"], 300);
    let _ = std::panic::take_hook();
    server.await_line("FC Invoke End RequestId: p-1");
    assert!(!server.seen("hunter2"));
    let lines = server.lines.lock().unwrap().clone();
    let line = lines.iter().find(|line| line.contains("\"message\":\"panic\"")).unwrap();
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!((&line["requestId"], &line["payloadType"]), (&json!("p-1"), &json!("String")));
    assert!(line["location"].as_str().unwrap().contains("running.rs:"));
    server.stop();
}

#[test]
fn requests_run_beside_each_other_and_beside_a_slow_body() {
    let server = Running::start();
    let mut slow = server.connect();
    slow.write_all(b"POST /invoke HTTP/1.1\r\nhost: fc\r\ncontent-length: 4\r\n\r\nab").unwrap();
    let start = Instant::now();
    let mut streams: Vec<_> = (0..20).map(|_| server.connect()).collect();
    for stream in &mut streams {
        send(stream, "POST /invoke HTTP/1.1", r#"{"do":"sleep","ms":400}"#);
    }
    for stream in &mut streams {
        receive(stream).ok();
    }
    assert!(start.elapsed() < Duration::from_secs(3), "one after another it would be 8 s");
    slow.write_all(b"cd").unwrap();
    assert_eq!(receive(&mut slow).ok()["bytes"], 4);
    server.stop();
}

#[test]
fn connections_are_kept_and_used_again() {
    let server = Running::start();
    let mut stream = server.connect();
    for event in ["a", "bb", "ccc"] {
        send(&mut stream, "POST /invoke HTTP/1.1", event);
        assert_eq!(receive(&mut stream).ok()["bytes"], event.len());
    }
    send(&mut stream, "POST /invoke HTTP/1.1", r#"{"do":"fail"}"#);
    receive(&mut stream).failed("Refused");
    send(&mut stream, "GET /nowhere HTTP/1.1", "");
    receive(&mut stream).failed("NotFound");
    let chunked = "POST /invoke HTTP/1.1\r\nhost: fc\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    stream.write_all(chunked.as_bytes()).unwrap();
    assert_eq!(receive(&mut stream).ok()["bytes"], 5);
    // A caller that closes its sending half still gets its answer.
    send(&mut stream, "POST /invoke HTTP/1.1", r#"{"do":"sleep","ms":50}"#);
    stream.shutdown(Shutdown::Write).unwrap();
    receive(&mut stream).ok();
    assert!(closed(&mut stream));
    server.stop();
}

#[test]
fn credentials_come_from_headers_else_from_the_environment_of_the_moment() {
    let server = Running::start();
    let context = |headers: &str| {
        server.ask(&format!("POST /invoke HTTP/1.1{headers}"), r#"{"do":"context"}"#).ok().clone()
    };
    assert_eq!(context("")["key"], Value::Null);
    *server.env.lock().unwrap() =
        vec![("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAIenv"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "s")];
    assert_eq!((&context("")["key"], &context("")["sts"]), (&json!("LTAIenv"), &json!(false)));
    server.env.lock().unwrap().push(("ALIBABA_CLOUD_SECURITY_TOKEN", "t"));
    assert_eq!(context("")["sts"], true);
    let both = "\r\nx-fc-access-key-id: STS.head\r\nx-fc-access-key-secret: s";
    assert_eq!(
        (&context(both)["key"], &context(both)["sts"]),
        (&json!("STS.head"), &json!(false)),
        "never mixed"
    );
    assert_eq!(context(&format!("{both}\r\nx-fc-security-token: t"))["sts"], true);
    assert_eq!(context("\r\nx-fc-access-key-id: STS.head")["key"], "LTAIenv", "half a key is none");
    assert_eq!(context("\r\nx-fc-access-key-id: \r\nx-fc-access-key-secret: ")["key"], "LTAIenv");
    server.stop();
}

#[test]
fn the_context_is_what_the_headers_say() {
    let server = Running::start();
    let headers = "\r\nx-fc-request-id: r\r\nx-fc-function-name: f\r\nx-fc-account-id: 42\r\nx-fc-region: eu-west-1\
                   \r\nx-fc-function-timeout: 5\r\nx-fc-access-key-id: i\r\nx-fc-access-key-secret: s";
    let context = |headers: &str| {
        server.ask(&format!("POST /invoke HTTP/1.1{headers}"), r#"{"do":"context"}"#).ok().clone()
    };
    let full = context(headers);
    assert_eq!(
        (&full["request"], &full["function"], &full["account"]),
        (&json!("r"), &json!("f"), &json!("42"))
    );
    assert_eq!((&full["region"], &full["timeout"]), (&json!("eu-west-1"), &json!(5)));
    assert_eq!(full["session_deadline"], true);
    let left = full["left"].as_u64().unwrap();
    assert!((4000..=4500).contains(&left), "{left}");
    for odd in [
        "",
        "\r\nx-fc-function-timeout: soon",
        "\r\nx-fc-function-timeout: 0",
        "\r\nx-fc-function-timeout: -1",
    ] {
        assert_eq!(context(odd)["timeout"], 60, "{odd}");
    }
    assert_eq!(context("\r\nx-fc-function-timeout: 99999999999")["timeout"], 86_400);
    *server.env.lock().unwrap() = vec![("FC_FUNCTION_NAME", "g"), ("FC_ACCOUNT_ID", "7")];
    let bare = context("");
    assert_eq!(
        (&bare["function"], &bare["account"], &bare["region"]),
        (&json!("g"), &json!("7"), &json!("cn-hangzhou"))
    );
    server.stop();
}

#[test]
fn a_wrong_setting_fails_the_request_until_it_is_put_right() {
    let server = Running::start();
    *server.env.lock().unwrap() = vec![("ALIBABA_CLOUD_SIGNATURE", "rot13")];
    server.ask("POST /initialize HTTP/1.1", "").failed("Setting");
    server.invoke(json!({})).failed("Setting");
    server.env.lock().unwrap().clear();
    server.invoke(json!({})).ok();
    server.stop();
}

#[test]
fn a_run_that_overstays_is_reported_and_goes_on() {
    let server = Running::start();
    let start = Instant::now();
    let head = "POST /invoke HTTP/1.1\r\nx-fc-function-timeout: 1\r\nx-fc-request-id: late";
    server.ask(head, r#"{"do":"sleep","ms":1500}"#).failed("Timeout");
    assert!(start.elapsed() < Duration::from_millis(1000));
    assert!(!server.seen("slept"));
    server.await_line("slept");
    server.await_line("FC Invoke End RequestId: late");
    server.stop();
}

#[test]
fn a_caller_that_goes_away_does_not_stop_the_run() {
    let server = Running::start();
    let mut stream = server.connect();
    send(&mut stream, "POST /invoke HTTP/1.1\r\nx-fc-request-id: gone", r#"{"do":"sleep","ms":300}"#);
    server.await_line("FC Invoke Start RequestId: gone");
    drop(stream);
    server.await_line("slept");
    server.await_line("FC Invoke End RequestId: gone");
    // One that goes before its event is whole has begun nothing.
    let mut stream = server.connect();
    stream
        .write_all(
            b"POST /invoke HTTP/1.1\r\nhost: fc\r\nx-fc-request-id: half\r\ncontent-length: 9\r\n\r\nab",
        )
        .unwrap();
    server.await_line("FC Invoke Start RequestId: half");
    drop(stream);
    server.await_line("FC Invoke End RequestId: half");
    server.stop();
}

#[test]
fn bodies_are_taken_up_to_32_mib() {
    let server = Running::start();
    let mut stream = server.connect();
    send(&mut stream, "POST /invoke HTTP/1.1", &"x".repeat(MAX_BODY));
    assert_eq!(receive(&mut stream).ok()["bytes"], MAX_BODY);
    send(&mut stream, "POST /invoke HTTP/1.1", &"x".repeat(MAX_BODY + 1));
    receive(&mut stream).failed("PayloadTooLarge");
    send(&mut stream, "POST /invoke HTTP/1.1", "still there");
    assert_eq!(receive(&mut stream).ok()["bytes"], 11);
    stream.write_all(b"POST /invoke HTTP/1.1\r\nhost: fc\r\ncontent-length: 99999999999\r\n\r\n").unwrap();
    receive(&mut stream).failed("PayloadTooLarge");
    assert!(closed(&mut stream));
    server.stop();
}

#[test]
fn pre_stop_waits_for_what_runs_begins_nothing_new_and_ends_the_server() {
    let server = Running::start();
    let (mut first, mut idle, mut hook) = (server.connect(), server.connect(), server.connect());
    send(&mut first, "POST /invoke HTTP/1.1\r\nx-fc-request-id: first", r#"{"do":"sleep","ms":600}"#);
    server.await_line("FC Invoke Start RequestId: first");
    let start = Instant::now();
    send(&mut hook, "GET /pre-stop HTTP/1.1\r\nx-fc-request-id: hook", "");
    server.await_line("FC PreStop Start RequestId: hook");
    std::thread::sleep(Duration::from_millis(50));
    send(&mut idle, "POST /invoke HTTP/1.1", "");
    receive(&mut idle).failed("Stopping");
    receive(&mut hook).ok();
    assert!(start.elapsed() > Duration::from_millis(300));
    assert_eq!(receive(&mut first).ok()["slept"], 600);
    assert!(closed(&mut idle) && closed(&mut hook) && closed(&mut first));
    server.await_line("FC PreStop End RequestId: hook");
    let address = server.address;
    server.thread.join().unwrap();
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn a_stop_lets_running_requests_finish_and_closes_idle_connections() {
    let server = Running::start();
    let (mut busy, mut idle, mut fresh) = (server.connect(), server.connect(), server.connect());
    send(&mut idle, "POST /invoke HTTP/1.1", "");
    receive(&mut idle).ok();
    send(&mut busy, "POST /invoke HTTP/1.1\r\nx-fc-request-id: busy", r#"{"do":"sleep","ms":400}"#);
    server.await_line("FC Invoke Start RequestId: busy");
    let mut gone = server.connect();
    send(&mut gone, "POST /invoke HTTP/1.1\r\nx-fc-request-id: gone", r#"{"do":"sleep","ms":500}"#);
    server.await_line("FC Invoke Start RequestId: gone");
    drop(gone);
    let lines = Arc::clone(&server.lines);
    let took = server.stop();
    assert!(Duration::from_millis(200) < took && took < Duration::from_secs(5), "{took:?}");
    assert_eq!(receive(&mut busy).ok()["slept"], 400);
    assert!(closed(&mut idle) && closed(&mut fresh));
    assert!(lines.lock().unwrap().iter().any(|line| line == "FC Invoke End RequestId: gone"));
}

#[test]
fn the_port_is_the_first_that_is_set() {
    let of = |vars: &[(&str, &str)]| port(&vars.iter().copied().collect());
    assert_eq!(of(&[]), Ok(9000));
    assert_eq!(of(&[("FC_CUSTOM_LISTEN_PORT", "9100")]), Ok(9100));
    assert_eq!(of(&[("FC_SERVER_PORT", "9200"), ("FC_CUSTOM_LISTEN_PORT", "9100")]), Ok(9200));
    assert_eq!(of(&[("FC_SERVER_PORT", ""), ("FC_CUSTOM_LISTEN_PORT", "9100")]), Ok(9100));
    for bad in ["0", "65536", "-1", "http", "9000x"] {
        assert!(of(&[("FC_SERVER_PORT", bad)]).unwrap_err().starts_with("FC_SERVER_PORT"), "{bad}");
    }
}

#[test]
fn a_taken_port_is_an_error() {
    let taken = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    assert_eq!(bind(taken.local_addr().unwrap().port()).unwrap_err().kind(), ErrorKind::AddrInUse);
}
