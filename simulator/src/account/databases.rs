//! Databases of all products: one shape, which each product tells in its own way.

use super::tags::Tags;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Which product a database is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DatabaseKind {
    Rds,
    PolarDb,
    MongoDb,
    Redis,
    Elasticsearch,
    /// A cluster of ClickHouse 2019-11-11.
    ClickHouse,
    /// An instance of ClickHouse Enterprise Edition, 2023-05-22.
    #[serde(rename = "clickhouse-enterprise")]
    ClickHouseEnterprise,
}

/// A database.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Database {
    pub(crate) id: String,
    pub(crate) kind: DatabaseKind,
    pub(crate) region: String,
    #[serde(default)]
    pub(crate) name: String,
    /// `MySQL`, `PostgreSQL`, … where the product has several.
    #[serde(default)]
    pub(crate) engine: String,
    #[serde(default)]
    pub(crate) version: String,
    /// What sort of instance: for RDS `Primary` (left out) or `Readonly`, for MongoDB `replicate` (left out)
    /// or `sharding`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) form: Option<String>,
    /// The primary instance of a read-only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) master: Option<String>,
    #[serde(default = "long_ago")]
    pub(crate) created: String,
    #[serde(default = "some_vpc")]
    pub(crate) vpc: String,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) whitelists: Vec<Whitelist>,
    /// Ids of whitelist templates that are bound to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) templates: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) security_groups: Vec<String>,
    /// RDS: whitelists tell networks apart ("enhanced whitelist mode").
    #[serde(default)]
    pub(crate) safety_mode: bool,
    #[serde(default)]
    pub(crate) tls: bool,
    #[serde(default)]
    pub(crate) audit: bool,
}

fn long_ago() -> String {
    "2024-01-01T00:00:00Z".into()
}

fn some_vpc() -> String {
    "vpc-bp1example0000erp".into()
}

/// An endpoint of a database.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Endpoint {
    pub(crate) host: String,
    pub(crate) port: u16,
    #[serde(default)]
    pub(crate) ip: String,
    #[serde(default)]
    pub(crate) net: Net,
    /// What it leads to, where a product has several sorts. RDS: `proxy`; PolarDB: `Primary`, `Cluster`,
    /// `Custom`; MongoDB: `Primary`, `Secondary`, or in a sharded cluster `mongos`, `shard`; Elasticsearch:
    /// `kibana`. Left out: the instance.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) part: String,
    /// The id of that part: of the proxy or PolarDB endpoint, of the shard.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) part_id: String,
}

/// The network of an endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Net {
    #[default]
    Vpc,
    Classic,
    Public,
}

/// A whitelist of a database.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Whitelist {
    pub(crate) name: String,
    pub(crate) entries: Vec<String>,
    /// Kept by the service for itself: not shown in the console.
    #[serde(default)]
    pub(crate) hidden: bool,
    /// RDS in safety mode: `Classic` or `VPC`. Left out: both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) network: Option<String>,
    /// Elasticsearch has a set for each endpoint: left out, that of the public one; `private`, `kibana`,
    /// `kibana-private`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) guards: String,
}

/// A whitelist that many databases of a product and region may be bound to.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhitelistTemplate {
    pub(crate) id: String,
    pub(crate) kind: DatabaseKind,
    pub(crate) region: String,
    pub(crate) name: String,
    pub(crate) entries: Vec<String>,
}

impl Database {
    /// The endpoints of this part.
    pub(crate) fn part(&self, part: &str) -> impl Iterator<Item = &Endpoint> {
        self.endpoints.iter().filter(move |endpoint| endpoint.part == part)
    }

    /// The endpoint of a part in a network.
    pub(crate) fn at(&self, part: &str, net: Net) -> Option<&Endpoint> {
        self.part(part).find(|endpoint| endpoint.net == net)
    }

    /// Named templates that are there, and lists with names of their own.
    fn check(&self, templates: &[WhitelistTemplate]) -> Result<(), String> {
        let bound = |id: &&String| {
            templates.iter().any(|one| one.id == **id && one.kind == self.kind && one.region == self.region)
        };
        if let Some(id) = self.templates.iter().find(|id| !bound(id)) {
            return Err(format!("templates: there is no {id:?} for it"));
        }
        let mut seen = BTreeSet::new();
        match self.whitelists.iter().find(|list| !seen.insert((&list.name, &list.network, &list.guards))) {
            Some(list) => Err(format!("whitelists: {:?} is not unique", list.name)),
            None => Ok(()),
        }
    }
}

impl super::Account {
    /// The databases of a product in a region, in the order of the file.
    pub(crate) fn databases(&self, kind: DatabaseKind, region: &str) -> impl Iterator<Item = &Database> {
        let databases = self.databases.iter().map(AsRef::as_ref);
        databases.filter(move |one: &&Database| one.kind == kind && one.region == region)
    }

    pub(crate) fn database(&self, kind: DatabaseKind, id: &str) -> Option<&Database> {
        self.databases.iter().map(AsRef::as_ref).find(|one: &&Database| one.kind == kind && one.id == id)
    }

    /// The templates that a database is bound to.
    pub(crate) fn templates(&self, database: &Database) -> impl Iterator<Item = &WhitelistTemplate> {
        let all = self.whitelist_templates.iter();
        all.filter(|one| one.kind == database.kind && database.templates.contains(&one.id))
    }

    pub(super) fn check_databases(&self) -> Result<(), String> {
        let mut seen = BTreeSet::new();
        for (i, database) in self.databases.iter().enumerate() {
            if database.id.is_empty() || !seen.insert(&database.id) {
                return Err(format!("databases[{i}].id: {:?} is empty or not unique", database.id));
            }
            database.check(&self.whitelist_templates).map_err(|e| format!("databases[{i}].{e}"))?;
        }
        Ok(())
    }
}
