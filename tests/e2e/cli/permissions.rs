//! The policies that `harden permissions` prints: committed as printed, enough, and no more.

use std::collections::BTreeSet;

use e2e::process::{Function, Site, Vars};
use serde_json::{Value, json};
use simulator::{Account, RootKeyAction, Variant};

use super::{TIMER, ended, harden, read, vars_of};
use crate::samples::{envelope, send};

#[test]
fn the_committed_policies_are_the_ones_that_are_printed() {
    for name in ["root-key-revoke", "key-rotation", "exposure-scan"] {
        let printed = ended(&harden(&Vars::new(), &["permissions", name]), 0);
        let path = format!("deploy/{name}.policy.json");
        assert_eq!(printed, read(&path), "stale: harden permissions {name} > {path}");
        let policy: Value = serde_json::from_str(&printed).expect("a policy is JSON");
        let granted = granted(&policy);
        assert!(granted.len() > 10, "{granted:?}");
        for action in &granted {
            assert!(!action.contains(['*', '?']), "{action}: granted by name, never by pattern");
            assert!(!action.contains("Delete"), "{action}: nothing deletes");
        }
    }
    // For another bucket, it says that bucket.
    let arguments = ["permissions", "root-key-revoke", "--bucket", "b-1", "--prefix", "p"];
    let other = ended(&harden(&Vars::new(), &arguments), 0);
    assert!(other.contains("acs:oss:*:*:b-1/p/*") && !other.contains("hardening-state"), "{other}");
}

fn granted(policy: &Value) -> BTreeSet<String> {
    let statements = policy["Statement"].as_array().expect("statements");
    let actions = statements.iter().flat_map(|one| one["Action"].as_array().expect("a list of actions"));
    actions.map(|action| action.as_str().expect("an action's name").to_owned()).collect()
}

/// The built-in account, where the function's role has the committed policy and nothing else.
fn least_privileged(name: &str, policy: &Value) -> Account {
    let mut account: Value =
        serde_json::from_str(&read("simulator/src/account/builtin.json")).expect("an account is JSON");
    let mut document = policy.clone();
    for statement in document["Statement"].as_array_mut().expect("statements") {
        // The simulator knows no conditions: this one is checked on the calls below.
        statement.as_object_mut().expect("an object").remove("Condition");
    }
    let policies = account["policies"].as_array_mut().expect("policies");
    let own = policies.iter_mut().find(|one| one["name"] == format!("hardening-{name}"));
    own.expect("the role's policy")["document"] = document;
    Account::from_json(&account.to_string()).expect("the account is valid")
}

/// The RAM action that a call needs (IMS has no name of its own there); `None`: it needs none.
fn permission(action: &str) -> Option<String> {
    match action.split_once(':').expect("product:action") {
        ("sts", "GetCallerIdentity") => Some("sts:GetCallerIdentity".to_owned()),
        ("sts", _) => None,
        // Both versions of the call are granted by one name.
        ("oss", "ListObjectsV2") => Some("oss:ListObjects".to_owned()),
        ("ims", name) => Some(format!("ram:{name}")),
        _ => Some(action.to_owned()),
    }
}

#[test]
fn the_policy_of_root_key_revoke_is_enough_and_no_more() {
    let policy: Value = serde_json::from_str(&read("deploy/root-key-revoke.policy.json")).expect("JSON");
    let mut site = Site::of(least_privileged("root-key-revoke", &policy));
    let state = "oss://hardening-state/state?region=cn-hangzhou";
    site.vars.insert("HARDENING_STATE".to_owned(), state.to_owned());
    let function = Function::start(&site.vars);
    let sweep = || send(&function, TIMER).result();
    assert_eq!(sweep()["unread"], json!([]));

    let made = site.cloud.root_creates_key(Variant::Ims);
    // The key is used, so that there is something to read about that.
    let mut thief = site.with("ALIBABA_CLOUD_ACCESS_KEY_ID", &made.id);
    thief.insert("ALIBABA_CLOUD_ACCESS_KEY_SECRET".to_owned(), made.secret.clone());
    thief.remove("ALIBABA_CLOUD_SECURITY_TOKEN");
    ended(&harden(&thief, &["events", "verify"]), 1);
    site.cloud.clear_calls();
    let reply = send(&function, envelope(&site, &made.event)).result();
    assert_eq!(reply["outcome"], "network_restricted", "{reply:#}");
    let swept = sweep();
    assert_eq!(swept["cases"][0]["outcome"], "network_restricted", "{swept:#}");
    site.cloud.root_sets_key(&made.id, RootKeyAction::Inactive);
    let swept = sweep();
    assert_eq!(
        (&swept["cases"][0]["outcome"], &swept["unread"]),
        (&json!("revoked"), &json!([])),
        "{swept:#}"
    );
    ended(&harden(&site.vars, &["undo", "--yes", reply["case"].as_str().expect("a case")]), 0);
    site.nobody_was_harmed();

    enough_and_no_more(&site, &policy, &[]);
}

/// A notice, then, in effect at once, a key disabled, and the undo of that.
#[test]
fn the_policy_of_key_rotation_is_enough_and_no_more() {
    let policy: Value = serde_json::from_str(&read("deploy/key-rotation.policy.json")).expect("JSON");
    let mut site = Site::of(least_privileged("key-rotation", &policy));
    let channel = format!("{{name: a, type: webhook, url: \"{}/inbox/a\"}}", site.cloud.base_url());
    let config = format!("rotation: {{disable: idle, notice: 1s}}\nnotify: {{channels: [{channel}]}}");
    let config = site.file("rotation.yaml", &config);
    for (name, value) in [
        ("HARDENING_CONFIG", config.as_str()),
        ("HARDENING_STATE", "oss://hardening-state/state?region=cn-hangzhou"),
    ] {
        site.vars.insert(name.to_owned(), value.to_owned());
    }
    let vars = vars_of(&site, "hardening-key-rotation");
    let event = site.file("timer.json", TIMER);
    site.cloud.use_key("LTAI5tExampleBackup00001", "Oss", "PutObject", "172.16.4.9");
    site.cloud.clear_calls();
    let run = || -> Value {
        let out = ended(&harden(&vars, &["invoke", "key-rotation", "--event", &event]), 0);
        serde_json::from_str(&out).expect("a reply is JSON")
    };
    let first = run();
    assert_eq!((&first["coverage"]["failed"], &first["disabled"]), (&json!(0), &json!([])), "{first:#}");
    // No key is disabled before the time of its notice, and that is in whole seconds.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let second = run();
    let disabled = second["disabled"].as_array().expect("a list");
    assert!(
        disabled.iter().any(|line| line.as_str().is_some_and(|line| line.contains("read back"))),
        "{second:#}"
    );
    ended(&harden(&vars, &["undo", "--all", "--yes"]), 0);
    // No group holds AdministratorAccess here, so nobody asks for its members.
    enough_and_no_more(&site, &policy, &["ram:ListUsersForGroup"]);
}

/// A night with the policy and nothing else: nothing is denied, so nothing is unread. What it may do is to read.
#[test]
fn the_policy_of_exposure_scan_is_enough_and_reads_only() {
    let policy: Value = serde_json::from_str(&read("deploy/exposure-scan.policy.json")).expect("JSON");
    let mut site = Site::of(least_privileged("exposure-scan", &policy));
    let state = "oss://hardening-state/state?region=cn-hangzhou";
    site.vars.insert("HARDENING_STATE".to_owned(), state.to_owned());
    let vars = vars_of(&site, "hardening-exposure-scan");
    let event = site.file("timer.json", TIMER);
    let out = ended(&harden(&vars, &["invoke", "exposure-scan", "--event", &event]), 0);
    let reply: Value = serde_json::from_str(&out).expect("a reply is JSON");
    assert_eq!(reply["coverage"]["failures"], json!([]), "{:#}", reply["coverage"]);
    assert!(reply["summary"]["FAIL"].as_u64() > Some(20), "{:#}", reply["summary"]);
    let statements = policy["Statement"].as_array().expect("statements");
    let actions = statements[0]["Action"].as_array().expect("actions").iter().filter_map(Value::as_str);
    for action in actions {
        let verb = action.split(':').nth(1).unwrap_or_default();
        assert!(["Describe", "Get", "List"].iter().any(|read| verb.starts_with(read)), "{action} reads");
    }
    let writes = site.cloud.calls().into_iter().filter(|call| {
        !["Describe", "Get", "List"].iter().any(|verb| call.action.contains(&format!(":{verb}")))
    });
    assert!(writes.into_iter().all(|call| call.action == "oss:PutObject"), "only its own state is written");
}

/// Every call was granted, and everything granted was called, but for `idle`.
#[track_caller]
fn enough_and_no_more(site: &Site, policy: &Value, idle: &[&str]) {
    let calls = site.cloud.calls();
    for call in &calls {
        let denied =
            call.code.contains("NoPermission") || call.code.contains("AccessDenied") || call.status == 403;
        assert!(!denied, "{} was denied: {}", call.action, call.code);
        if permission(&call.action).is_some_and(|action| action == "oss:ListObjects") {
            let prefix = call.params.get("prefix").map(String::as_str).unwrap_or_default();
            assert!(prefix.starts_with("state/"), "the policy's condition would deny {:?}", call.params);
        }
    }
    let granted = granted(policy);
    let called: BTreeSet<String> = calls.iter().filter_map(|call| permission(&call.action)).collect();
    assert!(called.is_subset(&granted), "called and not granted: {:?}", called.difference(&granted));
    // Events that could not be handled are sent to the queue by the platform, in the role's name.
    let useless: Vec<&String> = granted
        .difference(&called)
        .filter(|action| *action != "mns:SendMessage" && !idle.contains(&action.as_str()))
        .collect();
    assert!(useless.is_empty(), "granted and never called: {useless:?}");
}
