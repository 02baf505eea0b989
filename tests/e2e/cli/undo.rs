//! `harden undo`: it takes back what still stands as it was left, and says of each change what became of it.

use e2e::process::{Function, Site};
use serde_json::{Value, json};
use shared::ambient::{Clock, Env, Random};
use shared::log::Log;
use shared::response::{Applied, Change, What};
use shared::runtime::{Host, Invocation};
use simulator::Variant;

use super::{ended, harden, text};
use crate::samples::{envelope, send};

#[test]
fn what_was_done_is_undone_where_it_still_stands() {
    let site = Site::default();
    let made = site.cloud.root_creates_key(Variant::Ims);
    let before = site.account();
    let function = Function::start(&site.vars);
    let reply = send(&function, envelope(&site, &made.event)).result();
    let case = reply["case"].as_str().expect("a case");
    let closed = site.account();
    assert_ne!(closed, before);

    let run = |arguments: &[&str]| harden(&site.vars, arguments);
    let list = ended(&run(&["undo", "--list"]), 0);
    assert!(list.contains(case) && list.contains("LTAI5tExampleAlice000001"), "{list}");
    let listed = ended(&run(&["undo", "--list", "--json"]), 0);
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    assert_eq!(listed[0]["case"], case);
    // Wrong or unconfirmed: nothing happens, and it says what is missing.
    for (arguments, said) in [
        (&["undo"][..], "--list"),
        (&["undo", case], "--yes"),
        (&["undo", "--all"], "--yes"),
        (&["undo", "--yes", "root-key-none"], "root-key-none"),
    ] {
        let output = run(arguments);
        ended(&output, 2);
        assert!(text(&output.stderr).contains(said), "{arguments:?}: {}", text(&output.stderr));
    }
    assert_eq!(site.account(), closed);

    let out = ended(&run(&["undo", "--yes", case]), 0);
    assert!(out.contains("read back") && !out.contains("NOT"), "{out}");
    same_policies(&site.account(), &before);
    assert!(site.cloud.may_call(&made.id, "198.51.100.99", None), "undone is undone, also for the root key");
    site.nobody_was_harmed();
    assert_eq!(ended(&run(&["undo", "--list"]), 0), "");
    let output = run(&["undo", "--yes", case]);
    ended(&output, 2);
    assert!(text(&output.stderr).contains("nothing to undo"));
}

/// The same policies on every key and on the account. One that was never set reads as one that says nothing.
#[track_caller]
fn same_policies(one: &Value, other: &Value) {
    fn policies(account: &Value) -> Vec<(Value, Value)> {
        let plain = |policy: &Value| match policy["Status"].as_str() {
            Some("Active") => policy.clone(),
            _ => Value::Null,
        };
        let users = account["users"].as_array().expect("users").iter();
        let keys = users.flat_map(|user| user["keys"].as_array().cloned().unwrap_or_default());
        let of_keys = keys.map(|key| (key["id"].clone(), plain(&key["policy"])));
        of_keys.chain([("account".into(), plain(&account["access_key_policy"]))]).collect()
    }
    assert_eq!(policies(one), policies(other));
}

#[test]
fn what_somebody_changed_since_is_left() {
    const ALICE: &str = "LTAI5tExampleAlice000001";
    let site = Site::default();
    let made = site.cloud.root_creates_key(Variant::Ims);
    let function = Function::start(&site.vars);
    let reply = send(&function, envelope(&site, &made.event)).result();
    let case = reply["case"].as_str().expect("a case");
    // Root lifts the quarantine by hand, and one key is given a policy by somebody.
    let listed = ended(&harden(&site.vars, &["undo", "--list", "--json"]), 0);
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    let changes = listed[0]["changes"].as_array().expect("changes");
    let pin = changes.iter().find(|change| change["key"] == ALICE).expect("a pin");
    site.cloud.root_lifts_policy();
    let theirs = json!({
        "Version": 1, "Status": "Active",
        "Statements": [{ "Type": "ClassicWhiteList", "IPList": ["203.0.113.0/24"] }],
    });
    somebody_sets(&site, pin, &theirs);
    let before = site.account();

    let out = ended(&harden(&site.vars, &["undo", "--yes", "--json", case]), 0);
    let report: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(policy_of(&site.account(), ALICE), policy_of(&before, ALICE));
    assert_eq!(policy_of(&before, ALICE), theirs);
    assert_eq!(site.account()["access_key_policy"], before["access_key_policy"]);
    assert_eq!(report["failed"], json!([]), "{report}");
    assert!(report["undone"].as_array().is_some_and(|done| done.len() > 3), "{report}");
    // It says so: what was left as it was found is not "taken back".
    assert!(report["left"].to_string().contains(ALICE), "{report}");
    assert!(!report["undone"].to_string().contains(ALICE), "{report}");
    site.nobody_was_harmed();
}

fn policy_of(account: &Value, key: &str) -> Value {
    let users = account["users"].as_array().expect("users").iter();
    let mut keys = users.flat_map(|user| user["keys"].as_array().cloned().unwrap_or_default());
    keys.find(|held| held["id"] == key).expect("the key is there")["policy"].take()
}

/// Another policy is put where a pin is, and not by the case.
fn somebody_sets(site: &Site, pin: &Value, policy: &Value) {
    let mut change = pin.clone();
    change["before"] = pin["after"].clone();
    change["after"] = policy.to_string().into();
    let change: Change = serde_json::from_value(change).expect("a change");
    let vars = site.with("HARDENING_STATE", "memory:");
    let env = move || vars.clone().into_iter().collect::<Env>();
    let host = Host::new(env, Clock::system(), Random::system(), |_| Log::silent());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let applied = runtime.block_on(async {
        let context = host.context(Invocation::now()).await.expect("the site's surroundings");
        let opened =
            What::Opened { function: "somebody".into(), title: "theirs".into(), subject: Value::Null };
        let (case, _) = context.cases.open("theirs", opened).await.expect("a store in memory");
        let session = context.session.as_ref().expect("the site has credentials");
        case.make(change, session, &context.pace).await.expect("a store in memory")
    });
    assert!(matches!(applied, Applied::Proved(_)), "{applied:?}");
}
