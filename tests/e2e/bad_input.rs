//! Bad input of every kind: a clear error that names the thing, nothing changed, nothing lost.

use std::time::{Duration, Instant};

use e2e::process::{Function, Site, Vars, credential_headers};
use serde_json::{Value, json};
use simulator::{Account, Keys, Simulator, Variant};

const TIMER: &[u8] = br#"{"triggerTime": "2026-11-23T00:00:00Z", "triggerName": "sweep", "payload": ""}"#;

/// The largest body that is accepted.
const MAX: usize = 32 << 20;

/// Root makes a key: its id, and the event as it is delivered.
fn root_key(site: &Site) -> (String, Value) {
    let made = site.cloud.root_creates_key(Variant::Ims);
    (made.id, Simulator::envelope(&made.event, &site.cloud.account_id()))
}

/// The key is dealt with in full.
#[track_caller]
fn answered(site: &Site, key: &str, result: &Value, what: &str) {
    assert_eq!(
        (&result["outcome"], &result["verified"]),
        (&json!("network_restricted"), &json!(true)),
        "{what}: {result}"
    );
    assert!(!site.cloud.may_call(key, "203.0.113.77", None), "{what}: the key still calls");
    site.nobody_was_harmed();
}

#[test]
fn a_body_that_is_no_event_is_refused_by_name() {
    let site = Site::default();
    let before = site.account();
    let function = Function::start(&site.vars);
    let trail = |data: &str| {
        format!(
            r#"{{"id": "1", "source": "acs.ram", "specversion": "1.0", "type": "ram:ActionTrail:ApiCall", "data": {data}}}"#
        )
    };
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
    let cases: Vec<(String, &[&str])> = vec![
        (String::new(), &["empty", "accepted are"]),
        (" \n\t".to_owned(), &["empty"]),
        ("root made a key".to_owned(), &["not JSON", "line 1 column 1", "byte 0 of 15"]),
        ("{\"a\": 1,\n \"b\": }".to_owned(), &["not JSON", "line 2 column"]),
        ("{\"a\": 1".to_owned(), &["not JSON", "EOF"]),
        ("{} {}".to_owned(), &["not JSON", "trailing"]),
        (deep("[", "]"), &["not JSON", "recursion limit"]),
        (deep("{\"a\":", "}"), &["not JSON", "recursion limit"]),
        (
            format!("[{}]", serde_json::to_string(&deep("[", "]")).unwrap()),
            &["element 1 of 1", "recursion limit"],
        ),
        ("null".to_owned(), &["the body is", "null"]),
        ("42".to_owned(), &["the body is", "number"]),
        ("true".to_owned(), &["the body is", "bool"]),
        ("\"text\"".to_owned(), &["JSON"]),
        ("{}".to_owned(), &["an object of another kind", "CloudEvent"]),
        (r#"{"eventName": 5}"#.to_owned(), &["an object of another kind"]),
        ("[1]".to_owned(), &["element 1 of 1", "number"]),
        ("[[]]".to_owned(), &["element 1 of 1", "array"]),
        (r#"["{"]"#.to_owned(), &["element 1 of 1", "JSON"]),
        (trail("5"), &["ActionTrail", "data is", "number"]),
        (trail("null"), &["ActionTrail", "data is"]),
        (trail("[]"), &["ActionTrail", "data is", "array"]),
        (trail("\"x\""), &["ActionTrail", "data is", "JSON"]),
        (
            r#"{"id": "1", "source": "acs.ram", "specversion": "1.0", "type": "ram:ActionTrail:ApiCall"}"#
                .to_owned(),
            &["data is absent"],
        ),
        (format!("[{}{{}}]", "{},".repeat(100_000)), &["an array of 100001 elements"]),
    ];
    for (body, parts) in &cases {
        let (kind, message) = function.invoke_with(&[], body.as_bytes()).failure();
        let shown = body.get(..200).unwrap_or(body);
        assert_eq!(kind, "InvalidEvent", "{shown}");
        for part in *parts {
            assert!(message.contains(part), "{shown}: {message:?} has no {part:?}");
        }
        assert!(message.len() < 1000, "{shown}: a message that nobody reads");
    }
    // Not UTF-8, and not text at all.
    for bytes in [&b"\xff\xfe{\0}\0"[..], b"\x1f\x8b\x08\0\0\0", b"{\"a\": \"\xc3\x28\"}"] {
        assert_eq!(function.invoke_with(&[], bytes).failure().0, "InvalidEvent");
    }
    assert!(site.cloud.calls().is_empty() && site.cloud.inbox().is_empty() && site.stored().is_empty());
    assert_eq!(site.account(), before);
    // It goes on as if nothing had been.
    let (key, event) = root_key(&site);
    answered(&site, &key, &function.invoke(&event).result(), "after all that");
}

#[test]
fn fields_of_a_wrong_type_break_nothing() {
    let site = Site::default();
    let (key, event) = root_key(&site);
    let before = site.account();
    let function = Function::start(&site.vars);
    let wrong = [json!(5), json!([]), json!({"a": [1]}), json!(true), Value::Null, json!("\u{0}\u{202e}{")];
    // The fields without which it is no creation of a root key: ignored or refused, never acted on.
    for field in ["eventName", "userIdentity", "serviceName"] {
        for value in &wrong {
            let mut event = event.clone();
            event["data"][field] = value.clone();
            if field == "serviceName" {
                event["data"]["eventSource"] = value.clone();
            }
            let reply = function.invoke(&event);
            if reply.status == 200 {
                assert_eq!(reply.result()["outcome"], "ignored", "{field}: {value}");
            } else {
                assert_eq!(reply.failure().0, "InvalidEvent", "{field}: {value}");
            }
        }
    }
    assert!(site.cloud.calls().is_empty() && site.cloud.inbox().is_empty() && site.stored().is_empty());
    assert_eq!(site.account(), before);
    // In any other field nonsense hides nothing: a root key was made.
    let mut event = event;
    for field in
        ["eventTime", "sourceIpAddress", "userAgent", "eventVersion", "additionalEventData", "requestId"]
    {
        event["data"][field] = json!({"not": ["what", 1, "was", null, "expected"]});
    }
    answered(&site, &key, &function.invoke(&event).result(), "nonsense in other fields");
}

#[test]
fn a_huge_body_is_refused_and_the_next_one_is_taken() {
    let site = Site::default();
    let function = Function::start(&site.vars);
    let mut open = function.connect();
    let mut ask = |body: &[u8]| open.ask("POST /invoke", &[], body).unwrap().failure();
    let begun = Instant::now();
    for body in [vec![b'x'; MAX], vec![b'['; MAX], vec![b' '; MAX]] {
        assert_eq!(ask(&body).0, "InvalidEvent");
    }
    let mut text = vec![b'a'; MAX];
    (text[0], text[MAX - 1]) = (b'"', b'"');
    assert_eq!(ask(&text).0, "InvalidEvent");
    let mut object = br#"{"data": ""#.to_vec();
    object.resize(MAX - 2, b'a');
    object.extend(b"\"}");
    assert_eq!(ask(&object).0, "InvalidEvent");
    let (kind, message) = ask(&vec![b'x'; MAX + 1]);
    assert_eq!(kind, "PayloadTooLarge");
    assert!(message.contains("33554432"), "{message}");
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    // The same connection still serves.
    let (key, event) = root_key(&site);
    let reply = open.ask("POST /invoke", &[], event.to_string().as_bytes()).unwrap();
    answered(&site, &key, &reply.result(), "after all that");
}

/// A built-in account whose role has a second session that is over, and whose root has an old key.
fn account() -> Account {
    let site = Site::default();
    let mut file = site.cloud.state();
    let live = site.cloud.credentials("hardening-root-key-revoke").expect("the role has a session");
    for role in file["roles"].as_array_mut().expect("a list") {
        if role["name"] == "hardening-root-key-revoke" {
            role["sessions"] = json!([
                {"id": live.id, "secret": live.secret, "token": live.token},
                {"id": "STS.NExampleExpired", "secret": "example-secret-expired", "token": "example-token-expired",
                 "expires": "2026-01-01T00:00:00Z"},
            ]);
        } else {
            role["sessions"] = json!([]);
        }
    }
    // What is masked in a state is no secret any more.
    for user in file["users"].as_array_mut().expect("a list") {
        for key in user["keys"].as_array_mut().into_iter().flatten() {
            key["secret"] = format!("example-secret-of-{}", key["id"].as_str().expect("an id")).into();
        }
    }
    file["root"]["keys"] = json!([{"id": "LTAI5tExampleRootOld0001", "secret": "example-secret-root", "created": "2024-01-01T00:00:00Z"}]);
    Account::from_json(&file.to_string()).expect("a state is an account file")
}

fn keys(id: &str, secret: &str, token: Option<&str>) -> Keys {
    Keys { id: id.to_owned(), secret: secret.to_owned(), token: token.map(str::to_owned) }
}

/// How a wrong credential makes the invocation end.
enum Ends {
    /// It fails with this type, and the message names this.
    Fails(&'static str, &'static str),
    /// It is replied to as refused, and a step says this code and names this.
    Refused(&'static str, &'static str),
}

#[test]
fn a_wrong_credential_changes_nothing_and_loses_nothing() {
    let live = Site::default().cloud.credentials("hardening-root-key-revoke").unwrap();
    let (id, secret, token) = (&*live.id, &*live.secret, live.token.as_deref());
    let alice = "LTAI5tExampleAlice000001";
    let rows: Vec<(&str, Option<Keys>, Ends)> = vec![
        ("none", None, Ends::Fails("NoCredential", "give the function a role")),
        (
            "unknown",
            Some(keys("STS.NNobody", secret, token)),
            Ends::Fails("InvalidAccessKeyId.NotFound", "GetCallerIdentity"),
        ),
        (
            "wrong secret",
            Some(keys(id, "example-wrong", token)),
            Ends::Fails("SignatureDoesNotMatch", "GetCallerIdentity"),
        ),
        (
            "without its token",
            Some(keys(id, secret, None)),
            Ends::Fails("MissingSecurityToken", "GetCallerIdentity"),
        ),
        (
            "wrong token",
            Some(keys(id, secret, Some("x"))),
            Ends::Fails("InvalidSecurityToken", "GetCallerIdentity"),
        ),
        (
            "expired",
            Some(keys("STS.NExampleExpired", "example-secret-expired", Some("example-token-expired"))),
            Ends::Fails("InvalidSecurityToken.Expired", "GetCallerIdentity"),
        ),
        (
            "a RAM user's",
            Some(keys(alice, &format!("example-secret-of-{alice}"), None)),
            Ends::Refused("NotAnAssumedRole", "user/alice"),
        ),
        (
            "root's",
            Some(keys("LTAI5tExampleRootOld0001", "example-secret-root", None)),
            Ends::Refused("NotAnAssumedRole", "acts only as an assumed role"),
        ),
    ];
    std::thread::scope(|scope| {
        for (what, wrong, ends) in &rows {
            scope.spawn(move || {
                let site = Site::of(account());
                let mut vars = site.vars.clone();
                vars.retain(|name, _| !name.starts_with("ALIBABA_CLOUD_ACCESS") && !name.ends_with("TOKEN"));
                let function = Function::start(&vars);
                let (key, event) = root_key(&site);
                let before = site.account();
                let body = event.to_string();
                let headers = wrong.as_ref().map(credential_headers).unwrap_or_default();
                let reply = function.invoke_with(&headers, body.as_bytes());
                match ends {
                    Ends::Fails(wanted, names) => {
                        let (kind, message) = reply.failure();
                        assert!(kind.starts_with(wanted), "{what}: {kind}: {message}");
                        assert!(message.contains(names), "{what}: {message}");
                    }
                    Ends::Refused(code, names) => {
                        let result = reply.result();
                        assert_eq!(
                            (&result["outcome"], &result["verified"]),
                            (&json!("refused"), &json!(false))
                        );
                        let steps = result["steps"].as_array().unwrap();
                        let says = |step: &Value| step["code"] == *code && step.to_string().contains(names);
                        assert!(steps.iter().any(says), "{what}: {result:#}");
                    }
                }
                assert_eq!(site.account(), before, "{what}");
                assert_eq!(site.told("alert").len(), 1, "{what}: people hear of it");
                if let Some(wrong) = wrong {
                    assert!(!reply.body.contains(&wrong.secret), "{what}");
                    assert!(!function.lines().join("\n").contains(&wrong.secret), "{what}");
                }
                // The same event with a good credential; what was concluded is carried on by the next sweep.
                let good = keys(id, secret, token);
                let headers = credential_headers(&good);
                match ends {
                    Ends::Fails(..) => {
                        let result = function.invoke_with(&headers, body.as_bytes()).result();
                        answered(&site, &key, &result, what);
                    }
                    Ends::Refused(..) => {
                        let swept = function.invoke_with(&headers, TIMER).result();
                        let case = swept["cases"]
                            .as_array()
                            .unwrap()
                            .iter()
                            .find(|case| case["access_key_id"] == key);
                        answered(&site, &key, case.unwrap_or(&Value::Null), what);
                    }
                }
                assert_eq!(site.told("alert").len(), 1, "{what}: one alert");
            });
        }
    });
}

#[test]
fn the_event_of_another_account_is_refused() {
    let site = Site::default();
    let function = Function::start(&site.vars);
    let (_, event) = root_key(&site);
    let before = site.account();
    let foreign: Value =
        serde_json::from_str(&event.to_string().replace("1234567890123456", "6543210987654321")).unwrap();
    let result = function.invoke(&foreign).result();
    assert_eq!((&result["outcome"], &result["verified"]), (&json!("refused"), &json!(false)), "{result}");
    let says = |step: &Value| {
        let text = step.to_string();
        step["code"] == "OtherAccount"
            && text.contains("6543210987654321")
            && text.contains("1234567890123456")
    };
    assert!(result["steps"].as_array().unwrap().iter().any(says), "{result:#}");
    assert_eq!(site.account(), before);
    assert_eq!(site.told("alert").len(), 1);
    let writes = site
        .cloud
        .calls()
        .into_iter()
        .filter(|call| call.action.contains(":Set") || call.action.contains(":Update"));
    assert_eq!(writes.count(), 0);
    assert_eq!(function.invoke(&foreign).result()["outcome"], "duplicate");
    assert_eq!(site.told("alert").len(), 1);
}

/// A setting that is wrong: the failure's type and what its message names, and whether a channel is known.
type Wrong = (&'static str, fn(&Site) -> Vars, &'static str, Vec<&'static str>, bool);

#[test]
fn a_wrong_setting_changes_nothing_and_loses_nothing() {
    fn config(site: &Site, text: &str) -> Vars {
        site.with("HARDENING_CONFIG", &site.file("wrong.yaml", text))
    }
    let rows: Vec<Wrong> = vec![
        (
            "an unknown key",
            |site| config(site, "version: 1\nroot_key:\n  quarantine: true\n  quarantin: true\n"),
            "InvalidConfig",
            vec!["wrong.yaml:4", "\"quarantin\"", "max_pinned_keys"],
            false,
        ),
        (
            "a wrong value",
            |site| config(site, "root_key:\n  mode: revok\n"),
            "InvalidConfig",
            vec!["wrong.yaml:2", "revok", "observe"],
            false,
        ),
        ("no YAML", |site| config(site, "root_key: [\n"), "InvalidConfig", vec!["wrong.yaml:"], false),
        (
            "a missing file",
            |site| site.with("HARDENING_CONFIG", site.path("absent.yaml").to_str().unwrap()),
            "InvalidConfig",
            vec!["absent.yaml"],
            false,
        ),
        (
            "a configuration that is nowhere",
            |site| site.with("HARDENING_CONFIG", "oss://x"),
            "InvalidConfig",
            vec!["HARDENING_CONFIG", "oss://x"],
            false,
        ),
        (
            "a state folder below a file",
            |site| {
                let file = site.file("file", "");
                site.with("HARDENING_STATE", &format!("file://{file}/state"))
            },
            "StateUnavailable",
            vec!["/file/state"],
            true,
        ),
        (
            "a state that is nowhere",
            |site| site.with("HARDENING_STATE", "postgres://db"),
            "StateUnavailable",
            vec!["HARDENING_STATE", "postgres://db", "memory:"],
            true,
        ),
        (
            "plain http to elsewhere",
            |site| site.with("ALIBABA_CLOUD_ENDPOINT_URL", "http://192.0.2.1:8080"),
            "Setting",
            vec!["ALIBABA_CLOUD_ENDPOINT_URL", "loopback"],
            // No request can be made with such a setting, so no message either.
            false,
        ),
        (
            "an endpoint that is no URL",
            |site| site.with("ALIBABA_CLOUD_ENDPOINT_URL", "somewhere"),
            "Setting",
            vec!["ALIBABA_CLOUD_ENDPOINT_URL"],
            // No request can be made with such a setting, so no message either.
            false,
        ),
        (
            "an unknown signature",
            |site| site.with("ALIBABA_CLOUD_SIGNATURE", "acs4"),
            "Setting",
            vec!["ALIBABA_CLOUD_SIGNATURE", "\"acs4\"", "rpc1"],
            // No request can be made with such a setting, so no message either.
            false,
        ),
    ];
    let failed = std::thread::scope(|scope| {
        let runs = rows.iter().map(|row| (row.0, scope.spawn(move || wrong_setting(row))));
        let runs: Vec<_> = runs.collect();
        runs.into_iter().filter_map(|(what, run)| run.join().is_err().then_some(what)).collect::<Vec<_>>()
    });
    assert!(failed.is_empty(), "{failed:?}; each has said why above");
}

fn wrong_setting((what, vars, wanted, names, channel): &Wrong) {
    let site = Site::default();
    let mut function = Function::start(&vars(&site));
    let (key, event) = root_key(&site);
    let before = site.account();
    let (kind, message) = function.invoke(&event).failure();
    assert_eq!(kind, *wanted, "{what}: {message}");
    for part in names {
        assert!(message.contains(part), "{what}: {message:?} has no {part:?}");
    }
    // The platform shows the log: it says the same.
    let lines = function.wait_for_line("FC Invoke End");
    assert!(
        lines.iter().any(|line| line.contains("\"error\"") && line.contains(wanted)),
        "{what}: {lines:#?}"
    );
    assert_eq!(site.account(), before, "{what}");
    let alerts = site.told("alert");
    function.kill();
    // Repaired, the same event is answered in full.
    let function = Function::start(&site.vars);
    answered(&site, &key, &function.invoke(&event).result(), what);
    if *channel {
        assert_eq!(alerts.len(), 1, "{what}: people hear of it where a channel is known");
    }
}

#[test]
fn the_older_signature_works_from_end_to_end() {
    let site = Site::default();
    let function = Function::start(&site.with("ALIBABA_CLOUD_SIGNATURE", "rpc1"));
    let (key, event) = root_key(&site);
    answered(&site, &key, &function.invoke(&event).result(), "rpc1");
    let calls = site.cloud.calls();
    assert!(calls.iter().any(|call| call.scheme == "rpc1") && calls.iter().all(|call| call.scheme != "acs3"));
}
