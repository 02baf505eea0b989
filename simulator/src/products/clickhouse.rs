//! ClickHouse: clusters of 2019-11-11, and the Enterprise Edition's instances of 2023-05-22, which answer at the
//! same hosts. Shapes are those of the official SDKs' models.

mod enterprise;

use crate::account::{Database, DatabaseKind, Net};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging::{PageSizes, by_page};
use crate::product::{self, Answer, Api, Asked, Product, named_host};
use crate::region;
use crate::request::Request;
use serde_json::{Value, json};

const KIND: DatabaseKind = DatabaseKind::ClickHouse;

pub(crate) static PRODUCT: Product = Product {
    name: "clickhouse",
    service: "Clickhouse",
    version: "2019-11-11",
    serves: |host| named_host(&["clickhouse"], host),
    identify,
    translate: product::forbidden_by_ram,
    refuse: product::refuse,
    request_id_header: "x-acs-request-id",
    key_policies: true,
    global: false,
    management: true,
    apis: &[
        Api::read("DescribeRegions", super::polardb::regions)
            .needs("clickhouse:DescribeRegions", |_, _| "*".into()),
        Api::read("DescribeDBClusters", list)
            .optional(&["DBClusterIds", "PageNumber", "PageSize"])
            .needs("clickhouse:DescribeDBClusters", |cloud, asked| arn(cloud, asked, "*")),
        Api::read("DescribeDBClusterAttribute", attribute)
            .required(&["DBClusterId"])
            .needs("clickhouse:DescribeDBClusterAttribute", one_cluster),
        Api::read("DescribeDBClusterNetInfoItems", net_info)
            .required(&["DBClusterId"])
            .needs("clickhouse:DescribeDBClusterNetInfoItems", one_cluster),
        Api::read("DescribeDBClusterAccessWhiteList", whitelists)
            .required(&["DBClusterId"])
            .needs("clickhouse:DescribeDBClusterAccessWhiteList", one_cluster),
        Api::read("DescribeDBInstances", enterprise::list)
            .optional(&["DBInstanceIds", "PageNumber", "PageSize"])
            .needs("clickhouse:DescribeDBInstances", |cloud, asked| arn(cloud, asked, "*")),
        Api::read("DescribeDBInstanceAttribute", enterprise::attribute)
            .required(&["DBInstanceId"])
            .needs("clickhouse:DescribeDBInstanceAttribute", one_instance),
        Api::read("DescribeEndpoints", enterprise::endpoints)
            .required(&["DBInstanceId"])
            .optional(&["ComputingGroupId"])
            .needs("clickhouse:DescribeEndpoints", one_instance),
        Api::read("DescribeSecurityIPList", enterprise::whitelists)
            .required(&["DBInstanceId"])
            .needs("clickhouse:DescribeSecurityIPList", one_instance),
    ],
};

/// The later version, for its name alone.
static ENTERPRISE: Product = Product { version: "2023-05-22", apis: &[], ..PRODUCT };

/// Each version has APIs of its own, but for DescribeRegions.
fn identify(product: &'static Product, request: &mut Request) -> Result<String, ApiError> {
    let version = request.header("x-acs-version").or(request.field("Version"));
    let enterprise = version == Some(ENTERPRISE.version);
    let action = product::identify(if enterprise { &ENTERPRISE } else { product }, request)?;
    let later = ["DescribeDBInstances", "DescribeDBInstanceAttribute", "DescribeEndpoints", "DescribeSecurityIPList"];
    if action == "DescribeRegions" || enterprise == later.contains(&action.as_str()) {
        return Ok(action);
    }
    let message = "Specified api is not found, please check your url and method.";
    Err(ApiError::gateway(404, "InvalidAction.NotFound", message))
}

fn arn(cloud: &Cloud, asked: &Asked, id: &str) -> String {
    format!("acs:clickhouse:{}:{}:dbcluster/{id}", region::in_arn(asked), cloud.account.account_id)
}

fn one_cluster(cloud: &Cloud, asked: &Asked) -> String {
    arn(cloud, asked, asked.required("DBClusterId"))
}

fn one_instance(cloud: &Cloud, asked: &Asked) -> String {
    arn(cloud, asked, asked.required("DBInstanceId"))
}

fn cluster<'a>(cloud: &'a Cloud, asked: &Asked) -> Result<&'a Database, ApiError> {
    let found = cloud.account.database(KIND, asked.required("DBClusterId"));
    found.filter(|one| region::reaches(asked, &one.region)).ok_or_else(|| {
        let message = "The specified DBClusterId does not exist.";
        ApiError::new(404, "InvalidDBClusterId.NotFound", message)
    })
}

fn list(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = region::of(cloud, asked)?;
    let ids = asked.param("DBClusterIds");
    let found = cloud.account.databases(KIND, region);
    let found = found.filter(|one| ids.is_none_or(|ids| ids.split(',').any(|id| id == one.id)));
    let names = ("PageNumber", "PageSize");
    let page = by_page(found, asked.request, names, 30, PageSizes::OneOf(&[30, 50, 100]))?;
    let rows: Vec<Value> = page
        .items
        .iter()
        .map(|one| {
            let mut row = row(one);
            row["DbVersion"] = one.version.as_str().into();
            row
        })
        .collect();
    Ok(json!({
        "DBClusters": {"DBCluster": rows},
        "PageNumber": page.number,
        "PageSize": page.size,
        "TotalCount": page.total,
    })
    .into())
}

fn row(one: &Database) -> Value {
    let private = one.at("", Net::Vpc);
    json!({
        "DBClusterId": one.id,
        "DBClusterDescription": one.name,
        "DBClusterStatus": "Running",
        "DBClusterNetworkType": "vpc",
        "RegionId": one.region,
        "ZoneId": format!("{}-a", one.region),
        "VpcId": one.vpc,
        "ConnectionString": private.map_or("", |endpoint| endpoint.host.as_str()),
        "Port": private.map(|_| 8123),
        "Category": "Basic",
        "PayType": "Postpaid",
        "CreateTime": one.created,
        "ResourceGroupId": "rg-acfmexample0001",
        "Tags": {"Tag": one.tags.list("Key", "Value")},
    })
}

/// The attribute tells the public address; the list does not.
fn attribute(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = cluster(cloud, asked)?;
    let mut item = row(one);
    item["Engine"] = "clickhouse".into();
    item["EngineVersion"] = one.version.as_str().into();
    let public = one.at("", Net::Public);
    item["PublicConnectionString"] = public.map_or("", |endpoint| endpoint.host.as_str()).into();
    item["PublicPort"] = public.map_or("", |_| "8123").into();
    item["PublicIpAddr"] = public.map_or("", |endpoint| endpoint.ip.as_str()).into();
    item["SupportHttpsPort"] = one.tls.into();
    Ok(json!({"DBCluster": item}).into())
}

fn net_info(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = cluster(cloud, asked)?;
    let rows = one.endpoints.iter().map(|endpoint| {
        json!({
            "NetType": if endpoint.net == Net::Public { "Public" } else { "VPC" },
            "ConnectionString": endpoint.host,
            "IPAddress": endpoint.ip,
            "HttpPort": "8123",
            "HttpsPort": if one.tls { "8443" } else { "" },
            "JdbcPort": endpoint.port.to_string(),
            "MySQLPort": "9004",
            "VpcId": if endpoint.net == Net::Vpc { one.vpc.as_str() } else { "" },
        })
    });
    let rows: Vec<Value> = rows.collect();
    Ok(json!({"ClusterNetworkType": "VPC", "EnableSLB": false, "NetInfoItems": {"NetInfoItem": rows}}).into())
}

fn whitelists(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let lists = cluster(cloud, asked)?.whitelists.iter().map(|list| {
        json!({
            "DBClusterIPArrayName": list.name,
            "DBClusterIPArrayAttribute": if list.hidden { "hidden" } else { "" },
            "SecurityIPList": list.entries.join(","),
        })
    });
    Ok(json!({"DBClusterAccessWhiteList": {"IPArray": lists.collect::<Vec<_>>()}}).into())
}
