//! What the issue of key rotation wants measured, in one run, as ratios: `cargo bench -p e2e --bench key_rotation`.
// Printing the figures is what it is for.
#![allow(clippy::print_stdout)]

use std::time::{Duration, Instant};

use e2e::measure::{build, invoke, is_asked_for, kib, median, start};
use serde_json::{Value, json};
use simulator::{Account, Settings, Simulator};

const LATENCY: Duration = Duration::from_millis(50);
const USERS: usize = 1000;
const KEYS: usize = 1500;
/// Runs timed, each with a process of its own.
const RUNS: usize = 3;

fn main() {
    if !is_asked_for() {
        return;
    }
    let function = build("key-rotation").join("key-rotation");
    let mut settings = Settings::default();
    settings.latency = LATENCY;
    let cloud = Simulator::start(account(), settings).expect("the simulator starts");
    let role = cloud.credentials("hardening-key-rotation").expect("the account has the role");
    let config = std::env::temp_dir().join(format!("hardening-bench-{}.yaml", std::process::id()));
    let channel = format!("{{name: a, type: webhook, url: \"{}/inbox/a\"}}", cloud.base_url());
    std::fs::write(&config, format!("notify: {{channels: [{channel}]}}\n")).expect("it is written");
    let (url, config_path) = (cloud.base_url(), config.display().to_string());
    let variables = [
        ("ALIBABA_CLOUD_ENDPOINT_URL", url.as_str()),
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", &role.id),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", &role.secret),
        ("ALIBABA_CLOUD_SECURITY_TOKEN", role.token.as_deref().unwrap_or_default()),
        ("HARDENING_CONFIG", &config_path),
        ("HARDENING_STATE", "memory:"),
    ];
    let (mut times, mut peak, mut calls) = (Vec::new(), 0.0_f64, 0);
    for _ in 0..RUNS {
        cloud.clear_calls();
        let server = start(&function, &variables);
        let began = Instant::now();
        let event = json!({"triggerTime": "2026-11-24T02:00:00Z", "triggerName": "daily", "payload": ""});
        let reply = invoke(server.1, &event.to_string());
        times.push(began.elapsed().as_secs_f64());
        let body: Value = reply
            .split_once("\r\n\r\n")
            .and_then(|(_, body)| serde_json::from_str(body).ok())
            .unwrap_or_default();
        let figures = &body["figures"];
        assert_eq!(
            (&figures["users"], &figures["active_keys"]),
            (&json!(USERS), &json!(KEYS)),
            "{reply:.300}"
        );
        peak = peak.max(kib(&server, "VmHWM"));
        calls = cloud.calls().len();
    }
    let _ = std::fs::remove_file(config);
    // GetAccessKeyLastUsed is what takes longest: so many windows of a second after the first, at 350 a second. Before it come
    // identity, users and keys; after it what a key is used for (when, where, what) and two messages.
    let windows = KEYS.div_ceil(350) - 1;
    let bound = windows as f64 + 8.0 * LATENCY.as_secs_f64();
    let took = median(times);
    println!(
        "all keys read and told of  {:>8.2} x the bound of rate limits and chain (at most 1.25; {USERS} users, {KEYS} keys, {} ms a call: {took:.2} s against {bound:.2} s)",
        took / bound,
        LATENCY.as_millis()
    );
    // Users, count, identity; a list and a profile for each user; a last use for each key; what the account says of itself.
    let least = 3 + 2 * USERS + KEYS + 4;
    println!(
        "calls                      {calls:>8} made, {least} read the account at the least; the rest is what keys are used for"
    );
    println!("peak memory                {:>8.2} MB (at most 64)", peak * 1024.0 / 1e6);
}

/// Half of the users have two keys, with ages up to half a year.
fn account() -> Account {
    let users: Vec<Value> = (0..USERS)
        .map(|number| {
            let keys: Vec<Value> = (0..=number % 2)
                .map(|key| {
                    let (month, day) = (6 + number % 6, 1 + number % 28);
                    json!({
                        "id": format!("LTAI5tBench{number:06}{key}"), "secret": format!("example-secret-{number}-{key}"),
                        "created": format!("2026-{month:02}-{day:02}T00:00:00Z"),
                        "last_used": "2026-11-20T00:00:00Z", "last_service": "Oss",
                    })
                })
                .collect();
            json!({"name": format!("user-{number:04}"), "id": format!("2{number:017}"), "created": "2025-01-01T00:00:00Z", "keys": keys})
        })
        .collect();
    let mut account: Value =
        serde_json::from_str(include_str!("../../simulator/src/account/builtin.json")).expect("it is JSON");
    account["users"] = users.into();
    Account::from_json(&account.to_string()).expect("the account is valid")
}
