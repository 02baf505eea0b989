//! Who still calls with the key that was disabled.

use futures_util::future::{join, join_all};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::LastUse;
use crate::cloud::actiontrail::LookupEvents;
use crate::events::TrailEvent;
use crate::openapi::Session;

/// Our clock and the cloud's may differ by so much before the difference is taken for a call.
const SKEW: SignedDuration = SignedDuration::from_mins(1);
/// LookupEvents keeps 90 days; a request that reaches further back is refused.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 90 - 1);

/// A call with the disabled key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedCall {
    /// When.
    pub at: Timestamp,
    /// The service called; empty where the event does not say.
    pub service: String,
    /// What was called; empty where the event does not say.
    pub event: String,
    /// From which address; empty where the event does not say.
    pub address: String,
    /// With which program; empty where the event does not say.
    pub agent: String,
    /// The error code.
    pub code: String,
}

/// What was seen of the old key since it was disabled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Watched {
    /// Calls that failed, latest first.
    pub failed: Vec<FailedCall>,
    /// A use of the key that is later than its disabling, by the last-use records, which do not say whether it succeeded.
    pub late_use: Option<LastUse>,
    /// What could not be read, and why.
    pub unread: Vec<String>,
}

impl Watched {
    /// Whether anybody was seen to need the key.
    pub fn is_missed(&self) -> bool {
        !self.failed.is_empty() || self.late_use.is_some()
    }
}

/// When the key was disabled.
#[derive(Debug, Clone, Copy)]
pub(super) struct Disabled {
    /// When it was begun.
    pub(super) begun: Timestamp,
    /// When it was read back.
    pub(super) proved: Timestamp,
}

/// Reads what the key was used for since then. Events of regional services are kept in their own region, so all of
/// `regions` are asked; the trail is about ten minutes behind.
pub(super) async fn read(
    session: &Session,
    regions: &[String],
    (user, key): (&str, &str),
    disabled: Disabled,
    now: Timestamp,
) -> Watched {
    let start = disabled.begun.max(now - KEPT).min(now);
    let reads = regions.iter().map(|region| async move {
        let session = session.in_region(region);
        session.all(LookupEvents::by("EventAccessKeyId", key, start, now)).await.map_err(|e| e.to_string())
    });
    let (events, used) = join(join_all(reads), LastUse::read(session, user, key)).await;
    let mut watched = Watched { unread: used.unread.clone(), ..Watched::default() };
    let mut found = Vec::new();
    for read in events {
        match read {
            Ok(rows) => found.extend(rows.iter().filter_map(TrailEvent::from_value)),
            Err(why) => watched.unread.push(why),
        }
    }
    watched.failed = judge(&found, key, disabled);
    watched.late_use = used.at.is_some_and(|at| at > disabled.proved + SKEW).then_some(used);
    watched
}

/// The calls that failed because the key is disabled, latest first. A disabled key fails at the door, so once it is
/// surely disabled any error counts; about the moment of disabling itself, only one that names the key as the reason.
fn judge(events: &[TrailEvent], key: &str, disabled: Disabled) -> Vec<FailedCall> {
    let mut seen = Vec::new();
    let mut failed: Vec<FailedCall> = Vec::new();
    for event in events {
        let (Some(at), Some(code)) = (event.event_time, event.error_code.clone()) else { continue };
        // The service may have given more than was asked for.
        if event.identity.access_key_id.as_deref().is_some_and(|other| other != key) {
            continue;
        }
        // Events are dated by the second.
        let by_its_door = code.contains("AccessKey") && at.as_second() >= disabled.begun.as_second();
        if !by_its_door && at <= disabled.proved + SKEW {
            continue;
        }
        // Both central regions may have it.
        if let Some(id) = &event.event_id {
            if seen.contains(id) {
                continue;
            }
            seen.push(id.clone());
        }
        let text = |field: &Option<String>| field.clone().unwrap_or_default();
        failed.push(FailedCall {
            at,
            code,
            service: text(&event.service_name),
            event: text(&event.event_name),
            address: text(&event.source_ip),
            agent: text(&event.user_agent),
        });
    }
    failed.sort_by_key(|call| std::cmp::Reverse(call.at));
    failed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const KEY: &str = "LTAI5tOld";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn event(id: &str, second: i64, code: Option<&str>, key: &str) -> TrailEvent {
        let event = json!({
            "eventId": id, "eventName": "DescribeInstances", "serviceName": "Ecs", "errorCode": code,
            "eventTime": at(second).to_string(), "sourceIpAddress": "192.0.2.7", "userAgent": "sdk/1",
            "userIdentity": { "type": "ram-user", "accessKeyId": key },
        });
        TrailEvent::from_value(&event).unwrap()
    }

    fn judged(events: &[TrailEvent]) -> Vec<i64> {
        let disabled = Disabled { begun: at(0), proved: at(5) };
        judge(events, KEY, disabled).iter().map(|call| call.at.duration_since(at(0)).as_secs()).collect()
    }

    #[test]
    fn only_failures_of_this_key_since_then_count() {
        let inactive = Some("InvalidAccessKeyId.Inactive");
        let calls = [
            event("a", -10, inactive, KEY),
            event("b", 1, inactive, KEY),
            event("c", 100, inactive, KEY),
            event("c", 100, inactive, KEY),
            event("d", 100, inactive, "LTAI5tOther"),
            event("e", 100, None, KEY),
            event("f", 3, Some("NoPermission"), KEY),
            event("g", 200, Some("Unauthorized"), KEY),
        ];
        assert_eq!(judged(&calls), [200, 100, 1]);
        assert!(judged(&[]).is_empty());
    }

    #[test]
    fn what_was_called_is_told() {
        let disabled = Disabled { begun: at(0), proved: at(5) };
        let failed = judge(&[event("a", 9, Some("InvalidAccessKeyId.Inactive"), KEY)], KEY, disabled);
        let call = &failed[0];
        assert_eq!((&*call.service, &*call.event, &*call.address), ("Ecs", "DescribeInstances", "192.0.2.7"));
    }
}
