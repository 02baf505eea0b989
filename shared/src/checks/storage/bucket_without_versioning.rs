use serde_json::json;

use super::target;
use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::{Read, Snapshot};
use crate::tr;

check! {
    /// # A bucket keeps no versions
    ///
    /// ## Why it matters
    ///
    /// An object that is overwritten or deleted, by mistake or for ransom, is gone. With versions the one before is still there.
    ///
    /// ## How to fix it
    ///
    /// OSS console, bucket, Versioning: enable. A lifecycle rule that ends old versions keeps the cost down.
    BUCKET_WITHOUT_VERSIONING {
        id: "bucket-without-versioning",
        severity: Severity::Low,
        guide: &[5],
        cis: &[],
        title: ["Bucket without versioning", "存储空间未开启版本控制"],
        fix: ["Enable versioning, with a lifecycle rule for old versions", "开启版本控制，并为历史版本设置生命周期规则"],
    }
    fn find(account: &Snapshot, _: &Config, findings: &mut Findings<'_>) {
        let (l, buckets) = (findings.language(), &account.resources.buckets);
        findings.listed(buckets, "oss", "");
        for bucket in &buckets.rows {
            let target = target(account, bucket);
            match &bucket.versioning {
                Read::Unread(why) => findings.unknown(target, why),
                Read::Read(true) => findings.pass(target, tr!(l, "enabled", "已开启")),
                Read::Read(false) => findings.fail(
                    target,
                    tr!(l, "What is overwritten or deleted is gone.", "被覆盖或删除的对象无法恢复。"),
                    json!({ "versioning": false }),
                ),
            }
        }
    }
}
