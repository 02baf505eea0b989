//! The other things that may be open to the internet: clusters, functions, registries, shares, APIs, log
//! projects; and what may hold a secret in plain text.

use super::tags::Tags;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// All of them, by product.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Doors {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) clusters: Vec<Cluster>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) functions: Vec<Function>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) registries: Vec<Registry>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) access_groups: Vec<AccessGroup>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) file_systems: Vec<FileSystem>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) api_groups: Vec<ApiGroup>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) log_projects: Vec<LogProject>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) parameters: Vec<Parameter>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) stacks: Vec<Stack>,
}

/// A Kubernetes cluster.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cluster {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) region: String,
    #[serde(default = "some_day")]
    pub(crate) created: String,
    /// The URL of its API server on the internet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) public_api: Option<String>,
    /// The URL of its API server in its VPC.
    #[serde(default)]
    pub(crate) private_api: String,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
}

/// A function.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) region: String,
    #[serde(default = "some_day")]
    pub(crate) created: String,
    #[serde(default)]
    pub(crate) role: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) environment: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) triggers: Vec<Trigger>,
}

/// What starts a function.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trigger {
    pub(crate) name: String,
    /// `http`, `timer`, …
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// What the service hands out as a JSON text.
    pub(crate) config: Value,
}

/// An instance of Container Registry with its namespaces.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Registry {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) region: String,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
    /// Its endpoint on the internet, if that is switched on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) internet: Option<RegistryEndpoint>,
    pub(crate) namespaces: Vec<Namespace>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegistryEndpoint {
    /// Whether only the entries may come in.
    pub(crate) acl: bool,
    #[serde(default)]
    pub(crate) entries: Vec<String>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Namespace {
    pub(crate) name: String,
    pub(crate) repositories: Vec<Repository>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Repository {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) public: bool,
}

/// A permission group of NAS.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessGroup {
    pub(crate) name: String,
    pub(crate) region: String,
    /// `Vpc` or `Classic`.
    #[serde(default = "vpc")]
    pub(crate) network: String,
    #[serde(default = "standard")]
    pub(crate) file_system: String,
    pub(crate) rules: Vec<AccessRule>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessRule {
    /// IPv4 or IPv6.
    pub(crate) source: String,
    /// Reading only.
    #[serde(default)]
    pub(crate) read_only: bool,
    #[serde(default = "first")]
    pub(crate) priority: u8,
}

/// A file system of NAS.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileSystem {
    pub(crate) id: String,
    pub(crate) region: String,
    #[serde(rename = "type", default = "standard")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) description: String,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
    pub(crate) mount_targets: Vec<MountTarget>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MountTarget {
    pub(crate) domain: String,
    pub(crate) access_group: String,
    #[serde(default = "vpc")]
    pub(crate) network: String,
}

/// An API group of API Gateway.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiGroup {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) region: String,
    /// Its address on the internet; empty if that is switched off.
    #[serde(default)]
    pub(crate) sub_domain: String,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
    pub(crate) apis: Vec<GatewayApi>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GatewayApi {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) path: String,
    /// `APP`, `ANONYMOUS`, `APPOPENID`.
    pub(crate) auth: String,
    /// Only from a VPC.
    #[serde(default)]
    pub(crate) disable_internet: bool,
    /// Where it is deployed: `RELEASE`, `PRE`, `TEST`.
    #[serde(default)]
    pub(crate) stages: Vec<String>,
}

/// A project of Simple Log Service.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogProject {
    pub(crate) name: String,
    pub(crate) region: String,
    #[serde(default)]
    pub(crate) description: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) policy: Option<Value>,
    #[serde(default)]
    pub(crate) logstores: Vec<Logstore>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Logstore {
    pub(crate) name: String,
    /// Days; 3650 is for good.
    pub(crate) ttl: u32,
}

/// A parameter of Operation Orchestration Service.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) region: String,
    /// Listed apart, its value is not told.
    #[serde(default)]
    pub(crate) encrypted: bool,
    pub(crate) value: String,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
}

/// A stack of Resource Orchestration Service.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stack {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) region: String,
    #[serde(default)]
    pub(crate) parameters: BTreeMap<String, String>,
    /// Parameters whose values are shown as asterisks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) no_echo: Vec<String>,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
}

fn some_day() -> String {
    "2024-01-01T00:00:00Z".into()
}

fn vpc() -> String {
    "Vpc".into()
}

fn standard() -> String {
    "standard".into()
}

fn first() -> u8 {
    1
}
