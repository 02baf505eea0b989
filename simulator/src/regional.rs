//! Products that have a region: which one a call means, and what it names by id or in lists.

use crate::account::network::Placed;
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::product::Asked;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The region of a call: RegionId, else that of the host. A host that names one answers for no other.
pub(crate) fn region<'a>(cloud: &Cloud, asked: &'a Asked) -> Result<&'a str, ApiError> {
    let request = asked.request;
    let Some(region) = request.region.as_deref().filter(|region| !region.is_empty()) else {
        return Err(ApiError::gateway(400, "MissingRegionId", "RegionId is mandatory for this action."));
    };
    let known = cloud.account.regions.iter().any(|one| one == region);
    if !known || request.host_region.as_deref().is_some_and(|host| host != region) {
        let message = "The specified RegionId does not exist.";
        return Err(ApiError::new(404, "InvalidRegionId.NotFound", message));
    }
    Ok(region)
}

/// The same for APIs whose RegionId is mandatory, on a regional host too (the APIs' "Request parameters").
pub(crate) fn mandatory<'a>(cloud: &Cloud, asked: &'a Asked) -> Result<&'a str, ApiError> {
    if asked.request.field("RegionId").is_none_or(str::is_empty) {
        return Err(ApiError::gateway(400, "MissingRegionId", "RegionId is mandatory for this action."));
    }
    region(cloud, asked)
}

/// For resource names in permissions: the region, or `*`.
pub(crate) fn named<'a>(asked: &'a Asked) -> &'a str {
    asked.request.region.as_deref().unwrap_or("*")
}

/// The rows of a region.
pub(crate) fn rows_in<'a, T: Placed>(rows: &'a [Arc<T>], region: &str) -> Vec<&'a T> {
    rows.iter().map(AsRef::as_ref).filter(|row: &&T| row.region() == region).collect()
}

/// The row of an id in a region, or the product's error.
pub(crate) fn one<'a, T: Placed>(
    rows: &'a [Arc<T>],
    region: &str,
    id: &str,
    code: &str,
) -> Result<&'a T, ApiError> {
    let mut rows = rows.iter().map(AsRef::as_ref);
    rows.find(|row: &&T| row.region() == region && row.id() == id).ok_or_else(|| not_found(code))
}

/// 404, in the product's word for it.
pub(crate) fn not_found(code: &str) -> ApiError {
    ApiError::new(404, code, "The specified resource does not exist.")
}

/// What a list is narrowed to: `Name.1`, `Name.2` and so on, or a JSON array or texts between commas in `Name`.
/// None: to nothing.
pub(crate) fn wanted(asked: &Asked, name: &str) -> Result<Option<BTreeSet<String>>, ApiError> {
    if let Some(text) = asked.param(name) {
        let list = match text.strip_prefix('[') {
            Some(_) => serde_json::from_str(text).map_err(|why| ApiError::invalid(name, why))?,
            None => text.split(',').map(|one| one.trim().to_string()).collect(),
        };
        return Ok(Some(list));
    }
    let start = format!("{name}.");
    let list: BTreeSet<String> = (asked.request.params.iter())
        .filter(|(key, value)| key.starts_with(&start) && !value.is_empty())
        .map(|(_, value)| value.clone())
        .collect();
    Ok(Some(list).filter(|list| !list.is_empty()))
}

/// Whether a row stays in a list that is narrowed by parameters with one value each, such as VpcId.
pub(crate) fn meets(asked: &Asked, filters: &[(&str, Option<&str>)]) -> bool {
    filters.iter().all(|(name, value)| asked.param(name).is_none_or(|wanted| *value == Some(wanted)))
}

/// Tags as ECS and CLB write them.
pub(crate) fn tag_keys(tags: &BTreeMap<String, String>) -> Value {
    let tags = tags.iter().map(|(key, value)| json!({"TagKey": key, "TagValue": value}));
    json!({"Tag": tags.collect::<Vec<_>>()})
}

/// Tags as VPC writes them.
pub(crate) fn keys(tags: &BTreeMap<String, String>) -> Value {
    json!({ "Tag": flat_keys(tags) })
}

/// Tags as ALB and NLB write them in lists.
pub(crate) fn flat_keys(tags: &BTreeMap<String, String>) -> Value {
    tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

/// DescribeRegions: the account's regions, from whichever host.
pub(crate) fn describe_regions(cloud: &Cloud, product: &str) -> Vec<Value> {
    let regions = cloud.account.regions.iter();
    regions
        .map(|region| {
            json!({
                "RegionId": region,
                "LocalName": region,
                "RegionEndpoint": format!("{product}.{region}.aliyuncs.com"),
            })
        })
        .collect()
}
