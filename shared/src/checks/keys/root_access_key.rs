use serde_json::json;

use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::{Read, Snapshot};
use crate::tr;

check! {
    /// # The root account has an access key
    ///
    /// ## Why it matters
    ///
    /// A root key may do everything, no policy limits it, no MFA guards it, and no role can revoke it.
    ///
    /// ## How to fix it
    ///
    /// Sign in as root, open the AccessKey page, disable the key, watch for what fails, delete it. Whatever used it gets a role. The number
    /// comes from the account's security report, since a role cannot list root's keys; whether that counts disabled keys is not
    /// documented. The credential report, which may be hours old, adds what it knows.
    ROOT_ACCESS_KEY {
        id: "root-access-key",
        severity: Severity::Critical,
        guide: &[2, 4],
        cis: &["1.2"],
        title: ["The root account has an access key", "主账号存在访问密钥"],
        fix: [
            "Sign in as root, open the AccessKey page, disable and delete it",
            "以主账号登录,在 AccessKey 管理页面停用并删除该密钥",
        ],
    }
    fn find(account: &Snapshot, _: &Config, findings: &mut Findings<'_>) {
        let (arn, l) = (account.root_arn(), findings.language());
        // The report names all five slots; a fresh count outweighs it, an unread one does not.
        let reported = account.credential_report.known().and_then(|report| report.root()).map(|root| &root.keys);
        match (&account.root_keys, reported) {
            (Read::Read(0), _) => findings.pass(arn, tr!(l, "no root key", "无主账号密钥")),
            (Read::Read(count), keys) => findings.fail(
                arn,
                tr!(l, "Root has {count} access keys.", "主账号有 {count} 个访问密钥。"),
                json!({ "count": count, "report": keys }),
            ),
            (Read::Unread(_), Some(keys)) if !keys.is_empty() => {
                let count = keys.len();
                findings.fail(
                    arn,
                    tr!(
                        l,
                        "By the credential report root has {count} access keys.",
                        "凭证报告显示主账号有 {count} 个访问密钥。"
                    ),
                    json!({ "report": keys }),
                );
            }
            // An old report without keys does not show that there are none now.
            (Read::Unread(why), _) => findings.unknown(arn, why),
        }
    }
}
