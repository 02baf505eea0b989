use serde_json::json;

use super::reach::{Let, UNDOCUMENTED, is_empty, ports, public_endpoints};
use super::{each, target};
use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::Snapshot;
use crate::tr;

check! {
    /// # A database's whitelist is open to the internet
    ///
    /// ## Why it matters
    ///
    /// A whitelist that lets everybody in is none. Without a public endpoint it is a weakness that waits for one (and lets in whatever else is in the VPC);
    /// with one, only the password is left. All whitelists of a database count together: halves of the internet in two of them are the internet. What is wide is
    /// set by `exposure.open_wider_than`; trusted networks do not count.
    ///
    /// ## How to fix it
    ///
    /// List the addresses that need to connect, or bind the security groups of the applications. Take out `0.0.0.0/0`, `::/0` and wide public ranges, in
    /// shared templates, too.
    OPEN_DATABASE_WHITELIST {
        id: "open-database-whitelist",
        severity: Severity::High,
        guide: &[6],
        cis: &["6.2"],
        title: ["Database whitelist open to the internet", "数据库白名单对公网开放"],
        fix: [
            "List only the addresses that need to connect; take out 0.0.0.0/0, ::/0 and wide public ranges",
            "仅保留需要连接的地址；删除 0.0.0.0/0、::/0 及过宽的公网网段",
        ],
    }
    fn find(account: &Snapshot, config: &Config, findings: &mut Findings<'_>) {
        let l = findings.language();
        each(account, findings, |database, findings| {
            let target = target(account, database);
            let whitelists = &database.whitelists;
            // The sets of a product that has several are apart: what the one lets in the other does not.
            let mut guards: Vec<&str> = whitelists.rows.iter().map(|list| list.guard.as_str()).collect();
            guards.sort_unstable();
            guards.dedup();
            let sets = guards.into_iter().map(|guard| {
                Let::by(whitelists.rows.iter().filter(|list| list.guard == guard), config)
            });
            let (mut open, mut unparsed) = (Vec::new(), Vec::new());
            for set in sets {
                open.extend(set.by);
                unparsed.extend(set.openness.unparsed);
            }
            let has_none = database.endpoints.is_whole() && public_endpoints(database).next().is_none();
            let is_empty = is_empty(database, &whitelists.rows.iter().collect::<Vec<_>>());
            if is_empty == Some(true) {
                open.push("an empty whitelist".to_owned());
            }
            if !open.is_empty() {
                let names = open.join(", ");
                let shown: Vec<_> = whitelists.rows.iter().filter(|list| open.contains(&list.name)).collect();
                let evidence = json!({ "engine": database.engine, "whitelists": shown, "public_endpoint": !has_none });
                let target = target.ports(ports(&database.endpoints.rows));
                let severity = if has_none { Severity::Medium } else { Severity::High };
                let message = if has_none {
                    tr!(l, "{names} lets the internet in; no endpoint is public.", "{names} 对公网开放；没有公网地址。")
                } else {
                    tr!(l, "{names} lets the internet in.", "{names} 对公网开放。")
                };
                findings.fail_at(severity, target, message, evidence);
            } else if let Some(why) = whitelists.unread.first() {
                findings.unknown(target, why);
            } else if !unparsed.is_empty() {
                let entries = unparsed.join(", ");
                let message = tr!(l, "These entries are no addresses: {entries}", "以下条目不是地址：{entries}");
                findings.undecided(target, message, json!({ "entries": unparsed }));
            } else if is_empty.is_none() && !has_none {
                findings.undecided(target, UNDOCUMENTED.to_owned(), json!({}));
            } else {
                let count = whitelists.rows.len();
                findings.pass(target, tr!(l, "{count} whitelists, none open", "{count} 个白名单均未开放"));
            }
        });
    }
}
