//! VPCs, vSwitches and elastic IP addresses.

use super::SIZES;
use crate::account::network::Eip;
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging::{self, Sizes};
use crate::product::{Answer, Asked};
use crate::regional;
use serde_json::{Value, json};

pub(super) fn vpcs(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::mandatory(cloud, asked)?;
    let network = &cloud.account.network;
    let ids = regional::wanted(asked, "VpcId")?;
    let mut rows = regional::rows_in(&network.vpcs, region);
    rows.retain(|vpc| {
        ids.as_ref().is_none_or(|ids| ids.contains(&vpc.id))
            && regional::meets(asked, &[("VpcName", Some(&vpc.name)), ("IsDefault", Some("false"))])
    });
    let (page, mut answer) = paging::by_number(rows, asked, SIZES)?;
    let shown: Vec<Value> = page
        .into_iter()
        .map(|vpc| {
            let switches = network.vswitches.iter().filter(|switch| switch.vpc == vpc.id);
            let switches: Vec<&str> = switches.map(|switch| switch.id.as_str()).collect();
            json!({
                "VpcId": vpc.id,
                "VpcName": vpc.name,
                "RegionId": vpc.region,
                "CidrBlock": vpc.cidr,
                "Ipv6CidrBlock": vpc.ipv6_cidr.as_deref().unwrap_or_default(),
                "EnabledIpv6": vpc.ipv6_cidr.is_some(),
                "IsDefault": false,
                "Status": "Available",
                "Description": "",
                "CreationTime": "2025-04-08T03:20:00Z",
                "OwnerId": cloud.account.account_id.parse::<u64>().unwrap_or_default(),
                "ResourceGroupId": "",
                "VSwitchIds": {"VSwitchId": switches},
                "SecondaryCidrBlocks": {"SecondaryCidrBlock": []},
                "Tags": regional::keys(&vpc.tags),
            })
        })
        .collect();
    answer.insert("Vpcs".into(), json!({"Vpc": shown}));
    Ok(Value::Object(answer).into())
}

/// RegionId is not mandatory here by the API's own table; the host's region then counts.
pub(super) fn vswitches(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::region(cloud, asked)?;
    let network = &cloud.account.network;
    let mut rows = regional::rows_in(&network.vswitches, region);
    rows.retain(|switch| {
        regional::meets(
            asked,
            &[
                ("VSwitchId", Some(&switch.id)),
                ("VSwitchName", Some(&switch.name)),
                ("VpcId", Some(&switch.vpc)),
                ("ZoneId", Some(&format!("{region}-{}", switch.zone))),
            ],
        )
    });
    let (page, mut answer) = paging::by_number(rows, asked, SIZES)?;
    let shown: Vec<Value> = page
        .into_iter()
        .map(|switch| {
            json!({
                "VSwitchId": switch.id,
                "VSwitchName": switch.name,
                "VpcId": switch.vpc,
                "ZoneId": format!("{region}-{}", switch.zone),
                "CidrBlock": switch.cidr,
                "Ipv6CidrBlock": switch.ipv6_cidr.as_deref().unwrap_or_default(),
                "EnabledIpv6": switch.ipv6_cidr.is_some(),
                "NetworkAclId": network.acl_of(&switch.id).map_or("", |acl| &acl.id),
                "AvailableIpAddressCount": 240,
                "IsDefault": false,
                "Status": "Available",
                "Description": "",
                "CreationTime": "2025-04-08T03:22:00Z",
                "OwnerId": cloud.account.account_id.parse::<u64>().unwrap_or_default(),
                "ResourceGroupId": "",
                "ShareType": "",
                "Tags": {"Tag": []},
            })
        })
        .collect();
    answer.insert("VSwitches".into(), json!({"VSwitch": shown}));
    Ok(Value::Object(answer).into())
}

fn status(eip: &Eip) -> &'static str {
    if eip.target.is_some() { "InUse" } else { "Available" }
}

pub(super) fn eips(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::mandatory(cloud, asked)?;
    let mut rows = regional::rows_in(&cloud.account.network.eips, region);
    let addresses = regional::wanted(asked, "EipAddress")?;
    rows.retain(|eip| {
        let target = eip.target.as_ref();
        addresses.as_ref().is_none_or(|wanted| wanted.contains(&eip.ip.to_string()))
            && regional::meets(
                asked,
                &[
                    ("AllocationId", Some(&eip.id)),
                    ("AssociatedInstanceId", target.map(|target| target.id.as_str())),
                    ("AssociatedInstanceType", target.map(|target| target.kind.as_str())),
                    ("EipName", Some(&eip.name)),
                    ("ServiceManaged", Some(if eip.managed { "true" } else { "false" })),
                    ("Status", Some(status(eip))),
                ],
            )
    });
    let (page, mut answer) = paging::by_number(rows, asked, Sizes::of(10, 100).fitted())?;
    let shown: Vec<Value> = page
        .into_iter()
        .map(|eip| {
            let target = eip.target.as_ref();
            let private = target.and_then(|target| target.private_ip);
            json!({
                "AllocationId": eip.id,
                "Name": eip.name,
                "Description": "",
                "RegionId": eip.region,
                "IpAddress": eip.ip,
                "Status": status(eip),
                "BusinessStatus": "Normal",
                "InstanceId": target.map_or("", |target| &target.id),
                "InstanceType": target.map_or("", |target| &target.kind),
                "InstanceRegionId": target.map_or("", |_| region),
                "PrivateIpAddress": private.map_or(String::new(), |ip| ip.to_string()),
                "Mode": if target.is_some_and(|target| target.kind == "NetworkInterface") { "NAT" } else { "" },
                "Bandwidth": "5",
                "ChargeType": "PostPaid",
                "InternetChargeType": "PayByTraffic",
                "ISP": "BGP",
                "Netmode": "public",
                "ServiceManaged": u8::from(eip.managed),
                "AllocationTime": "2025-04-08T03:30:00Z",
                "ResourceGroupId": "",
                "OperationLocks": {"LockReason": []},
                "Tags": regional::keys(&eip.tags),
            })
        })
        .collect();
    answer.insert("EipAddresses".into(), json!({"EipAddress": shown}));
    Ok(Value::Object(answer).into())
}
