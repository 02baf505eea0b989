//! Resource Access Management, RAM 2015-05-01: users are named by UserName.

use super::ims::{any_user, date_or_created};
use crate::account::{Policy, PolicyKind, Role, User};
use crate::caller::Principal;
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging;
use crate::product::{self, Answer, Api, Asked, Product, named_host};
use serde_json::{Value, json};

pub(crate) static PRODUCT: Product = Product {
    name: "ram",
    service: "Ram",
    version: "2015-05-01",
    serves: |host| named_host(&["ram"], host),
    identify: product::identify,
    translate: |error| error,
    refuse: product::refuse,
    request_id_header: "x-acs-request-id",
    key_policies: true,
    global: true,
    management: true,
    apis: &[
        Api::read("ListUsers", list_users).optional(&["Marker", "MaxItems"]).needs("ram:ListUsers", any_user),
        Api::read("ListAccessKeys", list_access_keys)
            .optional(&["UserName"])
            .needs("ram:ListAccessKeys", named_user),
        Api::read("ListRoles", list_roles)
            .optional(&["Marker", "MaxItems", "Tag"])
            .needs("ram:ListRoles", |cloud, _| format!("acs:ram::{}:role/*", cloud.account.account_id)),
        Api::read("GetRole", get_role).required(&["RoleName"]).needs("ram:GetRole", named_role),
        Api::read("ListPoliciesForRole", list_policies_for_role)
            .required(&["RoleName"])
            .needs("ram:ListPoliciesForRole", named_role),
        Api::read("ListPoliciesForUser", list_policies_for_user)
            .optional(&["UserName"])
            .needs("ram:ListPoliciesForUser", named_user),
    ],
};

fn named_user(cloud: &Cloud, asked: &Asked) -> String {
    format!("acs:ram::{}:user/{}", cloud.account.account_id, asked.param("UserName").unwrap_or("*"))
}

fn named_role(cloud: &Cloud, asked: &Asked) -> String {
    format!("acs:ram::{}:role/{}", cloud.account.account_id, asked.required("RoleName"))
}

/// The user that a call names, or the user that calls.
fn user<'a>(cloud: &'a Cloud, asked: &Asked) -> Result<&'a User, ApiError> {
    let name = match (asked.param("UserName"), &asked.caller.principal) {
        (Some(name), _) => name,
        (None, Principal::User(name)) => name,
        _ => return Err(ApiError::new(400, "MissingUserName", "UserName is mandatory for this action.")),
    };
    cloud.account.user(name).ok_or_else(|| ApiError::not_exist("User", name))
}

fn role<'a>(cloud: &'a Cloud, asked: &Asked) -> Result<&'a Role, ApiError> {
    let name = asked.required("RoleName");
    cloud.account.role(name).ok_or_else(|| ApiError::not_exist("Role", name))
}

fn list_users(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let users = cloud.account.users.iter().map(AsRef::as_ref);
    let (page, mut answer) = paging::by_marker(users, |user: &User| &user.name, asked, 100)?;
    let shown: Vec<Value> = page
        .into_iter()
        .map(|user| {
            json!({
                "UserId": user.id,
                "UserName": user.name,
                "DisplayName": user.display_name,
                "Comments": user.comments,
                "CreateDate": user.created,
                "UpdateDate": user.created,
            })
        })
        .collect();
    answer.insert("Users".into(), json!({"User": shown}));
    Ok(Value::Object(answer).into())
}

fn list_access_keys(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let keys: Vec<Value> = user(cloud, asked)?
        .keys
        .iter()
        .map(|key| {
            json!({
                "AccessKeyId": key.id,
                "Status": key.status.word(),
                "CreateDate": key.created,
                "UpdateDate": date_or_created(key),
            })
        })
        .collect();
    Ok(json!({"AccessKeys": {"AccessKey": keys}}).into())
}

fn show_role(account: &str, role: &Role) -> Value {
    json!({
        "RoleId": role.id,
        "RoleName": role.name,
        "Arn": format!("acs:ram::{account}:role/{}", role.name.to_lowercase()),
        "Description": role.description,
        "CreateDate": role.created,
        "UpdateDate": role.created,
        "MaxSessionDuration": role.max_session_duration,
    })
}

fn list_roles(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let account = &cloud.account;
    let roles = account.roles.iter().map(AsRef::as_ref);
    let (page, mut answer) = paging::by_marker(roles, |role: &Role| &role.name, asked, 100)?;
    let shown: Vec<Value> = page.into_iter().map(|role| show_role(&account.account_id, role)).collect();
    answer.insert("Roles".into(), json!({"Role": shown}));
    Ok(Value::Object(answer).into())
}

fn get_role(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let role = role(cloud, asked)?;
    let mut shown = show_role(&cloud.account.account_id, role);
    let document = serde_json::to_string(&role.trust).map_err(|e| ApiError::new(500, "InternalError", e.to_string()))?;
    shown["AssumeRolePolicyDocument"] = document.into();
    Ok(json!({"Role": shown}).into())
}

fn list_policies_for_role(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let role = role(cloud, asked)?;
    Ok(attached(cloud, &role.policies, &role.created))
}

fn list_policies_for_user(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let user = user(cloud, asked)?;
    Ok(attached(cloud, &user.policies, &user.created))
}

/// When a policy was attached is not kept: it counts as attached when its holder was made.
fn attached(cloud: &Cloud, names: &[String], date: &str) -> Answer {
    let show = |policy: &Policy| {
        json!({
            "PolicyName": policy.name,
            "PolicyType": match policy.kind {
                PolicyKind::System => "System",
                PolicyKind::Custom => "Custom",
            },
            "Description": policy.description,
            "DefaultVersion": "v1",
            "AttachDate": date,
        })
    };
    let policies = cloud.account.policies.iter().filter(|policy| names.contains(&policy.name));
    let shown: Vec<Value> = policies.map(|policy| show(policy)).collect();
    json!({"Policies": {"Policy": shown}}).into()
}
