//! `harden scan`: what it prints, what it saves, and how it ends.

use e2e::process::{Site, Vars};
use serde_json::Value;
use simulator::{Account, Fault, FaultKind};

use super::{ended, harden, vars_of};

fn site() -> (Site, Vars) {
    let site = Site::of(Account::builtin());
    let vars = vars_of(&site, "hardening-exposure-scan");
    (site, vars)
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("a report is JSON")
}

#[test]
fn a_snapshot_gives_the_same_report_byte_for_byte() {
    let (site, vars) = site();
    let path = site.file("snapshot.json", "");
    let live = ended(
        &harden(&vars, &["scan", "--function", "exposure-scan", "--output", "json", "--snapshot", &path]),
        0,
    );
    // No network, no credential, no time: the file alone.
    let replay = |output: &str| {
        let arguments = ["scan", "--function", "exposure-scan", "--output", output, "--from-snapshot", &path];
        ended(&harden(&Vars::new(), &arguments), 0)
    };
    assert_eq!(replay("json"), live);
    assert_eq!(replay("json"), replay("json"));
    let report = json(&live);
    let fails = report["summary"]["FAIL"].as_u64().expect("a number");
    assert!(fails > 30, "{}", report["summary"]);
    // One line a finding, and a header.
    let findings = report["findings"].as_array().expect("findings");
    assert!(replay("csv").lines().count() > findings.len());
    assert!(replay("html").starts_with("<!doctype html>"));
    assert!(replay("table").contains("open-ssh"));

    let saved = std::fs::read_to_string(&path).expect("it was saved");
    for secret in ["example-secret", "Passw0rd"] {
        assert!(!saved.contains(secret) && !live.contains(secret), "{secret} is nobody's business");
    }
}

#[test]
fn yesterday_is_compared_with_today() {
    let (site, vars) = site();
    let path = site.file("yesterday.json", "");
    ended(&harden(&vars, &["scan", "--function", "exposure-scan", "--snapshot", &path]), 0);
    assert!(
        site.cloud.delete_resource("i-bp1example0test")
            && site.cloud.delete_resource("sg-bp1example00000test")
    );
    let arguments = ["scan", "--function", "exposure-scan", "--output", "json", "--compare", &path];
    let report = json(&ended(&harden(&vars, &arguments), 0));
    let fixed = report["changes"]["fixed"].as_array().expect("a list");
    let names = |one: &Value, end: &str| one["resource"].as_str().is_some_and(|arn| arn.ends_with(end));
    assert!(
        fixed.iter().any(|one| names(one, "sg-bp1example00000test") && one["how"] == "gone"),
        "{fixed:?}"
    );
    assert_eq!(report["changes"]["new"], serde_json::json!([]));
    let table = ended(&harden(&vars, &["scan", "--function", "exposure-scan", "--compare", &path]), 0);
    assert!(table.contains("0 new") && table.contains("fixed"), "{table}");
}

#[test]
fn it_ends_as_the_contract_says() {
    let (site, vars) = site();
    let scan = |arguments: &[&str]| {
        let all = [&["scan", "--function", "exposure-scan", "--output", "json"], arguments].concat();
        harden(&vars, &all)
    };
    let one =
        json(&ended(&scan(&["--check", "open-ssh", "--severity", "critical", "--region", "cn-hangzhou"]), 0));
    let findings = one["findings"].as_array().expect("findings");
    assert!(!findings.is_empty());
    for finding in findings {
        let of = (finding["check"].as_str(), finding["region"].as_str(), finding["severity"].as_str());
        assert_eq!(of, (Some("open-ssh"), Some("cn-hangzhou"), Some("critical")));
    }
    ended(&scan(&["--fail-on", "critical"]), 1);
    for wrong in
        [["--check", "open-shh"], ["--output", "pdf"], ["--function", "nothing"], ["--severity", "awful"]]
    {
        let arguments = [&["scan"][..], &wrong[..]].concat();
        ended(&harden(&vars, &arguments), 2);
    }
    site.cloud.fault(Fault::new("rds:*", FaultKind::Deny).forever());
    let partly = json(&ended(&scan(&[]), 4));
    assert!(partly["summary"]["UNKNOWN"].as_u64() > Some(0));
    assert!(partly["coverage"]["failures"].to_string().contains("rds:"));
    site.cloud.fault(Fault::new("*", FaultKind::Deny).forever());
    ended(&scan(&[]), 3);
}
