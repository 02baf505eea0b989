//! ROA signature 1.0 with HMAC-SHA1: products with paths, on endpoints that speak nothing newer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Stamp, hmac_sha1};
use crate::openapi::Credentials;
use crate::openapi::transport::Request;

/// Adds `date`, the `x-acs-*` headers and `Authorization: acs id:signature`.
pub fn roa1(request: &mut Request, version: &str, credentials: &Credentials, stamp: &Stamp) {
    request.set("accept", "application/json");
    request.set("date", stamp.http());
    request.set("x-acs-version", version);
    request.set("x-acs-signature-method", "HMAC-SHA1");
    request.set("x-acs-signature-version", "1.0");
    request.set("x-acs-signature-nonce", stamp.nonce.clone());
    if let Some(token) = credentials.token() {
        request.set("x-acs-security-token", token);
    }
    let signature = STANDARD.encode(hmac_sha1(credentials.secret().as_bytes(), &string_to_sign(request)));
    request.set("authorization", format!("acs {}:{signature}", credentials.key_id));
}

pub(super) fn string_to_sign(request: &Request) -> String {
    let header = |name| request.header(name).unwrap_or_default();
    let mut lines = format!(
        "{}\n{}\n{}\n{}\n{}\n",
        request.method,
        header("accept"),
        header("content-md5"),
        header("content-type"),
        header("date")
    );
    let mut own: Vec<_> = request.headers.iter().filter(|(name, _)| name.starts_with("x-acs-")).collect();
    own.sort();
    for (name, value) in own {
        lines.push_str(&format!("{name}:{}\n", value.trim()));
    }
    lines.push_str(&request.path);
    let mut query: Vec<_> = request.query.iter().collect();
    query.sort();
    for (index, (key, value)) in query.into_iter().enumerate() {
        lines.push(if index == 0 { '?' } else { '&' });
        lines.push_str(key);
        if !value.is_empty() {
            lines.push('=');
            lines.push_str(value);
        }
    }
    lines
}
