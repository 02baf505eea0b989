//! Reading fields of documents whose casing and types vary from sample to sample.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use serde_json::{Map, Value};

/// A field by its camelCase name, else by the same name in any other casing. Null counts as absent.
pub(super) fn field<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    map.get(name).filter(|value| !value.is_null()).or_else(|| {
        map.iter().find(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_null()).map(|(_, v)| v)
    })
}

/// A field as text; numbers and booleans as they are written. Empty counts as absent.
pub(super) fn text(map: &Map<String, Value>, name: &str) -> Option<String> {
    plain(field(map, name)?)
}

/// A value as text, if it is not a container.
pub(super) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A field that is an object, or a string that holds one. Anything else counts as absent.
pub(super) fn object<'a>(map: &'a Map<String, Value>, name: &str) -> Option<Cow<'a, Map<String, Value>>> {
    as_object(field(map, name)?)
}

/// A value that is an object, or a string that holds one.
pub(super) fn as_object(value: &Value) -> Option<Cow<'_, Map<String, Value>>> {
    match value {
        Value::Object(map) => Some(Cow::Borrowed(map)),
        Value::String(text) => serde_json::from_str(text).ok().map(Cow::Owned),
        _ => None,
    }
}

/// A field as a truth: a boolean, or the text or number for one.
pub(super) fn truth(map: &Map<String, Value>, name: &str) -> Option<bool> {
    match text(map, name)?.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// A moment, in any of the forms that have been seen: RFC 3339, the zone as `+0000`, without a zone (UTC, as
/// the field's documentation says), the zone as `PRC` (in EventBridge's own sample), and milliseconds or
/// seconds since 1970.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        let number: i64 = text.parse().ok()?;
        // Ten digits of seconds last until the year 2286; milliseconds have had more of them since 2001.
        return if text.len() > 10 {
            Timestamp::from_millisecond(number)
        } else {
            Timestamp::from_second(number)
        }
        .ok();
    }
    if let Some(local) = text.strip_suffix("PRC") {
        return Offset::constant(8).to_timestamp(local.trim_end().parse::<DateTime>().ok()?).ok();
    }
    text.parse::<Timestamp>().ok().or_else(|| Offset::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok())
}

/// What a value is, for an error message.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_form_seen() {
        for (text, expected) in [
            ("2020-12-01T11:54:59.366+0000", "2020-12-01T11:54:59.366Z"),
            ("2020-11-19T21:04:41+08:00", "2020-11-19T13:04:41Z"),
            ("2020-11-19T21:04:42.179PRC", "2020-11-19T13:04:42.179Z"),
            ("2021-01-01T00:00:00Z", "2021-01-01T00:00:00Z"),
            ("2021-01-01 00:00:00", "2021-01-01T00:00:00Z"),
            ("1590592527490", "2020-05-27T15:15:27.49Z"),
            ("1590592527", "2020-05-27T15:15:27Z"),
        ] {
            assert_eq!(time(text).map(|at| at.to_string()).as_deref(), Some(expected), "{text}");
        }
        for text in
            ["", "yesterday", "99999999999999999999", "9999999999999999", "2021-13-01T00:00:00Z", "PRC"]
        {
            assert_eq!(time(text), None, "{text}");
        }
    }

    #[test]
    fn the_documented_casing_wins() {
        let map = serde_json::json!({ "EventName": "b", "eventName": "a", "EVENTID": 7, "eventType": null });
        let map = map.as_object().unwrap();
        assert_eq!(text(map, "eventName").as_deref(), Some("a"));
        assert_eq!(text(map, "eventId").as_deref(), Some("7"));
        assert_eq!(text(map, "eventType"), None);
    }
}
