//! API Gateway, CloudAPI 2016-07-14: API groups, their APIs, and where those are deployed. Shapes are those of the
//! official SDK's models.

use crate::account::{ApiGroup, GatewayApi};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging::{Page, PageSizes, by_page};
use crate::product::{self, Answer, Api, Asked, Product, named_host};
use crate::region;
use serde_json::{Value, json};

pub(crate) static PRODUCT: Product = Product {
    name: "cloudapi",
    service: "CloudAPI",
    version: "2016-07-14",
    serves: |host| named_host(&["apigateway"], host),
    identify: product::identify,
    translate: product::forbidden_by_ram,
    refuse: product::refuse,
    request_id_header: "x-acs-request-id",
    key_policies: true,
    global: false,
    management: true,
    apis: &[
        Api::read("DescribeRegions", regions)
            .optional(&["Language"])
            .needs("apigateway:DescribeRegions", |_, _| "*".into()),
        Api::read("DescribeApiGroups", groups)
            .optional(&["GroupId", "GroupName", "PageNumber", "PageSize"])
            .needs("apigateway:DescribeApiGroups", |cloud, asked| arn(cloud, asked, "apigroup/*")),
        Api::read("DescribeApis", apis)
            .optional(&["GroupId", "ApiId", "ApiName", "PageNumber", "PageSize"])
            .needs("apigateway:DescribeApis", in_group),
        Api::read("DescribeApi", api)
            .required(&["ApiId"])
            .optional(&["GroupId"])
            .needs("apigateway:DescribeApi", in_group),
        Api::read("DescribeDeployedApis", deployed)
            .optional(&["GroupId", "ApiId", "StageName", "PageNumber", "PageSize"])
            .needs("apigateway:DescribeDeployedApis", in_group),
    ],
};

fn arn(cloud: &Cloud, asked: &Asked, what: &str) -> String {
    format!("acs:apigateway:{}:{}:{what}", region::in_arn(asked), cloud.account.account_id)
}

fn in_group(cloud: &Cloud, asked: &Asked) -> String {
    arn(cloud, asked, &format!("apigroup/{}", asked.param("GroupId").unwrap_or("*")))
}

/// Pages of 10 unless told.
fn page<T>(asked: &Asked, items: impl Iterator<Item = T>, most: usize) -> Result<Page<T>, ApiError> {
    by_page(items, asked.request, ("PageNumber", "PageSize"), 10, PageSizes::UpTo(most))
}

fn paged<T>(outer: &str, inner: &str, page: &Page<T>, rows: Vec<Value>) -> Answer {
    json!({
        outer: {inner: rows},
        "PageNumber": page.number,
        "PageSize": page.size,
        "TotalCount": page.total,
    })
    .into()
}

fn regions(cloud: &mut Cloud, _: &Asked) -> Result<Answer, ApiError> {
    let rows = region::all(cloud).map(|region| {
        json!({
            "RegionId": region,
            "LocalName": region,
            "RegionEndpoint": format!("apigateway.{region}.aliyuncs.com"),
        })
    });
    Ok(json!({"Regions": {"Region": rows.collect::<Vec<_>>()}}).into())
}

fn groups(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = region::of(cloud, asked)?;
    let is = |name: &str, value: &str| asked.param(name).is_none_or(|wanted| wanted == value);
    let found = cloud.account.doors.api_groups.iter();
    let found =
        found.filter(|one| one.region == region && is("GroupId", &one.id) && is("GroupName", &one.name));
    let page = page(asked, found, 50)?;
    let rows = page.items.iter().map(|one| {
        json!({
            "GroupId": one.id,
            "GroupName": one.name,
            "RegionId": one.region,
            "SubDomain": one.sub_domain,
            "BasePath": "/",
            "HttpsPolicy": "HTTPS2_TLS1_2",
            "InstanceType": "VPC_SHARED",
            "InstanceId": "api-shared-vpc-002",
            "TrafficLimit": 500,
            "BillingStatus": "NORMAL",
            "IllegalStatus": "NORMAL",
            "Description": "",
            "CreatedTime": "2024-01-01T00:00:00Z",
            "ModifiedTime": "2024-01-01T00:00:00Z",
            "Tags": {"TagInfo": one.tags.list("Key", "Value")},
        })
    });
    let rows = rows.collect();
    Ok(paged("ApiGroupAttributes", "ApiGroupAttribute", &page, rows))
}

/// The APIs of the region that a call narrows down to, with their groups.
fn found<'a>(cloud: &'a Cloud, asked: &'a Asked) -> Result<impl Iterator<Item = (&'a ApiGroup, &'a GatewayApi)>, ApiError> {
    let region = region::of(cloud, asked)?;
    let is = |name: &str, value: &str| asked.param(name).is_none_or(|wanted| wanted == value);
    let groups = cloud.account.doors.api_groups.iter();
    Ok(groups
        .filter(move |one| one.region == region && is("GroupId", &one.id))
        .flat_map(|group| group.apis.iter().map(move |api| (group, api)))
        .filter(move |(_, api)| is("ApiId", &api.id) && is("ApiName", &api.name)))
}

/// What every view of an API tells.
fn shared(group: &ApiGroup, api: &GatewayApi) -> Value {
    json!({
        "ApiId": api.id,
        "ApiName": api.name,
        "GroupId": group.id,
        "GroupName": group.name,
        "RegionId": group.region,
        "Visibility": "PRIVATE",
        "Description": "",
    })
}

fn stages(api: &GatewayApi) -> Value {
    let rows = ["RELEASE", "PRE", "TEST"].map(|stage| {
        let there = api.stages.iter().any(|one| one == stage);
        json!({
            "StageName": stage,
            "DeployedStatus": if there { "DEPLOYED" } else { "NONDEPLOYED" },
            "EffectiveVersion": if there { "20240101000000000" } else { "" },
        })
    });
    json!({ "DeployedInfo": rows })
}

fn apis(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let page = page(asked, found(cloud, asked)?, 100)?;
    let rows = page.items.iter().map(|(group, api)| {
        let mut row = shared(group, api);
        row["ApiPath"] = api.path.as_str().into();
        row["ApiMethod"] = "GET".into();
        row["DeployedInfos"] = stages(api);
        row["CreatedTime"] = "2024-01-01T00:00:00Z".into();
        row["ModifiedTime"] = "2024-01-01T00:00:00Z".into();
        row["TagList"] = json!({"Tag": []});
        row
    });
    let rows = rows.collect();
    Ok(paged("ApiSummarys", "ApiSummary", &page, rows))
}

/// How an API is called: who may, and from where.
fn api(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let Some((group, api)) = found(cloud, asked)?.next() else {
        return Err(ApiError::new(404, "NotFoundApi", "Cannot find the specified API."));
    };
    let mut answer = shared(group, api);
    answer["AuthType"] = api.auth.as_str().into();
    answer["DisableInternet"] = api.disable_internet.into();
    answer["RequestConfig"] = json!({
        "RequestProtocol": "HTTPS",
        "RequestHttpMethod": "GET",
        "RequestPath": api.path,
        "RequestMode": "MAPPING",
    });
    answer["ServiceConfig"] = json!({"ServiceProtocol": "HTTP", "Mock": "FALSE", "ServiceTimeout": 10000});
    answer["DeployedInfos"] = stages(api);
    answer["TagList"] = json!({"Tag": []});
    Ok(answer.into())
}

/// One row for each stage that an API is deployed to.
fn deployed(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let wanted = asked.param("StageName");
    let rows = found(cloud, asked)?.flat_map(|(group, api)| api.stages.iter().map(move |s| (group, api, s)));
    let page = page(asked, rows.filter(|(.., stage)| wanted.is_none_or(|one| one == *stage)), 100)?;
    let rows = page.items.iter().map(|(group, api, stage)| {
        let mut row = shared(group, api);
        row["ApiPath"] = api.path.as_str().into();
        row["ApiMethod"] = "GET".into();
        row["StageName"] = stage.as_str().into();
        row["DeployedTime"] = "2024-01-01T00:00:00Z".into();
        row
    });
    let rows = rows.collect();
    Ok(paged("DeployedApis", "DeployedApiItem", &page, rows))
}
