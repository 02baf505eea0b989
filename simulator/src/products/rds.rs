//! ApsaraDB RDS, 2014-08-15: instances, their endpoints and whitelists, and what is switched on. Shapes are
//! those of the official SDK's models.

mod access;

use crate::account::{Database, DatabaseKind, Net};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging::{self, PageSizes, by_page};
use crate::product::{self, Answer, Api, Asked, Product, named_host};
use crate::region;
use serde_json::{Value, json};

const KIND: DatabaseKind = DatabaseKind::Rds;

pub(crate) static PRODUCT: Product = Product {
    name: "rds",
    service: "Rds",
    version: "2014-08-15",
    serves: |host| named_host(&["rds"], host),
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
            .needs("rds:DescribeRegions", |_, _| "*".into()),
        Api::read("DescribeDBInstances", list)
            .optional(&[
                "DBInstanceId",
                "DBInstanceType",
                "Engine",
                "InstanceLevel",
                "PageNumber",
                "PageSize",
                "MaxResults",
                "NextToken",
            ])
            .needs("rds:DescribeDBInstances", any_instance),
        Api::read("DescribeDBInstanceAttribute", attribute)
            .required(&["DBInstanceId"])
            .optional(&["Expired"])
            .needs("rds:DescribeDBInstanceAttribute", one_instance),
        Api::read("DescribeDBInstanceNetInfo", access::net_info)
            .required(&["DBInstanceId"])
            .optional(&["DBInstanceNetRWSplitType", "Flag"])
            .needs("rds:DescribeDBInstanceNetInfo", one_instance),
        Api::read("DescribeDBInstanceIPArrayList", access::whitelists)
            .required(&["DBInstanceId"])
            .optional(&["WhitelistNetworkType"])
            .needs("rds:DescribeDBInstanceIPArrayList", one_instance),
        Api::read("DescribeInstanceLinkedWhitelistTemplate", access::templates)
            .required(&["InsName"])
            .optional(&["ResourceGroupId"])
            .needs("rds:DescribeInstanceLinkedWhitelistTemplate", |cloud, asked| {
                arn(cloud, asked, asked.required("InsName"))
            }),
        Api::read("DescribeWhitelistTemplate", access::template)
            .required(&["TemplateId"])
            .optional(&["ResourceGroupId"])
            .needs("rds:DescribeWhitelistTemplate", |_, _| "*".into()),
        Api::read("DescribeSecurityGroupConfiguration", access::security_groups)
            .required(&["DBInstanceId"])
            .needs("rds:DescribeSecurityGroupConfiguration", one_instance),
        Api::read("DescribeDBProxy", access::proxy)
            .required(&["DBInstanceId"])
            .optional(&["DBProxyEngineType", "ResourceGroupId"])
            .needs("rds:DescribeDBProxy", one_instance),
        Api::read("DescribeDBProxyEndpoint", access::proxy_endpoint)
            .required(&["DBInstanceId"])
            .optional(&["DBProxyEndpointId", "DBProxyEngineType"])
            .needs("rds:DescribeDBProxyEndpoint", one_instance),
        Api::read("DescribeDBInstanceEndpoints", access::endpoints)
            .required(&["DBInstanceId"])
            .optional(&["DBInstanceEndpointId", "ClientToken"])
            .needs("rds:DescribeDBInstanceEndpoints", one_instance),
        Api::read("DescribeDBInstanceSSL", ssl)
            .required(&["DBInstanceId"])
            .needs("rds:DescribeDBInstanceSSL", one_instance),
        Api::read("DescribeSQLCollectorPolicy", sql_collector)
            .required(&["DBInstanceId"])
            .optional(&["ClientToken", "ResourceGroupId"])
            .needs("rds:DescribeSQLCollectorPolicy", one_instance),
        Api::read("ListTagResources", tags)
            .required(&["ResourceType"])
            .optional(&["ResourceId", "NextToken"])
            .needs("rds:ListTagResources", any_instance),
    ],
};

fn arn(cloud: &Cloud, asked: &Asked, id: &str) -> String {
    format!("acs:rds:{}:{}:dbinstance/{id}", region::in_arn(asked), cloud.account.account_id)
}

fn any_instance(cloud: &Cloud, asked: &Asked) -> String {
    arn(cloud, asked, "*")
}

fn one_instance(cloud: &Cloud, asked: &Asked) -> String {
    arn(cloud, asked, asked.required("DBInstanceId"))
}

/// The instance of this id, if the host and RegionId of the call allow it.
fn find<'a>(cloud: &'a Cloud, asked: &Asked, id: &str) -> Result<&'a Database, ApiError> {
    let found = cloud.account.database(KIND, id).filter(|one| region::reaches(asked, &one.region));
    found.ok_or_else(|| {
        let message = "The specified instance does not exist or is not supported.";
        ApiError::new(404, "InvalidDBInstanceId.NotFound", message)
    })
}

fn instance<'a>(cloud: &'a Cloud, asked: &Asked) -> Result<&'a Database, ApiError> {
    find(cloud, asked, asked.required("DBInstanceId"))
}

/// One row for each zone.
fn regions(cloud: &mut Cloud, _: &Asked) -> Result<Answer, ApiError> {
    let row = |region: &str, zone: char| {
        json!({
            "RegionId": region,
            "ZoneId": format!("{region}-{zone}"),
            "LocalName": region,
            "ZoneName": format!("{region} zone {zone}"),
            "RegionEndpoint": "rds.aliyuncs.com",
        })
    };
    let rows: Vec<Value> =
        region::all(cloud).flat_map(|region| ['a', 'b'].map(|zone| row(region, zone))).collect();
    Ok(json!({"Regions": {"RDSRegion": rows}}).into())
}

fn form(database: &Database) -> &str {
    database.form.as_deref().unwrap_or("Primary")
}

/// Pages by token as soon as MaxResults or NextToken is given, else by number.
fn list(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = region::of(cloud, asked)?;
    let is = |name: &str, value: &str| asked.param(name).is_none_or(|wanted| wanted == value);
    let mut found: Vec<&Database> = cloud.account.databases(KIND, region).collect();
    found.retain(|one| {
        is("DBInstanceId", &one.id) && is("Engine", &one.engine) && is("DBInstanceType", form(one))
    });
    found.sort_by(|a, b| a.id.cmp(&b.id));
    let rows = |page: &[&Database]| {
        let items: Vec<Value> = page.iter().map(|one| row(cloud, one)).collect();
        json!({"Items": {"DBInstance": items}, "PageRecordCount": page.len()})
    };
    if asked.param("MaxResults").is_none() && asked.param("NextToken").is_none() {
        let page = by_page(
            found.into_iter(),
            asked.request,
            ("PageNumber", "PageSize"),
            30,
            PageSizes::UpTo(100),
        )?;
        let mut answer = rows(&page.items);
        answer["PageNumber"] = page.number.into();
        answer["TotalRecordCount"] = page.total.into();
        return Ok(answer.into());
    }
    let size = paging::size("MaxResults", asked.param("MaxResults"), 30, 1..=100)?;
    let from = asked.param("NextToken").map(|token| paging::after("NextToken", token)).transpose()?;
    let total = found.len();
    let (page, last) = paging::page(found.into_iter(), |one| &one.id, from.as_deref(), size);
    let mut answer = rows(&page);
    answer["NextToken"] = last.map_or(String::new(), |last| paging::token(&last)).into();
    answer["TotalRecordCount"] = total.into();
    Ok(answer.into())
}

/// DBInstanceNetType is that of the address which the instance was made with: a public one that was added
/// later shows in DescribeDBInstanceNetInfo alone.
fn row(cloud: &Cloud, one: &Database) -> Value {
    let replicas = cloud.account.databases(KIND, &one.region);
    let replicas: Vec<Value> = replicas
        .filter(|other| other.master.as_ref() == Some(&one.id))
        .map(|other| json!({"DBInstanceId": other.id}))
        .collect();
    let mut row = json!({
        "DBInstanceId": one.id,
        "DBInstanceDescription": one.name,
        "RegionId": one.region,
        "ZoneId": format!("{}-a", one.region),
        "Engine": one.engine,
        "EngineVersion": one.version,
        "DBInstanceStatus": "Running",
        "DBInstanceType": form(one),
        "DBInstanceNetType": if one.endpoints.iter().all(|e| e.net == Net::Public) { "Internet" } else { "Intranet" },
        "InstanceNetworkType": "VPC",
        "Category": if one.part("node").next().is_some() { "cluster" } else { "HighAvailability" },
        "ConnectionMode": "Standard",
        "CreateTime": one.created,
        "PayType": "Prepaid",
        "LockMode": "Unlock",
        "DBInstanceClass": "rds.mysql.s2.large",
        "DBInstanceStorageType": "cloud_essd",
        "DeletionProtection": true,
        "ResourceGroupId": "rg-acfmexample0001",
        "VpcId": one.vpc,
        "VSwitchId": format!("vsw-{}", one.id),
        "ReadOnlyDBInstanceIds": {"ReadOnlyDBInstanceId": replicas},
    });
    if let Some(master) = &one.master {
        row["MasterInstanceId"] = master.as_str().into();
    }
    row
}

/// SecurityIPList holds the entries of all whitelists but the hidden ones.
fn attribute(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = instance(cloud, asked)?;
    let mut item = row(cloud, one);
    let shown = one.whitelists.iter().filter(|list| !list.hidden);
    let entries: Vec<&str> = shown.flat_map(|list| &list.entries).map(String::as_str).collect();
    item["SecurityIPList"] = entries.join(",").into();
    item["SecurityIPMode"] = access::mode(one).into();
    if let Some(item) = item.as_object_mut() {
        item.remove("CreateTime");
    }
    item["CreationTime"] = one.created.as_str().into();
    if let Some(endpoint) = one.part("").next() {
        item["ConnectionString"] = endpoint.host.as_str().into();
        item["Port"] = endpoint.port.to_string().into();
    }
    Ok(json!({"Items": {"DBInstanceAttribute": [item]}}).into())
}

/// PostgreSQL says `on` and `off`, the others `Yes` and `No`.
fn ssl(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = instance(cloud, asked)?;
    let word = match (one.engine.as_str(), one.tls) {
        ("PostgreSQL", true) => "on",
        ("PostgreSQL", false) => "off",
        (_, true) => "Yes",
        (_, false) => "No",
    };
    let mut answer = json!({"SSLEnabled": word, "RequireUpdate": "No", "ForceEncryption": "0"});
    if let (true, Some(endpoint)) = (one.tls, one.part("").next()) {
        answer["ConnectionString"] = endpoint.host.as_str().into();
        answer["SSLExpireTime"] = "2027-12-31T00:00:00Z".into();
    }
    Ok(answer.into())
}

fn sql_collector(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let on = instance(cloud, asked)?.audit;
    let status = if on { "Enable" } else { "Disabled" };
    Ok(json!({"SQLCollectorStatus": status, "StoragePeriod": if on { 180 } else { 0 }}).into())
}

/// Tags of the named instances, or of all in the region; fifty tags a page.
fn tags(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    if asked.required("ResourceType") != "INSTANCE" {
        return Err(ApiError::invalid("ResourceType", "it must be INSTANCE"));
    }
    let named: Vec<&String> = asked
        .request
        .params
        .iter()
        .filter(|(name, _)| name.starts_with("ResourceId."))
        .map(|(_, id)| id)
        .collect();
    let mut rows: Vec<(String, Value)> = Vec::new();
    let region = region::of(cloud, asked)?;
    for one in cloud.account.databases(KIND, region).filter(|one| named.is_empty() || named.contains(&&one.id)) {
        for tag in one.tags.list("TagKey", "TagValue").as_array().into_iter().flatten() {
            let mut row = tag.clone();
            row["ResourceId"] = one.id.as_str().into();
            row["ResourceType"] = "INSTANCE".into();
            rows.push((format!("{} {}", one.id, tag["TagKey"]), row));
        }
    }
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    let from = asked.param("NextToken").map(|token| paging::after("NextToken", token)).transpose()?;
    let (page, last) = paging::page(rows.iter(), |(name, _)| name, from.as_deref(), 50);
    let page: Vec<&Value> = page.into_iter().map(|(_, row)| row).collect();
    let mut answer = json!({"TagResources": {"TagResource": page}});
    if let Some(last) = last {
        answer["NextToken"] = paging::token(&last).into();
    }
    Ok(answer.into())
}
