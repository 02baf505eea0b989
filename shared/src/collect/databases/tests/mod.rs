//! The collectors against a cloud of a few lines. Bodies are in the shapes of the API pages.

mod of_rds;

use serde_json::{Value, json};

use super::*;
use crate::collect::played::{Answer as Say, Call, session};
use crate::snapshot::Database;

/// Everything of one database that a test does not look at: features that it does not have.
const LACKING: Say = Say::Code(400, "EngineNotSupported");

fn by_id(list: &Listed<Database>, id: &str) -> Database {
    list.rows.iter().find(|row| row.id == id).unwrap_or_else(|| panic!("no {id}")).clone()
}

fn shown(database: &Database) -> Vec<(String, String, bool)> {
    let rows = &database.endpoints.rows;
    rows.iter().map(|end| (end.host.clone(), end.port.clone(), end.public)).collect()
}

fn owned(host: &str, port: &str, public: bool) -> (String, String, bool) {
    (host.to_owned(), port.to_owned(), public)
}

#[tokio::test(start_paused = true)]
async fn mongodb_lists_each_architecture_by_itself() {
    let (session, calls) = session("eu-central-1", |call| match call.action.as_str() {
        "DescribeDBInstances" => {
            assert_eq!(call.host, "mongodb.eu-central-1.aliyuncs.com");
            let id = match call.get("DBInstanceType") {
                "replicate" => "dds-set",
                "sharding" => "dds-shards",
                other => panic!("{other:?} is not offered here"),
            };
            Say::Body(
                json!({ "DBInstances": { "DBInstance": [{ "DBInstanceId": id, "Tags": { "Tag": [{ "Key": "a", "Value": "b" }] } }] },
                              "TotalCount": "1" }),
            )
        }
        "DescribeReplicaSetRole" => Say::Body(json!({ "ReplicaSets": { "ReplicaSet": [
            { "ConnectionDomain": "set.dds", "ConnectionPort": "3717", "NetworkType": "Public" }, { "ReplicaSetRole": "Hidden" }] } })),
        "DescribeShardingNetworkAddress" => Say::Body(json!({
            "NetworkAddresses": { "NetworkAddress": [{ "NetworkAddress": "s.dds", "Port": "3717", "NetworkType": "VPC" }] },
            "CompatibleConnections": { "CompatibleConnection": [{ "NetworkAddress": "d.dds", "Port": "3717", "NetworkType": "Public" }] } })),
        "DescribeSecurityIps" => {
            Say::Body(json!({ "SecurityIps": "", "SecurityIpGroups": { "SecurityIpGroup": [
            { "SecurityIpGroupName": "default", "SecurityIpGroupAttribute": "", "SecurityIpList": "10.0.0.0/8" },
            { "SecurityIpGroupName": "das", "SecurityIpGroupAttribute": " hidden", "SecurityIpList": "100.0.0.0/8" }] } }))
        }
        "DescribeGlobalSecurityIPGroupRelation" => Say::Body(json!({ "GlobalSecurityIPGroupRel": [
            { "GlobalIgName": "all", "GIpList": "0.0.0.0/0", "GlobalSecurityGroupId": "g-1" }] })),
        "DescribeDBInstanceSSL" => Say::Body(json!({ "SSLStatus": "Open" })),
        "DescribeAuditPolicy" => Say::Body(json!({ "LogAuditStatus": "Disabled" })),
        _ => LACKING,
    });
    let list = mongodb::databases(&session).await;
    assert!(list.is_whole(), "{:?}", list.unread);
    assert_eq!(shown(&by_id(&list, "dds-set")), [owned("set.dds", "3717", true)]);
    let shards = by_id(&list, "dds-shards");
    assert_eq!(shown(&shards), [owned("s.dds", "3717", false), owned("d.dds", "3717", true)]);
    assert_eq!(shards.whitelists.rows, [whitelist("default", "10.0.0.0/8"), whitelist("all", "0.0.0.0/0")]);
    assert_eq!((shards.tls, shards.audit), (Read::Read(true), Read::Read(Some(false))));
    assert_eq!(shards.tags["a"], "b");
    assert_eq!(calls.lock().unwrap().iter().filter(|name| *name == "DescribeDBInstances").count(), 2);
}

#[tokio::test(start_paused = true)]
async fn redis_tells_the_network_in_two_ways() {
    let (session, _) = session("cn-shanghai", |call| match call.action.as_str() {
        "DescribeInstances" => Say::Body(
            json!({ "Instances": { "KVStoreInstance": [{ "InstanceId": "r-1" }] }, "TotalCount": 1 }),
        ),
        "DescribeDBInstanceNetInfo" => Say::Body(json!({ "NetInfoItems": { "InstanceNetInfo": [
            { "ConnectionString": "a", "Port": "6379", "IPType": "Public", "DBInstanceNetType": "0" },
            { "ConnectionString": "b", "Port": 6379, "DBInstanceNetType": 0 },
            { "ConnectionString": "c", "Port": "6379", "IPType": "Private" },
            { "ConnectionString": "d", "Port": "6379", "DBInstanceNetType": "2" },
            { "ConnectionString": "e", "Port": "6379" }] } })),
        "DescribeSecurityIps" => Say::Body(json!({ "SecurityIpGroups": { "SecurityIpGroup": [] } })),
        "DescribeInstanceSSL" => Say::Code(400, "InvalidRedisVersionPattern"),
        "DescribeAuditLogConfig" => Say::Body(json!({ "DbAudit": "true" })),
        _ => LACKING,
    });
    let redis = by_id(&redis::databases(&session).await, "r-1");
    let public: Vec<bool> = redis.endpoints.rows.iter().map(|end| end.public).collect();
    assert_eq!(public, [true, true, false, false]);
    assert_eq!(redis.endpoints.unread.len(), 1, "nothing was said of e");
    assert_eq!((redis.tls, redis.audit), (Read::Read(false), Read::Read(Some(true))));
}

#[tokio::test(start_paused = true)]
async fn polardb_offers_tls_if_no_endpoint_goes_without() {
    for (switches, expected) in [
        (json!([{ "SSLEnabled": "Enabled" }, { "SSLEnabled": "Enabled" }]), true),
        (json!([{ "SSLEnabled": "Enabled" }, { "SSLEnabled": "Disabled" }]), false),
        (json!([]), false),
    ] {
        let said = switches.clone();
        let (session, _) = session("cn-hangzhou", move |call| match call.action.as_str() {
            "DescribeDBClusters" => Say::Body(
                json!({ "Items": { "DBCluster": [{ "DBClusterId": "pc-1", "DBType": "MySQL" }] }, "TotalRecordCount": 1 }),
            ),
            "DescribeDBClusterEndpoints" => {
                Say::Body(json!({ "Items": [{ "DBEndpointId": "pe-1", "AddressItems": [
                { "ConnectionString": "in", "Port": "3306", "NetType": "Private" },
                { "ConnectionString": "out", "Port": "3306", "NetType": "Public" }] }] }))
            }
            "DescribeDBClusterAccessWhitelist" => Say::Body(json!({
                "Items": { "DBClusterIPArray": [{ "DBClusterIPArrayName": "default", "SecurityIps": "10.0.0.0/8" }] },
                "DBClusterSecurityGroups": { "DBClusterSecurityGroup": [{ "SecurityGroupId": "sg-9" }] } })),
            "DescribeGlobalSecurityIPGroupRelation" => Say::Body(json!({ "GlobalSecurityIPGroupRel": [] })),
            "DescribeDBClusterSSL" => Say::Body(json!({ "Items": said })),
            "DescribeDBClusterAuditLogCollector" => Say::Body(json!({ "CollectorStatus": "Enable" })),
            other => panic!("{other}"),
        });
        let cluster = by_id(&polardb::databases(&session).await, "pc-1");
        assert_eq!(cluster.tls, Read::Read(expected), "{switches}");
        assert_eq!(cluster.security_groups, Read::Read(vec!["sg-9".to_owned()]));
        assert_eq!(shown(&cluster), [owned("in", "3306", false), owned("out", "3306", true)]);
    }
}

#[tokio::test(start_paused = true)]
async fn elasticsearch_guards_kibana_apart_from_its_nodes() {
    let (session, _) = session("cn-hangzhou", |call| match call.path.as_str() {
        "/openapi/instances" => {
            Say::Body(json!({ "Result": [{ "instanceId": "es-1" }], "Headers": { "X-Total-Count": 1 } }))
        }
        "/openapi/instances/es-1" => Say::Body(json!({ "Result": { "instanceId": "es-1", "protocol": "HTTP",
            "enablePublic": true, "publicDomain": "es.out", "publicPort": 9200, "domain": "es.in", "port": 9200,
            "enableKibanaPublicNetwork": "true", "kibanaDomain": "kibana.out", "kibanaPort": 5601,
            "publicIpWhitelist": ["10.0.0.0/8"], "kibanaIPWhitelist": ["0.0.0.0/0", "::/0"],
            "networkConfig": { "whiteIpGroupList": [
                { "groupName": "ops", "ips": ["203.0.113.7"], "whiteIpType": "PUBLIC_ES" },
                { "groupName": "vpc", "ips": ["0.0.0.0/0"], "whiteIpType": "PRIVATE_ES" }] } } })),
        other => panic!("{other}"),
    });
    let es = by_id(&elasticsearch::databases(&session).await, "es-1");
    let ends: Vec<_> =
        es.endpoints.rows.iter().map(|e| (e.host.as_str(), e.public, e.guard.as_str())).collect();
    assert_eq!(ends, [("es.in", false, "nodes"), ("es.out", true, "nodes"), ("kibana.out", true, "kibana")]);
    let lists: Vec<_> = es.whitelists.rows.iter().map(|l| (l.guard.as_str(), l.entries.join(","))).collect();
    assert_eq!(
        lists,
        [
            ("nodes", "203.0.113.7".to_owned()),
            ("nodes", "10.0.0.0/8".to_owned()),
            ("kibana", "0.0.0.0/0,::/0".to_owned())
        ]
    );
    assert_eq!((es.tls, es.audit), (Read::Read(false), Read::Read(None)));
}

#[tokio::test(start_paused = true)]
async fn elasticsearch_is_nowhere_only_where_it_is_known_not_to_be() {
    let read = |region: &'static str, say: fn() -> Say| async move {
        let (session, _) = session(region, move |_| say());
        elasticsearch::databases(&session).await
    };
    assert!(read("me-central-1", || Say::Nowhere).await.is_whole());
    assert!(!read("cn-hangzhou", || Say::Nowhere).await.is_whole());
    assert!(!read("me-central-1", || Say::Code(403, "Forbidden.RAM")).await.is_whole());
    assert!(read("cn-hangzhou", || Say::Code(400, "UserNotOpen")).await.is_whole());
}

#[tokio::test(start_paused = true)]
async fn clickhouse_has_two_generations() {
    let (session, _) = session("cn-hangzhou", |call| match (call.version.as_str(), call.action.as_str()) {
        ("2019-11-11", "DescribeDBClusters") => Say::Body(
            json!({ "DBClusters": { "DBCluster": [{ "DBClusterId": "cc-1" }, { "DBClusterId": "cc-2" }] }, "TotalCount": 2 }),
        ),
        ("2019-11-11", "DescribeDBClusterNetInfoItems") => {
            Say::Body(json!({ "NetInfoItems": { "NetInfoItem": [
            { "ConnectionString": "one", "NetType": "Public", "JdbcPort": "3306", "HttpPort": "8123", "HttpsPort": "8443" }] } }))
        }
        ("2019-11-11", "DescribeDBClusterAccessWhiteList") => {
            assert_eq!(call.get("DBClusterId"), "cc-1", "the other is of the other generation");
            Say::Body(json!({ "DBClusterAccessWhiteList": { "IPArray": [
                { "DBClusterIPArrayName": "default", "DBClusterIPArrayAttribute": "default", "SecurityIPList": "0.0.0.0/0" }] } }))
        }
        ("2023-05-22", "DescribeDBInstances") => Say::Body(
            json!({ "Data": { "TotalCount": "1", "DBInstances": [{ "DBInstanceId": "cc-2", "Tags": [{ "Key": "k", "Value": "v" }] }] } }),
        ),
        ("2023-05-22", "DescribeEndpoints") => Say::Body(json!({ "Data": { "Endpoints": [
            { "ConnectionString": "two", "NetType": "PUBLIC", "Ports": [{ "Protocol": "HttpPort", "Port": 8123 }, { "Protocol": "HttpsPort", "Port": "8443" }] },
            { "ConnectionString": "three", "NetType": "VPC", "Ports": [{ "Protocol": "HttpPort", "Port": 8123 }] }] } })),
        ("2023-05-22", "DescribeSecurityIPList") => Say::Body(json!({ "Data": { "GroupItems": [
            { "GroupName": "default", "SecurityIPList": "127.0.0.1", "WhitelistNetType": "mix" }] } })),
        (version, other) => panic!("{version} {other}"),
    });
    let list = clickhouse::databases(&session).await;
    assert_eq!(list.rows.len(), 2);
    let (one, two) = (by_id(&list, "cc-1"), by_id(&list, "cc-2"));
    assert_eq!(
        shown(&one),
        [owned("one", "3306", true), owned("one", "8123", true), owned("one", "8443", true)]
    );
    let ends = [owned("two", "8123", true), owned("two", "8443", true), owned("three", "8123", false)];
    assert_eq!((shown(&two), two.tls), (ends.to_vec(), Read::Read(false)), "one address goes without");
    assert_eq!(one.tls, Read::Read(true));
    assert_eq!(one.whitelists.rows, [whitelist("default", "0.0.0.0/0")]);
}

#[tokio::test(start_paused = true)]
async fn a_host_without_the_enterprise_api_has_no_enterprise_clusters() {
    for (code, whole) in [("InvalidAction.NotFound", true), ("Forbidden.RAM", false)] {
        let (session, _) = session("cn-hangzhou", move |call| match call.action.as_str() {
            "DescribeDBClusters" => Say::Body(json!({ "DBClusters": { "DBCluster": [] }, "TotalCount": 0 })),
            _ => Say::Code(404, code),
        });
        assert_eq!(clickhouse::databases(&session).await.is_whole(), whole, "{code}");
    }
}

#[test]
fn words_of_all_products_are_understood_and_others_are_not_guessed() {
    for (network, expected) in [
        ("Public", Some(true)),
        ("PUBLIC", Some(true)),
        ("OuterString", Some(true)),
        ("0", Some(true)),
        ("Private", Some(false)),
        ("vpc", Some(false)),
        ("InnerString", Some(false)),
        ("2", Some(false)),
        ("", None),
        ("Dualstack", None),
    ] {
        assert_eq!(is_internet(network), expected, "{network:?}");
    }
    for (word, expected) in [
        ("Yes", Some(true)),
        ("on", Some(true)),
        ("Enable", Some(true)),
        ("Enabled", Some(true)),
        ("Open", Some(true)),
        ("No", Some(false)),
        ("off", Some(false)),
        ("Disabled", Some(false)),
        ("Closed", Some(false)),
        ("", None),
        ("Modifying", None),
    ] {
        assert_eq!(is_on(word), expected, "{word:?}");
    }
}

#[test]
fn a_feature_is_lacking_only_when_the_service_says_so() {
    let lacks = |status, code: &str| {
        lacks_feature(&Error::from_reply("rds:DescribeDBInstanceSSL", status, code, "", ""))
    };
    for code in [
        "Api.NotSupport",
        "EnabledSSLNotSupport",
        "EngineNotSupported",
        "IncorrectDBInstanceEngine",
        "IncorrectKindCode",
        "InstanceEngineType.NotSupport",
        "InvalidRedisVersionPattern",
        "OperationDenied.DBInstanceType",
        "UnsupportedEngine",
    ] {
        assert!(lacks(403, code), "{code}");
    }
    for code in [
        "Forbidden.RAM",
        "IncorrectDBInstanceLockMode.ValueNotSupported",
        "IncorrectDBInstanceState",
        "InstanceStatus.NotSupport",
        "InvalidDBInstanceId.NotFound",
        "InvalidDBInstanceState.NotSupport",
        "InvalidUserId.NotSupport",
        "OperationDenied.DBClusterStatus",
        "OperationDenied.LockMode",
        "Throttling.User",
    ] {
        assert!(!lacks(403, code), "{code}");
    }
    assert!(!lacks(503, "EngineNotSupported"), "a service that fails says nothing");
}

#[test]
fn every_call_is_named_once_with_its_permission() {
    let labels: std::collections::BTreeSet<(String, &str)> =
        DATABASES_NEED.iter().map(|api| (api.label(), api.version)).collect();
    assert_eq!(labels.len(), DATABASES_NEED.len());
    assert_eq!(DATABASES_NEED.len(), count(PARTS));
    for api in DATABASES_NEED {
        let (product, action) = api.permission.and_then(|needs| needs.split_once(':')).unwrap();
        assert_eq!(action, api.name);
        assert_eq!(product, if api.product == "r-kvstore" { "kvstore" } else { api.product });
    }
}

proptest::proptest! {
    #[test]
    fn entries_lose_nothing_but_blanks_and_commas(parts in proptest::collection::vec("[0-9a-f:./]{0,6}", 0..6), gap in " {0,2}") {
        let written = parts.iter().map(|part| format!("{gap}{part}{gap}")).collect::<Vec<_>>().join(",");
        let kept: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        proptest::prop_assert_eq!(entries(&written), kept);
    }
}
