//! Percent encoding and the flattening of lists, as every signature scheme of the platform wants them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// RFC 3986: only the unreserved characters stay as they are.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// The same for a path, whose slashes stay.
const PATH: &AsciiSet = &UNRESERVED.remove(b'/');

/// Percent-encodes everything but `A-Z a-z 0-9 - _ . ~`.
pub fn percent(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// The same for a whole path: slashes are kept.
pub fn percent_path(path: &str) -> String {
    utf8_percent_encode(path, PATH).to_string()
}

/// `k=v` pairs, encoded, sorted by encoded key and then value, joined with `&`. An empty value keeps its `=`.
pub fn canonical_query(pairs: &[(String, String)]) -> String {
    joined(pairs, |key, value| format!("{}={}", percent(key), percent(value)))
}

/// As [`canonical_query`], but a key without a value stands alone (`?acl`): OSS and SLS.
pub(crate) fn canonical_query_bare(pairs: &[(String, String)]) -> String {
    joined(pairs, |key, value| {
        if value.is_empty() { percent(key) } else { format!("{}={}", percent(key), percent(value)) }
    })
}

fn joined(pairs: &[(String, String)], show: impl Fn(&str, &str) -> String) -> String {
    let mut sorted: Vec<(String, &str, &str)> =
        pairs.iter().map(|(key, value)| (percent(key), key.as_str(), value.as_str())).collect();
    sorted.sort();
    sorted.iter().map(|(_, key, value)| show(key, value)).collect::<Vec<_>>().join("&")
}

/// Turns a request into RPC parameters: lists become `Name.1`, objects in them `Name.1.Key`; what is null is left
/// out, an empty string stays.
pub fn flatten(parameters: Value) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    if let Value::Object(fields) = parameters {
        for (name, value) in fields {
            push(&mut pairs, name, value);
        }
    }
    pairs
}

fn push(pairs: &mut Vec<(String, String)>, name: String, value: Value) {
    match value {
        Value::Null => {}
        Value::String(text) => pairs.push((name, text)),
        Value::Bool(_) | Value::Number(_) => pairs.push((name, value.to_string())),
        Value::Array(items) => {
            for (index, item) in items.into_iter().enumerate() {
                push(pairs, format!("{name}.{}", index + 1), item);
            }
        }
        Value::Object(fields) => {
            for (key, item) in fields {
                push(pairs, format!("{name}.{key}"), item);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_are_numbered_from_one_and_null_is_left_out() {
        let pairs = flatten(json!({
            "LookupAttribute": [{"Key": "EventName", "Value": "CreateAccessKey"}, {"Key": "User", "Value": "root"}],
            "MaxResults": 50, "NextToken": null, "Empty": "", "On": true, "Ids": []
        }));
        let shown: Vec<_> = pairs.iter().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(
            shown,
            [
                "Empty=",
                "LookupAttribute.1.Key=EventName",
                "LookupAttribute.1.Value=CreateAccessKey",
                "LookupAttribute.2.Key=User",
                "LookupAttribute.2.Value=root",
                "MaxResults=50",
                "On=true"
            ]
        );
        assert!(flatten(json!("text")).is_empty());
    }

    proptest! {
        #[test]
        fn encoding_is_reversible_and_leaves_only_unreserved(text in "\\PC*") {
            let encoded = percent(&text);
            prop_assert!(encoded.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~%".contains(&b)));
            let back = percent_encoding::percent_decode_str(&encoded).decode_utf8().unwrap().into_owned();
            prop_assert_eq!(back, text);
        }

        #[test]
        fn the_order_of_parameters_does_not_matter(mut pairs in proptest::collection::vec(("\\PC{0,6}", "\\PC{0,6}"), 0..8), seed in any::<u64>()) {
            let before = canonical_query(&pairs);
            let len = pairs.len().max(1);
            pairs.rotate_left(seed as usize % len);
            pairs.reverse();
            prop_assert_eq!(canonical_query(&pairs), before);
        }

        #[test]
        fn bare_differs_only_where_a_value_is_empty(pairs in proptest::collection::vec(("[a-z]{1,4}", "[a-z]{1,4}"), 0..6)) {
            prop_assert_eq!(canonical_query(&pairs), canonical_query_bare(&pairs));
        }
    }
}
