//! What holds for any input: nothing is fatal, every form of delivery gives the same event, no secret is left.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::tests::{one, parse_value};
use super::*;

/// Any JSON, small.
fn json_value() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        "[a-zA-Z]{0,6}",
        prop::sample::select(vec![
            "eventId",
            "EventName",
            "userIdentity",
            "type",
            "data",
            "id",
            "source",
            "specversion",
            "triggerName",
            "requestParameters",
            "responseElements",
            "sessionContext",
            "attributes",
            "referencedResources",
            "additionalEventData",
            "AccessKeySecret",
            "newPassword",
            "SecurityToken",
            "Signature",
            "Key",
            "Value",
        ])
        .prop_map(str::to_owned),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!("ram:ActionTrail:ApiCall")),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::btree_map(name.clone(), inner.clone(), 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
            inner.prop_map(|value| Value::String(value.to_string())),
        ]
    })
}

/// An ActionTrail event with arbitrary parts.
fn any_event() -> impl Strategy<Value = Value> {
    (json_value(), json_value(), json_value(), "[A-Za-z0-9]{1,8}").prop_map(|(identity, parameters, answer, id)| {
        json!({
            "eventId": id, "eventName": "CreateAccessKey", "eventSource": "ims.aliyuncs.com", "userIdentity": identity,
            "requestParameters": parameters, "responseElements": answer, "acsRegion": "cn-hangzhou",
        })
    })
}

/// What stands in fields named for a secret, JSON strings opened too.
fn secrets(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                if redact::names_secret(name) {
                    found.push(value.clone());
                } else {
                    secrets(value, found);
                }
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| secrets(element, found)),
        Value::String(text) => {
            if let Ok(inner) = serde_json::from_str::<Value>(text) {
                secrets(&inner, found);
            }
        }
        _ => {}
    }
}

proptest! {
    #[test]
    fn no_json_is_fatal(value in json_value()) {
        if let Ok(input) = parse_value(&value) {
            let _ = format!("{input:?}");
        }
        if let Some(event) = TrailEvent::from_value(&value) {
            let _ = (Received::from_trail(event.clone()), event.is_root(), event.resource_names("Key"));
        }
    }

    #[test]
    fn no_bytes_are_fatal(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&body);
    }

    #[test]
    fn every_form_of_delivery_gives_the_same_event(event in any_event()) {
        let expected = TrailEvent::from_value(&event).unwrap();
        let envelope = |data: Value| json!({
            "id": "e-1", "source": "acs.ram", "specversion": "1.0", "type": "ram:ActionTrail:ApiCall", "data": data,
            "aliyunaccountid": "42", "aliyunregionid": "cn-shanghai",
        });
        let alone = [event.clone(), envelope(event.clone()), envelope(Value::String(event.to_string()))];
        for form in alone {
            let text = form.to_string();
            for body in [text.clone(), format!("\u{feff} {text}\r\n"), Value::String(text).to_string()] {
                let received = one(body.as_bytes());
                if received.source == "acs.ram" {
                    prop_assert_eq!((received.id.as_str(), received.account.as_deref()), ("e-1", Some("42")));
                }
                prop_assert_eq!(received.event.as_ref(), Some(&expected));
            }
            for body in [json!([form, form]), json!([form.to_string(), form])] {
                let Ok(Input::Batch(events)) = parse_value(&body) else { panic!("not a batch") };
                prop_assert_eq!(events.len(), 2);
                for received in events {
                    let received = received.unwrap();
                    prop_assert_eq!(received.event.as_ref(), Some(&expected));
                }
            }
        }
    }

    #[test]
    fn no_secret_is_left(event in any_event()) {
        let parsed = TrailEvent::from_value(&event).unwrap();
        for shown in [parsed.redacted(), Value::Object(parsed.response_elements.clone())] {
            let mut found = Vec::new();
            secrets(&shown, &mut found);
            prop_assert!(found.iter().all(|value| value == "***"), "{}", shown);
        }
        if let (Value::Object(before), Value::Object(after)) = (&event, parsed.redacted()) {
            prop_assert!(before.keys().eq(after.keys()), "fields are kept");
        }
    }
}
