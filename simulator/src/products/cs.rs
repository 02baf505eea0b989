//! Container Service for Kubernetes, cs 2015-12-15 (ROA): clusters and where their API servers answer. Shapes
//! are those of the official SDK's models; answers carry no request id.

use crate::account::Cluster;
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging::{PageSizes, by_page};
use crate::product::{self, Answer, Api, Asked, Exchange, Product, Reply, named_host};
use crate::region;
use serde_json::{Value, json};

pub(crate) static PRODUCT: Product = Product {
    name: "cs",
    service: "CS",
    version: "2015-12-15",
    serves: |host| named_host(&["cs"], host),
    identify: product::identify,
    translate: product::forbidden_by_ram,
    refuse,
    request_id_header: "x-acs-request-id",
    key_policies: true,
    global: false,
    management: true,
    apis: &[
        Api::read("DescribeClustersV1", list)
            .route("GET", "/api/v1/clusters")
            .optional(&["name", "cluster_id", "page_number", "page_size", "region_id"])
            .needs("cs:DescribeClustersV1", |cloud, asked| arn(cloud, asked, "*")),
        Api::read("DescribeClusterDetail", detail)
            .route("GET", "/clusters/{ClusterId}")
            .required(&["ClusterId"])
            .needs("cs:DescribeClusterDetail", |cloud, asked| {
                arn(cloud, asked, asked.required("ClusterId"))
            }),
    ],
};

fn arn(cloud: &Cloud, asked: &Asked, id: &str) -> String {
    let region = asked.param("region_id").unwrap_or(region::in_arn(asked));
    format!("acs:cs:{region}:{}:cluster/{id}", cloud.account.account_id)
}

/// What the product itself refuses is in lower case; what the gateway refuses is as everywhere.
fn refuse(error: &ApiError, exchange: &Exchange) -> Reply {
    if error.by_gateway {
        return product::refuse(error, exchange);
    }
    let body = json!({
        "code": error.code,
        "message": error.message,
        "requestId": exchange.request_id,
        "status": error.status,
    });
    let mut reply = Reply::new(error.status, "application/json;charset=utf-8", body.to_string());
    reply.headers.push(("x-acs-request-id", exchange.request_id.into()));
    reply
}

/// Clusters of all regions, or of `region_id`, whichever host is asked: the parameter "filters clusters by
/// region". Pages of 50 unless told; the documents give no default.
fn list(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let is = |name: &str, value: &str| asked.param(name).is_none_or(|wanted| wanted == value);
    let found = cloud.account.doors.clusters.iter().filter(|one| {
        is("region_id", &one.region) && is("name", &one.name) && is("cluster_id", &one.id)
    });
    let page = by_page(found, asked.request, ("page_number", "page_size"), 50, PageSizes::UpTo(100))?;
    let rows: Vec<Value> = page.items.iter().map(|one| row(one)).collect();
    let info = json!({"page_number": page.number, "page_size": page.size, "total_count": page.total});
    Ok(Answer::bare(&json!({"clusters": rows, "page_info": info})))
}

/// master_url is a JSON text.
fn row(one: &Cluster) -> Value {
    let mut urls = json!({"intranet_api_server_endpoint": one.private_api});
    if let Some(url) = &one.public_api {
        urls["api_server_endpoint"] = url.as_str().into();
    }
    json!({
        "cluster_id": one.id,
        "name": one.name,
        "region_id": one.region,
        "zone_id": format!("{}-a", one.region),
        "cluster_type": "ManagedKubernetes",
        "cluster_spec": "ack.pro.small",
        "profile": "Default",
        "state": "running",
        "current_version": "1.32.7-aliyun.1",
        "created": one.created,
        "updated": one.created,
        "size": 3,
        "vpc_id": "vpc-bp1example0000erp",
        "master_url": urls.to_string(),
        "deletion_protection": true,
        "resource_group_id": "rg-acfmexample0001",
        "tags": one.tags.list("key", "value"),
    })
}

/// A cluster is found from the host of any region.
fn detail(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let id = asked.required("ClusterId");
    match cloud.account.doors.clusters.iter().find(|one| one.id == id) {
        Some(one) => Ok(Answer::bare(&row(one))),
        None => Err(ApiError::new(404, "ErrorClusterNotFound", format!("cluster {id} not found"))),
    }
}
