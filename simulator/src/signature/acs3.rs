//! ACS3-HMAC-SHA256, called "signature method V3" in the documents: RPC and ROA alike.

use super::{Claim, Key, bad_time, incomplete, iso_time, part, sha256_hex};
use crate::error::ApiError;
use crate::request::{Request, encode};
use jiff::SignedDuration;

pub(super) fn read(request: &Request, authorization: &str) -> Result<Claim, ApiError> {
    let signed = part(authorization, "SignedHeaders")?;
    let names: Vec<&str> = signed.split(';').collect();
    if !names.is_sorted() {
        return Err(incomplete("SignedHeaders are not sorted"));
    }
    for name in request.headers.keys().filter(|name| *name == "host" || name.starts_with("x-acs-")) {
        if !names.contains(&name.as_str()) {
            return Err(incomplete(&format!("the header {name} is not signed")));
        }
    }
    let hash = request
        .header("x-acs-content-sha256")
        .ok_or_else(|| incomplete("the header x-acs-content-sha256 is missing"))?;
    if hash != sha256_hex(&request.body) {
        let message = "x-acs-content-sha256 is not the hash of the body that was received.";
        return Err(ApiError::gateway(400, "SignatureDoesNotMatch", message));
    }
    let nonce = request
        .header("x-acs-signature-nonce")
        .ok_or_else(|| incomplete("the header x-acs-signature-nonce is missing"))?;
    let date = request.header("x-acs-date").ok_or_else(|| bad_time(""))?;
    Ok(Claim {
        scheme: "acs3",
        key_id: part(authorization, "Credential")?.into(),
        token: request.header("x-acs-security-token").map(Into::into),
        time: iso_time(date)?,
        window: SignedDuration::from_mins(15),
        nonce: Some(nonce.into()),
        string_to_sign: string_to_sign(request, &names, hash)?,
        signature: part(authorization, "Signature")?.into(),
        key: Key::Acs3,
    })
}

fn string_to_sign(request: &Request, names: &[&str], hash: &str) -> Result<String, ApiError> {
    let mut query: Vec<_> = request.query.iter().map(|(k, v)| (encode(k), encode(v))).collect();
    query.sort();
    let query: Vec<String> = query.into_iter().map(|(key, value)| format!("{key}={value}")).collect();
    let mut headers = String::new();
    for name in names {
        let value =
            request.header(name).ok_or_else(|| incomplete(&format!("{name} is signed but not sent")))?;
        headers += &format!("{name}:{}\n", value.trim());
    }
    let canonical = [
        request.method.as_str(),
        if request.path.is_empty() { "/" } else { &request.path },
        &query.join("&"),
        &headers,
        &names.join(";"),
        hash,
    ]
    .join("\n");
    Ok(format!("ACS3-HMAC-SHA256\n{}", sha256_hex(canonical.as_bytes())))
}
