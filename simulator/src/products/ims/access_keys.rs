//! The access keys of root and of users.

use super::date_or_created;
use crate::account::{AccessKey, KeyHolder, KeyStatus};
use crate::caller::Principal;
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::product::{Answer, Asked};
use crate::settings::RoleWithoutUser;
use serde_json::{Value, json};

/// Keys of one user, and of root (GetAccountSummary, AccessKeysPerUserQuota).
pub(super) const PER_HOLDER: usize = 2;

/// What the AccessKey APIs are checked against: the user, by name without domain. A call that names none is
/// about the caller; there is no resource for root.
pub(super) fn named_user(cloud: &Cloud, asked: &Asked) -> String {
    let name = match (asked.param("UserPrincipalName"), &asked.caller.principal) {
        (Some(name), _) => name.split('@').next().unwrap_or(name),
        (None, Principal::User(name)) => name,
        (None, _) => "*",
    };
    format!("acs:ram::{}:user/{name}", cloud.account.account_id)
}

/// Whose keys a call means: those of the user it names, else of "the current user", which for root's own
/// credentials is root. What it means for a role is not documented (`Settings::role_without_user`).
pub(super) fn holder(cloud: &Cloud, asked: &Asked) -> Result<KeyHolder, ApiError> {
    let Some(given) = asked.param("UserPrincipalName") else {
        return match (&asked.caller.principal, &cloud.settings.role_without_user) {
            (Principal::Root, _) | (Principal::Role { .. }, RoleWithoutUser::ActsOnRoot) => Ok(KeyHolder::Root),
            (Principal::User(name), _) => Ok(KeyHolder::User(name.clone())),
            (Principal::Role { .. }, RoleWithoutUser::Refused { status, code }) => {
                Err(ApiError::new(*status, code.as_str(), "The user does not exist: the caller is a role."))
            }
        };
    };
    let user = given.split('@').next().unwrap_or_default();
    if cloud.account.user(user).is_some() && cloud.account.principal_name(user) == given {
        Ok(KeyHolder::User(user.into()))
    } else {
        Err(ApiError::not_exist("User", given))
    }
}

fn no_key(id: &str) -> ApiError {
    ApiError::not_exist("User.AccessKey", id)
}

/// The key that a call names, which must be one of the holder's.
pub(super) fn key<'a>(cloud: &'a Cloud, asked: &Asked) -> Result<&'a AccessKey, ApiError> {
    let id = asked.required("UserAccessKeyId");
    let keys = cloud.account.keys(&holder(cloud, asked)?);
    keys.into_iter().flatten().find(|key| key.id == id).ok_or_else(|| no_key(id))
}

/// The same key, to change it.
pub(super) fn key_mut<'a>(cloud: &'a mut Cloud, asked: &Asked) -> Result<&'a mut AccessKey, ApiError> {
    let id = asked.required("UserAccessKeyId");
    let holder = holder(cloud, asked)?;
    let keys = cloud.account.keys_mut(&holder);
    keys.into_iter().flatten().find(|key| key.id == id).ok_or_else(|| no_key(id))
}

pub(super) fn list(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let keys = cloud.account.keys(&holder(cloud, asked)?);
    let shown: Vec<Value> = keys
        .into_iter()
        .flatten()
        .map(|key| {
            json!({
                "AccessKeyId": key.id,
                "Status": key.status.word(),
                "CreateDate": key.created,
                "UpdateDate": date_or_created(key),
            })
        })
        .collect();
    Ok(json!({"AccessKeys": {"AccessKey": shown}}).into())
}

pub(super) fn last_used(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let key = key(cloud, asked)?;
    // For a key that was never used the date is empty and the service is N/A: tolerated by clients, undocumented.
    let (date, service) = cloud.last_use(key).unwrap_or((String::new(), "N/A"));
    Ok(json!({"AccessKeyLastUsed": {"LastUsedDate": date, "ServiceName": service}}).into())
}

pub(super) fn create(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let holder = holder(cloud, asked)?;
    let date = cloud.date();
    let keys = cloud.account.keys_mut(&holder).ok_or_else(|| ApiError::not_exist("User", ""))?;
    if keys.len() >= PER_HOLDER {
        let message = "The count of user access keys beyond the current limits.";
        return Err(ApiError::new(409, "LimitExceeded.User.AccessKey", message));
    }
    let key = AccessKey::new(date);
    let answer = json!({"AccessKey": {
        "AccessKeyId": key.id,
        "AccessKeySecret": key.secret,
        "Status": key.status.word(),
        "CreateDate": key.created,
    }});
    keys.push(key);
    Ok(answer.into())
}

pub(super) fn update(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let status = match asked.required("Status") {
        "Active" => KeyStatus::Active,
        "Inactive" => KeyStatus::Inactive,
        other => return Err(ApiError::invalid("Status", format!("{other} is neither Active nor Inactive"))),
    };
    let date = cloud.date();
    let key = key_mut(cloud, asked)?;
    key.status = status;
    key.updated = Some(date);
    Ok(json!({}).into())
}

/// A user's key must be Inactive before it is deleted (RAM user guide, recycle bin). Of root's no such rule
/// is documented.
pub(super) fn delete(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let holder = holder(cloud, asked)?;
    let found = key(cloud, asked)?;
    if holder != KeyHolder::Root && found.status == KeyStatus::Active {
        let message = format!("The access key is Active: {}. Disable it first.", found.id);
        return Err(ApiError::new(409, "DeleteConflict.User.AccessKey", message));
    }
    let id = found.id.clone();
    if let Some(keys) = cloud.account.keys_mut(&holder) {
        keys.retain(|key| key.id != id);
    }
    Ok(json!({}).into())
}
