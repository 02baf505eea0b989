use serde_json::json;

use super::{each, target};
use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::{Read, Snapshot};
use crate::tr;

check! {
    /// # A database keeps no audit log
    ///
    /// ## Why it matters
    ///
    /// ActionTrail records who changed the instance, not who read the tables. Without the database's own audit log nobody can say what was taken. Products
    /// that have no such log are left out.
    ///
    /// ## How to fix it
    ///
    /// Switch on SQL audit (SQL Explorer and Audit) or the product's audit log, kept for half a year at least, in a project that the
    /// database's users cannot change.
    DATABASE_WITHOUT_AUDIT {
        id: "database-without-audit",
        severity: Severity::Medium,
        guide: &[5],
        cis: &["6.3"],
        title: ["Database without an audit log", "数据库未开启审计日志"],
        fix: ["Switch on the database's audit log", "开启数据库审计日志"],
    }
    fn find(account: &Snapshot, _: &Config, findings: &mut Findings<'_>) {
        let l = findings.language();
        each(account, findings, |database, findings| {
            let (target, engine) = (target(account, database), &database.engine);
            match &database.audit {
                Read::Unread(why) => findings.unknown(target, why),
                // The product has none: nothing to say.
                Read::Read(None) => {}
                Read::Read(Some(true)) => findings.pass(target, tr!(l, "the audit log is on", "审计日志已开启")),
                Read::Read(Some(false)) => findings.fail(
                    target,
                    tr!(l, "This {engine} does not record who reads it.", "该 {engine} 未记录访问情况。"),
                    json!({ "engine": engine, "audit": false }),
                ),
            }
        });
    }
}
