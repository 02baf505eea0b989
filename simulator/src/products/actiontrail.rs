//! ActionTrail 2020-07-06: LookupEvents and the use of access keys.

mod key_use;
mod lookup;

use crate::cloud::Cloud;
use crate::product::{self, Api, Asked, Product, named_host};

pub(crate) static PRODUCT: Product = Product {
    name: "actiontrail",
    service: "Actiontrail",
    version: "2020-07-06",
    serves: |host| named_host(&["actiontrail"], host),
    identify: product::identify,
    translate: |error| error,
    refuse: product::refuse,
    request_id_header: "x-acs-request-id",
    key_policies: true,
    global: false,
    management: true,
    apis: &[
        Api::read("LookupEvents", lookup::lookup_events)
            .optional(&["StartTime", "EndTime", "MaxResults", "NextToken", "Direction", "LookupAttribute"])
            .needs("actiontrail:LookupEvents", everything),
        Api::read("GetAccessKeyLastUsedInfo", key_use::info)
            .required(&["AccessKey"])
            .needs("actiontrail:GetAccessKeyLastUsedInfo", everything),
        Api::read("GetAccessKeyLastUsedProducts", key_use::products)
            .required(&["AccessKey"])
            .needs("actiontrail:GetAccessKeyLastUsedProducts", everything),
        Api::read("GetAccessKeyLastUsedEvents", key_use::events)
            .required(&["AccessKey", "ServiceName"])
            .optional(&["NextToken", "PageSize"])
            .needs("actiontrail:GetAccessKeyLastUsedEvents", everything),
        Api::read("GetAccessKeyLastUsedIps", key_use::addresses)
            .required(&["AccessKey", "ServiceName"])
            .optional(&["NextToken", "PageSize"])
            .needs("actiontrail:GetAccessKeyLastUsedIps", everything),
    ],
};

fn everything(cloud: &Cloud, asked: &Asked) -> String {
    let region = asked.request.region.as_deref().unwrap_or("*");
    format!("acs:actiontrail:{region}:{}:*", cloud.account.account_id)
}
