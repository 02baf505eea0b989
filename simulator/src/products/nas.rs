//! File Storage NAS, 2017-06-26: permission groups with their rules, file systems with their mount targets.
//! Shapes are those of the official SDK's models.

use crate::account::{AccessGroup, FileSystem, MountTarget};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging::{Page, PageSizes, by_page};
use crate::product::{self, Answer, Api, Asked, Product, named_host};
use crate::region;
use serde_json::{Value, json};

pub(crate) static PRODUCT: Product = Product {
    name: "nas",
    service: "Nas",
    version: "2017-06-26",
    serves: |host| named_host(&["nas"], host),
    identify: product::identify,
    translate: product::forbidden_by_ram,
    refuse: product::refuse,
    request_id_header: "x-acs-request-id",
    key_policies: true,
    global: false,
    management: true,
    apis: &[
        Api::read("DescribeRegions", regions)
            .optional(&["FileSystemType", "PageNumber", "PageSize"])
            .needs("nas:DescribeRegions", |_, _| "*".into()),
        Api::read("DescribeAccessGroups", groups)
            .optional(&["AccessGroupName", "FileSystemType", "PageNumber", "PageSize", "UseUTCDateTime"])
            .needs("nas:DescribeAccessGroups", |cloud, asked| arn(cloud, asked, "accessgroup/*")),
        Api::read("DescribeAccessRules", rules)
            .required(&["AccessGroupName"])
            .optional(&["AccessRuleId", "FileSystemType", "PageNumber", "PageSize"])
            .needs("nas:DescribeAccessRules", |cloud, asked| {
                arn(cloud, asked, &format!("accessgroup/{}", asked.required("AccessGroupName")))
            }),
        Api::read("DescribeFileSystems", file_systems)
            .optional(&["FileSystemId", "FileSystemType", "PageNumber", "PageSize"])
            .needs("nas:DescribeFileSystems", |cloud, asked| arn(cloud, asked, "filesystem/*")),
        Api::read("DescribeMountTargets", mount_targets)
            .required(&["FileSystemId"])
            .optional(&["MountTargetDomain", "DualStackMountTargetDomain", "PageNumber", "PageSize"])
            .needs("nas:DescribeMountTargets", |cloud, asked| {
                arn(cloud, asked, &format!("filesystem/{}", asked.required("FileSystemId")))
            }),
    ],
};

fn arn(cloud: &Cloud, asked: &Asked, what: &str) -> String {
    format!("acs:nas:{}:{}:{what}", region::in_arn(asked), cloud.account.account_id)
}

/// Pages of 10 unless told, at most 100.
fn page<T>(asked: &Asked, items: impl Iterator<Item = T>) -> Result<Page<T>, ApiError> {
    by_page(items, asked.request, ("PageNumber", "PageSize"), 10, PageSizes::UpTo(100))
}

/// Rows in a list of their own within the list's name.
fn paged<T>(outer: &str, inner: &str, page: &Page<T>, rows: Vec<Value>) -> Answer {
    json!({
        outer: {inner: rows},
        "PageNumber": page.number,
        "PageSize": page.size,
        "TotalCount": page.total,
    })
    .into()
}

fn regions(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let page = page(asked, region::all(cloud))?;
    let row = |region: &&str| {
        json!({
            "RegionId": region,
            "LocalName": region,
            "RegionEndpoint": format!("nas.{region}.aliyuncs.com"),
        })
    };
    let rows = page.items.iter().map(row).collect();
    Ok(paged("Regions", "Region", &page, rows))
}

/// The groups of one type of file systems: `standard` unless told.
fn groups(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = region::of(cloud, asked)?;
    let kind = asked.param("FileSystemType").unwrap_or("standard");
    let doors = cloud.account.doors.clone();
    let found = doors.access_groups.iter().filter(|one| {
        one.region == region
            && one.file_system == kind
            && asked.param("AccessGroupName").is_none_or(|name| name == one.name)
    });
    let page = page(asked, found)?;
    let rows = page.items.iter().map(|one| {
        let targets = doors
            .file_systems
            .iter()
            .filter(|system| system.region == region)
            .flat_map(|system| &system.mount_targets)
            .filter(|target| target.access_group == one.name);
        json!({
            "AccessGroupName": one.name,
            "AccessGroupType": one.network,
            "FileSystemType": one.file_system,
            "RegionId": one.region,
            "Description": "",
            "CreateTime": "2024-01-01T00:00:00CST",
            "RuleCount": one.rules.len(),
            "MountTargetCount": targets.count(),
        })
    });
    let rows = rows.collect();
    Ok(paged("AccessGroups", "AccessGroup", &page, rows))
}

fn group<'a>(cloud: &'a Cloud, asked: &Asked) -> Result<&'a AccessGroup, ApiError> {
    let (region, name) = (region::of(cloud, asked)?, asked.required("AccessGroupName"));
    let kind = asked.param("FileSystemType").unwrap_or("standard");
    let mut all = cloud.account.doors.access_groups.iter();
    all.find(|one| one.region == region && one.name == name && one.file_system == kind).ok_or_else(|| {
        ApiError::new(404, "InvalidAccessGroup.NotFound", "The specified access group does not exist.")
    })
}

fn rules(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = group(cloud, asked)?;
    let wanted = asked.param("AccessRuleId");
    let numbered = one.rules.iter().enumerate().map(|(at, rule)| ((at + 1).to_string(), rule));
    let page = page(asked, numbered.filter(|(id, _)| wanted.is_none_or(|wanted| wanted == id)))?;
    let rows = page.items.iter().map(|(id, rule)| {
        let mut row = json!({
            "AccessRuleId": id,
            "AccessGroupName": one.name,
            "FileSystemType": one.file_system,
            "RegionId": one.region,
            "Priority": rule.priority,
            "RWAccess": if rule.read_only { "RDONLY" } else { "RDWR" },
            "UserAccess": "no_squash",
        });
        let field = if rule.source.contains(':') { "Ipv6SourceCidrIp" } else { "SourceCidrIp" };
        row[field] = rule.source.as_str().into();
        row
    });
    let rows = rows.collect();
    Ok(paged("AccessRules", "AccessRule", &page, rows))
}

fn file_systems(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = region::of(cloud, asked)?;
    let kind = asked.param("FileSystemType").filter(|kind| *kind != "all");
    let found = cloud.account.doors.file_systems.iter().filter(|one| {
        one.region == region
            && kind.is_none_or(|kind| kind == one.kind)
            && asked.param("FileSystemId").is_none_or(|id| id == one.id)
    });
    let page = page(asked, found)?;
    let rows = page.items.iter().map(|one| {
        let targets = one.mount_targets.iter().map(|target| mounted(target, "AccessGroupName"));
        json!({
            "FileSystemId": one.id,
            "FileSystemType": one.kind,
            "Description": one.description,
            "RegionId": one.region,
            "ZoneId": format!("{}-a", one.region),
            "ProtocolType": "NFS",
            "StorageType": "Capacity",
            "EncryptType": 1,
            "Status": "Running",
            "ChargeType": "PayAsYouGo",
            "CreateTime": "2024-01-01T00:00:00CST",
            "MountTargets": {"MountTarget": targets.collect::<Vec<_>>()},
            "Tags": {"Tag": one.tags.list("Key", "Value")},
        })
    });
    let rows = rows.collect();
    Ok(paged("FileSystems", "FileSystem", &page, rows))
}

/// A mount target: file systems and DescribeMountTargets have different names for its group.
fn mounted(target: &MountTarget, group: &str) -> Value {
    json!({
        "MountTargetDomain": target.domain,
        group: target.access_group,
        "NetworkType": target.network,
        "Status": "Active",
        "VpcId": if target.network == "Vpc" { "vpc-bp1example0000erp" } else { "" },
    })
}

fn mount_targets(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let (region, id) = (region::of(cloud, asked)?, asked.required("FileSystemId"));
    let mut all = cloud.account.doors.file_systems.iter();
    let found: Option<&FileSystem> = all.find(|one| one.region == region && one.id == id);
    let one = found.ok_or_else(|| {
        ApiError::new(404, "InvalidFileSystem.NotFound", "The specified file system does not exist.")
    })?;
    let wanted = asked.param("MountTargetDomain");
    let page = page(asked, one.mount_targets.iter().filter(|t| wanted.is_none_or(|d| d == t.domain)))?;
    let rows = page.items.iter().map(|target| mounted(target, "AccessGroup")).collect();
    Ok(paged("MountTargets", "MountTarget", &page, rows))
}
