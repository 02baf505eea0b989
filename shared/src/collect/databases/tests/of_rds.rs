//! RDS.

use super::*;

fn page(rows: Value, total: u64) -> Say {
    Say::Body(json!({ "Items": { "DBInstance": rows }, "TotalRecordCount": total, "PageNumber": 1 }))
}

fn net(mode: &str, addresses: Value) -> Say {
    Say::Body(json!({ "SecurityIPMode": mode, "DBInstanceNetInfos": { "DBInstanceNetInfo": addresses } }))
}

fn lists(rows: Value) -> Say {
    Say::Body(json!({ "Items": { "DBInstanceIPArray": rows } }))
}

fn private() -> Say {
    net("normal", json!([{ "ConnectionString": "in.rds", "Port": 3306, "IPType": "Private" }]))
}

async fn read(answer: impl Fn(&Call) -> Say + Send + Sync + 'static) -> (Listed<Database>, Vec<String>) {
    let (session, calls) = session("cn-hangzhou", answer);
    let list = rds::databases(&session).await;
    let calls = calls.lock().unwrap().clone();
    (list, calls)
}

#[tokio::test(start_paused = true)]
async fn pages_are_read_to_the_total_however_small_they_are() {
    let (list, _) = read(|call| {
        assert_eq!(call.host, "rds.aliyuncs.com");
        match call.action.as_str() {
            // The service gives two rows a page, whatever was asked for.
            "DescribeDBInstances" => {
                let first: u32 = (call.get("PageNumber").parse::<u32>().unwrap() - 1) * 2;
                let rows: Vec<Value> = (first..(first + 2).min(5))
                    .map(|n| json!({ "DBInstanceId": format!("rm-{n}"), "Engine": "MariaDB" }))
                    .collect();
                page(json!(rows), 5)
            }
            "DescribeDBInstanceNetInfo" => private(),
            "DescribeDBInstanceIPArrayList" => lists(json!([])),
            _ => LACKING,
        }
    })
    .await;
    assert_eq!(list.rows.len(), 5);
    assert!(list.is_whole());
}

#[tokio::test(start_paused = true)]
async fn every_way_in_is_found() {
    let (list, _) = read(|call| match call.action.as_str() {
        "DescribeDBInstances" => {
            let row = json!([{ "DBInstanceId": "rm-1", "Engine": "PostgreSQL", "DBInstanceType": "Primary", "Category": "cluster" }]);
            page(row, 1)
        }
        "DescribeDBInstanceNetInfo" => net(
            "normal",
            json!([{ "ConnectionString": "out.rds", "Port": "5432", "IPType": "Public", "BabelfishPort": "1433", "PGBouncerPort": "" },
                   { "ConnectionString": "in.rds", "Port": "5432", "IPType": "Inner" }]),
        ),
        "DescribeDBInstanceEndpoints" => Say::Body(json!({ "Data": { "DBInstanceEndpoints": { "DBInstanceEndpoint": [
            { "EndpointId": "ep-1", "AddressItems": { "AddressItem": [
                { "ConnectionString": "read.rds", "Port": "5432", "IpType": "Public" },
                { "ConnectionString": "in.rds", "Port": "5432", "IpType": "Private" }] } }] } } })),
        "DescribeDBProxy" => Say::Body(json!({ "DBProxyServiceStatus": "Startup",
            "DBProxyConnectStringItems": { "DBProxyConnectStringItems": [
                { "DBProxyConnectString": "proxy.rds", "DBProxyConnectStringPort": "5432", "DBProxyConnectStringNetType": "InnerString" }] },
            "DbProxyEndpointItems": { "DbProxyEndpointItems": [{ "DbProxyEndpointName": "gos1" }] } })),
        "DescribeDBProxyEndpoint" => {
            assert_eq!(call.get("DBProxyEndpointId"), "gos1");
            Say::Body(json!({ "EndpointConnectItems": { "EndpointConnectItems": [
                { "DbProxyEndpointConnectString": "proxy.rds", "DbProxyEndpointPort": "5432", "DbProxyEndpointNetType": "2" },
                { "DbProxyEndpointConnectString": "proxy-out.rds", "DbProxyEndpointPort": "5432", "DbProxyEndpointNetType": 0 }] } }))
        }
        "DescribeDBInstanceIPArrayList" => lists(json!([])),
        _ => LACKING,
    })
    .await;
    let database = by_id(&list, "rm-1");
    assert!(database.endpoints.is_whole(), "{:?}", database.endpoints.unread);
    assert_eq!(
        shown(&database),
        [
            owned("out.rds", "5432", true),
            owned("out.rds", "1433", true),
            owned("in.rds", "5432", false),
            owned("read.rds", "5432", true),
            owned("proxy.rds", "5432", false),
            owned("proxy-out.rds", "5432", true),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn only_engines_with_a_proxy_are_asked_for_it() {
    let (list, calls) = read(|call| match call.action.as_str() {
        "DescribeDBInstances" => page(
            json!([{ "DBInstanceId": "rm-1", "Engine": "SQLServer", "DBInstanceType": "Primary" },
                   { "DBInstanceId": "rr-1", "Engine": "MySQL", "DBInstanceType": "Readonly" }]),
            2,
        ),
        "DescribeDBInstanceNetInfo" => private(),
        "DescribeDBInstanceIPArrayList" => lists(json!([])),
        "DescribeDBProxy" | "DescribeDBInstanceEndpoints" => panic!("no such feature"),
        _ => LACKING,
    })
    .await;
    assert_eq!(list.rows.len(), 2, "read-only instances count");
    assert!(list.rows.iter().all(|row| row.endpoints.is_whole() && row.whitelists.is_whole()));
    assert_eq!(calls.iter().filter(|name| *name == "DescribeInstanceLinkedWhitelistTemplate").count(), 2);
}

#[tokio::test(start_paused = true)]
async fn whitelists_leave_out_what_is_hidden_and_bring_in_templates_and_groups() {
    let (list, _) = read(|call| match call.action.as_str() {
        "DescribeDBInstances" => {
            page(json!([{ "DBInstanceId": "rm-1", "Engine": "MySQL", "DBInstanceDescription": "shop" }]), 1)
        }
        "ListTagResources" => {
            assert_eq!(call.get("ResourceId.1"), "rm-1");
            Say::Body(json!({ "NextToken": "", "TagResources": { "TagResource": [
                { "ResourceId": "rm-1", "TagKey": "env", "TagValue": "prod" }] } }))
        }
        "DescribeDBInstanceNetInfo" => private(),
        "DescribeDBInstanceIPArrayList" => lists(json!([
            { "DBInstanceIPArrayName": "default", "DBInstanceIPArrayAttribute": "", "SecurityIPList": "127.0.0.1, 0.0.0.0/0,," },
            { "DBInstanceIPArrayName": "dts", "DBInstanceIPArrayAttribute": "hidden", "SecurityIPList": "100.64.0.0/10" }])),
        "DescribeInstanceLinkedWhitelistTemplate" => Say::Body(json!({ "Success": true, "Code": "200",
            "Data": { "Templates": [{ "TemplateId": 412, "TemplateName": "office", "Ips": "::/0" }] } })),
        "DescribeSecurityGroupConfiguration" => Say::Body(json!({ "Items": { "EcsSecurityGroupRelation": [
            { "SecurityGroupId": "sg-1", "NetworkType": "VPC" }] } })),
        "DescribeDBInstanceSSL" => Say::Body(json!({ "SSLEnabled": "on" })),
        "DescribeSQLCollectorPolicy" => Say::Body(json!({ "SQLCollectorStatus": "Disabled" })),
        "DescribeDBProxy" => Say::Body(json!({ "DBProxyServiceStatus": "Shutdown" })),
        other => panic!("{other}"),
    })
    .await;
    let database = by_id(&list, "rm-1");
    assert_eq!(database.name, "shop");
    assert_eq!(database.tags["env"], "prod");
    let lists = [whitelist("default", "127.0.0.1,0.0.0.0/0"), whitelist("office", "::/0")];
    assert_eq!(database.whitelists, Listed::whole(lists.to_vec()));
    assert_eq!(database.security_groups, Read::Read(vec!["sg-1".to_owned()]));
    assert_eq!((database.tls, database.audit), (Read::Read(true), Read::Read(Some(false))));
}

#[tokio::test(start_paused = true)]
async fn in_safe_mode_each_network_has_lists_of_its_own() {
    let (list, _) = read(|call| match call.action.as_str() {
        "DescribeDBInstances" => page(json!([{ "DBInstanceId": "rm-1", "Engine": "MariaDB" }]), 1),
        "DescribeDBInstanceNetInfo" => {
            net("safety", json!([{ "ConnectionString": "out.rds", "Port": "3306", "IPType": "Public" }]))
        }
        "DescribeDBInstanceIPArrayList" => lists(match call.get("WhitelistNetworkType") {
            "Classic" => json!([{ "DBInstanceIPArrayName": "default", "SecurityIPList": "203.0.113.7" }]),
            "VPC" => json!([{ "DBInstanceIPArrayName": "default", "SecurityIPList": "0.0.0.0/0" }]),
            _ => json!([]),
        }),
        _ => LACKING,
    })
    .await;
    let lists = by_id(&list, "rm-1").whitelists;
    let shown: Vec<_> = lists.rows.iter().map(|l| (l.network.as_str(), l.entries.join(","))).collect();
    assert_eq!(shown, [("Classic", "203.0.113.7".to_owned()), ("VPC", "0.0.0.0/0".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn what_an_engine_lacks_is_none_and_what_was_refused_is_unread() {
    let of = |code: &'static str| async move {
        let (list, _) = read(move |call| match call.action.as_str() {
            "DescribeDBInstances" => page(json!([{ "DBInstanceId": "rm-1", "Engine": "MySQL" }]), 1),
            "DescribeDBInstanceNetInfo" => private(),
            "DescribeDBInstanceIPArrayList" => lists(json!([])),
            _ => Say::Code(403, code),
        })
        .await;
        by_id(&list, "rm-1")
    };
    let lacking = of("InstanceEngineType.NotSupport").await;
    assert!(lacking.endpoints.is_whole() && lacking.whitelists.is_whole());
    assert_eq!(lacking.security_groups, Read::Read(Vec::new()));
    assert_eq!((lacking.tls, lacking.audit), (Read::Read(false), Read::Read(None)));
    for code in ["Forbidden.RAM", "NoPermission", "IncorrectDBInstanceState", "InvalidUserId.NotSupport"] {
        let refused = of(code).await;
        assert_eq!(refused.endpoints.unread.len(), 1, "{code}: the proxy");
        assert_eq!(refused.whitelists.unread.len(), 1, "{code}: the templates");
        assert_eq!(refused.whitelists.unread[0].region, "cn-hangzhou");
        assert_eq!(refused.security_groups.unread().unwrap().code, code);
        assert!(refused.tls.unread().is_some() && refused.audit.unread().is_some(), "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_deleted_in_between_is_left_out_but_not_for_a_feature_s_word() {
    let (list, _) = read(|call| match (call.action.as_str(), call.get("DBInstanceId")) {
        ("DescribeDBInstances", _) => page(
            json!([{ "DBInstanceId": "rm-gone", "Engine": "MariaDB" }, { "DBInstanceId": "rm-here", "Engine": "MariaDB" }]),
            2,
        ),
        (_, "rm-gone") => Say::Code(404, "InvalidDBInstanceId.NotFound"),
        ("DescribeDBInstanceNetInfo", _) => private(),
        ("DescribeDBInstanceIPArrayList", _) => lists(json!([])),
        _ => Say::Code(404, "InvalidDBInstanceId.NotFound"),
    })
    .await;
    assert_eq!(list.rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["rm-here"]);
    assert!(list.is_whole());
    assert!(by_id(&list, "rm-here").tls.unread().is_some());
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_the_field_that_matters_is_no_empty_list() {
    let (list, _) = read(|call| match call.action.as_str() {
        "DescribeDBInstances" => page(json!([{ "DBInstanceId": "rm-1", "Engine": "MariaDB" }]), 1),
        _ => Say::Body(json!({ "RequestId": "1" })),
    })
    .await;
    let database = by_id(&list, "rm-1");
    assert!(!database.endpoints.is_whole() && !database.whitelists.is_whole());
    assert!(database.security_groups.unread().is_some());
    assert!(database.tls.unread().is_some() && database.audit.unread().is_some());
    let (list, _) = read(|_| Say::Body(json!({ "RequestId": "1" }))).await;
    assert!(list.rows.is_empty() && list.why_in("cn-hangzhou").is_some());
}

#[tokio::test(start_paused = true)]
async fn a_proxy_that_is_on_has_an_address() {
    for (said, addresses) in [
        (json!({ "DBProxyServiceStatus": "Startup" }), None),
        (
            json!({ "DBProxyServiceStatus": "Startup", "DBProxyConnectStringItems": { "DBProxyConnectStringItems": [
                { "DBProxyConnectString": "proxy.rds", "DBProxyConnectStringPort": "3306", "DBProxyConnectStringNetType": "OuterString" }] } }),
            Some(true),
        ),
    ] {
        let body = said.clone();
        let (list, _) = read(move |call| match call.action.as_str() {
            "DescribeDBInstances" => page(json!([{ "DBInstanceId": "rm-1", "Engine": "MySQL" }]), 1),
            "DescribeDBInstanceNetInfo" => private(),
            "DescribeDBInstanceIPArrayList" => lists(json!([])),
            "DescribeDBProxy" => Say::Body(body.clone()),
            _ => LACKING,
        })
        .await;
        let endpoints = by_id(&list, "rm-1").endpoints;
        assert_eq!(endpoints.is_whole(), addresses.is_some(), "{said}");
        assert_eq!(
            endpoints.rows.iter().find(|end| end.host == "proxy.rds").map(|end| end.public),
            addresses
        );
    }
}
