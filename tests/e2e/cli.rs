//! `harden`, the real binary: what it prints, its exit statuses.

mod permissions;
mod scan;
mod undo;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use e2e::process::{Site, Vars, binary};
use serde_json::{Value, json};
use simulator::Variant;

use crate::samples::{envelope, messages};

const TIMER: &str = r#"{"triggerTime": "2026-11-23T02:00:00Z", "triggerName": "sweep", "payload": "sweep"}"#;

/// Runs `harden` with these variables and no others, without a terminal.
fn harden(vars: &Vars, arguments: &[&str]) -> Output {
    let mut command = Command::new(binary("harden", "harden"));
    command.args(arguments).env_clear().envs(vars).stdin(Stdio::null()).current_dir(root());
    command.output().expect("the binary starts")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A person's environment: a home, and nothing set up in it.
fn at_home() -> Vars {
    Vars::from([("HOME".to_owned(), "/nowhere".to_owned())])
}

/// Standard output of a run that ended with `status`.
#[track_caller]
fn ended(output: &Output, status: i32) -> String {
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{out}\n{err}");
    out
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// The site's variables with another principal's credentials.
fn vars_of(site: &Site, principal: &str) -> Vars {
    let keys = site.cloud.credentials(principal).expect("it has a key");
    let mut vars = site.vars.clone();
    for (name, value) in [
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", keys.id),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", keys.secret),
        ("ALIBABA_CLOUD_SECURITY_TOKEN", keys.token.unwrap_or_default()),
    ] {
        vars.insert(name.to_owned(), value);
    }
    vars
}

#[test]
fn the_deployment_is_of_this_version() {
    let deployment: Value = serde_saphyr::from_str(&read("s.yaml")).expect("s.yaml is YAML");
    let function = &deployment["resources"]["root-key-revoke"]["props"];
    let triggers = function["triggers"].as_array().expect("triggers");
    let kinds: Vec<&Value> = triggers.iter().map(|trigger| &trigger["triggerType"]).collect();
    // An unchanged eventbridge trigger keeps the component from deploying those after it.
    assert_eq!(kinds, ["timer", "eventbridge"]);
    assert_eq!(
        triggers[1]["triggerConfig"]["eventRuleFilterPattern"],
        root_key_revoke::EVENT_PATTERN,
        "the trigger's pattern is not the one that is tested"
    );
    assert_eq!(triggers[1]["triggerConfig"]["triggerEnable"], true);
    assert_eq!(triggers[0]["triggerConfig"]["enable"], true);
    let state = function["environmentVariables"]["HARDENING_STATE"].as_str().expect("a store");
    assert!(state.starts_with("oss://${vars.bucket}/state?"), "{state}: the policy grants state/ only");
}

#[test]
fn every_function_is_deployed_and_scheduled() {
    let deployment: Value = serde_saphyr::from_str(&read("s.yaml")).expect("s.yaml is YAML");
    for (name, cron) in
        [("root-key-revoke", "@every 5m"), ("key-rotation", "0 0 2 * * *"), ("exposure-scan", "0 0 18 * * *")]
    {
        let function = &deployment["resources"][name]["props"];
        assert_eq!(function["functionName"], name);
        let role = function["role"].as_str().expect("a role");
        assert!(role.ends_with(&format!("role/hardening-{name}")), "{role}");
        let timer = &function["triggers"][0];
        assert_eq!(
            (&timer["triggerType"], &timer["triggerConfig"]["enable"]),
            (&json!("timer"), &json!(true))
        );
        assert_eq!(timer["triggerConfig"]["cronExpression"], cron);
    }
}

#[test]
fn the_configuration_is_checked() {
    let out = ended(&harden(&at_home(), &["config", "check", "hardening.yaml"]), 0);
    assert!(out.contains("mode: observe") && out.contains("quarantine: false"), "the shipped default: {out}");
    let site = Site::default();
    let check = |text: &str| {
        let path = site.file("other.yaml", text);
        harden(&at_home(), &["config", "check", &path])
    };
    // Valid: the values in effect, a note that nobody would hear, no secret.
    let empty = check("");
    assert!(ended(&empty, 0).contains("max_pinned_keys: 200"));
    assert!(text(&empty.stderr).contains("no channel"), "{}", text(&empty.stderr));
    let channel = "{name: a, type: dingtalk, url: \"https://example.com/robot/send?access_token=t0ken\", secret: s3cret}";
    let masked = check(&format!("notify: {{channels: [{channel}]}}\n"));
    assert!(ended(&masked, 0).contains("name: a"));
    for secret in ["t0ken", "s3cret"] {
        assert!(!format!("{masked:?}").contains(secret), "{secret} is shown");
    }
    // Not valid: the file, the line and the key.
    for (wrong, place, what) in [
        ("version: 1\nroot_key:\n  modus: revoke\n", "other.yaml:3", "modus"),
        ("version: 1\nroot_key: {mode: delete}\n", "other.yaml:2", "delete"),
        ("version: 1\nroot_key: {max_pinned_keys: many}\n", "other.yaml:2", ""),
    ] {
        let output = check(wrong);
        assert_eq!(ended(&output, 2), "", "an error is no result");
        let why = text(&output.stderr);
        assert!(why.contains(place) && why.contains(what), "{why}");
    }
    let output = harden(&at_home(), &["config", "check", "/nowhere/hardening.yaml"]);
    ended(&output, 2);
    assert!(text(&output.stderr).contains("/nowhere/hardening.yaml"));
}

#[test]
fn usage_is_answered_by_status() {
    for (arguments, status) in [
        (&["--help"][..], 0),
        (&["--version"], 0),
        (&["permissions"], 0),
        (&["permissions", "no-such-function"], 2),
        (&["invoke", "no-such-function", "--event", "-"], 2),
        (&["invoke", "root-key-revoke", "--event", "/nowhere/event.json"], 2),
        (&["undo", "--list", "--all"], 2),
        (&["--no-such-option"], 2),
        // Verbs of issues that are not done are unknown, not stubs.
        (&["review"], 2),
        (&["triage"], 2),
    ] {
        let output = harden(&at_home(), arguments);
        let out = ended(&output, status);
        assert_eq!(out.is_empty(), status != 0, "{arguments:?}: results only on standard output: {out}");
        assert_eq!(output.stderr.is_empty(), status == 0 && arguments != ["permissions"], "{arguments:?}");
    }
}

#[test]
fn one_event_runs_here_as_in_the_cloud() {
    let site = Site::default();
    let made = site.cloud.root_creates_key(Variant::Ram);
    let event = site.file("event.json", &envelope(&site, &made.event).to_string());
    let invoke = |vars: &Vars| harden(vars, &["invoke", "root-key-revoke", "--event", &event]);
    let reply: Value = serde_json::from_str(&ended(&invoke(&site.vars), 0)).expect("the reply is JSON");
    assert_eq!((&reply["outcome"], &reply["access_key_id"]), (&json!("network_restricted"), &json!(made.id)));
    let again: Value = serde_json::from_str(&ended(&invoke(&site.vars), 0)).expect("the reply is JSON");
    assert_eq!(again["outcome"], "duplicate");
    assert_eq!(messages(&site).len(), 2, "an alert and an outcome");
    site.nobody_was_harmed();
    // A credential that is not accepted: the account could not be read.
    let other = site.cloud.root_creates_key(Variant::Ims);
    site.file("event.json", &envelope(&site, &other.event).to_string());
    let output = invoke(&site.with("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "example-wrong"));
    ended(&output, 3);
    assert!(!text(&output.stderr).contains("example-wrong"));
}

#[test]
fn events_are_wired_and_verified() {
    let site = Site::default();
    // The function's own role may not do this: a person does.
    let vars = vars_of(&site, "emergency-admin");
    let run = |arguments: &[&str]| harden(&vars, arguments);
    let out = ended(&run(&["events", "verify"]), 1);
    assert!(out.contains("root-key-revoke-access-key-created") && out.contains("does not exist"), "{out}");
    let out = ended(&run(&["events", "wire"]), 0);
    assert!(out.contains("read back"), "{out}");
    let out = ended(&run(&["events", "verify"]), 0);
    assert!(out.contains("matches all samples"), "{out}");
    let wired = site.account();
    let rule =
        wired["rules"].as_array().expect("rules").iter().find(|rule| {
            rule["name"] == "root-key-revoke-access-key-created" && rule["region"] == "cn-hangzhou"
        });
    let rule = rule.expect("the rule is there");
    let pattern: Value = serde_json::from_str(root_key_revoke::EVENT_PATTERN).expect("JSON");
    assert_eq!((&rule["enabled"], &rule["pattern"]), (&json!(true), &pattern));
    // Again changes nothing.
    ended(&run(&["events", "wire"]), 0);
    assert_eq!(site.account(), wired);
    // Undone, it is off, and that is seen; wiring mends it.
    let list = ended(&run(&["undo", "--list"]), 0);
    assert!(list.contains("event-rule-"), "{list}");
    ended(&run(&["undo", "--yes", "--all"]), 0);
    assert!(ended(&run(&["events", "verify"]), 1).contains("not enabled"));
    ended(&run(&["events", "wire"]), 0);
    ended(&run(&["events", "verify"]), 0);
    // Where no such event arrives, it says so.
    let output = run(&["events", "verify", "--region", "cn-beijing"]);
    ended(&output, 1);
    assert!(text(&output.stderr).contains("cn-beijing"), "{}", text(&output.stderr));
}

#[test]
fn an_account_that_cannot_be_read_is_status_3() {
    let site = Site::default();
    let wrong = site.with("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "example-wrong");
    let output = harden(&wrong, &["events", "verify"]);
    assert_eq!(ended(&output, 3), "");
    assert!(text(&output.stderr).contains("SignatureDoesNotMatch"), "{}", text(&output.stderr));
    assert!(!text(&output.stderr).contains("example-wrong"));
    // May not: named.
    let output = harden(&site.vars, &["events", "verify"]);
    assert_eq!(ended(&output, 3), "");
    assert!(text(&output.stderr).contains("eventbridge:"), "{}", text(&output.stderr));
    // A setting is not the account's fault.
    let output = harden(&site.with("ALIBABA_CLOUD_SIGNATURE", "md5"), &["events", "verify"]);
    ended(&output, 2);
    assert!(text(&output.stderr).contains("ALIBABA_CLOUD_SIGNATURE"), "{}", text(&output.stderr));
}

#[test]
fn channels_are_tested() {
    let site = Site::default();
    assert_eq!(ended(&harden(&site.vars, &["notify", "test"]), 0), "ops: delivered\n");
    assert_eq!(messages(&site).len(), 1);
    let none = site.file("none.yaml", "version: 1\n");
    let output = harden(&site.with("HARDENING_CONFIG", &none), &["notify", "test"]);
    ended(&output, 2);
    assert!(text(&output.stderr).contains("notify.channels"), "{}", text(&output.stderr));
}

#[test]
fn the_demonstration_is_plain_text_in_a_pipe() {
    let output = harden(&Vars::from([("TERM".to_owned(), "xterm-256color".to_owned())]), &[]);
    let out = ended(&output, 0);
    assert!(!out.contains('\x1b') && !text(&output.stderr).contains('\x1b'), "escape codes in a pipe");
    for part in ["network_restricted", "revoked", "undo"] {
        assert!(out.contains(part), "it does not show {part}: {out}");
    }
    assert!(!out.contains("example-secret"), "a secret is shown");
}
