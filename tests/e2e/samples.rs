//! Every published sample and every form that an event can come in, on the real binary, with what is expected of each.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use e2e::process::{Function, Reply, Site};
use serde_json::{Value, json};
use simulator::{NewKey, Simulator, Variant};

/// The person at the root console sits here: where the new key is tried from.
const DESK: &str = "198.51.100.99";

enum Expected {
    /// The reply is `ignored`, and its reason says this.
    Ignored(&'static str),
    /// An array of so many, each ignored.
    AllIgnored(usize),
    /// A sweep.
    Sweep,
    /// Not an input of this function: the message says this.
    NotAccepted(&'static str),
}

use Expected::{AllIgnored, Ignored, NotAccepted, Sweep};

const KIND: &str = "an object of another kind";

const SAMPLES: &[(&str, Expected)] = &[
    ("actiontrail_lookupevents_assumed_role.json", Ignored("LookupEvents is not CreateAccessKey")),
    ("actiontrail_update_trail_root_console.json", Ignored("is not CreateAccessKey")),
    ("ecs_delete_disk_system.json", Ignored("DeleteDisk is not CreateAccessKey")),
    ("eventbridge-default-oss.COMPOSED.json", Ignored("oss:ObjectCreated:PutObject")),
    ("eventbridge-mns-queue.go-sdk.json", Ignored("mns:Queue:SendMessage")),
    ("eventbridge-rocketmq.go-sdk.json", Ignored("mq:Topic:SendMessage")),
    ("eventbridge-streaming-kafka-batch.go-sdk.json", AllIgnored(1)),
    ("eventbridge_envelope_doc_sample.json", Ignored("aliyuncvc:MeetingEvent:MemberOperate")),
    ("eventbridge_fc_mns_single_object.json", Ignored("mns:Queue:SendMessage")),
    ("flink_append_vswitch_root_pascalcase.json", Ignored("AppendVSwitchId is not CreateAccessKey")),
    ("ims_create_user_by_root_console.json", Ignored("CreateUser is not CreateAccessKey")),
    ("mns-stream.json", NotAccepted(KIND)),
    ("mns-topic.go-sdk.json", NotAccepted(KIND)),
    ("mns-with-MessageAttributes.json", NotAccepted(KIND)),
    ("mns-without-MessageAttributes.json", NotAccepted(KIND)),
    ("oss.fc3-template.json", NotAccepted(KIND)),
    ("oss.go-sdk.json", NotAccepted(KIND)),
    ("privatezone_add_zone_record_root.json", Ignored("AddZoneRecord is not CreateAccessKey")),
    ("ram_create_group_by_user_key.json", Ignored("CreateGroup is not CreateAccessKey")),
    ("ram_delete_group_console.json", Ignored("DeleteGroup is not CreateAccessKey")),
    ("ram_user_console_signin_no_mfa.json", Ignored("ConsoleSignin is not CreateAccessKey")),
    ("resourcemanager_create_resource_group_root.json", Ignored("CreateResourceGroup is not")),
    ("root_console_signin_no_mfa.json", Ignored("ConsoleSignin is not CreateAccessKey")),
    ("sls.fc3-template.json", NotAccepted(KIND)),
    ("sls.go-sdk.json", NotAccepted(KIND)),
    ("tablestore.fc3-template.json", NotAccepted(KIND)),
    ("timer.go-sdk.json", Sweep),
    ("timer.json", Sweep),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/testdata/events")
}

fn sample(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn every_sample_has_an_expectation() {
    let files = std::fs::read_dir(folder())
        .expect("the samples are there")
        .map(|entry| entry.expect("a folder can be read").file_name().into_string().expect("a plain name"));
    let expected = SAMPLES.iter().map(|(name, _)| (*name).to_owned());
    assert_eq!(files.collect::<BTreeSet<_>>(), expected.collect::<BTreeSet<_>>());
}

/// An event in the envelope that EventBridge sends it in.
pub(crate) fn envelope(site: &Site, event: &Value) -> Value {
    Simulator::envelope(event, &site.cloud.account_id())
}

/// Delivers any body, with the credentials of the function's environment.
pub(crate) fn send(function: &Function, body: impl ToString) -> Reply {
    function.invoke_with(&[], body.to_string().as_bytes())
}

/// The ids of all messages that arrived, in order.
pub(crate) fn messages(site: &Site) -> Vec<String> {
    let arrived = site.cloud.inbox().into_iter().filter(|delivery| delivery.status == 200);
    let id = |body: &str| Some(serde_json::from_str::<Value>(body).ok()?["id"].as_str()?.to_owned());
    arrived.map(|delivery| id(&delivery.body).expect("a message has an id")).collect()
}

/// Every action that was called, in order.
pub(crate) fn actions(site: &Site) -> Vec<String> {
    site.cloud.calls().into_iter().map(|call| call.action).collect()
}

/// Alone, and as what a rule may wrap it in.
#[test]
fn samples_are_what_they_are() {
    let site = Site::default();
    let function = Function::start(&site.vars);
    let before = site.account();
    for (name, expected) in SAMPLES {
        let body = sample(name);
        let value: Value = serde_json::from_str(&body).expect("a sample is JSON");
        site.cloud.clear_calls();
        let reply = send(&function, &body);
        match expected {
            Ignored(why) => {
                ignored(&reply.result(), why, name);
                // Wrapped once more, it is still the same.
                let strings = json!([value.to_string(), value]);
                let results = send(&function, strings).result()["results"].take();
                let results = results.as_array().expect("an array").clone();
                assert_eq!(results.len(), 2, "{name}");
                results.iter().for_each(|result| ignored(result, why, name));
            }
            AllIgnored(count) => {
                let results = reply.result()["results"].take();
                let results = results.as_array().expect("an array");
                assert_eq!(results.len(), *count, "{name}");
                results.iter().for_each(|result| ignored(result, "", name));
            }
            Sweep => {
                let swept = reply.result();
                assert_eq!((&swept["trigger"], &swept["root_keys"]), (&json!("timer"), &json!(0)), "{name}");
                assert_eq!(swept["unread"], json!([]), "{name}");
                assert!(!site.cloud.calls().is_empty(), "{name}: a sweep that looked at nothing");
            }
            NotAccepted(why) => {
                let (kind, message) = reply.failure();
                assert_eq!(kind, "InvalidEvent", "{name}");
                assert!(message.contains(why) && message.contains("CloudEvent"), "{name}: {message}");
            }
        }
        if !matches!(expected, Sweep) {
            assert_eq!(actions(&site), [""; 0], "{name}");
            assert_eq!(messages(&site), [""; 0], "{name}");
        }
    }
    assert_eq!(site.account(), before);
}

fn ignored(result: &Value, why: &str, name: &str) {
    assert_eq!(result["outcome"], "ignored", "{name}: {result}");
    assert_eq!(result["steps"], json!([]), "{name}");
    assert!(result["reason"].as_str().expect("a reason").contains(why), "{name}: {result}");
}

/// Turns the creation of a key into a body, as one way of delivery would.
type Form = fn(&Site, Value) -> Value;

/// The forms in which one creation of a root key can come in.
const FORMS: &[(&str, Variant, Form)] = &[
    ("a CloudEvent, Ims", Variant::Ims, |site, event| envelope(site, &event)),
    ("a CloudEvent, Ram", Variant::Ram, |site, event| envelope(site, &event)),
    ("data as a JSON string", Variant::Ims, |site, event| {
        let mut envelope = envelope(site, &event);
        envelope["data"] = event.to_string().into();
        envelope
    }),
    ("an array", Variant::Ims, |site, event| json!([envelope(site, &event)])),
    ("an array of strings", Variant::Ram, |site, event| json!([envelope(site, &event).to_string()])),
    ("a string", Variant::Ims, |site, event| envelope(site, &event).to_string().into()),
    ("a bare event (RawData), Ims", Variant::Ims, |_, event| event),
    ("a bare event (RawData), Ram", Variant::Ram, |_, event| event),
    ("an array of bare events", Variant::Ims, |_, event| json!([event])),
    ("PascalCase, bare", Variant::Ims, |_, event| pascal(event)),
    ("PascalCase, in a CloudEvent", Variant::Ram, |site, event| {
        let mut envelope = envelope(site, &event);
        envelope["data"] = pascal(event);
        envelope
    }),
    ("version as a number, error as an empty text", Variant::Ims, |site, mut event| {
        event["eventVersion"] = 1.into();
        event["errorCode"] = "".into();
        event["errorMessage"] = "".into();
        envelope(site, &event)
    }),
    ("version as a text, the service in lower case", Variant::Ram, |site, mut event| {
        event["eventVersion"] = "1".into();
        event["serviceName"] = "ram".into();
        envelope(site, &event)
    }),
    ("the answer as a JSON string", Variant::Ims, |site, mut event| {
        event["responseElements"] = event["responseElements"].to_string().into();
        envelope(site, &event)
    }),
    ("made in the console, by its own kind of event", Variant::Ims, |site, mut event| {
        event["eventType"] = "ConsoleOperation".into();
        envelope(site, &event)
    }),
];

fn pascal(value: Value) -> Value {
    let upper = |name: String| name[..1].to_uppercase() + &name[1..];
    match value {
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (upper(name), pascal(value))).collect()
        }
        Value::Array(items) => items.into_iter().map(pascal).collect(),
        other => other,
    }
}

/// A root key, and its event with the secret that a careless service could have left in it.
fn root_key(site: &Site, variant: Variant) -> (NewKey, Value) {
    let made = site.cloud.root_creates_key(variant);
    let mut event = made.event.clone();
    event["responseElements"]["AccessKey"]["AccessKeySecret"] = made.secret.clone().into();
    (made, event)
}

#[test]
fn a_root_key_is_answered_in_every_form() {
    // Each form has an account, a process and a store of its own; most of their time they wait.
    std::thread::scope(|scope| {
        let runs: Vec<_> = FORMS
            .iter()
            .map(|form| (form.0, scope.spawn(move || one_form(form.0, form.1, form.2))))
            .collect();
        let failed: Vec<_> =
            runs.into_iter().filter_map(|(name, run)| run.join().is_err().then_some(name)).collect();
        assert!(failed.is_empty(), "{failed:?}; each has said why above");
    });
}

fn one_form(name: &str, variant: Variant, form: Form) {
    let site = Site::default();
    let function = Function::start(&site.vars);
    let (made, event) = root_key(&site, variant);
    let body = form(&site, event).to_string();
    assert!(body.contains(&made.secret), "{name}: the secret has to go in, else nothing is shown");
    assert!(site.cloud.may_call(&made.id, DESK, None));

    let first = send(&function, &body);
    let reply = only(first.result());
    assert_eq!(reply["outcome"], "network_restricted", "{name}: {reply:#}");
    assert_eq!(reply["access_key_id"], made.id.as_str(), "{name}");
    assert_eq!(reply["case"], format!("root-key-{}", made.id), "{name}");
    assert_eq!(reply["verified"], true, "{name}");
    assert_eq!(reply["account_id"], site.cloud.account_id(), "{name}");
    assert!(!site.cloud.may_call(&made.id, DESK, None), "{name}: the key still works");
    assert!(site.cloud.may_call("LTAI5tExampleErpApp00001", "172.16.8.12", Some("vpc-bp1example0000erp")));
    site.nobody_was_harmed();
    assert_eq!(
        messages(&site),
        [format!("root-key-{}/alert", made.id), format!("root-key-{}/outcome/network_restricted", made.id)],
        "{name}"
    );

    // Delivered again, as it was and bare: the same creation.
    let after = site.account();
    for again in [body, made.event.to_string()] {
        let again = only(send(&function, &again).result());
        assert_eq!(again["outcome"], "duplicate", "{name}");
    }
    assert_eq!(site.account(), after, "{name}");
    assert_eq!(messages(&site).len(), 2, "{name}");

    no_secret(&site, function, &made.secret, &first.body, name);
}

/// The one result, out of its array if it came in one.
fn only(mut reply: Value) -> Value {
    match reply.get_mut("results").map(Value::take) {
        Some(Value::Array(mut results)) if results.len() == 1 => results.remove(0),
        Some(other) => panic!("{other} is not one result"),
        None => reply,
    }
}

fn no_secret(site: &Site, mut function: Function, secret: &str, reply: &str, name: &str) {
    let token = site.cloud.credentials("hardening-root-key-revoke").expect("the role has a session");
    function.terminate();
    function.wait();
    let lines = function.lines();
    let stored = site.stored();
    assert!(!stored.is_empty() && lines.len() > 2, "{name}: there is nothing to look through");
    for secret in [secret, &token.secret, token.token.as_deref().expect("a session has a token")] {
        assert!(!reply.contains(secret), "{name}: in the reply");
        for delivery in site.cloud.inbox() {
            assert!(!format!("{delivery:?}").contains(secret), "{name}: in a message");
        }
        for (path, text) in &stored {
            assert!(!text.contains(secret), "{name}: in {}", path.display());
        }
        for line in &lines {
            assert!(!line.contains(secret), "{name}: in the log: {line}");
        }
    }
}

#[test]
fn a_key_without_an_id_is_answered_too() {
    let site = Site::default();
    let function = Function::start(&site.vars);
    let made = site.cloud.root_creates_key(Variant::Ims);
    let mut event = made.event.clone();
    event["responseElements"] = Value::Null;
    event["referencedResources"] = json!({});
    let reply = send(&function, envelope(&site, &event)).result();
    assert_eq!(reply["outcome"], "network_restricted", "{reply:#}");
    assert_eq!(reply["access_key_id"], Value::Null);
    let case = reply["case"].as_str().expect("a case").to_owned();
    assert!(case.starts_with("root-key-event-"), "{case}");
    assert!(!site.cloud.may_call(&made.id, DESK, None));
    assert_eq!(messages(&site), [format!("{case}/alert"), format!("{case}/outcome/network_restricted")]);
    // Nobody knows which key it is: none may be tried, for it would be one of the caller's.
    assert!(!actions(&site).contains(&"ims:UpdateAccessKey".to_owned()));
    let again = send(&function, envelope(&site, &event)).result();
    assert_eq!((&again["outcome"], &again["case"]), (&json!("duplicate"), &json!(case)));
}

/// CreateAccessKey that is no root key: nothing is called, nothing is changed.
#[test]
fn what_only_looks_like_a_root_key_is_ignored() {
    let site = Site::default();
    let function = Function::start(&site.vars);
    let root = site.cloud.root_creates_key(Variant::Ims).event;
    let by_user = site.cloud.user_creates_key("alice").event;
    let before = site.account();
    let with = |path: &str, value: Value| {
        let mut event = root.clone();
        *event.pointer_mut(path).unwrap_or_else(|| panic!("{path} is not in the event")) = value;
        event
    };
    let mut failed = root.clone();
    failed["errorCode"] = "NoPermission".into();
    failed["errorMessage"] = "You are not authorized to do this action.".into();
    let cases = [
        ("a call that failed", failed, "NoPermission"),
        ("by a RAM user", by_user, "ram-user"),
        ("by a role", with("/userIdentity/type", json!("assumed-role")), "assumed-role"),
        ("of another service", with("/serviceName", json!("Gws")), "Gws"),
        ("another action", with("/eventName", json!("DeleteAccessKey")), "DeleteAccessKey"),
    ];
    for (name, event, why) in cases {
        for body in [envelope(&site, &event), event] {
            ignored(&send(&function, &body).result(), why, name);
        }
    }
    assert_eq!(actions(&site), [""; 0]);
    assert_eq!(messages(&site), [""; 0]);
    assert_eq!(site.account(), before);
    assert!(site.stored().is_empty(), "{:?}", site.stored().keys());
}

#[test]
fn a_key_that_root_makes_for_a_user_is_a_notice() {
    let site = Site::default();
    let function = Function::start(&site.vars);
    let ims = site.cloud.root_creates_key_for("alice");
    let mut ram = site.cloud.root_creates_key_for("ci-bot").event;
    ram["serviceName"] = "Ram".into();
    let parameters = ram["requestParameters"].as_object_mut().expect("parameters");
    parameters.remove("UserPrincipalName");
    parameters.insert("UserName".to_owned(), "ci-bot".into());
    let before = site.account();
    for (event, user) in [(&ims.event, "alice"), (&ram, "ci-bot")] {
        let body = envelope(&site, event);
        for _ in 0..2 {
            ignored(&send(&function, &body).result(), user, user);
        }
    }
    // A word each, once.
    let ids = messages(&site);
    assert_eq!(ids.len(), 2, "{ids:?}");
    assert!(ids[0].starts_with(&format!("user-key-{}", ims.id)), "{ids:?}");
    assert_eq!(actions(&site), [""; 0]);
    assert_eq!(site.account(), before);
    assert!(site.cloud.may_call(&ims.id, DESK, None));
}

/// One bad element does not take the good ones with it, and the whole is delivered again.
#[test]
fn of_a_batch_the_good_ones_are_done() {
    let site = Site::default();
    let function = Function::start(&site.vars);
    let made = site.cloud.root_creates_key(Variant::Ims);
    let other = json!({"id": "1", "source": "acs.oss", "specversion": "1.0", "type": "oss:x", "data": {}});
    let batch = json!([other, "{\"not\": \"an event\"}", envelope(&site, &made.event)]);
    let (kind, message) = send(&function, &batch).failure();
    assert_eq!(kind, "InvalidEvent");
    assert!(message.contains("element 2 of 3"), "{message}");
    assert!(!site.cloud.may_call(&made.id, DESK, None), "the third was not done");
    let good = json!([other, envelope(&site, &made.event)]);
    let results = send(&function, &good).result()["results"].take();
    assert_eq!(results[0]["outcome"], "ignored");
    assert_eq!(results[1]["outcome"], "duplicate");
}
