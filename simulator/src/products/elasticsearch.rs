//! Elasticsearch, 2017-06-13 (ROA): instances with their Kibana. Shapes are those of the official SDK's models.

use crate::account::{Database, DatabaseKind, Net};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging::{PageSizes, by_page};
use crate::product::{self, Answer, Api, Asked, Product, named_host};
use crate::region;
use serde_json::{Value, json};

const KIND: DatabaseKind = DatabaseKind::Elasticsearch;

pub(crate) static PRODUCT: Product = Product {
    name: "elasticsearch",
    service: "Elasticsearch",
    version: "2017-06-13",
    serves: |host| named_host(&["elasticsearch"], host),
    identify: product::identify,
    translate: product::forbidden_by_ram,
    refuse: product::refuse,
    request_id_header: "x-acs-request-id",
    key_policies: true,
    global: false,
    management: true,
    apis: &[
        Api::read("DescribeRegions", regions)
            .route("GET", "/openapi/regions")
            .needs("elasticsearch:DescribeRegions", |_, _| "*".into()),
        Api::read("ListInstance", list)
            .route("GET", "/openapi/instances")
            .optional(&["instanceId", "description", "page", "size"])
            .needs("elasticsearch:ListInstance", |cloud, asked| arn(cloud, asked, "*")),
        Api::read("DescribeInstance", describe)
            .route("GET", "/openapi/instances/{InstanceId}")
            .required(&["InstanceId"])
            .needs("elasticsearch:DescribeInstance", |cloud, asked| {
                arn(cloud, asked, asked.required("InstanceId"))
            }),
    ],
};

fn arn(cloud: &Cloud, asked: &Asked, id: &str) -> String {
    format!("acs:elasticsearch:{}:{}:instances/{id}", region::in_arn(asked), cloud.account.account_id)
}

fn regions(cloud: &mut Cloud, _: &Asked) -> Result<Answer, ApiError> {
    let rows = region::all(cloud).map(|region| {
        json!({
            "regionId": region,
            "localName": region,
            "regionEndpoint": format!("elasticsearch.{region}.aliyuncs.com"),
            "status": "available",
        })
    });
    Ok(json!({"Result": rows.collect::<Vec<_>>()}).into())
}

/// The list does not show what only DescribeInstance tells: whether there are public endpoints.
fn list(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = region::of(cloud, asked)?;
    let found = cloud.account.databases(KIND, region).filter(|one| {
        asked.param("instanceId").is_none_or(|id| id == one.id)
            && asked.param("description").is_none_or(|text| one.name.contains(text))
    });
    let page = by_page(found, asked.request, ("page", "size"), 10, PageSizes::UpTo(100))?;
    let rows: Vec<Value> = page
        .items
        .iter()
        .map(|one| {
            let mut row = row(one);
            // A text here, a number in DescribeInstance.
            row["port"] = row["port"].to_string().into();
            row
        })
        .collect();
    Ok(json!({"Result": rows, "Headers": {"X-Total-Count": page.total}}).into())
}

/// The entries of all whitelists that guard an endpoint.
fn entries(one: &Database, guards: &str) -> Vec<String> {
    one.whitelists.iter().filter(|list| list.guards == guards).flat_map(|list| list.entries.clone()).collect()
}

fn row(one: &Database) -> Value {
    let groups = one.whitelists.iter().map(|list| {
        let kind = match list.guards.as_str() {
            "private" => "PRIVATE_ES",
            "kibana" => "PUBLIC_KIBANA",
            "kibana-private" => "PRIVATE_KIBANA",
            _ => "PUBLIC_ES",
        };
        json!({"groupName": list.name, "ips": list.entries, "whiteIpType": kind})
    });
    let private = one.at("", Net::Vpc);
    json!({
        "instanceId": one.id,
        "description": one.name,
        "esVersion": one.version,
        "status": "active",
        "createdAt": one.created,
        "updatedAt": one.created,
        "paymentType": "postpaid",
        "nodeAmount": 3,
        "nodeSpec": {"spec": "elasticsearch.sn2ne.large", "disk": 100, "diskType": "cloud_ssd"},
        "protocol": if one.tls { "HTTPS" } else { "HTTP" },
        "domain": private.map_or("", |endpoint| endpoint.host.as_str()),
        "port": private.map_or(9200, |endpoint| endpoint.port),
        "publicIpWhitelist": entries(one, ""),
        "kibanaIPWhitelist": entries(one, "kibana"),
        "kibanaPrivateIPWhitelist": entries(one, "kibana-private"),
        "privateNetworkIpWhiteList": entries(one, "private"),
        "networkConfig": {
            "type": "vpc",
            "vpcId": one.vpc,
            "vsArea": format!("{}-a", one.region),
            "whiteIpGroupList": groups.collect::<Vec<_>>(),
        },
        "resourceGroupId": "rg-acfmexample0001",
        "tags": one.tags.list("tagKey", "tagValue"),
    })
}

fn describe(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let found = cloud.account.database(KIND, asked.required("InstanceId"));
    let Some(one) = found.filter(|one| region::reaches(asked, &one.region)) else {
        return Err(ApiError::new(404, "InstanceNotFound", "The instance cannot be found."));
    };
    let mut item = row(one);
    item["esIPWhitelist"] = json!(entries(one, "private"));
    item["haveKibana"] = true.into();
    for (switch, domain, port, part, net) in [
        ("enablePublic", "publicDomain", "publicPort", "", Net::Public),
        ("enableKibanaPublicNetwork", "kibanaDomain", "kibanaPort", "kibana", Net::Public),
        ("enableKibanaPrivateNetwork", "kibanaPrivateDomain", "kibanaPrivatePort", "kibana", Net::Vpc),
    ] {
        let endpoint = one.at(part, net);
        item[switch] = endpoint.is_some().into();
        if let Some(endpoint) = endpoint {
            item[domain] = endpoint.host.as_str().into();
            item[port] = endpoint.port.into();
        }
    }
    Ok(json!({ "Result": item }).into())
}
