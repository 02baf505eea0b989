//! `harden rotate`, the real binary.

use std::process::{Command, Output, Stdio};

use e2e::process::{Site, Vars, binary};
use jiff::SignedDuration;
use serde_json::{Value, json};

const OLD: &str = "LTAI5tExampleBackup00001";
const USER: &str = "backup-bot";
const PROGRAM: &str = "198.51.100.40";

/// A site, and the variables of a person who may do this.
fn site() -> (Site, Vars) {
    let site = Site::default();
    let keys = site.cloud.credentials("emergency-admin").expect("a key");
    let mut vars = site.vars.clone();
    for (name, value) in [
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", keys.id),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", keys.secret),
        ("ALIBABA_CLOUD_SECURITY_TOKEN", String::new()),
    ] {
        vars.insert(name.to_owned(), value);
    }
    (site, vars)
}

fn harden(vars: &Vars, arguments: &[&str]) -> Output {
    let mut command = Command::new(binary("harden", "harden"));
    command.args(arguments).env_clear().envs(vars).stdin(Stdio::null());
    command.output().expect("the binary starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// What it wrote on both, if it ended so.
#[track_caller]
fn ended(output: &Output, status: i32) -> (String, String) {
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{out}\n{err}");
    (out, err)
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn keys(site: &Site) -> Vec<(String, String)> {
    let state = site.cloud.state();
    let user = state["users"].as_array().into_iter().flatten().find(|user| user["name"] == USER).cloned();
    let keys = user.expect("the user")["keys"].as_array().cloned().unwrap_or_default();
    let text = |key: &Value, name: &str| key[name].as_str().unwrap_or("Active").to_owned();
    keys.iter().map(|key| (text(key, "id"), text(key, "status"))).collect()
}

fn used(site: &Site, key: &str) {
    assert!(site.cloud.use_key(key, "Oss", "PutObject", PROGRAM), "{key}");
}

#[test]
fn a_key_is_rotated_on_a_terminal_and_the_secret_is_there_only() {
    let (site, vars) = site();
    let run = |arguments: &[&str]| harden(&vars, &[&["rotate", USER], arguments].concat());
    // Nobody asked for the secret in a pipe.
    let (out, err) = ended(&run(&[]), 2);
    assert!(out.is_empty() && err.contains("--to kms:NAME"), "{out} {err}");
    assert_eq!(keys(&site).len(), 1);

    let mut written = Vec::new();
    let (out, err) = ended(&run(&["--to", "terminal"]), 0);
    let shown = json(&out);
    let (new, secret) = (shown["AccessKeyId"].as_str().expect("a key"), shown["AccessKeySecret"].as_str());
    let secret = secret.expect("a secret").to_owned();
    assert_eq!(site.cloud.credentials(new).expect("it exists").secret, secret, "it works");
    assert_eq!(out.lines().count(), 1, "nothing else is on standard output: {out}");
    assert!(err.contains(&format!("waiting for {new} to be used")), "{err}");
    written.push(err);

    used(&site, new);
    let (out, err) = ended(&run(&["--quiet", "1h", "--json"]), 0);
    let report = json(&out);
    assert_eq!((&report["state"], &report["old_key"]), (&json!("waiting_for_old_key"), &json!(OLD)), "{out}");
    assert!(err.contains("an hour behind"), "{err}");
    written.extend([out, err]);
    let (out, err) = ended(&run(&["--quiet", "0s"]), 0);
    assert!(out.is_empty() && err.contains(&format!("disabled {OLD}, read back")), "{err}");
    assert!(err.contains(&format!("`harden rotate {USER} --delete`")), "{err}");
    written.push(err);
    // It can be undone as any case can.
    let (list, _) = ended(&harden(&vars, &["undo", "--list"]), 0);
    assert!(list.contains(&format!("rotation-{OLD}")), "{list}");

    let (_, err) = ended(&run(&["--delete", "--yes"]), 1);
    assert!(err.contains("may be deleted from"), "{err}");
    let (_, err) = ended(&run(&["--delete", "--after", "0s"]), 2);
    assert!(err.contains("--yes"), "{err}");
    assert_eq!(keys(&site), [(OLD.to_owned(), "Inactive".to_owned()), (new.to_owned(), "Active".to_owned())]);
    let (out, err) = ended(&run(&["--delete", "--after", "0s", "--yes", "--json"]), 0);
    assert_eq!(json(&out)["state"], "rotated", "{err}");
    written.extend([out, err]);
    assert_eq!(keys(&site), [(new.to_owned(), "Active".to_owned())]);
    assert_eq!(ended(&harden(&vars, &["undo", "--list"]), 0).0, "");

    let stored = format!("{:?}", site.stored());
    assert!(stored.contains(new), "the record names the key");
    let others = [stored, format!("{:?}", site.cloud.calls()), site.cloud.state()["events"].to_string()];
    for text in written.iter().chain(&others) {
        assert!(!text.contains(&secret), "the secret is in {text}");
    }
    let asked: Vec<_> = site.cloud.calls().into_iter().filter(|call| !call.unknown.is_empty()).collect();
    assert!(asked.is_empty(), "{asked:?}");
}

#[test]
fn a_key_is_rotated_into_a_vault_by_one_command_that_waits() {
    let (site, vars) = site();
    let command = ["rotate", USER, "--to", "kms:prod/backup?region=cn-shanghai", "--wait", "--every", "1s"];
    let mut waiting = Command::new(binary("harden", "harden"));
    waiting.args(command).args(["--quiet", "1s", "--after", "2s"]).env_clear().envs(&vars);
    let waiting = waiting.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = waiting.spawn().expect("it starts");
    let begun = std::time::Instant::now();
    let stored = loop {
        if let Some(stored) = site.cloud.secret_value("cn-shanghai", "prod/backup") {
            break json(&stored);
        }
        assert!(begun.elapsed().as_secs() < 60, "nothing was handed over");
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    used(&site, stored["AccessKeyId"].as_str().expect("a key"));
    let output = child.wait_with_output().expect("it ends");
    let (out, err) = ended(&output, 0);
    assert!(
        out.is_empty() && err.contains("read back") && err.contains("can be deleted from"),
        "{out} {err}"
    );
    let secret = stored["AccessKeySecret"].as_str().expect("a secret");
    assert!(!err.contains(secret) && !format!("{:?}", site.stored()).contains(secret));
    ended(&harden(&vars, &["rotate", USER, "--delete", "--after", "0s", "--yes"]), 0);
    assert_eq!(keys(&site).len(), 1);
}

#[test]
fn failing_calls_end_with_a_status_of_their_own() {
    let (site, vars) = site();
    let run = |arguments: &[&str]| harden(&vars, &[&["rotate", USER], arguments].concat());
    ended(&run(&["--to", "kms:prod/backup"]), 0);
    let stored = json(&site.cloud.secret_value("cn-hangzhou", "prod/backup").expect("it is stored"));
    let new = stored["AccessKeyId"].as_str().expect("a key");
    used(&site, new);
    ended(&run(&["--quiet", "0s"]), 0);
    // A program that nobody thought of, in the second after.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert!(!site.cloud.use_key(OLD, "Ecs", "DescribeInstances", "192.0.2.77"));
    let (_, err) = ended(&run(&[]), 1);
    for part in
        ["Ecs DescribeInstances from 192.0.2.77", "InvalidAccessKeyId.Inactive", "--abort", "harden undo"]
    {
        assert!(err.contains(part), "{part}: {err}");
    }
    let (out, _) = ended(&run(&["--json"]), 1);
    assert_eq!(json(&out)["watched"]["failed"][0]["address"], "192.0.2.77", "{out}");
    ended(&run(&["--delete", "--after", "0s", "--yes"]), 1);
    let (_, err) = ended(&run(&["--abort"]), 2);
    assert!(err.contains("--yes"), "{err}");
    let (_, err) = ended(&run(&["--abort", "--yes"]), 0);
    assert!(err.contains(&format!("enabled {OLD} again, read back")) && err.contains("is kept"), "{err}");
    assert!(err.contains("still gives out"), "{err}");
    assert!(keys(&site).iter().all(|(_, status)| status == "Active"));
}

#[test]
fn what_cannot_be_is_answered_by_status() {
    let (site, vars) = site();
    let config = site.file("strict.yaml", "break_glass: [user/backup-bot]\n");
    let mut strict = vars.clone();
    strict.insert("HARDENING_CONFIG".to_owned(), config);
    let to = ["--to", "kms:prod/x"];
    for (vars, arguments, status, part) in [
        (&vars, &["rotate"][..], 2, "USER"),
        (&vars, &["rotate", "ci-bot", to[0], to[1]], 1, "holds 2 access keys already"),
        (&vars, &["rotate", "nobody", to[0], to[1]], 2, "no RAM user"),
        (&vars, &["rotate", "emergency-admin", to[0], to[1]], 2, "signed with"),
        (&strict, &["rotate", USER, to[0], to[1]], 2, "break-glass"),
        (&vars, &["rotate", USER, "--to", "s3:x"], 2, "kms:NAME"),
        (&vars, &["rotate", USER, "--to", "terminal", "--json"], 2, "choose one"),
        (&vars, &["rotate", USER, "--delete", "--abort"], 2, "cannot be used with"),
        (&vars, &["rotate", USER, "--abort", "--yes"], 2, "no rotation of backup-bot is under way"),
        (&site.vars, &["rotate", USER, to[0], to[1]], 3, "kms:DescribeSecret"),
    ] {
        let (out, err) = ended(&harden(vars, arguments), status);
        assert!(err.contains(part) && out.is_empty(), "{arguments:?}: {err}");
    }
    let (out, _) = ended(&harden(&vars, &["rotate", "ci-bot", to[0], to[1], "--json"]), 1);
    assert_eq!(json(&out)["state"], "stopped");
    let changed: Vec<_> =
        site.cloud.calls().into_iter().filter(|call| call.action.contains(":Create")).collect();
    assert!(changed.is_empty(), "{changed:?}");
}

#[test]
fn it_is_rehearsed_with_the_policy_that_is_printed() {
    let (site, admin) = site();
    let (printed, _) = ended(&harden(&admin, &["permissions", "rotate"]), 0);
    let policy = json(&printed);
    // The operator has this policy and nothing else.
    let mut account: Value =
        serde_json::from_str(include_str!("../../../simulator/src/account/builtin.json")).expect("JSON");
    let mut document = policy;
    for statement in document["Statement"].as_array_mut().expect("statements") {
        // The simulator knows no conditions.
        statement.as_object_mut().expect("an object").remove("Condition");
    }
    let policies = account["policies"].as_array_mut().expect("policies");
    let own = policies
        .iter_mut()
        .find(|one| one["name"] == "hardening-root-key-revoke")
        .expect("the role's policy");
    own["document"] = document;
    drop(site);
    let site = Site::of(simulator::Account::from_json(&account.to_string()).expect("the account is valid"));
    let before = site.account()["users"].clone();
    let (out, err) = ended(&harden(&site.vars, &["rotate", "--rehearse", "--to", "kms:drill", "--json"]), 0);
    let done = json(&out);
    assert_eq!(
        (&done["state"], &done["rehearsal"]["ok"]),
        (&json!("rehearsed"), &json!(true)),
        "{out} {err}"
    );
    assert!(done["rehearsal"]["took"].as_i64().is_some_and(|took| took < 60), "{out}");
    assert_eq!(done["last_success"], done["rehearsal"]["at"]);
    assert_eq!(site.account()["users"], before, "nothing is left");
    let stored = site.stored();
    assert!(
        stored.keys().any(|path| path.to_string_lossy().contains("rotation/rehearsals/")),
        "it is recorded"
    );
    let denied: Vec<_> = site.cloud.calls().into_iter().filter(|call| call.status == 403).collect();
    assert!(denied.is_empty(), "{denied:?}");
    // A real one with the same policy.
    site.cloud.settings(|settings| settings.ahead = SignedDuration::ZERO);
    ended(&harden(&site.vars, &["rotate", USER, "--to", "kms:prod/backup"]), 0);
    let new = json(&site.cloud.secret_value("cn-hangzhou", "prod/backup").expect("stored"));
    used(&site, new["AccessKeyId"].as_str().expect("a key"));
    ended(&harden(&site.vars, &["rotate", USER, "--quiet", "0s"]), 0);
    ended(&harden(&site.vars, &["rotate", USER, "--delete", "--after", "0s", "--yes"]), 0);
    let denied: Vec<_> = site.cloud.calls().into_iter().filter(|call| call.status == 403).collect();
    assert!(denied.is_empty(), "{denied:?}");
    let (_, err) = ended(&harden(&site.vars, &["rotate", "--rehearse"]), 0);
    assert!(err.contains("rehearsed: made, handed over"), "{err}");
}
