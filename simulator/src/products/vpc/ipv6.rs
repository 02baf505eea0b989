//! IPv6 gateways, the addresses behind them, and the rules by which an address reaches out and is not reached.

use super::SIZES;
use crate::account::network::{Interface, Ipv6Address, Network};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging;
use crate::product::{Answer, Asked};
use crate::regional;
use serde_json::{Value, json};

pub(super) fn gateways(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::mandatory(cloud, asked)?;
    let mut rows = regional::rows_in(&cloud.account.network.ipv6_gateways, region);
    rows.retain(|gateway| {
        regional::meets(asked, &[("Ipv6GatewayId", Some(&gateway.id)), ("VpcId", Some(&gateway.vpc))])
    });
    let (page, mut answer) = paging::by_number(rows, asked, SIZES)?;
    let shown: Vec<Value> = page
        .into_iter()
        .map(|gateway| {
            json!({
                "Ipv6GatewayId": gateway.id,
                "Name": "",
                "Description": "",
                "RegionId": gateway.region,
                "VpcId": gateway.vpc,
                "Status": "Available",
                "BusinessStatus": "Normal",
                "InstanceChargeType": "PostPaid",
                "CreationTime": "2025-04-09T02:00:00Z",
                "ResourceGroupId": "",
                "Tags": {"Tag": []},
            })
        })
        .collect();
    answer.insert("Ipv6Gateways".into(), json!({"Ipv6Gateway": shown}));
    Ok(Value::Object(answer).into())
}

fn interface<'a>(network: &'a Network, address: &Ipv6Address) -> Option<&'a Interface> {
    network.interfaces.iter().find(|interface| interface.id == address.interface).map(AsRef::as_ref)
}

/// What has an address: an instance by its primary interface, else the interface.
fn holder<'a>(interface: Option<&'a Interface>, address: &'a Ipv6Address) -> (&'static str, &'a str) {
    match interface.filter(|interface| interface.primary).and_then(|interface| interface.instance.as_ref()) {
        Some(instance) => ("EcsInstance", instance),
        None => ("NetworkInterface", &address.interface),
    }
}

pub(super) fn addresses(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::mandatory(cloud, asked)?;
    let network = &cloud.account.network;
    let mut rows = regional::rows_in(&network.ipv6_addresses, region);
    let kind = |address: &Ipv6Address| if address.public { "Public" } else { "Private" };
    rows.retain(|address| {
        let interface = interface(network, address);
        let (holder_kind, holder) = holder(interface, address);
        regional::meets(
            asked,
            &[
                ("AssociatedInstanceId", Some(holder)),
                ("AssociatedInstanceType", Some(holder_kind)),
                ("Ipv6Address", Some(&address.ip.to_string())),
                ("Ipv6AddressId", Some(&address.id)),
                ("NetworkType", Some(kind(address))),
                ("VSwitchId", interface.map(|interface| interface.vswitch.as_str())),
                ("VpcId", interface.map(|interface| interface.vpc.as_str())),
            ],
        )
    });
    let (page, mut answer) = paging::by_number(rows, asked, SIZES)?;
    let shown: Vec<Value> = page
        .into_iter()
        .map(|address| {
            let interface = interface(network, address);
            let (holder_kind, holder) = holder(interface, address);
            let bandwidth = match address.public {
                true => json!({
                    "Ipv6InternetBandwidthId": format!("ipv6bw-{}", &address.id),
                    "Bandwidth": 5,
                    "BusinessStatus": "Normal",
                    "InstanceChargeType": "PostPaid",
                    "InternetChargeType": "PayByTraffic",
                }),
                false => json!({}),
            };
            json!({
                "Ipv6AddressId": address.id,
                "Ipv6AddressName": "",
                "Ipv6AddressDescription": "",
                "Ipv6Address": address.ip,
                "AddressType": "IPv6Address",
                "NetworkType": kind(address),
                "Status": "Available",
                "RealBandwidth": u8::from(address.public) * 5,
                "Ipv6InternetBandwidth": bandwidth,
                "AssociatedInstanceId": holder,
                "AssociatedInstanceType": holder_kind,
                "Ipv6GatewayId": address.gateway,
                "VSwitchId": interface.map_or("", |interface| &interface.vswitch),
                "VpcId": interface.map_or("", |interface| &interface.vpc),
                "Ipv6Isp": "BGP",
                "AllocationTime": "2025-04-09T02:10:00Z",
                "ResourceGroupId": "",
                "ServiceManaged": 0,
                "Tags": {"Tag": []},
            })
        })
        .collect();
    answer.insert("Ipv6Addresses".into(), json!({"Ipv6Address": shown}));
    Ok(Value::Object(answer).into())
}

/// A rule names the IPv6 address that it is for by its id (InstanceType `Ipv6Address`).
pub(super) fn egress_only_rules(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::mandatory(cloud, asked)?;
    let gateways = &cloud.account.network.ipv6_gateways;
    let id = asked.required("Ipv6GatewayId");
    let gateway = regional::one(gateways, region, id, "InvalidIpv6GatewayId.NotFound")?;
    let rule = |address: &str| format!("ipv6py-{}", address.strip_prefix("ipv6-").unwrap_or(address));
    let mut rows: Vec<&String> = gateway.egress_only.iter().collect();
    rows.retain(|address| {
        regional::meets(
            asked,
            &[
                ("InstanceId", Some(address)),
                ("InstanceType", Some("Ipv6Address")),
                ("Ipv6EgressOnlyRuleId", Some(&rule(address))),
            ],
        )
    });
    let (page, mut answer) = paging::by_number(rows, asked, SIZES)?;
    let shown: Vec<Value> = page
        .into_iter()
        .map(|address| {
            json!({
                "Ipv6EgressOnlyRuleId": rule(address),
                "Name": "",
                "Description": "",
                "InstanceId": address,
                "InstanceType": "Ipv6Address",
                "Status": "Available",
            })
        })
        .collect();
    answer.insert("Ipv6EgressOnlyRules".into(), json!({"Ipv6EgressOnlyRule": shown}));
    Ok(Value::Object(answer).into())
}
