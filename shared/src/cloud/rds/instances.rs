//! Which instances there are.

use serde::{Deserialize, Serialize};

use super::api;
use crate::cloud::wire::{Rows, number, numbered_pages};
use crate::openapi::{Action, Api, Cursor, Paged};

/// The regions in which RDS is offered, one row a zone.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeRegions {}

impl Action for DescribeRegions {
    const API: Api = api("DescribeRegions").needs("rds:DescribeRegions");
    type Response = Regions;
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Regions {
    regions: Rows<Region>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Region {
    region_id: String,
}

impl Regions {
    /// Their ids, as often as they have zones.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.regions.0.iter().map(|region| region.region_id.as_str())
    }
}

/// The instances of a region: primary, read-only, disaster-recovery and temporary ones alike.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeDBInstances {
    region_id: String,
    /// 1 to 100; the service's default is 30.
    page_size: u32,
    page_number: u32,
    /// 1: have `Category` told.
    instance_level: u32,
}

impl DescribeDBInstances {
    /// Those of a region, from the first page.
    pub fn of(region: &str) -> Self {
        Self { region_id: region.to_owned(), page_size: 100, page_number: 1, instance_level: 1 }
    }
}

impl Action for DescribeDBInstances {
    const API: Api = api("DescribeDBInstances").needs("rds:DescribeDBInstances");
    type Response = InstancePage;
}

numbered_pages!(DescribeDBInstances => Instance);

/// One page of instances.
#[derive(Debug, Clone, Deserialize)]
pub struct InstancePage {
    #[serde(rename = "Items")]
    rows: Rows<Instance>,
    #[serde(rename = "TotalRecordCount", deserialize_with = "number")]
    total: u64,
}

/// An instance.
#[derive(Debug, Clone, Deserialize)]
pub struct Instance {
    /// `rm-…`, `rr-…` for a read-only one.
    #[serde(rename = "DBInstanceId")]
    pub id: String,
    /// Its name.
    #[serde(rename = "DBInstanceDescription")]
    pub description: Option<String>,
    /// `MySQL`, `PostgreSQL`, `SQLServer`, `MariaDB`.
    #[serde(rename = "Engine")]
    pub engine: String,
    /// `Primary`, `Readonly`, `Guard`, `Temp`.
    #[serde(rename = "DBInstanceType")]
    pub role: Option<String>,
    /// `Basic`, `HighAvailability`, `cluster`, …
    #[serde(rename = "Category")]
    pub category: Option<String>,
}

/// The tags of some instances, of one region. The list of instances does not carry them.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListTagResources {
    region_id: String,
    resource_type: &'static str,
    /// At most 50.
    resource_id: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl ListTagResources {
    /// How many instances may be named in one call.
    pub const AT_MOST: usize = 50;

    /// Those of `ids`.
    pub fn of(region: &str, ids: Vec<String>) -> Self {
        let resource_type = "INSTANCE";
        Self { region_id: region.to_owned(), resource_type, resource_id: ids, next_token: None }
    }
}

impl Action for ListTagResources {
    const API: Api = api("ListTagResources").needs("rds:ListTagResources");
    type Response = TagPage;
}

impl Paged for ListTagResources {
    type Item = TaggedInstance;

    fn start_at(&mut self, cursor: Cursor) {
        if let Cursor::Token(token) = cursor {
            self.next_token = Some(token);
        }
    }

    fn take(&self, page: TagPage, _: u64) -> (Vec<TaggedInstance>, Option<Cursor>) {
        (page.tag_resources.0, Cursor::token(page.next_token))
    }
}

/// One page of tags.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TagPage {
    tag_resources: Rows<TaggedInstance>,
    next_token: Option<String>,
}

/// One tag of one instance.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TaggedInstance {
    /// The instance.
    pub resource_id: String,
    /// The key.
    pub tag_key: String,
    /// The value.
    #[serde(default)]
    pub tag_value: String,
}
