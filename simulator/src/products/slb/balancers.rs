//! Balancers and their listeners.

use crate::account::network::{Clb, ClbListener};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging::{self, Sizes};
use crate::product::{Answer, Asked};
use crate::regional;
use serde_json::{Map, Value, json};
use std::net::IpAddr;

fn address_type(clb: &Clb) -> &'static str {
    if clb.internet { "internet" } else { "intranet" }
}

fn version(ip: &IpAddr) -> &'static str {
    if ip.is_ipv4() { "ipv4" } else { "ipv6" }
}

fn status(clb: &Clb) -> &'static str {
    if clb.active { "active" } else { "inactive" }
}

/// An internet balancer is in the classic network, whatever its servers are in (DescribeLoadBalancers,
/// "NetworkType").
fn network_type(clb: &Clb) -> &'static str {
    if clb.vpc.is_some() && !clb.internet { "vpc" } else { "classic" }
}

/// What the list and the attributes have in common.
fn show(clb: &Clb) -> Value {
    json!({
        "LoadBalancerId": clb.id,
        "LoadBalancerName": clb.name,
        "LoadBalancerStatus": status(clb),
        "Address": clb.address,
        "AddressType": address_type(clb),
        "AddressIPVersion": version(&clb.address),
        "NetworkType": network_type(clb),
        "VpcId": clb.vpc.as_deref().unwrap_or_default(),
        "VSwitchId": clb.vswitch.as_deref().unwrap_or_default(),
        "RegionId": clb.region,
        "RegionIdAlias": clb.region,
        "MasterZoneId": format!("{}-h", clb.region),
        "SlaveZoneId": format!("{}-i", clb.region),
        "InternetChargeType": "paybytraffic",
        "PayType": "PayOnDemand",
        "Bandwidth": 5120,
        "CreateTime": "2025-04-11T02:00Z",
        "CreateTimeStamp": 1_744_336_800_000_i64,
        "DeleteProtection": "off",
        "ModificationProtectionStatus": "NonProtection",
        "ResourceGroupId": "",
        "Tags": regional::tag_keys(&clb.tags),
    })
}

/// 50 rows unless told otherwise; PageSize does not go without PageNumber (DescribeLoadBalancers, "PageSize").
pub(super) fn list(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::mandatory(cloud, asked)?;
    if asked.param("PageSize").is_some() && asked.param("PageNumber").is_none() {
        let message = "PageNumber is mandatory where PageSize is given.";
        return Err(ApiError::new(400, "MissingParameter", message));
    }
    let ids = regional::wanted(asked, "LoadBalancerId")?;
    let mut rows = regional::rows_in(&cloud.account.network.clbs, region);
    rows.retain(|clb| {
        ids.as_ref().is_none_or(|ids| ids.contains(&clb.id))
            && regional::meets(
                asked,
                &[
                    ("Address", Some(&clb.address.to_string())),
                    ("AddressIPVersion", Some(version(&clb.address))),
                    ("AddressType", Some(address_type(clb))),
                    ("LoadBalancerName", Some(&clb.name)),
                    ("LoadBalancerStatus", Some(status(clb))),
                    ("NetworkType", Some(network_type(clb))),
                    ("VSwitchId", clb.vswitch.as_deref()),
                    ("VpcId", clb.vpc.as_deref()),
                ],
            )
    });
    let (page, mut answer) = paging::by_number(rows, asked, Sizes::of(50, 100))?;
    let shown: Vec<Value> = page.into_iter().map(show).collect();
    answer.insert("LoadBalancers".into(), json!({"LoadBalancer": shown}));
    Ok(Value::Object(answer).into())
}

pub(super) fn balancer<'a>(cloud: &'a Cloud, asked: &Asked) -> Result<&'a Clb, ApiError> {
    let region = regional::region(cloud, asked)?;
    let clbs = &cloud.account.network.clbs;
    regional::one(clbs, region, asked.required("LoadBalancerId"), "InvalidLoadBalancerId.NotFound")
}

/// The default servers and the ports of the listeners, beside what the list tells.
pub(super) fn attribute(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let clb = balancer(cloud, asked)?;
    let mut answer = show(clb);
    let servers: Vec<Value> = (clb.servers.iter())
        .map(|server| {
            json!({
                "ServerId": server.id,
                "ServerIp": server.ip.map_or(String::new(), |ip| ip.to_string()),
                "Type": server.kind.to_lowercase(),
                "Weight": 100,
                "Description": "",
            })
        })
        .collect();
    let ports: Vec<u16> = clb.listeners.iter().map(|listener| listener.port).collect();
    let with_protocol: Vec<Value> = (clb.listeners.iter())
        .map(|listener| {
            let mut shown = json!({
                "ListenerPort": listener.port,
                "ListenerProtocol": listener.protocol,
                "Description": "",
            });
            if let Some(port) = listener.forward_port {
                shown["ListenerForward"] = "on".into();
                shown["ForwardPort"] = port.into();
            }
            shown
        })
        .collect();
    answer["BackendServers"] = json!({ "BackendServer": servers });
    answer["ListenerPorts"] = json!({ "ListenerPort": ports });
    answer["ListenerPortsAndProtocol"] = json!({ "ListenerPortAndProtocol": with_protocol });
    Ok(answer.into())
}

/// Of the balancers that are named, at most ten, or of all of the region.
pub(super) fn listeners(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::region(cloud, asked)?;
    let ids = regional::wanted(asked, "LoadBalancerId")?;
    if ids.as_ref().is_some_and(|ids| ids.len() > 10) {
        return Err(ApiError::invalid("LoadBalancerId", "there are more than 10"));
    }
    let clbs = regional::rows_in(&cloud.account.network.clbs, region);
    let mut rows: Vec<(&Clb, &ClbListener)> = (clbs.into_iter())
        .filter(|clb| ids.as_ref().is_none_or(|ids| ids.contains(&clb.id)))
        .flat_map(|clb| clb.listeners.iter().map(move |listener| (clb, listener)))
        .collect();
    rows.retain(|(_, listener)| {
        regional::meets(
            asked,
            &[
                ("ListenerPort", Some(&listener.port.to_string())),
                ("ListenerProtocol", Some(&listener.protocol)),
            ],
        )
    });
    let (page, next) = paging::by_place(rows.len(), asked, Sizes::of(20, 100))?;
    let mut answer = Map::from_iter([
        ("TotalCount".to_string(), json!(rows.len())),
        ("MaxResults".to_string(), json!(asked.param("MaxResults").map_or(Some(20), |n| n.parse().ok()))),
        (
            "Listeners".to_string(),
            rows[page].iter().map(|(clb, listener)| show_listener(clb, listener)).collect(),
        ),
    ]);
    if let Some(next) = next {
        answer.insert("NextToken".into(), next.into());
    }
    Ok(Value::Object(answer).into())
}

fn show_listener(clb: &Clb, listener: &ClbListener) -> Value {
    let group = listener.group.as_ref().and_then(|id| clb.groups.iter().find(|group| group.id == *id));
    let (mut vserver, mut master_slave) = ("", "");
    if let Some(group) = group {
        *(if group.master_slave { &mut master_slave } else { &mut vserver }) = &group.id;
    }
    let mut shown = json!({
        "LoadBalancerId": clb.id,
        "ListenerPort": listener.port,
        "ListenerProtocol": listener.protocol,
        "Status": if listener.running { "running" } else { "stopped" },
        "Bandwidth": -1,
        "Scheduler": "wrr",
        "Description": "",
        "VServerGroupId": vserver,
        "AclStatus": if listener.acl.as_ref().is_some_and(|acl| acl.on) { "on" } else { "off" },
        "Tags": [],
    });
    if let Some(port) = listener.backend_port {
        shown["BackendServerPort"] = port.into();
    }
    // AclId is the older member, AclIds the one for several lists; neither is there where none is named.
    if let Some(acl) = &listener.acl {
        shown["AclType"] = if acl.white { "white" } else { "black" }.into();
        shown["AclId"] = acl.ids.first().map_or("", String::as_str).into();
        shown["AclIds"] = json!(acl.ids);
    }
    let mut config = json!({"HealthCheck": "on"});
    match listener.protocol.as_str() {
        "tcp" | "udp" => config["MasterSlaveServerGroupId"] = master_slave.into(),
        "http" => {
            config["ListenerForward"] = if listener.forward_port.is_some() { "on" } else { "off" }.into();
            if let Some(port) = listener.forward_port {
                config["ForwardPort"] = port.into();
            }
        }
        _ => {}
    }
    shown[format!("{}ListenerConfig", listener.protocol.to_uppercase())] = config;
    shown
}
