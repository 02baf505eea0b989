use super::client::{Reply, call, root, start};
use super::wire::get_roa;
use crate::{Account, Fault, FaultKind, Keys, Settings, Simulator};
use serde_json::{Value, json};

const CR: (&str, &str) = ("cr", "2018-12-01");
const NAS: (&str, &str) = ("nas", "2017-06-26");
const APIS: (&str, &str) = ("apigateway", "2016-07-14");
const OOS: (&str, &str) = ("oos", "2019-06-01");
const ROS: (&str, &str) = ("ros", "2019-09-10");
const CS: &str = "2015-12-15";
const FC: &str = "2023-03-30";

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

fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or_else(|| panic!("{pointer} in {value}"))
}

fn column(rows: &Value, name: &str) -> Vec<Value> {
    rows.as_array().unwrap().iter().map(|row| row[name].clone()).collect()
}

/// An account with `n` of everything in cn-beijing.
fn many(n: usize) -> Simulator {
    let mut account: Value = serde_json::to_value(Account::builtin()).unwrap();
    let each = |make: &dyn Fn(String) -> Value| -> Value {
        (0..n).map(|number| make(format!("x{number:03}"))).collect()
    };
    let region = "cn-beijing";
    let repositories = each(&|name| json!({ "name": name }));
    let apis = each(&|id| json!({"id": id, "name": id, "path": "/", "auth": "APP", "stages": ["RELEASE"]}));
    let rules = each(&|_| json!({"source": "10.0.0.0/8"}));
    let triggers = each(&|name| json!({"name": name, "type": "timer", "config": {}}));
    let targets = each(&|name| json!({"domain": name, "access_group": "g"}));
    account["doors"] = json!({
        "clusters": each(&|id| json!({"id": id, "name": id, "region": region})),
        "functions": each(&|name| json!({"name": name, "region": region, "triggers": if name == "x000" { triggers.clone() } else { json!([]) }})),
        "registries": each(&|id| json!({"id": id, "name": id, "region": region, "namespaces":
            if id == "x000" { each(&|name| json!({"name": name, "repositories": if name == "x000" { repositories.clone() } else { json!([]) }})) } else { json!([]) }})),
        "access_groups": each(&|name| json!({"name": name, "region": region, "rules": if name == "x000" { rules.clone() } else { json!([]) }})),
        "file_systems": each(&|id| json!({"id": id, "region": region, "mount_targets": if id == "x000" { targets.clone() } else { json!([]) }})),
        "api_groups": each(&|id| json!({"id": id, "name": id, "region": region, "apis": if id == "x000" { apis.clone() } else { json!([]) }})),
        "parameters": each(&|name| json!({"name": name, "region": region, "value": "v"})),
        "stacks": each(&|id| json!({"id": id, "name": id, "region": region})),
    });
    Simulator::start(Account::from_json(&account.to_string()).unwrap(), Settings::default()).unwrap()
}

#[test]
fn lists_by_number_are_read_to_the_end_with_default_sizes() {
    let n = 125;
    let cloud = many(n);
    let root = root(&cloud);
    let registry = ("InstanceId", "x000");
    let group = ("AccessGroupName", "x000");
    let system = ("FileSystemId", "x000");
    for (product, action, more, rows, id, number, default) in [
        (CR, "ListInstance", None, "/Instances", "InstanceId", "PageNo", 30),
        (CR, "ListNamespace", Some(registry), "/Namespaces", "NamespaceName", "PageNo", 30),
        (CR, "ListRepository", Some(registry), "/Repositories", "RepoName", "PageNo", 30),
        (NAS, "DescribeAccessGroups", None, "/AccessGroups/AccessGroup", "AccessGroupName", "PageNumber", 10),
        (
            NAS,
            "DescribeAccessRules",
            Some(group),
            "/AccessRules/AccessRule",
            "AccessRuleId",
            "PageNumber",
            10,
        ),
        (NAS, "DescribeFileSystems", None, "/FileSystems/FileSystem", "FileSystemId", "PageNumber", 10),
        (
            NAS,
            "DescribeMountTargets",
            Some(system),
            "/MountTargets/MountTarget",
            "MountTargetDomain",
            "PageNumber",
            10,
        ),
        (
            APIS,
            "DescribeApiGroups",
            None,
            "/ApiGroupAttributes/ApiGroupAttribute",
            "GroupId",
            "PageNumber",
            10,
        ),
        (APIS, "DescribeApis", None, "/ApiSummarys/ApiSummary", "ApiId", "PageNumber", 10),
        (APIS, "DescribeDeployedApis", None, "/DeployedApis/DeployedApiItem", "ApiId", "PageNumber", 10),
        (ROS, "ListStacks", None, "/Stacks", "StackId", "PageNumber", 10),
    ] {
        let mut seen: Vec<Value> = Vec::new();
        let mut page_number = 1;
        while seen.len() < n {
            let page_text = page_number.to_string();
            let params: Vec<_> = more.into_iter().chain([(number, page_text.as_str())]).collect();
            let page = ask(&cloud, &root, product, "cn-beijing", action, &params).json();
            let total = at(&page, "/TotalCount");
            let told = total.as_str().map_or_else(|| total.to_string(), Into::into);
            assert_eq!(told, n.to_string(), "{action}");
            let ids = column(at(&page, rows), id);
            assert!(!ids.is_empty() && ids.len() <= default, "{action}: {}", ids.len());
            seen.extend(ids);
            page_number += 1;
        }
        seen.sort_by_key(Value::to_string);
        seen.dedup();
        assert_eq!(seen.len(), n, "{action}");
    }
    for (product, action, size, most) in [
        (CR, "ListInstance", "PageSize", 100),
        (NAS, "DescribeFileSystems", "PageSize", 100),
        (APIS, "DescribeApiGroups", "PageSize", 50),
        (ROS, "ListStacks", "PageSize", 50),
        (OOS, "ListParameters", "MaxResults", 100),
    ] {
        let ask =
            |value: usize| ask(&cloud, &root, product, "cn-beijing", action, &[(size, &value.to_string())]);
        assert_eq!(ask(most).status, 200, "{action}");
        assert_eq!(ask(most + 1).code(), format!("InvalidParameter.{size}"), "{action}");
    }
}

#[test]
fn lists_by_token_and_roa_lists_are_read_to_the_end() {
    let n = 125;
    let cloud = many(n);
    let root = root(&cloud);
    let functions = "fcv3.cn-beijing.aliyuncs.com/2023-03-30/functions";
    for (target, rows, id) in [
        (functions.to_string(), "functions", "functionName"),
        (format!("{functions}/x000/triggers"), "triggers", "triggerName"),
    ] {
        let (mut seen, mut query) = (Vec::new(), String::new());
        loop {
            let page = get_roa(&cloud, &root, FC, &format!("{target}?{query}")).json();
            let ids = column(&page[rows], id);
            assert!(ids.len() <= 20, "{rows}");
            seen.extend(ids);
            match page["nextToken"].as_str() {
                Some(token) => query = format!("nextToken={}", crate::request::encode(token)),
                None => break,
            }
        }
        assert_eq!(seen.len(), n, "{rows}");
    }
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let page = ask(&cloud, &root, OOS, "cn-beijing", "ListParameters", &[("NextToken", &token)]).json();
        assert_eq!(page["TotalCount"], n);
        seen.extend(column(&page["Parameters"], "Name"));
        match page["NextToken"].as_str() {
            Some(next) => token = next.into(),
            None => break,
        }
    }
    assert_eq!(seen.len(), n);
    let mut seen = Vec::new();
    for number in 1..=3 {
        let target = format!("cs.cn-beijing.aliyuncs.com/api/v1/clusters?page_number={number}");
        let page = get_roa(&cloud, &root, CS, &target).json();
        assert_eq!(at(&page, "/page_info/total_count"), n);
        seen.extend(column(&page["clusters"], "cluster_id"));
    }
    assert_eq!(seen.len(), n);
}

#[test]
fn clusters_tell_their_addresses_in_a_text() {
    let cloud = start();
    let root = root(&cloud);
    let list = |host: &str, query: &str| {
        get_roa(&cloud, &root, CS, &format!("{host}/api/v1/clusters{query}")).json()
    };
    assert_eq!(column(&list("cs.aliyuncs.com", "")["clusters"], "name"), ["production", "lab"]);
    let shanghai = list("cs.cn-shanghai.aliyuncs.com", "?region_id=cn-shanghai");
    assert_eq!(column(&shanghai["clusters"], "name"), ["lab"]);
    let id = shanghai["clusters"][0]["cluster_id"].as_str().unwrap();
    let detail = get_roa(&cloud, &root, CS, &format!("cs.cn-shanghai.aliyuncs.com/clusters/{id}")).json();
    let urls: Value = serde_json::from_str(detail["master_url"].as_str().unwrap()).unwrap();
    assert_eq!(urls["api_server_endpoint"], "https://203.0.113.160:6443");
    assert!(detail.get("RequestId").is_none());
    let none = get_roa(&cloud, &root, CS, "cs.cn-shanghai.aliyuncs.com/clusters/none");
    assert_eq!((none.status, none.json()["code"].as_str()), (404, Some("ErrorClusterNotFound")));
    let backup = cloud.credentials("backup-bot").unwrap();
    let refused = get_roa(&cloud, &backup, CS, "cs.aliyuncs.com/api/v1/clusters");
    assert_eq!((refused.status, refused.json()["code"].as_str()), (403, Some("Forbidden.RAM")));
}

#[test]
fn functions_tell_environment_and_triggers() {
    let cloud = start();
    let root = root(&cloud);
    let get = |target: &str| get_roa(&cloud, &root, FC, target);
    for host in ["fcv3.cn-hangzhou.aliyuncs.com", "1234567890123456.cn-hangzhou.fc.aliyuncs.com"] {
        let list = get(&format!("{host}/2023-03-30/functions?limit=100")).json();
        assert_eq!(
            column(&list["functions"], "functionName"),
            ["invoice-api", "root-key-revoke", "shop-webhook"]
        );
    }
    let base = "fcv3.cn-hangzhou.aliyuncs.com/2023-03-30/functions";
    let function = get(&format!("{base}/shop-webhook")).json();
    assert_eq!(
        at(&function, "/environmentVariables/ALIBABA_CLOUD_ACCESS_KEY_ID"),
        "LTAI5tExampleCiBot000001"
    );
    let auth = |name: &str| -> Vec<Value> {
        let triggers = get(&format!("{base}/{name}/triggers")).json();
        let configs = column(&triggers["triggers"], "triggerConfig");
        configs
            .iter()
            .map(|text| serde_json::from_str::<Value>(text.as_str().unwrap()).unwrap()["authType"].clone())
            .collect()
    };
    assert_eq!(auth("shop-webhook"), ["anonymous"]);
    assert_eq!(auth("invoice-api"), ["anonymous", "function"]);
    assert_eq!(get(&format!("{base}/invoice-api/triggers/signed")).json()["triggerType"], "http");
    assert_eq!(get(&format!("{base}/none/triggers")).code(), "FunctionNotFound");
    assert_eq!(get(&format!("{base}/invoice-api/triggers/none")).code(), "TriggerNotFound");
    assert_eq!(get("fcv3.eu-west-1.aliyuncs.com/2023-03-30/functions").json()["functions"], json!([]));
    let backup = cloud.credentials("backup-bot").unwrap();
    assert_eq!(get_roa(&cloud, &backup, FC, base).code(), "AccessDenied");
}

#[test]
fn registries_shares_and_apis_tell_who_may_come_in() {
    let cloud = start();
    let root = root(&cloud);
    let of = |product, action: &str, params: &[(&str, &str)]| {
        let reply = ask(&cloud, &root, product, "cn-hangzhou", action, params);
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json()
    };
    let registry = ("InstanceId", "cri-example0000000001");
    let repositories = of(CR, "ListRepository", &[registry]);
    assert_eq!(column(&repositories["Repositories"], "RepoType"), ["PRIVATE", "PRIVATE", "PUBLIC"]);
    let tools = of(CR, "ListRepository", &[registry, ("RepoNamespaceName", "tools")]);
    assert_eq!(column(&tools["Repositories"], "RepoName"), ["base-image"]);
    let endpoint = of(CR, "GetInstanceEndpoint", &[registry, ("EndpointType", "internet")]);
    assert_eq!((&endpoint["Enable"], &endpoint["AclEnable"]), (&json!(true), &json!(true)));
    assert_eq!(column(&endpoint["AclEntries"], "Entry"), ["198.51.100.0/28", "127.0.0.1/32"]);

    let groups = of(NAS, "DescribeAccessGroups", &[]);
    assert_eq!(
        column(at(&groups, "/AccessGroups/AccessGroup"), "AccessGroupName"),
        ["DEFAULT_VPC_GROUP_NAME", "erp-servers"]
    );
    let extreme = of(NAS, "DescribeAccessGroups", &[("FileSystemType", "extreme")]);
    assert_eq!(column(at(&extreme, "/AccessGroups/AccessGroup"), "MountTargetCount"), [1]);
    let rules = of(NAS, "DescribeAccessRules", &[("AccessGroupName", "DEFAULT_VPC_GROUP_NAME")]);
    assert_eq!(column(at(&rules, "/AccessRules/AccessRule"), "SourceCidrIp"), ["0.0.0.0/0"]);
    let rules =
        ask(&cloud, &root, NAS, "cn-hangzhou", "DescribeAccessRules", &[("AccessGroupName", "render-farm")]);
    assert_eq!(rules.code(), "InvalidAccessGroup.NotFound", "a group of another type of file systems");
    let systems = of(NAS, "DescribeFileSystems", &[]);
    assert_eq!(column(at(&systems, "/FileSystems/FileSystem"), "FileSystemType"), ["standard", "extreme"]);
    let mounted = at(&systems, "/FileSystems/FileSystem/0/MountTargets/MountTarget");
    assert_eq!(column(mounted, "AccessGroupName"), ["erp-servers", "DEFAULT_VPC_GROUP_NAME"]);
    let targets = of(NAS, "DescribeMountTargets", &[("FileSystemId", "31a8example")]);
    assert_eq!(
        column(at(&targets, "/MountTargets/MountTarget"), "AccessGroup"),
        ["erp-servers", "DEFAULT_VPC_GROUP_NAME"]
    );

    let apis = of(APIS, "DescribeApis", &[]);
    let mut open = Vec::new();
    for id in column(at(&apis, "/ApiSummarys/ApiSummary"), "ApiId") {
        let api = of(APIS, "DescribeApi", &[("ApiId", id.as_str().unwrap())]);
        open.push((api["AuthType"].clone(), api["DisableInternet"].clone()));
    }
    let expected = [("ANONYMOUS", false), ("APP", false), ("ANONYMOUS", false), ("ANONYMOUS", true)];
    assert_eq!(open, expected.map(|(auth, inside)| (json!(auth), json!(inside))));
    let deployed = of(APIS, "DescribeDeployedApis", &[("StageName", "RELEASE")]);
    assert_eq!(
        column(at(&deployed, "/DeployedApis/DeployedApiItem"), "ApiName"),
        ["catalogue", "orders", "stock"]
    );
    let domain = of(APIS, "DescribeApiGroups", &[]);
    assert!(
        at(&domain, "/ApiGroupAttributes/ApiGroupAttribute/0/SubDomain")
            .as_str()
            .unwrap()
            .ends_with(".alicloudapi.com")
    );
}

#[test]
fn a_closed_registry_says_so() {
    let mut account: Value = serde_json::to_value(Account::builtin()).unwrap();
    account["doors"]["registries"][0].as_object_mut().unwrap().remove("internet");
    let cloud =
        Simulator::start(Account::from_json(&account.to_string()).unwrap(), Settings::default()).unwrap();
    let params = [("InstanceId", "cri-example0000000001"), ("EndpointType", "internet")];
    let endpoint = ask(&cloud, &root(&cloud), CR, "cn-hangzhou", "GetInstanceEndpoint", &params).json();
    assert_eq!((&endpoint["Enable"], &endpoint["IsSuccess"]), (&json!(false), &json!(true)));
}

#[test]
fn parameters_and_stacks_tell_values_unless_they_are_hidden() {
    let cloud = start();
    let root = root(&cloud);
    let of = |product, action: &str, params: &[(&str, &str)]| {
        ask(&cloud, &root, product, "cn-hangzhou", action, params)
    };
    let names =
        |action: &str, params: &[(&str, &str)]| column(&of(OOS, action, params).json()["Parameters"], "Name");
    assert_eq!(names("ListParameters", &[]), ["/shop/db/host", "/shop/db/password"]);
    assert_eq!(names("ListSecretParameters", &[]), ["/erp/db/password"]);
    assert_eq!(names("ListParameters", &[("Path", "/shop")]), Vec::<Value>::new());
    assert_eq!(names("ListParameters", &[("Path", "/shop"), ("Recursive", "true")]).len(), 2);
    let listed = of(OOS, "ListParameters", &[]).body;
    assert!(!listed.contains("Passw0rd"), "a list has no values");
    let value = of(OOS, "GetParameter", &[("Name", "/shop/db/password")]).json();
    assert_eq!(at(&value, "/Parameter/Value"), "example-Passw0rd-2024");
    assert_eq!(of(OOS, "GetParameter", &[("Name", "/erp/db/password")]).code(), "EntityNotExists.Parameter");
    let stack = of(ROS, "GetStack", &[("StackId", "4a6c9851-3b0f-4f5f-b4ca-example00002")]).json();
    assert_eq!(column(&stack["Parameters"], "ParameterValue"), ["******", "erp", "example-Passw0rd-2023"]);
    assert_eq!(of(ROS, "GetStack", &[("StackId", "none")]).code(), "StackNotFound");
}

#[test]
fn the_state_shows_no_values() {
    let state = start().state().to_string();
    assert!(state.contains("ALIBABA_CLOUD_ACCESS_KEY_SECRET") && state.contains("/shop/db/password"));
    assert!(!state.contains("Passw0rd") && !state.contains("example-secret"), "{state}");
}

#[test]
fn roles_tell_whom_they_trust() {
    let cloud = start();
    let root = root(&cloud);
    let trusted = |name: &str| {
        let role = call(&cloud, &root, "ram.aliyuncs.com/2015-05-01/GetRole", &[("RoleName", name)]).json();
        let trust: Value =
            serde_json::from_str(at(&role, "/Role/AssumeRolePolicyDocument").as_str().unwrap()).unwrap();
        at(&trust, "/Statement/0/Principal").clone()
    };
    assert_eq!(trusted("legacy-import"), json!({"RAM": ["*"]}));
    assert_eq!(trusted("partner-audit"), json!({"RAM": ["acs:ram::9876543210987654:root"]}));
    assert_eq!(trusted("order-service"), json!({"Service": ["ecs.aliyuncs.com"]}));
}

#[test]
fn faults_and_permissions_reach_every_product() {
    let cloud = start();
    let monitor = cloud.credentials("monitor-bot").unwrap();
    let backup = cloud.credentials("backup-bot").unwrap();
    for (product, name, action) in [
        (CR, "cr", "ListInstance"),
        (NAS, "nas", "DescribeFileSystems"),
        (APIS, "cloudapi", "DescribeApiGroups"),
        (OOS, "oos", "ListParameters"),
        (ROS, "ros", "ListStacks"),
    ] {
        assert_eq!(ask(&cloud, &monitor, product, "cn-hangzhou", action, &[]).status, 200, "{name}");
        assert_eq!(
            ask(&cloud, &backup, product, "cn-hangzhou", action, &[]).code(),
            "Forbidden.RAM",
            "{name}"
        );
        cloud.fault(Fault::new(format!("{name}:{action}"), FaultKind::Throttle { retry_after: None }));
        assert_eq!(
            ask(&cloud, &monitor, product, "cn-hangzhou", action, &[]).code(),
            "Throttling.User",
            "{name}"
        );
    }
}
