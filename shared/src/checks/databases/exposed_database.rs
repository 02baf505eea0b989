use serde_json::json;

use super::reach::{Reached, ports, public_endpoints, reached, shown};
use super::{each, target};
use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::Snapshot;
use crate::tr;

check! {
    /// # A database is exposed to the internet
    ///
    /// ## Why it matters
    ///
    /// It has a public endpoint, and a whitelist (or a security group bound to it) that guards this endpoint lets the internet in: between anybody and the data
    /// there is only a password. Databases like this are found within hours, and emptied.
    ///
    /// ## How to fix it
    ///
    /// First narrow the whitelist: that takes effect at once. Then release the public endpoint. Look into the audit log for who was there, and change the
    /// passwords.
    EXPOSED_DATABASE {
        id: "exposed-database",
        severity: Severity::Critical,
        guide: &[6],
        cis: &["6.2"],
        title: ["Database exposed to the internet", "数据库暴露在公网"],
        fix: [
            "Narrow the whitelist now, then release the public endpoint, and change the passwords",
            "立即收紧白名单，然后释放公网地址并修改密码",
        ],
    }
    fn find(account: &Snapshot, config: &Config, findings: &mut Findings<'_>) {
        let l = findings.language();
        each(account, findings, |database, findings| {
            let target = target(account, database);
            let (mut open, mut doubts, mut by) = (Vec::new(), Vec::new(), Vec::new());
            for endpoint in public_endpoints(database) {
                match reached(database, endpoint, config) {
                    Reached::Yes(lists) => {
                        open.push(endpoint);
                        by.extend(lists);
                    }
                    Reached::No => {}
                    Reached::Unknown(why) => doubts.push(why),
                }
            }
            by.sort_unstable();
            by.dedup();
            if !open.is_empty() {
                let hosts: Vec<String> = open.iter().map(|it| format!("{}:{}", it.host, it.port)).collect();
                let (hosts, names) = (hosts.join(", "), by.join(", "));
                let message = tr!(
                    l,
                    "Anybody on the internet gets to {hosts}: let in by {names}.",
                    "公网上任何人都能连接 {hosts}：由 {names} 放行。"
                );
                let evidence = json!({
                    "engine": database.engine,
                    "endpoints": open.iter().map(|endpoint| shown(endpoint)).collect::<Vec<_>>(),
                    "let_in_by": by,
                    "whitelists": database.whitelists.rows.iter().filter(|it| by.contains(&it.name)).collect::<Vec<_>>(),
                });
                return findings.fail(target.ports(ports(open)), message, evidence);
            }
            doubts.extend(database.endpoints.unread.iter().map(ToString::to_string));
            doubts.sort_unstable();
            doubts.dedup();
            if !doubts.is_empty() {
                let why = doubts.join("; ");
                let message = tr!(l, "Whether it is exposed depends on: {why}", "是否暴露取决于：{why}");
                findings.undecided(target, message, json!({ "undecided": doubts }));
            } else if public_endpoints(database).next().is_some() {
                let message = tr!(
                    l,
                    "There is a public endpoint, and its whitelists do not let the internet in.",
                    "有公网地址，但白名单未对公网开放。"
                );
                findings.pass(target, message);
            } else {
                findings.pass(target, tr!(l, "no public endpoint", "没有公网地址"));
            }
        });
    }
}
