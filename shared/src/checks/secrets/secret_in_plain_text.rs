use serde_json::json;

use crate::checks::finding::Target;
use crate::checks::{Findings, check};
use crate::config::{Config, Language, Severity};
use crate::snapshot::{Listed, SecretHit, Snapshot, TextSource, Unread};
use crate::tr;

check! {
    /// # A secret lies in plain text
    ///
    /// ## Why it matters
    ///
    /// Environment variables, user data, launch templates and stack parameters are shown to everybody who may read the resource, are copied
    /// with it, and end up in logs and backups. User data can be read by any program on the instance. Whoever sees an access key there
    /// may do what it may do, from anywhere.
    ///
    /// An access key id of one of the account's RAM users is certain; everything else is known by what it looks like or by the name that
    /// it has, and is likely. Root's keys cannot be listed: a key id that no RAM user has may be root's, or another account's.
    ///
    /// ## How to fix it
    ///
    /// Take it for known to others: disable the key or change the password, then take it out. Give the workload a role (of the instance, of
    /// the function) in place of a key, and fetch other secrets from KMS at run time. Parameters that must stay belong into OOS secret
    /// parameters, or are declared `NoEcho`.
    SECRET_IN_PLAIN_TEXT {
        id: "secret-in-plain-text",
        severity: Severity::High,
        guide: &[4],
        cis: &[],
        title: ["Secret in plain text", "明文保存的密钥或口令"],
        fix: [
            "Disable or change it, take it out, and use a role or KMS in its place",
            "停用或更换该凭证,从此处移除,并改用角色或 KMS",
        ],
    }
    fn find(account: &Snapshot, _: &Config, findings: &mut Findings<'_>) {
        let texts = &account.resources.texts;
        for why in &texts.unread {
            findings.unknown(unlisted(account, why), why);
        }
        if texts.is_whole() && texts.rows.is_empty() {
            findings.listed(texts, "ecs", "instance");
        }
        let own = &account.resources.own_key_ids;
        for text in &texts.rows {
            let target = Target::new(text.resource.clone(), &text.tags);
            match text.hits.known() {
                Some(hits) if hits.is_empty() => {
                    let what = carrier(findings.language(), text);
                    findings.pass(target, tr!(findings.language(), "No secret was found in its {what}.", "{what}中未发现密钥或口令。"));
                }
                Some(hits) => judge(target, text, hits, own, findings),
                None => {
                    if let Some(why) = text.hits.unread() {
                        findings.unknown(target, why);
                    }
                }
            }
        }
    }
}

/// Whose a key id is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Owner {
    /// One of the account's RAM users'.
    Own,
    /// Perhaps: not all of their keys could be listed.
    Unclear,
    /// None of theirs.
    Foreign,
}

fn owner(id: &str, own: &Listed<String>) -> Owner {
    if own.rows.iter().any(|known| known == id) {
        Owner::Own
    } else if own.is_whole() {
        Owner::Foreign
    } else {
        Owner::Unclear
    }
}

fn judge(
    target: Target,
    text: &TextSource,
    hits: &[SecretHit],
    own: &Listed<String>,
    findings: &mut Findings<'_>,
) {
    let l = findings.language();
    // The account's own key first: it is the worst that can be there.
    let key = hits.iter().filter_map(|hit| Some((owner(hit.key_id.as_deref()?, own), hit))).min_by_key(|(owner, _)| *owner);
    let (what, count) = (carrier(l, text), hits.len());
    let message = match key {
        Some((owner, hit)) => {
            let (id, place) = (&hit.masked, &hit.place);
            match owner {
                Owner::Own => tr!(
                    l,
                    "Access key {id} of this account is in its {what} ({place}); {count} found in all.",
                    "本账号的访问密钥 {id} 出现在{what}中（{place}）；共发现 {count} 处。"
                ),
                Owner::Foreign => tr!(
                    l,
                    "Access key {id} is in its {what} ({place}); no RAM user of this account has it, so it is root's or somebody else's. {count} found in all.",
                    "访问密钥 {id} 出现在{what}中（{place}）；本账号的 RAM 用户均无此密钥，应属主账号或他人。共发现 {count} 处。"
                ),
                Owner::Unclear => {
                    let why = own.unread.first().map(ToString::to_string).unwrap_or_default();
                    tr!(
                        l,
                        "Access key {id} is in its {what} ({place}); whether it is this account's own is not known ({why}). {count} found in all.",
                        "访问密钥 {id} 出现在{what}中（{place}）；无法确认是否属于本账号（{why}）。共发现 {count} 处。"
                    )
                }
            }
        }
        None => {
            let first = hits.first().map(|hit| hit.place.as_str()).unwrap_or_default();
            tr!(
                l,
                "What looks like a secret is in its {what} ({first}); {count} found in all.",
                "{what}中有疑似密钥或口令（{first}）；共发现 {count} 处。"
            )
        }
    };
    let shown: Vec<_> = hits
        .iter()
        .map(|hit| {
            let owner = hit.key_id.as_deref().map(|id| match owner(id, own) {
                Owner::Own => "this account",
                Owner::Unclear => "not known",
                Owner::Foreign => "no RAM user of this account",
            });
            json!({ "place": hit.place, "looks_like": hit.looks_like, "masked": hit.masked, "owner": owner })
        })
        .collect();
    let certain = key.is_some_and(|(owner, _)| owner == Owner::Own);
    findings.fail_at(
        if certain { Severity::Critical } else { Severity::High },
        target,
        message,
        json!({ "in": text.kind, "certain": certain, "hits": shown }),
    );
}

/// What carries it, in words.
fn carrier(l: Language, text: &TextSource) -> String {
    match text.kind.as_str() {
        "environment" => tr!(l, "environment variables", "环境变量"),
        "user-data" => tr!(l, "user data", "实例自定义数据"),
        "launch-template" => tr!(l, "user data", "启动模板自定义数据"),
        "oos-parameter" => tr!(l, "value", "参数值"),
        "ros-parameter" => tr!(l, "parameters", "资源栈参数"),
        other => other.to_owned(),
    }
}

/// What a listing that failed would have shown. Each kind has an ARN of its own, so that two failures are two findings.
fn unlisted(account: &Snapshot, why: &Unread) -> String {
    let (product, resource) = match why.action.as_str() {
        "ecs:DescribeLaunchTemplates" => ("ecs", "launchtemplate/*"),
        "oos:ListParameters" => ("oos", "parameter/*"),
        "ros:ListStacks" => ("ros", "stack/*"),
        "fc:ListFunctions" => ("fc", "functions/*"),
        "" => ("*", "*"),
        _ => ("ecs", "instance/*"),
    };
    account.arn(product, if why.region.is_empty() { "*" } else { &why.region }, resource)
}
