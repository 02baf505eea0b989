use serde_json::json;

use super::trust::{conditions, each_role, others};
use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::Snapshot;
use crate::tr;

check! {
    /// # A role trusts another account
    ///
    /// ## Why it matters
    ///
    /// Who is in charge there decides who gets in here, and a break-in there is one here. That may be meant (a partner, a sister account): then it
    /// should be known, reviewed, and narrowed by an external id. Cloud services and identity providers are not other accounts; a service that acts for another
    /// account (`ID@service`) is.
    ///
    /// ## How to fix it
    ///
    /// Take out accounts that no longer need it; name their role instead of their root; require `sts:ExternalId`. Record an exemption for the rest.
    ROLE_TRUSTS_EXTERNAL_ACCOUNT {
        id: "role-trusts-external-account",
        severity: Severity::Medium,
        guide: &[3, 8],
        cis: &[],
        title: ["Role that trusts another account", "角色信任其他账号"],
        fix: [
            "Take the account out of the trust policy, or narrow it to a role and an external id",
            "从信任策略中移除该账号，或限定到具体角色并要求外部 ID",
        ],
    }
    fn find(account: &Snapshot, _: &Config, findings: &mut Findings<'_>) {
        let l = findings.language();
        each_role(account, findings, |role, arn, document, findings| {
            let (others, unclear) = others(document, &account.account_id);
            if !others.is_empty() {
                let accounts = others.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
                let name = &role.name;
                let message = tr!(l, "{name} trusts {accounts}.", "{name} 信任 {accounts}。");
                findings.fail(arn, message, json!({ "accounts": others, "conditions": conditions(document) }));
            } else if !unclear.is_empty() {
                let names = unclear.join(", ");
                let message = tr!(l, "Whose these are cannot be told: {names}", "无法判断所属账号：{names}");
                findings.undecided(arn, message, json!({ "principals": unclear }));
            } else {
                findings.pass(arn, tr!(l, "trusts no other account", "未信任其他账号"));
            }
        });
    }
}
