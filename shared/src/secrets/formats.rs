//! Secrets that are known by what they look like, whatever stands around them.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::value::{distinct, is_real};
use super::{Found, Looks};

/// Everything in a text that has a known format.
pub(super) fn find(text: &str) -> Vec<Found> {
    let mut found = private_keys(text);
    found.extend(key_ids(text).map(|at| Found::new(at, Looks::AccessKeyId)));
    found.extend(tokens(text));
    found.extend(json_web_tokens(text));
    found.extend(webhooks(text));
    found.extend(connection_strings(text));
    found.extend(secrets_beside(text));
    found
}

/// Whether there is an access key id in it.
pub(super) fn has_key_id(text: &str) -> bool {
    key_ids(text).next().is_some()
}

/// The stretches of a text whose characters all are such.
fn runs(text: &str, is_part: impl Fn(u8) -> bool) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let mut next = 0;
    std::iter::from_fn(move || {
        let start = next + bytes[next..].iter().position(|byte| is_part(*byte))?;
        let length = bytes[start..].iter().take_while(|byte| is_part(**byte)).count();
        next = start + length;
        Some(start..next)
    })
}

fn alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn url_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// `LTAI` and 12 to 26 letters and digits: the older ids have 16 in all, those of today 24. `STS.…` ids are of temporary keys, and are
/// none of these.
fn key_ids(text: &str) -> impl Iterator<Item = Range<usize>> {
    runs(text, alphanumeric).filter(|at| {
        let id = &text[at.clone()];
        let stands_for_one = ["xxxx", "your"].iter().any(|part| id.to_ascii_lowercase().contains(part));
        id.starts_with("LTAI") && (16..=30).contains(&id.len()) && distinct(&id[4..]) >= 3 && !stands_for_one
    })
}

/// A secret of a key has 30 letters and digits, drawn at random.
pub(super) fn is_key_secret(value: &str) -> bool {
    value.len() == 30
        && value.bytes().all(alphanumeric)
        && value.bytes().any(|byte| byte.is_ascii_lowercase())
        && value.bytes().any(|byte| byte.is_ascii_uppercase())
        && value.bytes().any(|byte| byte.is_ascii_digit())
        && distinct(value) >= 10
}

/// How far a secret may stand from its key id.
const BESIDE: usize = 200;

/// What has the form of a key's secret and stands beside a key id.
fn secrets_beside(text: &str) -> Vec<Found> {
    let ids: Vec<Range<usize>> = key_ids(text).collect();
    let beside =
        |at: &Range<usize>| ids.iter().any(|id| at.start < id.end + BESIDE && id.start < at.end + BESIDE);
    runs(text, alphanumeric)
        .filter(|at| is_key_secret(&text[at.clone()]) && beside(at))
        .map(|at| Found::new(at, Looks::AccessKeySecret))
        .collect()
}

/// PEM. Encrypted keys are no plain text, and a header without a body is no key.
fn private_keys(text: &str) -> Vec<Found> {
    const BEGIN: &str = "-----BEGIN ";
    let mut found = Vec::new();
    for (start, _) in text.match_indices(BEGIN) {
        let rest = &text[start + BEGIN.len()..];
        let Some(end) = rest.find("-----") else { continue };
        let (label, body) = (&rest[..end], &rest[end + 5..]);
        let body = &body[..body.find("-----").unwrap_or(body.len())];
        let encrypted = label.contains("ENCRYPTED") || body.contains("ENCRYPTED");
        // Line ends may be written as `\n`.
        let drawn = runs(body, |byte| alphanumeric(byte) || matches!(byte, b'+' | b'/' | b'='))
            .map(|at| at.len())
            .max()
            .unwrap_or_default();
        if label.contains("PRIVATE KEY") && label.len() < 40 && !encrypted && drawn >= 40 {
            let whole = start..start + BEGIN.len() + end + 5 + body.len();
            found.push(Found::new(whole, Looks::PrivateKey));
        }
    }
    found
}

/// A mark, which characters follow, and how many at least.
type Mark = (&'static str, fn(u8) -> bool, usize);

/// Tokens that begin with a mark of their own.
const MARKED: &[Mark] = &[
    // GitHub (its page on token formats).
    ("ghp_", alphanumeric, 36),
    ("gho_", alphanumeric, 36),
    ("ghu_", alphanumeric, 36),
    ("ghs_", alphanumeric, 36),
    ("ghr_", alphanumeric, 36),
    ("github_pat_", url_safe, 50),
    // GitLab: of persons, deployments, runners.
    ("glpat-", url_safe, 20),
    ("gldt-", url_safe, 20),
    ("glrt-", url_safe, 20),
    // Slack.
    ("xoxb-", url_safe, 24),
    ("xoxp-", url_safe, 24),
    ("xoxa-", url_safe, 24),
    ("xoxs-", url_safe, 24),
    ("xapp-", url_safe, 24),
    // OpenAI, Anthropic, and Model Studio, which has 32 hexadecimal digits.
    ("sk-", url_safe, 32),
    // Stripe.
    ("sk_live_", alphanumeric, 24),
    ("rk_live_", alphanumeric, 24),
    // DingTalk: what a robot's messages are signed with.
    ("SEC", |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'), 64),
];

fn tokens(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for (mark, is_part, least) in MARKED {
        for (start, _) in text.match_indices(mark) {
            let begins = !text[..start].bytes().next_back().is_some_and(url_safe);
            let rest = &text.as_bytes()[start + mark.len()..];
            let length = rest.iter().take_while(|byte| is_part(**byte)).count();
            let at = start..start + mark.len() + length;
            let secret = &text[start + mark.len()..at.end];
            let mixed = secret.bytes().any(|byte| byte.is_ascii_digit()) && distinct(secret) >= 8;
            if begins && length >= *least && mixed && is_real(secret) {
                found.push(Found::new(at, Looks::Token));
            }
        }
    }
    found
}

/// A signed token: a header that names an algorithm, claims, a signature. What is not signed proves nothing and is no secret.
fn json_web_tokens(text: &str) -> Vec<Found> {
    let is_signed = |token: &str| {
        let parts: Vec<&str> = token.split('.').collect();
        let [header, claims, signature] = parts[..] else { return false };
        let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
        let header = decoded(header).and_then(|json| serde_json::from_slice::<serde_json::Value>(&json).ok());
        let algorithm = header.as_ref().and_then(|header| header.get("alg")?.as_str());
        let claims = decoded(claims).is_some_and(|json| json.first() == Some(&b'{'));
        algorithm.is_some_and(|name| !name.eq_ignore_ascii_case("none")) && claims && signature.len() >= 20
    };
    runs(text, |byte| url_safe(byte) || byte == b'.')
        .map(|at| {
            let trimmed = text[at.clone()].trim_end_matches('.').len();
            at.start..at.start + trimmed
        })
        .filter(|at| text[at.clone()].starts_with("eyJ") && is_signed(&text[at.clone()]))
        .map(|at| Found::new(at, Looks::Token))
        .collect()
}

/// Addresses whose last part lets anybody write into a chat.
const WEBHOOKS: &[(&str, usize)] = &[
    ("oapi.dingtalk.com/robot/send?access_token=", 32),
    ("open.feishu.cn/open-apis/bot/v2/hook/", 20),
    ("open.larksuite.com/open-apis/bot/v2/hook/", 20),
    ("qyapi.weixin.qq.com/cgi-bin/webhook/send?key=", 20),
    ("hooks.slack.com/services/", 30),
    ("discord.com/api/webhooks/", 40),
];

fn webhooks(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for (address, least) in WEBHOOKS {
        for (start, _) in text.match_indices(address) {
            let start = start + address.len();
            let rest = &text.as_bytes()[start..];
            let length = rest.iter().take_while(|byte| url_safe(**byte) || **byte == b'/').count();
            let secret = &text[start..start + length];
            if length >= *least && distinct(secret) >= 8 && is_real(secret) {
                found.push(Found::new(start..start + length, Looks::Token));
            }
        }
    }
    found
}

/// `scheme://user:password@host`.
fn connection_strings(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for (mark, _) in text.match_indices("://") {
        let scheme =
            text[..mark].bytes().rev().take_while(|byte| alphanumeric(*byte) || b"+.-".contains(byte));
        if scheme.count() == 0 {
            continue;
        }
        let start = mark + 3;
        let rest = &text[start..];
        let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | '\\');
        let rest = &rest[..rest.find(ends).unwrap_or(rest.len())];
        // A password may have `/`, `?` and `#` in it; a user has not, and neither has what comes between `@` and the host.
        let Some((user, after)) = rest.split_once(':') else { continue };
        if user.contains(['/', '?', '#', '@', ',']) {
            continue;
        }
        let Some(length) = password_length(after) else { continue };
        let at = start + user.len() + 1;
        if is_real(&after[..length]) {
            found.push(Found::new(at..at + length, Looks::ConnectionString));
        }
    }
    found
}

/// How long the password is that ends at an `@` with a host behind it. The last `@` before the path counts; one in the path, as of
/// an address in a query, does not.
fn password_length(after: &str) -> Option<usize> {
    let authority = after.find(['/', '?', '#']).unwrap_or(after.len());
    let at = after[..authority].rfind('@').or_else(|| after.find('@'))?;
    // `http://host:8080/path@x` has a port, no password.
    let port = after[..authority].bytes().all(|byte| byte.is_ascii_digit()) && at > authority;
    let host = after[at + 1..].bytes().next().is_some_and(|byte| alphanumeric(byte) || byte == b'[');
    (!port && host && at > 0).then_some(at)
}
