//! ActionTrail: events of the calls that were made here and of what root does in the console, and who used
//! which key (ActionTrail, "Management event structure"; 2020-07-06, GetAccessKeyLastUsed*).

use crate::account::AccessKey;
use crate::caller::{Caller, Principal};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::ids;
use crate::product::{Api, Asked, Effect, Product};
use crate::request::Request;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::time::Instant;

/// What was recorded since the simulator started.
#[derive(Default)]
pub(crate) struct Trail {
    pub(crate) events: Vec<(Instant, Value)>,
    uses: HashMap<String, Vec<Use>>,
}

/// The last time that a key called one API from one address.
#[derive(Clone, Debug)]
pub(crate) struct Use {
    pub(crate) service: &'static str,
    pub(crate) event: &'static str,
    pub(crate) source: String,
    pub(crate) time: Timestamp,
    pub(crate) at: Instant,
}

impl Trail {
    pub(crate) fn used(
        &mut self,
        key_id: &str,
        service: &'static str,
        event: &'static str,
        source: &str,
        time: Timestamp,
    ) {
        let uses = self.uses.entry(key_id.into()).or_default();
        uses.retain(|one| (one.service, one.event, one.source.as_str()) != (service, event, source));
        uses.push(Use { service, event, source: source.into(), time, at: Instant::now() });
    }

    /// A key's uses, latest first.
    pub(crate) fn uses(&self, key_id: &str) -> impl Iterator<Item = &Use> {
        self.uses.get(key_id).into_iter().flatten().rev()
    }

    pub(crate) fn record(&mut self, event: Value) {
        self.events.push((Instant::now(), event));
    }
}

/// What stands where a secret was.
pub(crate) const MASK: &str = "****";

/// Services whose events are kept in the region of global services (ActionTrail, "Global services").
pub(crate) fn is_global(service: &str) -> bool {
    matches!(service, "Ims" | "Ram" | "AasCustomer" | "AasSub")
}

/// What an event says beyond what all events say.
pub(crate) struct EventParts {
    pub(crate) time: String,
    pub(crate) service: &'static str,
    pub(crate) name: String,
    pub(crate) version: &'static str,
    pub(crate) host: String,
    pub(crate) region: String,
    pub(crate) global: bool,
    pub(crate) source: String,
    pub(crate) user_agent: String,
    pub(crate) identity: Value,
    pub(crate) params: Map<String, Value>,
    pub(crate) response: Value,
    pub(crate) request_id: String,
}

/// An event in the shape of the published samples.
pub(crate) fn event(parts: EventParts) -> Value {
    let EventParts { mut params, mut response, .. } = parts;
    let mut referenced = Map::new();
    let key = params.get("UserAccessKeyId").or(response.pointer("/AccessKey/AccessKeyId")).cloned();
    if let Some(id) = key {
        referenced.insert("ACS::RAM::AccessKey".into(), json!([id]));
    }
    if let Some(user) = params.get("UserPrincipalName").or(params.get("UserName")) {
        referenced.insert("ACS::RAM::User".into(), json!([user]));
    }
    mask(&mut response);
    params.iter_mut().filter(|(name, _)| is_secret(name)).for_each(|(_, value)| *value = MASK.into());
    let more = [
        ("AcsHost", parts.host.as_str()),
        ("AcsProduct", parts.service),
        ("HostId", parts.host.as_str()),
        ("RequestId", parts.request_id.as_str()),
    ];
    params.extend(more.map(|(name, value)| (name.into(), value.into())));
    if response.is_object() {
        response["RequestId"] = parts.request_id.clone().into();
    }
    json!({
        "eventId": ids::request_id(),
        "eventVersion": "1",
        "eventType": "ApiCall",
        "eventName": parts.name,
        "eventRW": "Write",
        "eventCategory": "Management",
        "eventSource": parts.host,
        "eventTime": parts.time,
        "serviceName": parts.service,
        "apiVersion": parts.version,
        "acsRegion": parts.region,
        "isGlobal": parts.global,
        "requestId": parts.request_id,
        "sourceIpAddress": parts.source,
        "userAgent": parts.user_agent,
        "userIdentity": parts.identity,
        "requestParameters": params,
        "responseElements": response,
        "referencedResources": referenced,
        "additionalEventData": {"Scheme": "https"},
    })
}

/// Whether a parameter or element of this name is a secret: AccessKeySecret, SecretData, and no SecretName.
pub(crate) fn is_secret(name: &str) -> bool {
    name.ends_with("Secret") || name == "SecretData"
}

/// Whether ActionTrail masks secrets is not documented; a simulator that leaked them would teach bad habits.
fn mask(value: &mut Value) {
    match value {
        Value::Object(members) => members.iter_mut().for_each(|(name, value)| {
            if is_secret(name) && value.is_string() {
                *value = MASK.into();
            } else {
                mask(value);
            }
        }),
        Value::Array(items) => items.iter_mut().for_each(mask),
        _ => {}
    }
}

impl Cloud {
    /// When a key was last used, and for which service, as far as it may be seen by now. What was before the
    /// start is in the account file.
    pub(crate) fn last_use<'a>(&'a self, key: &'a AccessKey) -> Option<(String, &'a str)> {
        let delay = self.settings.key_use_delay;
        match self.trail.uses(&key.id).find(|one| one.at.elapsed() >= delay) {
            Some(one) => Some((ids::date(one.time), one.service)),
            None => Some((key.last_used.clone()?, key.last_service.as_deref().unwrap_or("N/A"))),
        }
    }

    /// Records a call, done or refused.
    pub(crate) fn record_call(
        &mut self,
        product: &Product,
        api: &Api,
        asked: &Asked,
        response: Option<&Value>,
        refused: Option<&ApiError>,
        request_id: &str,
    ) {
        let request = asked.request;
        let caller = asked.caller;
        let mut recorded = event(EventParts {
            time: self.date(),
            service: product.service,
            name: api.name.into(),
            version: product.version,
            host: request.host.clone(),
            region: request.region.clone().unwrap_or_else(|| "cn-hangzhou".into()),
            global: product.global,
            source: caller.source.to_string(),
            user_agent: request.header("user-agent").unwrap_or_default().into(),
            identity: self.identity(caller),
            params: request.params.iter().map(|(k, v)| (k.clone(), v.as_str().into())).collect(),
            response: response.cloned().unwrap_or(Value::Null),
            request_id: request_id.into(),
        });
        if api.effect == Effect::Read {
            recorded["eventRW"] = "Read".into();
        }
        // EventBridge and its like say no inside of an answer.
        let inside = response.filter(|value| value["Success"] == false);
        let code = refused.map(|error| error.code.as_str()).or(inside.and_then(|v| v["Code"].as_str()));
        let message =
            refused.map(|error| error.message.as_str()).or(inside.and_then(|v| v["Message"].as_str()));
        if let Some(code) = code {
            recorded["errorCode"] = code.into();
            recorded["errorMessage"] = message.unwrap_or_default().into();
        }
        self.trail.record(recorded);
    }

    /// Records an attempt with a disabled key, reads too: that somebody still uses it shows nowhere else.
    pub(crate) fn record_if_disabled(
        &mut self,
        product: &Product,
        api: &Api,
        request: &Request,
        key_id: &str,
        error: &ApiError,
        request_id: &str,
    ) {
        if let (true, Some(caller)) = (product.management, self.disabled_caller(key_id, request)) {
            let asked = Asked { request, caller: &caller, stale: false };
            self.record_call(product, api, &asked, None, Some(error), request_id);
        }
    }

    fn identity(&self, caller: &Caller) -> Value {
        let (id, name) = self.principal_ids(caller);
        let mut identity = json!({
            "type": match caller.principal {
                Principal::Root => "root-account",
                Principal::User(_) => "ram-user",
                Principal::Role { .. } => "assumed-role",
            },
            "principalId": id,
            "accountId": self.account.account_id,
            "userName": name,
            "accessKeyId": caller.key_id,
        });
        if matches!(caller.principal, Principal::Role { .. }) {
            identity["sessionContext"] =
                json!({"attributes": {"mfaAuthenticated": "false", "creationDate": self.date()}});
        }
        identity
    }
}

/// CloudEvents 1.0 as EventBridge sends ActionTrail events of the default bus.
pub(crate) fn envelope(event: &Value, account_id: &str) -> Value {
    let product = event["serviceName"].as_str().unwrap_or_default().to_lowercase();
    let id = &event["eventId"];
    // RAM and IMS are deployed centrally: what happens in mainland China is sent from Hangzhou.
    let region = "cn-hangzhou";
    json!({
        "id": id,
        "source": format!("acs.{product}"),
        "specversion": "1.0",
        "type": format!("{product}:ActionTrail:{}", event["eventType"].as_str().unwrap_or("ApiCall")),
        "datacontenttype": "application/json;charset=utf-8",
        "subject": format!("acs.{product}:{region}:{account_id}:{}", id.as_str().unwrap_or_default()),
        "time": event["eventTime"],
        "data": event,
        "aliyunaccountid": account_id,
        "aliyunoriginalaccountid": account_id,
        "aliyunpublishtime": event["eventTime"],
        "aliyuneventbusname": "default",
        "aliyunregionid": region,
        "aliyunpublishaddr": "192.0.2.80",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_at_any_depth() {
        let mut value =
            json!({"AccessKey": {"AccessKeyId": "a", "AccessKeySecret": "b"}, "List": [{"Secret": "c"}]});
        mask(&mut value);
        assert_eq!(
            value,
            json!({"AccessKey": {"AccessKeyId": "a", "AccessKeySecret": "****"}, "List": [{"Secret": "****"}]})
        );
    }

    #[test]
    fn the_last_use_comes_first_and_replaces_its_like() {
        let mut trail = Trail::default();
        for event in ["ListUsers", "GetUser", "ListUsers"] {
            trail.used("k", "Ims", event, "192.0.2.1", Timestamp::UNIX_EPOCH);
        }
        assert_eq!(trail.uses("k").map(|one| one.event).collect::<Vec<_>>(), ["ListUsers", "GetUser"]);
    }
}
