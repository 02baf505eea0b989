//! Secrets in plain text: finds them in texts and in pairs of name and value. Few rules, each precise: known formats
//! (`formats`), and names that say what the value is (`named`). Hashes, UUIDs, placeholders and references to a vault are none.
//!
//! What comes out are [`SecretHit`]s. A secret itself is in none of them: at most its first four characters are shown, and fewer of
//! a short one. Access key ids are shown whole, since they are names.

mod formats;
mod named;
#[cfg(test)]
mod tests;
mod value;

use std::ops::Range;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use crate::snapshot::SecretHit;

/// What a hit looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Looks {
    AccessKeyId,
    AccessKeySecret,
    PrivateKey,
    Token,
    Password,
    ConnectionString,
}

impl Looks {
    fn name(self) -> &'static str {
        match self {
            Self::AccessKeyId => "access-key-id",
            Self::AccessKeySecret => "access-key-secret",
            Self::PrivateKey => "private-key",
            Self::Token => "token",
            Self::Password => "password",
            Self::ConnectionString => "connection-string",
        }
    }
}

/// Where in a text something was found.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    /// The secret alone, without what is around it.
    at: Range<usize>,
    looks: Looks,
}

impl Found {
    fn new(at: Range<usize>, looks: Looks) -> Self {
        Self { at, looks }
    }
}

/// Why a text could not be looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// It is compressed.
    Gzip,
}

/// Looks through a text: a script, a configuration. Places are lines.
pub fn in_text(text: &str) -> Vec<SecretHit> {
    let mut found = formats::find(text);
    found.extend(named::in_lines(text, &found));
    hits(text, found, |at| format!("line {}", text[..at].matches('\n').count() + 1))
}

/// Looks through values that have names: environment variables, parameters. Places are the names.
pub fn in_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<SecretHit> {
    let pairs: Vec<(&str, &str)> = pairs.into_iter().collect();
    let near_key = pairs.iter().any(|(_, value)| formats::has_key_id(value));
    let mut all = Vec::new();
    for (name, value) in pairs {
        let mut found = formats::find(value);
        // A value may be a configuration of its own.
        found.extend(named::in_lines(value, &found));
        found.extend(named::of_pair(name, value, near_key));
        all.extend(hits(value, found, |_| name.to_owned()));
    }
    all
}

/// Looks through user data, which is Base64 (ECS, DescribeUserData). What does not decode is looked through as it is.
///
/// # Errors
/// When it is compressed inside.
pub fn in_user_data(base64: &str) -> Result<Vec<SecretHit>, Unreadable> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let packed: String = base64.split_ascii_whitespace().collect();
    let Ok(bytes) = LENIENT.decode(packed) else { return Ok(in_text(base64)) };
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return Err(Unreadable::Gzip);
    }
    // Scripts for Windows may be UTF-16: without its zeros, what is ASCII in it can be read.
    let text = String::from_utf8_lossy(&bytes).replace('\0', "");
    Ok(in_text(&text))
}

/// What was found first counts, where it overlaps with what was found after it.
fn hits(text: &str, found: Vec<Found>, place: impl Fn(usize) -> String) -> Vec<SecretHit> {
    let mut kept: Vec<Found> = Vec::new();
    for one in found {
        if kept.iter().all(|other| one.at.end <= other.at.start || other.at.end <= one.at.start) {
            kept.push(one);
        }
    }
    kept.sort_by_key(|one| one.at.start);
    let mut hits: Vec<SecretHit> = Vec::new();
    for Found { at, looks } in kept {
        let secret = &text[at.clone()];
        let is_id = looks == Looks::AccessKeyId;
        let hit = SecretHit {
            place: place(at.start),
            looks_like: looks.name().to_owned(),
            masked: if is_id { secret.to_owned() } else { masked(secret) },
            key_id: is_id.then(|| secret.to_owned()),
        };
        if !hits.contains(&hit) {
            hits.push(hit);
        }
    }
    hits
}

/// A quarter of a secret at most, and never more than four characters.
fn masked(secret: &str) -> String {
    let shown = (secret.chars().count() / 4).min(4);
    secret.chars().take(shown).chain(['…']).collect()
}
