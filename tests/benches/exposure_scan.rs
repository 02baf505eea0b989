//! What the issue of the exposure scan wants measured, in one run, as ratios: `cargo bench -p e2e --bench exposure_scan`.
// Printing the figures is what it is for.
#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use e2e::measure::{build, invoke, is_asked_for, kib, start};
use serde_json::{Value, json};
use shared::openapi::Rate;
use simulator::{Settings, Simulator, Size, generated};

const LATENCY: Duration = Duration::from_millis(50);
/// Who is calling → the regions → groups → a group's rules → a list that they name → the report's message; state is in memory.
const CHAIN: u32 = 6;

fn main() {
    if !is_asked_for() {
        return;
    }
    let function = build("exposure-scan").join("exposure-scan");
    let mut settings = Settings::default();
    settings.latency = LATENCY;
    let made = generated(7, Size::LARGE);
    let truth = made.truth.fails.len();
    let cloud = Simulator::start(made.account, settings).expect("the simulator starts");
    let role = cloud.credentials("hardening-exposure-scan").expect("the account has the role");
    let url = cloud.base_url();
    let variables = [
        ("ALIBABA_CLOUD_ENDPOINT_URL", url.as_str()),
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", &role.id),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", &role.secret),
        ("ALIBABA_CLOUD_SECURITY_TOKEN", role.token.as_deref().unwrap_or_default()),
        ("HARDENING_STATE", "memory:"),
    ];
    let server = start(&function, &variables);
    let began = Instant::now();
    let event = json!({"triggerTime": "2026-11-24T18:00:00Z", "triggerName": "nightly", "payload": ""});
    let reply = invoke(server.1, &event.to_string());
    let took = began.elapsed().as_secs_f64();
    let body: Value = reply
        .split_once("\r\n\r\n")
        .and_then(|(_, body)| serde_json::from_str(body).ok())
        .unwrap_or_default();
    // Figures are not judged here; those of a run that could not read everything are to be told from others.
    println!(
        "reads that failed          {:>8}; {} findings, {truth} by the generator's truth",
        body["coverage"]["failed"], body["summary"]["FAIL"]
    );

    let mut calls: BTreeMap<(String, String), u32> = BTreeMap::new();
    for call in cloud.calls() {
        *calls.entry((call.action, call.region.unwrap_or_default())).or_default() += 1;
    }
    let made: u32 = calls.values().sum();
    let rates: BTreeMap<&str, Rate> = exposure_scan::needs().iter().map(|api| (api.name, api.rate)).collect();
    let waits = calls.iter().map(|((action, _), count)| {
        let name = action.split(':').nth(1).unwrap_or_default();
        let rate = rates.get(name).copied().unwrap_or(Rate::per_second(5));
        // So many windows have to pass before the last call may go.
        f64::from(count.div_ceil(rate.calls) - 1) * rate.per.as_secs_f64()
    });
    let bound = waits.fold(0.0, f64::max) + (CHAIN * LATENCY).as_secs_f64();
    println!(
        "the whole account read     {:>8.2} x the bound of rate limits and chain (at most 1.25; {} ms a call: {took:.2} s against {bound:.2} s)",
        took / bound,
        LATENCY.as_millis()
    );
    println!("calls                      {made:>8} made");
    println!("peak memory                {:>8.2} MB (at most 128)", kib(&server, "VmHWM") * 1024.0 / 1e6);
}
