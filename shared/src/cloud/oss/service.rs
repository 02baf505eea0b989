//! What belongs to the account.

use serde::{Deserialize, Serialize};

use super::PublicAccessBlock;
use crate::openapi::{Action, Api, Cursor, Paged, document};

/// The account's buckets, of all regions, whichever region is asked.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ListBuckets {
    /// Rows of a page, at most 1,000.
    max_keys: u32,
    /// Where the page starts: after this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
}

impl Default for ListBuckets {
    fn default() -> Self {
        Self { max_keys: 1000, marker: None }
    }
}

impl Action for ListBuckets {
    const API: Api = Api::oss("ListBuckets").needs("oss:ListBuckets");
    type Response = BucketPage;

    fn parse(body: &[u8]) -> Result<BucketPage, String> {
        document(body, "ListAllMyBucketsResult")
    }
}

/// One page of them. `IsTruncated` is left out when the page is all there is.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct BucketPage {
    #[serde(default)]
    is_truncated: bool,
    next_marker: Option<String>,
    buckets: Buckets,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Buckets {
    /// No element, no bucket: the element around it is required.
    #[serde(default)]
    bucket: Vec<BucketRow>,
}

/// A bucket, as the listing shows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct BucketRow {
    /// Its name.
    pub name: String,
    location: String,
}

impl BucketRow {
    /// Its region, as its host and its signatures name it. The listing says `oss-cn-hangzhou`.
    pub fn region(&self) -> &str {
        self.location.strip_prefix("oss-").unwrap_or(&self.location)
    }
}

impl Paged for ListBuckets {
    type Item = BucketRow;

    fn start_at(&mut self, cursor: Cursor) {
        if let Cursor::Marker(marker) = cursor {
            self.marker = Some(marker);
        }
    }

    fn take(&self, page: BucketPage, _: u64) -> (Vec<BucketRow>, Option<Cursor>) {
        (page.buckets.bucket, Cursor::marker(page.is_truncated, page.next_marker))
    }
}

/// Whether the account blocks public access to all its buckets.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GetPublicAccessBlock {
    public_access_block: &'static str,
}

impl Action for GetPublicAccessBlock {
    const API: Api = Api::oss("GetPublicAccessBlock").needs("oss:GetPublicAccessBlock");
    type Response = PublicAccessBlock;

    fn parse(body: &[u8]) -> Result<PublicAccessBlock, String> {
        document(body, "PublicAccessBlockConfiguration")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_gives_names_regions_and_where_to_go_on() {
        let page = ListBuckets::parse(
            br#"<?xml version="1.0" encoding="UTF-8"?>
            <ListAllMyBucketsResult><Prefix></Prefix><Marker></Marker><MaxKeys>2</MaxKeys><IsTruncated>true</IsTruncated>
            <NextMarker>logs</NextMarker><Owner><ID>1</ID><DisplayName>1</DisplayName></Owner><Buckets>
            <Bucket><CreationDate>2024-05-01T00:00:00.000Z</CreationDate><Location>oss-cn-hangzhou</Location><Name>a</Name></Bucket>
            <Bucket><Location>oss-eu-central-1</Location><Name>logs</Name><Region>eu-central-1</Region></Bucket>
            </Buckets></ListAllMyBucketsResult>"#,
        )
        .unwrap();
        let (rows, next) = ListBuckets::default().take(page, 0);
        let rows: Vec<_> = rows.iter().map(|row| (row.name.as_str(), row.region())).collect();
        assert_eq!(rows, [("a", "cn-hangzhou"), ("logs", "eu-central-1")]);
        assert_eq!(next, Some(Cursor::Marker("logs".to_owned())));
    }

    #[test]
    fn none_is_none_only_when_it_says_so() {
        let none =
            b"<ListAllMyBucketsResult><Owner><ID>1</ID></Owner><Buckets></Buckets></ListAllMyBucketsResult>";
        let (rows, next) = ListBuckets::default().take(ListBuckets::parse(none).unwrap(), 0);
        assert!(rows.is_empty() && next.is_none());
        for silent in
            ["<ListAllMyBucketsResult/>", "<html><Buckets/></html>", "", "<ListAllMyBucketsResult><Buckets>"]
        {
            assert!(ListBuckets::parse(silent.as_bytes()).is_err(), "{silent}");
        }
    }
}
