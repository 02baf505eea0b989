//! The log service's own signatures: V4 (SLS4-HMAC-SHA256), and V1 (LOG) for older endpoints.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Stamp, hex, hmac_sha1, hmac_sha256, sha256_hex, v4_key};
use crate::openapi::Credentials;
use crate::openapi::encode::canonical_query_bare;
use crate::openapi::transport::Request;

/// Adds the `x-log-*` headers of V4 and `Authorization`. `region` is the bare id.
pub fn sls4(request: &mut Request, region: &str, credentials: &Credentials, stamp: &Stamp) {
    let body_hash = sha256_hex(&request.body);
    request.set("x-log-apiversion", "0.6.0");
    request.set("x-log-bodyrawsize", request.body.len().to_string());
    request.set("x-log-date", stamp.compact());
    request.set("x-log-content-sha256", body_hash.clone());
    if let Some(token) = credentials.token() {
        request.set("x-acs-security-token", token);
    }
    let mut headers: Vec<(&str, &str)> = request
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.trim()))
        .filter(|(name, _)| {
            name.starts_with("x-log-") || name.starts_with("x-acs-") || *name == "content-type"
        })
        .collect();
    headers.push(("host", request.host()));
    headers.sort_unstable();
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let canonical = format!(
        "{}\n{}\n{}\n{lines}\n{names}\n{body_hash}",
        request.method,
        request.path,
        canonical_query_bare(&request.query)
    );
    let scope = format!("{}/{region}/sls/aliyun_v4_request", stamp.day());
    let to_sign =
        format!("SLS4-HMAC-SHA256\n{}\n{scope}\n{}", stamp.compact(), sha256_hex(canonical.as_bytes()));
    let key = v4_key(credentials.secret(), &stamp.day(), region, "sls");
    let signature = hex(&hmac_sha256(&key, &to_sign));
    let authorization =
        format!("SLS4-HMAC-SHA256 Credential={}/{scope},Signature={signature}", credentials.key_id);
    request.set("authorization", authorization);
}

/// Adds the headers of V1 and `Authorization: LOG id:signature`. `content-md5` (upper-case hex) is the
/// caller's to set where there is a body.
pub fn sls1(request: &mut Request, credentials: &Credentials, stamp: &Stamp) {
    request.set("x-log-apiversion", "0.6.0");
    request.set("x-log-bodyrawsize", request.body.len().to_string());
    request.set("x-log-signaturemethod", "hmac-sha1");
    request.set("date", stamp.http());
    if let Some(token) = credentials.token() {
        request.set("x-acs-security-token", token);
    }
    let header = |name| request.header(name).unwrap_or_default();
    let mut to_sign = format!(
        "{}\n{}\n{}\n{}\n",
        request.method,
        header("content-md5"),
        header("content-type"),
        header("date")
    );
    let mut own: Vec<_> = request
        .headers
        .iter()
        .filter(|(name, _)| {
            (name.starts_with("x-log-") && name != "x-log-date") || name.starts_with("x-acs-")
        })
        .collect();
    own.sort();
    for (name, value) in own {
        to_sign.push_str(&format!("{name}:{}\n", value.trim()));
    }
    to_sign.push_str(&request.path);
    let mut query: Vec<_> = request.query.iter().map(|(key, value)| format!("{key}={value}")).collect();
    query.sort();
    if !query.is_empty() {
        to_sign.push('?');
        to_sign.push_str(&query.join("&"));
    }
    let signature = STANDARD.encode(hmac_sha1(credentials.secret().as_bytes(), &to_sign));
    request.set("authorization", format!("LOG {}:{signature}", credentials.key_id));
}
