//! NAT gateways and their DNAT entries.

use super::SIZES;
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging;
use crate::product::{Answer, Asked};
use crate::regional;
use serde_json::{Value, json};

pub(super) fn gateways(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::mandatory(cloud, asked)?;
    let network = &cloud.account.network;
    let mut rows = regional::rows_in(&network.nat_gateways, region);
    let kind = |private: bool| if private { "intranet" } else { "internet" };
    rows.retain(|gateway| {
        regional::meets(
            asked,
            &[
                ("Name", Some(&gateway.name)),
                ("NatGatewayId", Some(&gateway.id)),
                ("NetworkType", Some(kind(gateway.private))),
                ("Status", Some("Available")),
                ("VpcId", Some(&gateway.vpc)),
            ],
        )
    });
    let (page, mut answer) = paging::by_number(rows, asked, SIZES)?;
    let shown: Vec<Value> = page
        .into_iter()
        .map(|gateway| {
            let ips = network.eips_of(&gateway.id);
            let ips: Vec<Value> = ips
                .map(|eip| {
                    json!({"AllocationId": eip.id, "IpAddress": eip.ip, "UsingStatus": "UsedByForwardTable"})
                })
                .collect();
            json!({
                "NatGatewayId": gateway.id,
                "Name": gateway.name,
                "Description": "",
                "RegionId": gateway.region,
                "VpcId": gateway.vpc,
                "NatType": "Enhanced",
                "NetworkType": kind(gateway.private),
                "Status": "Available",
                "BusinessStatus": "Normal",
                "EipBindMode": "MULTI_BINDED",
                "InstanceChargeType": "PostPaid",
                "InternetChargeType": "PayByLcu",
                "CreationTime": "2025-04-09T01:00:00Z",
                "DeletionProtection": false,
                "ResourceGroupId": "",
                "ForwardTableIds": {"ForwardTableId": [gateway.table()]},
                "SnatTableIds": {"SnatTableId": []},
                "IpLists": {"IpList": ips},
                "Tags": {"Tag": []},
            })
        })
        .collect();
    answer.insert("NatGateways".into(), json!({"NatGateway": shown}));
    Ok(Value::Object(answer).into())
}

/// Of one table or of one gateway: one of the two must be named (DescribeForwardTableEntries).
pub(super) fn forward_entries(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::mandatory(cloud, asked)?;
    let (table, gateway) = (asked.param("ForwardTableId"), asked.param("NatGatewayId"));
    if table.is_none() && gateway.is_none() {
        let message = "At least one of ForwardTableId and NatGatewayId is mandatory for this action.";
        return Err(ApiError::new(400, "MissingParameter", message));
    }
    let gateways = regional::rows_in(&cloud.account.network.nat_gateways, region);
    let named: Vec<_> = gateways
        .into_iter()
        .filter(|one| gateway.is_none_or(|id| one.id == id) && table.is_none_or(|id| one.table() == id))
        .collect();
    if named.is_empty() {
        return Err(regional::not_found(match table {
            Some(_) => "InvalidForwardTableId.NotFound",
            None => "InvalidNatGatewayId.NotFound",
        }));
    }
    let entries = named.into_iter().flat_map(|gateway| gateway.forward.iter().map(move |e| (gateway, e)));
    let mut rows = Vec::new();
    for (gateway, entry) in entries {
        let (external, internal) = (entry.external_ip.to_string(), entry.internal_ip.to_string());
        let fits = regional::meets(
            asked,
            &[
                ("ExternalIp", Some(&external)),
                ("ExternalPort", Some(&entry.external_port)),
                ("ForwardEntryId", Some(&entry.id)),
                ("ForwardEntryName", Some(&entry.name)),
                ("InternalIp", Some(&internal)),
                ("InternalPort", Some(&entry.internal_port)),
                ("IpProtocol", Some(&entry.protocol)),
            ],
        );
        if fits {
            rows.push(json!({
                "ForwardTableId": gateway.table(),
                "NatGatewayId": gateway.id,
                "ForwardEntryId": entry.id,
                "ForwardEntryName": entry.name,
                "ExternalIp": external,
                "ExternalPort": entry.external_port,
                "InternalIp": internal,
                "InternalPort": entry.internal_port,
                "IpProtocol": entry.protocol,
                "Status": "Available",
            }));
        }
    }
    let (page, mut answer) = paging::by_number(rows, asked, SIZES)?;
    answer.insert("ForwardTableEntries".into(), json!({"ForwardTableEntry": page}));
    Ok(Value::Object(answer).into())
}
