use super::{Site, names};
use crate::account::network::{AccessList, ClbListener};
use serde_json::json;
use std::sync::Arc;

#[test]
fn classic_listeners_tell_lists_and_groups() {
    let site = Site::builtin();
    let region = "cn-hangzhou";
    let (all, _) =
        site.by_number(("slb", region, "DescribeLoadBalancers"), &[], "/LoadBalancers/LoadBalancer");
    assert_eq!(names(&all, "AddressType"), ["internet", "intranet"]);
    let (listeners, _) = site.by_token(("slb", region, "DescribeLoadBalancerListeners"), &[], "/Listeners");
    assert_eq!(listeners.len(), 4);
    let https = &listeners[0];
    assert_eq!((&https["AclStatus"], &https["AclType"]), (&json!("on"), &json!("white")));
    assert_eq!(https["AclIds"], json!(["acl-bp1example0partners"]));
    assert_eq!(https["VServerGroupId"], "rsp-bp1example00orders");
    assert_eq!(listeners[1]["HTTPListenerConfig"]["ForwardPort"], 443);
    assert_eq!((&listeners[2]["Status"], &listeners[2]["AclStatus"]), (&json!("stopped"), &json!("off")));
    assert_eq!(listeners[3]["TCPListenerConfig"]["MasterSlaveServerGroupId"], "rsp-bp1example0primary");
    let one = [("LoadBalancerId.1", "lb-bp1example0private")];
    assert_eq!(
        site.by_token(("slb", region, "DescribeLoadBalancerListeners"), &one, "/Listeners").0.len(),
        1
    );
    let group = [("VServerGroupId", "rsp-bp1example00orders")];
    let group = site.json("slb", region, "DescribeVServerGroupAttribute", &group);
    assert_eq!(group["BackendServers"]["BackendServer"][1]["Port"], 8080);
    let group = [("MasterSlaveServerGroupId", "rsp-bp1example0primary")];
    let group = site.json("slb", region, "DescribeMasterSlaveServerGroupAttribute", &group);
    assert_eq!(group["MasterSlaveBackendServers"]["MasterSlaveBackendServer"][1]["ServerType"], "Slave");
    let of = |action: &str, id: &str| site.json("slb", region, action, &[("LoadBalancerId", id)]);
    let groups = of("DescribeVServerGroups", "lb-bp1example00orders");
    let used = &groups["VServerGroups"]["VServerGroup"][0]["AssociatedObjects"]["Listeners"]["Listener"];
    assert_eq!(used[0]["Port"], 443);
    let groups = of("DescribeMasterSlaveServerGroups", "lb-bp1example0private");
    assert_eq!(groups["MasterSlaveServerGroups"]["MasterSlaveServerGroup"].as_array().unwrap().len(), 1);
    let attribute = of("DescribeLoadBalancerAttribute", "lb-bp1example00orders");
    assert_eq!(names(attribute["BackendServers"]["BackendServer"].as_array().unwrap(), "Type"), ["ecs"; 2]);
}

#[test]
fn classic_lists_are_read_to_the_end() {
    let site = Site::with(|network| {
        let nets = (0..75).map(|at| format!("198.51.{at}.0/24").parse().unwrap());
        network.clb_acls.push(Arc::new(AccessList {
            id: "acl-long".into(),
            region: "cn-beijing".into(),
            name: String::new(),
            entries: nets.collect(),
        }));
        let mut clb = (*network.clbs[0]).clone();
        clb.id = "lb-many".into();
        clb.region = "cn-beijing".into();
        clb.listeners = (1..=45)
            .map(|port| ClbListener {
                protocol: "tcp".into(),
                port,
                running: true,
                acl: None,
                backend_port: Some(port),
                group: None,
                forward_port: None,
            })
            .collect();
        network.clbs.push(Arc::new(clb));
    });
    let (listeners, pages) =
        site.by_token(("slb", "cn-beijing", "DescribeLoadBalancerListeners"), &[], "/Listeners");
    assert_eq!((listeners.len(), pages), (45, 3));
    let read = |page: &str, size: &str| {
        let params = [("AclId", "acl-long"), ("Page", page), ("PageSize", size)];
        let list = site.json("slb", "cn-beijing", "DescribeAccessControlListAttribute", &params);
        assert_eq!(list["TotalAclEntry"], 75);
        list["AclEntrys"]["AclEntry"].as_array().unwrap().len()
    };
    assert_eq!([read("", ""), read("1", "100"), read("2", "50"), read("3", "50")], [10, 50, 25, 0]);
    let long = [("PageSize", "10")];
    assert_eq!(site.code("slb", "cn-beijing", "DescribeLoadBalancers", &long).1, "MissingParameter");
    let wide = [("PageSize", "101"), ("PageNumber", "1")];
    assert_eq!(site.code("slb", "cn-beijing", "DescribeLoadBalancers", &wide).1, "InvalidParameter.PageSize");
    let lists = site.json("slb", "cn-hangzhou", "DescribeAccessControlLists", &[]);
    assert_eq!((&lists["Count"], &lists["TotalCount"]), (&json!(2), &json!(2)));
}

#[test]
fn application_listeners_tell_their_lists_in_the_attributes_alone() {
    let site = Site::builtin();
    let region = "ap-southeast-1";
    let (all, _) = site.by_token(("alb", region, "ListLoadBalancers"), &[], "/LoadBalancers");
    assert!(all[0].get("ZoneMappings").is_none() && all[0]["AddressType"] == "Internet");
    let one = [("LoadBalancerId", "alb-t4nexample0portal")];
    let one = site.json("alb", region, "GetLoadBalancerAttribute", &one);
    let address = &one["ZoneMappings"][0]["LoadBalancerAddresses"][0];
    assert_eq!(
        (&address["Address"], &address["IntranetAddress"]),
        (&json!("192.0.2.131"), &json!("10.30.1.200"))
    );
    assert_eq!(address["AllocationId"], "eip-t4nexample00alb");
    let (listeners, _) = site.by_token(("alb", region, "ListListeners"), &[], "/Listeners");
    assert_eq!(listeners.len(), 2);
    assert!(listeners.iter().all(|listener| listener.get("AclConfig").is_none()));
    let attribute = |id: &str| {
        site.json("alb", region, "GetListenerAttribute", &[("ListenerId", id)])["AclConfig"].clone()
    };
    assert_eq!(attribute("lsn-t4nexample00portal"), json!({"AclRelations": []}));
    assert_eq!(attribute("lsn-t4nexample00admin")["AclType"], "White");
    let entries = site.json("alb", region, "ListAclEntries", &[("AclId", "acl-t4nexample00admins")]);
    assert_eq!(
        (&entries["AclEntries"][0]["Entry"], &entries["TotalCount"]),
        (&json!("203.0.113.0/24"), &json!(1))
    );
    assert_eq!(site.json("alb", region, "ListAcls", &[])["Acls"][0]["AclName"], "admins");
    let groups = site.json("alb", region, "ListServerGroups", &[]);
    assert_eq!(groups["ServerGroups"][0]["RelatedLoadBalancerIds"], json!(["alb-t4nexample0portal"]));
    let servers = [("ServerGroupId", "sgp-t4nexample00portal")];
    let servers = site.json("alb", region, "ListServerGroupServers", &servers);
    assert_eq!(
        (&servers["Servers"][0]["ServerIp"], &servers["Servers"][0]["Port"]),
        (&json!("10.30.1.20"), &json!(8443))
    );
}

#[test]
fn network_balancers_tell_addresses_in_the_list() {
    let site = Site::builtin();
    let region = "eu-central-1";
    let (all, _) = site.by_token(("nlb", region, "ListLoadBalancers"), &[], "/LoadBalancers");
    let address = &all[0]["ZoneMappings"][0]["LoadBalancerAddresses"][0];
    assert_eq!(address["PublicIPv4Address"], "192.0.2.141");
    let (listeners, pages) =
        site.by_token(("nlb", region, "ListListeners"), &[("MaxResults", "1")], "/Listeners");
    assert_eq!((listeners.len(), pages), (2, 2));
    assert_eq!((&listeners[0]["ListenerPort"], &listeners[0]["StartPort"]), (&json!(0), &json!("6000")));
    assert_eq!(
        (&listeners[1]["ListenerPort"], &listeners[1]["ServerGroupId"]),
        (&json!(5432), &json!("sgp-gw8example00sql"))
    );
    let servers = site.json("nlb", region, "ListServerGroupServers", &[]);
    assert_eq!(
        (&servers["Servers"][0]["ServerId"], &servers["TotalCount"]),
        (&json!("i-gw8example00sql"), &json!(1))
    );
    let groups = site.json("nlb", region, "ListServerGroups", &[]);
    assert_eq!(groups["ServerGroups"][0]["ServerCount"], 1);
    let gone = site.code("nlb", region, "GetListenerAttribute", &[("ListenerId", "lsn-none")]);
    assert_eq!(gone, (404, "ResourceNotFound.Listener".into()));
}
