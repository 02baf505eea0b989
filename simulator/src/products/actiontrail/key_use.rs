//! GetAccessKeyLastUsedInfo, ...Products, ...Events and ...Ips.

use crate::account::{AccessKey, KeyHolder};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging;
use crate::product::{Answer, Asked};
use crate::trail::Use;
use serde_json::{Value, json};

/// What the asked key did that may be seen by now, latest first; with the asked service only, if one is asked.
fn seen<'a>(cloud: &'a Cloud, asked: &'a Asked) -> impl Iterator<Item = &'a Use> {
    let delay = cloud.settings.key_use_delay;
    cloud.trail.uses(asked.required("AccessKey")).filter(move |one| {
        one.at.elapsed() >= delay && asked.param("ServiceName").is_none_or(|service| service == one.service)
    })
}

fn row(one: &Use) -> Value {
    used_at(one.time)
}

fn used_at(time: jiff::Timestamp) -> Value {
    json!({"UsedTimestamp": time.as_millisecond(), "Source": "ManagementEvent", "Detail": ""})
}

/// The use of a key that the account file tells of: when, and for which service.
fn before_start(key: &AccessKey) -> Option<(&str, Value)> {
    let at = key.last_used.as_ref()?.parse().ok()?;
    Some((key.last_service.as_deref().unwrap_or_default(), used_at(at)))
}

fn with_service(mut row: Value, service: &str) -> Value {
    for name in ["ServiceName", "ServiceNameEn", "ServiceNameCn"] {
        row[name] = service.into();
    }
    row
}

pub(super) fn info(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let id = asked.required("AccessKey");
    let account = &cloud.account;
    let (kind, name, file) = match account.key(id) {
        Some((KeyHolder::Root, key)) => ("root-account", "root".into(), Some(key)),
        Some((KeyHolder::User(name), key)) => ("ram-user", name, Some(key)),
        None => ("", String::new(), None),
    };
    let mut answer = match (seen(cloud, asked).next(), file) {
        (Some(one), _) => with_service(row(one), one.service),
        (None, Some(key)) => before_start(key).map_or(json!({}), |(service, row)| with_service(row, service)),
        (None, None) => json!({}),
    };
    for (field, value) in [
        ("AccessKeyId", id),
        ("AccountId", &account.account_id),
        ("OwnerId", &account.account_id),
        ("AccountType", kind),
        ("UserName", &name),
    ] {
        answer[field] = value.into();
    }
    Ok(answer.into())
}

pub(super) fn products(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let mut rows = latest(cloud, asked, |one| one.service.to_string());
    if let Some((service, row)) =
        cloud.account.key(asked.required("AccessKey")).and_then(|(_, key)| before_start(key))
        && rows.iter().all(|(known, _)| known != service)
    {
        rows.push((service.into(), row));
    }
    let rows: Vec<Value> = rows.into_iter().map(|(service, row)| with_service(row, &service)).collect();
    Ok(json!({"Products": rows}).into())
}

pub(super) fn events(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    paged(cloud, asked, "Events", "EventName", |one| one.event.to_string())
}

pub(super) fn addresses(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    paged(cloud, asked, "Ips", "Ip", |one| one.source.clone())
}

/// The latest use for each name, latest first.
fn latest(cloud: &Cloud, asked: &Asked, name: impl Fn(&Use) -> String) -> Vec<(String, Value)> {
    let mut rows: Vec<(String, Value)> = Vec::new();
    for one in seen(cloud, asked) {
        let name = name(one);
        if rows.iter().all(|(known, _)| *known != name) {
            rows.push((name, row(one)));
        }
    }
    rows
}

fn paged(
    cloud: &Cloud,
    asked: &Asked,
    list: &str,
    field: &str,
    name: impl Fn(&Use) -> String,
) -> Result<Answer, ApiError> {
    let size = paging::size("PageSize", asked.param("PageSize"), 20, 1..=100)?;
    let mut rows = latest(cloud, asked, name);
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    let after = asked.param("NextToken").map(|token| paging::after("NextToken", token)).transpose()?;
    let (page, last) = paging::page(rows.iter(), |(name, _)| name.as_str(), after.as_deref(), size);
    let shown = page.into_iter().map(|(name, row)| {
        let mut row = row.clone();
        row[field] = name.as_str().into();
        row
    });
    let mut answer = json!({ list: shown.collect::<Vec<_>>() });
    if let Some(last) = last {
        answer["NextToken"] = paging::token(&last).into();
    }
    Ok(answer.into())
}
