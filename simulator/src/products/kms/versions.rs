//! The versions of a secret and the stages that point at them.

use super::{exists, new_version, not_found, position, usable};
use crate::account::{CURRENT, PREVIOUS, SecretVersion};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging;
use crate::product::{Answer, Asked};
use serde_json::{Value, json};
use std::sync::Arc;

/// Versions of one secret (KMS, PutSecretValue): with more, the oldest goes.
const VERSIONS: usize = 10;

fn show_stages(version: &SecretVersion) -> Value {
    json!({"VersionStage": version.stages})
}

/// The stages that a new version gets.
fn stages(asked: &Asked) -> Result<Vec<String>, ApiError> {
    let Some(text) = asked.param("VersionStages") else { return Ok(vec![CURRENT.into()]) };
    match serde_json::from_str::<Vec<String>>(text) {
        Ok(stages) if !stages.is_empty() && stages.iter().all(|stage| !stage.is_empty()) => Ok(stages),
        Ok(_) => Err(ApiError::invalid("VersionStages", "it names no stage")),
        Err(why) => Err(ApiError::invalid("VersionStages", why)),
    }
}

/// Gives a version its stages, which the others lose; the version that was current becomes the previous one.
fn promote(versions: &mut [SecretVersion], at: usize, stages: Vec<String>) {
    let moves = |stage: &String| stages.contains(stage);
    let was_current = versions.iter().position(|version| version.stages.iter().any(|stage| stage == CURRENT));
    let displaced = was_current.filter(|was| *was != at && moves(&CURRENT.to_string()));
    for version in versions.iter_mut() {
        version.stages.retain(|stage| !moves(stage) && (displaced.is_none() || stage != PREVIOUS));
    }
    if let Some(was) = displaced.filter(|_| !moves(&PREVIOUS.to_string())) {
        versions[was].stages.push(PREVIOUS.into());
    }
    versions[at].stages = stages;
}

/// The same id with the same value changes nothing; with another value it is refused (PutSecretValue).
pub(super) fn put(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let at = position(cloud, asked)?;
    let (given, stages) = (new_version(cloud, asked)?, stages(asked)?);
    let date = cloud.date();
    let secret = usable(cloud, asked)?;
    if let Some(known) = secret.versions.iter().find(|version| version.id == given.id) {
        if known.secret_data != given.secret_data || known.data_type != given.data_type {
            return Err(exists());
        }
        return Ok(answer(&secret.name, known).into());
    }
    let secret = Arc::make_mut(&mut cloud.account.secrets[at]);
    secret.versions.push(given);
    let last = secret.versions.len() - 1;
    promote(&mut secret.versions, last, stages);
    if secret.versions.len() > VERSIONS {
        // Which is the earliest where that one still has a stage is not documented.
        let unused = secret.versions.iter().position(|version| version.stages.is_empty());
        secret.versions.remove(unused.unwrap_or(0));
    }
    secret.updated = Some(date);
    Ok(secret.versions.last().map_or(json!({}), |version| answer(&secret.name, version)).into())
}

fn answer(name: &str, version: &SecretVersion) -> Value {
    json!({"SecretName": name, "VersionId": version.id, "VersionStages": show_stages(version)})
}

/// The version of an id, of a stage, or of both; the current one where neither is given.
pub(super) fn get(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let secret = usable(cloud, asked)?;
    let (id, stage) = (asked.param("VersionId"), asked.param("VersionStage"));
    let stage = stage.or(if id.is_none() { Some(CURRENT) } else { None });
    let wanted = |version: &&SecretVersion| {
        id.is_none_or(|id| version.id == id)
            && stage.is_none_or(|stage| version.stages.iter().any(|one| one == stage))
    };
    let version = secret.versions.iter().find(wanted).ok_or_else(not_found)?;
    Ok(json!({
        "SecretName": secret.name,
        "SecretType": "Generic",
        "SecretData": version.secret_data,
        "SecretDataType": version.data_type,
        "VersionId": version.id,
        "VersionStages": show_stages(version),
        "CreateTime": version.created,
    })
    .into())
}

/// Versions without a stage are deprecated, and left out unless asked for.
pub(super) fn list(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let secret = &cloud.account.secrets[position(cloud, asked)?];
    let all = asked.param("IncludeDeprecated") == Some("true");
    let size = paging::size("PageSize", asked.param("PageSize"), 20, 1..=100)?;
    let number = paging::size("PageNumber", asked.param("PageNumber"), 1, 1..=usize::MAX / 100)?;
    let versions: Vec<&SecretVersion> =
        secret.versions.iter().filter(|version| all || !version.stages.is_empty()).collect();
    let page = versions.iter().skip((number - 1) * size).take(size).map(|version| {
        json!({
            "VersionId": version.id,
            "VersionStages": show_stages(version),
            "CreateTime": version.created,
        })
    });
    Ok(json!({
        "SecretName": secret.name,
        "PageNumber": number,
        "PageSize": size,
        "TotalCount": versions.len(),
        "VersionIds": {"VersionId": page.collect::<Vec<_>>()},
    })
    .into())
}
