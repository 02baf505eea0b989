use serde_json::json;

use super::{Use, ago};
use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::{Read, Snapshot};
use crate::tr;

check! {
    /// # An access key works and nothing uses it
    ///
    /// ## Why it matters
    ///
    /// Nobody notices when a key that nothing uses is stolen, and nobody misses it when it is disabled: it is risk without a benefit.
    ///
    /// ## How to fix it
    ///
    /// Disable it; delete it when nothing has failed for a while. A key that was never used counts from the day it was made. Uses that
    /// ActionTrail and IMS do not record (some data-plane calls) are not seen: disable first, delete later. Keys of users in
    /// `break_glass` are meant not to be used, and pass.
    IDLE_ACCESS_KEY {
        id: "idle-access-key",
        severity: Severity::Medium,
        guide: &[4, 9],
        cis: &[],
        title: ["Active access key that nothing uses", "启用但未被使用的访问密钥"],
        fix: [
            "Disable it, and delete it when nothing has failed for a week",
            "停用该密钥;一周内无异常后删除",
        ],
    }
    fn find(account: &Snapshot, config: &Config, findings: &mut Findings<'_>) {
        let (limits, now, l) = (&config.rotation, account.taken_at, findings.language());
        findings.unlisted_users();
        for user in &account.users {
            if let Read::Unread(why) = &user.keys {
                findings.unknown(account.user_arn(user), why);
            }
        }
        for (user, key) in account.keys().filter(|(_, key)| key.active) {
            let (arn, name) = (account.key_arn(key), &user.name);
            if config.is_break_glass_user(name, &account.account_id) {
                findings.pass(arn, tr!(l, "kept for emergencies (break_glass)", "应急备用(break_glass)"));
                continue;
            }
            match Use::of(key, limits, now) {
                Use::Unknown(why) => findings.unknown(arn, &why),
                Use::Used(used) => {
                    let at = used.at;
                    findings.pass(arn, tr!(l, "last used {at}", "最近使用:{at}"));
                }
                Use::NotYet => findings.pass(arn, tr!(l, "new, not used yet", "新建,尚未使用")),
                Use::Never => {
                    let made = key.created.known();
                    findings.fail(
                        arn,
                        tr!(l, "The key of {name} was never used.", "{name} 的密钥从未使用。"),
                        json!({ "user": name, "created": made, "last_used": null }),
                    );
                }
                Use::Idle(used) => {
                    let days = ago(used.at, now).as_secs() / 86_400;
                    findings.fail(
                        arn,
                        tr!(l, "The key of {name} was last used {days} days ago.", "{name} 的密钥已 {days} 天未使用。"),
                        json!({ "user": name, "last_used": used.at, "service": used.service, "idle_days": days }),
                    );
                }
            }
        }
    }
}
