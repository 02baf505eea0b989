//! Container Registry, Enterprise Edition, cr 2018-12-01: instances, namespaces, repositories, and the endpoint
//! on the internet. Shapes are those of the official SDK's models: some totals are texts.

use crate::account::Registry;
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging::{Page, PageSizes, by_page};
use crate::product::{self, Answer, Api, Asked, Product, named_host};
use crate::region;
use serde_json::{Value, json};

pub(crate) static PRODUCT: Product = Product {
    name: "cr",
    service: "Cr",
    version: "2018-12-01",
    serves: |host| named_host(&["cr"], host),
    identify: product::identify,
    translate: product::forbidden_by_ram,
    refuse: product::refuse,
    request_id_header: "x-acs-request-id",
    key_policies: true,
    global: false,
    management: true,
    apis: &[
        Api::read("ListInstance", list)
            .optional(&["InstanceName", "InstanceStatus", "PageNo", "PageSize"])
            .needs("cr:ListInstance", |cloud, asked| arn(cloud, asked, "*")),
        Api::read("ListNamespace", namespaces)
            .required(&["InstanceId"])
            .optional(&["NamespaceName", "PageNo", "PageSize"])
            .needs("cr:ListNamespace", one_registry),
        Api::read("ListRepository", repositories)
            .required(&["InstanceId"])
            .optional(&["RepoNamespaceName", "RepoName", "PageNo", "PageSize"])
            .needs("cr:ListRepository", one_registry),
        Api::read("GetInstanceEndpoint", endpoint)
            .required(&["InstanceId", "EndpointType"])
            .optional(&["ModuleName"])
            .needs("cr:GetInstanceEndpoint", one_registry),
    ],
};

fn arn(cloud: &Cloud, asked: &Asked, id: &str) -> String {
    format!("acs:cr:{}:{}:instance/{id}", region::in_arn(asked), cloud.account.account_id)
}

fn one_registry(cloud: &Cloud, asked: &Asked) -> String {
    arn(cloud, asked, asked.required("InstanceId"))
}

fn registry<'a>(cloud: &'a Cloud, asked: &Asked) -> Result<&'a Registry, ApiError> {
    let id = asked.required("InstanceId");
    let mut all = cloud.account.doors.registries.iter();
    all.find(|one| one.id == id && region::reaches(asked, &one.region))
        .ok_or_else(|| ApiError::new(404, "INSTANCE_NOT_EXIST", "instance is not exist"))
}

/// Pages of 30 unless told, at most 100.
fn page<T>(asked: &Asked, items: impl Iterator<Item = T>) -> Result<Page<T>, ApiError> {
    by_page(items, asked.request, ("PageNo", "PageSize"), 30, PageSizes::UpTo(100))
}

/// The envelope of every answer, with the items under their name.
fn enveloped<T>(name: &str, page: &Page<T>, rows: Vec<Value>, total: Value) -> Answer {
    json!({
        "Code": "success",
        "IsSuccess": true,
        "PageNo": page.number,
        "PageSize": page.size,
        "TotalCount": total,
        name: rows,
    })
    .into()
}

fn list(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = region::of(cloud, asked)?;
    let wanted = |one: &&Registry| {
        one.region == region
            && asked.param("InstanceName").is_none_or(|name| name == one.name)
            && asked.param("InstanceStatus").is_none_or(|status| status == "RUNNING")
    };
    let page = page(asked, cloud.account.doors.registries.iter().filter(wanted))?;
    let rows = page.items.iter().map(|one| {
        json!({
            "InstanceId": one.id,
            "InstanceName": one.name,
            "InstanceStatus": "RUNNING",
            "InstanceSpecification": "Enterprise_Basic",
            "RegionId": one.region,
            "CreateTime": "1704067200000",
            "ModifiedTime": "1704067200000",
            "ResourceGroupId": "rg-acfmexample0001",
            "Tags": one.tags.list("TagKey", "TagValue"),
        })
    });
    let rows = rows.collect();
    Ok(enveloped("Instances", &page, rows, page.total.into()))
}

fn namespaces(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = registry(cloud, asked)?;
    let wanted = asked.param("NamespaceName");
    let found = one.namespaces.iter().filter(|space| wanted.is_none_or(|name| name == space.name));
    let page = page(asked, found)?;
    let rows = page.items.iter().map(|space| {
        json!({
            "InstanceId": one.id,
            "NamespaceId": format!("crn-{}", space.name),
            "NamespaceName": space.name,
            "NamespaceStatus": "NORMAL",
            "AutoCreateRepo": true,
            "DefaultRepoType": "PRIVATE",
        })
    });
    let rows = rows.collect();
    Ok(enveloped("Namespaces", &page, rows, page.total.to_string().into()))
}

fn repositories(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = registry(cloud, asked)?;
    let is = |name: &str, value: &str| asked.param(name).is_none_or(|wanted| wanted == value);
    let found = one
        .namespaces
        .iter()
        .filter(|space| is("RepoNamespaceName", &space.name))
        .flat_map(|space| space.repositories.iter().map(move |repository| (space, repository)))
        .filter(|(_, repository)| is("RepoName", &repository.name));
    let page = page(asked, found)?;
    let rows = page.items.iter().map(|(space, repository)| {
        json!({
            "InstanceId": one.id,
            "RepoId": format!("crr-{}-{}", space.name, repository.name),
            "RepoNamespaceName": space.name,
            "RepoName": repository.name,
            "RepoStatus": "NORMAL",
            "RepoType": if repository.public { "PUBLIC" } else { "PRIVATE" },
            "RepoBuildType": "MANUAL",
            "Summary": "",
            "TagImmutability": false,
            "CreateTime": 1_704_067_200_000_u64,
            "ModifiedTime": 1_704_067_200_000_u64,
        })
    });
    let rows = rows.collect();
    Ok(enveloped("Repositories", &page, rows, page.total.to_string().into()))
}

/// The internet endpoint: no other type is documented. One that is closed is told with Enable false.
fn endpoint(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    if !asked.required("EndpointType").eq_ignore_ascii_case("internet") {
        return Err(ApiError::invalid("EndpointType", "it must be internet"));
    }
    let one = registry(cloud, asked)?;
    let mut answer = json!({"Code": "success", "IsSuccess": true, "Enable": one.internet.is_some()});
    match &one.internet {
        None => {
            answer["Status"] = "STOPPED".into();
            answer["AclEnable"] = true.into();
            answer["AclEntries"] = json!([]);
            answer["Domains"] = json!([]);
        }
        Some(internet) => {
            let domain = format!("{}-registry.{}.cr.aliyuncs.com", one.name, one.region);
            let entries = internet.entries.iter().map(|entry| json!({"Entry": entry, "Comment": ""}));
            answer["Status"] = "RUNNING".into();
            answer["AclEnable"] = internet.acl.into();
            answer["AclEntries"] = entries.collect();
            answer["Domains"] = json!([{"Domain": domain, "Type": "SYSTEM"}]);
        }
    }
    Ok(answer.into())
}
