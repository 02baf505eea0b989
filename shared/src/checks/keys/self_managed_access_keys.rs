use serde_json::json;

use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::{Read, Snapshot, Unread};
use crate::tr;

check! {
    /// # RAM users may make access keys of their own
    ///
    /// ## Why it matters
    ///
    /// Whoever takes over a console session can make a key and keep it: the way in outlives the password change. Keys that people make for
    /// themselves have no owner, no schedule and no reason on record.
    ///
    /// ## How to fix it
    ///
    /// RAM console, Settings, Security settings: do not allow users to manage AccessKey pairs. Administrators make keys where one is needed.
    SELF_MANAGED_ACCESS_KEYS {
        id: "self-managed-access-keys",
        severity: Severity::Medium,
        guide: &[4, 7],
        cis: &[],
        title: ["RAM users may manage their own access keys", "RAM 用户可自主管理访问密钥"],
        fix: [
            "Switch it off in the RAM security settings (AllowUserToManageAccessKeys)",
            "在 RAM 安全设置中关闭“允许用户自主管理 AccessKey”",
        ],
    }
    fn find(account: &Snapshot, _: &Config, findings: &mut Findings<'_>) {
        let (arn, l) = (account.root_arn(), findings.language());
        match &account.preferences {
            Read::Unread(why) => findings.unknown(arn, why),
            Read::Read(preferences) => match preferences.users_manage_keys {
                Some(true) => findings.fail(
                    arn,
                    tr!(l, "AllowUserToManageAccessKeys is on.", "AllowUserToManageAccessKeys 已开启。"),
                    json!({ "AllowUserToManageAccessKeys": true }),
                ),
                Some(false) => findings.pass(arn, tr!(l, "off", "已关闭")),
                None => {
                    let why = "AllowUserToManageAccessKeys is not in the answer";
                    findings.unknown(arn, &Unread::new("ims:GetSecurityPreference", "Missing", why));
                }
            },
        }
    }
}
