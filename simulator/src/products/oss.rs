//! Object Storage Service: buckets with their settings, and objects; XML, its own error codes. Conditional
//! writes are create-if-absent (`x-oss-forbid-overwrite`) and nothing else.

mod buckets;
mod list;
mod objects;

use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::product::{Api, Asked, Exchange, Product, Reply};
use crate::request::{Request, decode};
use crate::signature::base64;
use crate::xml;
use serde_json::json;

pub(crate) static PRODUCT: Product = Product {
    name: "oss",
    service: "Oss",
    version: "",
    serves: |host| parse_host(host).map(|(_, region)| Some(region)),
    identify,
    translate,
    refuse,
    request_id_header: "x-oss-request-id",
    key_policies: true,
    global: false,
    management: false,
    apis: &[
        Api::data_write("PutObject", objects::put)
            .required(&["bucket", "key"])
            .needs("oss:PutObject", object),
        Api::read("GetObject", objects::get).required(&["bucket", "key"]).needs("oss:GetObject", object),
        Api::read("HeadObject", objects::get).required(&["bucket", "key"]).needs("oss:GetObject", object),
        Api::data_write("DeleteObject", objects::delete)
            .required(&["bucket", "key"])
            .needs("oss:DeleteObject", object),
        Api::read("ListObjectsV2", list::list_objects_v2)
            .required(&["bucket", "list-type"])
            .optional(&[
                "prefix",
                "delimiter",
                "max-keys",
                "continuation-token",
                "start-after",
                "encoding-type",
                "fetch-owner",
            ])
            .needs("oss:ListObjects", object),
        Api::read("ListBuckets", buckets::list)
            .optional(&["prefix", "marker", "max-keys", "tag-key", "tag-value"])
            .needs("oss:ListBuckets", whole_account),
        Api::read("GetPublicAccessBlock", buckets::account_block)
            .needs("oss:GetPublicAccessBlock", whole_account),
        Api::read("GetObjectAcl", buckets::object_acl)
            .required(&["bucket", "key"])
            .optional(&["versionId"])
            .needs("oss:GetObjectAcl", object),
        Api::read("GetBucketInfo", buckets::info).required(&["bucket"]).needs("oss:GetBucketInfo", object),
        Api::read("GetBucketAcl", buckets::acl).required(&["bucket"]).needs("oss:GetBucketAcl", object),
        Api::read("GetBucketPolicy", buckets::policy).required(&["bucket"]).needs("oss:GetBucketPolicy", object),
        Api::read("GetBucketPolicyStatus", buckets::policy_status).required(&["bucket"]).needs("oss:GetBucketPolicyStatus", object),
        Api::read("GetBucketPublicAccessBlock", buckets::public_access_block).required(&["bucket"]).needs("oss:GetBucketPublicAccessBlock", object),
        Api::read("GetBucketWebsite", buckets::website).required(&["bucket"]).needs("oss:GetBucketWebsite", object),
        Api::read("GetBucketVersioning", buckets::versioning).required(&["bucket"]).needs("oss:GetBucketVersioning", object),
        Api::read("GetBucketLogging", buckets::logging).required(&["bucket"]).needs("oss:GetBucketLogging", object),
        Api::read("GetBucketEncryption", buckets::encryption).required(&["bucket"]).needs("oss:GetBucketEncryption", object),
        Api::read("GetBucketHttpsConfig", buckets::https_config).required(&["bucket"]).needs("oss:GetBucketHttpsConfig", object),
        Api::read("GetBucketTagging", buckets::tagging).required(&["bucket"]).needs("oss:GetBucketTagging", object),
        Api::read("GetBucketLifecycle", buckets::lifecycle).required(&["bucket"]).needs("oss:GetBucketLifecycle", object),
        Api::read("GetBucketWorm", buckets::worm).required(&["bucket"]).needs("oss:GetBucketWorm", object),
    ],
};

/// What can be asked of a bucket, an object or the account: query keys, and what APIs call them.
const SUBRESOURCES: [(&str, &str); 13] = [
    ("acl", "Acl"),
    ("bucketInfo", "Info"),
    ("encryption", "Encryption"),
    ("httpsConfig", "HttpsConfig"),
    ("lifecycle", "Lifecycle"),
    ("logging", "Logging"),
    ("policy", "Policy"),
    ("policyStatus", "PolicyStatus"),
    ("publicAccessBlock", "PublicAccessBlock"),
    ("tagging", "Tagging"),
    ("versioning", "Versioning"),
    ("website", "Website"),
    ("worm", "Worm"),
];

/// What the host and path of a request name.
#[derive(Debug, PartialEq)]
pub(crate) struct Place {
    pub(crate) bucket: Option<String>,
    /// Decoded; empty for the bucket itself.
    pub(crate) key: String,
    pub(crate) region: Option<String>,
}

/// Bucket and region of `<bucket>.oss-<region>[-internal].aliyuncs.com`.
fn parse_host(host: &str) -> Option<(Option<&str>, String)> {
    let name = host.strip_suffix(".aliyuncs.com")?;
    let (bucket, endpoint) = match name.split_once('.') {
        Some((bucket, endpoint)) => (Some(bucket), endpoint),
        None => (None, name),
    };
    let region = endpoint.strip_prefix("oss-")?;
    let region = region.strip_suffix("-internal").unwrap_or(region);
    (!region.is_empty() && !region.contains('.')).then(|| (bucket, region.into()))
}

pub(crate) fn place(request: &Request) -> Place {
    let (bucket, region) = parse_host(&request.host).map_or((None, None), |(b, r)| (b, Some(r)));
    Place {
        bucket: bucket.map(Into::into),
        key: decode(request.path.strip_prefix('/').unwrap_or_default()),
        region,
    }
}

fn whole_account(cloud: &Cloud, _: &Asked) -> String {
    format!("acs:oss:*:{}:*", cloud.account.account_id)
}

fn object(cloud: &Cloud, asked: &Asked) -> String {
    let (account, bucket) = (&cloud.account.account_id, asked.required("bucket"));
    match asked.param("key") {
        Some(key) => format!("acs:oss:*:{account}:{bucket}/{key}"),
        None => format!("acs:oss:*:{account}:{bucket}"),
    }
}

fn identify(_: &'static Product, request: &mut Request) -> Result<String, ApiError> {
    let Place { bucket, key, .. } = place(request);
    request.params.extend(request.query.iter().cloned());
    let has_key = !key.is_empty();
    request.params.extend(bucket.map(|bucket| ("bucket".into(), bucket)));
    request.params.extend(has_key.then(|| ("key".into(), key)));
    let verb = match request.method.as_str() {
        "GET" => "Get",
        "PUT" => "Put",
        "HEAD" => "Head",
        "DELETE" => "Delete",
        _ => "Post",
    };
    let asked_for = SUBRESOURCES.iter().find(|(key, _)| request.params.remove(*key).is_some());
    let has_bucket = request.params.contains_key("bucket");
    if let Some((_, name)) = asked_for {
        let of = if has_key { "Object" } else if has_bucket { "Bucket" } else { "" };
        return Ok(format!("{verb}{of}{name}"));
    }
    Ok(match (has_bucket, has_key, verb) {
        (false, _, "Get") => "ListBuckets".into(),
        (false, ..) => format!("{verb}Service"),
        (true, true, _) => format!("{verb}Object"),
        (true, false, "Get") if request.field("list-type").is_some() => "ListObjectsV2".into(),
        (true, false, _) => format!("{verb}Bucket"),
    })
}

/// OSS has names of its own for what the gateway of the other products says (OSS, "HTTP status codes").
fn translate(error: ApiError) -> ApiError {
    let (status, code) = match error.code.as_str() {
        "NoPermission" | "Forbidden.AccessKeyNetworkPolicy" | "MissingAccessKeyId" => (403, "AccessDenied"),
        "InvalidAccessKeyId.NotFound" | "InvalidAccessKeyId.Inactive" | "MissingSecurityToken" => {
            (403, "InvalidAccessKeyId")
        }
        "InvalidSecurityToken.MismatchWithAccessKey" => (403, "InvalidSecurityToken"),
        "InvalidSecurityToken.Expired" => (403, "SecurityTokenExpired"),
        "InvalidTimeStamp.Expired" => (403, "RequestTimeTooSkewed"),
        "SignatureDoesNotMatch" => (403, "SignatureDoesNotMatch"),
        "Throttling.User" => (503, "TotalQpsLimitExceeded"),
        "InvalidAction.NotFound" => (501, "NotImplemented"),
        code if ["InvalidParameter", "Missing", "IncompleteSignature", "InvalidTimeStamp"]
            .iter()
            .any(|start| code.starts_with(start)) =>
        {
            (400, "InvalidArgument")
        }
        _ => return error,
    };
    ApiError { status, code: code.into(), ..error }
}

fn refuse(error: &ApiError, exchange: &Exchange) -> Reply {
    let mut body = json!({
        "Code": error.code,
        "Message": error.message,
        "RequestId": exchange.request_id,
        "HostId": exchange.request.host,
    });
    for (name, value) in &error.details {
        body[*name] = value.as_str().into();
    }
    let body = xml::document("Error", &body);
    let told = base64(body.as_bytes());
    let mut reply = Reply::new(error.status, "application/xml", body);
    reply.headers.push(("x-oss-request-id", exchange.request_id.into()));
    if exchange.request.method == "HEAD" {
        // HEAD has no body: the error stands in a header.
        reply.headers.push(("x-oss-err", told));
    }
    reply
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_name_bucket_and_region() {
        let of = |host| parse_host(host).map(|(bucket, region)| (bucket.map(String::from), region));
        assert_eq!(of("oss-cn-hangzhou.aliyuncs.com"), Some((None, "cn-hangzhou".into())));
        assert_eq!(of("b.oss-cn-hangzhou-internal.aliyuncs.com"), Some((Some("b".into()), "cn-hangzhou".into())));
        assert_eq!(of("ram.aliyuncs.com"), None);
    }
}
