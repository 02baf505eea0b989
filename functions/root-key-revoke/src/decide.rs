//! Whether an event is the creation of a root access key. Pure.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use shared::events::{Received, TrailEvent};

/// What an event means to this function.
#[derive(Debug)]
pub(crate) enum Decision {
    /// Nothing to do here, and why.
    Ignored(String),
    /// Root made a key for itself.
    RootKey(Box<Subject>),
    /// Root made a key for a RAM user: not a root key, but root is not for daily use.
    KeyForUser(Box<Subject>, String),
}

/// What a case is about: what is known of the key, without any secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Subject {
    /// The account the key belongs to, where the event says so.
    pub account: Option<String>,
    /// The key's id. `None` where the event does not name it, or where only the number of root keys rose.
    pub key: Option<String>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// The event's own id.
    pub event_id: Option<String>,
    /// From which address it was created.
    pub from: Option<String>,
    /// With which program.
    pub agent: Option<String>,
    /// Whether the session that did it had used MFA.
    pub mfa: Option<bool>,
    /// How it came to be known.
    pub found: Found,
    /// The event, secrets masked.
    pub event: Value,
}

/// How a root key came to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Found {
    /// An event was delivered.
    Event,
    /// A sweep found the event in ActionTrail; it had never been delivered.
    Lookup,
    /// A sweep saw more root keys than before, and no event says which.
    Count,
}

/// The predicate (alibaba-cloud-apis.md, section 2): CreateAccessKey, without an error, of Ims or Ram, by root, for
/// nobody else.
pub(crate) fn decide(received: &Received) -> Decision {
    let Some(event) = &received.event else {
        return Decision::Ignored(format!("not an ActionTrail event ({})", received.kind()));
    };
    let name = event.event_name.as_deref().unwrap_or_default();
    if name != "CreateAccessKey" {
        return Decision::Ignored(format!("{} is not CreateAccessKey", shown(name)));
    }
    if let Some(code) = &event.error_code {
        return Decision::Ignored(format!("the call failed ({}): no key was created", shown(code)));
    }
    if !is_key_service(event) {
        let service = event.service_name.as_deref().or(event.event_source.as_deref()).unwrap_or("no service");
        return Decision::Ignored(format!("{} does not make access keys of the account", shown(service)));
    }
    if !event.is_root() {
        let kind = event.identity.kind.as_deref().unwrap_or("an unnamed identity");
        return Decision::Ignored(format!("done by {}, not by the root account", shown(kind)));
    }
    let subject = Box::new(subject(received, event));
    match for_user(&event.request_parameters) {
        Some(user) => Decision::KeyForUser(subject, user),
        None => Decision::RootKey(subject),
    }
}

fn is_key_service(event: &TrailEvent) -> bool {
    let is = |text: &str, name: &str| text.eq_ignore_ascii_case(name);
    match (&event.service_name, &event.event_source) {
        (Some(service), _) => is(service, "Ims") || is(service, "Ram"),
        (None, Some(host)) => host.starts_with("ims") || host.starts_with("ram"),
        (None, None) => false,
    }
}

/// The RAM user that the key was made for, if any.
fn for_user(parameters: &Map<String, Value>) -> Option<String> {
    ["UserPrincipalName", "UserName"].iter().find_map(|wanted| {
        let (_, value) = parameters.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
        value.as_str().map(str::trim).filter(|user| !user.is_empty()).map(str::to_owned)
    })
}

fn subject(received: &Received, event: &TrailEvent) -> Subject {
    Subject {
        account: event.account().or_else(|| received.account.clone()),
        key: key_id(event),
        created_at: event.event_time,
        event_id: event.event_id.clone(),
        from: event.source_ip.clone(),
        agent: event.user_agent.clone(),
        mfa: event.identity.mfa,
        found: Found::Event,
        event: event.redacted(),
    }
}

/// The new key's id: from the answer, else from the resources named. Only what looks like one: the id names the
/// case and is sent to the API.
fn key_id(event: &TrailEvent) -> Option<String> {
    let from_answer = field(&event.response_elements, "AccessKey")
        .and_then(|key| match key {
            Value::Object(key) => field(key, "AccessKeyId").cloned(),
            Value::String(text) => {
                let key: Map<String, Value> = serde_json::from_str(text).ok()?;
                field(&key, "AccessKeyId").cloned()
            }
            _ => None,
        })
        .or_else(|| field(&event.response_elements, "AccessKeyId").cloned())
        .and_then(|id| id.as_str().map(str::to_owned));
    from_answer
        .into_iter()
        .chain(event.resource_names("ACS::RAM::AccessKey"))
        .find(|id| (8..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

fn field<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// A text from outside, short and on one line.
fn shown(text: &str) -> String {
    let clean: String = text.chars().filter(|c| !c.is_control()).take(80).collect();
    if clean.is_empty() { "an event without a name".to_owned() } else { clean }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::events::{Input, parse};

    use super::*;

    const ACCOUNT: &str = "1234567890123456";
    const KEY: &str = "LTAI5tNewRootKey00000001";

    /// CreateAccessKey by root, with changes.
    fn event(change: impl FnOnce(&mut Value)) -> Value {
        let mut event = json!({
            "eventId": "E-1", "eventVersion": 1, "eventType": "ApiCall", "eventName": "CreateAccessKey",
            "serviceName": "Ims", "eventSource": "ims.aliyuncs.com", "eventTime": "2026-11-23T00:00:00Z",
            "sourceIpAddress": "198.51.100.7", "userAgent": "ram.console.aliyun.com",
            "userIdentity": {"type": "root-account", "principalId": ACCOUNT, "accountId": ACCOUNT, "userName": "root"},
            "requestParameters": {"AcsProduct": "Ims"},
            "responseElements": {"AccessKey": {"AccessKeyId": KEY, "Status": "Active", "AccessKeySecret": "hidden"}},
            "acsRegion": "cn-shanghai"
        });
        change(&mut event);
        event
    }

    #[track_caller]
    fn decided(event: &Value) -> Decision {
        match parse(event.to_string().as_bytes()).unwrap() {
            Input::One(received) => decide(&received),
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    fn key_of(event: &Value) -> Option<String> {
        match decided(event) {
            Decision::RootKey(subject) => subject.key,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_root_key_in_all_its_shapes() {
        let key = Some(KEY.to_owned());
        assert_eq!(key_of(&event(|_| {})), key);
        assert_eq!(key_of(&event(|e| e["serviceName"] = "Ram".into())), key);
        assert_eq!(key_of(&event(|e| e["serviceName"] = "RAM".into())), key);
        assert_eq!(key_of(&event(|e| e["eventVersion"] = "1".into())), key);
        assert_eq!(key_of(&event(|e| e["errorCode"] = "".into())), key);
        assert_eq!(key_of(&event(|e| e["requestParameters"] = "{\"UserName\":\"\"}".into())), key);
        assert_eq!(key_of(&event(|e| e["requestParameters"] = Value::Null)), key);
        assert_eq!(key_of(&event(|e| drop(e["userIdentity"].as_object_mut().unwrap().remove("type")))), key);
        assert_eq!(key_of(&event(|e| e["responseElements"] = e["responseElements"].to_string().into())), key);
        let named = |e: &mut Value| {
            e["responseElements"] = Value::Null;
            e["referencedResources"] = json!({"ACS::RAM::AccessKey": [KEY]});
        };
        assert_eq!(key_of(&event(named)), key);
    }

    #[test]
    fn a_key_that_cannot_be_one_is_not_taken_for_an_id() {
        for id in ["LTAI5t****", "../../cases/other", "short", ""] {
            assert_eq!(
                key_of(&event(|e| e["responseElements"]["AccessKey"]["AccessKeyId"] = id.into())),
                None,
                "{id}"
            );
        }
        assert_eq!(key_of(&event(|e| e["responseElements"] = Value::Null)), None);
    }

    #[test]
    fn a_key_for_a_user_is_not_a_root_key() {
        for (name, user) in
            [("UserName", "alice"), ("UserPrincipalName", "alice@1.onaliyun.com"), ("userName", "alice")]
        {
            match decided(&event(|e| e["requestParameters"][name] = user.into())) {
                Decision::KeyForUser(subject, for_user) => {
                    assert_eq!((subject.key.as_deref(), for_user.as_str()), (Some(KEY), user));
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn everything_else_is_ignored_and_says_why() {
        let cases: [(&str, Value); 6] = [
            ("CreateUser", event(|e| e["eventName"] = "CreateUser".into())),
            ("failed", event(|e| e["errorCode"] = "NoPermission".into())),
            ("ram-user", event(|e| e["userIdentity"]["type"] = "ram-user".into())),
            ("assumed-role", event(|e| e["userIdentity"]["type"] = "assumed-role".into())),
            ("Kms", event(|e| e["serviceName"] = "Kms".into())),
            (
                "mns:Queue",
                json!({"id": "1", "source": "x", "specversion": "1.0", "type": "mns:Queue:SendMessage", "data": {"a": 1}}),
            ),
        ];
        for (part, event) in cases {
            match decided(&event) {
                Decision::Ignored(why) => assert!(why.contains(part), "{why}"),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn nothing_secret_is_kept() {
        let Decision::RootKey(subject) = decided(&event(|_| {})) else { panic!() };
        assert!(!serde_json::to_string(&subject).unwrap().contains("hidden"));
    }
}
