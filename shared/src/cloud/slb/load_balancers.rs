//! The balancers themselves.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::api;
use crate::cloud::shape::{self, Page, Row, by_number};
use crate::openapi::{Action, Api};

/// The load balancers of a region, internal ones included.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeLoadBalancers {
    /// The region.
    pub region_id: String,
    /// Rows in a page, up to 100.
    pub page_size: u32,
    /// Which page.
    pub page_number: u32,
}

impl DescribeLoadBalancers {
    /// All of them.
    pub fn new(region: &str) -> Self {
        Self { region_id: region.to_owned(), page_size: 100, page_number: 1 }
    }
}

impl Action for DescribeLoadBalancers {
    const API: Api = api("DescribeLoadBalancers").needs("slb:DescribeLoadBalancers");
    type Response = Page<LoadBalancer>;
}

by_number!(DescribeLoadBalancers, LoadBalancer, load_balancer_id);

/// A load balancer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LoadBalancer {
    /// `lb-…`.
    pub load_balancer_id: String,
    /// Its name.
    #[serde(default, deserialize_with = "shape::filled")]
    pub load_balancer_name: Option<String>,
    /// Its address.
    #[serde(default, deserialize_with = "shape::address")]
    pub address: Option<IpAddr>,
    /// `internet` or `intranet`.
    pub address_type: String,
    /// Its VPC, if it is internal.
    #[serde(default, deserialize_with = "shape::filled")]
    pub vpc_id: Option<String>,
    /// Its tags.
    #[serde(default, deserialize_with = "shape::tags")]
    pub tags: BTreeMap<String, String>,
}

impl Row for LoadBalancer {
    const LIST: &'static str = "LoadBalancers";
}
