//! Network Load Balancer, NLB 2022-04-30: balancers, listeners, server groups. Reads alone.

use super::modern;
use crate::account::network::{Balancer, Listener, Network, Placed, ServerGroup};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::product::{self, Answer, Api, Asked, Product};
use crate::regional;
use serde_json::{Value, json};

pub(crate) static PRODUCT: Product = Product {
    name: "nlb",
    service: "Nlb",
    version: "2022-04-30",
    serves: |host| modern::serves("nlb", host),
    identify: product::identify,
    translate: |error| error,
    refuse: product::refuse,
    request_id_header: "x-acs-request-id",
    key_policies: true,
    global: false,
    management: true,
    apis: &[
        Api::read("DescribeRegions", |cloud, _| {
            Ok(json!({"Regions": regional::describe_regions(cloud, "nlb")}).into())
        })
        .optional(&["AcceptLanguage", "ClientToken", "ServiceCode"])
        .rate(CALLS, 1)
        .needs("nlb:DescribeRegions", |_, _| "*".into()),
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
            .unplayed(&[
                "LoadBalancerBusinessStatus",
                "LoadBalancerType",
                "ResourceGroupId",
                "Tag",
                "ZoneId",
            ])
            .rate(CALLS, 1)
            .needs("nlb:ListLoadBalancers", |cloud, asked| arn(cloud, asked, "loadbalancer", "*")),
        Api::read("GetLoadBalancerAttribute", attribute)
            .required(&["LoadBalancerId"])
            .optional(&["ClientToken"])
            .unplayed(&["DryRun"])
            .rate(CALLS, 1)
            .needs("nlb:GetLoadBalancerAttribute", |cloud, asked| {
                arn(cloud, asked, "loadbalancer", asked.required("LoadBalancerId"))
            }),
        Api::read("ListListeners", listeners)
            .optional(&["ListenerIds", "ListenerProtocol", "LoadBalancerIds", "MaxResults", "NextToken"])
            .unplayed(&["SecSensorEnabled", "Tag"])
            .rate(CALLS, 1)
            .needs("nlb:ListListeners", |cloud, asked| arn(cloud, asked, "listener", "*")),
        Api::read("GetListenerAttribute", listener)
            .required(&["ListenerId"])
            .optional(&["ClientToken"])
            .unplayed(&["DryRun"])
            .rate(CALLS, 1)
            .needs("nlb:GetListenerAttribute", |cloud, asked| {
                arn(cloud, asked, "listener", asked.required("ListenerId"))
            }),
        Api::read("ListServerGroups", server_groups)
            .optional(&["MaxResults", "NextToken", "ServerGroupIds", "ServerGroupNames", "VpcId"])
            .unplayed(&["ResourceGroupId", "ServerGroupType", "Tag"])
            .rate(CALLS, 1)
            .needs("nlb:ListServerGroups", |cloud, asked| arn(cloud, asked, "servergroup", "*")),
        Api::read("ListServerGroupServers", servers)
            .optional(&["MaxResults", "NextToken", "ServerGroupId", "ServerIds", "ServerIps"])
            .rate(CALLS, 1)
            .needs("nlb:ListServerGroupServers", |cloud, asked| {
                arn(cloud, asked, "servergroup", asked.param("ServerGroupId").unwrap_or("*"))
            }),
    ],
};

/// Calls of an API a second in a region (NLB, "API quotas": lists).
const CALLS: u32 = 20;

fn arn(cloud: &Cloud, asked: &Asked, kind: &str, id: &str) -> String {
    format!("acs:nlb:{}:{}:{kind}/{id}", regional::named(asked), cloud.account.account_id)
}

/// The list tells zones and addresses too, unlike ALB's.
fn show(network: &Network, nlb: &Balancer) -> Value {
    let zones: Vec<Value> = (nlb.zones.iter())
        .map(|zone| {
            let mut address = json!({
                "PrivateIPv4Address": zone.private_ip,
                "EniId": format!("eni-{}{}", nlb.id, zone.zone),
            });
            if let Some(ip) = zone.public_ip.filter(|_| nlb.internet) {
                address["PublicIPv4Address"] = ip.to_string().into();
                let eip = network.eips.iter().find(|eip| eip.ip == ip);
                address["AllocationId"] = eip.map_or("", |eip| &eip.id).into();
            }
            if let Some(ip) = zone.ipv6 {
                address["Ipv6Address"] = ip.to_string().into();
            }
            json!({
                "ZoneId": format!("{}-{}", nlb.region, zone.zone),
                "VSwitchId": zone.vswitch,
                "Status": "Active",
                "LoadBalancerAddresses": [address],
            })
        })
        .collect();
    let mut shown = modern::show(nlb, "nlb");
    shown["AddressIpVersion"] = if nlb.ipv6_internet.is_some() { "DualStack" } else { "ipv4" }.into();
    shown["LoadBalancerType"] = "Network".into();
    shown["LoadBalancerBusinessStatus"] = "Normal".into();
    shown["OperationLocks"] = json!([]);
    shown["CrossZoneEnabled"] = true.into();
    shown["RegionId"] = nlb.region.as_str().into();
    shown["ZoneMappings"] = zones.into();
    shown
}

fn list(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::region(cloud, asked)?;
    let network = &cloud.account.network;
    let rows = modern::balancers(&network.nlbs, asked, region, "nlb")?;
    modern::page(rows, |nlb| nlb.id(), asked, "LoadBalancers", |nlb| show(network, nlb))
}

/// Tags have other names here than in the list (the SDK's models).
fn attribute(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::region(cloud, asked)?;
    let network = &cloud.account.network;
    let id = asked.required("LoadBalancerId");
    let nlb = regional::one(&network.nlbs, region, id, "ResourceNotFound.loadBalancer")?;
    let mut answer = show(network, nlb);
    answer["Tags"] = regional::tag_keys(&nlb.tags)["Tag"].take();
    Ok(answer.into())
}

/// ListenerPort 0 goes with StartPort and EndPort, which are texts: all ports between them.
fn show_listener(nlb: &Balancer, listener: &Listener) -> Value {
    let mut shown = json!({
        "ListenerId": listener.id,
        "LoadBalancerId": nlb.id,
        "RegionId": nlb.region,
        "ListenerProtocol": listener.protocol,
        "ListenerPort": listener.port,
        "ListenerStatus": if listener.running { "Running" } else { "Stopped" },
        "ListenerDescription": "",
        "ServerGroupId": listener.server_groups.first().map_or("", String::as_str),
        "IdleTimeout": 900,
        "ProxyProtocolEnabled": false,
        "Tags": [],
    });
    if let Some((first, last)) = listener.range {
        shown["StartPort"] = first.to_string().into();
        shown["EndPort"] = last.to_string().into();
    }
    shown
}

fn listeners(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::region(cloud, asked)?;
    let rows = modern::listeners(&cloud.account.network.nlbs, asked, region)?;
    modern::page(rows, |(_, listener)| &listener.id, asked, "Listeners", |(nlb, listener)| {
        show_listener(nlb, listener)
    })
}

fn listener(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::region(cloud, asked)?;
    let (nlb, listener) = modern::listener(&cloud.account.network.nlbs, asked, region)?;
    Ok(show_listener(nlb, listener).into())
}

fn server_groups(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::region(cloud, asked)?;
    let network = &cloud.account.network;
    let rows = modern::server_groups(&network.nlb_server_groups, asked, region)?;
    let show = |group: &&ServerGroup| {
        let mut shown = modern::show_group(group, &network.nlbs);
        shown["RegionId"] = group.region.as_str().into();
        shown["AnyPortEnabled"] = group.any_port.into();
        shown["PreserveClientIpEnabled"] = true.into();
        shown["AddressIPVersion"] = "Ipv4".into();
        shown
    };
    modern::page(rows, |group| group.id(), asked, "ServerGroups", show)
}

fn servers(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::region(cloud, asked)?;
    modern::servers(&cloud.account.network.nlb_server_groups, asked, region, "ZoneId")
}
