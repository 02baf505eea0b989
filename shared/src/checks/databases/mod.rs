//! Databases: which of them the internet can reach, and how they are kept.

mod reach;
#[cfg(test)]
mod tests;

use super::finding::Target;
use super::{Findings, checks};
use crate::snapshot::{Database, DatabaseKind, Listed, Snapshot, Unread};

checks! {
    database_without_audit: DATABASE_WITHOUT_AUDIT,
    database_without_tls: DATABASE_WITHOUT_TLS,
    exposed_database: EXPOSED_DATABASE,
    open_database_whitelist: OPEN_DATABASE_WHITELIST,
    public_database_endpoint: PUBLIC_DATABASE_ENDPOINT,
}

const KINDS: &[DatabaseKind] = &[
    DatabaseKind::Rds,
    DatabaseKind::PolarDb,
    DatabaseKind::MongoDb,
    DatabaseKind::Redis,
    DatabaseKind::Elasticsearch,
    DatabaseKind::ClickHouse,
];

/// Goes through all databases; what could not be listed is unknown, under the product that was asked.
fn each(account: &Snapshot, findings: &mut Findings<'_>, mut look: impl FnMut(&Database, &mut Findings<'_>)) {
    let databases = &account.resources.databases;
    // All products share one list, and a reason names the product in its action: `rds:DescribeDBInstances`.
    let product = |why: &Unread| {
        let asked = why.action.split(':').next().unwrap_or_default();
        // Redis is `r-kvstore` to callers and `kvstore` in ARNs.
        let asked = asked.strip_prefix("r-").unwrap_or(asked);
        KINDS.iter().map(|kind| kind.arn_parts()).find(|(product, _)| *product == asked).unwrap_or(("*", ""))
    };
    let mut unread: Vec<((&str, &str), Listed<()>)> = Vec::new();
    for why in &databases.unread {
        let of = product(why);
        match unread.iter_mut().find(|(product, _)| *product == of) {
            Some((_, list)) => list.unread.push(why.clone()),
            None => unread.push((of, Listed::unread(why.clone()))),
        }
    }
    for ((product, kind), list) in &unread {
        findings.listed(list, product, kind);
    }
    if unread.is_empty() {
        findings.listed(databases, "*", "");
    }
    for database in &databases.rows {
        look(database, findings);
    }
}

/// The database, with the ports of its endpoints.
fn target(account: &Snapshot, database: &Database) -> Target {
    let (product, kind) = database.kind.arn_parts();
    let arn = account.arn(product, &database.region, &format!("{kind}/{}", database.id));
    Target::new(arn, &database.tags)
}
