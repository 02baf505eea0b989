//! OSS4-HMAC-SHA256: the object store's own signature, V4. V1 is closed to new buckets and not built.

use super::{Stamp, hex, hmac_sha256, sha256_hex, v4_key};
use crate::openapi::encode::canonical_query_bare;
use crate::openapi::transport::Request;
use crate::openapi::{Credentials, percent_path};

/// What a request is about, as the canonical URI names it whatever the host looks like.
#[derive(Debug, Clone, Copy)]
pub enum Resource<'a> {
    /// The account: `/`.
    Service,
    /// A bucket: `/bucket/`, with the closing slash.
    Bucket(&'a str),
    /// An object: `/bucket/key`.
    Object(&'a str, &'a str),
    /// The same by the path of the request, percent-encoded: `/` for the bucket itself.
    Path(&'a str, &'a str),
}

/// Adds the `x-oss-*` headers and `Authorization`. `region` is the bare id (`cn-hangzhou`). `additional`
/// names further headers to cover; those the request does not have are left out.
pub fn oss4(
    request: &mut Request,
    region: &str,
    resource: Resource<'_>,
    additional: &[&str],
    credentials: &Credentials,
    stamp: &Stamp,
) {
    request.set("x-oss-date", stamp.compact());
    request.set("date", stamp.http());
    request.set("x-oss-content-sha256", "UNSIGNED-PAYLOAD");
    if let Some(token) = credentials.token() {
        request.set("x-oss-security-token", token);
    }
    let mut additional: Vec<&str> =
        additional.iter().copied().filter(|name| request.header(name).is_some()).collect();
    additional.sort_unstable();
    let scope = format!("{}/{region}/oss/aliyun_v4_request", stamp.day());
    let to_sign = string_to_sign(request, &scope, resource, &additional, stamp);
    let key = v4_key(credentials.secret(), &stamp.day(), region, "oss");
    let signature = hex(&hmac_sha256(&key, &to_sign));
    let covered = if additional.is_empty() {
        String::new()
    } else {
        format!("AdditionalHeaders={},", additional.join(";"))
    };
    let authorization =
        format!("OSS4-HMAC-SHA256 Credential={}/{scope},{covered}Signature={signature}", credentials.key_id);
    request.set("authorization", authorization);
}

pub(super) fn string_to_sign(
    request: &Request,
    scope: &str,
    resource: Resource<'_>,
    additional: &[&str],
    stamp: &Stamp,
) -> String {
    let uri = match resource {
        Resource::Service => "/".to_owned(),
        Resource::Bucket(bucket) => format!("/{bucket}/"),
        Resource::Path(bucket, path) => format!("/{bucket}{path}"),
        Resource::Object(bucket, key) => percent_path(&format!("/{bucket}/{key}")),
    };
    let mut headers: Vec<(&str, &str)> = request
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.trim()))
        .filter(|(name, _)| {
            name.starts_with("x-oss-")
                || matches!(*name, "content-type" | "content-md5")
                || additional.contains(name)
        })
        .collect();
    headers.sort_unstable();
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let canonical = format!(
        "{}\n{uri}\n{}\n{lines}\n{}\nUNSIGNED-PAYLOAD",
        request.method,
        canonical_query_bare(&request.query),
        additional.join(";")
    );
    format!("OSS4-HMAC-SHA256\n{}\n{scope}\n{}", stamp.compact(), sha256_hex(canonical.as_bytes()))
}
