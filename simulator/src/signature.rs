//! Signatures, as the public signing rules describe them, one scheme a file. A scheme reads a [`Claim`] off a
//! request; [`Claim::is_signed_with`] computes the signature anew and compares.

mod acs3;
mod oss4;
mod roa1;
mod rpc1;
mod sls;

use crate::error::ApiError;
use crate::request::Request;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// The key of a scheme's MAC, derived from the secret.
#[derive(Debug)]
enum Key {
    /// HMAC-SHA256 with the bare secret, in hex: ACS3.
    Acs3,
    /// HMAC-SHA1 with the secret and `&`, in base64: RPC 1.0.
    Rpc1,
    /// HMAC-SHA1 with the bare secret, in base64: ROA 1.0.
    Roa1,
    /// HMAC-SHA256 with a key derived for date, region and product, in hex: OSS4 and SLS4.
    Derived { date: String, region: String, product: &'static str },
    /// HMAC-SHA1 or, if so asked, HMAC-SHA256 with the bare secret, in base64: the older one of Simple Log
    /// Service.
    Log { sha256: bool },
}

/// What a request says of itself: who signed what, and when.
#[derive(Debug)]
pub(crate) struct Claim {
    /// The word for the call log.
    pub(crate) scheme: &'static str,
    pub(crate) key_id: String,
    pub(crate) token: Option<String>,
    pub(crate) time: Timestamp,
    /// How far `time` may be from now: 15 minutes, for RPC 1.0 31.
    pub(crate) window: SignedDuration,
    pub(crate) nonce: Option<String>,
    pub(crate) string_to_sign: String,
    signature: String,
    key: Key,
}

impl Claim {
    /// Reads the claim of whatever scheme the request uses.
    pub(crate) fn read(request: &Request) -> Result<Self, ApiError> {
        match request.header("authorization").map(|text| (text, text.split(' ').next().unwrap_or_default())) {
            Some((text, "ACS3-HMAC-SHA256")) => acs3::read(request, text),
            Some((text, "OSS4-HMAC-SHA256")) => oss4::read(request, text),
            Some((text, "SLS4-HMAC-SHA256")) => sls::read_v4(request, text),
            Some((text, "LOG")) => sls::read_v1(request, text),
            Some((text, "acs")) => roa1::read(request, text),
            Some((_, "OSS")) => Err(ApiError::gateway(
                403,
                "SignatureDoesNotMatch",
                "OSS no longer supports V1 signatures. (EC 0002-00000080)",
            )),
            Some(_) => Err(incomplete("the scheme of the Authorization header is unknown")),
            None if request.field("Signature").is_some() => rpc1::read(request),
            None => {
                Err(ApiError::gateway(400, "MissingAccessKeyId", "AccessKeyId is mandatory for this action."))
            }
        }
    }

    pub(crate) fn is_signed_with(&self, secret: &str) -> bool {
        self.expected(secret) == self.signature
    }

    /// The signature that the holder of the secret would send.
    pub(crate) fn expected(&self, secret: &str) -> String {
        let text = self.string_to_sign.as_bytes();
        match &self.key {
            Key::Acs3 => hex(&hmac_sha256(secret.as_bytes(), text)),
            Key::Rpc1 => base64(&hmac_sha1(format!("{secret}&").as_bytes(), text)),
            Key::Roa1 => base64(&hmac_sha1(secret.as_bytes(), text)),
            Key::Derived { date, region, product } => {
                hex(&hmac_sha256(&derived(secret, date, region, product), text))
            }
            Key::Log { sha256: true } => base64(&hmac_sha256(secret.as_bytes(), text)),
            Key::Log { sha256: false } => base64(&hmac_sha1(secret.as_bytes(), text)),
        }
    }
}

/// The signing key of OSS4 and SLS4: a chain of MACs over date, region, product and a constant.
fn derived(secret: &str, date: &str, region: &str, product: &str) -> Vec<u8> {
    let start = format!("aliyun_v4{secret}").into_bytes();
    [date, region, product, "aliyun_v4_request"]
        .iter()
        .fold(start, |key, step| hmac_sha256(&key, step.as_bytes()))
}

/// yyyyMMddTHHmmssZ.
fn basic_time(text: &str) -> Result<Timestamp, ApiError> {
    match text.parse::<Timestamp>() {
        Ok(time) if text.len() == 16 && text.ends_with('Z') => Ok(time),
        _ => Err(bad_time(text)),
    }
}

fn incomplete(why: &str) -> ApiError {
    let message = format!("The request signature does not conform to Aliyun standards: {why}.");
    ApiError::gateway(400, "IncompleteSignature", message)
}

/// The error for a time that cannot be read.
fn bad_time(text: &str) -> ApiError {
    let message = format!("Specified time stamp or date value is not well formatted: {text:?}.");
    ApiError::gateway(400, "InvalidTimeStamp.Format", message)
}

/// yyyy-MM-ddTHH:mm:ssZ and nothing else.
fn iso_time(text: &str) -> Result<Timestamp, ApiError> {
    match text.parse::<Timestamp>() {
        Ok(time) if text.len() == 20 && text.ends_with('Z') => Ok(time),
        _ => Err(bad_time(text)),
    }
}

/// The `k=v` parts of an Authorization header after the scheme, separated by commas.
fn part<'a>(authorization: &'a str, name: &str) -> Result<&'a str, ApiError> {
    let (_, parts) = authorization.split_once(' ').unwrap_or_default();
    parts
        .split(',')
        .filter_map(|part| part.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
        .ok_or_else(|| incomplete(&format!("{name} is missing in the Authorization header")))
}

pub(crate) fn sha256_hex(data: &[u8]) -> String {
    hex(&Sha256::digest(data))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn hmac_sha256(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

fn hmac_sha1(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests;
