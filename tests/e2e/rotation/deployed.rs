//! The real binary, as Function Compute runs it: what it takes, what it refuses, and that nothing secret leaves it.

use e2e::process::{Function, Site, Vars};
use serde_json::{Value, json};
use simulator::{Account, Fault, FaultKind, Simulator, Variant};

/// A part of a channel's address that nobody but the receiver may know.
const HOOK: &str = "hook-5f0c9d1e7ab34c21";
const ROLE: &str = "hardening-key-rotation";
const CONFIG: &str = "
break_glass: [user/emergency-admin]
notify:
  channels:
    - {name: security, type: webhook, url: INBOX/security, secret: example-secret-of-the-channel}
    - {name: alice@example.com, type: webhook, url: INBOX/hook-5f0c9d1e7ab34c21, direct: true}
    - {name: rest, type: webhook, url: INBOX/rest, fallback: true}";

fn timer() -> Value {
    json!({ "triggerTime": "2026-11-24T02:00:00Z", "triggerName": "daily", "payload": "" })
}

fn deployed(config: &str) -> (Site, Vars) {
    let site = Site::default();
    let vars = site.vars_of(ROLE, config);
    (site, vars)
}

#[test]
fn a_timer_starts_it_and_the_reply_is_a_report() {
    let (site, vars) = deployed(CONFIG);
    let function = Function::start_of("key-rotation", &vars);
    let headers =
        [("x-fc-request-id", "r-1"), ("x-fc-function-timeout", "60"), ("x-fc-control-path", "/invoke")];
    let reply = function.invoke_with(&headers, timer().to_string().as_bytes()).result();
    for (name, wanted) in [
        ("version", json!(1)),
        ("function", json!("key-rotation")),
        ("run_id", json!("r-1")),
        ("account_id", json!(site.cloud.account_id())),
    ] {
        assert_eq!(reply[name], wanted, "{name}");
    }
    let statuses =
        ["FAIL", "PASS", "UNKNOWN", "EXEMPT"].map(|status| reply["summary"][status].as_u64().unwrap());
    let findings = reply["findings"].as_array().unwrap();
    assert_eq!(statuses.iter().sum::<u64>(), findings.len() as u64);
    assert!(statuses[0] > 0 && statuses[2] == 0, "{}", reply["summary"]);
    for finding in findings {
        let named =
            ["check", "status", "severity", "resource", "title", "message", "fingerprint", "account_id"];
        assert!(named.iter().all(|name| finding[name].is_string()), "{finding}");
    }
    assert_eq!(reply["coverage"]["failed"], 0, "{}", reply["coverage"]);
    let told = site.told("notice");
    assert!(told.len() >= 2, "{told:?}");
    // The same instance an hour later, and another one: nothing is new.
    for function in [&function, &Function::start_of("key-rotation", &vars)] {
        let again = function.invoke(&timer()).result();
        assert_eq!((&again["messages"], site.told("notice").len()), (&json!([]), told.len()));
    }
    let writes = site.cloud.calls().into_iter().filter(|call| {
        !["Get", "List", "Generate"].iter().any(|verb| call.action.contains(&format!(":{verb}")))
    });
    assert_eq!(writes.count(), 0, "by default nothing is disabled");
    site.nobody_was_harmed();
}

#[test]
fn what_is_no_timer_is_refused_and_changes_nothing() {
    let (site, vars) = deployed(CONFIG);
    let function = Function::start_of("key-rotation", &vars);
    let made = site.cloud.root_creates_key(Variant::Ims);
    let event = Simulator::envelope(&made.event, &site.cloud.account_id());
    for (body, kind, part) in [
        (event.to_string(), "NotATimer", "started by a timer"),
        (json!([event]).to_string(), "NotATimer", "triggerTime"),
        (made.event.to_string(), "NotATimer", "payload"),
        ("{".to_owned(), "InvalidEvent", "not JSON"),
        (String::new(), "InvalidEvent", ""),
        (json!({ "payload": 7 }).to_string(), "InvalidEvent", ""),
    ] {
        let (found, message) = function.invoke_with(&[], body.as_bytes()).failure();
        assert_eq!(found, kind, "{body}: {message}");
        assert!(message.contains(part), "{body}: {message}");
    }
    assert!(site.cloud.calls().is_empty() && site.cloud.inbox().is_empty() && site.stored().is_empty());
    assert!(function.invoke(&timer()).result()["findings"].is_array(), "and it works on");
}

#[test]
fn a_configuration_with_an_unknown_key_names_it() {
    for (config, parts) in [
        ("rotation:\n  rotate_afer: 90d\n", ["rotate_afer", ":2:"]),
        ("rotation:\n  disable: always\n", ["always", ":2:"]),
        ("rotation:\n  owners: [{user: 'a*', owner: b, channel: nowhere}]\n", ["nowhere", ":2:"]),
        ("rotation: {notice: soon}\n", ["soon", ":1:"]),
    ] {
        let (site, vars) = deployed(config);
        let (kind, message) = Function::start_of("key-rotation", &vars).invoke(&timer()).failure();
        assert!(parts.iter().all(|part| message.contains(part)), "{kind}: {message}");
        assert!(site.cloud.calls().is_empty() && site.cloud.inbox().is_empty());
    }
}

#[test]
fn a_state_that_cannot_be_written_is_told_of_and_nothing_is_lost() {
    let (site, vars) = deployed(CONFIG);
    // A folder where a file is.
    let mut broken = vars.clone();
    broken.insert("HARDENING_STATE".to_owned(), format!("file://{}/state", site.file("taken", "")));
    let function = Function::start_of("key-rotation", &broken);
    for _ in 0..2 {
        let (_, message) = function.invoke(&timer()).failure();
        assert!(message.contains("taken"), "it names the place: {message}");
    }
    assert_eq!((site.told("alert").len(), site.told("notice").len()), (1, 0), "one message, by its id");
    let said = site.cloud.inbox().pop().unwrap();
    assert!(said.name == "security" && said.body.contains("cannot be read or written"), "{}", said.body);
    drop(function);
    // With a state it says all that there is to say.
    let reply = Function::start_of("key-rotation", &vars).invoke(&timer()).result();
    assert!(site.told("notice").len() >= 2, "{}", reply["messages"]);
}

#[test]
fn without_a_credential_it_says_so() {
    let (site, mut vars) = deployed(CONFIG);
    vars.retain(|name, _| {
        !name.starts_with("ALIBABA_CLOUD_ACCESS") && name != "ALIBABA_CLOUD_SECURITY_TOKEN"
    });
    let function = Function::start_of("key-rotation", &vars);
    let (kind, message) = function.invoke(&timer()).failure();
    assert_eq!(kind, "NoCredential", "{message}");
    // One that is not accepted is another matter.
    let headers = [
        ("x-fc-access-key-id", "STS.no"),
        ("x-fc-access-key-secret", "example-no"),
        ("x-fc-security-token", "example-none"),
    ];
    let (_, message) = function.invoke_with(&headers, timer().to_string().as_bytes()).failure();
    assert!(message.contains("GetCallerIdentity") && !message.contains("example-no"), "{message}");
    assert!(site.cloud.inbox().is_empty() && site.stored().is_empty());
}

/// Whatever is secret in an account file.
fn secrets(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| match value.as_str() {
            Some(secret) if ["secret", "token"].contains(&name.as_str()) => found.push(secret.to_owned()),
            _ => secrets(value, found),
        }),
        Value::Array(items) => items.iter().for_each(|item| secrets(item, found)),
        _ => {}
    }
}

#[test]
fn nothing_secret_is_in_what_it_says_and_keeps() {
    let account = serde_json::to_value(Account::builtin()).unwrap();
    let mut hidden = vec![HOOK.to_owned(), "example-secret-of-the-channel".to_owned()];
    secrets(&account, &mut hidden);
    assert!(hidden.len() > 10);
    let (site, vars) =
        deployed(&CONFIG.replace("\nnotify", "\nrotation: {disable: idle, notice: 1m}\nnotify"));
    hidden.push(site.cloud.root_creates_key(Variant::Ims).secret);
    hidden.push(site.cloud.root_creates_key_for("alice").secret);
    // One channel is down, and its address is what a careless error would tell.
    site.cloud.fault(Fault::new(format!("inbox:{HOOK}"), FaultKind::Reset).forever());
    site.cloud.fault(Fault::new("ims:GetLoginProfile", FaultKind::BadJson).times(9));
    let mut function = Function::start_of("key-rotation", &vars);
    let mut said = vec![function.invoke(&timer()).result().to_string()];
    site.cloud.fault(Fault::new("ims:*", FaultKind::Deny).forever());
    said.push(function.invoke(&timer()).result().to_string());
    said.push(function.invoke_with(&[], b"{").body);
    function.kill();
    let lines = function.lines();
    assert!(lines.len() > 6 && said[0].contains("after 3 attempts"), "{}", said[0]);
    said.extend(lines);
    said.extend(site.stored().into_values());
    said.extend(site.cloud.inbox().into_iter().map(|one| format!("{:?} {}", one.headers, one.body)));
    for secret in &hidden {
        let found = said.iter().find(|text| text.contains(secret.as_str()));
        assert!(found.is_none(), "{secret} is in {found:?}");
    }
}
