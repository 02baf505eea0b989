//! Taking secrets out of an event before it is stored or shown.
//!
//! What is secret is told by the name of its field. When in doubt the value goes: a masked value can be looked up
//! in ActionTrail, a stored secret cannot be taken back.

use std::collections::HashSet;

use serde_json::{Map, Value};

const WORDS: [&str; 4] = ["secret", "password", "token", "signature"];
const MASK: &str = "***";
/// JSON inside a string inside JSON …: beyond this it is masked unread.
const MAX_LEVELS: usize = 8;

/// Masks the values of fields that are named for a secret, at any depth.
pub(super) fn mask_map(map: &mut Map<String, Value>) {
    fields(map, 0);
}

/// Masks what a text says of a secret.
pub(super) fn mask_text(text: String) -> String {
    masked(&text, 0).unwrap_or(text)
}

pub(super) fn names_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    WORDS.iter().any(|word| name.contains(word))
}

fn value(value: &mut Value, level: usize) {
    match value {
        Value::Object(map) => fields(map, level),
        Value::Array(elements) => elements.iter_mut().for_each(|element| self::value(element, level)),
        Value::String(text) => {
            if let Some(clean) = masked(text, level) {
                *text = clean;
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn fields(map: &mut Map<String, Value>, level: usize) {
    let paired = paired(map);
    for (name, value) in map.iter_mut() {
        if names_secret(name) || (!paired.is_empty() && paired.contains(&name.to_ascii_lowercase())) {
            *value = MASK.into();
        } else {
            self::value(value, level);
        }
    }
}

/// The fields that hold a secret whose name is the value of the field beside: `ParameterKey: "DbPassword"` speaks of
/// `ParameterValue`.
/// In lower case.
fn paired(map: &Map<String, Value>) -> HashSet<String> {
    let partner = |(name, value): (&String, &Value)| {
        value.as_str().filter(|said| names_secret(said))?;
        let name = name.to_ascii_lowercase();
        let stem = ["key", "name"].into_iter().find_map(|end| name.strip_suffix(end))?;
        Some(format!("{stem}value"))
    };
    map.iter().filter_map(partner).collect()
}

/// The text without its secrets; `None` when it has none.
fn masked(text: &str, level: usize) -> Option<String> {
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if start.starts_with(['{', '[', '"']) {
        if level >= MAX_LEVELS {
            return Some(MASK.to_owned());
        }
        if let Ok(mut inner) = serde_json::from_str::<Value>(start) {
            let before = inner.clone();
            value(&mut inner, level + 1);
            return (inner != before).then(|| inner.to_string());
        }
    }
    if !names_secret(text) {
        return None;
    }
    // JSON cut short, JSON inside prose, or an encoded query (as in a "string to sign"): no telling where the
    // secret ends.
    if text.contains(['{', '"']) || text.to_ascii_lowercase().contains("%3d") {
        return Some(MASK.to_owned());
    }
    pairs(text)
}

/// Masks the values of `name=value` pairs, as they stand in a URL or a form.
fn pairs(text: &str) -> Option<String> {
    let mut clean = String::with_capacity(text.len());
    for piece in text.split_inclusive(['&', '?', '#', ';', ',', ' ', '\n']) {
        match piece.split_once('=') {
            Some((name, value)) if names_secret(name) => {
                let end =
                    value.trim_start_matches(|c| !matches!(c, '&' | '?' | '#' | ';' | ',' | ' ' | '\n'));
                clean.extend([name, "=", MASK, end]);
            }
            _ => clean.push_str(piece),
        }
    }
    (clean != text).then_some(clean)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(mut document: Value) -> Value {
        value(&mut document, 0);
        document
    }

    #[test]
    fn secrets_go_and_the_rest_stays() {
        let clean = of(json!({
            "AccessKeyId": "LTAI5t", "AccessKeySecret": "s3", "other": { "unknown": [1, { "newPassword": 12 }] },
            "json": "{\"SecurityToken\": \"t0\", \"keep\": [\"{\\\"signature\\\":\\\"x\\\"}\"]}",
            "untouched": "{ \"a\" :  1 }",
        }));
        assert_eq!(
            clean,
            json!({
                "AccessKeyId": "LTAI5t", "AccessKeySecret": "***", "other": { "unknown": [1, { "newPassword": "***" }] },
                "json": "{\"SecurityToken\":\"***\",\"keep\":[\"{\\\"signature\\\":\\\"***\\\"}\"]}",
                "untouched": "{ \"a\" :  1 }",
            })
        );
    }

    #[test]
    fn a_secret_named_by_its_neighbour_goes() {
        let clean = of(json!({
            "Parameters.1.ParameterKey": "DbPassword", "Parameters.1.ParameterValue": "hunter2",
            "list": [{ "Name": "TOKEN", "Value": "t" }, { "Name": "Size", "Value": "9" }],
        }));
        assert_eq!(clean["Parameters.1.ParameterValue"], "***");
        assert_eq!(
            clean["list"],
            json!([{ "Name": "TOKEN", "Value": "***" }, { "Name": "Size", "Value": "9" }])
        );
    }

    #[test]
    fn texts_that_are_not_json_lose_theirs_too() {
        for (text, clean) in [
            ("https://a.b/c?x=1&token=abc&y=2", "https://a.b/c?x=1&token=***&y=2"),
            ("{\"Password\": \"cut off he", "***"),
            ("string to sign: GET&%2F&AccessKeyId%3DLTAI%26SecurityToken%3Dabc", "***"),
            ("The token has expired.", "The token has expired."),
            ("Signature=abc, Other=def", "Signature=***, Other=def"),
        ] {
            assert_eq!(mask_text(text.to_owned()), clean);
        }
    }

    #[test]
    fn strings_in_strings_end_somewhere() {
        let mut text = "plain".to_owned();
        for _ in 0..12 {
            text = Value::String(text).to_string();
        }
        assert!(!mask_text(text).contains("plain"));
    }
}
