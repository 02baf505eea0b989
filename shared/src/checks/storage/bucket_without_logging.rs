use serde_json::json;

use super::target;
use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::{Read, Snapshot};
use crate::tr;

check! {
    /// # A bucket keeps no access log
    ///
    /// ## Why it matters
    ///
    /// After a leak the question is who read what, and when. ActionTrail does not record reads of objects; the bucket's own log does, and it
    /// cannot be made afterwards.
    ///
    /// ## How to fix it
    ///
    /// OSS console, bucket, Logging: send the log to another bucket that only the security team can change. The bucket that receives logs needs none of
    /// its own: record an exemption for it.
    BUCKET_WITHOUT_LOGGING {
        id: "bucket-without-logging",
        severity: Severity::Medium,
        guide: &[5],
        cis: &["5.3"],
        title: ["Bucket without an access log", "存储空间未开启访问日志"],
        fix: ["Switch on logging to another bucket", "开启日志转存到另一个存储空间"],
    }
    fn find(account: &Snapshot, _: &Config, findings: &mut Findings<'_>) {
        let (l, buckets) = (findings.language(), &account.resources.buckets);
        findings.listed(buckets, "oss", "");
        for bucket in &buckets.rows {
            let target = target(account, bucket);
            match &bucket.logging {
                Read::Unread(why) => findings.unknown(target, why),
                Read::Read(Some(to)) => findings.pass(target, tr!(l, "logged to {to}", "日志转存到 {to}")),
                Read::Read(None) => findings.fail(
                    target,
                    tr!(l, "Reads and writes are not logged.", "读写未记录日志。"),
                    json!({ "logging": null }),
                ),
            }
        }
    }
}
