//! Identifiers and random texts in the cloud's own shapes.

use crate::signature::hex;

/// Random bytes from the system, as hex digits.
pub(crate) fn random_hex(bytes: usize) -> String {
    let mut buffer = vec![0; bytes];
    getrandom::fill(&mut buffer).expect("the operating system gives random bytes");
    hex(&buffer)
}

/// An upper-case UUID: request and event ids.
pub(crate) fn request_id() -> String {
    let digits = random_hex(16).to_uppercase();
    format!("{}-{}-4{}-8{}-{}", &digits[..8], &digits[8..12], &digits[13..16], &digits[17..20], &digits[20..])
}

/// The id of a permanent key.
pub(crate) fn access_key_id() -> String {
    format!("LTAI5t{}", random_hex(9))
}

/// The id of a user: 18 digits.
pub(crate) fn user_id() -> String {
    let number = u64::from_str_radix(&random_hex(7), 16).unwrap_or_default();
    format!("2{number:017}")
}

/// yyyy-MM-ddTHH:mm:ssZ.
pub(crate) fn date(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
