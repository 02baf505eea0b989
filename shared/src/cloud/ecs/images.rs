//! Custom images, and who else may start them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::api;
use crate::cloud::shape::{self, Page, Row, Rows, by_number};
use crate::openapi::{Action, Api, Cursor, Paged};

/// The account's own images in a region. A community image is one of them with `IsPublic`; asking for public ones would list those of
/// others.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeImages {
    /// The region.
    pub region_id: String,
    /// `self`.
    pub image_owner_alias: &'static str,
    /// Rows in a page, up to 100.
    pub page_size: u32,
    /// Which page.
    pub page_number: u32,
}

impl DescribeImages {
    /// All of them.
    pub fn own(region: &str) -> Self {
        Self { region_id: region.to_owned(), image_owner_alias: "self", page_size: 100, page_number: 1 }
    }
}

impl Action for DescribeImages {
    const API: Api = api("DescribeImages").needs("ecs:DescribeImages");
    type Response = Page<Image>;
}

by_number!(DescribeImages, Image, image_id);

/// An image.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Image {
    /// `m-…`.
    pub image_id: String,
    /// Its name.
    #[serde(default, deserialize_with = "shape::filled")]
    pub image_name: Option<String>,
    /// Whether it is a community image.
    #[serde(deserialize_with = "shape::switch")]
    pub is_public: bool,
    /// Its tags.
    #[serde(default, deserialize_with = "shape::tags")]
    pub tags: BTreeMap<String, String>,
}

impl Row for Image {
    const LIST: &'static str = "Images";
}

/// The accounts that an image is shared with.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeImageSharePermission {
    /// The region.
    pub region_id: String,
    /// The image.
    pub image_id: String,
    /// Rows in a page, up to 100.
    pub page_size: u32,
    /// Which page.
    pub page_number: u32,
}

impl DescribeImageSharePermission {
    /// All of them.
    pub fn new(region: &str, image: &str) -> Self {
        Self { region_id: region.to_owned(), image_id: image.to_owned(), page_size: 100, page_number: 1 }
    }
}

impl Action for DescribeImageSharePermission {
    const API: Api = api("DescribeImageSharePermission").needs("ecs:DescribeImageSharePermission");
    type Response = Shares;
}

impl Paged for DescribeImageSharePermission {
    type Item = Share;
    const MOST_PAGES: u32 = 1_000;

    fn start_at(&mut self, cursor: Cursor) {
        if let Cursor::Page(number) = cursor {
            self.page_number = number;
        }
    }

    fn take(&self, page: Shares, seen: u64) -> (Vec<Share>, Option<Cursor>) {
        let rows = page.accounts.0;
        let seen = seen + rows.len() as u64;
        // Whether the total counts the share groups, too, is not documented.
        let groups = page.share_groups.map_or(0, |groups| groups.0.len() as u64);
        let next = match page.total_count {
            Some(total) => Cursor::page(self.page_number, seen + groups, total),
            None => Some(Cursor::Lost("the answer has no TotalCount")),
        };
        (rows, next)
    }

    fn row_id(row: &Share) -> Option<&str> {
        Some(&row.aliyun_id)
    }
}

/// One page of accounts.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Shares {
    accounts: Rows<Share>,
    #[serde(default)]
    share_groups: Option<Rows<serde::de::IgnoredAny>>,
    #[serde(default, deserialize_with = "shape::number")]
    total_count: Option<u64>,
}

/// An account that an image is shared with.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Share {
    /// The account's id.
    pub aliyun_id: String,
}
