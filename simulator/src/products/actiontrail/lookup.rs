//! LookupEvents: 90 days, both times or neither, one condition, at most 50 events a page, two calls a second.

use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::ids;
use crate::paging;
use crate::product::{Answer, Asked};
use crate::signature::sha256_hex;
use crate::trail::is_global;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// The time range where none is given.
const RECENT: SignedDuration = SignedDuration::from_hours(7 * 24);

pub(super) fn lookup_events(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    throttle(cloud)?;
    let (start, end) = time_range(asked, cloud.now())?;
    let condition = condition(asked)?;
    let forward = match asked.param("Direction") {
        None | Some("BACKWARD") => false,
        Some("FORWARD") => true,
        Some(other) => return Err(ApiError::invalid("Direction", format!("{other} is unknown"))),
    };
    let size = paging::size("MaxResults", asked.param("MaxResults"), 20, 0..=50)?;
    let binding = binding(asked);
    let after = asked.param("NextToken").map(|token| position(token, &binding)).transpose()?;

    let region = asked.request.region.as_deref().unwrap_or("cn-hangzhou");
    let delay = cloud.settings.events_delay;
    let recorded = cloud.trail.events.iter().filter(|(at, _)| at.elapsed() >= delay).map(|(_, event)| event);
    // Times are to the second: the order of recording decides among equals.
    let mut events: Vec<(String, &Value)> = (cloud.account.events.iter().chain(recorded).enumerate())
        .map(|(number, event)| (format!("{}#{number:09}", text(event, "eventTime")), event))
        .filter(|(_, event)| {
            let kept_here = if event["isGlobal"] == true || is_global(text(event, "serviceName")) {
                cloud.settings.events_region.includes(region)
            } else {
                text(event, "acsRegion") == region
            };
            let within = text(event, "eventTime").parse::<Timestamp>().is_ok_and(|t| start <= t && t <= end);
            kept_here && within && condition.as_ref().is_none_or(|(key, value)| meets(event, key, value))
        })
        .collect();
    events.sort_by(|a, b| a.0.cmp(&b.0));
    if !forward {
        events.reverse();
    }
    let mut rest = events.iter().skip_while(|(place, _)| match &after {
        Some(after) if forward => place <= after,
        Some(after) => place >= after,
        None => false,
    });
    let page: Vec<&(String, &Value)> = rest.by_ref().take(size).collect();
    let mut answer = json!({
        "StartTime": ids::date(start),
        "EndTime": ids::date(end),
        "Events": page.iter().map(|(_, event)| *event).collect::<Vec<_>>(),
    });
    if let (Some((last, _)), true) = (page.last(), rest.next().is_some()) {
        answer["NextToken"] = paging::token(&format!("{binding}|{last}")).into();
    }
    Ok(answer.into())
}

fn text<'a>(event: &'a Value, name: &str) -> &'a str {
    event[name].as_str().unwrap_or_default()
}

/// The limit is one of the account: whether each region has its own is not documented.
fn throttle(cloud: &mut Cloud) -> Result<(), ApiError> {
    let allowed = cloud.settings.lookups_per_second as usize;
    cloud.lookups.retain(|at| at.elapsed() < Duration::from_secs(1));
    if allowed > 0 && cloud.lookups.len() >= allowed {
        return Err(ApiError::throttled());
    }
    cloud.lookups.push_back(Instant::now());
    Ok(())
}

fn time_range(asked: &Asked, now: Timestamp) -> Result<(Timestamp, Timestamp), ApiError> {
    let time = |name| {
        asked.param(name).map(|text| match text.parse::<Timestamp>() {
            Ok(time) if text.len() == 20 && text.ends_with('Z') => Ok(time),
            _ => Err(ApiError::invalid(name, format!("{text} is not yyyy-MM-ddTHH:mm:ssZ"))),
        })
    };
    let (start, end) = match (time("StartTime").transpose()?, time("EndTime").transpose()?) {
        (Some(start), Some(end)) => (start, end),
        (None, None) => (now - RECENT, now),
        _ => {
            let message = "StartTime and EndTime must be given together.";
            return Err(ApiError::new(400, "InvalidParameterCombination", message));
        }
    };
    // A minute's grace: the caller's "90 days ago" was computed before the call arrived.
    if start > end || start < now - KEPT - SignedDuration::from_mins(1) {
        let message = "The time range must be ordered and within the last 90 days.";
        return Err(ApiError::new(400, "InvalidTimeRange", message));
    }
    Ok((start, end))
}

/// The one condition: documents differ on whether two are allowed, so that two are refused.
fn condition(asked: &Asked) -> Result<Option<(String, String)>, ApiError> {
    let given = |part: &str| {
        let found = asked.request.params.iter().filter(move |(name, _)| {
            name.strip_prefix("LookupAttribute.").is_some_and(|rest| rest.ends_with(part))
        });
        found.collect::<Vec<_>>()
    };
    let (keys, values) = (given(".Key"), given(".Value"));
    match (&keys[..], &values[..]) {
        ([], []) => Ok(None),
        ([(_, key)], [(_, value)]) if KEYS.contains(&key.as_str()) => Ok(Some(((*key).clone(), (*value).clone()))),
        ([(_, key)], [_]) => Err(ApiError::invalid("LookupAttribute", format!("{key} is no key"))),
        _ => {
            let message = "Exactly one LookupAttribute with Key and Value is allowed.";
            Err(ApiError::new(400, "InvalidParameterCombination", message))
        }
    }
}

const KEYS: [&str; 8] = [
    "ServiceName",
    "EventName",
    "User",
    "EventId",
    "ResourceType",
    "ResourceName",
    "EventRW",
    "EventAccessKeyId",
];

fn meets(event: &Value, key: &str, value: &str) -> bool {
    let referenced = || event["referencedResources"].as_object().into_iter().flatten();
    match key {
        "ServiceName" => event["serviceName"] == value,
        "EventName" => event["eventName"] == value,
        "EventId" => event["eventId"] == value,
        "EventRW" => event["eventRW"] == value,
        "User" => event["userIdentity"]["userName"] == value,
        "EventAccessKeyId" => event["userIdentity"]["accessKeyId"] == value,
        "ResourceType" => event["resourceType"] == value || referenced().any(|(kind, _)| kind == value),
        _ => {
            event["resourceName"] == value
                || referenced().any(|(_, names)| names.as_array().into_iter().flatten().any(|name| name == value))
        }
    }
}

/// A digest of the parameters that must stay the same from page to page.
fn binding(asked: &Asked) -> String {
    let params = asked.request.params.iter().filter(|(name, _)| *name != "NextToken");
    let all: Vec<String> = params.map(|(name, value)| format!("{name}={value}")).collect();
    sha256_hex(all.join("&").as_bytes())[..16].into()
}

fn position(token: &str, binding: &str) -> Result<String, ApiError> {
    let refused = || {
        let message = "NextToken is valid only with the parameters of the request that returned it.";
        ApiError::new(400, "InvalidNextToken", message)
    };
    let content = paging::after("NextToken", token).map_err(|_| refused())?;
    match content.split_once('|') {
        Some((bound, place)) if bound == binding => Ok(place.into()),
        _ => Err(refused()),
    }
}
