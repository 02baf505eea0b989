//! Classic Load Balancer, SLB 2014-05-15: balancers, listeners, server groups, access lists. Reads alone.

mod acls;
mod balancers;
mod groups;

use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::product::{self, Answer, Api, Asked, Product, named_host};
use crate::regional;
use serde_json::json;

pub(crate) static PRODUCT: Product = Product {
    name: "slb",
    service: "Slb",
    version: "2014-05-15",
    serves: |host| named_host(&["slb"], host),
    identify: product::identify,
    translate: product::forbidden_by_ram,
    refuse: product::refuse,
    request_id_header: "x-acs-request-id",
    key_policies: true,
    global: false,
    management: true,
    apis: &[
        Api::read("DescribeRegions", regions)
            .optional(&["AcceptLanguage"])
            .rate(CALLS, 60)
            .needs("slb:DescribeRegions", |_, _| "*".into()),
        Api::read("DescribeLoadBalancers", balancers::list)
            .optional(&[
                "Address",
                "AddressIPVersion",
                "AddressType",
                "LoadBalancerId",
                "LoadBalancerName",
                "LoadBalancerStatus",
                "NetworkType",
                "PageNumber",
                "PageSize",
                "VSwitchId",
                "VpcId",
            ])
            .unplayed(&[
                "InternetChargeType",
                "MasterZoneId",
                "PayType",
                "ResourceGroupId",
                "ServerId",
                "ServerIntranetAddress",
                "SlaveZoneId",
                "Tag",
                "Tags",
            ])
            .rate(CALLS, 60)
            .needs("slb:DescribeLoadBalancers", |cloud, asked| arn(cloud, asked, "loadbalancer", "*")),
        Api::read("DescribeLoadBalancerAttribute", balancers::attribute)
            .required(&["LoadBalancerId"])
            .rate(CALLS, 60)
            .needs("slb:DescribeLoadBalancerAttribute", one_balancer),
        Api::read("DescribeLoadBalancerListeners", balancers::listeners)
            .optional(&["ListenerPort", "ListenerProtocol", "LoadBalancerId", "MaxResults", "NextToken"])
            .unplayed(&["Description", "Tag"])
            .rate(CALLS, 60)
            .needs("slb:DescribeLoadBalancerListeners", |cloud, asked| {
                arn(cloud, asked, "loadbalancer", "*")
            }),
        Api::read("DescribeVServerGroups", groups::vserver_groups)
            .required(&["LoadBalancerId"])
            .optional(&["IncludeListener", "IncludeRule"])
            .unplayed(&["Description", "Tag"])
            .rate(CALLS, 60)
            .needs("slb:DescribeVServerGroups", one_balancer),
        Api::read("DescribeVServerGroupAttribute", groups::vserver_group)
            .required(&["VServerGroupId"])
            .rate(CALLS, 60)
            .needs("slb:DescribeVServerGroupAttribute", |cloud, asked| {
                arn(cloud, asked, "loadbalancer", "*")
            }),
        Api::read("DescribeMasterSlaveServerGroups", groups::master_slave_groups)
            .required(&["LoadBalancerId"])
            .optional(&["IncludeListener"])
            .unplayed(&["Description", "Tag"])
            .rate(CALLS, 60)
            .needs("slb:DescribeMasterSlaveServerGroups", one_balancer),
        Api::read("DescribeMasterSlaveServerGroupAttribute", groups::master_slave_group)
            .required(&["MasterSlaveServerGroupId"])
            .rate(CALLS, 60)
            .needs("slb:DescribeMasterSlaveServerGroupAttribute", |cloud, asked| {
                arn(cloud, asked, "loadbalancer", "*")
            }),
        Api::read("DescribeAccessControlLists", acls::list)
            .optional(&["AclName", "AddressIPVersion", "PageNumber", "PageSize"])
            .unplayed(&["ResourceGroupId", "Tag"])
            .rate(CALLS, 60)
            .needs("slb:DescribeAccessControlLists", |cloud, asked| arn(cloud, asked, "acl", "*")),
        Api::read("DescribeAccessControlListAttribute", acls::attribute)
            .required(&["AclId"])
            .optional(&["Page", "PageSize"])
            .unplayed(&["AclEntryComment"])
            .rate(CALLS, 60)
            .needs("slb:DescribeAccessControlListAttribute", |cloud, asked| {
                arn(cloud, asked, "acl", asked.required("AclId"))
            }),
    ],
};

/// Calls of an API a minute in a region (SLB, "API quotas": reads).
const CALLS: u32 = 3000;

fn arn(cloud: &Cloud, asked: &Asked, kind: &str, id: &str) -> String {
    format!("acs:slb:{}:{}:{kind}/{id}", regional::named(asked), cloud.account.account_id)
}

fn one_balancer(cloud: &Cloud, asked: &Asked) -> String {
    arn(cloud, asked, "loadbalancer", asked.required("LoadBalancerId"))
}

fn regions(cloud: &mut Cloud, _: &Asked) -> Result<Answer, ApiError> {
    Ok(json!({"Regions": {"Region": regional::describe_regions(cloud, "slb")}}).into())
}
