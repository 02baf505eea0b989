//! Key Management Service, KMS 2016-01-20: generic secrets. No keys: what encrypts a secret is not simulated.

mod versions;

use crate::account::{CURRENT, Secret, SecretVersion};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::ids;
use crate::paging;
use crate::product::{self, Answer, Api, Asked, Product, named_host};
use jiff::SignedDuration;
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(crate) static PRODUCT: Product = Product {
    name: "kms",
    service: "Kms",
    version: "2016-01-20",
    serves: |host| named_host(&["kms"], host),
    identify: product::identify,
    translate,
    refuse: product::refuse,
    request_id_header: "x-acs-request-id",
    key_policies: true,
    global: false,
    management: true,
    apis: &[
        Api::write("CreateSecret", create)
            .required(&["SecretName", "VersionId", "SecretData"])
            .optional(&[
                "SecretDataType",
                "SecretType",
                "Description",
                "EncryptionKeyId",
                "DKMSInstanceId",
                "EnableAutomaticRotation",
                "Tags",
            ])
            .needs("kms:CreateSecret", one_secret),
        Api::write("PutSecretValue", versions::put)
            .required(&["SecretName", "VersionId", "SecretData"])
            .optional(&["SecretDataType", "VersionStages"])
            .needs("kms:PutSecretValue", one_secret),
        Api::read("GetSecretValue", versions::get)
            .required(&["SecretName"])
            .optional(&["VersionId", "VersionStage", "FetchExtendedConfig"])
            .needs("kms:GetSecretValue", one_secret),
        Api::read("DescribeSecret", describe)
            .required(&["SecretName"])
            .optional(&["FetchTags"])
            .needs("kms:DescribeSecret", one_secret),
        Api::read("ListSecretVersionIds", versions::list)
            .required(&["SecretName"])
            .optional(&["IncludeDeprecated", "PageNumber", "PageSize"])
            .needs("kms:ListSecretVersionIds", one_secret),
        Api::write("DeleteSecret", delete)
            .required(&["SecretName"])
            .optional(&["ForceDeleteWithoutRecovery", "RecoveryWindowInDays"])
            .needs("kms:DeleteSecret", one_secret),
    ],
};

/// KMS has codes of its own for permissions and flow control (KMS, "Common error codes").
fn translate(error: ApiError) -> ApiError {
    let (status, code, message) = match error.code.as_str() {
        "NoPermission" => {
            (403, "Forbidden.NoPermission", "This operation is forbidden by permission system.")
        }
        "Throttling.User" => (429, "Rejected.Throttling", "QPS Limit Exceeded"),
        _ => return error,
    };
    ApiError { status, code: code.into(), message: message.into(), ..error }
}

fn region<'a>(asked: &'a Asked) -> &'a str {
    asked.request.region.as_deref().unwrap_or("cn-hangzhou")
}

fn arn(cloud: &Cloud, region: &str, name: &str) -> String {
    format!("acs:kms:{region}:{}:secret/{name}", cloud.account.account_id)
}

/// The name of the secret that a call means, by name or ARN.
fn name<'a>(cloud: &Cloud, asked: &'a Asked) -> &'a str {
    let given = asked.required("SecretName");
    given.strip_prefix(&arn(cloud, region(asked), "")).unwrap_or(given)
}

fn one_secret(cloud: &Cloud, asked: &Asked) -> String {
    arn(cloud, region(asked), name(cloud, asked))
}

fn not_found() -> ApiError {
    ApiError::new(404, "Forbidden.ResourceNotFound", "The specified resource is not found.")
}

fn exists() -> ApiError {
    ApiError::new(409, "Rejected.ResourceExist", "The specified resource already exists.")
}

/// Where the secret is that a call names.
fn position(cloud: &Cloud, asked: &Asked) -> Result<usize, ApiError> {
    let (region, name) = (region(asked), name(cloud, asked));
    let mut secrets = cloud.account.secrets.iter();
    secrets.position(|secret| secret.region == region && secret.name == name).ok_or_else(not_found)
}

/// The secret, which must not be about to be deleted.
fn usable<'a>(cloud: &'a Cloud, asked: &Asked) -> Result<&'a Secret, ApiError> {
    let secret = &cloud.account.secrets[position(cloud, asked)?];
    match &secret.deleted {
        None => Ok(secret),
        Some(_) => {
            let message = "The specified resource is pending deletion.";
            Err(ApiError::new(409, "Rejected.PendingDeletion", message))
        }
    }
}

/// The new version that a call brings, without stages.
fn new_version(cloud: &Cloud, asked: &Asked) -> Result<SecretVersion, ApiError> {
    let (id, data) = (asked.required("VersionId"), asked.required("SecretData"));
    let data_type = asked.param("SecretDataType").unwrap_or("text");
    if id.len() > 64 {
        return Err(ApiError::invalid("VersionId", "it has more than 64 characters"));
    }
    if data.len() > 30720 {
        return Err(ApiError::invalid("SecretData", "it has more than 30720 bytes"));
    }
    if !["text", "binary"].contains(&data_type) {
        return Err(ApiError::invalid("SecretDataType", "it is neither text nor binary"));
    }
    Ok(SecretVersion {
        id: id.into(),
        secret_data: data.into(),
        data_type: data_type.into(),
        stages: Vec::new(),
        created: cloud.date(),
    })
}

fn create(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let name = asked.required("SecretName");
    let fits = |c: char| c.is_ascii_alphanumeric() || "_/+=.-@".contains(c);
    if name.len() > 192 || !name.chars().all(fits) || name.starts_with("acs/") {
        return Err(ApiError::invalid("SecretName", "up to 192 letters, digits and _/+=.-@, not after acs/"));
    }
    if asked.param("SecretType").is_some_and(|kind| kind != "Generic") {
        return Err(ApiError::invalid("SecretType", "only Generic is simulated"));
    }
    let tags = asked.param("Tags").map(serde_json::from_str::<Vec<Map<String, Value>>>).transpose();
    let tags = tags.map_err(|why| ApiError::invalid("Tags", why))?.unwrap_or_default();
    let text = |tag: &Map<String, Value>, name: &str| tag.get(name).and_then(Value::as_str).map(String::from);
    if position(cloud, asked).is_ok() {
        return Err(exists());
    }
    let version = SecretVersion { stages: vec![CURRENT.into()], ..new_version(cloud, asked)? };
    let answer = json!({
        "Arn": one_secret(cloud, asked),
        "SecretName": name,
        "SecretType": "Generic",
        "VersionId": version.id,
    });
    cloud.account.secrets.push(Arc::new(Secret {
        name: name.into(),
        region: region(asked).into(),
        description: asked.param("Description").unwrap_or_default().into(),
        created: version.created.clone(),
        updated: None,
        deleted: None,
        tags: tags.iter().filter_map(|tag| Some((text(tag, "TagKey")?, text(tag, "TagValue")?))).collect(),
        versions: vec![version],
    }));
    Ok(answer.into())
}

fn describe(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let secret = &cloud.account.secrets[position(cloud, asked)?];
    let mut answer = json!({
        "Arn": arn(cloud, &secret.region, &secret.name),
        "SecretName": secret.name,
        "SecretType": "Generic",
        "Description": secret.description,
        "CreateTime": secret.created,
        "UpdateTime": secret.updated.as_ref().unwrap_or(&secret.created),
    });
    if let Some(at) = &secret.deleted {
        answer["PlannedDeleteTime"] = at.as_str().into();
    }
    if asked.param("FetchTags") == Some("true") {
        let tags = secret.tags.iter().map(|(key, value)| json!({"TagKey": key, "TagValue": value}));
        answer["Tags"] = json!({"Tag": tags.collect::<Vec<_>>()});
    }
    Ok(answer.into())
}

/// At once if forced, else planned: then the secret stays and is of no use.
fn delete(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let at = position(cloud, asked)?;
    let name = cloud.account.secrets[at].name.clone();
    let mut answer = json!({ "SecretName": name });
    if asked.param("ForceDeleteWithoutRecovery") == Some("true") {
        cloud.account.secrets.remove(at);
    } else {
        let window = "RecoveryWindowInDays";
        let days = paging::size(window, asked.param(window), 30, 7..=30)?;
        let when = cloud.now().saturating_add(SignedDuration::from_hours(24 * days as i64));
        let when = ids::date(when.map_err(|why| ApiError::invalid(window, why))?);
        Arc::make_mut(&mut cloud.account.secrets[at]).deleted = Some(when.clone());
        answer["PlannedDeleteTime"] = when.into();
    }
    Ok(answer.into())
}
