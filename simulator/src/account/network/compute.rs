//! What ECS keeps.

use super::{Rule, Tags, long_ago, placed, yes};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::sync::Arc;

placed!(SecurityGroup, PrefixList, PortList, Instance, Interface, Disk, Image, LaunchTemplate);

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecurityGroup {
    pub(crate) id: String,
    pub(crate) region: String,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    /// None: of the classic network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) vpc: Option<String>,
    /// SecurityGroupType `enterprise`, not `normal`.
    #[serde(default)]
    pub(crate) advanced: bool,
    /// Made by a product, not by a person.
    #[serde(default)]
    pub(crate) managed: bool,
    #[serde(default = "long_ago")]
    pub(crate) created: String,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
    #[serde(default)]
    pub(crate) rules: Arc<Vec<Rule>>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PrefixList {
    pub(crate) id: String,
    pub(crate) region: String,
    #[serde(default)]
    pub(crate) name: String,
    pub(crate) entries: Vec<IpNet>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PortList {
    pub(crate) id: String,
    pub(crate) region: String,
    #[serde(default)]
    pub(crate) name: String,
    /// First and last port.
    pub(crate) entries: Vec<(u16, u16)>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Instance {
    pub(crate) id: String,
    pub(crate) region: String,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default = "yes")]
    pub(crate) running: bool,
    /// Its own public address, which is no EIP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) public_ip: Option<IpAddr>,
    /// What an instance of the classic network has instead of interfaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) classic: Option<Classic>,
    /// Its user data, before they are encoded.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) user_data: String,
    #[serde(default = "long_ago")]
    pub(crate) created: String,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Classic {
    pub(crate) inner_ip: IpAddr,
    pub(crate) security_groups: Vec<String>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Interface {
    pub(crate) id: String,
    pub(crate) region: String,
    #[serde(default)]
    pub(crate) primary: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) instance: Option<String>,
    pub(crate) vswitch: String,
    pub(crate) vpc: String,
    pub(crate) security_groups: Vec<String>,
    /// The primary private address first.
    pub(crate) private_ips: Vec<IpAddr>,
    /// Made by a product, not by a person.
    #[serde(default)]
    pub(crate) managed: bool,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Disk {
    pub(crate) id: String,
    pub(crate) region: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) instance: Option<String>,
    #[serde(default)]
    pub(crate) encrypted: bool,
    /// `system`, else `data`.
    #[serde(default)]
    pub(crate) system: bool,
    #[serde(default = "forty")]
    pub(crate) gigabytes: u32,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
}

fn forty() -> u32 {
    40
}

/// A custom image.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Image {
    pub(crate) id: String,
    pub(crate) region: String,
    #[serde(default)]
    pub(crate) name: String,
    /// Published as a community image.
    #[serde(default)]
    pub(crate) public: bool,
    /// Accounts that it is shared with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) shared_with: Vec<String>,
    /// `Available`, `Deprecated` and so on: lists show available ones unless told otherwise.
    #[serde(default = "available")]
    pub(crate) status: String,
    #[serde(default = "long_ago")]
    pub(crate) created: String,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
}

fn available() -> String {
    "Available".into()
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LaunchTemplate {
    pub(crate) id: String,
    pub(crate) region: String,
    pub(crate) name: String,
    /// Version 1 first.
    pub(crate) versions: Vec<TemplateVersion>,
    /// Number of the default version.
    pub(crate) default: usize,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TemplateVersion {
    #[serde(default)]
    pub(crate) description: String,
    /// Before they are encoded.
    #[serde(default)]
    pub(crate) user_data: String,
    #[serde(default)]
    pub(crate) security_group: String,
}
