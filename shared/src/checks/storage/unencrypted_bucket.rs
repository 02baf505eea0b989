use serde_json::json;

use super::target;
use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::{Read, Snapshot};
use crate::tr;

check! {
    /// # A bucket does not encrypt its objects
    ///
    /// ## Why it matters
    ///
    /// Encryption at rest with a key of KMS is a second lock: who may read the bucket but not use the key reads nothing, and the use of the key is
    /// recorded.
    ///
    /// ## How to fix it
    ///
    /// OSS console, bucket, Server-side encryption: KMS, or AES256 at least. It counts for objects that are written from then on; copy the older ones onto
    /// themselves.
    UNENCRYPTED_BUCKET {
        id: "unencrypted-bucket",
        severity: Severity::Medium,
        guide: &[7],
        cis: &["5.8"],
        title: ["Bucket without encryption at rest", "存储空间未开启服务端加密"],
        fix: ["Set server-side encryption by default (KMS, or AES256)", "设置默认服务端加密（KMS 或 AES256）"],
    }
    fn find(account: &Snapshot, _: &Config, findings: &mut Findings<'_>) {
        let (l, buckets) = (findings.language(), &account.resources.buckets);
        findings.listed(buckets, "oss", "");
        for bucket in &buckets.rows {
            let target = target(account, bucket);
            match &bucket.encryption {
                Read::Unread(why) => findings.unknown(target, why),
                Read::Read(Some(by)) => findings.pass(target, tr!(l, "encrypted: {by}", "已加密：{by}")),
                Read::Read(None) => findings.fail(
                    target,
                    tr!(l, "Objects are not encrypted by default.", "对象默认未加密。"),
                    json!({ "encryption": null }),
                ),
            }
        }
    }
}
