//! One key, in a title and a few lines.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::Timestamp;
use shared::checks::keys::{Stage, due_at};
use shared::config::{Config, Language};
use shared::notify::{service_lines, undo_command};
use shared::snapshot::{AccessKey, KeyUse, Read};
use shared::tr;

use super::day;
use crate::owners::{Owner, owner};
use crate::plan::{About, Item};

/// What messages draw on.
pub(crate) struct Facts<'a> {
    pub language: Language,
    pub account_id: &'a str,
    pub now: Timestamp,
    pub config: &'a Config,
    /// Keys whose rotation has begun.
    pub rotating: &'a BTreeSet<String>,
    /// HARDENING_STATE: `harden` on another machine must look into the same store.
    pub state: Option<&'a str>,
    /// What keys are used for, where it was looked up.
    pub uses: &'a BTreeMap<String, KeyUse>,
    /// Keys that this function has disabled.
    pub cases: &'a BTreeSet<String>,
    /// Which run it is: part of what messages are called by.
    pub round: u64,
}

/// Which key, and what about it.
pub(crate) fn title(item: &Item<'_>, facts: &Facts<'_>) -> String {
    let (l, user) = (facts.language, &item.user.name);
    match &item.about {
        About::Several(keys) => {
            let count = keys.len();
            tr!(l, "{user} has {count} active access keys", "{user} 有 {count} 个启用的访问密钥")
        }
        About::Disabled(key, _) => {
            let id = &key.id;
            tr!(l, "{id} of {user} was disabled today", "{user} 的密钥 {id} 今天已被停用")
        }
        About::Key(key, stage) => {
            let id = &key.id;
            let due = key.created.known().map(|made| due_at(*made, &facts.config.rotation));
            let due_on = due.map(day).unwrap_or_default();
            let days = due.map(|due| facts.now.duration_since(due).as_hours() / 24).unwrap_or_default();
            match stage {
                Stage::Inactive => tr!(
                    l,
                    "{id} of {user} is disabled and still there",
                    "{user} 的密钥 {id} 已停用但尚未删除"
                ),
                Stage::Unknown { .. } => {
                    tr!(l, "{id} of {user}: its age is UNKNOWN", "{user} 的密钥 {id}:创建时间未知(UNKNOWN)")
                }
                Stage::NeverUsed => tr!(l, "{id} of {user} was never used", "{user} 的密钥 {id} 从未使用"),
                Stage::Idle => tr!(l, "{id} of {user} is idle", "{user} 的密钥 {id} 长期未使用"),
                Stage::Overdue => tr!(
                    l,
                    "{id} of {user} is OVERDUE by {days} days",
                    "{user} 的密钥 {id} 已逾期 {days} 天未轮换"
                ),
                Stage::Due => tr!(l, "{id} of {user} is due for rotation", "{user} 的密钥 {id} 已到轮换期限"),
                Stage::DueSoon { .. } => {
                    tr!(l, "{id} of {user} is due on {due_on}", "{user} 的密钥 {id} 将于 {due_on} 到期")
                }
                Stage::Fine => tr!(l, "{id} of {user} is fine", "{user} 的密钥 {id} 正常"),
            }
        }
    }
}

/// What there is to know and to do.
pub(crate) fn lines(item: &Item<'_>, facts: &Facts<'_>) -> Vec<String> {
    let l = facts.language;
    let principal = &item.user.principal_name;
    match &item.about {
        About::Several(ids) => {
            let held = item.user.keys.known().into_iter().flatten();
            let mut keys: Vec<&AccessKey> = held.filter(|key| ids.contains(&key.id.as_str())).collect();
            // The one that is used least comes last: if any, that is the one to go.
            keys.sort_by_key(|key| {
                std::cmp::Reverse(key.last_use.known().and_then(|last| last.as_ref()).map(|last| last.at))
            });
            let mut lines: Vec<String> = keys
                .iter()
                .map(|key| {
                    let (id, made, used) = (&key.id, made_on(key, l), last_use(key, None, l));
                    tr!(l, "{id}: made {made}. {used}", "{id}:创建于 {made}。{used}")
                })
                .collect();
            lines.push(tr!(
                l,
                "A second key is for the days of a rotation. When its callers have moved to the other, disable the one that is used least:",
                "第二个密钥只应在轮换期间存在。确认调用方已迁移后,停用使用较少的那个:"
            ));
            let read = keys.iter().all(|key| key.last_use.known().is_some());
            lines.extend(keys.last().filter(|_| read).map(|key| disable_command(principal, &key.id)));
            lines
        }
        About::Disabled(key, case) => {
            let undo = undo_command(facts.state, case);
            vec![
                tr!(
                    l,
                    "Notice had been given, and nothing has used it since. Put it back: {undo}",
                    "此前已通知,且通知后未被使用。恢复:{undo}"
                ),
                tr!(l, "When nothing fails for a week, delete it:", "一周内无异常后请删除:"),
                delete_command(principal, &key.id),
            ]
        }
        About::Key(key, stage) => of_key(item, key, stage, facts),
    }
}

fn of_key(item: &Item<'_>, key: &AccessKey, stage: &Stage, facts: &Facts<'_>) -> Vec<String> {
    let l = facts.language;
    let (user, principal, id) = (&item.user.name, &item.user.principal_name, &key.id);
    let mut lines = Vec::new();
    if let Owner { name: Some(name), channel: None } = owner(item.user, facts.config) {
        lines.push(tr!(l, "Owner: {name}, who has no channel here.", "负责人:{name}(此处没有其通知渠道)。"));
    }
    if let Some(made) = key.created.known() {
        let (made_on, due_on) = (day(*made), day(due_at(*made, &facts.config.rotation)));
        let days = facts.now.duration_since(*made).as_hours() / 24;
        lines.push(tr!(
            l,
            "Made {made_on}, {days} days ago; due {due_on}.",
            "创建于 {made_on}({days} 天前);轮换期限 {due_on}。"
        ));
    }
    if let Stage::Unknown { why } = stage {
        lines.push(tr!(l, "When it was made could not be read: {why}", "无法读取创建时间:{why}"));
    }
    let seen = facts.uses.get(id);
    lines.push(last_use(key, seen.and_then(|seen| seen.last), l));
    if let Some(seen) = seen {
        lines.extend(service_lines(seen, l));
        lines.extend(temporary(seen, l));
    }
    if let Some(on) = item.disabled_on {
        let on = day(on);
        lines.push(tr!(
            l,
            "NOTICE: it will be disabled on or after {on}, unless it is used before. That can be undone.",
            "通知:若在此之前未被使用,该密钥将于 {on} 或之后被停用(可撤销)。"
        ));
    }
    match stage {
        _ if key.active && facts.rotating.contains(id) => {
            lines.push(tr!(l, "Its rotation has begun. Go on with it:", "该密钥的轮换已开始,请继续:"));
            lines.push(format!("harden rotate {user}"));
        }
        Stage::Inactive => {
            if facts.cases.contains(id) {
                let undo = undo_command(facts.state, &crate::disable::case_id(id));
                lines.push(tr!(
                    l,
                    "This function disabled it. Put it back: {undo}",
                    "由本函数停用。恢复:{undo}"
                ));
            }
            lines.push(tr!(l, "If nothing has failed since, delete it:", "若停用后无异常,请删除:"));
            lines.push(delete_command(principal, id));
        }
        Stage::Idle | Stage::NeverUsed => {
            lines.push(tr!(
                l,
                "Nothing seems to need it. Disable it now (it can be enabled again), delete it a week later:",
                "似乎已无用途。请立即停用(可重新启用),一周后删除:"
            ));
            lines.push(disable_command(principal, id));
        }
        _ if key.active && facts.config.is_break_glass_user(user, facts.account_id) => lines.push(tr!(
            l,
            "It is kept for emergencies (break_glass): no tool of ours touches it. Rotate it by hand, with two people, and try the new one.",
            "应急备用(break_glass),本工具不会处理。请由两人手工轮换,并验证新密钥可用。"
        )),
        _ if key.active && item.user.keys.known().is_some_and(|keys| keys.len() > 1) && !matches!(stage, Stage::Idle | Stage::NeverUsed) => {
            lines.push(tr!(
                l,
                "Its user holds two keys, all that RAM allows. Disable and delete the one that is used least; then rotate the other:",
                "该用户已有两个密钥(RAM 上限)。请先停用并删除使用较少的那个,再轮换另一个:"
            ));
            lines.push(format!("harden rotate {user} --to kms:{user}-access-key"));
        }
        Stage::Unknown { .. } | Stage::Overdue | Stage::Due | Stage::DueSoon { .. } | Stage::Fine => {
            lines.push(tr!(
                l,
                "Rotate it, step by step; it can be interrupted and resumed:",
                "逐步轮换(可中断和恢复):"
            ));
            lines.push(format!("harden rotate {user} --key {id} --to kms:{user}-access-key"));
        }
    }
    lines
}

fn made_on(key: &AccessKey, l: Language) -> String {
    key.created.known().map_or_else(|| tr!(l, "at an UNKNOWN time", "未知(UNKNOWN)时间"), |made| day(*made))
}

/// The last use that either record knows of.
fn last_use(key: &AccessKey, seen: Option<Timestamp>, l: Language) -> String {
    let last = key.last_use.known().and_then(|last| last.as_ref()).map(|last| last.at);
    match (last.max(seen), &key.last_use) {
        (Some(at), _) => {
            let at = at.strftime("%Y-%m-%d %H:%M UTC").to_string();
            tr!(l, "Last used {at}.", "最近使用:{at}。")
        }
        (None, Read::Read(_)) => tr!(l, "Never used.", "从未使用。"),
        (None, Read::Unread(why)) => {
            tr!(l, "Whether it is used is UNKNOWN: {why}", "是否在使用:未知(UNKNOWN):{why}")
        }
    }
}

fn disable_command(principal: &str, key: &str) -> String {
    format!(
        "aliyun ims UpdateAccessKey --UserPrincipalName {principal} --UserAccessKeyId {key} --Status Inactive"
    )
}

fn delete_command(principal: &str, key: &str) -> String {
    format!("aliyun ims DeleteAccessKey --UserPrincipalName {principal} --UserAccessKeyId {key}")
}

/// Which temporary credentials would do instead, judged by where the key is used from.
fn temporary(seen: &KeyUse, l: Language) -> Option<String> {
    let addresses: Vec<&str> =
        seen.services.iter().flat_map(|used| used.addresses.iter().map(String::as_str)).collect();
    if addresses.is_empty() {
        return None;
    }
    let inside = |text: &&str| text.parse::<IpAddr>().is_ok_and(is_private);
    Some(if addresses.iter().any(|text| text.ends_with(".aliyuncs.com")) {
        tr!(
            l,
            "It is used by another cloud service: that service can assume a role instead of holding a key.",
            "该密钥由其他云服务使用:可改为让该服务扮演角色,无需密钥。"
        )
    } else if addresses.iter().all(inside) {
        tr!(
            l,
            "It is used from inside a VPC, where no key is needed: an ECS instance role, a Function Compute function role, or RRSA for a pod in ACK gives temporary credentials.",
            "该密钥从 VPC 内部使用,可无需密钥:ECS 实例 RAM 角色、函数计算函数角色,或 ACK 的 RRSA 均可提供临时凭证。"
        )
    } else if addresses.iter().any(inside) {
        tr!(
            l,
            "Part of its use comes from inside a VPC: give that part an instance role, a function role or RRSA; for the rest, federation (OIDC) or AssumeRole.",
            "部分调用来自 VPC 内部:该部分可使用实例角色、函数角色或 RRSA;其余可使用 OIDC 联合身份或 AssumeRole。"
        )
    } else {
        tr!(
            l,
            "It is used from outside: a pipeline can get temporary credentials by OIDC federation, people by CloudSSO, servers elsewhere by AssumeRole.",
            "该密钥从外部使用:流水线可用 OIDC 联合身份,人员可用云 SSO,其他服务器可用 AssumeRole 获取临时凭证。"
        )
    })
}

/// Addresses that only a network of one's own has: private ranges, and those that the provider uses inside (100.64.0.0/10).
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || (v4.octets()[0] == 100 && v4.octets()[1] & 0xC0 == 64),
        IpAddr::V6(v6) => (v6.segments()[0] & 0xFE00) == 0xFC00,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::snapshot::ServiceUse;

    #[test]
    fn the_hint_goes_by_where_the_key_is_used() {
        let hint = |addresses: &[&str]| {
            let addresses = addresses.iter().map(|text| (*text).to_owned()).collect();
            let service = ServiceUse { service: "Ecs".into(), events: Vec::new(), addresses };
            temporary(&KeyUse { services: vec![service], ..KeyUse::default() }, Language::En)
                .unwrap_or_default()
        };
        for (addresses, part) in [
            (&["10.1.2.3", "100.64.1.1", "fd00::1"][..], "inside a VPC, where"),
            (&["203.0.113.9"], "from outside"),
            (&["192.168.0.1", "203.0.113.9"], "Part of its use"),
            (&["fc.aliyuncs.com"], "another cloud service"),
        ] {
            assert!(hint(addresses).contains(part), "{addresses:?}: {}", hint(addresses));
        }
        assert_eq!(hint(&[]), "");
    }
}
