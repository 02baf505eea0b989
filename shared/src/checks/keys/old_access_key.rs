use serde_json::json;

use super::{Stage, ago, due_at, stage_by_age};
use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::{Read, Snapshot};
use crate::tr;

check! {
    /// # An access key is older than the rotation schedule allows
    ///
    /// ## Why it matters
    ///
    /// A key that leaked is useful to whoever has it for as long as it lives. Rotation ends that without anyone having to notice the
    /// leak, and a rotation that is done regularly is one that works on the day when it must be done at once.
    ///
    /// ## How to fix it
    ///
    /// Make a second key, give it to the workload, wait until the old one is not used any more, disable it, and delete it a week later.
    /// `harden rotate` does this step by step and can be interrupted at any of them. Better still: use temporary credentials, and need
    /// no key at all. Inactive keys are not counted: they cannot be used.
    OLD_ACCESS_KEY {
        id: "old-access-key",
        severity: Severity::Medium,
        guide: &[4, 9],
        cis: &["1.6"],
        title: ["Access key is past its rotation date", "访问密钥已超过轮换期限"],
        fix: ["Rotate it: harden rotate USER --key KEY", "轮换该密钥:harden rotate USER --key KEY"],
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
            let arn = account.key_arn(key);
            let made = match &key.created {
                Read::Unread(why) => {
                    findings.unknown(arn, why);
                    continue;
                }
                Read::Read(made) => *made,
            };
            let days = ago(made, now).as_secs() / 86_400;
            let old = ago(made, now) >= limits.rotate_after;
            if old {
                let due = due_at(made, limits);
                let name = &user.name;
                findings.fail(
                    arn,
                    tr!(l, "The key of {name} is {days} days old.", "{name} 的密钥已使用 {days} 天。"),
                    json!({
                        "user": name, "created": made, "age_days": days, "due": due,
                        "overdue": stage_by_age(key, limits, now) == Stage::Overdue,
                    }),
                );
            } else {
                findings.pass(arn, tr!(l, "{days} days old", "{days} 天"));
            }
        }
    }
}
