//! ActionTrail, 2020-07-06: who did what, and which key was used for what.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::openapi::{Action, Api, Cursor, Host, Paged, Rate};

const HOST: Host = Host::Regional("actiontrail");

/// The two regions where events of global services (RAM, IMS, sign-ins) may be kept. Which of them it is for an account
/// can be asked only with a ticket, so both are read.
pub const CENTRAL_REGIONS: [&str; 2] = ["cn-hangzhou", "ap-southeast-1"];

const fn api(name: &'static str) -> Api {
    // Quota page of ActionTrail 2020-07-06: GetAccessKeyLastUsed* 50 a second.
    Api::rpc("actiontrail", "2020-07-06", name, HOST).limit(Rate::per_second(50))
}

/// Events of the last 90 days, about ten minutes behind. Two calls a second.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct LookupEvents {
    /// The first moment, UTC, `2026-11-23T00:00:00Z`.
    pub start_time: String,
    /// The last moment.
    pub end_time: String,
    /// One condition: the service takes more in some versions only, so the rest is filtered here.
    pub lookup_attribute: Vec<LookupAttribute>,
    /// Rows in a page, at most 50.
    pub max_results: u32,
    /// Where the page starts. All other parameters must stay the same from page to page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// A condition.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct LookupAttribute {
    /// `EventName`, `EventAccessKeyId`, …
    pub key: &'static str,
    /// What it must be.
    pub value: String,
}

impl LookupEvents {
    /// All events with `key` equal to `value` from `start` to `end`.
    pub fn by(key: &'static str, value: &str, start: jiff::Timestamp, end: jiff::Timestamp) -> Self {
        let time = |at: jiff::Timestamp| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        Self {
            start_time: time(start),
            end_time: time(end),
            lookup_attribute: vec![LookupAttribute { key, value: value.to_owned() }],
            max_results: 50,
            next_token: None,
        }
    }
}

impl Action for LookupEvents {
    // "At most twice per second" (LookupEvents), for the account: both regions share it here to be safe.
    const API: Api =
        api("LookupEvents").limit(Rate::per_second(2)).shared_by_regions().needs("actiontrail:LookupEvents");
    type Response = EventPage;
}

impl Paged for LookupEvents {
    type Item = Value;

    fn start_at(&mut self, cursor: Cursor) {
        if let Cursor::Token(token) = cursor {
            self.next_token = Some(token);
        }
    }

    fn take(&self, page: EventPage, _: u64) -> (Vec<Value>, Option<Cursor>) {
        (page.events, Cursor::token(page.next_token))
    }
}

/// One page of events, each as ActionTrail writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EventPage {
    events: Vec<Value>,
    next_token: Option<String>,
}

/// When and by which service a key was last used. Refreshed hourly, 400 days kept.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetAccessKeyLastUsedInfo<'a> {
    /// The key's id.
    pub access_key: &'a str,
}

impl Action for GetAccessKeyLastUsedInfo<'_> {
    const API: Api = api("GetAccessKeyLastUsedInfo").needs("actiontrail:GetAccessKeyLastUsedInfo");
    type Response = KeyUse;
}

/// One use of a key. Fields are absent for a key that was never used.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct KeyUse {
    /// Milliseconds since 1970.
    #[serde(deserialize_with = "milliseconds")]
    pub used_timestamp: Option<i64>,
    /// The service called.
    pub service_name: Option<String>,
    /// The event, in [`GetAccessKeyLastUsedEvents`].
    pub event_name: Option<String>,
    /// The address, in [`GetAccessKeyLastUsedIps`].
    pub ip: Option<String>,
}

impl KeyUse {
    /// When, if ever.
    pub fn at(&self) -> Option<jiff::Timestamp> {
        jiff::Timestamp::from_millisecond(self.used_timestamp.filter(|at| *at > 0)?).ok()
    }
}

/// The services that a key was used with.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetAccessKeyLastUsedProducts<'a> {
    /// The key's id.
    pub access_key: &'a str,
}

impl Action for GetAccessKeyLastUsedProducts<'_> {
    const API: Api = api("GetAccessKeyLastUsedProducts").needs("actiontrail:GetAccessKeyLastUsedProducts");
    type Response = UsedProducts;
}

/// Those services.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UsedProducts {
    /// One row a service.
    pub products: Vec<KeyUse>,
}

macro_rules! used_by_service {
    ($(#[$doc:meta])* $action:ident, $name:literal, $permission:literal, $answer:ident, $rows:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Serialize)]
        #[serde(rename_all = "PascalCase")]
        pub struct $action {
            /// The key's id.
            pub access_key: String,
            /// The service.
            pub service_name: String,
            /// Where the page starts.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub next_token: Option<String>,
        }

        impl Action for $action {
            const API: Api = api($name).needs($permission);
            type Response = $answer;
        }

        impl Paged for $action {
            type Item = KeyUse;

            fn start_at(&mut self, cursor: Cursor) {
                if let Cursor::Token(token) = cursor {
                    self.next_token = Some(token);
                }
            }

            fn take(&self, page: $answer, _: u64) -> (Vec<KeyUse>, Option<Cursor>) {
                (page.$rows, Cursor::token(page.next_token))
            }
        }

        /// One page of them.
        #[derive(Debug, Clone, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub struct $answer {
            $rows: Vec<KeyUse>,
            next_token: Option<String>,
        }
    };
}

used_by_service!(
    /// What a key was used for in one service.
    GetAccessKeyLastUsedEvents, "GetAccessKeyLastUsedEvents", "actiontrail:GetAccessKeyLastUsedEvents", UsedEvents, events
);
used_by_service!(
    /// From which addresses a key was used in one service.
    GetAccessKeyLastUsedIps, "GetAccessKeyLastUsedIps", "actiontrail:GetAccessKeyLastUsedIps", UsedIps, ips
);

fn milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(match Option::<Value>::deserialize(deserializer)? {
        Some(Value::Number(number)) => number.as_i64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    })
}
