//! Elastic Compute Service, ECS 2014-05-26: instances, interfaces, security groups and their lists, images,
//! launch templates, disks. Reads alone.

mod groups;
mod images;
mod instances;
mod lists;
mod templates;

use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging::{self, Sizes};
use crate::product::{self, Answer, Api, Asked, Product, named_host};
use crate::regional;
use serde_json::{Map, Value, json};

pub(crate) static PRODUCT: Product = Product {
    name: "ecs",
    service: "Ecs",
    version: "2014-05-26",
    serves,
    identify: product::identify,
    translate: product::forbidden_by_ram,
    refuse: product::refuse,
    request_id_header: "x-acs-request-id",
    key_policies: true,
    global: false,
    management: true,
    apis: &[
        Api::read("DescribeRegions", regions)
            .optional(&["AcceptLanguage", "InstanceChargeType", "ResourceType"])
            .rate(CALLS, 60)
            .needs("ecs:DescribeRegions", |_, _| "*".into()),
        Api::read("DescribeSecurityGroups", groups::list)
            .optional(&[
                "MaxResults",
                "NextToken",
                "PageNumber",
                "PageSize",
                "SecurityGroupId",
                "SecurityGroupIds",
                "SecurityGroupName",
                "SecurityGroupType",
                "VpcId",
            ])
            .unplayed(&[
                "DryRun",
                "FuzzyQuery",
                "IsQueryEcsCount",
                "NetworkType",
                "ResourceGroupId",
                "ServiceManaged",
                "Tag",
            ])
            .rate(CALLS, 60)
            .needs("ecs:DescribeSecurityGroups", |cloud, asked| arn(cloud, asked, "securitygroup", "*")),
        Api::read("DescribeSecurityGroupAttribute", groups::attribute)
            .required(&["SecurityGroupId"])
            .optional(&["Direction", "MaxResults", "NextToken", "NicType"])
            .unplayed(&["Attribute"])
            .rate(CALLS, 60)
            .needs("ecs:DescribeSecurityGroupAttribute", |cloud, asked| {
                arn(cloud, asked, "securitygroup", asked.required("SecurityGroupId"))
            }),
        Api::read("DescribePrefixLists", lists::prefix_lists)
            .optional(&["AddressFamily", "MaxResults", "NextToken", "PrefixListId", "PrefixListName"])
            .unplayed(&["ResourceGroupId", "Tag"])
            .rate(CALLS, 60)
            .needs("ecs:DescribePrefixLists", |cloud, asked| arn(cloud, asked, "prefixlist", "*")),
        Api::read("DescribePrefixListAttributes", lists::prefix_list)
            .required(&["PrefixListId"])
            .rate(CALLS, 60)
            .needs("ecs:DescribePrefixListAttributes", |cloud, asked| {
                arn(cloud, asked, "prefixlist", asked.required("PrefixListId"))
            }),
        Api::read("DescribePortRangeLists", lists::port_lists)
            .optional(&["MaxResults", "NextToken", "PortRangeListId", "PortRangeListName"])
            .unplayed(&["ResourceGroupId", "Tag"])
            .rate(CALLS, 60)
            .needs("ecs:DescribePortRangeLists", |cloud, asked| arn(cloud, asked, "portrangelist", "*")),
        Api::read("DescribePortRangeListEntries", lists::port_list)
            .required(&["PortRangeListId"])
            .rate(CALLS, 60)
            .needs("ecs:DescribePortRangeListEntries", |cloud, asked| {
                arn(cloud, asked, "portrangelist", asked.required("PortRangeListId"))
            }),
        Api::read("DescribeInstances", instances::list)
            .optional(&[
                "AdditionalAttributes",
                "InstanceIds",
                "InstanceName",
                "InstanceNetworkType",
                "MaxResults",
                "NextToken",
                "PageNumber",
                "PageSize",
                "SecurityGroupId",
                "Status",
                "VSwitchId",
                "VpcId",
            ])
            .unplayed(&[
                "DeviceAvailable",
                "DryRun",
                "EipAddresses",
                "Filter",
                "HpcClusterId",
                "HttpEndpoint",
                "HttpPutResponseHopLimit",
                "HttpTokens",
                "ImageId",
                "InnerIpAddresses",
                "InstanceChargeType",
                "InstanceType",
                "InstanceTypeFamily",
                "InternetChargeType",
                "IoOptimized",
                "Ipv6Address",
                "KeyPairName",
                "LockReason",
                "NeedSaleCycle",
                "PrivateIpAddresses",
                "PublicIpAddresses",
                "RdmaIpAddresses",
                "ResourceGroupId",
                "Tag",
                "ZoneId",
            ])
            .rate(CALLS, 60)
            .needs("ecs:DescribeInstances", |cloud, asked| arn(cloud, asked, "instance", "*")),
        Api::read("DescribeUserData", instances::user_data)
            .required(&["InstanceId"])
            .rate(CALLS, 60)
            .needs("ecs:DescribeUserData", |cloud, asked| {
                arn(cloud, asked, "instance", asked.required("InstanceId"))
            }),
        Api::read("DescribeNetworkInterfaces", instances::interfaces)
            .optional(&[
                "InstanceId",
                "MaxResults",
                "NetworkInterfaceId",
                "NextToken",
                "PageNumber",
                "PageSize",
                "PrimaryIpAddress",
                "SecurityGroupId",
                "ServiceManaged",
                "Status",
                "Type",
                "VSwitchId",
                "VpcId",
            ])
            .unplayed(&["Ipv6Address", "NetworkInterfaceName", "PrivateIpAddress", "ResourceGroupId", "Tag"])
            .rate(CALLS, 60)
            .needs("ecs:DescribeNetworkInterfaces", |cloud, asked| arn(cloud, asked, "eni", "*")),
        Api::read("DescribeDisks", instances::disks)
            .optional(&[
                "DiskIds",
                "DiskType",
                "Encrypted",
                "InstanceId",
                "MaxResults",
                "NextToken",
                "PageNumber",
                "PageSize",
                "Status",
            ])
            .unplayed(&[
                "AdditionalAttributes",
                "AutoSnapshotPolicyId",
                "Category",
                "DeleteAutoSnapshot",
                "DeleteWithInstance",
                "DiskChargeType",
                "DiskName",
                "DryRun",
                "EnableAutoSnapshot",
                "EnableAutomatedSnapshotPolicy",
                "EnableShared",
                "Filter",
                "KMSKeyId",
                "LockReason",
                "MultiAttach",
                "Portable",
                "ResourceGroupId",
                "SnapshotId",
                "Tag",
                "ZoneId",
            ])
            .rate(CALLS, 60)
            .needs("ecs:DescribeDisks", |cloud, asked| arn(cloud, asked, "disk", "*")),
        Api::read("DescribeImages", images::list)
            .optional(&[
                "ImageId",
                "ImageName",
                "ImageOwnerAlias",
                "IsPublic",
                "PageNumber",
                "PageSize",
                "Status",
            ])
            .unplayed(&[
                "ActionType",
                "Architecture",
                "DryRun",
                "Filter",
                "ImageFamily",
                "ImageOwnerId",
                "InstanceType",
                "IsSupportCloudinit",
                "IsSupportIoOptimized",
                "OSType",
                "ResourceGroupId",
                "ShowExpired",
                "SnapshotId",
                "Tag",
                "Usage",
            ])
            .rate(CALLS, 60)
            .needs("ecs:DescribeImages", |cloud, asked| arn(cloud, asked, "image", "*")),
        Api::read("DescribeImageSharePermission", images::share_permission)
            .required(&["ImageId"])
            .optional(&["PageNumber", "PageSize"])
            .rate(CALLS, 60)
            .needs("ecs:DescribeImageSharePermission", |cloud, asked| {
                arn(cloud, asked, "image", asked.required("ImageId"))
            }),
        Api::read("DescribeLaunchTemplates", templates::list)
            .optional(&["LaunchTemplateId", "LaunchTemplateName", "PageNumber", "PageSize"])
            .unplayed(&["TemplateResourceGroupId", "TemplateTag"])
            .rate(CALLS, 60)
            .needs("ecs:DescribeLaunchTemplates", |cloud, asked| arn(cloud, asked, "launchtemplate", "*")),
        Api::read("DescribeLaunchTemplateVersions", templates::versions)
            .optional(&[
                "DefaultVersion",
                "DetailFlag",
                "LaunchTemplateId",
                "LaunchTemplateName",
                "LaunchTemplateVersion",
                "PageNumber",
                "PageSize",
            ])
            .unplayed(&["MaxVersion", "MinVersion"])
            .rate(CALLS, 60)
            .needs("ecs:DescribeLaunchTemplateVersions", |cloud, asked| {
                arn(cloud, asked, "launchtemplate", asked.param("LaunchTemplateId").unwrap_or("*"))
            }),
    ],
};

/// Calls of an API a minute in a region: the usual figure (ECS, "API quotas"; some APIs have half of it).
const CALLS: u32 = 1000;

/// Its own name for the hosts of the first regions (the official SDKs' endpoint map), beside the usual ones.
fn serves(host: &str) -> Option<Option<String>> {
    match host {
        "ecs-cn-hangzhou.aliyuncs.com" => Some(None),
        _ => named_host(&["ecs"], host),
    }
}

fn arn(cloud: &Cloud, asked: &Asked, kind: &str, id: &str) -> String {
    format!("acs:ecs:{}:{}:{kind}/{id}", regional::named(asked), cloud.account.account_id)
}

fn regions(cloud: &mut Cloud, _: &Asked) -> Result<Answer, ApiError> {
    let mut regions = regional::describe_regions(cloud, "ecs");
    regions.iter_mut().for_each(|region| region["Status"] = "available".into());
    Ok(json!({"Regions": {"Region": regions}}).into())
}

/// What a list says of its total where it is read by token: the documents call it meaningless, or it is not
/// there at all.
#[derive(Clone, Copy)]
enum Total {
    Meaningless,
    Absent,
}

/// A page by token where MaxResults or NextToken is given, else by number (DescribeInstances and its like).
fn either<T>(
    rows: Vec<T>,
    id: impl Fn(&T) -> &str,
    asked: &Asked,
    (tokens, numbers): (Sizes, Sizes),
    total: Total,
) -> Result<(Vec<T>, Map<String, Value>), ApiError> {
    if asked.param("MaxResults").is_none() && asked.param("NextToken").is_none() {
        return paging::by_number(rows, asked, numbers);
    }
    let (page, next) = paging::by_token(rows, id, asked, tokens)?;
    let mut said = Map::from_iter([("NextToken".to_string(), json!(next.unwrap_or_default()))]);
    if matches!(total, Total::Meaningless) {
        said.insert("TotalCount".into(), json!(0));
    }
    Ok((page, said))
}
