//! The two signatures of Simple Log Service: V4 (SLS4-HMAC-SHA256), and the older V1 (LOG).

use super::{Claim, Key, basic_time, hex, incomplete, part, roa1::http_date, sha256_hex};
use crate::error::ApiError;
use crate::request::{Request, decode, encode};
use jiff::SignedDuration;
use md5::{Digest, Md5};

/// `LOG <id>:<signature>`.
pub(super) fn read_v1(request: &Request, authorization: &str) -> Result<Claim, ApiError> {
    let (key_id, signature) = authorization
        .strip_prefix("LOG ")
        .and_then(|rest| rest.split_once(':'))
        .ok_or_else(|| incomplete("the Authorization header is not LOG <id>:<signature>"))?;
    let sha256 = match request.header("x-log-signaturemethod") {
        Some("hmac-sha1") => false,
        Some("hmac-sha256") => true,
        _ => return Err(incomplete("x-log-signaturemethod is neither hmac-sha1 nor hmac-sha256")),
    };
    let sum = request.header("content-md5").unwrap_or_default();
    if !request.body.is_empty() && sum != hex(&Md5::digest(&request.body)).to_uppercase() {
        let message = "Content-MD5 is not the sum of the body that was received.";
        return Err(ApiError::gateway(400, "SignatureDoesNotMatch", message));
    }
    let date = request.header("date").unwrap_or_default();
    Ok(Claim {
        scheme: "log1",
        key_id: key_id.into(),
        token: request.header("x-acs-security-token").map(Into::into),
        time: http_date(date)?,
        window: SignedDuration::from_mins(15),
        nonce: None,
        string_to_sign: text_v1(request, sum, date),
        signature: signature.into(),
        key: Key::Log { sha256 },
    })
}

/// x-log-date repeats Date for proxies that drop it and is not signed: the official SDK adds it afterwards.
fn text_v1(request: &Request, sum: &str, date: &str) -> String {
    let kind = request.header("content-type").unwrap_or_default();
    let mut text = format!("{}\n{sum}\n{kind}\n{date}\n", request.method);
    for (name, value) in &request.headers {
        if (name.starts_with("x-log-") || name.starts_with("x-acs-")) && name != "x-log-date" {
            text += &format!("{name}:{}\n", value.trim());
        }
    }
    let mut query: Vec<_> = request.query.iter().collect();
    query.sort();
    let query: Vec<String> = query.into_iter().map(|(key, value)| format!("{key}={value}")).collect();
    text += &decode(&request.path);
    if query.is_empty() { text } else { format!("{text}?{}", query.join("&")) }
}

/// `SLS4-HMAC-SHA256 Credential=<id>/<date>/<region>/sls/aliyun_v4_request,Signature=<signature>`.
pub(super) fn read_v4(request: &Request, authorization: &str) -> Result<Claim, ApiError> {
    let scope: Vec<&str> = part(authorization, "Credential")?.split('/').collect();
    let [key_id, date, region, "sls", "aliyun_v4_request"] = scope[..] else {
        return Err(incomplete("Credential is not <id>/<date>/<region>/sls/aliyun_v4_request"));
    };
    let hash = request.header("x-log-content-sha256").unwrap_or_default();
    if hash != sha256_hex(&request.body) {
        let message = "x-log-content-sha256 is not the hash of the body that was received.";
        return Err(ApiError::gateway(400, "SignatureDoesNotMatch", message));
    }
    let stamp = request.header("x-log-date").unwrap_or_default();
    let time = basic_time(stamp)?;
    if !stamp.starts_with(date) {
        return Err(incomplete("the date of the Credential is not that of x-log-date"));
    }
    Ok(Claim {
        scheme: "sls4",
        key_id: key_id.into(),
        token: request.header("x-acs-security-token").map(Into::into),
        time,
        window: SignedDuration::from_mins(15),
        nonce: None,
        string_to_sign: format!(
            "SLS4-HMAC-SHA256\n{stamp}\n{date}/{region}/sls/aliyun_v4_request\n{}",
            sha256_hex(canonical_v4(request, hash).as_bytes())
        ),
        signature: part(authorization, "Signature")?.into(),
        key: Key::Derived { date: date.into(), region: region.into(), product: "sls" },
    })
}

fn canonical_v4(request: &Request, hash: &str) -> String {
    let mut query: Vec<_> = request.query.iter().map(|(k, v)| (encode(k), encode(v))).collect();
    query.sort();
    let query: Vec<String> = query
        .into_iter()
        .map(|(key, value)| if value.is_empty() { key } else { format!("{key}={value}") })
        .collect();
    let is_signed = |name: &str| {
        name.starts_with("x-log-") || name.starts_with("x-acs-") || matches!(name, "host" | "content-type")
    };
    let signed: Vec<_> = request.headers.iter().filter(|(name, _)| is_signed(name)).collect();
    let headers: String = signed.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
    let names: Vec<&str> = signed.iter().map(|(name, _)| name.as_str()).collect();
    [&request.method, &request.path, &query.join("&"), &headers, &names.join(";"), hash].join("\n")
}
