//! The regions that an account sees.

use serde::{Deserialize, Serialize};

use super::api;
use crate::cloud::shape::{Page, Row};
use crate::openapi::{Action, Api};

/// The regions that are shown to the caller; no pages.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeRegions {}

impl Action for DescribeRegions {
    const API: Api = api("DescribeRegions").needs("ecs:DescribeRegions");
    type Response = Page<Region>;
}

/// A region.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Region {
    /// `cn-hangzhou`.
    pub region_id: String,
}

impl Row for Region {
    const LIST: &'static str = "Regions";
}
