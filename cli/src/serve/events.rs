//! The events port: what EventBridge does with an event that it gets.

use serde_json::{Value, json};
use shared::openapi::Client;
use shared::runtime::Failure;

use super::{Served, invoke, pattern};

/// Delivers each event to every function of which a trigger's pattern matches, and says what came of it.
pub(super) async fn deliver(served: &[Served], client: &Client, body: &[u8]) -> Result<Value, Failure> {
    let mut delivered = Vec::new();
    for event in events(body)? {
        let wants = |one: &&Served| one.spec.patterns.iter().any(|wanted| pattern::matches(wanted, &event));
        for one in served.iter().filter(wants) {
            let mut told = json!({ "function": one.spec.name, "event": event["id"] });
            match invoke(client, one, &event).await {
                Ok(reply) => {
                    told["status"] = reply.status.into();
                    told["reply"] = serde_json::from_slice(&reply.body).unwrap_or_default();
                }
                Err(why) => told["error"] = why.into(),
            }
            delivered.push(told);
        }
    }
    Ok(json!({ "delivered": delivered }))
}

/// One CloudEvent or an array of them, each as an object or as text that holds one.
fn events(body: &[u8]) -> Result<Vec<Value>, Failure> {
    let bad = |why: String| Failure::new("InvalidEvent", why);
    let body = serde_json::from_slice(body).map_err(|error| bad(format!("not JSON: {error}")))?;
    let events = match body {
        Value::Array(events) => events,
        one => vec![one],
    };
    let read = |(index, event): (usize, Value)| {
        let event = match event {
            Value::String(text) => serde_json::from_str(&text)
                .map_err(|error| bad(format!("event {index} is text that is not JSON: {error}")))?,
            event => event,
        };
        let missing = ["id", "source", "type"].into_iter().find(|name| !event[*name].is_string());
        match missing {
            None => Ok(event),
            Some(name) => Err(bad(format!(
                "event {index} is no CloudEvent: it has no {name}. Only those are routed here; a function's own port takes everything that the function takes"
            ))),
        }
    };
    events.into_iter().enumerate().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_routed() {
        let one = json!({ "id": "1", "source": "acs.ram", "type": "t", "data": {} });
        for (body, count) in [
            (one.to_string(), 1),
            (json!([one, one]).to_string(), 2),
            (json!([one.to_string()]).to_string(), 1),
            ("[]".to_owned(), 0),
        ] {
            assert_eq!(events(body.as_bytes()).unwrap().len(), count, "{body}");
        }
        for (body, named) in [
            ("{", "not JSON"),
            (r#"{"eventName":"CreateAccessKey"}"#, "no id"),
            (r#"[{"id":"1","source":"s"}]"#, "no type"),
            (r#"["x"]"#, "event 0"),
            ("5", "no id"),
        ] {
            assert!(events(body.as_bytes()).unwrap_err().to_string().contains(named), "{body}");
        }
    }
}
