//! Instances, their user data, network interfaces and disks.

use super::{Total, either};
use crate::account::network::{Eip, Instance, Interface, Network, Placed};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging::Sizes;
use crate::product::{Answer, Asked};
use crate::regional;
use crate::signature::base64;
use serde_json::{Value, json};
use std::net::IpAddr;

/// MaxResults below or above its bounds is taken for the bound (DescribeInstances, "MaxResults").
const INSTANCES: (Sizes, Sizes) = (Sizes::of(10, 100).at_least(10).fitted(), Sizes::of(10, 100));
const INTERFACES: (Sizes, Sizes) = (Sizes::of(10, 500).at_least(10).fitted(), Sizes::of(10, 500));
const DISKS: (Sizes, Sizes) = (Sizes::of(10, 500).at_least(10).fitted(), Sizes::of(10, 100));

fn groups<'a>(instance: &'a Instance, primary: Option<&'a Interface>) -> &'a [String] {
    let classic = instance.classic.as_ref().map(|classic| &classic.security_groups);
    classic.or(primary.map(|interface| &interface.security_groups)).map_or(&[], |groups| groups)
}

fn status(instance: &Instance) -> &'static str {
    if instance.running { "Running" } else { "Stopped" }
}

pub(super) fn list(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::mandatory(cloud, asked)?;
    let network = &cloud.account.network;
    let ids = regional::wanted(asked, "InstanceIds")?;
    let mut rows: Vec<(&Instance, Option<&Interface>)> = regional::rows_in(&network.instances, region)
        .into_iter()
        .map(|instance| (instance, network.primary(&instance.id)))
        .collect();
    rows.retain(|(instance, primary)| {
        let kind = if instance.classic.is_some() { "classic" } else { "vpc" };
        let group = asked.param("SecurityGroupId");
        ids.as_ref().is_none_or(|ids| ids.contains(&instance.id))
            && group.is_none_or(|group| groups(instance, *primary).iter().any(|id| id == group))
            && regional::meets(
                asked,
                &[
                    ("InstanceName", Some(&instance.name)),
                    ("InstanceNetworkType", Some(kind)),
                    ("Status", Some(status(instance))),
                    ("VpcId", primary.map(|interface| interface.vpc.as_str())),
                    ("VSwitchId", primary.map(|interface| interface.vswitch.as_str())),
                ],
            )
    });
    let (page, mut answer) =
        either(rows, |(instance, _)| instance.id(), asked, INSTANCES, Total::Meaningless)?;
    let shown: Vec<Value> =
        page.into_iter().map(|(instance, primary)| show(network, instance, primary)).collect();
    answer.insert("Instances".into(), json!({"Instance": shown}));
    Ok(Value::Object(answer).into())
}

fn show(network: &Network, instance: &Instance, primary: Option<&Interface>) -> Value {
    let eip = network.eips_of(&instance.id).find(|eip| eip.region == instance.region);
    let private: &[IpAddr] = primary.map_or(&[], |interface| &interface.private_ips);
    let inner = instance.classic.as_ref().map(|classic| classic.inner_ip);
    let interfaces: Vec<Value> = (network.interfaces.iter())
        .filter(|interface| interface.instance.as_deref() == Some(&instance.id))
        .map(|interface| {
            json!({
                "NetworkInterfaceId": interface.id,
                "Type": if interface.primary { "Primary" } else { "Secondary" },
                "MacAddress": "00:16:3e:00:00:01",
                "PrimaryIpAddress": interface.private_ips.first(),
                "PrivateIpSets": {"PrivateIpSet": private_ips(interface)},
                "Ipv6Sets": {"Ipv6Set": ipv6(network, interface)},
            })
        })
        .collect();
    json!({
        "InstanceId": instance.id,
        "InstanceName": instance.name,
        "HostName": instance.name,
        "Description": "",
        "RegionId": instance.region,
        "ZoneId": format!("{}-h", instance.region),
        "InstanceType": "ecs.g7.large",
        "InstanceTypeFamily": "ecs.g7",
        "Cpu": 2,
        "Memory": 8192,
        "OSType": "linux",
        "OSName": "Alibaba Cloud Linux 3.2104 LTS 64-bit",
        "ImageId": "aliyun_3_x64_20G_alibase_20260901.vhd",
        "Status": status(instance),
        "InstanceNetworkType": if instance.classic.is_some() { "classic" } else { "vpc" },
        "InstanceChargeType": "PostPaid",
        "InternetChargeType": "PayByTraffic",
        "InternetMaxBandwidthOut": u8::from(instance.public_ip.is_some()) * 5,
        "InternetMaxBandwidthIn": -1,
        "CreationTime": instance.created,
        "DeletionProtection": false,
        "ResourceGroupId": "",
        "SecurityGroupIds": {"SecurityGroupId": groups(instance, primary)},
        "PublicIpAddress": {"IpAddress": instance.public_ip.iter().collect::<Vec<_>>()},
        "InnerIpAddress": {"IpAddress": inner.iter().collect::<Vec<_>>()},
        "EipAddress": {
            "AllocationId": eip.map_or("", |eip| &eip.id),
            "IpAddress": eip.map_or(String::new(), |eip| eip.ip.to_string()),
            "Bandwidth": u8::from(eip.is_some()) * 5,
            "InternetChargeType": if eip.is_some() { "PayByTraffic" } else { "" },
            "IsSupportUnassociate": eip.is_some(),
        },
        "VpcAttributes": {
            "VpcId": primary.map_or("", |interface| &interface.vpc),
            "VSwitchId": primary.map_or("", |interface| &interface.vswitch),
            "NatIpAddress": "",
            "PrivateIpAddress": {"IpAddress": private.first().into_iter().collect::<Vec<_>>()},
        },
        "NetworkInterfaces": {"NetworkInterface": interfaces},
        "MetadataOptions": {"HttpEndpoint": "enabled", "HttpTokens": "optional", "HttpPutResponseHopLimit": 1},
        "OperationLocks": {"LockReason": []},
        "Tags": regional::tag_keys(&instance.tags),
    })
}

fn private_ips(interface: &Interface) -> Vec<Value> {
    let ips = interface.private_ips.iter().enumerate();
    ips.map(|(at, ip)| json!({"PrivateIpAddress": ip, "Primary": at == 0})).collect()
}

fn ipv6(network: &Network, interface: &Interface) -> Vec<Value> {
    let addresses = network.ipv6_addresses.iter().filter(|address| address.interface == interface.id);
    addresses.map(|address| json!({"Ipv6Address": address.ip})).collect()
}

/// Encoded, and empty where there are none.
pub(super) fn user_data(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::mandatory(cloud, asked)?;
    let instances = &cloud.account.network.instances;
    let instance =
        regional::one(instances, region, asked.required("InstanceId"), "InvalidInstanceId.NotFound")?;
    let data = base64(instance.user_data.as_bytes());
    Ok(json!({"RegionId": region, "InstanceId": instance.id, "UserData": data}).into())
}

pub(super) fn interfaces(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::mandatory(cloud, asked)?;
    let network = &cloud.account.network;
    let ids = regional::wanted(asked, "NetworkInterfaceId")?;
    let mut rows = regional::rows_in(&network.interfaces, region);
    rows.retain(|interface| {
        let group = asked.param("SecurityGroupId");
        let first = interface.private_ips.first().map(ToString::to_string);
        ids.as_ref().is_none_or(|ids| ids.contains(&interface.id))
            && group.is_none_or(|group| interface.security_groups.iter().any(|id| id == group))
            && regional::meets(
                asked,
                &[
                    ("InstanceId", interface.instance.as_deref()),
                    ("PrimaryIpAddress", first.as_deref()),
                    ("ServiceManaged", Some(if interface.managed { "true" } else { "false" })),
                    ("Status", Some(in_use(interface))),
                    ("Type", Some(kind(interface))),
                    ("VSwitchId", Some(&interface.vswitch)),
                    ("VpcId", Some(&interface.vpc)),
                ],
            )
    });
    let (page, mut answer) =
        either(rows, |interface| interface.id(), asked, INTERFACES, Total::Meaningless)?;
    let account = &cloud.account.account_id;
    let shown: Vec<Value> =
        page.into_iter().map(|interface| show_interface(network, account, interface)).collect();
    answer.insert("NetworkInterfaceSets".into(), json!({"NetworkInterfaceSet": shown}));
    Ok(Value::Object(answer).into())
}

fn in_use(interface: &Interface) -> &'static str {
    if interface.instance.is_some() || interface.managed { "InUse" } else { "Available" }
}

fn kind(interface: &Interface) -> &'static str {
    if interface.primary { "Primary" } else { "Secondary" }
}

fn show_interface(network: &Network, account: &str, interface: &Interface) -> Value {
    // An instance's EIP leads to the primary address of its primary interface.
    let own = network.eips_of(&interface.id);
    let instance = interface.instance.as_deref().filter(|_| interface.primary).unwrap_or_default();
    let eips: Vec<&Eip> = own.chain(network.eips_of(instance)).collect();
    let public = |at: usize, ip: &IpAddr| {
        let leads_here = |eip: &&&Eip| match eip.target.as_ref().and_then(|target| target.private_ip) {
            Some(private) => private == *ip,
            None => at == 0,
        };
        match eips.iter().find(leads_here) {
            Some(eip) => json!({"PublicIpAddress": eip.ip, "AllocationId": eip.id}),
            None => json!({}),
        }
    };
    let ips: Vec<Value> = (interface.private_ips.iter().enumerate())
        .map(|(at, ip)| {
            json!({"PrivateIpAddress": ip, "Primary": at == 0, "AssociatedPublicIp": public(at, ip)})
        })
        .collect();
    json!({
        "NetworkInterfaceId": interface.id,
        "NetworkInterfaceName": "",
        "Description": "",
        "Type": kind(interface),
        "Status": in_use(interface),
        "InstanceId": interface.instance.as_deref().unwrap_or_default(),
        "OwnerId": account,
        "ServiceManaged": interface.managed,
        "MacAddress": "00:16:3e:00:00:01",
        "CreationTime": "2025-04-08T03:20:00Z",
        "ResourceGroupId": "",
        "VpcId": interface.vpc,
        "VSwitchId": interface.vswitch,
        "ZoneId": format!("{}-h", interface.region),
        "PrivateIpAddress": interface.private_ips.first(),
        "PrivateIpSets": {"PrivateIpSet": ips},
        "AssociatedPublicIp": interface.private_ips.first().map_or_else(|| json!({}), |ip| public(0, ip)),
        "Ipv6Sets": {"Ipv6Set": ipv6(network, interface)},
        "SecurityGroupIds": {"SecurityGroupId": interface.security_groups},
        "Tags": regional::tag_keys(&interface.tags),
    })
}

pub(super) fn disks(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::mandatory(cloud, asked)?;
    let ids = regional::wanted(asked, "DiskIds")?;
    let mut rows = regional::rows_in(&cloud.account.network.disks, region);
    rows.retain(|disk| {
        ids.as_ref().is_none_or(|ids| ids.contains(&disk.id))
            && regional::meets(
                asked,
                &[
                    ("DiskType", asked.param("DiskType").map(|asked| match asked {
                        "all" => "all",
                        _ if disk.system => "system",
                        _ => "data",
                    })),
                    ("Encrypted", Some(if disk.encrypted { "true" } else { "false" })),
                    ("InstanceId", disk.instance.as_deref()),
                    ("Status", Some(if disk.instance.is_some() { "In_use" } else { "Available" })),
                ],
            )
    });
    let (page, mut answer) = either(rows, |disk| disk.id(), asked, DISKS, Total::Meaningless)?;
    let shown: Vec<Value> = page
        .into_iter()
        .map(|disk| {
            json!({
                "DiskId": disk.id,
                "DiskName": "",
                "Description": "",
                "RegionId": disk.region,
                "ZoneId": format!("{}-h", disk.region),
                "Type": if disk.system { "system" } else { "data" },
                "Category": "cloud_essd",
                "Size": disk.gigabytes,
                "Encrypted": disk.encrypted,
                "KMSKeyId": "",
                "Status": if disk.instance.is_some() { "In_use" } else { "Available" },
                "InstanceId": disk.instance.as_deref().unwrap_or_default(),
                "Device": if disk.system { "/dev/xvda" } else { "/dev/xvdb" },
                "Portable": !disk.system,
                "CreationTime": "2025-04-08T03:20:00Z",
                "ResourceGroupId": "",
                "Tags": regional::tag_keys(&disk.tags),
            })
        })
        .collect();
    answer.insert("Disks".into(), json!({"Disk": shown}));
    Ok(Value::Object(answer).into())
}
