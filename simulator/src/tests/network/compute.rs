use super::{Site, names};
use crate::account::network::{Classic, Instance, Rule, SecurityGroup};
use base64::Engine;
use serde_json::json;
use std::sync::Arc;

/// A group of so many inbound rules and one outbound.
fn group(id: &str, vpc: Option<&str>, rules: usize) -> Arc<SecurityGroup> {
    let rule = |line: String| Rule::try_from(line).unwrap();
    let mut all: Vec<Rule> = (0..rules)
        .map(|at| rule(format!("accept tcp {at}/{at} from 10.0.{}.{}/32", at / 256, at % 256)))
        .collect();
    all.push(rule("egress accept all -1/-1 to 0.0.0.0/0".into()));
    Arc::new(SecurityGroup {
        id: id.into(),
        region: "cn-beijing".into(),
        vpc: vpc.map(Into::into),
        created: "2025-04-08T03:20:00Z".into(),
        rules: Arc::new(all),
        ..SecurityGroup::default()
    })
}

#[test]
fn rules_come_by_500_unless_told_otherwise() {
    let site = Site::with(|network| network.security_groups.push(group("sg-long", Some("vpc-1"), 1000)));
    let what = ("ecs", "cn-beijing", "DescribeSecurityGroupAttribute");
    let rules = "/Permissions/Permission";
    let read = |more: &[(&str, &str)]| {
        let mut params = vec![("SecurityGroupId", "sg-long")];
        params.extend(more);
        site.by_token(what, &params, rules)
    };
    let (all, pages) = read(&[]);
    assert_eq!((all.len(), pages), (1001, 3));
    let ids: std::collections::BTreeSet<&str> = names(&all, "SecurityGroupRuleId").into_iter().collect();
    assert_eq!(ids.len(), 1001);
    let (inbound, pages) = read(&[("Direction", "ingress"), ("MaxResults", "1000")]);
    assert_eq!((inbound.len(), pages), (1000, 1));
    assert!(inbound.iter().all(|rule| rule["Direction"] == "ingress"));
    assert_eq!(inbound[999]["SourceCidrIp"], "10.0.3.231/32");
    assert_eq!(read(&[("Direction", "egress")]).0[0]["DestCidrIp"], "0.0.0.0/0");
    for size in ["9", "1001"] {
        let params = [("SecurityGroupId", "sg-long"), ("MaxResults", size)];
        let refused = site.code("ecs", "cn-beijing", "DescribeSecurityGroupAttribute", &params);
        assert_eq!(refused, (400, "InvalidParameter.MaxResults".into()));
    }
    let there = [("SecurityGroupId", "sg-bp1example000000web")];
    let elsewhere = site.code("ecs", "cn-beijing", "DescribeSecurityGroupAttribute", &there);
    assert_eq!(elsewhere, (404, "InvalidSecurityGroupId.NotFound".into()));
}

#[test]
fn classic_groups_show_one_interface_at_a_time() {
    let lines = ["accept tcp 22/22 from 0.0.0.0/0 nic internet", "accept tcp 80/80 from 10.0.0.0/8"];
    let rules: Vec<Rule> = lines.iter().map(|line| Rule::try_from((*line).to_string()).unwrap()).collect();
    let site = Site::with(|network| {
        for (id, vpc) in [("sg-classic", None), ("sg-vpc", Some("vpc-1"))] {
            let mut made = SecurityGroup::clone(&group(id, vpc, 0));
            made.rules = Arc::new(rules.clone());
            network.security_groups.push(Arc::new(made));
        }
    });
    let ports = |id: &str, nic: Option<&str>| {
        let mut params = vec![("SecurityGroupId", id)];
        params.extend(nic.map(|nic| ("NicType", nic)));
        let shown = site.json("ecs", "cn-beijing", "DescribeSecurityGroupAttribute", &params);
        let shown = shown["Permissions"]["Permission"].as_array().unwrap().clone();
        names(&shown, "PortRange").into_iter().map(String::from).collect::<Vec<_>>()
    };
    assert_eq!(ports("sg-classic", None), ["22/22"]);
    assert_eq!(ports("sg-classic", Some("internet")), ["22/22"]);
    assert_eq!(ports("sg-classic", Some("intranet")), ["80/80"]);
    for nic in [None, Some("internet"), Some("intranet")] {
        assert_eq!(ports("sg-vpc", nic), ["22/22", "80/80"]);
    }
}

#[test]
fn rules_are_written_as_the_service_writes_them() {
    let site = Site::builtin();
    let of = |region: &str, id: &str| {
        let params = [("SecurityGroupId", id)];
        let shown = site.json("ecs", region, "DescribeSecurityGroupAttribute", &params);
        shown["Permissions"]["Permission"].as_array().unwrap().clone()
    };
    let web = of("cn-hangzhou", "sg-bp1example000000web");
    let first = json!({"Direction": "ingress", "Policy": "Accept", "Priority": "1", "IpProtocol": "TCP",
        "PortRange": "80/80", "SourceCidrIp": "0.0.0.0/0", "Ipv6SourceCidrIp": "", "NicType": "intranet"});
    for (name, value) in first.as_object().unwrap() {
        assert_eq!(web[0][name], *value, "{name}");
    }
    assert_eq!(web[2]["SourceGroupId"], "sg-bp1example00bastion");
    let lists = of("ap-southeast-1", "sg-t4nexample0000lists");
    assert_eq!(lists[0]["PortRangeListId"], "prl-t4nexample0dashes");
    assert_eq!((&lists[0]["PortRange"], &lists[0]["SourceCidrIp"]), (&json!(""), &json!("")));
    assert_eq!(lists[1]["SourcePrefixListId"], "pl-t4nexample0anyone");
    assert_eq!(of("eu-central-1", "sg-gw8example000000six")[1]["Ipv6SourceCidrIp"], "::/0");
    let drop = &of("cn-hangzhou", "sg-bp1example00bastion")[2];
    assert_eq!((&drop["Policy"], &drop["Priority"]), (&json!("Drop"), &json!("100")));
}

#[test]
fn lists_are_read_by_token_or_by_number() {
    let site = Site::with(|network| {
        network.security_groups.extend((0..230).map(|at| group(&format!("sg-{at:03}"), Some("vpc-1"), 0)));
        network.sort();
    });
    let groups = ("ecs", "cn-beijing", "DescribeSecurityGroups");
    let rows = "/SecurityGroups/SecurityGroup";
    let (all, pages) = site.by_token(groups, &[("MaxResults", "100")], rows);
    assert_eq!((all.len(), pages), (230, 3));
    let (all, pages) = site.by_number(groups, &[], rows);
    assert_eq!((all.len(), pages), (230, 23));
    assert!(names(&all, "SecurityGroupId").is_sorted());
    let page = site.json(groups.0, groups.1, groups.2, &[("MaxResults", "100")]);
    assert!(page.get("TotalCount").is_none() && page.get("PageNumber").is_none());
    assert_eq!(
        site.code(groups.0, groups.1, groups.2, &[("MaxResults", "101")]).1,
        "InvalidParameter.MaxResults"
    );
    let some = [("SecurityGroupIds", r#"["sg-001","sg-229","sg-none"]"#)];
    assert_eq!(site.by_number(groups, &some, rows).0.len(), 2);
}

#[test]
fn sizes_of_instance_lists_are_fitted_in_silence() {
    let site = Site::with(|network| {
        network.instances.extend((0..130).map(|at| {
            Arc::new(Instance {
                id: format!("i-classic{at:03}"),
                region: "cn-beijing".into(),
                name: String::new(),
                running: true,
                public_ip: Some("192.0.2.200".parse().unwrap()),
                classic: Some(Classic {
                    inner_ip: "10.1.1.1".parse().unwrap(),
                    security_groups: vec!["sg-1".into()],
                }),
                user_data: String::new(),
                created: String::new(),
                tags: Default::default(),
            })
        }));
    });
    let list = ("ecs", "cn-beijing", "DescribeInstances");
    let (all, pages) = site.by_token(list, &[("MaxResults", "500")], "/Instances/Instance");
    assert_eq!((all.len(), pages), (130, 2));
    let (_, pages) = site.by_token(list, &[("MaxResults", "1")], "/Instances/Instance");
    assert_eq!(pages, 13);
    // What is said of the total is not to be believed where tokens are used.
    assert_eq!(site.json(list.0, list.1, list.2, &[("MaxResults", "50")])["TotalCount"], 0);
    assert_eq!(all[0]["InstanceNetworkType"], "classic");
    assert_eq!(all[0]["PublicIpAddress"]["IpAddress"], json!(["192.0.2.200"]));
    assert_eq!(all[0]["VpcAttributes"]["VpcId"], "");
    assert_eq!(all[0]["SecurityGroupIds"]["SecurityGroupId"], json!(["sg-1"]));
}

#[test]
fn addresses_are_told_from_both_sides() {
    let site = Site::builtin();
    let (instances, _) =
        site.by_number(("ecs", "cn-hangzhou", "DescribeInstances"), &[], "/Instances/Instance");
    assert_eq!(instances.len(), 6);
    let test = instances.iter().find(|one| one["InstanceId"] == "i-bp1example0test").unwrap();
    assert_eq!(test["EipAddress"]["IpAddress"], "192.0.2.103");
    assert_eq!(test["VpcAttributes"]["PrivateIpAddress"]["IpAddress"], json!(["10.10.1.77"]));
    let interfaces = ("ecs", "eu-central-1", "DescribeNetworkInterfaces");
    let rows = "/NetworkInterfaceSets/NetworkInterfaceSet";
    let (all, _) = site.by_token(interfaces, &[("MaxResults", "500")], rows);
    let relay = all.iter().find(|one| one["NetworkInterfaceId"] == "eni-gw8example0rela").unwrap();
    assert_eq!(relay["AssociatedPublicIp"], json!({}));
    let second = &relay["PrivateIpSets"]["PrivateIpSet"][1];
    assert_eq!(second["AssociatedPublicIp"]["PublicIpAddress"], "192.0.2.142");
    let six = all.iter().find(|one| one["NetworkInterfaceId"] == "eni-gw8example00six").unwrap();
    assert_eq!(six["Ipv6Sets"]["Ipv6Set"][0]["Ipv6Address"], "2001:db8:40:1::6");
    let (of_one, _) = site.by_token(
        interfaces,
        &[("MaxResults", "10"), ("InstanceId", "i-gw8example0mail"), ("Type", "Secondary")],
        rows,
    );
    assert_eq!(names(&of_one, "NetworkInterfaceId"), ["eni-gw8example0rela"]);
}

#[test]
fn lists_that_rules_name_are_read() {
    let site = Site::builtin();
    let region = "ap-southeast-1";
    let (lists, _) = site.by_token(("ecs", region, "DescribePrefixLists"), &[], "/PrefixLists/PrefixList");
    assert_eq!(lists.len(), 3);
    assert_eq!((&lists[1]["AssociationCount"], &lists[0]["AddressFamily"]), (&json!(1), &json!("IPv6")));
    let anyone = [("PrefixListId", "pl-t4nexample0anyone")];
    let entries = site.json("ecs", region, "DescribePrefixListAttributes", &anyone);
    let entries = entries["Entries"]["Entry"].as_array().unwrap();
    assert_eq!(names(entries, "Cidr"), ["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/1"]);
    let (lists, _) = site.by_token(("ecs", region, "DescribePortRangeLists"), &[], "/PortRangeLists");
    let ports = [("PortRangeListId", lists[0]["PortRangeListId"].as_str().unwrap())];
    let entries = site.json("ecs", region, "DescribePortRangeListEntries", &ports);
    assert_eq!(
        names(entries["Entries"].as_array().unwrap(), "PortRange"),
        ["3000/3000", "8080/8081", "9200/9200"]
    );
    let none = [("PrefixListId", "pl-none")];
    let code = site.code("ecs", region, "DescribePrefixListAttributes", &none);
    assert_eq!(code, (404, "InvalidPrefixListId.NotFound".into()));
}

#[test]
fn images_are_of_everybody_unless_told_otherwise() {
    let site = Site::builtin();
    let list = ("ecs", "cn-shanghai", "DescribeImages");
    let (all, pages) = site.by_number(list, &[], "/Images/Image");
    assert_eq!((all.len(), pages), (14, 2));
    let (own, _) = site.by_number(list, &[("ImageOwnerAlias", "self")], "/Images/Image");
    assert_eq!(names(&own, "ImageId"), ["m-uf6example00public", "m-uf6example0partner"]);
    assert_eq!((&own[0]["IsPublic"], &own[1]["IsPublic"]), (&json!(true), &json!(false)));
    let (own, _) = site.by_number(list, &[("ImageOwnerAlias", "self"), ("Status", "ALL")], "/Images/Image");
    assert_eq!(own.len(), 3);
    assert_eq!(site.code(list.0, list.1, list.2, &[("IsPublic", "true")]).1, "InvalidParameter.IsPublic");
    let shared = [("ImageId", "m-uf6example0partner")];
    let shared = site.json("ecs", "cn-shanghai", "DescribeImageSharePermission", &shared);
    assert_eq!(shared["Accounts"]["Account"][0]["AliyunId"], "1987654321098765");
}

#[test]
fn user_data_are_encoded() {
    let site = Site::builtin();
    let decode = |text: &serde_json::Value| {
        let bytes = base64::engine::general_purpose::STANDARD.decode(text.as_str().unwrap()).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    let of = |id: &str| {
        decode(&site.json("ecs", "cn-hangzhou", "DescribeUserData", &[("InstanceId", id)])["UserData"])
    };
    assert!(of("i-bp1example00erp").contains("LTAI5tExampleErpApp00001"));
    assert_eq!(of("i-bp1example0web1"), "");
    let gone = site.code("ecs", "cn-hangzhou", "DescribeUserData", &[("InstanceId", "i-none")]);
    assert_eq!(gone, (404, "InvalidInstanceId.NotFound".into()));
    let template = [("LaunchTemplateId", "lt-bp1example000worker")];
    let versions = ("ecs", "cn-hangzhou", "DescribeLaunchTemplateVersions");
    let (all, _) = site.by_number(versions, &template, "/LaunchTemplateVersionSets/LaunchTemplateVersionSet");
    assert_eq!((&all[0]["VersionNumber"], &all[0]["DefaultVersion"]), (&json!(2), &json!(true)));
    assert!(decode(&all[1]["LaunchTemplateData"]["UserData"]).contains("DB_PASSWORD="));
    assert_eq!(site.code(versions.0, versions.1, versions.2, &[]).1, "MissingParameter.LaunchTemplateId");
    let sets = site.json("ecs", "cn-hangzhou", "DescribeLaunchTemplates", &[]);
    assert_eq!(sets["LaunchTemplateSets"]["LaunchTemplateSet"][0]["LatestVersionNumber"], 2);
    let (disks, _) =
        site.by_number(("ecs", "cn-hangzhou", "DescribeDisks"), &[("Encrypted", "false")], "/Disks/Disk");
    assert_eq!(names(&disks, "DiskId"), ["d-bp1example00erp", "d-bp1example0test"]);
}
