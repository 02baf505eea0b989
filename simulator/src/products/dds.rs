//! ApsaraDB for MongoDB, dds 2015-12-01: instances, their addresses and whitelists, and what is switched on.
//! Shapes are those of the official SDK's models.

use crate::account::{Database, DatabaseKind, Endpoint, Net, WhitelistTemplate};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging::{PageSizes, by_page};
use crate::product::{self, Answer, Api, Asked, Product, named_host};
use crate::region;
use serde_json::{Value, json};

const KIND: DatabaseKind = DatabaseKind::MongoDb;

pub(crate) static PRODUCT: Product = Product {
    name: "dds",
    service: "Dds",
    version: "2015-12-01",
    serves: |host| named_host(&["mongodb"], host),
    identify: product::identify,
    translate: product::forbidden_by_ram,
    refuse: product::refuse,
    request_id_header: "x-acs-request-id",
    key_policies: true,
    global: false,
    management: true,
    apis: &[
        Api::read("DescribeRegions", regions)
            .optional(&["AcceptLanguage"])
            .needs("dds:DescribeRegions", |_, _| "*".into()),
        Api::read("DescribeDBInstances", list)
            .optional(&["DBInstanceId", "DBInstanceType", "PageNumber", "PageSize"])
            .needs("dds:DescribeDBInstances", |cloud, asked| arn(cloud, asked, "*")),
        Api::read("DescribeDBInstanceAttribute", attribute)
            .required(&["DBInstanceId"])
            .optional(&["Engine"])
            .needs("dds:DescribeDBInstanceAttribute", one_instance),
        Api::read("DescribeSecurityIps", whitelists)
            .required(&["DBInstanceId"])
            .optional(&["ShowHDMIps"])
            .needs("dds:DescribeSecurityIps", one_instance),
        Api::read("DescribeReplicaSetRole", replicas)
            .required(&["DBInstanceId"])
            .needs("dds:DescribeReplicaSetRole", one_instance),
        Api::read("DescribeShardingNetworkAddress", shards)
            .required(&["DBInstanceId"])
            .optional(&["NodeId", "NetworkType"])
            .needs("dds:DescribeShardingNetworkAddress", one_instance),
        Api::read("DescribeSecurityGroupConfiguration", security_groups)
            .required(&["DBInstanceId"])
            .needs("dds:DescribeSecurityGroupConfiguration", one_instance),
        Api::read("DescribeGlobalSecurityIPGroupRelation", bound_templates)
            .required(&["DBClusterId"])
            .needs("dds:DescribeGlobalSecurityIPGroupRelation", |cloud, asked| {
                arn(cloud, asked, asked.required("DBClusterId"))
            }),
        Api::read("DescribeGlobalSecurityIPGroup", templates)
            .optional(&["GlobalSecurityGroupId"])
            .needs("dds:DescribeGlobalSecurityIPGroup", |cloud, asked| arn(cloud, asked, "*")),
        Api::read("DescribeDBInstanceSSL", ssl)
            .required(&["DBInstanceId"])
            .needs("dds:DescribeDBInstanceSSL", one_instance),
        Api::read("DescribeAuditPolicy", audit)
            .required(&["DBInstanceId"])
            .needs("dds:DescribeAuditPolicy", one_instance),
    ],
};

fn arn(cloud: &Cloud, asked: &Asked, id: &str) -> String {
    format!("acs:dds:{}:{}:dbinstance/{id}", region::in_arn(asked), cloud.account.account_id)
}

fn one_instance(cloud: &Cloud, asked: &Asked) -> String {
    arn(cloud, asked, asked.required("DBInstanceId"))
}

fn find<'a>(cloud: &'a Cloud, asked: &Asked, parameter: &str) -> Result<&'a Database, ApiError> {
    let found = cloud.account.database(KIND, asked.required(parameter));
    found.filter(|one| region::reaches(asked, &one.region)).ok_or_else(|| {
        let message = "The specified DB instance is not found.";
        ApiError::new(404, "InvalidDBInstanceId.NotFound", message)
    })
}

fn instance<'a>(cloud: &'a Cloud, asked: &Asked) -> Result<&'a Database, ApiError> {
    find(cloud, asked, "DBInstanceId")
}

fn form(one: &Database) -> &str {
    one.form.as_deref().unwrap_or("replicate")
}

fn regions(cloud: &mut Cloud, _: &Asked) -> Result<Answer, ApiError> {
    let rows = region::all(cloud).map(|region| {
        let zone = json!({"ZoneId": format!("{region}-a"), "ZoneName": format!("{region} zone A"), "VpcEnabled": true});
        json!({
            "RegionId": region,
            "RegionName": region,
            "EndPoint": format!("mongodb.{region}.aliyuncs.com"),
            "Zones": {"Zone": [zone]},
        })
    });
    Ok(json!({"Regions": {"DdsRegion": rows.collect::<Vec<_>>()}}).into())
}

/// Replica sets unless asked for another type: sharded clusters are a list of their own.
fn list(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = region::of(cloud, asked)?;
    let wanted = asked.param("DBInstanceType").unwrap_or("replicate");
    let found = cloud.account.databases(KIND, region).filter(|one| {
        form(one) == wanted && asked.param("DBInstanceId").is_none_or(|id| id == one.id)
    });
    let names = ("PageNumber", "PageSize");
    let page = by_page(found, asked.request, names, 30, PageSizes::OneOf(&[30, 50, 100]))?;
    let rows: Vec<Value> = page.items.iter().map(|one| row(one)).collect();
    Ok(json!({
        "DBInstances": {"DBInstance": rows},
        "PageNumber": page.number,
        "PageSize": page.size,
        "TotalCount": page.total,
    })
    .into())
}

fn row(one: &Database) -> Value {
    json!({
        "DBInstanceId": one.id,
        "DBInstanceDescription": one.name,
        "DBInstanceType": form(one),
        "DBInstanceStatus": "Running",
        "RegionId": one.region,
        "ZoneId": format!("{}-a", one.region),
        "Engine": "MongoDB",
        "EngineVersion": one.version,
        "NetworkType": "VPC",
        "VpcAuthMode": "Open",
        "CreationTime": one.created,
        "ChargeType": "PrePaid",
        "LockMode": "Unlock",
        "ReplicationFactor": "3",
        "ResourceGroupId": "rg-acfmexample0001",
        "Tags": {"Tag": one.tags.list("Key", "Value")},
    })
}

fn network_type(net: Net) -> &'static str {
    match net {
        Net::Public => "Public",
        Net::Vpc => "VPC",
        Net::Classic => "Classic",
    }
}

fn replica(endpoint: &Endpoint) -> Value {
    json!({
        "ConnectionDomain": endpoint.host,
        "ConnectionPort": endpoint.port.to_string(),
        "NetworkType": network_type(endpoint.net),
        "ReplicaSetRole": if endpoint.part.is_empty() { "Primary" } else { &endpoint.part },
    })
}

fn sharded(one: &Database) -> bool {
    form(one) == "sharding"
}

fn replica_set(one: &Database) -> Value {
    if sharded(one) { json!([]) } else { one.endpoints.iter().map(replica).collect() }
}

fn attribute(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = instance(cloud, asked)?;
    let mut item = row(one);
    item["VPCId"] = one.vpc.as_str().into();
    item["ReplicaSets"] = json!({"ReplicaSet": replica_set(one)});
    Ok(json!({"DBInstances": {"DBInstance": [item]}}).into())
}

fn replicas(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = instance(cloud, asked)?;
    Ok(json!({"DBInstanceId": one.id, "ReplicaSets": {"ReplicaSet": replica_set(one)}}).into())
}

/// The addresses of mongos and shards of a sharded cluster.
fn shards(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = instance(cloud, asked)?;
    let is = |name: &str, value: &str| asked.param(name).is_none_or(|wanted| wanted == value);
    let rows = one
        .endpoints
        .iter()
        .filter(|endpoint| {
            sharded(one) && is("NodeId", &endpoint.part_id) && is("NetworkType", network_type(endpoint.net))
        })
        .map(|endpoint| {
            json!({
                "NetworkAddress": endpoint.host,
                "Port": endpoint.port.to_string(),
                "IPAddress": endpoint.ip,
                "NetworkType": network_type(endpoint.net),
                "NodeId": endpoint.part_id,
                "NodeType": endpoint.part,
                "Role": "Primary",
                "VPCId": if endpoint.net == Net::Vpc { one.vpc.as_str() } else { "" },
            })
        });
    Ok(json!({
        "NetworkAddresses": {"NetworkAddress": rows.collect::<Vec<_>>()},
        "CompatibleConnections": {"CompatibleConnection": []},
    })
    .into())
}

/// Hidden whitelists only when asked for: they are those of Database Autonomy Service.
fn whitelists(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = instance(cloud, asked)?;
    let hidden_too = asked.param("ShowHDMIps").is_some_and(|text| text.eq_ignore_ascii_case("true"));
    let shown = one.whitelists.iter().filter(|list| hidden_too || !list.hidden);
    let default = one.whitelists.iter().find(|list| list.name == "default");
    let groups = shown.map(|list| {
        json!({
            "SecurityIpGroupName": list.name,
            "SecurityIpGroupAttribute": if list.hidden { "hidden" } else { "" },
            "SecurityIpList": list.entries.join(","),
        })
    });
    Ok(json!({
        "SecurityIps": default.map_or(String::new(), |list| list.entries.join(",")),
        "SecurityIpGroups": {"SecurityIpGroup": groups.collect::<Vec<_>>()},
    })
    .into())
}

fn security_groups(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = instance(cloud, asked)?;
    let rows = one.security_groups.iter();
    let rows = rows.map(|group| json!({"RegionId": one.region, "SecurityGroupId": group, "NetType": "vpc"}));
    Ok(json!({"Items": {"RdsEcsSecurityGroupRel": rows.collect::<Vec<_>>()}}).into())
}

fn template(one: &WhitelistTemplate) -> Value {
    json!({
        "GlobalSecurityGroupId": one.id,
        "GlobalIgName": one.name,
        "GIpList": one.entries.join(","),
        "RegionId": one.region,
    })
}

/// The templates ("global IP whitelists") of one database: MongoDB, PolarDB and Redis tell them alike.
pub(super) fn template_relation(cloud: &Cloud, one: &Database) -> Answer {
    let rows: Vec<Value> = cloud.account.templates(one).map(template).collect();
    json!({"DBClusterId": one.id, "GlobalSecurityIPGroupRel": rows}).into()
}

/// All templates of a region with the databases that are bound to them.
pub(super) fn all_templates(cloud: &Cloud, asked: &Asked, kind: DatabaseKind) -> Result<Answer, ApiError> {
    let region = region::of(cloud, asked)?;
    let wanted = asked.param("GlobalSecurityGroupId");
    let rows = cloud
        .account
        .whitelist_templates
        .iter()
        .filter(|one| one.kind == kind && one.region == region && wanted.is_none_or(|id| id == one.id))
        .map(|one| {
            let bound = cloud.account.databases(kind, region).filter(|db| db.templates.contains(&one.id));
            let mut row = template(one);
            row["DBInstances"] = bound.map(|db| db.id.as_str()).collect();
            row
        });
    Ok(json!({"GlobalSecurityIPGroup": rows.collect::<Vec<_>>()}).into())
}

fn bound_templates(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    region::of(cloud, asked)?;
    let one = find(cloud, asked, "DBClusterId")?;
    Ok(template_relation(cloud, one))
}

fn templates(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    all_templates(cloud, asked, KIND)
}

fn ssl(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = instance(cloud, asked)?;
    let mut answer = json!({"SSLStatus": if one.tls { "Open" } else { "Closed" }});
    if one.tls {
        answer["SSLExpiredTime"] = "2027-12-31T00:00:00Z".into();
        answer["CertCommonName"] = one.id.as_str().into();
        answer["ForceEncryption"] = "0".into();
    }
    Ok(answer.into())
}

fn audit(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let on = instance(cloud, asked)?.audit;
    Ok(json!({"LogAuditStatus": if on { "Enable" } else { "Disabled" }}).into())
}
