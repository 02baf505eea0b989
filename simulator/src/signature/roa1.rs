//! ROA 1.0 with HMAC-SHA1: the older scheme of resource-oriented APIs.

use super::{Claim, Key, bad_time, incomplete};
use crate::error::ApiError;
use crate::request::Request;
use jiff::{SignedDuration, Timestamp, fmt::rfc2822};

pub(super) fn read(request: &Request, authorization: &str) -> Result<Claim, ApiError> {
    let (key_id, signature) = authorization
        .strip_prefix("acs ")
        .and_then(|rest| rest.split_once(':'))
        .ok_or_else(|| incomplete("the Authorization header is not acs <id>:<signature>"))?;
    Ok(Claim {
        scheme: "roa1",
        key_id: key_id.into(),
        token: request.header("x-acs-security-token").map(Into::into),
        time: http_date(request.header("date").unwrap_or_default())?,
        window: SignedDuration::from_mins(15),
        nonce: request.header("x-acs-signature-nonce").map(Into::into),
        string_to_sign: string_to_sign(request),
        signature: signature.into(),
        key: Key::Roa1,
    })
}

/// A date such as `Tue, 23 Feb 2016 12:46:24 GMT`.
pub(super) fn http_date(text: &str) -> Result<Timestamp, ApiError> {
    // RFC 2822 knows no GMT as a zone name that jiff would keep; the offset means the same.
    rfc2822::parse(&text.replace("GMT", "+0000")).map(|zoned| zoned.timestamp()).map_err(|_| bad_time(text))
}

pub(super) fn string_to_sign(request: &Request) -> String {
    let header = |name| request.header(name).unwrap_or_default();
    let mut text = format!(
        "{}\n{}\n{}\n{}\n{}\n",
        request.method,
        header("accept"),
        header("content-md5"),
        header("content-type"),
        header("date")
    );
    for (name, value) in request.headers.iter().filter(|(name, _)| name.starts_with("x-acs-")) {
        text += &format!("{name}:{}\n", value.trim());
    }
    let mut query: Vec<_> = request.query.iter().collect();
    query.sort();
    let query: Vec<String> = query
        .into_iter()
        .map(|(key, value)| if value.is_empty() { key.clone() } else { format!("{key}={value}") })
        .collect();
    text += &request.path;
    if query.is_empty() { text } else { format!("{text}?{}", query.join("&")) }
}
