//! OSS4-HMAC-SHA256, the signature V4 of Object Storage Service.

use super::{Claim, Key, basic_time, incomplete, part, sha256_hex};
use crate::error::ApiError;
use crate::products::oss;
use crate::request::{Request, encode, encode_path};
use jiff::SignedDuration;
use std::collections::BTreeSet;

const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

pub(super) fn read(request: &Request, authorization: &str) -> Result<Claim, ApiError> {
    let scope: Vec<&str> = part(authorization, "Credential")?.split('/').collect();
    let [key_id, date, region, "oss", "aliyun_v4_request"] = scope[..] else {
        return Err(incomplete("Credential is not <id>/<date>/<region>/oss/aliyun_v4_request"));
    };
    let place = oss::place(request);
    if place.region.as_deref().is_some_and(|actual| actual != region) {
        let message = format!("Invalid signing region in Authorization header: {region}.");
        return Err(ApiError::gateway(400, "InvalidArgument", message));
    }
    let hash = request.header("x-oss-content-sha256").unwrap_or_default();
    if hash != UNSIGNED && hash != sha256_hex(&request.body) {
        let message = format!("x-oss-content-sha256 is neither {UNSIGNED} nor the hash of the body.");
        return Err(ApiError::gateway(400, "InvalidArgument", message));
    }
    let stamp = request.header("x-oss-date").unwrap_or_default();
    let time = basic_time(stamp)?;
    if !stamp.starts_with(date) {
        return Err(incomplete("the date of the Credential is not that of x-oss-date"));
    }
    let additional = part(authorization, "AdditionalHeaders").unwrap_or_default();
    let path = match (&place.bucket, &place.key) {
        (None, _) => "/".into(),
        (Some(bucket), key) => format!("/{bucket}/{key}"),
    };
    let canonical = canonical(request, &path, additional, hash);
    Ok(Claim {
        scheme: "oss4",
        key_id: key_id.into(),
        token: request.header("x-oss-security-token").map(Into::into),
        time,
        window: SignedDuration::from_mins(15),
        nonce: None,
        string_to_sign: format!(
            "OSS4-HMAC-SHA256\n{stamp}\n{date}/{region}/oss/aliyun_v4_request\n{}",
            sha256_hex(canonical.as_bytes())
        ),
        signature: part(authorization, "Signature")?.into(),
        key: Key::Derived { date: date.into(), region: region.into(), product: "oss" },
    })
}

fn canonical(request: &Request, path: &str, additional: &str, hash: &str) -> String {
    let mut query: Vec<_> = request.query.iter().map(|(k, v)| (encode(k), encode(v))).collect();
    query.sort();
    let query: Vec<String> = query
        .into_iter()
        .map(|(key, value)| if value.is_empty() { key } else { format!("{key}={value}") })
        .collect();
    let always = |name: &str| name.starts_with("x-oss-") || matches!(name, "content-type" | "content-md5");
    let mut names: BTreeSet<&str> = additional.split(';').filter(|name| !name.is_empty()).collect();
    names.extend(request.headers.keys().map(String::as_str).filter(|name| always(name)));
    let headers: String = names
        .iter()
        .map(|name| format!("{name}:{}\n", request.header(name).unwrap_or_default().trim()))
        .collect();
    [request.method.as_str(), &encode_path(path), &query.join("&"), &headers, additional, hash].join("\n")
}
