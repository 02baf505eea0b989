use serde_json::{Value, json};

use super::*;
use crate::openapi::SendError;
use crate::openapi::scripted::{Call, Outcome, Scripted};
use crate::snapshot::{Read, Source};

fn ok(body: Value) -> Outcome {
    Ok((200, body.to_string()))
}

fn fault(status: u16, code: &str) -> Outcome {
    Ok((status, json!({"Code": code, "Message": "no", "RequestId": "R"}).to_string()))
}

/// An empty answer of every listing, in the nested shape of these products.
fn nothing(action: &str) -> Outcome {
    let (list, row) = match action {
        "DescribeSecurityGroups" => ("SecurityGroups", "SecurityGroup"),
        "DescribeInstances" => ("Instances", "Instance"),
        "DescribeNetworkInterfaces" => ("NetworkInterfaceSets", "NetworkInterfaceSet"),
        "DescribeImages" => ("Images", "Image"),
        "DescribeEipAddresses" => ("EipAddresses", "EipAddress"),
        "DescribeNatGateways" => ("NatGateways", "NatGateway"),
        "DescribeIpv6Gateways" => ("Ipv6Gateways", "Ipv6Gateway"),
        "DescribeNetworkAcls" => ("NetworkAcls", "NetworkAcl"),
        other => panic!("{other} is not needed"),
    };
    ok(json!({list: {row: []}, "TotalCount": 0, "NextToken": ""}))
}

/// Reads a region in which some actions answer so, and all others with nothing.
async fn read(
    answer: impl Fn(&Call) -> Option<Outcome> + Send + Sync + 'static,
) -> (Network, std::sync::Arc<Scripted>) {
    let (session, cloud) =
        Scripted::session(move |call| answer(call).unwrap_or_else(|| nothing(&call.action)));
    (network(&session, &Room::default()).await, cloud)
}

fn group(id: &str, vpc: &str) -> Value {
    json!({"SecurityGroupId": id, "SecurityGroupName": "web", "VpcId": vpc, "SecurityGroupType": "enterprise",
        "RuleCount": 1, "Tags": {"Tag": [{"TagKey": "team", "TagValue": "web"}]}})
}

fn rule(ports: &str, source: Value) -> Value {
    let mut rule = json!({"Policy": "Accept", "Priority": "1", "IpProtocol": "TCP", "PortRange": ports,
        "NicType": "intranet", "Direction": "ingress", "SourceCidrIp": ""});
    source.as_object().into_iter().flatten().for_each(|(name, value)| rule[name] = value.clone());
    rule
}

#[tokio::test]
async fn an_empty_region_is_known_to_be_empty_by_one_call_a_list() {
    let (network, cloud) = read(|_| None).await;
    assert!(network.security_groups.is_whole() && network.security_groups.rows.is_empty());
    assert!(network.ipv6_addresses.is_whole() && network.dnat.is_whole() && network.network_acls.is_whole());
    assert_eq!(cloud.calls().len(), 8);
}

#[tokio::test]
async fn groups_come_with_all_their_rules_and_each_list_they_name_once() {
    let (network, cloud) = read(|call| {
        let id = call.get("SecurityGroupId");
        Some(match (call.action.as_str(), id, call.get("NextToken")) {
            ("DescribeSecurityGroups", _, "") => ok(
                json!({"SecurityGroups": {"SecurityGroup": [group("sg-2", "vpc-1")]}, "NextToken": "t", "TotalCount": 2}),
            ),
            ("DescribeSecurityGroups", _, _) => {
                ok(json!({"SecurityGroups": {"SecurityGroup": [group("sg-1", "vpc-1")]}, "NextToken": ""}))
            }
            ("DescribeSecurityGroupAttribute", "sg-1", "") => {
                assert_eq!((call.get("Direction"), call.get("MaxResults")), ("ingress", "1000"));
                assert_eq!(call.get("NicType"), "", "a VPC has one kind");
                ok(json!({"Permissions": {"Permission": [rule("22/22", json!({"SourceCidrIp": "0.0.0.0/0"}))]},
                    "NextToken": "next"}))
            }
            ("DescribeSecurityGroupAttribute", "sg-1", _) => ok(json!({"Permissions": {"Permission": [
                rule("", json!({"SourcePrefixListId": "pl-1", "PortRangeListId": "prl-1"})),
                rule("80/70", json!({"SourceCidrIp": "10.0.0.0/8"})),
            ]}, "NextToken": ""})),
            ("DescribeSecurityGroupAttribute", ..) => ok(json!({"Permissions": {"Permission": [
                rule("443/443", json!({"SourcePrefixListId": "pl-1"})),
                rule("443/443", json!({"SourcePrefixListId": "pl-gone"})),
            ]}})),
            ("DescribePrefixListAttributes", ..) if call.get("PrefixListId") == "pl-1" => {
                ok(json!({"Entries": {"Entry": [{"Cidr": "0.0.0.0/1"}, {"Cidr": "128.0.0.0/1"}]}}))
            }
            ("DescribePrefixListAttributes", ..) => fault(404, "InvalidPrefixListId.NotFound"),
            ("DescribePortRangeListEntries", ..) => ok(json!({"Entries": [{"PortRange": "20/25"}]})),
            _ => return None,
        })
    })
    .await;
    let groups = &network.security_groups;
    assert!(groups.is_whole());
    let ids: Vec<&str> = groups.rows.iter().map(|group| group.id.as_str()).collect();
    assert_eq!(ids, ["sg-1", "sg-2"]);
    let first = &groups.rows[0];
    assert!(first.advanced && first.tags["team"] == "web" && first.vpc.as_deref() == Some("vpc-1"));
    assert_eq!(first.rules.rows.len(), 2);
    assert_eq!(first.rules.unread.len(), 1, "the rule that makes no sense");
    assert!(first.rules.unread[0].message.contains("80/70"), "{:?}", first.rules.unread);
    assert_eq!(first.rules.unread[0].code, "Decode");
    let [prefix, gone] = network.prefix_lists.rows.as_slice() else { panic!("{:?}", network.prefix_lists) };
    assert_eq!(prefix.entries.known().map(Vec::len), Some(2));
    assert_eq!(gone.entries.unread().map(|why| why.code.as_str()), Some("InvalidPrefixListId.NotFound"));
    assert_eq!(network.port_lists.rows[0].entries, Read::Read(vec![(20, 25)]));
    assert_eq!(cloud.count("DescribePrefixListAttributes"), 2);
    assert_eq!(cloud.count("DescribePortRangeListEntries"), 1);
}

#[tokio::test]
async fn a_group_that_is_gone_is_left_out_and_one_that_is_unread_is_not() {
    let (network, _) = read(|call| {
        Some(match (call.action.as_str(), call.get("SecurityGroupId")) {
            ("DescribeSecurityGroups", _) => ok(json!({"SecurityGroups": {"SecurityGroup":
                [group("sg-gone", "v"), group("sg-denied", "v"), group("sg-null", "v"), group("sg-classic", "")]}})),
            (_, "sg-gone") => fault(404, "InvalidSecurityGroupId.NotFound"),
            (_, "sg-denied") => fault(403, "Forbidden.RAM"),
            (_, "sg-null") => ok(json!({"Permissions": null})),
            (_, "sg-classic") => {
                assert_eq!(call.get("NicType"), "internet", "the public interface of the classic network");
                let open = json!({"SourceCidrIp": "0.0.0.0/0", "NicType": "internet"});
                ok(json!({"Permissions": {"Permission": [rule("22/22", open)]}}))
            }
            _ => return None,
        })
    })
    .await;
    let rows = &network.security_groups.rows;
    let state: Vec<_> = rows.iter().map(|group| (&*group.id, group.rules.unread.len())).collect();
    assert_eq!(state, [("sg-classic", 0), ("sg-denied", 1), ("sg-null", 1)]);
    assert!(rows[0].vpc.is_none() && rows[0].rules.rows[0].internet_nic);
    assert_eq!(rows[1].rules.unread[0].region, "cn-hangzhou");
}

#[tokio::test]
async fn what_is_denied_is_unread_alone() {
    let (network, _) = read(|call| match call.action.as_str() {
        "DescribeInstances" => Some(fault(403, "Forbidden.RAM")),
        "DescribeEipAddresses" => Some(ok(json!({"RequestId": "R"}))),
        "DescribeNatGateways" => Some(Err(SendError::Connect("no route".to_owned()))),
        _ => None,
    })
    .await;
    let why = |unread: &[Unread]| unread.iter().map(|why| why.to_string()).collect::<Vec<_>>().join("; ");
    assert!(
        why(&network.instances.unread).starts_with("ecs:DescribeInstances in cn-hangzhou: Forbidden.RAM")
    );
    assert!(why(&network.eips.unread).contains("EipAddresses"), "{}", why(&network.eips.unread));
    assert!(why(&network.dnat.unread).contains("Connect"), "VPC is offered in Hangzhou");
    assert!(network.security_groups.is_whole() && network.interfaces.is_whole() && network.images.is_whole());
}

#[tokio::test]
async fn a_host_that_is_not_there_means_none_where_the_product_is_not_offered() {
    let (session, _) = Scripted::session(|call| match call.host.starts_with("vpc") {
        true => Err(SendError::Connect("no such host".to_owned())),
        false => nothing(&call.action),
    });
    let network = network(&session.in_region("cn-zhongwei"), &Room::default()).await;
    assert!(network.eips.is_whole() && network.ipv6_addresses.is_whole() && network.instances.is_whole());
}

#[tokio::test]
async fn machines() {
    let (network, _) = read(|call| {
        Some(match call.action.as_str() {
            "DescribeInstances" => ok(json!({"Instances": {"Instance": [
                {"InstanceId": "i-1", "InstanceName": "a", "Status": "Running", "InstanceNetworkType": "vpc",
                    "SecurityGroupIds": {"SecurityGroupId": ["sg-1"]}, "PublicIpAddress": {"IpAddress": []},
                    "InnerIpAddress": {"IpAddress": []}, "EipAddress": {"IpAddress": "8.1.1.1", "AllocationId": "eip-1"},
                    "VpcAttributes": {"VpcId": "vpc-1", "PrivateIpAddress": {"IpAddress": ["10.0.0.9"]}}},
                {"InstanceId": "i-2", "Status": "Stopped", "SecurityGroupIds": {"SecurityGroupId": ["sg-2"]},
                    "PublicIpAddress": {"IpAddress": ["8.1.1.2"]}, "InnerIpAddress": {"IpAddress": ["10.9.0.1"]},
                    "EipAddress": {"IpAddress": ""}, "VpcAttributes": {"VpcId": "", "PrivateIpAddress": {"IpAddress": []}}}]}})),
            "DescribeNetworkInterfaces" => ok(json!({"NetworkInterfaceSets": {"NetworkInterfaceSet": [
                {"NetworkInterfaceId": "eni-1", "InstanceId": "i-1", "VSwitchId": "vsw-1", "VpcId": "vpc-1",
                    "SecurityGroupIds": {"SecurityGroupId": ["sg-1", "sg-3"]}, "PrivateIpAddress": "10.0.0.9",
                    "AssociatedPublicIp": {"PublicIpAddress": "8.1.1.1"},
                    "PrivateIpSets": {"PrivateIpSet": [
                        {"PrivateIpAddress": "10.0.0.9", "Primary": true, "AssociatedPublicIp": {}},
                        {"PrivateIpAddress": "10.0.0.10", "Primary": false,
                            "AssociatedPublicIp": {"PublicIpAddress": "8.1.1.3"}}]},
                    "Ipv6Sets": {"Ipv6Set": [{"Ipv6Address": "2408::1"}]}},
                {"NetworkInterfaceId": "eni-2", "InstanceId": "", "Attachment": {"InstanceId": "i-9"},
                    "SecurityGroupIds": {"SecurityGroupId": []}, "PrivateIpAddress": "10.0.0.11"}]}})),
            "DescribeImages" => {
                assert_eq!(call.get("ImageOwnerAlias"), "self");
                ok(json!({"Images": {"Image": [
                    {"ImageId": "m-1", "ImageName": "golden", "IsPublic": true},
                    {"ImageId": "m-2", "IsPublic": "false"}, {"ImageId": "m-gone", "IsPublic": false}]}, "TotalCount": 3}))
            }
            "DescribeImageSharePermission" => match call.get("ImageId") {
                "m-1" => ok(json!({"Accounts": {"Account": []}, "TotalCount": 0})),
                "m-2" => ok(json!({"Accounts": {"Account": [{"AliyunId": "1234"}]}, "ShareGroups": {"ShareGroup": []},
                    "TotalCount": 1})),
                _ => fault(404, "InvalidImageId.NotFound"),
            },
            _ => return None,
        })
    })
    .await;
    let [one, two] = network.instances.rows.as_slice() else { panic!("{:?}", network.instances) };
    assert_eq!((one.vpc.as_deref(), one.eip, one.running), (Some("vpc-1"), "8.1.1.1".parse().ok(), true));
    assert_eq!(one.private_ips, ["10.0.0.9".parse::<std::net::IpAddr>().unwrap()]);
    assert_eq!((&two.vpc, two.eip, two.running, two.public_ips.len()), (&None, None, false, 1));
    assert_eq!(two.private_ips.len(), 1);
    let [eni, other] = network.interfaces.rows.as_slice() else { panic!("{:?}", network.interfaces) };
    let public: Vec<_> =
        eni.addresses.iter().map(|address| address.public.map(|ip| ip.to_string())).collect();
    assert_eq!(public, [Some("8.1.1.1".to_owned()), Some("8.1.1.3".to_owned())]);
    assert_eq!((eni.security_groups.len(), eni.ipv6.len()), (2, 1));
    assert_eq!((other.instance.as_deref(), other.addresses.len()), (Some("i-9"), 1));
    let images: Vec<_> = network.images.rows.iter().map(|image| (&*image.id, image.public)).collect();
    assert_eq!(images, [("m-1", true), ("m-2", false)], "and not the one that is gone");
    assert_eq!(network.images.rows[1].shared_with, Read::Read(vec!["1234".to_owned()]));
}

#[tokio::test]
async fn gateways() {
    let (network, cloud) = read(|call| {
        Some(match (call.action.as_str(), call.get("NatGatewayId")) {
            ("DescribeEipAddresses", _) => ok(json!({"EipAddresses": {"EipAddress": [
                {"AllocationId": "eip-1", "IpAddress": "8.1.1.1", "InstanceType": "SlbInstance", "InstanceId": "lb-1",
                    "Tags": {"Tag": [{"Key": "a", "Value": "b"}]}},
                {"AllocationId": "eip-2", "IpAddress": "8.1.1.2", "InstanceType": "", "InstanceId": ""}]},
                "TotalCount": 2, "PageNumber": 1, "PageSize": 100})),
            ("DescribeNatGateways", _) => ok(json!({"NatGateways": {"NatGateway": [
                {"NatGatewayId": "ngw-1", "VpcId": "vpc-1", "NetworkType": "internet"},
                {"NatGatewayId": "ngw-2", "VpcId": "vpc-1", "NetworkType": "intranet"},
                {"NatGatewayId": "ngw-gone", "VpcId": "vpc-1"}]}, "TotalCount": 3})),
            ("DescribeForwardTableEntries", "ngw-1") => ok(json!({"ForwardTableEntries": {"ForwardTableEntry": [
                {"ForwardEntryId": "fwd-1", "ExternalIp": "8.1.1.9", "ExternalPort": "8022", "InternalIp": "10.0.0.5",
                    "InternalPort": "22", "IpProtocol": "TCP"},
                {"ForwardEntryId": "fwd-2", "ExternalIp": "8.1.1.9", "ExternalPort": "Any", "InternalIp": "10.0.0.6",
                    "InternalPort": "Any", "IpProtocol": "Any"},
                {"ForwardEntryId": "fwd-3", "ExternalIp": "8.1.1.9", "ExternalPort": "x", "InternalIp": "10.0.0.6",
                    "InternalPort": "1", "IpProtocol": "TCP"}]}, "TotalCount": 3})),
            ("DescribeForwardTableEntries", "ngw-gone") => fault(404, "InvalidNatGatewayId.NotFound"),
            ("DescribeForwardTableEntries", other) => panic!("{other} is internal"),
            _ => return None,
        })
    })
    .await;
    let kinds: Vec<_> = network.eips.rows.iter().map(|eip| eip.target_kind.as_deref()).collect();
    assert_eq!(kinds, [Some("SlbInstance"), None]);
    assert_eq!(network.eips.rows[0].tags["a"], "b");
    let [one, any] = network.dnat.rows.as_slice() else { panic!("{:?}", network.dnat) };
    assert_eq!((one.external_ports, one.internal_ports), ((8022, 8022), (22, 22)));
    assert_eq!((any.external_ports, any.protocol), ((0, 65535), crate::snapshot::Protocol::All));
    assert_eq!(network.dnat.unread.len(), 1, "the entry that makes no sense");
    assert!(network.dnat.unread[0].message.contains("fwd-3"));
    assert_eq!(cloud.count("DescribeForwardTableEntries"), 2);
}

async fn ipv6(rules_of_the_second: fn() -> Outcome) -> Listed<Ipv6Address> {
    let (network, _) = read(move |call| {
        let address = |id: &str, ip: &str, kind: &str, gateway: &str| {
            json!({"Ipv6AddressId": id, "Ipv6Address": ip, "NetworkType": kind, "AssociatedInstanceId": "i-1",
                "Ipv6GatewayId": gateway})
        };
        Some(match (call.action.as_str(), call.get("Ipv6GatewayId")) {
            ("DescribeIpv6Gateways", _) => ok(json!({"Ipv6Gateways": {"Ipv6Gateway": [{"Ipv6GatewayId": "gw-1"},
                {"Ipv6GatewayId": "gw-2"}]}, "TotalCount": 2})),
            ("DescribeIpv6Addresses", _) => ok(json!({"Ipv6Addresses": {"Ipv6Address": [
                address("ipv6-1", "2408::1", "Public", "gw-1"), address("ipv6-2", "2408::2", "Public", "gw-1"),
                address("ipv6-3", "2408::3", "Private", "gw-2"), address("ipv6-4", "2408::4", "Public", "gw-2")]},
                "TotalCount": 4})),
            ("DescribeIpv6EgressOnlyRules", "gw-1") => ok(json!({"Ipv6EgressOnlyRules": {"Ipv6EgressOnlyRule": [
                {"Ipv6EgressOnlyRuleId": "r-1", "InstanceId": "ipv6-2", "Status": "Available"},
                {"Ipv6EgressOnlyRuleId": "r-2", "InstanceId": "ipv6-1", "Status": "Deleting"}]}, "TotalCount": 2})),
            ("DescribeIpv6EgressOnlyRules", _) => rules_of_the_second(),
            _ => return None,
        })
    })
    .await;
    network.ipv6_addresses
}

#[tokio::test]
async fn ipv6_addresses_say_whether_anything_comes_in() {
    let empty = || ok(json!({"Ipv6EgressOnlyRules": {"Ipv6EgressOnlyRule": []}, "TotalCount": 0}));
    let listed = ipv6(empty).await;
    assert!(listed.is_whole());
    let state: Vec<_> = listed.rows.iter().map(|row| (row.public, row.egress_only)).collect();
    assert_eq!(state, [(true, false), (true, true), (false, false), (true, false)]);
}

#[tokio::test]
async fn an_ipv6_address_is_public_by_the_word_of_the_service_and_rules_that_are_unread_leave_the_list_open()
{
    for failed in [|| fault(403, "Forbidden.RAM"), || ok(json!({"RequestId": "R"}))] {
        let listed = ipv6(failed).await;
        let state: Vec<_> = listed.rows.iter().map(|row| (row.public, row.egress_only)).collect();
        assert_eq!(state, [(true, false), (true, true), (false, false), (true, false)]);
        assert_eq!(listed.unread[0].action, "vpc:DescribeIpv6EgressOnlyRules");
    }
}

#[tokio::test]
async fn rules_are_not_asked_for_where_no_ipv6_address_is_public() {
    let (network, cloud) = read(|call| {
        let private = json!({"Ipv6AddressId": "ipv6-1", "Ipv6Address": "2408::1", "NetworkType": "Private"});
        Some(match call.action.as_str() {
            "DescribeIpv6Gateways" => {
                ok(json!({"Ipv6Gateways": {"Ipv6Gateway": [{"Ipv6GatewayId": "gw-1"}]}, "TotalCount": 1}))
            }
            "DescribeIpv6Addresses" => {
                ok(json!({"Ipv6Addresses": {"Ipv6Address": [private]}, "TotalCount": 1}))
            }
            _ => return None,
        })
    })
    .await;
    assert!(network.ipv6_addresses.is_whole() && !network.ipv6_addresses.rows[0].public);
    assert_eq!(cloud.count("DescribeIpv6EgressOnlyRules"), 0);
}

#[tokio::test]
async fn network_acls_are_asked_for_singly_only_where_the_list_does_not_show_them_whole() {
    let inward = json!({"IngressAclEntry": [
        {"Policy": "drop", "Protocol": "tcp", "Port": "22/22", "SourceCidrIp": "0.0.0.0/0", "EntryType": "custom"},
        {"Policy": "maybe", "Protocol": "all", "Port": "-1/-1", "SourceCidrIp": "0.0.0.0/0"}]});
    let outward = json!({"EgressAclEntry": [
        {"Policy": "accept", "Protocol": "all", "Port": "-1/-1", "DestinationCidrIp": "::/0"}]});
    let bound = json!({"Resource": [{"ResourceId": "vsw-1", "ResourceType": "VSwitch", "Status": "BINDED"},
        {"ResourceId": "vsw-2", "ResourceType": "VSwitch", "Status": "UNBINDING"}]});
    let acl = move |id: &str| json!({"NetworkAclId": id, "IngressAclEntries": inward, "EgressAclEntries": outward, "Resources": bound});
    let (network, cloud) = read(move |call| {
        let empty = json!({"IngressAclEntry": []});
        Some(match (call.action.as_str(), call.get("NetworkAclId")) {
            ("DescribeNetworkAcls", _) => {
                ok(json!({"NetworkAcls": {"NetworkAcl": [acl("nacl-1"), {"NetworkAclId": "nacl-2"},
                {"NetworkAclId": "nacl-3", "IngressAclEntries": empty, "EgressAclEntries": empty,
                    "Resources": {"Resource": []}},
                {"NetworkAclId": "nacl-gone"}, {"NetworkAclId": "nacl-bare"}]}, "TotalCount": 5}))
            }
            (_, "nacl-gone") => fault(404, "ResourceNotFound.NetworkAcl"),
            (_, "nacl-bare") => ok(json!({"NetworkAclAttribute": {"NetworkAclId": "nacl-bare"}})),
            ("DescribeNetworkAclAttributes", id) => ok(json!({"NetworkAclAttribute": acl(id)})),
            _ => return None,
        })
    })
    .await;
    assert_eq!(cloud.count("DescribeNetworkAclAttributes"), 4);
    let ids: Vec<&str> = network.network_acls.rows.iter().map(|acl| acl.id.as_str()).collect();
    assert_eq!(ids, ["nacl-1", "nacl-2", "nacl-3"]);
    assert_eq!(network.network_acls.unread.len(), 1, "what nacl-bare guards is not known");
    for acl in &network.network_acls.rows {
        assert_eq!(acl.vswitches, ["vsw-1"], "{}", acl.id);
        assert_eq!((acl.ingress.rows.len(), acl.ingress.unread.len(), acl.egress.rows.len()), (1, 1, 1));
        assert!(!acl.ingress.rows[0].accept && acl.egress.rows[0].accept);
    }
}

#[tokio::test]
async fn a_source_group_is_kept_by_its_name() {
    let (network, _) = read(|call| match call.action.as_str() {
        "DescribeSecurityGroups" => Some(ok(json!({"SecurityGroups": [group("sg-1", "v")]}))),
        "DescribeSecurityGroupAttribute" => {
            Some(ok(json!({"Permissions": [rule("22/22", json!({"SourceGroupId": "sg-2"}))]})))
        }
        _ => None,
    })
    .await;
    let rules = &network.security_groups.rows[0].rules.rows;
    assert_eq!(rules[0].source, Source::Group(Box::new("sg-2".to_owned())));
}
