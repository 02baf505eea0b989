//! Security Token Service, STS 2015-04-01.

use crate::account::{Session, TrustStatement};
use crate::caller::Principal;
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::ids;
use crate::permission::Document;
use crate::product::{self, Answer, Api, Asked, Product, named_host};
use jiff::SignedDuration;
use serde_json::json;
use std::sync::Arc;

pub(crate) static PRODUCT: Product = Product {
    name: "sts",
    service: "Sts",
    version: "2015-04-01",
    serves: |host| named_host(&["sts"], host),
    identify: product::identify,
    translate: |error| error,
    refuse: product::refuse,
    request_id_header: "x-acs-request-id",
    key_policies: true,
    global: false,
    management: true,
    apis: &[
        // Every caller may ask who it is.
        Api::read("GetCallerIdentity", caller_identity),
        // The trail's management events of STS are left out: the session is credentials, not a setting.
        Api::data_write("AssumeRole", assume_role)
            .required(&["RoleArn", "RoleSessionName"])
            .optional(&["DurationSeconds", "ExternalId", "Policy", "SourceIdentity"])
            .needs("sts:AssumeRole", |_, asked| asked.required("RoleArn").into()),
    ],
};

fn caller_identity(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let account = &cloud.account.account_id;
    let (principal, _) = cloud.principal_ids(asked.caller);
    let answer = match &asked.caller.principal {
        Principal::Root => json!({
            "IdentityType": "Account",
            "Arn": format!("acs:ram::{account}:root"),
            "UserId": account,
            "PrincipalId": principal,
            "AccountId": account,
        }),
        Principal::User(name) => json!({
            "IdentityType": "RAMUser",
            "Arn": format!("acs:ram::{account}:user/{name}"),
            "UserId": principal,
            "PrincipalId": principal,
            "AccountId": account,
        }),
        Principal::Role { role, session } => json!({
            "IdentityType": "AssumedRoleUser",
            "Arn": format!("acs:ram::{account}:assumed-role/{role}/{session}"),
            "RoleId": principal.split(':').next(),
            "PrincipalId": principal,
            "AccountId": account,
        }),
    };
    Ok(answer.into())
}

fn assume_role(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let arn = asked.required("RoleArn");
    let name = asked.required("RoleSessionName");
    let fits = |c: char| c.is_ascii_alphanumeric() || "-.@_".contains(c);
    if !(2..=64).contains(&name.len()) || !name.chars().all(fits) {
        return Err(ApiError::invalid("RoleSessionName", "2 to 64 letters, digits and -.@_"));
    }
    let account = cloud.account.account_id.clone();
    let role = arn
        .strip_prefix(&format!("acs:ram::{account}:role/"))
        .and_then(|role| cloud.account.role(role))
        .ok_or_else(|| ApiError::not_exist("Role", arn))?;
    let caller = match &asked.caller.principal {
        Principal::Root => {
            return Err(ApiError::new(403, "NoPermission", "Roles may not be assumed by root accounts."));
        }
        Principal::User(user) => format!("acs:ram::{account}:user/{user}"),
        Principal::Role { role, .. } => format!("acs:ram::{account}:role/{role}"),
    };
    let root = format!("acs:ram::{account}:root");
    if !role.trust.statement.iter().any(|statement| trusts(statement, &[&caller, &root])) {
        return Err(ApiError::no_permission());
    }
    let longest = role.max_session_duration as usize;
    let seconds = crate::paging::size(
        "DurationSeconds",
        asked.param("DurationSeconds"),
        longest.min(3600),
        900..=longest,
    )?;
    let policy = asked.param("Policy").map(Document::parse).transpose();
    let policy = policy.map_err(|why| ApiError::invalid("Policy", why))?;
    let ends = cloud.now().saturating_add(SignedDuration::from_secs(seconds as i64));
    let expires = ids::date(ends.map_err(|why| ApiError::invalid("DurationSeconds", why))?);
    let session = Session {
        id: format!("STS.N{}", ids::random_hex(12)),
        secret: format!("example-{}", ids::random_hex(18)),
        token: format!("example-token-{}", ids::random_hex(48)),
        name: name.into(),
        expires: Some(expires.clone()),
        policy,
        calls_from: Some(asked.caller.source),
        calls_from_vpc: asked.caller.vpc.clone(),
    };
    let role_name = role.name.clone();
    let answer = json!({
        "AssumedRoleUser": {
            "Arn": format!("acs:ram::{account}:role/{role_name}/{name}"),
            "AssumedRoleId": format!("{}:{name}", role.id),
        },
        "Credentials": {
            "AccessKeyId": session.id,
            "AccessKeySecret": session.secret,
            "SecurityToken": session.token,
            "Expiration": expires,
        },
    });
    if let Some(role) = cloud.account.roles.iter_mut().find(|role| role.name == role_name) {
        Arc::make_mut(role).sessions.push(session);
    }
    Ok(answer.into())
}

/// Whether a statement of a trust policy names one of these principals: the caller, or its whole account.
fn trusts(statement: &TrustStatement, principals: &[&str]) -> bool {
    statement.effect == "Allow"
        && statement.action.iter().any(|action| action.eq_ignore_ascii_case("sts:AssumeRole"))
        && statement
            .principal
            .get("RAM")
            .is_some_and(|named| named.iter().any(|one| principals.contains(&one.as_str()) || one == "*"))
}
