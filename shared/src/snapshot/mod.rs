//! What a run has read of an account, with what could not be read and why. Pure: a snapshot carries its time, so the same
//! snapshot gives the same findings, whenever it is looked at.

mod balancer;
mod coverage;
mod credential_report;
mod database;
mod doors;
mod identity;
mod key_use;
mod listed;
mod network;
mod resources;
mod storage;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use balancer::{Access, AccessList, Backend, BalancerKind, Listener, LoadBalancer};
pub use coverage::{Coverage, Unread};
pub use credential_report::{CredentialReport, ReportError, ReportRow, ReportedKey};
pub use database::{Database, DatabaseEndpoint, DatabaseKind, Whitelist};
pub use doors::{
    AccessGroup, AccessRule, Cluster, Function, GatewayApi, HttpTrigger, Image, LogProject, RegistryEndpoint,
    Repository, Role, SecretHit, TextSource,
};
pub use identity::{AccessKey, LastUse, Preferences, User};
pub use key_use::{KeyUse, ServiceUse};
pub use listed::Listed;
pub use network::{
    AclEntry, Dnat, Eip, Instance, Interface, InterfaceAddress, Ipv6Address, NetworkAcl, PortList, Ports,
    PrefixList, Protocol, Rule, SecurityGroup, Source, Tags,
};
pub use resources::Resources;
pub use storage::{Acl, Bucket, Sample};

/// Something that was asked for: what came back, or why nothing did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Read<T> {
    /// It was read.
    Read(T),
    /// It was not: UNKNOWN, never a pass.
    Unread(Unread),
}

impl<T> Read<T> {
    /// What was read, if it was.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Read(value) => Some(value),
            Self::Unread(_) => None,
        }
    }

    /// Why it was not read, if it was not.
    pub fn unread(&self) -> Option<&Unread> {
        match self {
            Self::Read(_) => None,
            Self::Unread(why) => Some(why),
        }
    }
}

impl<T> From<Result<T, Unread>> for Read<T> {
    fn from(result: Result<T, Unread>) -> Self {
        match result {
            Ok(value) => Self::Read(value),
            Err(why) => Self::Unread(why),
        }
    }
}

/// One account at one moment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Snapshot {
    /// When it was taken. Ages are counted to here.
    pub taken_at: Timestamp,
    /// The account.
    pub account_id: String,
    /// How many access keys root has; whether disabled ones count is not documented
    /// (IMS, GetAccountSecurityPracticeReport).
    pub root_keys: Read<u64>,
    /// The credential report: the only thing that tells of root's password and of when root's keys were used.
    pub credential_report: Read<CredentialReport>,
    /// How users handle keys.
    pub preferences: Read<Preferences>,
    /// The RAM users that were listed, in the order of their names.
    pub users: Vec<User>,
    /// Why there may be more users than these.
    pub users_unread: Option<Unread>,
    /// What the internet may reach.
    #[serde(default = "Resources::unasked")]
    pub resources: Resources,
    /// How much of all that was read.
    pub coverage: Coverage,
}

impl Snapshot {
    /// An account of which nothing has been asked yet. Each collector fills in its part; what none fills in is UNKNOWN.
    pub fn unasked(taken_at: Timestamp, account_id: &str) -> Self {
        Self {
            taken_at,
            account_id: account_id.to_owned(),
            root_keys: Read::Unread(Unread::unasked()),
            credential_report: Read::Unread(Unread::unasked()),
            preferences: Read::Unread(Unread::unasked()),
            users: Vec::new(),
            users_unread: Some(Unread::unasked()),
            resources: Resources::unasked(),
            coverage: Coverage::default(),
        }
    }

    /// The ARN of a resource in a region: `acs:PRODUCT:REGION:ACCOUNT:RESOURCE`.
    pub fn arn(&self, product: &str, region: &str, resource: &str) -> String {
        format!("acs:{product}:{region}:{}:{resource}", self.account_id)
    }

    /// How many keys root is known to have: as counted, else as many as the credential report shows. A report without any is no proof
    /// that there is none.
    pub fn known_root_keys(&self) -> Option<u64> {
        let reported = || self.credential_report.known()?.root().map(|root| root.keys.len() as u64);
        self.root_keys.known().copied().or_else(|| reported().filter(|count| *count > 0))
    }

    /// The ARN of the account itself.
    pub fn root_arn(&self) -> String {
        format!("acs:ram::{}:root", self.account_id)
    }

    /// The ARN of a user.
    pub fn user_arn(&self, user: &User) -> String {
        format!("acs:ram::{}:user/{}", self.account_id, user.name)
    }

    /// The ARN of an access key.
    pub fn key_arn(&self, key: &AccessKey) -> String {
        format!("acs:ram::{}:accesskey/{}", self.account_id, key.id)
    }

    /// Every listed key with its user.
    pub fn keys(&self) -> impl Iterator<Item = (&User, &AccessKey)> {
        self.users.iter().flat_map(|user| user.keys.known().into_iter().flatten().map(move |key| (user, key)))
    }
}
