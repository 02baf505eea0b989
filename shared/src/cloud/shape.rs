//! The shapes that answers come in. Old products nest a list twice (`"Tags": {"Tag": […]}`), new ones do not; numbers and switches come as
//! JSON values or as text; what is not there may be missing, null or an empty text. All of that is taken here, once.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::net::IpAddr;
use std::str::FromStr;

use serde::de::{DeserializeOwned, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::openapi::Cursor;

/// A list, nested twice or not. Null and an object without a list are errors, never an empty list.
#[derive(Debug, Clone)]
pub struct Rows<T>(pub Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Rows<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = Rows<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Rows<T>, A::Error> {
                let mut rows = Vec::with_capacity(list.size_hint().unwrap_or_default());
                while let Some(row) = list.next_element()? {
                    rows.push(row);
                }
                Ok(Rows(rows))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Rows<T>, A::Error> {
                let Some(IgnoredAny) = map.next_key()? else {
                    return Err(A::Error::custom("an object without a list"));
                };
                let rows = map.next_value::<Vec<T>>()?;
                while let Some((IgnoredAny, IgnoredAny)) = map.next_entry()? {}
                Ok(Rows(rows))
            }
        }
        deserializer.deserialize_any(Either(PhantomData))
    }
}

/// A row of a listing.
pub trait Row: DeserializeOwned + Send {
    /// The field of the answer that holds the list: `Instances`.
    const LIST: &'static str;
}

/// One page of a listing. Without its list it does not parse.
#[derive(Debug, Clone)]
pub struct Page<R> {
    rows: Vec<R>,
    token: Option<String>,
    total: Option<u64>,
}

impl<R> Page<R> {
    /// The rows of a listing that goes by `NextToken`. Where the answer tells a total, too, the last page must have reached it.
    pub fn by_token(self, seen: u64) -> (Vec<R>, Option<Cursor>) {
        let seen = seen + self.rows.len() as u64;
        let next = match (Cursor::token(self.token), self.total) {
            (None, Some(total)) if seen < total => {
                Some(Cursor::Lost("no token, but the total is not reached"))
            }
            (next, _) => next,
        };
        (self.rows, next)
    }

    /// The rows of page `number` of a listing that goes by `PageNumber` and `TotalCount`.
    pub fn by_number(self, number: u32, seen: u64) -> (Vec<R>, Option<Cursor>) {
        let seen = seen + self.rows.len() as u64;
        let next = match self.total {
            Some(total) => Cursor::page(number, seen, total),
            None => Some(Cursor::Lost("the answer has no TotalCount")),
        };
        (self.rows, next)
    }

    /// All rows of a listing that has no pages.
    pub fn all(self) -> Vec<R> {
        self.rows
    }
}

impl<'de, R: Row> Deserialize<'de> for Page<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<R>(PhantomData<R>);
        impl<'de, R: Row> Visitor<'de> for Fields<R> {
            type Value = Page<R>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an answer with {}", R::LIST)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Page<R>, A::Error> {
                let (mut rows, mut token, mut total) = (None, None, None);
                while let Some(key) = map.next_key::<Cow<'de, str>>()? {
                    match &*key {
                        field if field == R::LIST => rows = Some(map.next_value::<Rows<R>>()?.0),
                        "NextToken" => token = map.next_value::<Option<String>>()?,
                        "TotalCount" | "TotalAclEntry" => total = map.next_value::<Lenient>()?.number(),
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                match rows {
                    Some(rows) => Ok(Page { rows, token, total }),
                    None => Err(A::Error::missing_field(R::LIST)),
                }
            }
        }
        deserializer.deserialize_map(Fields(PhantomData))
    }
}

/// A value as text, however it came: `22`, `"22"`, `true`; empty for null.
#[derive(Debug, Clone, Default)]
pub struct Lenient<'a>(pub Cow<'a, str>);

impl Lenient<'_> {
    /// The number that it is.
    pub fn number<N: FromStr>(&self) -> Option<N> {
        self.0.trim().parse().ok()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Lenient<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Lenient<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a number or a switch")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Lenient(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Lenient(Cow::Owned(text.to_owned())))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
                Ok(Lenient(Cow::Owned(number.to_string())))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
                Ok(Lenient(Cow::Owned(number.to_string())))
            }

            fn visit_bool<E>(self, on: bool) -> Result<Self::Value, E> {
                Ok(Lenient(Cow::Borrowed(if on { "true" } else { "false" })))
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Lenient::default())
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// A text; missing, null and empty are the same.
pub fn filled<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.filter(|text| !text.is_empty()))
}

/// A number, also as text; `None` for missing, null and empty.
pub fn number<'de, D: Deserializer<'de>, N: FromStr>(deserializer: D) -> Result<Option<N>, D::Error> {
    parsed(deserializer, "a number")
}

/// An address; `None` for missing, null and empty.
pub fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<IpAddr>, D::Error> {
    parsed(deserializer, "an address")
}

/// An address that must be there.
pub fn known_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<IpAddr, D::Error> {
    address(deserializer)?.ok_or_else(|| D::Error::custom("an address is empty"))
}

/// A list of addresses, nested or not; missing, null and empty ones in it are left out.
pub fn addresses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpAddr>, D::Error> {
    #[derive(Deserialize)]
    struct One(#[serde(deserialize_with = "address")] Option<IpAddr>);
    let rows = Option::<Rows<One>>::deserialize(deserializer)?;
    Ok(rows.into_iter().flat_map(|rows| rows.0).filter_map(|one| one.0).collect())
}

/// A switch, also as text: `true`, `"True"`.
pub fn switch<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let text = Lenient::deserialize(deserializer)?.0;
    match () {
        () if text.eq_ignore_ascii_case("true") => Ok(true),
        () if text.eq_ignore_ascii_case("false") => Ok(false),
        () => Err(D::Error::custom(format!("{text:?} is neither true nor false"))),
    }
}

fn parsed<'de, D: Deserializer<'de>, N: FromStr>(deserializer: D, what: &str) -> Result<Option<N>, D::Error> {
    let text = Lenient::deserialize(deserializer)?.0;
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| D::Error::custom(format!("{text:?} is not {what}"))),
    }
}

/// Tags: old products say `TagKey` and `TagValue`, new ones `Key` and `Value`.
pub fn tags<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    #[derive(Deserialize)]
    struct Tag {
        #[serde(rename = "TagKey", alias = "Key")]
        key: String,
        #[serde(rename = "TagValue", alias = "Value")]
        value: Option<String>,
    }
    let rows = Option::<Rows<Tag>>::deserialize(deserializer)?;
    Ok(rows.into_iter().flat_map(|rows| rows.0).map(|tag| (tag.key, tag.value.unwrap_or_default())).collect())
}

/// An action whose listing goes by `NextToken` and `MaxResults`: its rows, and the field that tells one from the others.
macro_rules! by_token {
    ($action:ty, $row:ty, $id:ident ) => {
        impl $crate::openapi::Paged for $action {
            type Item = $row;
            // A hundred rows a page: no region holds so many.
            const MOST_PAGES: u32 = 1_000;

            fn start_at(&mut self, cursor: $crate::openapi::Cursor) {
                if let $crate::openapi::Cursor::Token(token) = cursor {
                    self.next_token = Some(token);
                }
            }

            fn take(
                &self,
                page: $crate::cloud::shape::Page<$row>,
                seen: u64,
            ) -> (Vec<$row>, Option<$crate::openapi::Cursor>) {
                page.by_token(seen)
            }

            fn row_id(row: &$row) -> Option<&str> {
                Some(&row.$id)
            }
        }
    };
}

/// The same, by `PageNumber`, `PageSize` and `TotalCount`.
macro_rules! by_number {
    ($action:ty, $row:ty, $id:ident) => {
        impl $crate::openapi::Paged for $action {
            type Item = $row;
            const MOST_PAGES: u32 = 1_000;

            fn start_at(&mut self, cursor: $crate::openapi::Cursor) {
                if let $crate::openapi::Cursor::Page(number) = cursor {
                    self.page_number = number;
                }
            }

            fn take(
                &self,
                page: $crate::cloud::shape::Page<$row>,
                seen: u64,
            ) -> (Vec<$row>, Option<$crate::openapi::Cursor>) {
                page.by_number(self.page_number, seen)
            }

            fn row_id(row: &$row) -> Option<&str> {
                Some(&row.$id)
            }
        }
    };
}

pub(super) use {by_number, by_token};

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Thing(u8);

    impl Row for Thing {
        const LIST: &'static str = "Things";
    }

    fn page(json: &str) -> Result<Page<Thing>, serde_json::Error> {
        serde_json::from_str(json)
    }

    fn numbers(rows: &[Thing]) -> Vec<u8> {
        rows.iter().map(|thing| thing.0).collect()
    }

    #[test]
    fn a_list_is_a_list_nested_or_not() {
        for json in [r#"{"Things": [1, 2], "RequestId": "R"}"#, r#"{"Things": {"Thing": [1, 2]}}"#] {
            assert_eq!(numbers(&page(json).unwrap().all()), [1, 2], "{json}");
        }
        for json in [r#"{"Things": []}"#, r#"{"Things": {"Thing": []}}"#] {
            assert!(page(json).unwrap().all().is_empty(), "{json}");
        }
    }

    #[test]
    fn what_is_not_a_list_is_no_empty_list() {
        for json in [
            "{}",
            r#"{"RequestId": "R"}"#,
            r#"{"Things": null}"#,
            r#"{"Things": {}}"#,
            r#"{"Things": {"Thing": null}}"#,
            r#"{"Things": ""}"#,
            r#"{"Thing": [1]}"#,
        ] {
            assert!(page(json).is_err(), "{json}");
        }
    }

    #[test]
    fn only_the_token_or_the_total_ends_a_listing() {
        let next = |json: &str, seen| page(json).unwrap().by_token(seen).1;
        assert_eq!(next(r#"{"Things": [1], "NextToken": "t"}"#, 0), Some(Cursor::Token("t".to_owned())));
        assert!(next(r#"{"Things": [], "NextToken": "t", "TotalCount": 0}"#, 0).is_some());
        for end in [r#""NextToken": """#, r#""NextToken": null"#, r#""TotalCount": 1"#, r#""X": 1"#] {
            assert_eq!(next(&format!(r#"{{"Things": [1], {end}}}"#), 0), None, "{end}");
        }
        assert!(matches!(next(r#"{"Things": [1], "TotalCount": 3}"#, 1), Some(Cursor::Lost(_))));
        assert_eq!(next(r#"{"Things": [1], "TotalCount": 3}"#, 2), None);

        let next = |json: &str, seen| page(json).unwrap().by_number(4, seen).1;
        assert_eq!(next(r#"{"Things": [1], "TotalCount": "3"}"#, 1), Some(Cursor::Page(5)));
        assert_eq!(next(r#"{"Things": [1], "TotalCount": 3}"#, 2), None);
        assert!(matches!(next(r#"{"Things": [1]}"#, 0), Some(Cursor::Lost(_))));
    }

    #[test]
    fn values_come_as_themselves_or_as_text() {
        #[derive(Deserialize)]
        struct Values {
            #[serde(default, deserialize_with = "number")]
            number: Option<i32>,
            #[serde(default, deserialize_with = "address")]
            ip: Option<IpAddr>,
            #[serde(default, deserialize_with = "addresses")]
            ips: Vec<IpAddr>,
            #[serde(deserialize_with = "switch")]
            on: bool,
            #[serde(default, deserialize_with = "tags")]
            tags: BTreeMap<String, String>,
        }
        let read = |json: &str| serde_json::from_str::<Values>(json);
        let v = read(
            r#"{"number": "-520", "ip": "1.2.3.4", "ips": {"IpAddress": ["::1", ""]}, "on": "True",
            "tags": {"Tag": [{"TagKey": "a", "TagValue": "b"}]}}"#,
        )
        .unwrap();
        assert_eq!((v.number, v.ip.is_some(), v.ips.len(), v.on), (Some(-520), true, 1, true));
        assert_eq!(v.tags["a"], "b");
        let v = read(r#"{"number": 7, "ip": "", "ips": null, "on": false, "tags": [{"Key": "a"}]}"#).unwrap();
        assert_eq!((v.number, v.ip, v.ips.len(), v.on), (Some(7), None, 0, false));
        assert_eq!(v.tags["a"], "");
        for wrong in [r#"{"on": ""}"#, "{}", r#"{"on": true, "ip": "x"}"#, r#"{"on": true, "number": "x"}"#] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
