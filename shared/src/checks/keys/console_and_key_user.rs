use serde_json::json;

use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::{Read, Snapshot};
use crate::tr;

check! {
    /// # A user signs in to the console and has an active access key
    ///
    /// ## Why it matters
    ///
    /// A person and a program in one identity get each other's permissions, and MFA guards only the half that signs in. When the person
    /// leaves, the program stops, so nobody dares to disable the user.
    ///
    /// ## How to fix it
    ///
    /// Give the program a user, or better a role, of its own, and take the key from the person.
    CONSOLE_AND_KEY_USER {
        id: "console-and-key-user",
        severity: Severity::Medium,
        guide: &[3, 4],
        cis: &[],
        title: ["Console user with an access key", "控制台用户同时持有访问密钥"],
        fix: [
            "Give the program an identity of its own, and delete this user's key",
            "为程序使用单独的身份,并删除该用户的密钥",
        ],
    }
    fn find(account: &Snapshot, _: &Config, findings: &mut Findings<'_>) {
        let l = findings.language();
        findings.unlisted_users();
        for user in &account.users {
            let (arn, name) = (account.user_arn(user), &user.name);
            let active = user.keys.known().map(|keys| keys.iter().filter(|key| key.active).count());
            // Either half alone settles it where it says no.
            match (&user.console, active, &user.keys) {
                (Read::Read(false), ..) => findings.pass(arn, tr!(l, "no console sign-in", "无控制台登录")),
                (_, Some(0), _) => findings.pass(arn, tr!(l, "no active key", "无启用的密钥")),
                (Read::Unread(why), ..) | (_, _, Read::Unread(why)) => findings.unknown(arn, why),
                (Read::Read(true), count, _) => {
                    let count = count.unwrap_or_default();
                    findings.fail(
                        arn,
                        tr!(
                            l,
                            "{name} may sign in to the console and has {count} active keys.",
                            "{name} 可登录控制台,且有 {count} 个启用的密钥。"
                        ),
                        json!({ "user": name, "active_keys": count }),
                    );
                }
            }
        }
    }
}
