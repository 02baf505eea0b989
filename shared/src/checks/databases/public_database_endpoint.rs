use serde_json::json;

use super::reach::{ports, public_endpoints, shown};
use super::{each, target};
use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::Snapshot;
use crate::tr;

check! {
    /// # A database has a public endpoint
    ///
    /// ## Why it matters
    ///
    /// One entry too many in its whitelist, made in a hurry, and the whole internet tries passwords on it. A database without a public endpoint
    /// cannot be opened by one mistake. Endpoints of proxies, replicas, shards and nodes count, too.
    ///
    /// ## How to fix it
    ///
    /// Release the public endpoint. Applications connect within the VPC, people through a bastion host, VPN or DMS.
    PUBLIC_DATABASE_ENDPOINT {
        id: "public-database-endpoint",
        severity: Severity::Medium,
        guide: &[6],
        cis: &[],
        title: ["Database with a public endpoint", "数据库有公网地址"],
        fix: [
            "Release the public endpoint; connect within the VPC, or through a bastion host, VPN or DMS",
            "释放公网地址；通过 VPC 内网、堡垒机、VPN 或 DMS 连接",
        ],
    }
    fn find(account: &Snapshot, _: &Config, findings: &mut Findings<'_>) {
        let l = findings.language();
        each(account, findings, |database, findings| {
            let target = target(account, database);
            let hosts: Vec<&str> = public_endpoints(database).map(|endpoint| endpoint.host.as_str()).collect();
            if !hosts.is_empty() {
                let hosts = hosts.join(", ");
                let evidence = json!({
                    "engine": database.engine,
                    "endpoints": public_endpoints(database).map(shown).collect::<Vec<_>>(),
                });
                let message = tr!(l, "The internet resolves {hosts}.", "公网可以解析 {hosts}。");
                findings.fail(target.ports(ports(public_endpoints(database))), message, evidence);
            } else if let Some(why) = database.endpoints.unread.first() {
                findings.unknown(target, why);
            } else {
                let count = database.endpoints.rows.len();
                findings.pass(target, tr!(l, "none of {count} endpoints is public", "{count} 个地址均非公网"));
            }
        });
    }
}
