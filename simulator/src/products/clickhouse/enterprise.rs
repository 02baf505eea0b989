//! The Enterprise Edition: what the older version tells flat stands in `Data` here.

use crate::account::{Database, DatabaseKind, Net};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging::{PageSizes, by_page};
use crate::product::{Answer, Asked};
use crate::region;
use serde_json::{Value, json};

const KIND: DatabaseKind = DatabaseKind::ClickHouseEnterprise;

fn instance<'a>(cloud: &'a Cloud, asked: &Asked) -> Result<&'a Database, ApiError> {
    let found = cloud.account.database(KIND, asked.required("DBInstanceId"));
    found.filter(|one| region::reaches(asked, &one.region)).ok_or_else(|| {
        let message = "The specified DBInstanceId does not exist.";
        ApiError::new(404, "InvalidDBInstanceId.NotFound", message)
    })
}

fn row(one: &Database) -> Value {
    json!({
        "DBInstanceId": one.id,
        "Description": one.name,
        "Status": "active",
        "Engine": "clickhouse",
        "EngineVersion": one.version,
        "RegionId": one.region,
        "ZoneId": format!("{}-a", one.region),
        "VpcId": one.vpc,
        "CreateTime": one.created,
        "ChargeType": "Postpaid",
        "ResourceGroupId": "rg-acfmexample0001",
        "Tags": one.tags.list("Key", "Value"),
    })
}

/// Pages of 30, up to 100: the documents name no limits. The total is a text.
pub(super) fn list(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = region::of(cloud, asked)?;
    let ids = asked.param("DBInstanceIds");
    let found = cloud.account.databases(KIND, region);
    let found = found.filter(|one| ids.is_none_or(|ids| ids.split(',').any(|id| id == one.id)));
    let page = by_page(found, asked.request, ("PageNumber", "PageSize"), 30, PageSizes::UpTo(100))?;
    let rows: Vec<Value> = page.items.iter().map(|one| row(one)).collect();
    Ok(json!({"Data": {
        "DBInstances": rows,
        "PageNumber": page.number,
        "PageSize": page.size,
        "TotalCount": page.total.to_string(),
    }})
    .into())
}

pub(super) fn attribute(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    Ok(json!({"Data": row(instance(cloud, asked)?)}).into())
}

pub(super) fn endpoints(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = instance(cloud, asked)?;
    let rows = one.endpoints.iter().map(|endpoint| {
        let public = endpoint.net == Net::Public;
        let mut ports = vec![json!({"Protocol": "tcp", "Port": endpoint.port})];
        if one.tls {
            ports.push(json!({"Protocol": "https", "Port": 8443}));
        }
        json!({
            "EndpointName": format!("{}-{}", one.id, if public { "public" } else { "vpc" }),
            "NetType": if public { "PUBLIC" } else { "VPC" },
            "ConnectionString": endpoint.host,
            "IPAddress": endpoint.ip,
            "Ports": ports,
            "Status": "ACTIVATED",
            "VpcId": if public { "" } else { one.vpc.as_str() },
        })
    });
    let rows: Vec<Value> = rows.collect();
    Ok(json!({"Data": {"InstanceNetworkType": "VPC", "Endpoints": rows}}).into())
}

pub(super) fn whitelists(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = instance(cloud, asked)?;
    let rows = one.whitelists.iter().map(|list| {
        json!({
            "GroupName": list.name,
            "GroupTag": if list.hidden { "hidden" } else { "" },
            "SecurityIPType": "IPv4",
            "WhitelistNetType": "mix",
            "SecurityIPList": list.entries.join(","),
        })
    });
    let rows: Vec<Value> = rows.collect();
    Ok(json!({"Data": {"DBInstanceID": 1, "DBInstanceName": one.id, "GroupItems": rows}}).into())
}
