//! The ActionTrail event: who did what, when, from where.
//!
//! Fields as in "Management event structure" (ActionTrail), which leaves all of them optional.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::envelope::content_id;
use super::fields::{as_object, field, object, plain, text, time, truth};
use super::redact;

/// One event of ActionTrail. Empty texts count as absent.
///
/// `Debug` shows [`TrailEvent::redacted`].
#[derive(Clone, PartialEq)]
pub struct TrailEvent {
    /// The event's own id.
    pub event_id: Option<String>,
    /// The id of the API request that it records.
    pub request_id: Option<String>,
    /// The API, or the operation: `CreateAccessKey`, `ConsoleSignin`.
    pub event_name: Option<String>,
    /// The service: `Ims`, `Ram`, `AasCustomer`. Its casing varies.
    pub service_name: Option<String>,
    /// The host that was called, or the page that was used.
    pub event_source: Option<String>,
    /// When it happened, if [`TrailEvent::event_time_text`] could be read.
    pub event_time: Option<Timestamp>,
    /// When it happened, as it was written.
    pub event_time_text: Option<String>,
    /// `ApiCall`, `ConsoleOperation`, `ConsoleSignin`, `ConsoleSignout`, `AliyunServiceEvent`.
    pub event_type: Option<String>,
    /// The error that the call failed with; absent when it succeeded.
    pub error_code: Option<String>,
    /// The message of that error, without the secrets that some of them repeat.
    pub error_message: Option<String>,
    /// Who did it.
    pub identity: Identity,
    /// From where: an address, a service's host or `Internal`.
    pub source_ip: Option<String>,
    /// With which program.
    pub user_agent: Option<String>,
    /// Where it happened (`acsRegion`). For RAM and IMS it says nothing.
    pub region: Option<String>,
    /// What was asked for. May hold a secret: decide by it, show [`TrailEvent::redacted`].
    pub request_parameters: Map<String, Value>,
    /// What was answered, secrets masked.
    pub response_elements: Map<String, Value>,
    /// What it touched: names by type (`ACS::RAM::User`).
    pub referenced_resources: BTreeMap<String, Vec<String>>,
    /// The account that the record belongs to.
    pub recipient_account_id: Option<String>,
    raw: Map<String, Value>,
}

/// Who did something (`userIdentity`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// `type`: `root-account`, `ram-user`, `assumed-role`, `system`, ….
    pub kind: Option<String>,
    /// The user's, the role's (`<role id>:<session>`) or the account's id.
    pub principal_id: Option<String>,
    /// The account.
    pub account_id: Option<String>,
    /// The name; `root` for root, `<role>:<session>` for a role.
    pub user_name: Option<String>,
    /// The key that signed: `LTAI…`, `STS.…`, or `TMP.…` for a console session.
    pub access_key_id: Option<String>,
    /// Whether the session had used MFA, where the event says so: `mfaAuthenticated` of the session, or
    /// `mfaChecked` or `isMFAChecked` of a sign-in.
    pub mfa: Option<bool>,
}

/// Whether an object is meant to be an ActionTrail event. An OSS notification also has eventName, eventSource and
/// userIdentity, but neither an eventId nor a serviceName.
pub(super) fn looks_like(map: &Map<String, Value>) -> bool {
    let has = |name| field(map, name).is_some();
    let named = has("eventName") || has("eventType") || has("userIdentity");
    named && (has("eventId") || (has("serviceName") && has("userIdentity")))
}

impl TrailEvent {
    /// Reads an event that stands alone: a row of LookupEvents or of the trail's log. `None` when it is neither an
    /// object nor a string that holds one.
    pub fn from_value(value: &Value) -> Option<Self> {
        as_object(value).map(|map| Self::from_map(map.into_owned()))
    }

    pub(super) fn from_map(raw: Map<String, Value>) -> Self {
        let mut response_elements = object(&raw, "responseElements").unwrap_or_default().into_owned();
        redact::mask_map(&mut response_elements);
        let event_time_text = text(&raw, "eventTime");
        Self {
            event_id: text(&raw, "eventId"),
            request_id: text(&raw, "requestId"),
            event_name: text(&raw, "eventName"),
            service_name: text(&raw, "serviceName"),
            event_source: text(&raw, "eventSource"),
            event_time: event_time_text.as_deref().and_then(time),
            event_time_text,
            event_type: text(&raw, "eventType"),
            error_code: text(&raw, "errorCode"),
            error_message: text(&raw, "errorMessage").map(redact::mask_text),
            identity: identity(&raw),
            source_ip: text(&raw, "sourceIpAddress"),
            user_agent: text(&raw, "userAgent"),
            region: text(&raw, "acsRegion"),
            request_parameters: parameters(&raw),
            response_elements,
            referenced_resources: resources(&raw),
            recipient_account_id: text(&raw, "recipientAccountId"),
            raw,
        }
    }

    /// The copy that may be stored or shown: the whole event with the fields it had, and the value of every field
    /// whose name speaks of a secret, password, token or signature replaced by `***`, at any depth and inside JSON
    /// strings too.
    pub fn redacted(&self) -> Value {
        let mut copy = self.raw.clone();
        redact::mask_map(&mut copy);
        Value::Object(copy)
    }

    /// Whether the account itself did it. Where the type is missing, root is who has the account's id for a
    /// principal.
    pub fn is_root(&self) -> bool {
        let Identity { kind, principal_id, account_id, .. } = &self.identity;
        match kind {
            Some(kind) => kind.eq_ignore_ascii_case("root-account"),
            None => principal_id.is_some() && principal_id == account_id,
        }
    }

    /// The account that it happened in: the identity's, else the record's.
    pub fn account(&self) -> Option<String> {
        self.identity.account_id.clone().or_else(|| self.recipient_account_id.clone())
    }

    /// The names of the resources of one type (`ACS::RAM::AccessKey`, any casing) that the event refers to.
    pub fn resource_names(&self, kind: &str) -> Vec<String> {
        let same = |(name, _): &(&String, &Vec<String>)| name.eq_ignore_ascii_case(kind);
        self.referenced_resources.iter().filter(same).flat_map(|(_, names)| names.iter().cloned()).collect()
    }

    pub(super) fn content_id(&self) -> String {
        content_id(&self.raw)
    }
}

impl fmt::Debug for TrailEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TrailEvent").field(&self.redacted()).finish()
    }
}

fn identity(raw: &Map<String, Value>) -> Identity {
    let who = object(raw, "userIdentity").unwrap_or_default();
    Identity {
        kind: text(&who, "type"),
        principal_id: text(&who, "principalId"),
        account_id: text(&who, "accountId"),
        user_name: text(&who, "userName"),
        access_key_id: text(&who, "accessKeyId"),
        mfa: session_mfa(&who).or_else(|| sign_in_mfa(raw)),
    }
}

/// `attributes` today, `sessionAttributes` in events of 2015.
fn session_mfa(who: &Map<String, Value>) -> Option<bool> {
    let session = object(who, "sessionContext")?;
    ["attributes", "sessionAttributes"]
        .iter()
        .find_map(|name| truth(object(&session, name).as_deref()?, "mfaAuthenticated"))
}

/// The documentation and its own sample name the field differently.
fn sign_in_mfa(raw: &Map<String, Value>) -> Option<bool> {
    let more = object(raw, "additionalEventData")?;
    ["isMFAChecked", "mfaChecked"].iter().find_map(|name| truth(&more, name))
}

fn parameters(raw: &Map<String, Value>) -> Map<String, Value> {
    ["requestParameters", "requestParameterJson"]
        .iter()
        .find_map(|name| object(raw, name).filter(|map| !map.is_empty()))
        .unwrap_or_default()
        .into_owned()
}

/// `referencedResources`, and `resourceType` with `resourceName` where they name one more.
fn resources(raw: &Map<String, Value>) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (kind, names) in object(raw, "referencedResources").unwrap_or_default().iter() {
        found.entry(kind.clone()).or_default().extend(list(names));
    }
    if let (Some(kind), Some(name)) = (text(raw, "resourceType"), text(raw, "resourceName")) {
        let names = found.entry(kind).or_default();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    found
}

/// The texts of an array, of a string that holds one, or a text alone.
fn list(value: &Value) -> Vec<String> {
    match value {
        Value::Array(names) => names.iter().filter_map(plain).collect(),
        Value::String(text) => match serde_json::from_str(text) {
            Ok(Value::Array(names)) => names.iter().filter_map(plain).collect(),
            _ => plain(value).into_iter().collect(),
        },
        other => plain(other).into_iter().collect(),
    }
}
