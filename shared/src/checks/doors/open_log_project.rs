use serde_json::json;

use crate::checks::policy::{Answer, Asker, Caller, Document, FRESH, Kind, Spelled};
use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::{LogProject, Read, Snapshot};
use crate::tr;

check! {
    /// # A log project's policy lets everybody in
    ///
    /// ## Why it matters
    ///
    /// Logs tell who works where, with what, and at times the secrets that went by. Who can write to them can bury a trace; who can delete them,
    /// remove it. The policy is decided as those of buckets are: an explicit Deny beats every Allow, and conditions count for what they keep out.
    ///
    /// ## How to fix it
    ///
    /// Name the accounts in the project's policy, or take the statement for `*` out.
    OPEN_LOG_PROJECT {
        id: "open-log-project",
        severity: Severity::High,
        guide: &[5, 6],
        cis: &[],
        title: ["Log project open to everybody", "日志项目对所有人开放"],
        fix: ["Name accounts in the project's policy instead of *", "在项目授权策略中指明账号，不要使用 *"],
    }
    fn find(account: &Snapshot, config: &Config, findings: &mut Findings<'_>) {
        let (l, projects) = (findings.language(), &account.resources.log_projects);
        findings.listed(projects, "log", "project/");
        for project in &projects.rows {
            let arn = account.arn("log", &project.region, &format!("project/{}", project.name));
            let document = match &project.policy {
                Read::Unread(why) => {
                    findings.unknown(arn, why);
                    continue;
                }
                Read::Read(None) => {
                    findings.pass(arn, tr!(l, "no policy", "没有授权策略"));
                    continue;
                }
                Read::Read(Some(text)) => match Document::parse(text, Kind::Resource) {
                    Ok(document) => document,
                    Err(why) => {
                        let message = tr!(l, "The policy is not understood: {why}", "无法解析授权策略：{why}");
                        findings.undecided(arn, message, json!({}));
                        continue;
                    }
                },
            };
            match ask(account, project, &document, config) {
                Answer::Closed => {
                    findings.pass(arn, tr!(l, "its policy does not let everybody in", "授权策略未对所有人开放"));
                }
                Answer::Undecided(reasons) => {
                    let why = reasons.iter().map(String::as_str).collect::<Vec<_>>().join("; ");
                    let message = tr!(l, "Whether it is open depends on: {why}", "是否开放取决于：{why}");
                    findings.undecided(arn, message, json!({ "undecided": reasons }));
                }
                Answer::Open(way) => {
                    let by = way.by.join(", ");
                    let message = tr!(
                        l,
                        "Its policy lets everybody in: {by}.",
                        "授权策略对所有人开放：{by}。"
                    );
                    findings.fail(arn, message, json!({ "by": way.by, "from_vpc": way.request.from_vpc }));
                }
            }
        }
    }
}

/// What policies give one by one; a wildcard covers some of it, and what the policy names beside is asked for, too.
const ACTIONS: &[&str] = &[
    "log:GetLogStoreLogs",
    "log:GetCursorOrData",
    "log:GetLogStoreHistogram",
    "log:ListLogStores",
    "log:PostLogStoreLogs",
    "log:UpdateLogStore",
    "log:DeleteLogStore",
    "log:DeleteProject",
    "log:PutProjectPolicy",
];

fn ask(account: &Snapshot, project: &LogProject, document: &Document, config: &Config) -> Answer {
    let path = format!("project/{}", project.name);
    let spelled = |name: &str| -> Spelled { vec![account.arn("log", &project.region, name)] };
    let below = document.names_below(&path).into_iter().chain([format!("logstore/{FRESH}")]);
    let resources: Vec<Spelled> =
        below.map(|name| spelled(&format!("{path}/{name}"))).chain([spelled(&path)]).collect();
    let actions: Vec<&str> = ACTIONS.iter().copied().chain(document.named_actions()).collect();
    let callers = &[Caller::Anonymous, Caller::Stranger];
    Asker { callers, now: account.taken_at, config }.ask(document, &actions, &resources)
}
