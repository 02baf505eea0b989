//! What people are told, in both languages: which key, how old, due when, where it is used, what to do now.

mod item;
mod summary;

use std::collections::BTreeSet;

use jiff::Timestamp;
use shared::config::{Language, Severity};
use shared::notify::{Kind, Message, Section};
use shared::openapi::sign::sha256_hex;
use shared::tr;

use crate::digest::Group;

pub(crate) use item::{Facts, lines, title};
pub(crate) use summary::{Summary, summary};

pub(crate) use crate::FUNCTION;

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// The message to one owner.
pub(crate) fn digest(facts: &Facts<'_>, group: &Group<'_>) -> Message {
    let l = facts.language;
    let count = group.items.len();
    let account = facts.account_id;
    let title = match (&group.owner.name, count) {
        (_, 1) => title(&group.items[0], facts),
        (Some(owner), _) => {
            tr!(l, "{count} access keys of {owner} need attention", "{owner} 有 {count} 个访问密钥需要处理")
        }
        (None, _) => {
            tr!(
                l,
                "{count} access keys without a reachable owner need attention",
                "{count} 个无可达负责人的访问密钥需要处理"
            )
        }
    };
    let summary = match &group.owner.name {
        Some(owner) => tr!(
            l,
            "{owner}, these keys of account {account} are yours by configuration or tag. Each says what to do.",
            "{owner}:根据配置或标签,账号 {account} 的以下密钥由您负责。每项均附有处理步骤。"
        ),
        None => tr!(
            l,
            "No owner with a channel is known for these keys of account {account}. Name one: a tag `owner` on the user, or rotation.owners.",
            "账号 {account} 的以下密钥没有可通知的负责人。请为用户添加 owner 标签,或在 rotation.owners 中配置。"
        ),
    };
    let mut sections: Vec<Section> = group
        .items
        .iter()
        .take(group.at_length)
        .map(|item| Section { title: item::title(item, facts), lines: lines(item, facts) })
        .collect();
    if count > group.at_length {
        let short = group.items.iter().skip(group.at_length).map(|item| item::title(item, facts)).collect();
        sections.push(Section { title: tr!(l, "And these", "其他"), lines: short });
    }
    if group.left > 0 {
        let left = group.left;
        let line = tr!(
            l,
            "{left} more keys are less urgent, or as urgent: they are told of in the next runs.",
            "另有 {left} 个密钥不比以上更紧急,将在之后的运行中通知。"
        );
        sections.push(Section { title: tr!(l, "More to come", "后续通知"), lines: vec![line] });
    }
    sections.push(Section {
        title: tr!(l, "If a key must stay as it is", "如果某个密钥必须保持现状"),
        lines: exemption(group, l),
    });
    // In an order that does not depend on how it is said: a run that comes after a crash finds disabled what that one disabled.
    let mut said: Vec<String> =
        group.items.iter().map(|item| format!("{} {} {}", item.subject, item.mark, item.times)).collect();
    said.sort_unstable();
    let who = group.owner.name.as_deref().unwrap_or("unowned");
    // The same things said of the same keys some other month are another message.
    let identity = sha256_hex(format!("{}\n{who}\n{}", facts.round, said.join("\n")).as_bytes());
    Message {
        id: format!("{FUNCTION}/digest/{}", &identity[..16]),
        kind: Kind::Notice,
        severity: group.items.iter().map(|item| item.severity).max().unwrap_or(Severity::Low),
        function: FUNCTION.to_owned(),
        account_id: Some(account.to_owned()),
        title,
        summary,
        facts: Vec::new(),
        sections,
        sent_at: facts.now,
        language: l,
    }
}

/// How to ask for an exemption from what is told here: the check and the resource must be those that are looked at.
fn exemption(group: &Group<'_>, l: Language) -> Vec<String> {
    let mut lines = vec![tr!(
        l,
        "Ask security for an exemption, with a reason and an end; in hardening.yaml, under exemptions, it reads:",
        "请向安全团队申请豁免并说明原因和期限;在 hardening.yaml 的 exemptions 下写作:"
    )];
    let wanted: BTreeSet<(&str, &str)> = group.items.iter().map(|item| item.about.exempted_by()).collect();
    lines.extend(wanted.into_iter().map(|(check, resource)| {
        format!("- {{check: {check}, resource: \"acs:ram::*:{resource}\", owner: NAME, reason: WHY, expires: YYYY-MM-DD}}")
    }));
    lines
}

/// There is no record, so nothing is said of any key: it would be said again each day.
pub(crate) fn unrecorded(account: Option<&str>, now: Timestamp, l: Language, why: &str) -> Message {
    Message {
        id: format!("{FUNCTION}/unrecorded/{}", day(now)),
        kind: Kind::Alert,
        severity: Severity::High,
        function: FUNCTION.to_owned(),
        account_id: account.map(str::to_owned),
        title: tr!(
            l,
            "Key rotation could not run: its record cannot be read or written",
            "密钥轮换无法运行:记录无法读写"
        ),
        summary: tr!(
            l,
            "No reminder was sent and nothing was changed. {why}",
            "未发送任何提醒,也未做任何更改。{why}"
        ),
        facts: Vec::new(),
        sections: Vec::new(),
        sent_at: now,
        language: l,
    }
}
