//! File Storage NAS, 2017-06-26: permission groups, their rules, and the mount targets that use them.

use serde::{Deserialize, Serialize};

use super::wire::{Rows, number, numbered_pages, text};
use crate::openapi::{Action, Api, Host};

/// Where it is offered (OpenAPI metadata, endpoints of the product).
pub const REGIONS: &[&str] = &[
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-3",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "cn-beijing",
    "cn-beijing-finance-1",
    "cn-chengdu",
    "cn-guangzhou",
    "cn-hangzhou",
    "cn-hangzhou-finance",
    "cn-heyuan",
    "cn-hongkong",
    "cn-huhehaote",
    "cn-qingdao",
    "cn-shanghai",
    "cn-shanghai-finance-1",
    "cn-shenzhen",
    "cn-shenzhen-finance-1",
    "cn-wulanchabu",
    "cn-zhangjiakou",
    "cn-zhengzhou-jva",
    "eu-central-1",
    "eu-west-1",
    "me-central-1",
    "me-east-1",
    "us-east-1",
    "us-west-1",
];

const fn api(name: &'static str) -> Api {
    Api::rpc("nas", "2017-06-26", name, Host::Regional("nas"))
}

/// A kind of file system, each of which has permission groups of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FileSystemType {
    /// General-purpose NAS: what the service takes when no kind is named.
    Standard,
    /// Extreme NAS.
    Extreme,
}

impl FileSystemType {
    /// As answers have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Extreme => "extreme",
        }
    }
}

/// The permission groups of a region, of one kind of file system.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeAccessGroups {
    file_system_type: FileSystemType,
    /// At most 100; the service's default is 10.
    page_size: u32,
    page_number: u32,
}

impl DescribeAccessGroups {
    /// Those of a kind, from the first page.
    pub fn of(kind: FileSystemType) -> Self {
        Self { file_system_type: kind, page_size: 100, page_number: 1 }
    }
}

impl Action for DescribeAccessGroups {
    const API: Api = api("DescribeAccessGroups").needs("nas:DescribeAccessGroups");
    type Response = GroupPage;
}

numbered_pages!(DescribeAccessGroups => AccessGroup);

/// One page of groups.
#[derive(Debug, Clone, Deserialize)]
pub struct GroupPage {
    #[serde(rename = "AccessGroups")]
    rows: Rows<AccessGroup>,
    #[serde(rename = "TotalCount", deserialize_with = "number")]
    total: u64,
}

/// A permission group.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AccessGroup {
    /// Its name: its only id, within a kind of file system.
    pub access_group_name: String,
    /// `Vpc` or `Classic`.
    pub access_group_type: String,
}

/// The rules of a group.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeAccessRules {
    access_group_name: String,
    file_system_type: FileSystemType,
    /// At most 100; the service's default is 10.
    page_size: u32,
    page_number: u32,
}

impl DescribeAccessRules {
    /// Those of a group, from the first page.
    pub fn of(group: &str, kind: FileSystemType) -> Self {
        Self { access_group_name: group.to_owned(), file_system_type: kind, page_size: 100, page_number: 1 }
    }
}

impl Action for DescribeAccessRules {
    const API: Api = api("DescribeAccessRules").needs("nas:DescribeAccessRules");
    type Response = RulePage;
}

numbered_pages!(DescribeAccessRules => AccessRule);

/// One page of rules.
#[derive(Debug, Clone, Deserialize)]
pub struct RulePage {
    #[serde(rename = "AccessRules")]
    rows: Rows<AccessRule>,
    #[serde(rename = "TotalCount", deserialize_with = "number")]
    total: u64,
}

/// A rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AccessRule {
    /// From where: an address or a range.
    #[serde(default, deserialize_with = "text")]
    pub source_cidr_ip: String,
    /// The same, IPv6 (extreme file systems).
    #[serde(default, deserialize_with = "text")]
    pub ipv6_source_cidr_ip: String,
    /// `RDWR` or `RDONLY`; left out it means the former.
    #[serde(rename = "RWAccess", default, deserialize_with = "text")]
    pub rw_access: String,
    /// 1 (first) to 100.
    #[serde(deserialize_with = "number")]
    pub priority: u64,
}

/// The file systems of a region, with their mount targets.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeFileSystems {
    /// At most 100; the service's default is 10.
    page_size: u32,
    page_number: u32,
}

impl Default for DescribeFileSystems {
    fn default() -> Self {
        Self { page_size: 100, page_number: 1 }
    }
}

impl Action for DescribeFileSystems {
    const API: Api = api("DescribeFileSystems").needs("nas:DescribeFileSystems");
    type Response = FileSystemPage;
}

numbered_pages!(DescribeFileSystems => FileSystem);

/// One page of file systems.
#[derive(Debug, Clone, Deserialize)]
pub struct FileSystemPage {
    #[serde(rename = "FileSystems")]
    rows: Rows<FileSystem>,
    #[serde(rename = "TotalCount", deserialize_with = "number")]
    total: u64,
}

/// A file system.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct FileSystem {
    /// Its id.
    pub file_system_id: String,
    /// `standard`, `extreme`, `cpfs`.
    pub file_system_type: String,
    mount_targets: Option<Rows<MountTarget>>,
}

impl FileSystem {
    /// Its mount targets, if the list carries them.
    pub fn mount_targets(&self) -> Option<&[MountTarget]> {
        self.mount_targets.as_ref().map(|rows| rows.0.as_slice())
    }
}

/// The mount targets of one file system.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeMountTargets {
    file_system_id: String,
    /// At most 100; the service's default is 10.
    page_size: u32,
    page_number: u32,
}

impl DescribeMountTargets {
    /// Those of a file system, from the first page.
    pub fn of(file_system: &str) -> Self {
        Self { file_system_id: file_system.to_owned(), page_size: 100, page_number: 1 }
    }
}

impl Action for DescribeMountTargets {
    const API: Api = api("DescribeMountTargets").needs("nas:DescribeMountTargets");
    type Response = MountTargetPage;
}

numbered_pages!(DescribeMountTargets => MountTarget);

/// One page of mount targets.
#[derive(Debug, Clone, Deserialize)]
pub struct MountTargetPage {
    #[serde(rename = "MountTargets")]
    rows: Rows<MountTarget>,
    #[serde(rename = "TotalCount", deserialize_with = "number")]
    total: u64,
}

/// A mount target. One that is being made may have no domain yet.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct MountTarget {
    /// Its host name.
    #[serde(default, deserialize_with = "text")]
    pub mount_target_domain: String,
    /// The permission group that guards it. The two APIs name the field differently.
    #[serde(rename = "AccessGroupName", alias = "AccessGroup", default, deserialize_with = "text")]
    pub access_group: String,
}
