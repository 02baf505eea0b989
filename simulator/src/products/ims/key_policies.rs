//! AccessKey network policies: of one key and of the account. Writes bind at once, reads lag
//! (`Settings::policy_read_lag`).

use super::access_keys::{key, key_mut};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::network_policy::NetworkPolicy;
use crate::product::{Answer, Asked};
use crate::settings::PolicyMissing;
use serde_json::json;
use std::sync::Arc;
use std::time::Instant;

/// The account in the history of replaced policies, where keys have their ids.
const ACCOUNT: &str = "";

fn parse(asked: &Asked) -> Result<NetworkPolicy, ApiError> {
    NetworkPolicy::parse(asked.required("AccessKeyPolicy"))
        .map_err(|why| ApiError::invalid("AccessKeyPolicy", why))
}

fn text(policy: &NetworkPolicy) -> Result<String, ApiError> {
    serde_json::to_string(policy).map_err(|error| ApiError::new(500, "InternalError", error.to_string()))
}

/// What a read shows: the policy that stood before the first change that is too young to be seen.
fn visible(
    cloud: &Cloud,
    asked: &Asked,
    whose: &str,
    current: Option<NetworkPolicy>,
) -> Option<NetworkPolicy> {
    let lag = cloud.settings.policy_read_lag;
    if asked.stale {
        return current;
    }
    let young = cloud.replaced_policies.get(whose).into_iter().flatten().find(|(at, _)| at.elapsed() < lag);
    young.map_or(current, |(_, before)| before.clone())
}

fn replaced(cloud: &mut Cloud, whose: &str, before: Option<NetworkPolicy>) {
    cloud.replaced_policies.entry(whose.into()).or_default().push((Instant::now(), before));
}

pub(super) fn get(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let key = key(cloud, asked)?;
    let id = key.id.clone();
    let policy = match (visible(cloud, asked, &id, key.policy.clone()), cloud.settings.policy_missing) {
        (Some(policy), _) => policy,
        (None, PolicyMissing::Baseline) => NetworkPolicy::baseline(),
        (None, PolicyMissing::NotExist) => return Err(ApiError::not_exist("AccessKeyPolicy", &id)),
    };
    Ok(json!({"AccessKeyId": id, "AccessKeyPolicy": text(&policy)?}).into())
}

pub(super) fn set(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let policy = parse(asked)?;
    let shown = text(&policy)?;
    let key = key_mut(cloud, asked)?;
    let id = key.id.clone();
    let before = key.policy.replace(policy);
    replaced(cloud, &id, before);
    Ok(json!({"AccessKeyId": id, "AccessKeyPolicy": shown}).into())
}

pub(super) fn get_for_account(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let current = cloud.account.access_key_policy.as_deref().cloned();
    let policy = visible(cloud, asked, ACCOUNT, current).unwrap_or_else(NetworkPolicy::baseline);
    Ok(json!({"AccessKeyPolicy": text(&policy)?}).into())
}

pub(super) fn set_for_account(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let policy = parse(asked)?;
    let shown = text(&policy)?;
    let before = cloud.account.access_key_policy.replace(Arc::new(policy));
    replaced(cloud, ACCOUNT, before.as_deref().cloned());
    Ok(json!({"AccessKeyPolicy": shown}).into())
}
