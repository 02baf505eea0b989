//! RPC signature 1.0 with HMAC-SHA1 (the documentation's "V2"): for endpoints that speak nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Stamp, hmac_sha1};
use crate::openapi::transport::Request;
use crate::openapi::{Credentials, canonical_query, percent};

/// Adds the common parameters and `Signature`, and moves all parameters into a form body: a token in a URL
/// ends up in the logs of whatever stands between.
pub fn rpc1(request: &mut Request, action: &str, version: &str, credentials: &Credentials, stamp: &Stamp) {
    let mut parameters = std::mem::take(&mut request.query);
    if request.header("content-type") == Some("application/x-www-form-urlencoded") {
        parameters.extend(request.form());
    }
    let mut common = |name: &str, value: &str| parameters.push((name.to_owned(), value.to_owned()));
    common("Action", action);
    common("Version", version);
    common("Format", "JSON");
    common("AccessKeyId", &credentials.key_id);
    common("SignatureMethod", "HMAC-SHA1");
    common("SignatureVersion", "1.0");
    common("SignatureNonce", &stamp.nonce);
    common("Timestamp", &stamp.iso());
    if let Some(token) = credentials.token() {
        common("SecurityToken", token);
    }
    "POST".clone_into(&mut request.method);
    let signature = signature(&request.method, &parameters, credentials);
    parameters.push(("Signature".to_owned(), signature));
    request.set_form(&parameters);
}

pub(super) fn signature(method: &str, parameters: &[(String, String)], credentials: &Credentials) -> String {
    let to_sign = format!("{method}&%2F&{}", percent(&canonical_query(parameters)));
    STANDARD.encode(hmac_sha1(format!("{}&", credentials.secret()).as_bytes(), &to_sign))
}
