//! The other doors, as they were read: clusters, functions, images, shares, APIs, log projects, roles.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::{Listed, Read, Tags};

/// A custom image (ECS, DescribeImages, DescribeImageSharePermission).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// `m-…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub region: String,
    /// Whether it is a community image: everybody can start it.
    pub public: bool,
    /// The accounts that it is shared with.
    pub shared_with: Read<Vec<String>>,
    /// Its tags.
    pub tags: Tags,
}

/// A Kubernetes cluster (ACK).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub region: String,
    /// The public address of its API server; `None` without one.
    pub public_api: Read<Option<String>>,
    /// Its tags.
    pub tags: Tags,
}

/// A function (Function Compute 3.0).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub region: String,
    /// Its HTTP triggers.
    pub http_triggers: Read<Vec<HttpTrigger>>,
    /// Its tags.
    pub tags: Tags,
}

/// An HTTP trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpTrigger {
    /// Its name.
    pub name: String,
    /// Who may call it: `anonymous`, `function`, `jwt`.
    pub auth: String,
    /// Whether its internet address is switched on.
    pub internet: bool,
    /// The methods that it takes.
    pub methods: Vec<String>,
}

/// A repository of container images.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repository {
    /// The registry instance; empty for the personal edition.
    pub instance: String,
    /// `namespace/name`.
    pub name: String,
    /// Where it is.
    pub region: String,
    /// Whether everybody may pull.
    pub public: bool,
    /// The instance's internet endpoint; `None` when it is closed.
    pub endpoint: Read<Option<RegistryEndpoint>>,
}

/// The internet endpoint of a registry instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistryEndpoint {
    /// Whether its access list counts.
    pub acl: bool,
    /// The ranges on that list.
    pub entries: Vec<IpNet>,
}

/// A NAS permission group with its rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessGroup {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub region: String,
    /// `Vpc` or `Classic`.
    pub network: String,
    /// `standard` or `extreme`.
    pub file_system: String,
    /// Its rules.
    pub rules: Listed<AccessRule>,
    /// Mount targets that use it: file system and domain.
    pub mount_targets: Read<Vec<String>>,
}

/// A rule of a NAS permission group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRule {
    /// From where.
    pub source: IpNet,
    /// Whether it may write.
    pub write: bool,
    /// 1 (first) to 100.
    pub priority: u8,
}

/// An API of API Gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayApi {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its group.
    pub group: String,
    /// Where it is.
    pub region: String,
    /// Whether anybody may call it without authentication (AuthType `ANONYMOUS`).
    pub anonymous: Read<bool>,
    /// Whether it is deployed and its group has an internet address.
    pub reachable: Read<bool>,
}

/// A log project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogProject {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub region: String,
    /// Its policy, as it was written; `None` without.
    pub policy: Read<Option<String>>,
}

/// A RAM role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Its trust policy, as it was written.
    pub trust: Read<String>,
}

/// A text in which secrets were looked for. The text itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextSource {
    /// The ARN of what carries it.
    pub resource: String,
    /// Where it is.
    pub region: String,
    /// What it is: `environment`, `user-data`, `launch-template`, `oos-parameter`, `ros-parameter`.
    pub kind: String,
    /// The tags of what carries it.
    pub tags: Tags,
    /// What was found in it.
    pub hits: Read<Vec<SecretHit>>,
}

/// Something that is, or looks like, a secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SecretHit {
    /// Where in the text: a variable's name, a parameter's, `line 12`.
    pub place: String,
    /// What it looks like: `access-key-id`, `access-key-secret`, `private-key`, `token`, `password`, `connection-string`.
    pub looks_like: String,
    /// What may be shown of it.
    pub masked: String,
    /// The access key id, which is a name and no secret.
    pub key_id: Option<String>,
}
