//! PolarDB, 2017-08-01: clusters, their endpoints and whitelists, and what is switched on. Shapes are those of
//! the official SDK's models.

use crate::account::{Database, DatabaseKind, Endpoint, Net};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging::{PageSizes, by_page};
use crate::product::{self, Answer, Api, Asked, Product, named_host};
use crate::region;
use serde_json::{Value, json};

const KIND: DatabaseKind = DatabaseKind::PolarDb;

pub(crate) static PRODUCT: Product = Product {
    name: "polardb",
    service: "Polardb",
    version: "2017-08-01",
    serves: |host| named_host(&["polardb"], host),
    identify: product::identify,
    translate: product::forbidden_by_ram,
    refuse: product::refuse,
    request_id_header: "x-acs-request-id",
    key_policies: true,
    global: false,
    management: true,
    apis: &[
        Api::read("DescribeRegions", regions).needs("polardb:DescribeRegions", |_, _| "*".into()),
        Api::read("DescribeDBClusters", list)
            .optional(&["DBClusterIds", "DBType", "PageNumber", "PageSize"])
            .needs("polardb:DescribeDBClusters", any_cluster),
        Api::read("DescribeDBClusterAttribute", attribute)
            .required(&["DBClusterId"])
            .optional(&["DescribeType"])
            .needs("polardb:DescribeDBClusterAttribute", one_cluster),
        Api::read("DescribeDBClusterEndpoints", endpoints)
            .required(&["DBClusterId"])
            .optional(&["DBEndpointId", "DescribeType"])
            .needs("polardb:DescribeDBClusterEndpoints", one_cluster),
        Api::read("DescribeDBClusterAccessWhitelist", whitelists)
            .required(&["DBClusterId"])
            .needs("polardb:DescribeDBClusterAccessWhitelist", one_cluster),
        Api::read("DescribeGlobalSecurityIPGroupRelation", bound_templates)
            .required(&["DBClusterId"])
            .optional(&["ResourceGroupId"])
            .needs("polardb:DescribeGlobalSecurityIPGroupRelation", one_cluster),
        Api::read("DescribeGlobalSecurityIPGroup", templates)
            .optional(&["GlobalSecurityGroupId", "ResourceGroupId"])
            .needs("polardb:DescribeGlobalSecurityIPGroup", any_cluster),
        Api::read("DescribeDBClusterSSL", ssl)
            .required(&["DBClusterId"])
            .needs("polardb:DescribeDBClusterSSL", one_cluster),
        Api::read("DescribeDBClusterAuditLogCollector", audit)
            .required(&["DBClusterId"])
            .needs("polardb:DescribeDBClusterAuditLogCollector", one_cluster),
    ],
};

fn arn(cloud: &Cloud, asked: &Asked, id: &str) -> String {
    format!("acs:polardb:{}:{}:dbcluster/{id}", region::in_arn(asked), cloud.account.account_id)
}

fn any_cluster(cloud: &Cloud, asked: &Asked) -> String {
    arn(cloud, asked, "*")
}

fn one_cluster(cloud: &Cloud, asked: &Asked) -> String {
    arn(cloud, asked, asked.required("DBClusterId"))
}

fn cluster<'a>(cloud: &'a Cloud, asked: &Asked) -> Result<&'a Database, ApiError> {
    let found = cloud.account.database(KIND, asked.required("DBClusterId"));
    found.filter(|one| region::reaches(asked, &one.region)).ok_or_else(|| {
        let message = "The specified DBClusterId does not exist.";
        ApiError::new(404, "InvalidDBClusterId.NotFound", message)
    })
}

/// Regions with their zones: PolarDB and ClickHouse tell them alike.
pub(super) fn regions(cloud: &mut Cloud, _: &Asked) -> Result<Answer, ApiError> {
    let rows = region::all(cloud).map(|region| {
        let zone = json!({"ZoneId": format!("{region}-a"), "VpcEnabled": true});
        json!({"RegionId": region, "Zones": {"Zone": [zone]}})
    });
    Ok(json!({"Regions": {"Region": rows.collect::<Vec<_>>()}}).into())
}

fn list(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = region::of(cloud, asked)?;
    let found = cloud.account.databases(KIND, region).filter(|one| {
        asked.param("DBClusterIds").is_none_or(|ids| ids.split(',').any(|id| id == one.id))
            && asked.param("DBType").is_none_or(|kind| kind == one.engine)
    });
    let names = ("PageNumber", "PageSize");
    let page = by_page(found, asked.request, names, 30, PageSizes::OneOf(&[30, 50, 100]))?;
    let rows: Vec<Value> = page
        .items
        .iter()
        .map(|one| {
            let mut row = shared(one);
            row["VpcId"] = one.vpc.as_str().into();
            row["CreateTime"] = one.created.as_str().into();
            row["Tags"] = json!({"Tag": one.tags.list("Key", "Value")});
            let mut node = node(one);
            node["RegionId"] = one.region.as_str().into();
            row["DBNodes"] = json!({ "DBNode": [node] });
            row
        })
        .collect();
    Ok(json!({
        "Items": {"DBCluster": rows},
        "PageNumber": page.number,
        "PageRecordCount": page.items.len(),
        "TotalRecordCount": page.total,
    })
    .into())
}

fn node(one: &Database) -> Value {
    json!({
        "DBNodeId": format!("pi-{}", one.id),
        "DBNodeRole": "Writer",
        "DBNodeClass": "polar.mysql.x4.medium",
        "ZoneId": format!("{}-a", one.region),
    })
}

/// What list and attribute have in common.
fn shared(one: &Database) -> Value {
    json!({
        "DBClusterId": one.id,
        "DBClusterDescription": one.name,
        "RegionId": one.region,
        "DBType": one.engine,
        "DBVersion": one.version,
        "Engine": "POLARDB",
        "DBClusterStatus": "Running",
        "DBClusterNetworkType": "VPC",
        "PayType": "Postpaid",
        "LockMode": "Unlock",
        "ResourceGroupId": "rg-acfmexample0001",
    })
}

/// The attribute has its own spelling of some of the list's fields.
fn attribute(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = cluster(cloud, asked)?;
    let mut answer = shared(one);
    answer["VPCId"] = one.vpc.as_str().into();
    answer["CreationTime"] = one.created.as_str().into();
    answer["Tags"] = one.tags.list("Key", "Value");
    answer["DBNodes"] = json!([node(one)]);
    Ok(answer.into())
}

fn net_type(net: Net) -> &'static str {
    match net {
        Net::Public => "Public",
        Net::Vpc => "Private",
        Net::Classic => "Inner",
    }
}

/// One item for each endpoint, in it one for each of its addresses.
fn endpoints(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = cluster(cloud, asked)?;
    let mut items: Vec<(&str, Value)> = Vec::new();
    for endpoint in &one.endpoints {
        let Endpoint { host, port, ip, net, part, part_id } = endpoint;
        if asked.param("DBEndpointId").is_some_and(|id| id != part_id) {
            continue;
        }
        let mut address = json!({
            "ConnectionString": host,
            "IPAddress": ip,
            "NetType": net_type(*net),
            "Port": port.to_string(),
        });
        if *net == Net::Vpc {
            address["VPCId"] = one.vpc.as_str().into();
        }
        let at = items.iter().position(|(id, _)| id == part_id).unwrap_or_else(|| {
            let item = json!({
                "DBEndpointId": part_id,
                "DBClusterId": one.id,
                "DBEndpointDescription": "",
                "EndpointType": if part.is_empty() { "Cluster" } else { part },
                "ReadWriteMode": "ReadWrite",
                "Nodes": format!("pi-{}", one.id),
                "AddressItems": [],
            });
            items.push((part_id, item));
            items.len() - 1
        });
        if let Some(addresses) = items[at].1["AddressItems"].as_array_mut() {
            addresses.push(address);
        }
    }
    let items: Vec<Value> = items.into_iter().map(|(_, item)| item).collect();
    Ok(json!({"Items": items}).into())
}

/// Whitelists, hidden ones among them, and security groups.
fn whitelists(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = cluster(cloud, asked)?;
    let lists = one.whitelists.iter().map(|list| {
        json!({
            "DBClusterIPArrayName": list.name,
            "DBClusterIPArrayAttribute": if list.hidden { "hidden" } else { "" },
            "SecurityIps": list.entries.join(","),
        })
    });
    let groups = one.security_groups.iter();
    let groups = groups.map(|group| json!({"SecurityGroupId": group, "SecurityGroupName": group}));
    Ok(json!({
        "Items": {"DBClusterIPArray": lists.collect::<Vec<_>>()},
        "DBClusterSecurityGroups": {"DBClusterSecurityGroup": groups.collect::<Vec<_>>()},
    })
    .into())
}

fn bound_templates(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    region::of(cloud, asked)?;
    let one = cluster(cloud, asked)?;
    Ok(super::dds::template_relation(cloud, one))
}

fn templates(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    super::dds::all_templates(cloud, asked, KIND)
}

fn ssl(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = cluster(cloud, asked)?;
    let items = one.endpoints.iter().map(|endpoint| {
        json!({
            "DBEndpointId": endpoint.part_id,
            "SSLEnabled": if one.tls { "Enabled" } else { "Disabled" },
            "SSLConnectionString": if one.tls { endpoint.host.as_str() } else { "" },
            "SSLExpireTime": if one.tls { "2027-12-31T00:00:00Z" } else { "" },
        })
    });
    Ok(json!({"SSLAutoRotate": "Disable", "Items": items.collect::<Vec<_>>()}).into())
}

fn audit(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let on = cluster(cloud, asked)?.audit;
    Ok(json!({"CollectorStatus": if on { "Enable" } else { "Disabled" }}).into())
}
