use super::client::{Reply, call, root, start};
use super::wire::get_roa;
use crate::{Account, Fault, FaultKind, Keys, Settings, Simulator};
use serde_json::{Value, json};

/// The six products that are called by RPC: host name and version.
const RDS: (&str, &str) = ("rds", "2014-08-15");
const POLARDB: (&str, &str) = ("polardb", "2017-08-01");
const MONGODB: (&str, &str) = ("mongodb", "2015-12-01");
const REDIS: (&str, &str) = ("r-kvstore", "2015-01-01");
const CLICKHOUSE: (&str, &str) = ("clickhouse", "2019-11-11");
const ENTERPRISE: (&str, &str) = ("clickhouse", "2023-05-22");

/// A call to the region's own host.
fn ask(
    cloud: &Simulator,
    keys: &Keys,
    product: (&str, &str),
    region: &str,
    action: &str,
    params: &[(&str, &str)],
) -> Reply {
    let (host, version) = product;
    let params = [&[("RegionId", region)], params].concat();
    call(cloud, keys, &format!("{host}.{region}.aliyuncs.com/{version}/{action}"), &params)
}

/// One value of an answer: `/Items/DBInstance/0`.
fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or_else(|| panic!("{pointer} in {value}"))
}

/// A number, or one in a text.
fn count(value: &Value) -> u64 {
    value.as_u64().or(value.as_str().and_then(|text| text.parse().ok())).unwrap_or_else(|| panic!("{value}"))
}

fn column(rows: &Value, name: &str) -> Vec<Value> {
    rows.as_array().unwrap().iter().map(|row| row[name].clone()).collect()
}

/// An account with 65 databases of each kind in one region and one in another.
fn many() -> Simulator {
    let mut account: Value = serde_json::to_value(Account::builtin()).unwrap();
    let mut databases = Vec::new();
    for kind in ["rds", "polardb", "mongodb", "redis", "elasticsearch", "clickhouse", "clickhouse-enterprise"]
    {
        for number in 0..66 {
            let region = if number == 65 { "eu-central-1" } else { "cn-beijing" };
            databases.push(json!({
                "id": format!("{kind}-{number:02}"), "kind": kind, "region": region, "endpoints": [], "whitelists": [],
            }));
        }
    }
    account["databases"] = databases.into();
    Simulator::start(Account::from_json(&account.to_string()).unwrap(), Settings::default()).unwrap()
}

#[test]
fn every_list_is_read_to_the_end_by_number_with_default_sizes() {
    let cloud = many();
    let root = root(&cloud);
    for (product, action, list, id, total, default) in [
        (RDS, "DescribeDBInstances", "/Items/DBInstance", "DBInstanceId", "/TotalRecordCount", 30),
        (POLARDB, "DescribeDBClusters", "/Items/DBCluster", "DBClusterId", "/TotalRecordCount", 30),
        (MONGODB, "DescribeDBInstances", "/DBInstances/DBInstance", "DBInstanceId", "/TotalCount", 30),
        (REDIS, "DescribeInstances", "/Instances/KVStoreInstance", "InstanceId", "/TotalCount", 30),
        (CLICKHOUSE, "DescribeDBClusters", "/DBClusters/DBCluster", "DBClusterId", "/TotalCount", 30),
        (ENTERPRISE, "DescribeDBInstances", "/Data/DBInstances", "DBInstanceId", "/Data/TotalCount", 30),
    ] {
        let mut seen = Vec::new();
        for number in 1..=3 {
            let page =
                ask(&cloud, &root, product, "cn-beijing", action, &[("PageNumber", &number.to_string())])
                    .json();
            assert_eq!(count(at(&page, total)), 65, "{product:?}");
            let ids = column(at(&page, list), id);
            assert!(ids.len() <= default);
            seen.extend(ids);
        }
        let prefix = seen[0].as_str().unwrap().rsplit_once('-').unwrap().0.to_string();
        let expected: Vec<Value> = (0..65).map(|number| format!("{prefix}-{number:02}").into()).collect();
        assert_eq!(seen, expected, "{product:?}");
        let elsewhere = ask(&cloud, &root, product, "eu-central-1", action, &[]).json();
        assert_eq!(column(at(&elsewhere, list), id).len(), 1);
        let empty = ask(&cloud, &root, product, "us-west-1", action, &[]).json();
        assert_eq!((count(at(&empty, total)), at(&empty, list)), (0, &json!([])));
    }
}

#[test]
fn page_sizes_are_those_of_each_product() {
    let cloud = many();
    let root = root(&cloud);
    let code = |product, action, size: &str| {
        ask(&cloud, &root, product, "cn-beijing", action, &[("PageSize", size)]).code()
    };
    for (product, action) in [
        (POLARDB, "DescribeDBClusters"),
        (MONGODB, "DescribeDBInstances"),
        (CLICKHOUSE, "DescribeDBClusters"),
    ] {
        for (size, fits) in [("30", true), ("50", true), ("100", true), ("40", false), ("101", false)] {
            assert_eq!(code(product, action, size).is_empty(), fits, "{product:?} {size}");
        }
    }
    for (product, action, most) in [(RDS, "DescribeDBInstances", 100), (REDIS, "DescribeInstances", 50)] {
        assert_eq!(code(product, action, &most.to_string()), "");
        assert_eq!(code(product, action, &(most + 1).to_string()), "InvalidParameter.PageSize");
    }
}

#[test]
fn rds_pages_by_token_when_asked_to() {
    let cloud = many();
    let root = root(&cloud);
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let params = [("MaxResults", "40"), ("NextToken", token.as_str())];
        let page = ask(&cloud, &root, RDS, "cn-beijing", "DescribeDBInstances", &params).json();
        seen.extend(column(at(&page, "/Items/DBInstance"), "DBInstanceId"));
        token = page["NextToken"].as_str().unwrap().into();
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(seen.len(), 65);
}

#[test]
fn elasticsearch_lists_ten_a_page_and_tells_the_total() {
    let cloud = many();
    let root = root(&cloud);
    let host = "elasticsearch.cn-beijing.aliyuncs.com";
    let mut seen = Vec::new();
    for number in 1..=7 {
        let page =
            get_roa(&cloud, &root, "2017-06-13", &format!("{host}/openapi/instances?page={number}")).json();
        assert_eq!(at(&page, "/Headers/X-Total-Count"), 65);
        assert!(page["RequestId"].is_string());
        seen.extend(column(&page["Result"], "instanceId"));
    }
    assert_eq!(seen.len(), 65);
    let refused = get_roa(&cloud, &root, "2017-06-13", &format!("{host}/openapi/instances?size=101"));
    assert_eq!(refused.code(), "InvalidParameter.size");
}

#[test]
fn a_region_answers_for_itself_and_the_central_host_for_all() {
    let cloud = start();
    let root = root(&cloud);
    let of = |host: &str, params: &[(&str, &str)]| {
        call(&cloud, &root, &format!("{host}/2014-08-15/DescribeDBInstances"), params)
    };
    let total = |reply: Reply| reply.json()["TotalRecordCount"].clone();
    assert_eq!(total(of("rds.aliyuncs.com", &[("RegionId", "cn-hangzhou")])), 3);
    assert_eq!(total(of("rds.cn-shanghai.aliyuncs.com", &[])), 1);
    assert_eq!(of("rds.aliyuncs.com", &[]).code(), "MissingRegionId");
    assert_eq!(of("rds.aliyuncs.com", &[("RegionId", "mars-1")]).code(), "InvalidRegionId.NotFound");
    assert_eq!(
        of("rds.cn-shanghai.aliyuncs.com", &[("RegionId", "cn-hangzhou")]).code(),
        "InvalidRegionId.NotFound"
    );
    let erp = [("DBInstanceId", "rm-bp1example0erp001")];
    let info =
        |host: &str| call(&cloud, &root, &format!("{host}/2014-08-15/DescribeDBInstanceNetInfo"), &erp);
    assert_eq!(info("rds.aliyuncs.com").status, 200);
    let elsewhere = info("rds.cn-shanghai.aliyuncs.com");
    assert_eq!((elsewhere.status, elsewhere.code().as_str()), (404, "InvalidDBInstanceId.NotFound"));
}

#[test]
fn regions_are_told_in_each_products_shape() {
    let cloud = start();
    let root = root(&cloud);
    for (product, rows) in [
        (RDS, "/Regions/RDSRegion"),
        (POLARDB, "/Regions/Region"),
        (MONGODB, "/Regions/DdsRegion"),
        (REDIS, "/RegionIds/KVStoreRegion"),
        (CLICKHOUSE, "/Regions/Region"),
        (ENTERPRISE, "/Regions/Region"),
    ] {
        let answer = ask(&cloud, &root, product, "cn-hangzhou", "DescribeRegions", &[]).json();
        let mut ids = column(at(&answer, rows), "RegionId");
        ids.dedup();
        assert_eq!(ids.len(), 29, "{product:?}");
    }
    let answer =
        get_roa(&cloud, &root, "2017-06-13", "elasticsearch.cn-hangzhou.aliyuncs.com/openapi/regions").json();
    assert_eq!(column(&answer["Result"], "regionId").len(), 29);
}

#[test]
fn rds_tells_endpoints_whitelists_and_templates() {
    let cloud = start();
    let root = root(&cloud);
    let of = |region: &str, action: &str, id: &str| {
        ask(&cloud, &root, RDS, region, action, &[("DBInstanceId", id)]).json()
    };
    let shop = "rm-bp1example0shop01";
    let info = of("cn-hangzhou", "DescribeDBInstanceNetInfo", shop);
    assert_eq!(column(at(&info, "/DBInstanceNetInfos/DBInstanceNetInfo"), "IPType"), ["Private", "Public"]);
    assert_eq!(info["SecurityIPMode"], "normal");
    let lists = of("cn-hangzhou", "DescribeDBInstanceIPArrayList", shop);
    let lists = at(&lists, "/Items/DBInstanceIPArray");
    assert_eq!(column(lists, "SecurityIPList"), ["127.0.0.1", "10.0.0.0/8,0.0.0.0/0", "100.104.0.0/16"]);
    assert_eq!(column(lists, "DBInstanceIPArrayAttribute"), ["", "", "hidden"]);
    let attribute = of("cn-hangzhou", "DescribeDBInstanceAttribute", shop);
    assert_eq!(
        at(&attribute, "/Items/DBInstanceAttribute/0/SecurityIPList"),
        "127.0.0.1,10.0.0.0/8,0.0.0.0/0"
    );
    assert_eq!(of("cn-hangzhou", "DescribeDBInstanceSSL", shop)["SSLEnabled"], "No");
    assert_eq!(of("cn-hangzhou", "DescribeSQLCollectorPolicy", shop)["SQLCollectorStatus"], "Disabled");
    assert_eq!(of("cn-shanghai", "DescribeDBInstanceSSL", "pgm-uf6example0bi001")["SSLEnabled"], "on");
    let proxy = of("cn-hangzhou", "DescribeDBProxy", "rm-bp1example0erp001");
    assert_eq!(
        at(&proxy, "/DBProxyConnectStringItems/DBProxyConnectStringItems/0/DBProxyConnectStringNetType"),
        "InnerString"
    );
    let endpoint = of("cn-hangzhou", "DescribeDBProxyEndpoint", "rm-bp1example0erp001");
    let addresses = at(&endpoint, "/EndpointConnectItems/EndpointConnectItems");
    assert_eq!(column(addresses, "DbProxyEndpointNetType"), ["2"]);
    assert_eq!(of("cn-hangzhou", "DescribeDBProxy", shop)["DBProxyServiceStatus"], "Shutdown");
    let bound = [("InsName", "pgm-uf6example0bi001")];
    let bound =
        ask(&cloud, &root, RDS, "cn-shanghai", "DescribeInstanceLinkedWhitelistTemplate", &bound).json();
    assert_eq!(at(&bound, "/Data/Templates/0/Ips"), "0.0.0.0/1,128.0.0.0/1");
    let id = at(&bound, "/Data/Templates/0/TemplateId").to_string();
    let template =
        ask(&cloud, &root, RDS, "cn-shanghai", "DescribeWhitelistTemplate", &[("TemplateId", &id)]).json();
    assert_eq!(at(&template, "/Data/Template/TemplateName"), "analysts");
    let list =
        ask(&cloud, &root, RDS, "cn-hangzhou", "DescribeDBInstances", &[("DBInstanceId", shop)]).json();
    assert_eq!(
        at(&list, "/Items/DBInstance/0/ReadOnlyDBInstanceIds/ReadOnlyDBInstanceId/0/DBInstanceId"),
        "rr-bp1example0shop02"
    );
    let tags =
        ask(&cloud, &root, RDS, "cn-hangzhou", "ListTagResources", &[("ResourceType", "INSTANCE")]).json();
    assert_eq!(at(&tags, "/TagResources/TagResource").as_array().unwrap().len(), 4);
}

#[test]
fn rds_in_safety_mode_tells_networks_apart() {
    let mut account: Value = serde_json::to_value(Account::builtin()).unwrap();
    let shop = &mut account["databases"][0];
    shop["safety_mode"] = true.into();
    shop["security_groups"] = json!(["sg-bp1example0shop"]);
    shop["whitelists"] = json!([
        {"name": "default", "entries": ["0.0.0.0/0"], "network": "VPC"},
        {"name": "default", "entries": ["127.0.0.1"], "network": "Classic"},
    ]);
    let cloud =
        Simulator::start(Account::from_json(&account.to_string()).unwrap(), Settings::default()).unwrap();
    let root = root(&cloud);
    let of = |action: &str, more: &[(&str, &str)]| {
        let params = [&[("DBInstanceId", "rm-bp1example0shop01")], more].concat();
        ask(&cloud, &root, RDS, "cn-hangzhou", action, &params).json()
    };
    assert_eq!(of("DescribeDBInstanceNetInfo", &[])["SecurityIPMode"], "safety");
    let all = of("DescribeDBInstanceIPArrayList", &[]);
    assert_eq!(column(at(&all, "/Items/DBInstanceIPArray"), "WhitelistNetworkType"), ["VPC", "Classic"]);
    let classic = of("DescribeDBInstanceIPArrayList", &[("WhitelistNetworkType", "Classic")]);
    assert_eq!(column(at(&classic, "/Items/DBInstanceIPArray"), "SecurityIPList"), ["127.0.0.1"]);
    let groups = of("DescribeSecurityGroupConfiguration", &[]);
    assert_eq!(at(&groups, "/Items/EcsSecurityGroupRelation/0/SecurityGroupId"), "sg-bp1example0shop");
}

#[test]
fn mongodb_lists_replica_sets_and_sharded_clusters_apart() {
    let cloud = start();
    let root = root(&cloud);
    let of = |region: &str, action: &str, params: &[(&str, &str)]| {
        ask(&cloud, &root, MONGODB, region, action, params).json()
    };
    let singapore = "ap-southeast-1";
    assert_eq!(of(singapore, "DescribeDBInstances", &[])["TotalCount"], 0);
    let sharded = of(singapore, "DescribeDBInstances", &[("DBInstanceType", "sharding")]);
    assert_eq!(at(&sharded, "/DBInstances/DBInstance/0/DBInstanceId"), "dds-t4nexample0event1");
    let events = ("DBInstanceId", "dds-t4nexample0event1");
    let addresses = of(singapore, "DescribeShardingNetworkAddress", &[events]);
    let types = column(at(&addresses, "/NetworkAddresses/NetworkAddress"), "NetworkType");
    assert_eq!(types, ["VPC", "Public", "VPC"]);
    let profiles = ("DBInstanceId", "dds-bp1example0prof01");
    let roles = of("cn-hangzhou", "DescribeReplicaSetRole", &[profiles]);
    assert_eq!(column(at(&roles, "/ReplicaSets/ReplicaSet"), "ReplicaSetRole"), ["Primary", "Secondary"]);
    let lists = |more: &[(&str, &str)]| {
        let answer = of("cn-hangzhou", "DescribeSecurityIps", &[&[profiles], more].concat());
        column(at(&answer, "/SecurityIpGroups/SecurityIpGroup"), "SecurityIpGroupName")
    };
    assert_eq!(lists(&[]), ["default"]);
    assert_eq!(lists(&[("ShowHDMIps", "true")]), ["default", "hdm_security_ips"]);
    assert_eq!(of("cn-hangzhou", "DescribeDBInstanceSSL", &[profiles])["SSLStatus"], "Open");
    assert_eq!(of("cn-hangzhou", "DescribeAuditPolicy", &[profiles])["LogAuditStatus"], "Disabled");
}

#[test]
fn the_other_databases_tell_who_reaches_them() {
    let cloud = start();
    let root = root(&cloud);
    let of = |product, region: &str, action: &str, params: &[(&str, &str)]| {
        let reply = ask(&cloud, &root, product, region, action, params);
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json()
    };
    let home = "cn-hangzhou";
    let orders = [("DBClusterId", "pc-bp1example0orders")];
    let endpoints = of(POLARDB, home, "DescribeDBClusterEndpoints", &orders);
    assert_eq!(column(&endpoints["Items"], "EndpointType"), ["Primary", "Cluster"]);
    assert_eq!(column(at(&endpoints, "/Items/0/AddressItems"), "NetType"), ["Private", "Public"]);
    let lists = of(POLARDB, home, "DescribeDBClusterAccessWhitelist", &orders);
    assert_eq!(
        column(at(&lists, "/Items/DBClusterIPArray"), "SecurityIps"),
        ["172.16.0.0/12", "100.104.0.0/16"]
    );
    let bound = of(POLARDB, home, "DescribeGlobalSecurityIPGroupRelation", &orders);
    assert_eq!(at(&bound, "/GlobalSecurityIPGroupRel/0/GIpList"), "203.0.113.0/24");
    let all = of(POLARDB, home, "DescribeGlobalSecurityIPGroup", &[]);
    assert_eq!(at(&all, "/GlobalSecurityIPGroup/0/DBInstances"), &json!(["pc-bp1example0orders"]));
    assert_eq!(at(&of(POLARDB, home, "DescribeDBClusterSSL", &orders), "/Items/0/SSLEnabled"), "Enabled");
    assert_eq!(of(POLARDB, home, "DescribeDBClusterAuditLogCollector", &orders)["CollectorStatus"], "Enable");
    assert_eq!(of(POLARDB, home, "DescribeDBClusterAttribute", &orders)["VPCId"], "vpc-bp1example0000erp");

    let cache = [("InstanceId", "r-bp1example0cache01")];
    let info = of(REDIS, home, "DescribeDBInstanceNetInfo", &cache);
    assert_eq!(column(at(&info, "/NetInfoItems/InstanceNetInfo"), "DBInstanceNetType"), ["2", "0"]);
    let lists = of(REDIS, home, "DescribeSecurityIps", &cache);
    assert_eq!(
        column(at(&lists, "/SecurityIpGroups/SecurityIpGroup"), "SecurityIpGroupAttribute"),
        ["", "hidden"]
    );
    assert_eq!(of(REDIS, home, "DescribeInstanceSSL", &cache)["SSLEnabled"], "Enable");
    assert_eq!(of(REDIS, home, "DescribeAuditLogConfig", &cache)["DbAudit"], "true");

    let metrics = [("DBClusterId", "cc-bp1example0metric1")];
    let info = of(CLICKHOUSE, home, "DescribeDBClusterNetInfoItems", &metrics);
    assert_eq!(column(at(&info, "/NetInfoItems/NetInfoItem"), "NetType"), ["VPC"]);
    let lists = of(CLICKHOUSE, home, "DescribeDBClusterAccessWhiteList", &metrics);
    assert_eq!(at(&lists, "/DBClusterAccessWhiteList/IPArray/0/SecurityIPList"), "172.16.0.0/12");
    assert_eq!(
        at(
            &of(CLICKHOUSE, home, "DescribeDBClusterAttribute", &metrics),
            "/DBCluster/PublicConnectionString"
        ),
        ""
    );
    let clicks = [("DBInstanceId", "cc-uf6example0click01")];
    let info = of(ENTERPRISE, "cn-shanghai", "DescribeEndpoints", &clicks);
    assert_eq!(column(at(&info, "/Data/Endpoints"), "NetType"), ["VPC"]);
    let lists = of(ENTERPRISE, "cn-shanghai", "DescribeSecurityIPList", &clicks);
    assert_eq!(at(&lists, "/Data/GroupItems/0/SecurityIPList"), "172.17.0.0/16");
    let wrong_version = ask(&cloud, &root, CLICKHOUSE, home, "DescribeEndpoints", &clicks);
    assert_eq!((wrong_version.status, wrong_version.code().as_str()), (404, "InvalidAction.NotFound"));

    let search = "elasticsearch.cn-hangzhou.aliyuncs.com/openapi/instances/es-cn-example0search1";
    let search = get_roa(&cloud, &root, "2017-06-13", search).json()["Result"].clone();
    assert_eq!(
        (&search["enablePublic"], &search["enableKibanaPublicNetwork"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(search["kibanaIPWhitelist"], json!(["0.0.0.0/0", "::/0"]));
    assert_eq!(search["privateNetworkIpWhiteList"], json!(["172.16.0.0/12"]));
    assert_eq!(search["publicIpWhitelist"], json!([]));
}

#[test]
fn databases_are_read_by_permission_and_faults_strike_them() {
    let cloud = start();
    let ask_as = |user: &str| {
        ask(&cloud, &cloud.credentials(user).unwrap(), REDIS, "cn-hangzhou", "DescribeInstances", &[])
    };
    assert_eq!(ask_as("monitor-bot").status, 200);
    let refused = ask_as("erp-app");
    assert_eq!((refused.status, refused.code().as_str()), (403, "Forbidden.RAM"));
    cloud.fault(Fault::new("r-kvstore:DescribeInstances", FaultKind::Throttle { retry_after: None }));
    assert_eq!(ask_as("monitor-bot").code(), "Throttling.User");
}

#[test]
fn files_that_contradict_themselves_are_refused() {
    let with = |change: fn(&mut Value)| {
        let mut account: Value = serde_json::to_value(Account::builtin()).unwrap();
        change(&mut account);
        Account::from_json(&account.to_string()).map(|_| ()).unwrap_err().to_string()
    };
    assert!(
        with(|a| a["databases"][1]["id"] = a["databases"][0]["id"].clone()).starts_with("databases[1].id")
    );
    assert!(with(|a| a["databases"][0]["templates"] = json!(["412"])).starts_with("databases[0].templates"));
    let twice = json!([{"name": "a", "entries": []}, {"name": "a", "entries": []}]);
    let mut account: Value = serde_json::to_value(Account::builtin()).unwrap();
    account["databases"][0]["whitelists"] = twice;
    let error = Account::from_json(&account.to_string()).map(|_| ()).unwrap_err().to_string();
    assert!(error.starts_with("databases[0].whitelists"), "{error}");
}
