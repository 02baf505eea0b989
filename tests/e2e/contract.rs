//! The contract of Function Compute (contract.md, "Function binaries"), on the real binary.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use e2e::process::{Connection, Function, Site, Vars, credential_headers, free_port};
use serde_json::{Value, json};
use simulator::{Fault, FaultKind, Simulator, Variant};

/// An event that costs nothing: root did something else.
const HARMLESS: &[u8] =
    br#"{"eventId": "E-1", "eventName": "CreateUser", "userIdentity": {"type": "root-account"}}"#;

const TIMER: &str = r#"{"triggerTime": "2026-11-23T00:00:00Z", "triggerName": "sweep", "payload": ""}"#;

fn with_id(id: &str) -> [(&str, &str); 2] {
    [("x-fc-request-id", id), ("x-fc-control-path", "/invoke")]
}

fn ports(pairs: &[(&str, String)]) -> Vars {
    pairs.iter().map(|(name, port)| ((*name).to_owned(), port.clone())).collect()
}

#[test]
fn the_port_is_the_first_that_is_named() {
    let (server, custom) = (free_port(), free_port());
    let both = [("FC_SERVER_PORT", server.to_string()), ("FC_CUSTOM_LISTEN_PORT", custom.to_string())];
    let function = Function::start_on(server, &ports(&both)).expect("it listens on FC_SERVER_PORT");
    assert!(Connection::to(custom).is_err(), "one port only");
    drop(function);
    let function =
        Function::start_on(custom, &ports(&both[1..])).expect("it listens on FC_CUSTOM_LISTEN_PORT");
    drop(function);
    // 9000 may be somebody else's on this machine.
    if TcpListener::bind(("0.0.0.0", 9000)).is_ok() {
        assert!(Function::start_on(9000, &Vars::new()).is_some(), "it listens on 9000");
    }
    for wrong in ["", "0", "65536", "http"] {
        let mut function =
            Function::spawn(1, &ports(&[("FC_SERVER_PORT", wrong.to_owned()), both[1].clone()]));
        if wrong.is_empty() {
            // Set to nothing is not set.
            drop(function);
            continue;
        }
        assert_eq!(function.wait().code(), Some(2), "{wrong}");
        assert!(function.lines().iter().any(|line| line.contains("FC_SERVER_PORT") && line.contains(wrong)));
    }
    // A port that is taken is named, too.
    let taken = TcpListener::bind(("0.0.0.0", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let mut function = Function::spawn(port, &ports(&[("FC_SERVER_PORT", port.to_string())]));
    assert_eq!(function.wait().code(), Some(1));
    assert!(function.lines().iter().any(|line| line.contains(&port.to_string())), "{:?}", function.lines());
}

#[test]
fn paths_statuses_and_marks() {
    let site = Site::default();
    let mut function = Function::start(&site.vars);
    let mut open = function.connect();
    let ready = open.ask("POST /initialize", &[("x-fc-request-id", "r-init")], b"").unwrap();
    ready.result();
    let reply = open.ask("POST /invoke", &with_id("r-good"), HARMLESS).unwrap();
    assert_eq!(reply.result()["outcome"], "ignored");
    assert_eq!(reply.headers["content-type"], "application/json");
    let (kind, message) = open.ask("POST /invoke", &with_id("r-bad"), b"{").unwrap().failure();
    assert_eq!(kind, "InvalidEvent");
    assert!(message.contains("not JSON"), "{message}");
    // The kind is what x-fc-control-path says.
    let control = [("x-fc-control-path", "/initialize"), ("x-fc-request-id", "r-control")];
    open.ask("POST /invoke", &control, b"").unwrap().result();
    for other in
        ["POST /", "POST /invoke/x", "GET /health", "GET /invoke", "DELETE /initialize", "POST /http-invoke"]
    {
        let reply = open.ask(other, &[], HARMLESS).unwrap();
        assert!(["NotFound", "MethodNotAllowed"].contains(&&*reply.failure().0), "{other}");
    }
    let begun = Instant::now();
    open.ask("GET /pre-stop", &[("x-fc-request-id", "r-stop")], b"").unwrap().result();
    assert_eq!(function.wait().code(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(5), "nothing was running");
    let lines = function.lines();
    let count = |text: &str| lines.iter().filter(|line| *line == text).count();
    for (kind, id) in [
        ("Initialize", "r-init"),
        ("Invoke", "r-good"),
        ("Invoke", "r-bad"),
        ("Initialize", "r-control"),
        ("PreStop", "r-stop"),
    ] {
        for mark in ["Start", "End"] {
            assert_eq!(
                count(&format!("FC {kind} {mark} RequestId: {id}")),
                1,
                "{kind} {mark} {id}: {lines:#?}"
            );
        }
    }
    let own: Vec<Value> = own_lines(&lines);
    assert!(own.iter().any(|line| line["requestId"] == "r-good" && line["message"] == "ignored"), "{own:#?}");
    assert!(own.iter().any(|line| line["requestId"] == "r-bad" && line["level"] == "error"), "{own:#?}");
}

/// The function's own log lines: each must be JSON and carry a request id.
#[track_caller]
fn own_lines(lines: &[String]) -> Vec<Value> {
    let own = lines.iter().filter(|line| !line.starts_with("FC "));
    let parsed = own.map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")));
    let parsed: Vec<Value> = parsed.collect();
    for line in &parsed {
        assert!(line["requestId"].as_str().is_some_and(|id| !id.is_empty()), "{line}");
        assert!(line["level"].is_string() && line["message"].is_string(), "{line}");
    }
    parsed
}

#[test]
fn every_log_line_of_a_response_carries_its_request() {
    let site = Site::default();
    let function = Function::start(&site.vars);
    let made = site.cloud.root_creates_key(Variant::Ims);
    let event = Simulator::envelope(&made.event, &site.cloud.account_id()).to_string();
    function.invoke_with(&with_id("r-full"), event.as_bytes()).result();
    let lines = function.wait_for_line("FC Invoke End RequestId: r-full");
    let own = own_lines(&lines);
    assert!(own.len() > 3 && own.iter().all(|line| line["requestId"] == "r-full"), "{own:#?}");
    assert_eq!(lines.first().map(String::as_str), Some("FC Invoke Start RequestId: r-full"));
    assert_eq!(lines.last().map(String::as_str), Some("FC Invoke End RequestId: r-full"));
}

#[test]
fn credentials_come_with_each_invocation() {
    let site = Site::default();
    let role = site.cloud.credentials("hardening-root-key-revoke").unwrap();
    let other = site.cloud.credentials("order-service").unwrap();
    let user = site.cloud.credentials("alice").unwrap();
    // The environment has a user's; the headers win, and both are used whole, with the token or without.
    let mut vars = site.vars.clone();
    vars.remove("ALIBABA_CLOUD_SECURITY_TOKEN");
    vars.insert("ALIBABA_CLOUD_ACCESS_KEY_ID".to_owned(), user.id.clone());
    vars.insert("ALIBABA_CLOUD_ACCESS_KEY_SECRET".to_owned(), user.secret.clone());
    let function = Function::start(&vars);
    for keys in [Some(&role), Some(&other), None, Some(&role)] {
        site.cloud.clear_calls();
        let headers = keys.map(credential_headers).unwrap_or_default();
        function.invoke_with(&headers, TIMER.as_bytes());
        let used: BTreeSet<String> = site.cloud.calls().into_iter().map(|call| call.key_id).collect();
        assert_eq!(used, BTreeSet::from([keys.unwrap_or(&user).id.clone()]));
        let codes = site.cloud.calls().into_iter().map(|call| call.code);
        assert!(codes.into_iter().all(|code| !code.contains("Token") && !code.contains("Signature")));
    }
}

#[test]
fn a_connection_serves_many_invocations() {
    let site = Site::default();
    let function = Function::start(&site.vars);
    let mut open = function.connect();
    for _ in 0..200 {
        let reply = open.ask("POST /invoke", &[], HARMLESS).unwrap();
        assert_eq!(reply.result()["outcome"], "ignored");
        assert_ne!(reply.headers.get("connection").map(String::as_str), Some("close"));
    }
    // A failure does not end it.
    open.ask("POST /invoke", &[], b"no").unwrap().failure();
    open.ask("GET /elsewhere", &[], b"").unwrap().failure();
    open.ask("POST /invoke", &[], HARMLESS).unwrap().result();
}

#[test]
fn invocations_run_side_by_side() {
    let site = Site::default();
    let function = Function::start(&site.vars);
    let user = site.cloud.credentials("alice").unwrap();
    site.cloud.fault(Fault::new("sts:*", FaultKind::Slow(Duration::from_secs(1))).forever());
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let (site, function, user) = (&site, &function, &user);
        let runs: Vec<_> = (0..12)
            .map(|number| {
                scope.spawn(move || {
                    // A RAM user's credential may not act: this takes the slow call and little else.
                    let made = site.cloud.root_creates_key(Variant::Ims);
                    let id = format!("r-{number}");
                    let mut headers = credential_headers(user);
                    headers.push(("x-fc-request-id", &id));
                    let reply = function.invoke_with(&headers, made.event.to_string().as_bytes());
                    (made.id, reply.result())
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(300));
        let quick = Instant::now();
        function.invoke_with(&[], HARMLESS).result();
        assert!(quick.elapsed() < Duration::from_millis(700), "waited for others: {:?}", quick.elapsed());
        for run in runs {
            let (key, result) = run.join().unwrap();
            assert_eq!((&result["outcome"], &result["access_key_id"]), (&json!("refused"), &json!(key)));
        }
    });
    assert!(begun.elapsed() < Duration::from_secs(6), "one after the other: {:?}", begun.elapsed());
    let lines = function.lines();
    for number in 0..12 {
        let start = format!("FC Invoke Start RequestId: r-{number}");
        assert_eq!(lines.iter().filter(|line| **line == start).count(), 1);
    }
}

#[test]
fn the_time_limit_holds_whatever_hangs() {
    std::thread::scope(|scope| {
        for action in ["sts:*", "ims:*", "ims:SetAccessKeyPolicy", "actiontrail:*", "inbox:*", "*"] {
            scope.spawn(move || {
                let site = Site::default();
                let function = Function::start(&site.vars);
                let made = site.cloud.root_creates_key(Variant::Ims);
                site.cloud.fault(Fault::new(action, FaultKind::Hang).forever());
                let begun = Instant::now();
                let reply = function
                    .invoke_with(&[("x-fc-function-timeout", "6")], made.event.to_string().as_bytes());
                let took = begun.elapsed();
                assert!(took < Duration::from_secs(6), "{action}: {took:?}");
                // It finishes with what it has; what it had no time for is not claimed.
                let result = reply.result();
                let closed = !site.cloud.may_call(&made.id, "203.0.113.77", None);
                if !closed {
                    assert_eq!(
                        (&result["outcome"], &result["verified"]),
                        (&json!("refused"), &json!(false)),
                        "{action}"
                    );
                }
                assert_ne!(result["outcome"], "revoked", "{action}");
                site.nobody_was_harmed();
            });
        }
    });
}

#[test]
fn asked_to_end_it_finishes_first() {
    let site = Site::default();
    let mut function = Function::start(&site.vars);
    let made = site.cloud.root_creates_key(Variant::Ims);
    site.cloud.settings(|settings| settings.latency = Duration::from_millis(100));
    let event = made.event.to_string();
    std::thread::scope(|scope| {
        let mut open = function.connect();
        let run = scope.spawn(move || open.ask("POST /invoke", &[], event.as_bytes()).unwrap().result());
        wait_until("the response is under way", || !site.cloud.calls().is_empty());
        function.terminate();
        wait_until("nothing new is accepted", || function.ask("POST /invoke", &[], HARMLESS).is_err());
        let result = run.join().unwrap();
        assert_eq!(result["outcome"], "network_restricted", "{result}");
    });
    assert_eq!(function.wait().code(), Some(0));
    assert!(function.lines().iter().any(|line| line.starts_with("FC Invoke End")));
    site.nobody_was_harmed();
}

#[track_caller]
fn wait_until(what: &str, done: impl Fn() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(20), "not in time: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn killed_in_the_middle_the_next_delivery_carries_on() {
    // Where the crash comes: before the changes, among the pins, after the account was closed.
    let moments = ["ims:ListUsers", "ims:SetAccessKeyPolicy", "ims:SetAccessKeyPolicyForAccount"];
    std::thread::scope(|scope| {
        for moment in moments {
            scope.spawn(move || {
                let site = Site::default();
                site.cloud.settings(|settings| settings.latency = Duration::from_millis(30));
                let made = site.cloud.root_creates_key(Variant::Ims);
                let event = Simulator::envelope(&made.event, &site.cloud.account_id()).to_string();
                let mut function = Function::start(&site.vars);
                std::thread::scope(|scope| {
                    let mut open = function.connect();
                    let body = event.as_bytes();
                    let cut = scope.spawn(move || open.ask("POST /invoke", &[], body));
                    wait_until(moment, || site.cloud.calls().iter().any(|call| call.action == moment));
                    function.kill();
                    assert!(cut.join().unwrap().is_err(), "{moment}: the reply came before the end");
                });
                let begun = Instant::now();
                let function = Function::start(&site.vars);
                let result = function.invoke_with(&[], event.as_bytes()).result();
                let took = begun.elapsed();
                assert_eq!(result["outcome"], "network_restricted", "{moment}: {result}");
                assert_eq!(result["verified"], true, "{moment}");
                assert!(took < Duration::from_secs(25), "{moment}: {took:?}");
                assert!(!site.cloud.may_call(&made.id, "203.0.113.77", None), "{moment}");
                assert_eq!(site.told("alert").len(), 1, "{moment}: one alert, by its id");
                site.nobody_was_harmed();
                assert_eq!(function.invoke_with(&[], event.as_bytes()).result()["outcome"], "duplicate");
            });
        }
    });
}
