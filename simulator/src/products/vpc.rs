//! Virtual Private Cloud, VPC 2016-04-28: VPCs and vSwitches, EIPs, NAT gateways, IPv6, network ACLs. Reads alone.

mod acls;
mod addresses;
mod ipv6;
mod nat;

use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging::Sizes;
use crate::product::{self, Answer, Api, Asked, Product, named_host};
use crate::regional;
use serde_json::json;

pub(crate) static PRODUCT: Product = Product {
    name: "vpc",
    service: "Vpc",
    version: "2016-04-28",
    serves: |host| named_host(&["vpc"], host),
    identify: product::identify,
    translate: product::forbidden_by_ram,
    refuse: product::refuse,
    request_id_header: "x-acs-request-id",
    key_policies: true,
    global: false,
    management: true,
    apis: &[
        Api::read("DescribeRegions", regions)
            .optional(&["AcceptLanguage", "ProductType"])
            .rate(CALLS, 60)
            .needs("vpc:DescribeRegions", |_, _| "*".into()),
        Api::read("DescribeVpcs", addresses::vpcs)
            .optional(&["IsDefault", "PageNumber", "PageSize", "VpcId", "VpcName"])
            .unplayed(&["DhcpOptionsSetId", "DryRun", "EnableIpv6", "ResourceGroupId", "Tag", "VpcOwnerId"])
            .rate(CALLS, 60)
            .needs("vpc:DescribeVpcs", |cloud, asked| arn(cloud, asked, "vpc", "*")),
        Api::read("DescribeVSwitches", addresses::vswitches)
            .optional(&["PageNumber", "PageSize", "VSwitchId", "VSwitchName", "VpcId", "ZoneId"])
            .unplayed(&[
                "DryRun",
                "EnableIpv6",
                "IsDefault",
                "ResourceGroupId",
                "RouteTableId",
                "Tag",
                "VSwitchOwnerId",
            ])
            .rate(CALLS, 60)
            .needs("vpc:DescribeVSwitches", |cloud, asked| arn(cloud, asked, "vswitch", "*")),
        Api::read("DescribeEipAddresses", addresses::eips)
            .optional(&[
                "AllocationId",
                "AssociatedInstanceId",
                "AssociatedInstanceType",
                "EipAddress",
                "EipName",
                "PageNumber",
                "PageSize",
                "ServiceManaged",
                "Status",
            ])
            .unplayed(&[
                "ChargeType",
                "DryRun",
                "Filter",
                "ISP",
                "IncludeReservationData",
                "LockReason",
                "PublicIpAddressPoolId",
                "ResourceGroupId",
                "SecurityProtectionEnabled",
                "SegmentInstanceId",
                "Tag",
            ])
            .rate(CALLS, 60)
            .needs("vpc:DescribeEipAddresses", |cloud, asked| arn(cloud, asked, "eip", "*")),
        Api::read("DescribeNatGateways", nat::gateways)
            .optional(&["Name", "NatGatewayId", "NetworkType", "PageNumber", "PageSize", "Status", "VpcId"])
            .unplayed(&[
                "DryRun",
                "InstanceChargeType",
                "NatType",
                "ResourceGroupId",
                "Spec",
                "Tag",
                "ZoneId",
            ])
            .rate(CALLS, 60)
            .needs("vpc:DescribeNatGateways", |cloud, asked| arn(cloud, asked, "natgateway", "*")),
        Api::read("DescribeForwardTableEntries", nat::forward_entries)
            .optional(&[
                "ExternalIp",
                "ExternalPort",
                "ForwardEntryId",
                "ForwardEntryName",
                "ForwardTableId",
                "InternalIp",
                "InternalPort",
                "IpProtocol",
                "NatGatewayId",
                "PageNumber",
                "PageSize",
            ])
            .rate(CALLS, 60)
            .needs("vpc:DescribeForwardTableEntries", |cloud, asked| {
                arn(cloud, asked, "forwardtable", asked.param("ForwardTableId").unwrap_or("*"))
            }),
        Api::read("DescribeIpv6Gateways", ipv6::gateways)
            .optional(&["Ipv6GatewayId", "PageNumber", "PageSize", "VpcId"])
            .unplayed(&["Name", "ResourceGroupId", "Tags"])
            .rate(CALLS, 60)
            .needs("vpc:DescribeIpv6Gateways", |cloud, asked| arn(cloud, asked, "ipv6gateway", "*")),
        Api::read("DescribeIpv6Addresses", ipv6::addresses)
            .optional(&[
                "AssociatedInstanceId",
                "AssociatedInstanceType",
                "Ipv6Address",
                "Ipv6AddressId",
                "NetworkType",
                "PageNumber",
                "PageSize",
                "VSwitchId",
                "VpcId",
            ])
            .unplayed(&[
                "AddressType",
                "IncludeReservationData",
                "Ipv6InternetBandwidthId",
                "Name",
                "ResourceGroupId",
                "ServiceManaged",
                "Tag",
            ])
            .rate(CALLS, 60)
            .needs("vpc:DescribeIpv6Addresses", |cloud, asked| arn(cloud, asked, "ipv6address", "*")),
        Api::read("DescribeIpv6EgressOnlyRules", ipv6::egress_only_rules)
            .required(&["Ipv6GatewayId"])
            .optional(&["InstanceId", "InstanceType", "Ipv6EgressOnlyRuleId", "PageNumber", "PageSize"])
            .unplayed(&["Name"])
            .rate(CALLS, 60)
            .needs("vpc:DescribeIpv6EgressOnlyRules", |cloud, asked| {
                arn(cloud, asked, "ipv6gateway", asked.required("Ipv6GatewayId"))
            }),
        Api::read("DescribeNetworkAcls", acls::list)
            .optional(&[
                "ClientToken",
                "NetworkAclId",
                "NetworkAclName",
                "PageNumber",
                "PageSize",
                "ResourceId",
                "ResourceType",
                "VpcId",
            ])
            .unplayed(&["Tags"])
            .rate(30, 60)
            .needs("vpc:DescribeNetworkAcls", |cloud, asked| arn(cloud, asked, "networkacl", "*")),
        Api::read("DescribeNetworkAclAttributes", acls::attributes)
            .required(&["NetworkAclId"])
            .optional(&["ClientToken"])
            .rate(CALLS, 60)
            .needs("vpc:DescribeNetworkAclAttributes", |cloud, asked| {
                arn(cloud, asked, "networkacl", asked.required("NetworkAclId"))
            }),
    ],
};

/// Calls of an API a minute in a region. The page "API quotas" gives 300 to 1,200, and 30 for
/// DescribeNetworkAcls; which of the reads here has which is not known, so the least is taken.
const CALLS: u32 = 300;

/// At most 50 rows a page; whoever asks for more gets 50, and is told so by PageSize.
const SIZES: Sizes = Sizes::of(10, 50).fitted();

fn arn(cloud: &Cloud, asked: &Asked, kind: &str, id: &str) -> String {
    format!("acs:vpc:{}:{}:{kind}/{id}", regional::named(asked), cloud.account.account_id)
}

fn regions(cloud: &mut Cloud, _: &Asked) -> Result<Answer, ApiError> {
    Ok(json!({"Regions": {"Region": regional::describe_regions(cloud, "vpc")}}).into())
}
