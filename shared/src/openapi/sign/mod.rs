//! The signature schemes. Each is a pure function of a request, a credential and a [`Stamp`]; nothing here
//! reads a clock or sends anything.

mod acs3;
mod oss4;
mod roa1;
mod rpc1;
mod sls;
#[cfg(test)]
mod vectors;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha1::Sha1;
use sha2::{Digest, Sha256};

pub use acs3::acs3;
pub use oss4::{Resource, oss4};
pub use roa1::roa1;
pub use rpc1::rpc1;
pub use sls::{sls1, sls4};

/// What makes one attempt different from the next: when it was signed, and a nonce used only once.
#[derive(Debug, Clone)]
pub struct Stamp {
    /// The time of signing, UTC.
    pub now: Timestamp,
    /// A random text, new for each attempt.
    pub nonce: String,
}

impl Stamp {
    /// `2026-11-23T00:00:00Z`.
    pub(crate) fn iso(&self) -> String {
        self.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// `20261123T000000Z`.
    pub(crate) fn compact(&self) -> String {
        self.now.strftime("%Y%m%dT%H%M%SZ").to_string()
    }

    /// `20261123`.
    pub(crate) fn day(&self) -> String {
        self.now.strftime("%Y%m%d").to_string()
    }

    /// `Mon, 23 Nov 2026 00:00:00 GMT` (RFC 1123).
    pub(crate) fn http(&self) -> String {
        self.now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }
}

/// The signature scheme for OpenAPI products (`ALIBABA_CLOUD_SIGNATURE`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scheme {
    /// ACS3-HMAC-SHA256, which the documentation calls V3.
    #[default]
    Acs3,
    /// The older schemes with HMAC-SHA1: RPC 1.0, and ROA 1.0 for products with paths.
    Rpc1,
}

pub(crate) fn hmac_sha1(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// HMAC-SHA256: the platform's signatures, and those of webhooks and chat robots.
pub fn hmac_sha256(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// SHA-256 as lower-case hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The key chain of the V4 schemes: `aliyun_v4` + secret → date → region → product → `aliyun_v4_request`.
fn v4_key(secret: &str, date: &str, region: &str, product: &str) -> Vec<u8> {
    [date, region, product, "aliyun_v4_request"]
        .iter()
        .fold(format!("aliyun_v4{secret}").into_bytes(), |key, part| hmac_sha256(&key, part))
}
