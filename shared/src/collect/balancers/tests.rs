use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::openapi::SendError;
use crate::openapi::scripted::{Call, Outcome, Scripted};

fn ok(body: Value) -> Outcome {
    Ok((200, body.to_string()))
}

fn fault(status: u16, code: &str) -> Outcome {
    Ok((status, json!({"Code": code, "Message": "no", "RequestId": "R"}).to_string()))
}

/// Reads a region in which one product answers so, and the others have nothing.
async fn read(
    product: &'static str,
    answer: impl Fn(&Call) -> Outcome + Send + Sync + 'static,
) -> (Listed<LoadBalancer>, Listed<AccessList>, Arc<Scripted>) {
    let (session, cloud) = Scripted::session(move |call| match call.action.as_str() {
        _ if call.host.starts_with(product) => answer(call),
        "DescribeLoadBalancers" => ok(json!({"LoadBalancers": {"LoadBalancer": []}, "TotalCount": 0})),
        "ListLoadBalancers" => ok(json!({"LoadBalancers": [], "TotalCount": 0})),
        other => panic!("{other} is not needed where there is no load balancer"),
    });
    let (balancers, lists) = balancers(&session).await;
    (balancers, lists, cloud)
}

fn servers(backends: &Read<Vec<Backend>>) -> Vec<String> {
    let show = |server: &Backend| format!("{}:{}", server.server, server.port.unwrap_or_default());
    backends.known().unwrap().iter().map(show).collect()
}

fn clb_listener(balancer: &str, port: Value, more: Value) -> Value {
    let mut listener = json!({"LoadBalancerId": balancer, "ListenerPort": port, "ListenerProtocol": "tcp",
        "Status": "running", "AclStatus": "off", "BackendServerPort": 8080, "VServerGroupId": ""});
    more.as_object().into_iter().flatten().for_each(|(name, value)| listener[name] = value.clone());
    listener
}

fn clb(call: &Call) -> Outcome {
    let id = call.get("LoadBalancerId");
    match call.action.as_str() {
        "DescribeLoadBalancers" => ok(json!({"LoadBalancers": {"LoadBalancer": [
            {"LoadBalancerId": "lb-2", "LoadBalancerName": "inner", "Address": "10.0.0.1", "AddressType": "intranet",
                "VpcId": "vpc-1", "Tags": {"Tag": [{"TagKey": "a", "TagValue": "b"}]}},
            {"LoadBalancerId": "lb-1", "Address": "8.1.1.1", "AddressType": "internet", "VpcId": ""},
            {"LoadBalancerId": "lb-gone", "AddressType": "internet"},
            {"LoadBalancerId": "lb-bare", "AddressType": "internet"}]}, "TotalCount": 4})),
        "DescribeLoadBalancerListeners" => ok(json!({"NextToken": "", "Listeners": [
            clb_listener("lb-1", json!(22), json!({})),
            clb_listener("lb-1", json!("53"), json!({"ListenerProtocol": "udp", "VServerGroupId": "rsp-1",
                "AclStatus": "on", "AclType": "white", "AclIds": ["acl-1", "acl-2"]})),
            clb_listener("lb-1", json!(3306), json!({"AclStatus": "on", "AclType": "black", "AclId": "acl-1",
                "TCPListenerConfig": {"MasterSlaveServerGroupId": "rsp-ms"}, "Status": "stopped"})),
            clb_listener("lb-2", json!(80), json!({"ListenerProtocol": "http", "VServerGroupId": "rsp-1"})),
            clb_listener("lb-2", json!(81), json!({"ListenerProtocol": "http",
                "HTTPListenerConfig": {"ListenerForward": "on"}})),
            clb_listener("lb-2", json!(443), json!({"AclStatus": null})),
            clb_listener("lb-gone", json!(22), json!({})),
            clb_listener("lb-1", json!(0), json!({})),
        ]})),
        "DescribeLoadBalancerAttribute" if id == "lb-gone" => fault(404, "InvalidLoadBalancerId.NotFound"),
        "DescribeLoadBalancerAttribute" => {
            ok(json!({"LoadBalancerId": id, "BackendServers": {"BackendServer": [
            {"ServerId": "i-1", "ServerIp": "10.0.0.7", "Type": "ecs", "Weight": 100}]}}))
        }
        "DescribeVServerGroups" => ok(json!({"VServerGroups": {"VServerGroup": [{"VServerGroupId": "rsp-2",
            "AssociatedObjects": {"Rules": {"Rule": [{"RuleId": "rule-1"}]}}}]}})),
        "DescribeRules" => {
            assert_eq!((id, call.get("ListenerPort"), call.get("ListenerProtocol")), ("lb-2", "80", "http"));
            ok(json!({"Rules": {"Rule": [{"RuleId": "rule-1", "VServerGroupId": "rsp-2"}]}}))
        }
        "DescribeVServerGroupAttribute" => ok(json!({"BackendServers": {"BackendServer": [
            {"ServerId": call.get("VServerGroupId").replace("rsp", "i"), "Port": 80, "Type": "ecs"}]}})),
        "DescribeMasterSlaveServerGroupAttribute" => ok(json!({"MasterSlaveBackendServers": {
            "MasterSlaveBackendServer": [{"ServerId": "i-8", "Port": 3306}, {"ServerId": "i-9", "Port": 3306}]}})),
        "DescribeAccessControlListAttribute" if call.get("AclId") == "acl-1" => {
            ok(json!({"AclEntrys": {"AclEntry": [
            {"AclEntryIP": "10.0.0.0/8"}, {"AclEntryIP": "192.0.2.1"}]}, "TotalAclEntry": 2}))
        }
        "DescribeAccessControlListAttribute" => fault(404, "Acl.NotExist"),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn classic_ones() {
    let (balancers, lists, cloud) = read("slb", clb).await;
    assert!(balancers.is_whole());
    let ids: Vec<_> =
        balancers.rows.iter().map(|lb| (&*lb.id, lb.internet, lb.listeners.rows.len())).collect();
    assert_eq!(ids, [("lb-1", true, 3), ("lb-2", false, 3), ("lb-bare", true, 0)]);
    let [first, second, bare] = balancers.rows.as_slice() else { panic!() };
    assert!(bare.listeners.is_whole());
    assert_eq!((second.tags["a"].as_str(), second.vpc.as_deref()), ("b", Some("vpc-1")));

    let [ssh, dns, mysql] = first.listeners.rows.as_slice() else { panic!() };
    assert_eq!((&*ssh.id, ssh.ports, ssh.running), ("tcp:22", (22, 22), true));
    assert_eq!(ssh.access, Read::Read(Access::Open));
    assert_eq!(servers(&ssh.backends), ["i-1:8080"], "the port that the listener names");
    assert_eq!((dns.protocol, servers(&dns.backends)), (Protocol::Udp, vec!["i-1:80".to_owned()]));
    assert_eq!(dns.access, Read::Read(Access::White(vec!["acl-1".into(), "acl-2".into()])));
    assert_eq!(mysql.access, Read::Read(Access::Black(vec!["acl-1".into()])));
    assert_eq!((servers(&mysql.backends).len(), mysql.running), (2, false));
    assert_eq!(first.listeners.unread.len(), 1, "one has no port");

    let [http, forward, unclear] = second.listeners.rows.as_slice() else { panic!() };
    assert_eq!(servers(&http.backends), ["i-1:80", "i-2:80"], "by default, and by a rule");
    assert!(servers(&forward.backends).is_empty());
    assert!(unclear.access.unread().is_some(), "whether it is guarded is not known");

    let [one, two] = lists.rows.as_slice() else { panic!("{lists:?}") };
    assert_eq!(one.entries.known().map(Vec::len), Some(2));
    assert_eq!(two.entries.unread().map(|why| why.code.as_str()), Some("Acl.NotExist"));
    assert_eq!((cloud.count("DescribeVServerGroupAttribute"), cloud.count("DescribeVServerGroups")), (2, 1));
}

#[tokio::test]
async fn servers_that_cannot_be_read_are_unread_and_so_are_listeners() {
    let (balancers, ..) = read("slb", |call| match call.action.as_str() {
        "DescribeVServerGroupAttribute" | "DescribeVServerGroups" => fault(403, "Forbidden.RAM"),
        _ => clb(call),
    })
    .await;
    let unread = |lb: usize, listener: usize| {
        balancers.rows[lb].listeners.rows[listener].backends.unread().map(|why| why.code.as_str())
    };
    assert_eq!(
        (unread(0, 0), unread(0, 1), unread(1, 0)),
        (None, Some("Forbidden.RAM"), Some("Forbidden.RAM"))
    );

    let (balancers, ..) = read("slb", |call| match call.action.as_str() {
        "DescribeLoadBalancerListeners" => fault(403, "Forbidden.RAM"),
        _ => clb(call),
    })
    .await;
    assert_eq!(balancers.rows.len(), 4);
    assert!(balancers.rows.iter().all(|lb| lb.listeners.rows.is_empty() && !lb.listeners.is_whole()));
}

fn alb(call: &Call) -> Outcome {
    let forward = |group: &str| {
        json!([{"Type": "ForwardGroup",
        "ForwardGroupConfig": {"ServerGroupTuples": [{"ServerGroupId": group}]}}])
    };
    let related =
        |group: &str, balancer: &str| json!({"ServerGroupId": group, "RelatedLoadBalancerIds": [balancer]});
    match (call.action.as_str(), call.get("ListenerId")) {
        ("ListLoadBalancers", _) => ok(json!({"TotalCount": 2, "LoadBalancers": [
            {"LoadBalancerId": "alb-1", "LoadBalancerName": "a", "AddressType": "Internet", "DNSName": "a.example",
                "VpcId": "vpc-1", "SecurityGroupIds": ["sg-1"], "Tags": [{"Key": "a", "Value": "b"}]},
            {"LoadBalancerId": "alb-2", "AddressType": "Intranet", "Ipv6AddressType": "Internet"}]})),
        ("ListListeners", _) => ok(json!({"TotalCount": 4, "Listeners": [
            {"ListenerId": "lsn-1", "LoadBalancerId": "alb-1", "ListenerPort": 443, "ListenerProtocol": "HTTPS",
                "ListenerStatus": "Running", "DefaultActions": forward("sgp-1")},
            {"ListenerId": "lsn-2", "LoadBalancerId": "alb-1", "ListenerPort": 443, "ListenerProtocol": "QUIC",
                "ListenerStatus": "Stopped", "DefaultActions": forward("sgp-1")},
            {"ListenerId": "lsn-3", "LoadBalancerId": "alb-2", "ListenerPort": 80, "ListenerProtocol": "HTTP",
                "DefaultActions": [{"Type": "FixedResponse"}]},
            {"ListenerId": "lsn-gone", "LoadBalancerId": "alb-2", "ListenerPort": 81, "ListenerProtocol": "HTTP"}]})),
        ("ListServerGroups", _) => {
            ok(json!({"ServerGroups": [related("sgp-1", "alb-1"), related("sgp-2", "alb-1"),
            related("sgp-3", "alb-other")]}))
        }
        ("ListRules", _) => {
            assert_eq!(call.get("LoadBalancerIds.1"), "alb-1");
            ok(
                json!({"Rules": [{"RuleId": "rule-1", "ListenerId": "lsn-1", "RuleActions": forward("sgp-2")}]}),
            )
        }
        ("ListServerGroupServers", _) => ok(json!({"Servers": [
            {"ServerId": call.get("ServerGroupId").replace("sgp", "i"), "ServerType": "Ecs", "Port": 80},
            {"ServerId": "10.0.0.9", "ServerType": "Ip", "Port": 0}]})),
        ("GetListenerAttribute", "lsn-1") => ok(json!({"ListenerId": "lsn-1",
            "AclConfig": {"AclType": "White", "AclRelations": [{"AclId": "acl-9", "Status": "Associated"}]}})),
        ("GetListenerAttribute", "lsn-2") => fault(403, "NoPermission"),
        ("GetListenerAttribute", "lsn-gone") => fault(404, "ResourceNotFound.Listener"),
        ("GetListenerAttribute", id) => ok(json!({"ListenerId": id, "AclConfig": {"AclRelations": []}})),
        ("ListAclEntries", _) => ok(json!({"AclEntries": [{"Entry": "10.0.0.0/8"}, {"Entry": "x"}]})),
        (other, _) => panic!("{other}"),
    }
}

#[tokio::test]
async fn application_ones() {
    let (balancers, lists, cloud) = read("alb", alb).await;
    let [first, second] = balancers.rows.as_slice() else { panic!("{balancers:?}") };
    assert!(first.internet && second.internet, "one by its IPv6 addresses");
    assert_eq!((first.security_groups.len(), first.dns_name.as_deref()), (1, Some("a.example")));
    let [https, quic] = first.listeners.rows.as_slice() else { panic!() };
    assert_eq!(https.access, Read::Read(Access::White(vec!["acl-9".into()])));
    assert_eq!(servers(&https.backends), ["10.0.0.9:0", "i-1:80", "i-2:80"], "by default, and by a rule");
    assert_eq!(https.backends.known().unwrap()[0].ip, "10.0.0.9".parse().ok());
    assert_eq!((quic.protocol, quic.running, &*quic.speaks), (Protocol::Udp, false, "quic"));
    assert_eq!(quic.access.unread().map(|why| why.code.as_str()), Some("NoPermission"));
    assert_eq!(servers(&quic.backends), ["10.0.0.9:0", "i-1:80"]);
    let [fixed] = second.listeners.rows.as_slice() else { panic!("and not the one that is gone") };
    assert_eq!((servers(&fixed.backends).len(), &fixed.access), (0, &Read::Read(Access::Open)));
    assert!(lists.rows[0].entries.unread().is_some_and(|why| why.message.contains("acl-9")), "{lists:?}");
    assert_eq!((cloud.count("ListRules"), cloud.count("ListServerGroupServers")), (1, 2));
}

#[tokio::test]
async fn rules_that_cannot_be_read_leave_the_backends_open() {
    let (balancers, ..) = read("alb", |call| match call.action.as_str() {
        "ListServerGroups" | "ListRules" => fault(403, "NoPermission"),
        _ => alb(call),
    })
    .await;
    let all = balancers.rows.iter().flat_map(|lb| &lb.listeners.rows);
    assert!(all.clone().count() == 3 && all.clone().all(|listener| listener.backends.unread().is_some()));
}

#[tokio::test]
async fn network_ones() {
    let (balancers, ..) = read("nlb", |call| match call.action.as_str() {
        "ListLoadBalancers" => ok(json!({"TotalCount": 1, "LoadBalancers": [
            {"LoadBalancerId": "nlb-1", "AddressType": "Internet", "DNSName": "n.example", "VpcId": "vpc-1",
                "SecurityGroupIds": null, "ZoneMappings": [{"LoadBalancerAddresses": [
                    {"PublicIPv4Address": "8.1.1.1", "PrivateIPv4Address": "10.0.0.1", "Ipv6Address": ""}]}]}]})),
        "ListListeners" => ok(json!({"TotalCount": 3, "Listeners": [
            {"ListenerId": "lsn-1", "LoadBalancerId": "nlb-1", "ListenerPort": 443, "ListenerProtocol": "TCPSSL",
                "ListenerStatus": "Running", "ServerGroupId": "sgp-1"},
            {"ListenerId": "lsn-2", "LoadBalancerId": "nlb-1", "ListenerPort": 0, "StartPort": "100", "EndPort": "200",
                "ListenerProtocol": "UDP", "ServerGroupId": "sgp-2"},
            {"ListenerId": "lsn-3", "LoadBalancerId": "nlb-1", "ListenerPort": 0, "ListenerProtocol": "TCP"}]})),
        "ListServerGroupServers" if call.get("ServerGroupId") == "sgp-1" => {
            ok(json!({"Servers": [{"ServerId": "i-1", "Port": 443}]}))
        }
        "ListServerGroupServers" => ok(json!({"RequestId": "R"})),
        other => panic!("{other}"),
    })
    .await;
    let [nlb] = balancers.rows.as_slice() else { panic!("{balancers:?}") };
    assert_eq!(nlb.addresses, ["8.1.1.1".parse::<std::net::IpAddr>().unwrap()]);
    let [range, tls] = nlb.listeners.rows.as_slice() else { panic!("{:?}", nlb.listeners) };
    assert_eq!((range.ports, range.protocol), ((100, 200), Protocol::Udp));
    assert!(range.backends.unread().is_some(), "an answer without servers is not one with none");
    assert_eq!((tls.protocol, &tls.access), (Protocol::Tcp, &Read::Read(Access::Open)));
    assert_eq!(servers(&tls.backends), ["i-1:443"]);
    assert_eq!(nlb.listeners.unread.len(), 1, "one has no port");
}

#[tokio::test]
async fn a_product_without_a_host_is_missing_only_where_it_is_not_offered() {
    let (session, _) = Scripted::session(|_| Err(SendError::Connect("no such host".to_owned())));
    let read = async |region: &str| balancers(&session.in_region(region)).await.0.unread;
    assert!(read("cn-zhongwei").await.is_empty());
    assert!(read("xx-new-1").await.is_empty());
    let hohhot: Vec<String> = read("cn-huhehaote").await.into_iter().map(|why| why.action).collect();
    assert_eq!(hohhot, ["slb:DescribeLoadBalancers"]);
    assert_eq!(read("cn-hangzhou").await.len(), 3);
}
