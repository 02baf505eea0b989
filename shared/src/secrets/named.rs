//! Secrets that are known by the name before them: `DB_PASSWORD=…`.

use super::formats::is_key_secret;
use super::value::{is_drawn, is_real};
use super::{Found, Looks};

/// Words that name a password.
const PASSWORDS: &[&str] = &["password", "passwd", "pwd", "passphrase", "passwort"];
/// Words that name another secret, whose value must look drawn.
const SECRETS: &[&str] = &["secret", "token", "apikey", "secretkey", "authkey", "accesskeysecret"];
/// Two words that do so together.
const PAIRS: &[(&str, &str)] = &[("api", "key"), ("secret", "key"), ("auth", "key"), ("access", "key")];
/// Words after which it is about the secret, not the secret: its file, its length, its age.
const ABOUT: &[&str] = &[
    "age",
    "algorithm",
    "arn",
    "attempts",
    "class",
    "count",
    "days",
    "dir",
    "enabled",
    "encoder",
    "endpoint",
    "env",
    "expires",
    "expiry",
    "field",
    "file",
    "format",
    "hash",
    "header",
    "hint",
    "id",
    "ids",
    "issuer",
    "length",
    "location",
    "max",
    "md5",
    "method",
    "min",
    "mode",
    "name",
    "names",
    "param",
    "parameter",
    "path",
    "policy",
    "prefix",
    "prompt",
    "provider",
    "ref",
    "region",
    "required",
    "reset",
    "salt",
    "sha1",
    "sha256",
    "sha512",
    "source",
    "suffix",
    "timeout",
    "ttl",
    "type",
    "uri",
    "url",
    "version",
];
/// Words that, after a password, name the place where it is kept, or what to do with it.
const KEPT: &[&str] = &[
    "change",
    "column",
    "encryption",
    "key",
    "kms",
    "label",
    "link",
    "manager",
    "message",
    "page",
    "score",
    "secret",
    "store",
    "strength",
    "template",
    "text",
    "title",
    "vault",
];
/// Words before a token that make it one of paging or of a request.
const PASSING: &[&str] =
    &["next", "page", "continuation", "csrf", "xsrf", "client", "idempotency", "dedupe", "cancellation"];

/// What a name says of its value.
fn says(name: &str) -> Option<Looks> {
    let words = words(name);
    let (last, before) = words.split_last()?;
    // `DB_PASSWORD_1`, `TOKEN_2`.
    if last.bytes().all(|byte| byte.is_ascii_digit()) && !before.is_empty() {
        return says_of(before);
    }
    says_of(&words)
}

fn says_of(words: &[String]) -> Option<Looks> {
    let at = |known: &[&str]| {
        words.iter().rposition(|word| {
            known.contains(&word.as_str())
                || known.iter().any(|known| known.len() > 5 && word.ends_with(known))
        })
    };
    let about = |from: usize| words[from + 1..].iter().any(|word| ABOUT.contains(&word.as_str()));
    if let Some(found) = at(PASSWORDS).or_else(|| words.iter().rposition(|word| word == "pass")) {
        let kept = words[found + 1..].iter().any(|word| KEPT.contains(&word.as_str()));
        return (!about(found) && !kept).then_some(Looks::Password);
    }
    let pair = words
        .windows(2)
        .rposition(|two| PAIRS.iter().any(|(first, second)| two[0] == *first && two[1] == *second))
        .map(|first| first + 1);
    let found = at(SECRETS).max(pair)?;
    let passing = found > 0 && words[found] == "token" && PASSING.contains(&words[found - 1].as_str());
    (!about(found) && !passing).then_some(Looks::Token)
}

/// The words of a name, lower case: at what is no letter or digit, and where small letters turn to capitals.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for c in name.chars() {
        if !c.is_alphanumeric() {
            words.push(String::new());
        } else {
            if c.is_uppercase() && was_small {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(c.to_lowercase());
            }
        }
        was_small = c.is_lowercase() || c.is_ascii_digit();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// What a named value is, if it is a secret.
fn judged(name: &str, value: &str) -> Option<Looks> {
    let says = says(name)?;
    if !is_real(value) {
        return None;
    }
    match says {
        // An address with a password in it is found as such.
        Looks::Password => (!value.contains("://")).then_some(Looks::Password),
        _ if is_key_secret(value) => Some(Looks::AccessKeySecret),
        _ => is_drawn(value).then_some(says),
    }
}

/// A variable's value, by its name; or, where a key id stands in another variable, by its form.
pub(super) fn of_pair(name: &str, value: &str, near_key: bool) -> Option<Found> {
    let trimmed = value.trim();
    let start = value.len() - value.trim_start().len();
    let looks =
        judged(name, trimmed).or((near_key && is_key_secret(trimmed)).then_some(Looks::AccessKeySecret))?;
    Some(Found::new(start..start + trimmed.len(), looks))
}

/// The assignments in a text, line by line. What `known` holds is left to it: a name before a connection string says nothing more.
pub(super) fn in_lines(text: &str, known: &[Found]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        for (position, sign) in content.match_indices(['=', ':']) {
            let Some((value, looks)) = assignment(content, position, sign) else { continue };
            let at = start + value.start..start + value.end;
            if known.iter().all(|other| at.end <= other.at.start || other.at.end <= at.start) {
                found.push(Found::new(at, looks));
            }
        }
        if let Some(value) = change_of_password(content) {
            found.push(Found::new(start + value.start..start + value.end, Looks::Password));
        }
        start += line.len();
    }
    found
}

/// `NAME=value`, `name: value`, `"name": "value"`, `--name=value` around the sign at `position`.
fn assignment(line: &str, position: usize, sign: &str) -> Option<(std::ops::Range<usize>, Looks)> {
    let before = line[..position].trim_end().trim_end_matches(['"', '\'', '`', ']', '[', '\\']);
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let name = &before[before
        .rfind(|c| !is_name(c))
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8))..];
    let after = &line[position + 1..];
    let skipped = after.len() - after.trim_start().len();
    // `==`, `:=` and `://` assign nothing.
    if after.starts_with(['=', ':', '/', '~'])
        || line[..position].ends_with(['=', ':', '!', '<', '>', '~', '?'])
    {
        return None;
    }
    let rest = &after[skipped..];
    let rest_start = position + 1 + skipped;
    let escaped = usize::from(rest.starts_with('\\'));
    // What stands in backticks is run, not given.
    if rest.starts_with('`') {
        return None;
    }
    let quote = rest[escaped..].chars().next().filter(|c| matches!(c, '"' | '\''));
    let value = match quote {
        Some(quote) => {
            let inner = &rest[escaped + 1..];
            let end = inner.find(quote)?;
            let value = inner[..end].trim_end_matches('\\');
            rest_start + escaped + 1..rest_start + escaped + 1 + value.len()
        }
        None => {
            let ends = |c: char| {
                c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | ';' | '&' | '|' | ')' | '}' | '>')
            };
            let end = rest.find(ends).unwrap_or(rest.len());
            rest_start..rest_start + end
        }
    };
    let text = &line[value.clone()];
    let looks = judged(name, text)?;
    // Without quotes it may be prose (`the password: must …`) or a program's own variable (`password=config.password`).
    if quote.is_none() {
        let first = line[..position].trim_start().trim_start_matches(['-', '"', '\'', ' ']).starts_with(name);
        let alone = line[value.end..].trim().is_empty();
        let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
        let prose = sign == ":" && !(first && alone) && !has_digit;
        let spaced = skipped > 0 && sign == "=" && !has_digit;
        let dotted = text.contains('.') && text.split('.').all(is_identifier);
        if prose || dotted || spaced {
            return None;
        }
    }
    Some((value, looks))
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `echo 'root:…' | chpasswd`, which is how user data sets passwords.
fn change_of_password(line: &str) -> Option<std::ops::Range<usize>> {
    let end = line.find("chpasswd")?;
    let said = &line[..end];
    let echo = said.find("echo")? + 4;
    let colon = echo + said[echo..].find(':')?;
    let start = colon + 1;
    let stop = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '|');
    let length = said[start..].find(stop).unwrap_or(said.len() - start);
    let value = start..start + length;
    is_real(&line[value.clone()]).then_some(value)
}
