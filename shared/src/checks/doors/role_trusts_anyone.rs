use serde_json::json;

use super::trust::{ask, ask_without_conditions, conditions, each_role};
use crate::checks::policy::Answer;
use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::Snapshot;
use crate::tr;

check! {
    /// # A role can be assumed by anybody
    ///
    /// ## Why it matters
    ///
    /// Its trust policy names everybody (`*`, `acs:ram::*:root`, or everybody but some): any person with an Alibaba Cloud account of their own becomes this role,
    /// with all its rights. Where only a condition keeps them out (an external id, a range of addresses), it is medium: one edit away, and an external id is
    /// no secret for long.
    ///
    /// ## How to fix it
    ///
    /// Name the accounts, or better the roles and users, that may assume it.
    ROLE_TRUSTS_ANYONE {
        id: "role-trusts-anyone",
        severity: Severity::Critical,
        guide: &[3],
        cis: &[],
        title: ["Role that anybody can assume", "角色可被任何人扮演"],
        fix: ["Name the accounts or identities in the trust policy", "在信任策略中指明账号或身份"],
    }
    fn find(account: &Snapshot, config: &Config, findings: &mut Findings<'_>) {
        let l = findings.language();
        each_role(account, findings, |role, arn, document, findings| {
            let (name, conditions) = (&role.name, conditions(document));
            match ask(account, role, document, config) {
                Answer::Open(way) => findings.fail(
                    arn,
                    tr!(l, "Anybody with an account can assume {name}.", "任何拥有阿里云账号的人都可以扮演 {name}。"),
                    json!({ "by": way.by, "conditions": conditions }),
                ),
                Answer::Undecided(reasons) => {
                    let why = reasons.iter().map(String::as_str).collect::<Vec<_>>().join("; ");
                    let message = tr!(l, "Who can assume it depends on: {why}", "谁可以扮演取决于：{why}");
                    findings.undecided(arn, message, json!({ "undecided": reasons, "conditions": conditions }));
                }
                Answer::Closed => match ask_without_conditions(account, role, document, config) {
                    Answer::Open(way) => findings.fail_at(
                        Severity::Medium,
                        arn,
                        tr!(
                            l,
                            "The trust policy of {name} names everybody; only a condition keeps them out.",
                            "{name} 的信任策略对所有人开放，仅由条件限制。"
                        ),
                        json!({ "by": way.by, "conditions": conditions }),
                    ),
                    _ => findings.pass(arn, tr!(l, "names whom it trusts", "已指明信任对象")),
                },
            }
        });
    }
}
