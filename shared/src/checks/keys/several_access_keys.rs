use serde_json::json;

use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::{Read, Snapshot};
use crate::tr;

check! {
    /// # A user has more than one active access key
    ///
    /// ## Why it matters
    ///
    /// The second key is for the days of a rotation. One that stays is a key that nobody has decided to keep: it is forgotten by the next
    /// rotation, and while both are taken no rotation can begin.
    ///
    /// ## How to fix it
    ///
    /// Find out which of the two is in use (the reminder says where), move its users to the newer one, and disable the other.
    SEVERAL_ACCESS_KEYS {
        id: "several-access-keys",
        severity: Severity::Low,
        guide: &[4],
        cis: &[],
        title: ["User with more than one active access key", "用户有多个启用的访问密钥"],
        fix: ["Finish the rotation: disable the older key", "完成轮换:停用较旧的密钥"],
    }
    fn find(account: &Snapshot, _: &Config, findings: &mut Findings<'_>) {
        let l = findings.language();
        findings.unlisted_users();
        for user in &account.users {
            let arn = account.user_arn(user);
            match &user.keys {
                Read::Unread(why) => findings.unknown(arn, why),
                Read::Read(keys) => {
                    let active: Vec<&str> =
                        keys.iter().filter(|key| key.active).map(|key| key.id.as_str()).collect();
                    let count = active.len();
                    if count > 1 {
                        let name = &user.name;
                        findings.fail(
                            arn,
                            tr!(l, "{name} has {count} active keys.", "{name} 有 {count} 个启用的密钥。"),
                            json!({ "user": name, "keys": active }),
                        );
                    } else {
                        findings.pass(arn, tr!(l, "{count} active keys", "{count} 个启用的密钥"));
                    }
                }
            }
        }
    }
}
