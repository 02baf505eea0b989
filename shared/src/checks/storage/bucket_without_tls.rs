use serde_json::json;

use super::access::Access;
use super::target;
use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::Snapshot;
use crate::tr;

check! {
    /// # A bucket answers without TLS
    ///
    /// ## Why it matters
    ///
    /// Over plain http whoever sits on the way reads the objects, and the signed request with them. OSS answers http unless a policy denies it; the TLS versions
    /// of a bucket (GetBucketHttpsConfig) say which TLS it speaks, not that it must be spoken. They are in the evidence and the message.
    ///
    /// ## How to fix it
    ///
    /// Add a statement to the bucket policy: Deny, Principal `*`, Action `oss:*`, on the bucket and everything in it, with the condition
    /// `"Bool": {"acs:SecureTransport": ["false"]}`. Limit the bucket to TLS 1.2 and 1.3.
    BUCKET_WITHOUT_TLS {
        id: "bucket-without-tls",
        severity: Severity::Medium,
        guide: &[7],
        cis: &["5.4"],
        title: ["Bucket that answers without TLS", "存储空间允许不加密的访问"],
        fix: [
            "Deny requests without TLS in the bucket policy (acs:SecureTransport false)",
            "在授权策略中拒绝未加密的请求（acs:SecureTransport 为 false）",
        ],
    }
    fn find(account: &Snapshot, config: &Config, findings: &mut Findings<'_>) {
        let (l, buckets) = (findings.language(), &account.resources.buckets);
        findings.listed(buckets, "oss", "");
        for bucket in &buckets.rows {
            let target = target(account, bucket);
            let versions = match bucket.tls_versions.known() {
                None => tr!(l, "unknown", "未知"),
                Some(versions) if versions.is_empty() => tr!(l, "any", "不限"),
                Some(versions) => versions.join(", "),
            };
            match Access::of(account, bucket, config).refuses_plain_http() {
                Ok(true) => findings.pass(
                    target,
                    tr!(l, "Plain http is refused; TLS versions: {versions}.", "已拒绝 http；TLS 版本：{versions}。"),
                ),
                Ok(false) => findings.fail(
                    target,
                    tr!(l, "Plain http is answered; TLS versions: {versions}.", "允许 http 访问；TLS 版本：{versions}。"),
                    json!({ "plain_http": true, "tls_versions": bucket.tls_versions.known() }),
                ),
                Err(reasons) => {
                    let why = reasons.into_iter().collect::<Vec<_>>().join("; ");
                    let message = tr!(
                        l,
                        "Whether plain http is refused depends on: {why}",
                        "是否拒绝 http 取决于：{why}"
                    );
                    findings.undecided(target, message, json!({}));
                }
            }
        }
    }
}
