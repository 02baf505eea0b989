//! A request as it was received, with what every product needs of it.

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::collections::BTreeMap;

/// RFC 3986: everything but unreserved characters is encoded.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b'/');

/// Percent-encodes a key or value.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Percent-encodes a path: slashes stay.
pub(crate) fn encode_path(text: &str) -> String {
    utf8_percent_encode(text, RESERVED_IN_PATH).to_string()
}

/// Percent-decodes; `+` stays.
pub(crate) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Splits a query string or form body; `+` is a space there.
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            (decode(&key.replace('+', " ")), decode(&value.replace('+', " ")))
        })
        .collect()
}

/// A request. Header names are in lower case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// As sent: still percent-encoded.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    /// The fields of a form body.
    pub(crate) form: Vec<(String, String)>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Bytes,
    /// Host without port, in lower case.
    pub(crate) host: String,
    /// The API's own parameters, those of its path included: filled by the product.
    pub(crate) params: BTreeMap<String, String>,
    /// From the host or RegionId: filled by the product.
    pub(crate) region: Option<String>,
    /// The region that the host names, if it names one.
    pub(crate) host_region: Option<String>,
}

impl Request {
    pub(crate) fn new(
        method: &str,
        path: &str,
        query: &str,
        headers: BTreeMap<String, String>,
        body: Bytes,
    ) -> Self {
        let is_form = headers
            .get("content-type")
            .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded"));
        let host = headers.get("host").map_or("", String::as_str);
        Self {
            method: method.into(),
            path: path.into(),
            query: pairs(query),
            form: if is_form { pairs(&String::from_utf8_lossy(&body)) } else { Vec::new() },
            host: host.rsplit_once(':').map_or(host, |(name, _)| name).to_ascii_lowercase(),
            headers,
            body,
            ..Self::default()
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// Query and form together: where RPC parameters may stand.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &(String, String)> {
        self.query.iter().chain(&self.form)
    }

    /// One query or form field.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A parameter of the API; an empty one counts as left out.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.params.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_is_that_of_the_signature_rules() {
        assert_eq!(encode("a b*c~d/中-_."), "a%20b%2Ac~d%2F%E4%B8%AD-_.");
        assert_eq!(encode_path("/a b/c+d"), "/a%20b/c%2Bd");
        assert_eq!(
            pairs("a=1+2&b&c=%2B"),
            [("a".into(), "1 2".into()), ("b".into(), String::new()), ("c".into(), "+".into())]
        );
    }
}
