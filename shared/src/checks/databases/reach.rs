//! From where a database can be reached: endpoints, and the whitelists that guard them.

use serde_json::{Value, json};

use crate::checks::open::{Openness, openness};
use crate::config::Config;
use crate::snapshot::{Database, DatabaseEndpoint, DatabaseKind, Whitelist};

/// The endpoints that the internet resolves and routes.
pub(super) fn public_endpoints(database: &Database) -> impl Iterator<Item = &DatabaseEndpoint> {
    database.endpoints.rows.iter().filter(|endpoint| endpoint.public)
}

/// For evidence.
pub(super) fn shown(endpoint: &DatabaseEndpoint) -> Value {
    let mut shown = json!({ "host": endpoint.host, "port": endpoint.port });
    if !endpoint.guard.is_empty() {
        shown["guard"] = json!(endpoint.guard);
    }
    shown
}

/// Ports as numbers, for the scope of a finding: those that are no numbers are left out.
pub(super) fn ports<'a>(endpoints: impl IntoIterator<Item = &'a DatabaseEndpoint>) -> Vec<(u16, u16)> {
    let mut ports: Vec<(u16, u16)> = endpoints
        .into_iter()
        .filter_map(|endpoint| endpoint.port.trim().parse().ok())
        .map(|port: u16| (port, port))
        .collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// What whitelists let in together: all entries of all of them count as one set.
pub(super) struct Let {
    /// Those that have an entry which is open alone; all of them where only together they are.
    pub(super) by: Vec<String>,
    /// What is open, and what could not be understood.
    pub(super) openness: Openness,
}

impl Let {
    pub(super) fn by<'a>(whitelists: impl IntoIterator<Item = &'a Whitelist>, config: &Config) -> Self {
        let whitelists: Vec<&Whitelist> = whitelists.into_iter().collect();
        let entries: Vec<&str> = whitelists
            .iter()
            .flat_map(|list| &list.entries)
            .map(String::as_str)
            .filter(|it| !it.trim().is_empty())
            .collect();
        let openness = openness(&entries, config);
        let is_open = |entry: &&str| self::openness(&[entry], config).open;
        let alone: Vec<&str> = entries.iter().copied().filter(is_open).collect();
        let counts = |list: &&&Whitelist| {
            openness.open
                && (alone.is_empty() || list.entries.iter().any(|entry| alone.contains(&entry.as_str())))
        };
        let by = whitelists.iter().filter(counts).map(|list| list.name.clone()).collect();
        Self { by, openness }
    }
}

/// Whether anybody on the internet gets to an endpoint.
pub(super) enum Reached {
    /// They do, let in by these whitelists.
    Yes(Vec<String>),
    /// They do not, and this is why.
    No,
    /// It depends on this.
    Unknown(String),
}

/// Whether the internet gets to a public endpoint, by the whitelists that guard it. Security groups that are bound to the database let in their
/// members, the account's own instances; their rules do not count (RDS, "ModifySecurityGroupConfiguration"; PolarDB, "Set a security group").
pub(super) fn reached(database: &Database, endpoint: &DatabaseEndpoint, config: &Config) -> Reached {
    let of_its_set: Vec<&Whitelist> =
        database.whitelists.rows.iter().filter(|list| list.guard == endpoint.guard).collect();
    // In RDS's safe mode the whitelists of VPCs are not asked for a public endpoint (RDS, "Switch to the enhanced whitelist mode").
    let guards = of_its_set.iter().copied().filter(|list| !list.network.eq_ignore_ascii_case("VPC"));
    let lets = Let::by(guards, config);
    if lets.openness.open {
        return Reached::Yes(lets.by);
    }
    let is_empty = is_empty(database, &of_its_set);
    if is_empty == Some(true) {
        return Reached::Yes(vec!["an empty whitelist".to_owned()]);
    }
    let mut doubts: Vec<String> = database.whitelists.unread.iter().map(ToString::to_string).collect();
    if is_empty.is_none() {
        doubts.push(UNDOCUMENTED.to_owned());
    }
    doubts.extend(lets.openness.unparsed.iter().map(|entry| format!("the entry {entry:?} is no address")));
    if doubts.is_empty() { Reached::No } else { Reached::Unknown(doubts.join("; ")) }
}

/// Why an empty whitelist may let everybody in.
pub(super) const UNDOCUMENTED: &str = "its whitelists are empty, and what that means is not documented";

/// Whether whitelists are open by being empty: those of MongoDB are ("if you leave the whitelist empty, the instance can be accessed by all IP
/// addresses": MongoDB, "Configure a whitelist"). Of other products that is not documented: `None`. Where security groups are bound, they decide.
pub(super) fn is_empty(database: &Database, whitelists: &[&Whitelist]) -> Option<bool> {
    let has_entries = whitelists.iter().flat_map(|list| &list.entries).any(|entry| !entry.trim().is_empty());
    let has_groups = database.security_groups.known().is_some_and(|groups| !groups.is_empty());
    if has_entries || has_groups || !database.whitelists.is_whole() {
        return Some(false);
    }
    (database.kind == DatabaseKind::MongoDb && database.security_groups.known().is_some()).then_some(true)
}
