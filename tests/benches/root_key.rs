//! What the issue of the root key wants measured, in one run, as ratios: `cargo bench -p e2e`.
// Printing the figures is what it is for.
#![allow(clippy::print_stdout)]

use std::path::Path;
use std::time::{Duration, Instant};

use e2e::measure::{build, invoke, is_asked_for, kib, median, start};
use serde_json::{Value, json};
use simulator::{Account, Settings, Simulator, Variant};

/// Starts of each server.
const STARTS: usize = 60;
/// Quarantines timed.
const RESPONSES: usize = 9;
const LATENCY: Duration = Duration::from_millis(50);
const KEYS: usize = 100;

fn main() {
    if !is_asked_for() {
        return;
    }
    let binaries = build("root-key-revoke");
    let function = binaries.join("root-key-revoke");
    let smallest = binaries.join("smallest");
    start_up(&function, &smallest);
    let bytes = std::fs::metadata(&function).map(|data| data.len()).unwrap_or_default();
    println!("stripped binary            {:>8.2} MB (at most 4)", bytes as f64 / 1e6);
    idle_memory(&function);
    quarantine(&function);
}

/// Process start to first reply, in turn, so that both see the same machine.
fn start_up(function: &Path, smallest: &Path) {
    let event = json!({"eventName": "CreateUser", "eventId": "1", "serviceName": "Ims", "eventSource": "ims.aliyuncs.com"}).to_string();
    let variables = [
        ("HARDENING_STATE", "memory:"),
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", "STS.x"),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "x"),
    ];
    let first = {
        let server = start(function, &variables);
        invoke(server.1, &event)
    };
    let answer = first.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default();
    assert!(answer.contains("ignored"), "{first}");
    let time = |binary: &Path, variables: &[(&str, &str)]| {
        let began = Instant::now();
        let server = start(binary, variables);
        let reply = invoke(server.1, &event);
        let took = began.elapsed().as_secs_f64() * 1e3;
        assert!(reply.ends_with(&answer), "{reply}");
        took
    };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        ours.push(time(function, &variables));
        theirs.push(time(smallest, &[("ANSWER", &answer)]));
    }
    let (ours, theirs) = (median(ours), median(theirs));
    println!(
        "start to first reply       {:>8.2} x the smallest hyper server (at most 1.5; {ours:.2} ms against {theirs:.2} ms)",
        ours / theirs
    );
}

fn idle_memory(function: &Path) {
    let server = start(function, &[("HARDENING_STATE", "memory:")]);
    invoke(server.1, "{\"eventName\":\"CreateUser\",\"eventId\":\"1\",\"serviceName\":\"Ims\"}");
    let kib = kib(&server, "VmRSS");
    println!("idle memory                {:>8.2} MB (at most 10)", kib * 1024.0 / 1e6);
}

/// From the event to the closing read back, against the longest chain of calls that must follow each other: the median of
/// several accounts, each with a process of its own.
fn quarantine(function: &Path) {
    // Identity and users (side by side), keys, their policies; the direct disable falls into that time. Then pin, read back,
    // close, read back. The documented windows (450 reads, 150 writes a second and API) hold all of it without waiting.
    let bound = LATENCY.as_secs_f64() * 7.0;
    let took = median((0..RESPONSES).map(|_| time_to_close(function)).collect());
    println!(
        "event to closed quarantine {:>8.2} x the longest chain of calls (at most 1.25; {KEYS} keys, {} ms a call: {:.0} ms against {:.0} ms)",
        took / bound,
        LATENCY.as_millis(),
        took * 1e3,
        bound * 1e3
    );
}

/// Seconds from the event to the closing read back.
fn time_to_close(function: &Path) -> f64 {
    let mut settings = Settings::default();
    settings.latency = LATENCY;
    let cloud = Simulator::start(Account::generated(KEYS, 1), settings).expect("the simulator starts");
    let role = cloud.credentials("hardening-root-key-revoke").expect("the account has the role");
    let config = std::env::temp_dir().join(format!("hardening-bench-{}.yaml", std::process::id()));
    let text = format!(
        "root_key: {{mode: revoke, quarantine: true}}\nnotify:\n  channels:\n    - {{name: a, type: webhook, url: \"{}/inbox/a\"}}\n",
        cloud.base_url()
    );
    std::fs::write(&config, text).expect("the configuration is written");
    let (url, config_path) = (cloud.base_url(), config.display().to_string());
    let variables = [
        ("ALIBABA_CLOUD_ENDPOINT_URL", url.as_str()),
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", &role.id),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", &role.secret),
        ("ALIBABA_CLOUD_SECURITY_TOKEN", role.token.as_deref().unwrap_or_default()),
        ("HARDENING_CONFIG", &config_path),
        ("HARDENING_STATE", "memory:"),
    ];
    let server = start(function, &variables);
    let event =
        Simulator::envelope(&cloud.root_creates_key(Variant::Ims).event, &cloud.account_id()).to_string();
    let began = jiff::Timestamp::now();
    let reply = invoke(server.1, &event);
    let body: Value = reply
        .split_once("\r\n\r\n")
        .and_then(|(_, body)| serde_json::from_str(body).ok())
        .unwrap_or_default();
    assert_eq!(body["outcome"], "network_restricted", "{reply}");
    let steps = body["steps"].as_array().cloned().unwrap_or_default();
    let closed =
        steps.iter().find(|step| step["result"] == "closed").expect("the closing is among the steps");
    let at: jiff::Timestamp = closed["at"].as_str().and_then(|at| at.parse().ok()).expect("it has a time");
    let _ = std::fs::remove_file(config);
    at.duration_since(began).as_secs_f64()
}
