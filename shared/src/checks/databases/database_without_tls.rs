use serde_json::json;

use super::{each, target};
use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::{Read, Snapshot};
use crate::tr;

check! {
    /// # A database does not offer TLS
    ///
    /// ## Why it matters
    ///
    /// Whoever sits on the way (in the VPC, on a peering, on the internet) reads queries, results and at times the password.
    ///
    /// ## How to fix it
    ///
    /// Switch on SSL encryption in the database's console (the instance restarts), then make clients verify its certificate.
    DATABASE_WITHOUT_TLS {
        id: "database-without-tls",
        severity: Severity::Medium,
        guide: &[7],
        cis: &["6.1"],
        title: ["Database without TLS", "数据库未开启 TLS"],
        fix: ["Switch on SSL encryption, and have clients require it", "开启 SSL 加密，并要求客户端使用"],
    }
    fn find(account: &Snapshot, _: &Config, findings: &mut Findings<'_>) {
        let l = findings.language();
        each(account, findings, |database, findings| {
            let (target, engine) = (target(account, database), &database.engine);
            match &database.tls {
                Read::Unread(why) => findings.unknown(target, why),
                Read::Read(true) => findings.pass(target, tr!(l, "TLS is on", "TLS 已开启")),
                Read::Read(false) => findings.fail(
                    target,
                    tr!(l, "Connections to this {engine} are not encrypted.", "到该 {engine} 的连接未加密。"),
                    json!({ "engine": engine, "tls": false }),
                ),
            }
        });
    }
}
