//! Objects: which there are, and the ACL of one.

use serde::{Deserialize, Serialize};

use super::AclDocument;
use crate::openapi::{Action, Api, document, percent_path};

/// The first keys of a bucket, in the order of their names (ListObjectsV2).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ListObjects<'a> {
    #[serde(skip)]
    bucket: &'a str,
    list_type: u8,
    max_keys: u32,
    /// Keys may hold what XML cannot.
    encoding_type: &'static str,
}

impl<'a> ListObjects<'a> {
    /// So many of this bucket, at most 1,000.
    pub fn first(bucket: &'a str, most: u32) -> Self {
        Self { bucket, list_type: 2, max_keys: most, encoding_type: "url" }
    }
}

impl Action for ListObjects<'_> {
    const API: Api = Api::oss("ListObjects").needs("oss:ListObjects");
    type Response = Objects;

    fn subdomain(&self) -> Option<&str> {
        Some(self.bucket)
    }

    fn parse(body: &[u8]) -> Result<Objects, String> {
        document(body, "ListBucketResult")
    }
}

/// Those keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Objects {
    /// Whether the bucket has more.
    pub is_truncated: bool,
    encoding_type: Option<String>,
    #[serde(default)]
    contents: Vec<Content>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    key: String,
}

impl Objects {
    /// The keys as they are.
    pub fn keys(&self) -> impl Iterator<Item = String> {
        let encoded = self.encoding_type.as_deref() == Some("url");
        self.contents.iter().map(move |content| {
            if encoded {
                percent_encoding::percent_decode_str(&content.key).decode_utf8_lossy().into_owned()
            } else {
                content.key.clone()
            }
        })
    }
}

/// The ACL of one object.
#[derive(Debug, Clone, Serialize)]
pub struct GetObjectAcl<'a> {
    #[serde(skip)]
    bucket: &'a str,
    #[serde(skip)]
    key: &'a str,
    acl: &'static str,
}

impl<'a> GetObjectAcl<'a> {
    /// Of this object.
    pub fn of(bucket: &'a str, key: &'a str) -> Self {
        Self { bucket, key, acl: "" }
    }
}

impl Action for GetObjectAcl<'_> {
    const API: Api = Api::oss("GetObjectAcl").needs("oss:GetObjectAcl");
    type Response = AclDocument;

    fn path(&self) -> String {
        format!("/{}", percent_path(self.key))
    }

    fn subdomain(&self) -> Option<&str> {
        Some(self.bucket)
    }

    fn parse(body: &[u8]) -> Result<AclDocument, String> {
        document(body, "AccessControlPolicy")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_decoded_and_encoded_again() {
        let page = ListObjects::parse(
            b"<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>\
              <Contents><Key>a%2Fb%20c%2B%E4%BD%A0.txt</Key><Size>1</Size></Contents>\
              <Contents><Key>plain</Key></Contents></ListBucketResult>",
        )
        .unwrap();
        let keys: Vec<String> = page.keys().collect();
        assert_eq!(keys, ["a/b c+\u{4f60}.txt", "plain"]);
        assert_eq!(GetObjectAcl::of("b", &keys[0]).path(), "/a/b%20c%2B%E4%BD%A0.txt");
        let empty = b"<ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated></ListBucketResult>";
        assert_eq!(ListObjects::parse(empty).unwrap().keys().count(), 0);
        assert!(ListObjects::parse(b"<ListBucketResult><Name>b</Name></ListBucketResult>").is_err());
    }
}
