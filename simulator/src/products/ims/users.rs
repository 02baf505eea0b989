//! Users: lists, one user, their tags; made and deleted.

use crate::account::User;
use crate::caller::Principal;
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::ids;
use crate::paging;
use crate::product::{Answer, Asked};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Tags of one user, and of one filter (ListUsers, "Tag").
const TAGS: usize = 20;

/// What ListUsers is checked against.
pub(in crate::products) fn any(cloud: &Cloud, _: &Asked) -> String {
    format!("acs:ram::{}:user/*", cloud.account.account_id)
}

/// `Tag.N.Key` and `Tag.N.Value`, N from 1 without gaps. The value is None where none was sent.
fn sent_tags(asked: &Asked) -> Result<Vec<(String, Option<String>)>, ApiError> {
    let params = &asked.request.params;
    let sent = params.keys().filter(|name| name.split('.').next() == Some("Tag")).count();
    let mut tags = Vec::new();
    let mut read = 0;
    while let Some(key) = asked.param(&format!("Tag.{}.Key", tags.len() + 1)) {
        let value = params.get(&format!("Tag.{}.Value", tags.len() + 1)).cloned();
        read += 1 + usize::from(value.is_some());
        tags.push((key.to_string(), value));
    }
    if read != sent || tags.len() > TAGS {
        let why = format!("1 to {TAGS} tags with Key and Value, numbered from 1 without gaps");
        return Err(ApiError::invalid("Tag", why));
    }
    Ok(tags)
}

/// Which of active and frozen users a Status means.
fn states(status: Option<&str>) -> Result<(bool, bool), ApiError> {
    match status {
        None | Some("active") => Ok((true, false)),
        Some("freeze") => Ok((false, true)),
        Some("active,freeze") => Ok((true, true)),
        Some(other) => {
            Err(ApiError::invalid("Status", format!("{other} is none of active, freeze and active,freeze")))
        }
    }
}

/// The users that a list asks for: by status, active ones by default; where tags are given those of both
/// states that have all of the tags (ListUsers, "Status").
fn asked_for<'a>(cloud: &'a Cloud, asked: &Asked) -> Result<impl Iterator<Item = &'a User>, ApiError> {
    let tags = sent_tags(asked)?;
    let (active, frozen) = match states(asked.param("Status"))? {
        _ if !tags.is_empty() => (true, true),
        states => states,
    };
    let has = |user: &User, (key, value): &(String, Option<String>)| {
        user.tags.get(key).is_some_and(|found| value.as_ref().is_none_or(|value| value == found))
    };
    Ok(cloud.account.users.iter().map(AsRef::as_ref).filter(move |user: &&User| {
        (if user.frozen { frozen } else { active }) && tags.iter().all(|tag| has(user, tag))
    }))
}

fn show_tags(tags: &BTreeMap<String, String>) -> Value {
    let shown: Vec<Value> =
        tags.iter().map(|(key, value)| json!({"TagKey": key, "TagValue": value})).collect();
    json!({ "Tag": shown })
}

fn status(user: &User) -> &'static str {
    if user.frozen { "freeze" } else { "active" }
}

/// What every API says of a user; Status and UserName are in some answers only.
fn show(cloud: &Cloud, user: &User) -> Value {
    json!({
        "UserId": user.id,
        "UserPrincipalName": cloud.account.principal_name(&user.name),
        "DisplayName": user.display_name,
        "Comments": user.comments,
        "CreateDate": user.created,
        "UpdateDate": user.created,
        "LastLoginDate": user.last_sign_in,
        "ProvisionType": "Manual",
        "Tags": show_tags(&user.tags),
    })
}

pub(super) fn list(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let users = asked_for(cloud, asked)?;
    let (page, mut answer) = paging::by_marker(users, |user: &User| &user.name, asked, 1000)?;
    let shown: Vec<Value> = page
        .into_iter()
        .map(|user| {
            let mut shown = show(cloud, user);
            shown["Status"] = status(user).into();
            shown
        })
        .collect();
    answer.insert("Users".into(), json!({"User": shown}));
    Ok(Value::Object(answer).into())
}

pub(super) fn list_basic_infos(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    // ListUsers takes both and goes by the tags; here they exclude each other (both APIs, "Status").
    if asked.param("Status").is_some() && !sent_tags(asked)?.is_empty() {
        return Err(ApiError::invalid("Status", "it is given together with Tag"));
    }
    let users = asked_for(cloud, asked)?;
    let (page, mut answer) = paging::by_marker(users, |user: &User| &user.name, asked, 100)?;
    let shown: Vec<Value> = page
        .into_iter()
        .map(|user| {
            json!({
                "UserId": user.id,
                "UserPrincipalName": cloud.account.principal_name(&user.name),
                "DisplayName": user.display_name,
                "Status": status(user),
            })
        })
        .collect();
    answer.insert("UserBasicInfos".into(), json!({"UserBasicInfo": shown}));
    Ok(Value::Object(answer).into())
}

pub(super) fn get(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let account = &cloud.account;
    let found = if let Some(name) = asked.param("UserPrincipalName") {
        account.users.iter().find(|user| account.principal_name(&user.name) == name)
    } else if let Some(id) = asked.param("UserId") {
        account.users.iter().find(|user| user.id == id)
    } else if let Some(id) = asked.param("UserAccessKeyId") {
        account.users.iter().find(|user| user.keys.iter().any(|key| key.id == id))
    } else if let Principal::User(name) = &asked.caller.principal {
        account.users.iter().find(|user| user.name == *name)
    } else {
        let message = "UserPrincipalName is mandatory for this action.";
        return Err(ApiError::new(400, "MissingUserPrincipalName", message));
    };
    let found = found.ok_or_else(|| {
        let given = ["UserPrincipalName", "UserId", "UserAccessKeyId"].iter().find_map(|name| asked.param(name));
        ApiError::not_exist("User", given.unwrap_or_default())
    })?;
    let mut shown = show(cloud, found);
    shown["UserName"] = found.name.as_str().into();
    Ok(json!({"User": shown}).into())
}

/// The user that a call names, by exactly one of UserPrincipalName and UserId.
fn of_either<'a>(cloud: &'a Cloud, asked: &Asked) -> Result<&'a User, ApiError> {
    let users = || cloud.account.users.iter().map(AsRef::as_ref);
    let (given, found) = match (asked.param("UserPrincipalName"), asked.param("UserId")) {
        (Some(name), None) => (name, users().find(|user| cloud.account.principal_name(&user.name) == name)),
        (None, Some(id)) => (id, users().find(|user| user.id == id)),
        _ => {
            let message = "Exactly one of UserPrincipalName and UserId must be given.";
            return Err(ApiError::new(400, "InvalidParameterCombination", message));
        }
    };
    found.ok_or_else(|| ApiError::not_exist("User", given))
}

/// What DeleteUser is checked against.
pub(super) fn either(cloud: &Cloud, asked: &Asked) -> String {
    let name = of_either(cloud, asked).map_or("*", |user| &user.name);
    format!("acs:ram::{}:user/{name}", cloud.account.account_id)
}

/// A text of a parameter with bounds on its length.
fn bounded<'a>(asked: &'a Asked, name: &str, longest: usize) -> Result<&'a str, ApiError> {
    let text = asked.param(name).unwrap_or_default();
    if text.chars().count() > longest {
        return Err(ApiError::invalid(name, format!("it has more than {longest} characters")));
    }
    Ok(text)
}

/// The name of a user that is to be made, of `<name>@<account>.onaliyun.com`.
fn new_name<'a>(cloud: &Cloud, asked: &'a Asked) -> Result<&'a str, ApiError> {
    let given = asked.required("UserPrincipalName");
    let name = given.split('@').next().unwrap_or_default();
    let fits = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    if !(1..=64).contains(&name.len())
        || !name.chars().all(fits)
        || cloud.account.principal_name(name) != given
    {
        let why = "1 to 64 letters, digits and .-_, then @ and the default domain of the account";
        return Err(ApiError::invalid("UserPrincipalName", why));
    }
    if cloud.account.user(name).is_some() {
        let message = format!("The user already exists: {given}.");
        return Err(ApiError::new(409, "EntityAlreadyExists.User", message));
    }
    Ok(name)
}

/// Email and MobilePhone are taken and not kept.
pub(super) fn create(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let user = User {
        name: new_name(cloud, asked)?.into(),
        id: ids::user_id(),
        display_name: bounded(asked, "DisplayName", 24)?.into(),
        comments: bounded(asked, "Comments", 128)?.into(),
        created: cloud.date(),
        tags: sent_tags(asked)?.into_iter().map(|(key, value)| (key, value.unwrap_or_default())).collect(),
        ..User::default()
    };
    let shown = show(cloud, &user);
    cloud.account.add_user(user);
    Ok(json!({"User": shown}).into())
}

/// A user must have neither keys nor policies (RAM, DeleteUser; IMS does not say).
pub(super) fn delete(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let user = of_either(cloud, asked)?;
    let name = user.name.clone();
    for (kept, entity) in [(!user.keys.is_empty(), "AccessKey"), (!user.policies.is_empty(), "Policy")] {
        if kept {
            let message = format!("The user still has one: {}.", entity.to_lowercase());
            return Err(ApiError::new(409, format!("DeleteConflict.User.{entity}"), message));
        }
    }
    cloud.account.users.retain(|user| user.name != name);
    Ok(json!({}).into())
}
