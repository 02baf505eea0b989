use super::Site;
use crate::tests::client::try_call;
use crate::{Fault, FaultKind};
use std::collections::BTreeSet;

#[test]
fn one_region_is_out_of_reach() {
    let site = Site::builtin();
    site.cloud.fault(Fault::new("*", FaultKind::Reset).in_region("eu-central-1").forever());
    let list = |host: &str, region: &str| {
        let api = format!("{host}.aliyuncs.com/2014-05-26/DescribeInstances");
        try_call(&site.cloud, &site.keys, &api, &[("RegionId", region)], &[])
    };
    assert!(list("ecs.eu-central-1", "eu-central-1").is_err());
    assert!(list("ecs", "eu-central-1").is_err());
    assert_eq!(list("ecs.cn-hangzhou", "cn-hangzhou").unwrap().status, 200);
    site.cloud.clear_faults();
    site.cloud.fault(Fault::new("slb:*", FaultKind::Deny).forever());
    assert_eq!(site.code("slb", "cn-hangzhou", "DescribeLoadBalancers", &[]).1, "Forbidden.RAM");
    assert_eq!(site.code("vpc", "cn-hangzhou", "DescribeVpcs", &[]).0, 200);
}

#[test]
fn a_page_repeats() {
    let site = Site::builtin();
    site.cloud.fault(Fault::new("ecs:DescribeInstances", FaultKind::RepeatedPage).forever());
    let page = |token: &str| {
        let params = [("MaxResults", "10"), ("NextToken", token)];
        site.json("ecs", "cn-hangzhou", "DescribeInstances", &params)
    };
    let first = page("");
    let token = first["NextToken"].as_str().unwrap();
    assert!(!token.is_empty());
    let mut second = page(token);
    assert_eq!(second["NextToken"], token);
    second["RequestId"] = first["RequestId"].clone();
    assert_eq!(second, first);
    site.cloud.fault(Fault::new("vpc:DescribeVpcs", FaultKind::RepeatedPage).forever());
    let numbered = |number: &str| {
        let page = site.json("vpc", "cn-hangzhou", "DescribeVpcs", &[("PageNumber", number)]);
        assert!(page["TotalCount"].as_u64().unwrap() > 2);
        page["Vpcs"].clone()
    };
    assert_eq!(numbered("1"), numbered("7"));
    // What is no list stays as it is.
    site.cloud.fault(Fault::new("ecs:DescribeUserData", FaultKind::RepeatedPage).forever());
    let whole = site.json("ecs", "cn-hangzhou", "DescribeUserData", &[("InstanceId", "i-bp1example00erp")]);
    assert!(whole.get("NextToken").is_none() && whole["UserData"].is_string());
}

#[test]
fn tokens_never_end_and_pages_run_dry() {
    let site = Site::builtin();
    let lists = [
        ("ecs", "DescribeSecurityGroups", "/SecurityGroups/SecurityGroup", vec![("MaxResults", "10")]),
        ("slb", "DescribeLoadBalancerListeners", "/Listeners", vec![]),
        (
            "ecs",
            "DescribeSecurityGroupAttribute",
            "/Permissions/Permission",
            vec![("SecurityGroupId", "sg-bp1example000000web")],
        ),
    ];
    for (product, action, path, params) in lists {
        site.cloud.fault(Fault::new(format!("{product}:{action}"), FaultKind::EndlessPages).forever());
        let (mut tokens, mut token, mut sizes) = (BTreeSet::new(), String::new(), Vec::new());
        for _ in 0..4 {
            let mut all = params.clone();
            all.push(("NextToken", &token));
            let page = site.json(product, "cn-hangzhou", action, &all);
            sizes.push(page.pointer(path).unwrap().as_array().unwrap().len());
            token = page["NextToken"].as_str().unwrap().into();
            assert!(tokens.insert(token.clone()), "{action}");
        }
        assert!(sizes[0] > 0 && sizes[1..] == [0, 0, 0], "{action}: {sizes:?}");
    }
}

#[test]
fn things_are_deleted_between_two_calls() {
    let site = Site::builtin();
    let group = "sg-bp1example00000test";
    let attribute = "DescribeSecurityGroupAttribute";
    let gone = Fault::new(format!("ecs:{attribute}"), FaultKind::Deleted(group.into())).after(1);
    site.cloud.fault(gone);
    let ask = || site.code("ecs", "cn-hangzhou", attribute, &[("SecurityGroupId", group)]);
    assert_eq!(ask().0, 200);
    assert_eq!(ask(), (404, "InvalidSecurityGroupId.NotFound".into()));
    assert!(site.cloud.delete_resource("i-bp1example0test"));
    assert!(!site.cloud.delete_resource("i-bp1example0test"));
    let list = |product: &str, action: &str| site.json(product, "cn-hangzhou", action, &[]).to_string();
    assert!(!list("ecs", "DescribeInstances").contains("i-bp1example0test"));
    assert!(!list("ecs", "DescribeNetworkInterfaces").contains("eni-bp1example0test"));
    let eips = list("vpc", "DescribeEipAddresses");
    assert!(eips.contains("192.0.2.103") && !eips.contains("i-bp1example0test"));
}
