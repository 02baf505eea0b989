//! ListObjectsV2: keys in order, those with a common beginning up to the delimiter as one.

use super::objects::{bucket, etag};
use crate::account::Object;
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging;
use crate::product::{Answer, Asked, Reply};
use crate::request::encode;
use crate::xml;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// One line of a listing.
#[derive(Debug, PartialEq)]
enum Entry<'a> {
    Key(&'a str, &'a Object),
    CommonPrefix(&'a str),
}

impl<'a> Entry<'a> {
    fn name(&self) -> &'a str {
        match self {
            Self::Key(name, _) | Self::CommonPrefix(name) => name,
        }
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.data == other.data
    }
}

impl std::fmt::Debug for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Object").field("size", &self.data.len()).finish_non_exhaustive()
    }
}

/// The entries after a name, at most `size`, and whether there are more.
fn entries<'a>(
    objects: &'a BTreeMap<String, Object>,
    prefix: &str,
    delimiter: &str,
    after: &str,
    size: usize,
) -> (Vec<Entry<'a>>, bool) {
    let mut found: Vec<Entry> = Vec::new();
    for (key, object) in objects.iter().filter(|(key, _)| key.starts_with(prefix)) {
        let cut = if delimiter.is_empty() { None } else { key[prefix.len()..].find(delimiter) };
        let entry = match cut {
            Some(at) => Entry::CommonPrefix(&key[..prefix.len() + at + delimiter.len()]),
            None => Entry::Key(key, object),
        };
        // A common prefix that was shown already stands for all of its keys.
        if entry.name() <= after || found.last().is_some_and(|last| last.name() == entry.name()) {
            continue;
        }
        if found.len() == size {
            return (found, true);
        }
        found.push(entry);
    }
    (found, false)
}

pub(super) fn list_objects_v2(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    if asked.required("list-type") != "2" {
        return Err(ApiError::invalid("list-type", "it must be 2"));
    }
    let bucket = bucket(cloud, asked)?;
    let (prefix, delimiter) = (asked.param("prefix"), asked.param("delimiter"));
    let size = paging::size("max-keys", asked.param("max-keys"), 100, 1..=1000)?;
    let token = asked.param("continuation-token");
    let after = match token {
        Some(token) => paging::after("continuation-token", token)?,
        None => asked.param("start-after").unwrap_or_default().into(),
    };
    let url = match asked.param("encoding-type") {
        None => false,
        Some("url") => true,
        Some(other) => return Err(ApiError::invalid("encoding-type", format!("{other} is not url"))),
    };
    let name = |text: &str| if url { encode(text) } else { text.to_string() };
    let (found, more) =
        entries(&bucket.objects, prefix.unwrap_or_default(), delimiter.unwrap_or_default(), &after, size);
    let (mut contents, mut prefixes): (Vec<Value>, Vec<Value>) = Default::default();
    for entry in &found {
        match entry {
            Entry::CommonPrefix(prefix) => prefixes.push(json!({"Prefix": name(prefix)})),
            Entry::Key(key, object) => contents.push(json!({
                "Key": name(key),
                "LastModified": object.modified.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string(),
                "ETag": etag(object),
                "Type": "Normal",
                "Size": object.data.len(),
                "StorageClass": "Standard",
            })),
        }
    }
    let mut answer = json!({
        "Name": bucket.name,
        "Prefix": name(prefix.unwrap_or_default()),
        "Delimiter": name(delimiter.unwrap_or_default()),
        "MaxKeys": size,
        "IsTruncated": more,
        "KeyCount": found.len(),
        "Contents": contents,
        "CommonPrefixes": prefixes,
    });
    let fields = [("ContinuationToken", token), ("StartAfter", asked.param("start-after"))];
    for (field, value) in fields.into_iter().filter_map(|(field, value)| Some((field, value?))) {
        answer[field] = name(value).into();
    }
    if url {
        answer["EncodingType"] = "url".into();
    }
    if let (Some(last), true) = (found.last(), more) {
        answer["NextContinuationToken"] = paging::token(last.name()).into();
    }
    Ok(Answer::Raw(Reply::new(200, "application/xml", xml::document("ListBucketResult", &answer))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects(keys: &[&str]) -> BTreeMap<String, Object> {
        keys.iter().map(|key| ((*key).into(), Object::from(String::new()))).collect()
    }

    #[test]
    fn pages_of_any_size_give_every_entry_once() {
        let objects = objects(&["a", "b/1", "b/2", "b/c/3", "b0", "c", "d/1"]);
        for (prefix, delimiter, expected) in [
            ("", "", vec!["a", "b/1", "b/2", "b/c/3", "b0", "c", "d/1"]),
            ("", "/", vec!["a", "b/", "b0", "c", "d/"]),
            ("b/", "/", vec!["b/1", "b/2", "b/c/"]),
            ("x", "/", vec![]),
        ] {
            for size in 1..=8 {
                let (mut seen, mut after) = (Vec::new(), String::new());
                loop {
                    let (page, more) = entries(&objects, prefix, delimiter, &after, size);
                    seen.extend(page.iter().map(Entry::name));
                    match page.last() {
                        Some(last) if more => after = last.name().into(),
                        _ => break,
                    }
                }
                assert_eq!(seen, expected, "{prefix} {delimiter} {size}");
            }
        }
    }
}
