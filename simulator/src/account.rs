//! The account that is simulated: its file format, which is also its live state.
//!
//! Parts that change one at a time are behind `Arc`, so that the state before a write can be kept for stale
//! reads at the cost of a few pointers.

mod check;
mod databases;
mod doors;
mod made;
pub(crate) mod network;
mod secrets;
mod security;
mod storage;
mod tags;

use crate::network_policy::NetworkPolicy;
use crate::permission::{Document, OneOrMany};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

pub use check::AccountError;
pub(crate) use databases::{Database, DatabaseKind, Endpoint, Net, Whitelist, WhitelistTemplate};
pub(crate) use doors::{
    AccessGroup, ApiGroup, Cluster, Doors, FileSystem, Function, GatewayApi, LogProject, MountTarget,
    Parameter, Registry, Stack, Trigger,
};
pub(crate) use network::Network;
pub(crate) use secrets::{CURRENT, PREVIOUS, Secret, SecretVersion};
pub(crate) use security::{CredentialReport, Security};
pub(crate) use storage::{Acl, Bucket, Encryption, LogTarget, Object, Website};

/// An Alibaba Cloud account: principals and their keys, policies, buckets, databases, event rules, and the events that
/// its trail holds. [`Account::builtin`] is written in the file format that [`Account::from_json`] reads.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    pub(crate) account_id: String,
    /// What DescribeRegions answers; the products have no other regions.
    #[serde(default = "regions")]
    pub(crate) regions: Vec<String>,
    #[serde(default)]
    pub(crate) root: Root,
    #[serde(default)]
    pub(crate) users: Vec<Arc<User>>,
    #[serde(default)]
    pub(crate) roles: Vec<Arc<Role>>,
    #[serde(default)]
    pub(crate) policies: Vec<Arc<Policy>>,
    /// The account-level AccessKey network policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) access_key_policy: Option<Arc<NetworkPolicy>>,
    #[serde(default)]
    pub(crate) buckets: Vec<Bucket>,
    /// Whether OSS blocks public access to all buckets of the account.
    #[serde(default)]
    pub(crate) oss_block_public_access: bool,
    #[serde(default)]
    pub(crate) databases: Vec<Arc<Database>>,
    #[serde(default)]
    pub(crate) whitelist_templates: Arc<Vec<WhitelistTemplate>>,
    /// Clusters, functions, registries and whatever else may be open.
    #[serde(default)]
    pub(crate) doors: Arc<Doors>,
    #[serde(default)]
    pub(crate) rules: Vec<Arc<Rule>>,
    /// What KMS keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) secrets: Vec<Arc<Secret>>,
    /// What ECS, VPC and the load balancers keep.
    #[serde(default)]
    pub(crate) network: Arc<Network>,
    /// What RAM users may do themselves, and how long they may be idle.
    #[serde(default)]
    pub(crate) security: Security,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) credential_report: Option<Arc<CredentialReport>>,
    /// ActionTrail events that happened before the simulator started.
    #[serde(default)]
    pub(crate) events: Arc<Vec<serde_json::Value>>,
}

fn regions() -> Vec<String> {
    network::REGIONS.map(Into::into).into()
}

/// Secrets are not for logs: only the account id is shown.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("account_id", &self.account_id).finish_non_exhaustive()
    }
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Root {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) created: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) last_sign_in: String,
    pub(crate) mfa: bool,
    pub(crate) keys: Vec<AccessKey>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) display_name: String,
    #[serde(default)]
    pub(crate) comments: String,
    pub(crate) created: String,
    #[serde(default)]
    pub(crate) last_sign_in: String,
    #[serde(default)]
    pub(crate) mfa: bool,
    /// Signs in to the console.
    #[serde(default)]
    pub(crate) console: bool,
    #[serde(default)]
    pub(crate) frozen: bool,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) tags: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) keys: Vec<AccessKey>,
    /// Names of attached policies.
    #[serde(default)]
    pub(crate) policies: Vec<String>,
}

/// A permanent key. Its dates are UTC, yyyy-MM-ddTHH:mm:ssZ.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessKey {
    pub(crate) id: String,
    pub(crate) secret: String,
    #[serde(default)]
    pub(crate) status: KeyStatus,
    pub(crate) created: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) updated: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last_used: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last_service: Option<String>,
    /// The key-level network policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) policy: Option<NetworkPolicy>,
    /// Where its calls come from, unless the call says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) calls_from: Option<IpAddr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) calls_from_vpc: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum KeyStatus {
    #[default]
    Active,
    Inactive,
}

impl KeyStatus {
    /// The word on the wire.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Inactive => "Inactive",
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Role {
    pub(crate) name: String,
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) description: String,
    pub(crate) created: String,
    pub(crate) trust: Trust,
    #[serde(default = "one_hour")]
    pub(crate) max_session_duration: u32,
    #[serde(default)]
    pub(crate) policies: Vec<String>,
    #[serde(default)]
    pub(crate) sessions: Vec<Session>,
}

fn one_hour() -> u32 {
    3600
}

/// AssumeRolePolicyDocument: who may become the role.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Trust {
    pub(crate) version: String,
    pub(crate) statement: Vec<TrustStatement>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct TrustStatement {
    pub(crate) effect: String,
    pub(crate) action: OneOrMany,
    pub(crate) principal: BTreeMap<String, OneOrMany>,
}

/// Temporary credentials of a role.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) token: String,
    #[serde(default = "session_name")]
    pub(crate) name: String,
    /// When it ends; None: never (handy in a file).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<String>,
    /// AssumeRole's Policy: a further bound on what the session may do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) policy: Option<Document>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) calls_from: Option<IpAddr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) calls_from_vpc: Option<String>,
}

fn session_name() -> String {
    "session".into()
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Policy {
    pub(crate) name: String,
    #[serde(rename = "type", default)]
    pub(crate) kind: PolicyKind,
    #[serde(default)]
    pub(crate) description: String,
    pub(crate) document: Document,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum PolicyKind {
    System,
    #[default]
    Custom,
}

/// An EventBridge rule of the default bus.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    pub(crate) region: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    pub(crate) enabled: bool,
    pub(crate) pattern: serde_json::Value,
    #[serde(default)]
    pub(crate) targets: Vec<serde_json::Value>,
    /// Milliseconds since 1970.
    #[serde(default)]
    pub(crate) created: i64,
}

/// Who holds a permanent key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyHolder {
    Root,
    User(String),
}

impl Account {
    pub(crate) fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.name == name).map(AsRef::as_ref)
    }

    pub(crate) fn user_mut(&mut self, name: &str) -> Option<&mut User> {
        self.users.iter_mut().find(|user| user.name == name).map(Arc::make_mut)
    }

    /// Adds a user where it belongs by name.
    pub(crate) fn add_user(&mut self, user: User) {
        let at = self.users.partition_point(|other| other.name < user.name);
        self.users.insert(at, Arc::new(user));
    }

    pub(crate) fn role(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.name == name).map(AsRef::as_ref)
    }

    /// The keys of root or of a user; None if there is no such user.
    pub(crate) fn keys(&self, holder: &KeyHolder) -> Option<&Vec<AccessKey>> {
        match holder {
            KeyHolder::Root => Some(&self.root.keys),
            KeyHolder::User(name) => self.user(name).map(|user| &user.keys),
        }
    }

    pub(crate) fn keys_mut(&mut self, holder: &KeyHolder) -> Option<&mut Vec<AccessKey>> {
        match holder {
            KeyHolder::Root => Some(&mut self.root.keys),
            KeyHolder::User(name) => self.user_mut(name).map(|user| &mut user.keys),
        }
    }

    /// A permanent key and its holder.
    pub(crate) fn key(&self, id: &str) -> Option<(KeyHolder, &AccessKey)> {
        if let Some(key) = self.root.keys.iter().find(|key| key.id == id) {
            return Some((KeyHolder::Root, key));
        }
        self.users.iter().find_map(|user| {
            let key = user.keys.iter().find(|key| key.id == id)?;
            Some((KeyHolder::User(user.name.clone()), key))
        })
    }

    /// A role session by its key id.
    pub(crate) fn session(&self, id: &str) -> Option<(&Role, &Session)> {
        self.roles.iter().find_map(|role| {
            let session = role.sessions.iter().find(|session| session.id == id)?;
            Some((role.as_ref(), session))
        })
    }

    /// The documents of the named policies.
    pub(crate) fn documents<'a>(&'a self, names: &'a [String]) -> impl Iterator<Item = &'a Document> {
        names.iter().filter_map(|name| {
            self.policies.iter().find(|policy| policy.name == *name).map(|policy| &policy.document)
        })
    }

    /// Name and domain: a UserPrincipalName (RAM user guide, default domain).
    pub(crate) fn principal_name(&self, user: &str) -> String {
        format!("{user}@{}.onaliyun.com", self.account_id)
    }
}
