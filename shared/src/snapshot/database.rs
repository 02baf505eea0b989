//! Databases of all products, as they were read.

use serde::{Deserialize, Serialize};

use super::{Listed, Read, Tags};

/// Which product a database is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DatabaseKind {
    /// ApsaraDB RDS.
    Rds,
    /// PolarDB.
    PolarDb,
    /// ApsaraDB for MongoDB.
    MongoDb,
    /// Redis and Tair.
    Redis,
    /// Elasticsearch.
    Elasticsearch,
    /// ClickHouse.
    ClickHouse,
}

impl DatabaseKind {
    /// Product and resource type in ARNs.
    pub fn arn_parts(self) -> (&'static str, &'static str) {
        match self {
            Self::Rds => ("rds", "dbinstance"),
            Self::PolarDb => ("polardb", "dbcluster"),
            Self::MongoDb => ("dds", "dbinstance"),
            Self::Redis => ("kvstore", "instance"),
            Self::Elasticsearch => ("elasticsearch", "instances"),
            Self::ClickHouse => ("clickhouse", "dbcluster"),
        }
    }
}

/// A database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Database {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub region: String,
    /// Which product.
    pub kind: DatabaseKind,
    /// The engine, as the service says: `MySQL`, `PostgreSQL`, …
    pub engine: String,
    /// Its tags.
    pub tags: Tags,
    /// All its endpoints: of the instance, its proxy, its shards and nodes.
    pub endpoints: Listed<DatabaseEndpoint>,
    /// All its whitelists: its own, and those of templates. Hidden ones, which the service keeps for itself, are left out.
    pub whitelists: Listed<Whitelist>,
    /// Security groups bound to it, whose rules open it as a whitelist does.
    pub security_groups: Read<Vec<String>>,
    /// Whether it offers TLS.
    pub tls: Read<bool>,
    /// Whether it keeps an audit log; `None` where the product has none.
    pub audit: Read<Option<bool>>,
}

/// An endpoint of a database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseEndpoint {
    /// The host name.
    pub host: String,
    /// The port, as told.
    pub port: String,
    /// Whether the internet resolves and routes it.
    pub public: bool,
    /// Which whitelists guard it, where a product has several sets: Elasticsearch guards `kibana` apart from its `nodes`. Empty elsewhere.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub guard: String,
}

/// A whitelist of a database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whitelist {
    /// The group's or template's name.
    pub name: String,
    /// What it lets in, one address or range each, as it was written: what makes no sense is for the check to say.
    pub entries: Vec<String>,
    /// The network it is for, in RDS's safe mode: `Classic` (which is the internet's, too), `VPC`, or `MIX`. Empty where the product makes no difference.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub network: String,
    /// Which endpoints it guards: see [`DatabaseEndpoint::guard`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub guard: String,
}
