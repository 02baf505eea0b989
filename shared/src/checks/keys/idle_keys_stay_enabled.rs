use serde_json::json;

use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::{Read, Snapshot, Unread};
use crate::tr;

check! {
    /// # The account itself does not disable idle keys as early as it could
    ///
    /// ## Why it matters
    ///
    /// The account disables a RAM user's key by itself when it was not used for a number of days. That works even when this tool does not
    /// run. The default of 730 days is two years of an open door.
    ///
    /// ## How to fix it
    ///
    /// RAM console, Settings, Security settings: set the maximum idle period of AccessKey pairs to 90 days (or the shortest that is not
    /// less than `rotation.idle_after`). Accepted by the service: 90, 180, 365, 730.
    IDLE_KEYS_STAY_ENABLED {
        id: "idle-keys-stay-enabled",
        severity: Severity::Low,
        guide: &[4, 7],
        cis: &[],
        title: ["The account keeps idle access keys enabled for long", "账号长期保留闲置访问密钥"],
        fix: [
            "Set MaxIdleDaysForAccessKeys to 90 in the RAM security settings",
            "在 RAM 安全设置中将 MaxIdleDaysForAccessKeys 设为 90",
        ],
    }
    fn find(account: &Snapshot, config: &Config, findings: &mut Findings<'_>) {
        /// What the service accepts, in days (IMS, SetSecurityPreference).
        const ACCEPTED: [u64; 4] = [90, 180, 365, 730];
        let (arn, l) = (account.root_arn(), findings.language());
        let wanted = config.rotation.idle_after.as_secs() / 86_400;
        let wanted = ACCEPTED.into_iter().find(|days| *days >= wanted).unwrap_or(730);
        match &account.preferences {
            Read::Unread(why) => findings.unknown(arn, why),
            Read::Read(preferences) => match preferences.max_idle_days_for_keys {
                Some(days) if days > wanted || days == 0 => findings.fail(
                    arn,
                    tr!(
                        l,
                        "Keys are disabled by the account after {days} idle days; it could be {wanted}.",
                        "账号在密钥闲置 {days} 天后才停用;可设为 {wanted} 天。"
                    ),
                    json!({ "MaxIdleDaysForAccessKeys": days, "wanted": wanted }),
                ),
                Some(days) => findings.pass(arn, tr!(l, "{days} days", "{days} 天")),
                None => {
                    let why = "MaxIdleDaysForAccessKeys is not in the answer";
                    findings.unknown(arn, &Unread::new("ims:GetSecurityPreference", "Missing", why));
                }
            },
        }
    }
}
