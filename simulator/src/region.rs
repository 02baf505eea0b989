//! Regions: which there are, which one a call is about, and what the host of a region answers for.

use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::product::Asked;

/// The account's regions.
pub(crate) fn all(cloud: &Cloud) -> impl Iterator<Item = &str> {
    cloud.account.regions.iter().map(String::as_str)
}

/// The region that a call is about: one of the account's, and that of the host if the host names one.
pub(crate) fn of<'a>(cloud: &Cloud, asked: &'a Asked) -> Result<&'a str, ApiError> {
    let request = asked.request;
    let Some(region) = request.region.as_deref() else {
        return Err(ApiError::gateway(400, "MissingRegionId", "RegionId is mandatory for this action."));
    };
    let host = request.host_region.as_deref().unwrap_or(region);
    if host != region || all(cloud).all(|one| one != region) {
        return Err(ApiError::new(404, "InvalidRegionId.NotFound", "The specified RegionId does not exist."));
    }
    Ok(region)
}

/// Whether a call can mean something that is in this region: neither its host nor its RegionId says another.
pub(crate) fn reaches(asked: &Asked, region: &str) -> bool {
    let request = asked.request;
    [&request.region, &request.host_region]
        .into_iter()
        .all(|said| said.as_deref().is_none_or(|one| one == region))
}

/// The region in an ARN that a call is checked against: `*` if the call says none.
pub(crate) fn in_arn<'a>(asked: &'a Asked) -> &'a str {
    asked.request.region.as_deref().unwrap_or("*")
}
