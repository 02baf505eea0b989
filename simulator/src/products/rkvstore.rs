//! Redis and Tair, r-kvstore 2015-01-01: instances, their addresses and whitelists, and what is switched on.
//! Shapes are those of the official SDK's models.

use crate::account::{Database, DatabaseKind, Net};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging::{PageSizes, by_page};
use crate::product::{self, Answer, Api, Asked, Product, named_host};
use crate::region;
use serde_json::{Value, json};

const KIND: DatabaseKind = DatabaseKind::Redis;

pub(crate) static PRODUCT: Product = Product {
    name: "r-kvstore",
    service: "Kvstore",
    version: "2015-01-01",
    serves: |host| named_host(&["r-kvstore"], host),
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
            .needs("kvstore:DescribeRegions", |_, _| "*".into()),
        Api::read("DescribeInstances", list)
            .optional(&["InstanceIds", "PageNumber", "PageSize"])
            .needs("kvstore:DescribeInstances", |cloud, asked| arn(cloud, asked, "*")),
        Api::read("DescribeInstanceAttribute", attribute)
            .required(&["InstanceId"])
            .needs("kvstore:DescribeInstanceAttribute", one_instance),
        Api::read("DescribeDBInstanceNetInfo", net_info)
            .required(&["InstanceId"])
            .optional(&["NetType"])
            .needs("kvstore:DescribeDBInstanceNetInfo", one_instance),
        Api::read("DescribeSecurityIps", whitelists)
            .required(&["InstanceId"])
            .needs("kvstore:DescribeSecurityIps", one_instance),
        Api::read("DescribeSecurityGroupConfiguration", security_groups)
            .required(&["InstanceId"])
            .needs("kvstore:DescribeSecurityGroupConfiguration", one_instance),
        Api::read("DescribeGlobalSecurityIPGroupRelation", bound_templates)
            .required(&["DBClusterId"])
            .optional(&["ResourceGroupId"])
            .needs("kvstore:DescribeGlobalSecurityIPGroupRelation", |cloud, asked| {
                arn(cloud, asked, asked.required("DBClusterId"))
            }),
        Api::read("DescribeGlobalSecurityIPGroup", templates)
            .optional(&["GlobalSecurityGroupId", "Engine", "ResourceGroupId"])
            .needs("kvstore:DescribeGlobalSecurityIPGroup", |cloud, asked| arn(cloud, asked, "*")),
        Api::read("DescribeInstanceSSL", ssl)
            .required(&["InstanceId"])
            .needs("kvstore:DescribeInstanceSSL", one_instance),
        Api::read("DescribeAuditLogConfig", audit)
            .required(&["InstanceId"])
            .needs("kvstore:DescribeAuditLogConfig", one_instance),
    ],
};

fn arn(cloud: &Cloud, asked: &Asked, id: &str) -> String {
    format!("acs:kvstore:{}:{}:instance/{id}", region::in_arn(asked), cloud.account.account_id)
}

fn one_instance(cloud: &Cloud, asked: &Asked) -> String {
    arn(cloud, asked, asked.required("InstanceId"))
}

fn find<'a>(cloud: &'a Cloud, asked: &Asked, parameter: &str) -> Result<&'a Database, ApiError> {
    let found = cloud.account.database(KIND, asked.required(parameter));
    found.filter(|one| region::reaches(asked, &one.region)).ok_or_else(|| {
        ApiError::new(404, "InvalidInstanceId.NotFound", "The specified instance is not found.")
    })
}

fn instance<'a>(cloud: &'a Cloud, asked: &Asked) -> Result<&'a Database, ApiError> {
    find(cloud, asked, "InstanceId")
}

fn regions(cloud: &mut Cloud, _: &Asked) -> Result<Answer, ApiError> {
    let rows = region::all(cloud).map(|region| {
        json!({
            "RegionId": region,
            "LocalName": region,
            "RegionEndpoint": format!("r-kvstore.{region}.aliyuncs.com"),
            "ZoneIds": format!("{region}-a"),
            "ZoneIdList": {"ZoneId": [format!("{region}-a")]},
        })
    });
    Ok(json!({"RegionIds": {"KVStoreRegion": rows.collect::<Vec<_>>()}}).into())
}

fn list(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = region::of(cloud, asked)?;
    let ids = asked.param("InstanceIds");
    let found = cloud.account.databases(KIND, region);
    let found = found.filter(|one| ids.is_none_or(|ids| ids.split(',').any(|id| id == one.id)));
    let page = by_page(found, asked.request, ("PageNumber", "PageSize"), 30, PageSizes::UpTo(50))?;
    let rows: Vec<Value> = page
        .items
        .iter()
        .map(|one| {
            let mut row = row(one);
            row["EditionType"] = "Community".into();
            row
        })
        .collect();
    Ok(json!({
        "Instances": {"KVStoreInstance": rows},
        "PageNumber": page.number,
        "PageSize": page.size,
        "TotalCount": page.total,
    })
    .into())
}

/// ConnectionDomain is the inner one: a public address shows in DescribeDBInstanceNetInfo alone.
fn row(one: &Database) -> Value {
    let inner = one.endpoints.iter().find(|endpoint| endpoint.net != Net::Public);
    json!({
        "InstanceId": one.id,
        "InstanceName": one.name,
        "RegionId": one.region,
        "ZoneId": format!("{}-a", one.region),
        "InstanceStatus": "Normal",
        "InstanceType": "Redis",
        "EngineVersion": one.version,
        "ArchitectureType": "standard",
        "NetworkType": "VPC",
        "VpcId": one.vpc,
        "ConnectionDomain": inner.map_or("", |endpoint| endpoint.host.as_str()),
        "Port": inner.map_or(6379, |endpoint| endpoint.port),
        "PrivateIp": inner.map_or("", |endpoint| endpoint.ip.as_str()),
        "CreateTime": one.created,
        "ChargeType": "PrePaid",
        "ResourceGroupId": "rg-acfmexample0001",
        "Tags": {"Tag": one.tags.list("Key", "Value")},
    })
}

fn attribute(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = instance(cloud, asked)?;
    let mut item = row(one);
    let shown = one.whitelists.iter().filter(|list| !list.hidden);
    let entries: Vec<&str> = shown.flat_map(|list| &list.entries).map(String::as_str).collect();
    item["SecurityIPList"] = entries.join(",").into();
    item["VpcAuthMode"] = "Open".into();
    item["Engine"] = "Redis".into();
    Ok(json!({"Instances": {"DBInstanceAttribute": [item]}}).into())
}

/// IPType in words, DBInstanceNetType in numbers: 0 public, 1 classic, 2 VPC.
fn net_info(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = instance(cloud, asked)?;
    let of = |net: Net| match net {
        Net::Public => ("Public", "0"),
        Net::Classic => ("Inner", "1"),
        Net::Vpc => ("Private", "2"),
    };
    let wanted = asked.param("NetType");
    let rows = one.endpoints.iter().filter(|e| wanted.is_none_or(|net| net == of(e.net).1)).map(|endpoint| {
        let (ip_type, net_type) = of(endpoint.net);
        let mut row = json!({
            "ConnectionString": endpoint.host,
            "Port": endpoint.port.to_string(),
            "IPAddress": endpoint.ip,
            "IPType": ip_type,
            "DBInstanceNetType": net_type,
            "DirectConnection": 0,
            "Upgradeable": "Disabled",
            "ExpiredTime": "",
        });
        if endpoint.net == Net::Vpc {
            row["VPCId"] = one.vpc.as_str().into();
            row["VPCInstanceId"] = one.id.as_str().into();
        }
        row
    });
    let rows: Vec<Value> = rows.collect();
    Ok(json!({"InstanceNetworkType": "VPC", "NetInfoItems": {"InstanceNetInfo": rows}}).into())
}

fn whitelists(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let groups = instance(cloud, asked)?.whitelists.iter().map(|list| {
        json!({
            "SecurityIpGroupName": list.name,
            "SecurityIpGroupAttribute": if list.hidden { "hidden" } else { "" },
            "SecurityIpList": list.entries.join(","),
        })
    });
    Ok(json!({"SecurityIpGroups": {"SecurityIpGroup": groups.collect::<Vec<_>>()}}).into())
}

fn security_groups(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = instance(cloud, asked)?;
    let rows = one.security_groups.iter();
    let rows = rows.map(|group| json!({"RegionId": one.region, "SecurityGroupId": group, "NetType": "2"}));
    Ok(json!({"Items": {"EcsSecurityGroupRelation": rows.collect::<Vec<_>>()}}).into())
}

fn bound_templates(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    region::of(cloud, asked)?;
    let one = find(cloud, asked, "DBClusterId")?;
    Ok(super::dds::template_relation(cloud, one))
}

fn templates(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    super::dds::all_templates(cloud, asked, KIND)
}

fn ssl(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = instance(cloud, asked)?;
    let mut answer = json!({"InstanceId": one.id, "SSLEnabled": if one.tls { "Enable" } else { "Disable" }});
    if one.tls {
        answer["SSLExpiredTime"] = "2027-12-31T00:00:00Z".into();
    }
    Ok(answer.into())
}

fn audit(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    region::of(cloud, asked)?;
    let on = instance(cloud, asked)?.audit;
    Ok(json!({"DbAudit": on.to_string(), "Retention": if on { "180" } else { "0" }}).into())
}
