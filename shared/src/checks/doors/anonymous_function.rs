use serde_json::json;

use crate::checks::finding::Target;
use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::{HttpTrigger, Read, Snapshot};
use crate::tr;

check! {
    /// # A function answers anybody
    ///
    /// ## Why it matters
    ///
    /// Its HTTP trigger asks for no authentication, and its address is on the internet: anybody who learns it runs the function with the rights of its role,
    /// and at the account's cost. A trigger whose internet address is off is reached from VPCs only.
    ///
    /// ## How to fix it
    ///
    /// Set the trigger's authentication to `function` (signed requests) or `jwt`, or switch its internet address off. A function that has to be public
    /// checks its callers itself: record an exemption.
    ANONYMOUS_FUNCTION {
        id: "anonymous-function",
        severity: Severity::High,
        guide: &[6],
        cis: &[],
        title: ["Function that answers anybody", "函数可被匿名调用"],
        fix: [
            "Require authentication on the HTTP trigger (function or jwt), or switch its internet address off",
            "为 HTTP 触发器开启认证（function 或 jwt），或关闭其公网地址",
        ],
    }
    fn find(account: &Snapshot, _: &Config, findings: &mut Findings<'_>) {
        let (l, functions) = (findings.language(), &account.resources.functions);
        findings.listed(functions, "fc", "functions/");
        for function in &functions.rows {
            let arn = account.arn("fc", &function.region, &format!("functions/{}", function.name));
            let target = Target::new(arn, &function.tags);
            let triggers = match &function.http_triggers {
                Read::Unread(why) => {
                    findings.unknown(target, why);
                    continue;
                }
                Read::Read(triggers) => triggers,
            };
            let open: Vec<&HttpTrigger> = triggers.iter().filter(|it| it.internet && is_anonymous(it)).collect();
            let unclear = triggers.iter().find(|it| it.internet && !is_anonymous(it) && !is_authenticated(it));
            if !open.is_empty() {
                let names = open.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join(", ");
                let message = tr!(l, "Anybody can call it through {names}.", "任何人都可以通过 {names} 调用。");
                findings.fail(target, message, json!({ "triggers": open }));
            } else if let Some(trigger) = unclear {
                let (name, auth) = (&trigger.name, &trigger.auth);
                let message = tr!(
                    l,
                    "The authentication of {name} is {auth:?}, which is not known here.",
                    "{name} 的认证方式为 {auth:?}，无法判断。"
                );
                findings.undecided(target, message, json!({ "trigger": trigger }));
            } else if triggers.iter().any(is_anonymous) {
                let message = tr!(
                    l,
                    "A trigger is anonymous, but its internet address is off: VPCs only.",
                    "存在匿名触发器，但其公网地址已关闭，仅 VPC 内可访问。"
                );
                findings.pass(target, message);
            } else if triggers.is_empty() {
                findings.pass(target, tr!(l, "no HTTP trigger", "没有 HTTP 触发器"));
            } else {
                findings.pass(target, tr!(l, "every HTTP trigger authenticates", "所有 HTTP 触发器均需认证"));
            }
        }
    }
}

fn is_anonymous(trigger: &HttpTrigger) -> bool {
    trigger.auth.eq_ignore_ascii_case("anonymous")
}

fn is_authenticated(trigger: &HttpTrigger) -> bool {
    ["function", "jwt"].iter().any(|auth| trigger.auth.eq_ignore_ascii_case(auth))
}
