use super::{Site, names};
use crate::account::network::{ForwardEntry, NatGateway, Vpc};
use serde_json::json;
use std::sync::Arc;

#[test]
fn pages_are_of_50_rows_at_most_whatever_is_asked_for() {
    let site = Site::with(|network| {
        network.vpcs.extend((0..60).map(|at| {
            Arc::new(Vpc {
                id: format!("vpc-{at:03}"),
                region: "cn-beijing".into(),
                name: String::new(),
                cidr: "10.0.0.0/16".into(),
                ipv6_cidr: None,
                tags: Default::default(),
            })
        }));
    });
    let vpcs = ("vpc", "cn-beijing", "DescribeVpcs");
    let page = site.json(vpcs.0, vpcs.1, vpcs.2, &[("PageSize", "100")]);
    assert_eq!((&page["PageSize"], &page["TotalCount"]), (&json!(50), &json!(60)));
    assert_eq!(page["Vpcs"]["Vpc"].as_array().unwrap().len(), 50);
    let (all, pages) = site.by_number(vpcs, &[("PageSize", "100")], "/Vpcs/Vpc");
    assert_eq!((all.len(), pages), (60, 2));
    assert_eq!(site.by_number(vpcs, &[], "/Vpcs/Vpc").1, 6);
}

#[test]
fn eips_tell_what_they_lead_to() {
    let site = Site::builtin();
    let eips = ("vpc", "eu-central-1", "DescribeEipAddresses");
    let (all, _) = site.by_number(eips, &[], "/EipAddresses/EipAddress");
    assert_eq!(names(&all, "InstanceType"), ["SlbInstance", "NetworkInterface"]);
    assert_eq!(all[1]["PrivateIpAddress"], "10.40.1.27");
    let (idle, _) = site.by_number(
        ("vpc", "cn-hangzhou", "DescribeEipAddresses"),
        &[("Status", "Available")],
        "/EipAddresses/EipAddress",
    );
    assert_eq!((&idle[0]["IpAddress"], &idle[0]["InstanceId"]), (&json!("192.0.2.104"), &json!("")));
}

#[test]
fn dnat_entries_are_asked_for_by_gateway_or_table() {
    let site = Site::with(|network| {
        let entry = |at: u16| ForwardEntry {
            id: format!("fwd-{at:03}"),
            name: String::new(),
            external_ip: "192.0.2.1".parse().unwrap(),
            external_port: (1000 + at).to_string(),
            internal_ip: "10.0.0.1".parse().unwrap(),
            internal_port: "22".into(),
            protocol: "tcp".into(),
        };
        network.nat_gateways.push(Arc::new(NatGateway {
            id: "ngw-many".into(),
            region: "cn-beijing".into(),
            name: String::new(),
            vpc: "vpc-1".into(),
            private: false,
            forward: (0..75).map(entry).collect(),
        }));
    });
    let gateways = site.json("vpc", "cn-shanghai", "DescribeNatGateways", &[]);
    let gateway = &gateways["NatGateways"]["NatGateway"][0];
    assert_eq!(gateway["IpLists"]["IpList"][0]["IpAddress"], "192.0.2.111");
    let table = gateway["ForwardTableIds"]["ForwardTableId"][0].as_str().unwrap();
    let rows = "/ForwardTableEntries/ForwardTableEntry";
    let entries = ("vpc", "cn-shanghai", "DescribeForwardTableEntries");
    for by in [("ForwardTableId", table), ("NatGatewayId", "ngw-uf6example0000nat")] {
        let (all, _) = site.by_number(entries, &[by], rows);
        assert_eq!((&all[0]["ExternalPort"], &all[0]["InternalPort"]), (&json!("33890"), &json!("3389")));
    }
    assert_eq!(site.code(entries.0, entries.1, entries.2, &[]).1, "MissingParameter");
    let many = ("vpc", "cn-beijing", "DescribeForwardTableEntries");
    assert_eq!(site.by_number(many, &[("NatGatewayId", "ngw-many")], rows).0.len(), 75);
}

#[test]
fn ipv6_addresses_are_public_by_bandwidth_and_closed_by_rule() {
    let site = Site::builtin();
    let region = "eu-central-1";
    let (all, _) =
        site.by_number(("vpc", region, "DescribeIpv6Addresses"), &[], "/Ipv6Addresses/Ipv6Address");
    assert_eq!(names(&all, "NetworkType"), ["Public", "Public", "Private"]);
    assert_eq!(all[1]["AssociatedInstanceId"], "i-gw8example00six");
    let gateways = site.json("vpc", region, "DescribeIpv6Gateways", &[]);
    let id = gateways["Ipv6Gateways"]["Ipv6Gateway"][0]["Ipv6GatewayId"].as_str().unwrap();
    let rules = site.json("vpc", region, "DescribeIpv6EgressOnlyRules", &[("Ipv6GatewayId", id)]);
    assert_eq!(rules["Ipv6EgressOnlyRules"]["Ipv6EgressOnlyRule"][0]["InstanceId"], "ipv6-gw8example00out");
}

#[test]
fn network_acls_tell_their_entries_in_order() {
    let site = Site::builtin();
    let (all, _) =
        site.by_number(("vpc", "cn-shanghai", "DescribeNetworkAcls"), &[], "/NetworkAcls/NetworkAcl");
    let id = all[0]["NetworkAclId"].as_str().unwrap();
    let shown = site.json("vpc", "cn-shanghai", "DescribeNetworkAclAttributes", &[("NetworkAclId", id)]);
    let acl = &shown["NetworkAclAttribute"];
    assert_eq!(*acl, all[0]);
    let entries = acl["IngressAclEntries"]["IngressAclEntry"].as_array().unwrap();
    assert_eq!(names(entries, "Policy"), ["accept", "drop", "accept"]);
    assert_eq!((&entries[1]["Port"], &entries[2]["Port"]), (&json!("22/22"), &json!("-1/-1")));
    assert_eq!(acl["EgressAclEntries"]["EgressAclEntry"][0]["DestinationCidrIp"], "0.0.0.0/0");
    assert_eq!(acl["Resources"]["Resource"][0]["ResourceId"], "vsw-uf6example0legacy");
    let (switches, _) = site.by_number(
        ("vpc", "cn-shanghai", "DescribeVSwitches"),
        &[("VSwitchId", "vsw-uf6example0legacy")],
        "/VSwitches/VSwitch",
    );
    assert_eq!(switches[0]["NetworkAclId"], id);
}
