//! ACS3-HMAC-SHA256 ("V3 request structure and signature"): OpenAPI products, RPC and ROA alike.

use super::{Stamp, hex, hmac_sha256, sha256_hex};
use crate::openapi::transport::Request;
use crate::openapi::{Credentials, canonical_query};

/// Adds the `x-acs-*` and `Authorization` headers. Every header that the scheme covers is signed: `host`,
/// `content-type` and all `x-acs-*`.
pub fn acs3(request: &mut Request, action: &str, version: &str, credentials: &Credentials, stamp: &Stamp) {
    request.set("x-acs-action", action);
    request.set("x-acs-version", version);
    request.set("x-acs-date", stamp.iso());
    request.set("x-acs-signature-nonce", stamp.nonce.clone());
    request.set("x-acs-content-sha256", sha256_hex(&request.body));
    if let Some(token) = credentials.token() {
        request.set("x-acs-security-token", token);
    }
    let authorization = authorization(request, credentials);
    request.set("authorization", authorization);
}

pub(super) fn authorization(request: &Request, credentials: &Credentials) -> String {
    let mut headers: Vec<(&str, &str)> = request
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.trim()))
        .filter(|(name, _)| *name == "content-type" || name.starts_with("x-acs-"))
        .collect();
    headers.push(("host", request.host()));
    headers.sort_unstable();
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let canonical = format!(
        "{}\n{}\n{}\n{lines}\n{names}\n{}",
        request.method,
        request.path,
        canonical_query(&request.query),
        request.header("x-acs-content-sha256").unwrap_or_default(),
    );
    let to_sign = format!("ACS3-HMAC-SHA256\n{}", sha256_hex(canonical.as_bytes()));
    let signature = hex(&hmac_sha256(credentials.secret().as_bytes(), &to_sign));
    format!("ACS3-HMAC-SHA256 Credential={},SignedHeaders={names},Signature={signature}", credentials.key_id)
}
