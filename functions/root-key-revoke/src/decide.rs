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
