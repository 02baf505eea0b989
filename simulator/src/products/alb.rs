//! Application Load Balancer, ALB 2020-06-16: balancers, listeners, server groups, access lists. Reads alone.

use super::modern;
use crate::account::network::{Balancer, Listener, Placed, ServerGroup};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::product::{self, Answer, Api, Asked, Product};
use crate::regional;
use serde_json::{Value, json};

pub(crate) static PRODUCT: Product = Product {
    name: "alb",
    service: "Alb",
    version: "2020-06-16",
    serves: |host| modern::serves("alb", host),
    identify: product::identify,
    translate: |error| error,
    refuse: product::refuse,
    request_id_header: "x-acs-request-id",
    key_policies: true,
    global: false,
    management: true,
    apis: &[
        Api::read("DescribeRegions", |cloud, _| {
            Ok(json!({"Regions": regional::describe_regions(cloud, "alb")}).into())
        })
        .optional(&["AcceptLanguage"])
        .rate(CALLS, 1)
        .needs("alb:DescribeRegions", |_, _| "*".into()),
        Api::read("ListLoadBalancers", list)
            .optional(&[
                "AddressIpVersion",
                "AddressType",
                "DNSName",
                "Ipv6AddressType",
                "LoadBalancerIds",
                "LoadBalancerNames",
                "LoadBalancerStatus",
                "MaxResults",
                "NextToken",
                "VpcIds",
            ])
            .unplayed(&["LoadBalancerBussinessStatus", "PayType", "ResourceGroupId", "Tag", "ZoneId"])
            .rate(CALLS, 1)
            .needs("alb:ListLoadBalancers", |cloud, asked| arn(cloud, asked, "loadbalancer", "*")),
        Api::read("GetLoadBalancerAttribute", attribute)
            .required(&["LoadBalancerId"])
            .rate(CALLS, 1)
            .needs("alb:GetLoadBalancerAttribute", |cloud, asked| {
                arn(cloud, asked, "loadbalancer", asked.required("LoadBalancerId"))
            }),
        Api::read("ListListeners", listeners)
            .optional(&["ListenerIds", "ListenerProtocol", "LoadBalancerIds", "MaxResults", "NextToken"])
            .unplayed(&["Tag"])
            .rate(CALLS, 1)
            .needs("alb:ListListeners", |cloud, asked| arn(cloud, asked, "listener", "*")),
        Api::read("GetListenerAttribute", listener)
            .required(&["ListenerId"])
            .rate(CALLS, 1)
            .needs("alb:GetListenerAttribute", |cloud, asked| {
                arn(cloud, asked, "listener", asked.required("ListenerId"))
            }),
        Api::read("ListServerGroups", server_groups)
            .optional(&["MaxResults", "NextToken", "ServerGroupIds", "ServerGroupNames", "VpcId"])
            .unplayed(&["ResourceGroupId", "ServerGroupType", "Tag"])
            .rate(CALLS, 1)
            .needs("alb:ListServerGroups", |cloud, asked| arn(cloud, asked, "servergroup", "*")),
        Api::read("ListServerGroupServers", servers)
            .optional(&["MaxResults", "NextToken", "ServerGroupId", "ServerIds"])
            .unplayed(&["Tag"])
            .rate(CALLS, 1)
            .needs("alb:ListServerGroupServers", |cloud, asked| {
                arn(cloud, asked, "servergroup", asked.param("ServerGroupId").unwrap_or("*"))
            }),
        Api::read("ListAcls", acls)
            .optional(&["AclIds", "AclNames", "MaxResults", "NextToken"])
            .unplayed(&["ResourceGroupId", "Tag"])
            .rate(CALLS, 1)
            .needs("alb:ListAcls", |cloud, asked| arn(cloud, asked, "acl", "*")),
        Api::read("ListAclEntries", acl_entries)
            .required(&["AclId"])
            .optional(&["MaxResults", "NextToken"])
            .rate(CALLS, 1)
            .needs("alb:ListAclEntries", |cloud, asked| arn(cloud, asked, "acl", asked.required("AclId"))),
    ],
};

/// Calls of an API a second in a region. Known of NLB's lists ("API quotas"); ALB's are taken to be alike.
const CALLS: u32 = 20;

fn arn(cloud: &Cloud, asked: &Asked, kind: &str, id: &str) -> String {
    format!("acs:alb:{}:{}:{kind}/{id}", regional::named(asked), cloud.account.account_id)
}

/// What the list tells; zones and addresses are in the attributes alone.
fn show(alb: &Balancer) -> Value {
    let mut shown = modern::show(alb, "alb");
    shown["AddressIpVersion"] = if alb.ipv6_internet.is_some() { "DualStack" } else { "IPv4" }.into();
    shown["AddressAllocatedMode"] = "Fixed".into();
    shown["LoadBalancerEdition"] = "Standard".into();
    shown["LoadBalancerBussinessStatus"] = "Normal".into();
    shown["LoadBalancerOperationLocks"] = json!([]);
    shown
}

fn list(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::region(cloud, asked)?;
    let rows = modern::balancers(&cloud.account.network.albs, asked, region, "alb")?;
    modern::page(rows, |alb| alb.id(), asked, "LoadBalancers", |alb| show(alb))
}

fn attribute(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::region(cloud, asked)?;
    let network = &cloud.account.network;
    let id = asked.required("LoadBalancerId");
    let alb = regional::one(&network.albs, region, id, "ResourceNotFound.LoadBalancer")?;
    let zones: Vec<Value> = (alb.zones.iter())
        .map(|zone| {
            let eip = network.eips.iter().find(|eip| zone.public_ip == Some(eip.ip));
            let mut address = json!({
                "Address": zone.public_ip.filter(|_| alb.internet).unwrap_or(zone.private_ip),
                "IntranetAddress": zone.private_ip,
            });
            if let Some(eip) = eip {
                address["AllocationId"] = eip.id.as_str().into();
                address["EipType"] = "Common".into();
            }
            if let Some(ip) = zone.ipv6 {
                address["Ipv6Address"] = ip.to_string().into();
            }
            json!({
                "ZoneId": format!("{region}-{}", zone.zone),
                "VSwitchId": zone.vswitch,
                "Status": "Active",
                "LoadBalancerAddresses": [address],
            })
        })
        .collect();
    let mut answer = show(alb);
    answer["RegionId"] = region.into();
    answer["ZoneMappings"] = zones.into();
    Ok(answer.into())
}

/// The list does not tell of access lists: GetListenerAttribute does.
fn show_listener(alb: &Balancer, listener: &Listener) -> Value {
    let tuples = listener.server_groups.iter().map(|id| json!({"ServerGroupId": id}));
    json!({
        "ListenerId": listener.id,
        "LoadBalancerId": alb.id,
        "ListenerProtocol": listener.protocol,
        "ListenerPort": listener.port,
        "ListenerStatus": if listener.running { "Running" } else { "Stopped" },
        "ListenerDescription": "",
        "DefaultActions": [{
            "Type": "ForwardGroup",
            "ForwardGroupConfig": {"ServerGroupTuples": tuples.collect::<Vec<_>>()},
        }],
        "GzipEnabled": true,
        "Http2Enabled": true,
        "IdleTimeout": 15,
        "RequestTimeout": 60,
        "Tags": [],
    })
}

fn listeners(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::region(cloud, asked)?;
    let rows = modern::listeners(&cloud.account.network.albs, asked, region)?;
    modern::page(rows, |(_, listener)| &listener.id, asked, "Listeners", |(alb, listener)| {
        show_listener(alb, listener)
    })
}

fn listener(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::region(cloud, asked)?;
    let (alb, listener) = modern::listener(&cloud.account.network.albs, asked, region)?;
    let mut answer = show_listener(alb, listener);
    answer["AclConfig"] = match &listener.acl {
        None => json!({ "AclRelations": [] }),
        Some(acl) => json!({
            "AclType": if acl.white { "White" } else { "Black" },
            "AclRelations": acl
                .ids
                .iter()
                .map(|id| json!({"AclId": id, "Status": "Associated"}))
                .collect::<Vec<_>>(),
        }),
    };
    Ok(answer.into())
}

fn server_groups(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::region(cloud, asked)?;
    let network = &cloud.account.network;
    let rows = modern::server_groups(&network.alb_server_groups, asked, region)?;
    let show = |group: &&ServerGroup| {
        let mut shown = modern::show_group(group, &network.albs);
        shown["CreateTime"] = "2025-04-12T04:10:00Z".into();
        shown["Ipv6Enabled"] = false.into();
        shown
    };
    modern::page(rows, |group| group.id(), asked, "ServerGroups", show)
}

fn servers(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::region(cloud, asked)?;
    modern::servers(&cloud.account.network.alb_server_groups, asked, region, "RemoteIpEnabled")
}

fn acls(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::region(cloud, asked)?;
    let ids = regional::wanted(asked, "AclIds")?;
    let names = regional::wanted(asked, "AclNames")?;
    let mut rows = regional::rows_in(&cloud.account.network.alb_acls, region);
    rows.retain(|acl| {
        ids.as_ref().is_none_or(|ids| ids.contains(&acl.id))
            && names.as_ref().is_none_or(|names| names.contains(&acl.name))
    });
    modern::page(rows, |acl| acl.id(), asked, "Acls", |acl| {
        json!({
            "AclId": acl.id,
            "AclName": acl.name,
            "AclStatus": "Available",
            "AddressIPVersion": "IPv4",
            "ConfigManagedEnabled": false,
            "CreateTime": "2025-04-12T04:00Z",
            "ResourceGroupId": "",
            "Tags": [],
        })
    })
}

fn acl_entries(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::region(cloud, asked)?;
    let acls = &cloud.account.network.alb_acls;
    let acl = regional::one(acls, region, asked.required("AclId"), "ResourceNotFound.Acl")?;
    modern::placed(acl.entries.iter().collect(), asked, "AclEntries", |net| {
        json!({"Entry": net.to_string(), "Description": "", "Status": "Available"})
    })
}
