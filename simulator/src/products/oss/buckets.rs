//! ListBuckets and what is set on a bucket: sub-resources of the bucket, such as `?acl`. Formats are those of
//! the official SDK's models (alibabacloud_oss_v2); what is not set is an error of its own, or an empty
//! element, as the documents of each API say.

use super::objects::bucket;
use crate::account::{Acl, Bucket};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging;
use crate::product::{Answer, Asked, Reply};
use crate::xml;
use serde_json::{Value, json};

fn answer(root: &str, value: &Value) -> Answer {
    Answer::Raw(Reply::new(200, "application/xml", xml::document(root, value)))
}

fn owner(account: &str) -> Value {
    json!({"ID": account, "DisplayName": account})
}

/// Hosts and dates of a bucket, as ListBuckets and GetBucketInfo tell them.
fn described(bucket: &Bucket) -> Value {
    let region = &bucket.region;
    json!({
        "Name": bucket.name,
        "Location": format!("oss-{region}"),
        "CreationDate": bucket.creation_date(),
        "ExtranetEndpoint": format!("oss-{region}.aliyuncs.com"),
        "IntranetEndpoint": format!("oss-{region}-internal.aliyuncs.com"),
        "StorageClass": "Standard",
        "ResourceGroupId": "rg-acfmexample0001",
    })
}

/// Lists the buckets of all regions, whichever region's host is asked.
pub(super) fn list(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let size = paging::size("max-keys", asked.param("max-keys"), 100, 1..=1000)?;
    let prefix = asked.param("prefix").unwrap_or_default();
    let tagged = |bucket: &Bucket| {
        asked.param("tag-key").is_none_or(|key| {
            let value = bucket.tags.get(key);
            value.is_some() && asked.param("tag-value").is_none_or(|wanted| value.is_some_and(|v| v == wanted))
        })
    };
    let mut buckets: Vec<&Bucket> =
        cloud.account.buckets.iter().filter(|b| b.name.starts_with(prefix) && tagged(b)).collect();
    buckets.sort_by(|a, b| a.name.cmp(&b.name));
    let marker = asked.param("marker");
    let (page, last) = paging::page(buckets.iter().copied(), |bucket| &bucket.name, marker, size);
    let rows = page.into_iter().map(|bucket| {
        let mut row = described(bucket);
        row["Region"] = bucket.region.as_str().into();
        row
    });
    let mut body = json!({});
    // Told only when not everything is on this page (OSS, ListBuckets).
    if last.is_some() || marker.is_some() {
        body = json!({"Prefix": prefix, "Marker": marker, "MaxKeys": size, "IsTruncated": last.is_some()});
        if let Some(last) = &last {
            body["NextMarker"] = last.as_str().into();
        }
    }
    body["Owner"] = owner(&cloud.account.account_id);
    body["Buckets"] = json!({"Bucket": rows.collect::<Vec<_>>()});
    Ok(answer("ListAllMyBucketsResult", &body))
}

pub(super) fn info(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let owner = owner(&cloud.account.account_id);
    let bucket = bucket(cloud, asked)?;
    let mut body = described(bucket);
    body["Owner"] = owner;
    body["AccessControlList"] = json!({"Grant": bucket.acl.word()});
    body["BlockPublicAccess"] = bucket.block_public_access.into();
    body["DataRedundancyType"] = "LRS".into();
    body["AccessMonitor"] = "Disabled".into();
    body["CrossRegionReplication"] = "Disabled".into();
    body["TransferAcceleration"] = "Disabled".into();
    if let Some(state) = &bucket.versioning {
        body["Versioning"] = state.as_str().into();
    }
    body["ServerSideEncryptionRule"] = match &bucket.encryption {
        Some(how) => json!({"SSEAlgorithm": how.algorithm, "KMSMasterKeyID": how.key}),
        None => json!({"SSEAlgorithm": "None"}),
    };
    body["BucketPolicy"] = match &bucket.logging {
        Some(target) => json!({"LogBucket": target.bucket, "LogPrefix": target.prefix}),
        None => json!({"LogBucket": "", "LogPrefix": ""}),
    };
    Ok(answer("BucketInfo", &json!({"Bucket": body})))
}

fn granted(account: &str, acl: Acl) -> Answer {
    let body = json!({"Owner": owner(account), "AccessControlList": {"Grant": acl.word()}});
    answer("AccessControlPolicy", &body)
}

pub(super) fn acl(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let account = cloud.account.account_id.clone();
    Ok(granted(&account, bucket(cloud, asked)?.acl))
}

/// `default` for an object without an ACL of its own.
pub(super) fn object_acl(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let account = cloud.account.account_id.clone();
    let (bucket, key) = (bucket(cloud, asked)?, asked.required("key"));
    if !bucket.objects.contains_key(key) {
        return Err(ApiError::new(404, "NoSuchKey", "The specified key does not exist."));
    }
    Ok(granted(&account, bucket.object_acls.get(key).copied().unwrap_or(Acl::Default)))
}

fn no_policy() -> ApiError {
    ApiError::new(404, "NoSuchBucketPolicy", "The bucket policy does not exist.")
}

/// The policy as it was put: JSON, not XML.
pub(super) fn policy(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let text = match bucket(cloud, asked)?.policy.as_deref().ok_or_else(no_policy)? {
        Value::String(text) => text.clone(),
        policy => policy.to_string(),
    };
    Ok(Answer::Raw(Reply::new(200, "application/json", text)))
}

/// Without a policy an error, as GetBucketPolicy: the documents do not say.
pub(super) fn policy_status(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let public = bucket(cloud, asked)?.policy_is_public().ok_or_else(no_policy)?;
    Ok(answer("PolicyStatus", &json!({"IsPublic": public})))
}

fn block(on: bool) -> Answer {
    answer("PublicAccessBlockConfiguration", &json!({"BlockPublicAccess": on}))
}

/// That of the account.
pub(super) fn account_block(cloud: &mut Cloud, _: &Asked) -> Result<Answer, ApiError> {
    Ok(block(cloud.account.oss_block_public_access))
}

pub(super) fn public_access_block(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    Ok(block(bucket(cloud, asked)?.block_public_access))
}

pub(super) fn website(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let Some(website) = &bucket(cloud, asked)?.website else {
        let message = "The specified bucket does not have a website configuration.";
        return Err(ApiError::new(404, "NoSuchWebsiteConfiguration", message));
    };
    let mut body = json!({"IndexDocument": {"Suffix": website.index, "SupportSubDir": false}});
    if let Some(error) = &website.error {
        body["ErrorDocument"] = json!({"Key": error, "HttpStatus": 404});
    }
    Ok(answer("WebsiteConfiguration", &body))
}

/// An empty element as long as versioning was never switched on.
pub(super) fn versioning(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let body = match &bucket(cloud, asked)?.versioning {
        Some(state) => json!({"Status": state}),
        None => json!({}),
    };
    Ok(answer("VersioningConfiguration", &body))
}

/// An empty element for a bucket that keeps no access log.
pub(super) fn logging(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let body = match &bucket(cloud, asked)?.logging {
        Some(target) => {
            json!({"LoggingEnabled": {"TargetBucket": target.bucket, "TargetPrefix": target.prefix}})
        }
        None => json!({}),
    };
    Ok(answer("BucketLoggingStatus", &body))
}

pub(super) fn encryption(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let Some(how) = &bucket(cloud, asked)?.encryption else {
        let message = "The server side encryption configuration does not exist.";
        return Err(ApiError::new(404, "NoSuchServerSideEncryptionRule", message));
    };
    let mut rule = json!({"SSEAlgorithm": how.algorithm});
    if let Some(key) = &how.key {
        rule["KMSMasterKeyID"] = key.as_str().into();
    }
    Ok(answer("ServerSideEncryptionRule", &json!({"ApplyServerSideEncryptionByDefault": rule})))
}

pub(super) fn https_config(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let versions = &bucket(cloud, asked)?.tls_versions;
    let body = json!({"TLS": {"Enable": !versions.is_empty(), "TLSVersion": versions}});
    Ok(answer("HttpsConfiguration", &body))
}

/// An empty set for a bucket without tags.
pub(super) fn tagging(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let tags = bucket(cloud, asked)?.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value}));
    Ok(answer("Tagging", &json!({"TagSet": {"Tag": tags.collect::<Vec<_>>()}})))
}

pub(super) fn lifecycle(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let rules = &bucket(cloud, asked)?.lifecycle;
    if rules.is_empty() {
        return Err(ApiError::new(404, "NoSuchLifecycle", "No Row found in Lifecycle Table."));
    }
    let rules = rules.iter().map(|rule| {
        let days = json!({"Days": rule.days});
        json!({"ID": rule.id, "Prefix": rule.prefix, "Status": "Enabled", "Expiration": days})
    });
    Ok(answer("LifecycleConfiguration", &json!({"Rule": rules.collect::<Vec<_>>()})))
}

pub(super) fn worm(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let bucket = bucket(cloud, asked)?;
    let Some(worm) = &bucket.worm else {
        let message = "The WORM Configuration does not exist.";
        return Err(ApiError::new(404, "NoSuchWORMConfiguration", message));
    };
    let body = json!({
        "WormId": worm.id,
        "State": worm.state,
        "RetentionPeriodInDays": worm.days,
        "CreationDate": bucket.creation_date(),
    });
    Ok(answer("WormConfiguration", &body))
}
