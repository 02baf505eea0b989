//! One thing, written in several ways: lists flat or nested, numbers and booleans as themselves or as text. Each product has its
//! own manner, and some change it between versions; these read either. What is missing is never an empty list.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A list: as it is (newer APIs), or nested under the name of its rows (`{"DBInstance": [...]}`). An object without one is an
/// error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rows<T>(pub(super) Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Rows<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RowsVisitor(PhantomData))
    }
}

struct RowsVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for RowsVisitor<T> {
    type Value = Rows<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list, or an object with one")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut rows = Vec::new();
        while let Some(row) = list.next_element()? {
            rows.push(row);
        }
        Ok(Rows(rows))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let Some(_) = object.next_key::<IgnoredAny>()? else {
            return Err(A::Error::custom("a list without its rows"));
        };
        let rows = object.next_value()?;
        if object.next_key::<IgnoredAny>()?.is_some() {
            return Err(A::Error::custom("more beside the rows of a list"));
        }
        Ok(Rows(rows))
    }
}

/// A number, or one as text.
pub(super) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_u64().ok_or_else(|| D::Error::custom("not a count")),
        Value::String(text) => text.trim().parse().map_err(D::Error::custom),
        _ => Err(D::Error::custom("a number is missing")),
    }
}

/// Text, or a number or boolean in its place; nothing is empty text.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Array(_) | Value::Object(_) => Err(D::Error::custom("text was expected")),
    }
}

/// A boolean, or one as text.
pub(super) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    optional_flag(deserializer)?.ok_or_else(|| D::Error::custom("a boolean is missing"))
}

/// The same, where there may be none.
pub(super) fn optional_flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::Bool(flag) => Ok(Some(flag)),
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
        other => Err(D::Error::custom(format!("{other} is not a boolean"))),
    }
}

/// Tags in any of their shapes. They narrow nothing that is read, so an odd one is left out and does not cost its row.
pub(super) fn tags<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let rows = match Value::deserialize(deserializer)? {
        Value::Array(rows) => rows,
        Value::Object(nest) => match nest.into_iter().next() {
            Some((_, Value::Array(rows))) => rows,
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    let text = |row: &Value, names: [&str; 4]| {
        names.iter().find_map(|name| row.get(name)?.as_str()).map(str::to_owned)
    };
    let pair = |row: &Value| {
        let key = text(row, ["Key", "TagKey", "key", "tagKey"])?;
        Some((key, text(row, ["Value", "TagValue", "value", "tagValue"]).unwrap_or_default()))
    };
    Ok(rows.iter().filter_map(pair).collect())
}

/// JSON that travels as text in JSON.
pub(super) fn json_in_text<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

/// Makes an action with `page_number`, whose answer has `rows` and `total`, a [`Paged`](crate::openapi::Paged) one.
macro_rules! numbered_pages {
    ($action:ty => $row:ty) => {
        impl crate::openapi::Paged for $action {
            type Item = $row;

            fn start_at(&mut self, cursor: crate::openapi::Cursor) {
                if let crate::openapi::Cursor::Page(number) = cursor {
                    self.page_number = number;
                }
            }

            fn take(&self, page: Self::Response, seen: u64) -> (Vec<$row>, Option<crate::openapi::Cursor>) {
                let seen = seen + page.rows.0.len() as u64;
                (page.rows.0, crate::openapi::Cursor::page(self.page_number, seen, page.total))
            }
        }
    };
}
pub(super) use numbered_pages;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_comes_flat_or_nested_and_never_from_nothing() {
        let read = |json: Value| serde_json::from_value::<Rows<u8>>(json).map(|rows| rows.0);
        assert_eq!(read(json!([1, 2])).unwrap(), [1, 2]);
        assert_eq!(read(json!({"Row": [1, 2]})).unwrap(), [1, 2]);
        assert!(read(json!({"Row": []})).unwrap().is_empty());
        for nothing in
            [json!(null), json!({}), json!({"Row": null}), json!(""), json!({"Row": [1], "More": [2]})]
        {
            assert!(read(nothing.clone()).is_err(), "{nothing}");
        }
    }

    #[test]
    fn scalars_come_as_themselves_or_as_text() {
        #[derive(Debug, Deserialize)]
        struct Row {
            #[serde(deserialize_with = "number")]
            n: u64,
            #[serde(default, deserialize_with = "text")]
            t: String,
            #[serde(default, deserialize_with = "optional_flag")]
            f: Option<bool>,
        }
        let read = |json: Value| serde_json::from_value::<Row>(json);
        let row = read(json!({"n": "12", "t": 3306, "f": "True"})).unwrap();
        assert_eq!((row.n, row.t.as_str(), row.f), (12, "3306", Some(true)));
        let row = read(json!({"n": 12, "t": null, "f": null})).unwrap();
        assert_eq!((row.n, row.t.as_str(), row.f), (12, "", None));
        for wrong in [
            json!({}),
            json!({"n": null}),
            json!({"n": "x"}),
            json!({"n": -1}),
            json!({"n": 1, "f": "maybe"}),
        ] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn tags_are_read_in_every_shape() {
        #[derive(Deserialize)]
        struct Row(#[serde(deserialize_with = "tags")] BTreeMap<String, String>);
        let read = |json: Value| serde_json::from_value::<Row>(json).unwrap().0;
        let expected = BTreeMap::from([("env".to_owned(), "prod".to_owned())]);
        for shape in [
            json!({"Tag": [{"Key": "env", "Value": "prod"}]}),
            json!([{"tagKey": "env", "tagValue": "prod"}, {"odd": 1}]),
            json!([{"key": "env", "value": "prod"}]),
            json!([{"TagKey": "env", "TagValue": "prod"}]),
        ] {
            assert_eq!(read(shape.clone()), expected, "{shape}");
        }
        for none in [json!(null), json!({}), json!(""), json!({"Tag": []})] {
            assert!(read(none.clone()).is_empty(), "{none}");
        }
    }
}
