//! The summary for security: what could not be read, root's keys, the overdue ones, counts.

use jiff::Timestamp;
use shared::config::{Language, Severity};
use shared::notify::{Kind, Message, Section};
use shared::snapshot::{Coverage, Snapshot, Unread};
use shared::tr;

use super::{FUNCTION, day};
use crate::figures::Figures;
use crate::ledger::Trend;

/// Keys that one section names; what is beyond is counted.
const SHOWN: usize = 200;
/// Users and keys that one reason names.
const NAMED: usize = 5;

/// What a summary says.
pub(crate) struct Summary<'a> {
    pub account: &'a Snapshot,
    pub coverage: &'a Coverage,
    pub figures: &'a Figures,
    pub now: Timestamp,
    /// Which run it is: part of the id.
    pub round: u64,
    pub language: Language,
    /// Root's keys are to be mentioned.
    pub root: bool,
    /// Overdue keys that are news today, a line each.
    pub overdue: Vec<String>,
    /// Keys that this run disabled, or meant to and did not, a line each.
    pub acted: Vec<String>,
    /// Keys rotated since the last summary: from when each was due, in seconds.
    pub rotated: Vec<u64>,
    /// The figures of about a month ago, or the oldest since.
    pub before: Option<&'a Trend>,
    /// Digests that reached nobody, and whether all others reached whom they were for.
    pub unreached: usize,
    /// When the rotation was last rehearsed.
    pub rehearsed: Option<Timestamp>,
}

impl Summary<'_> {
    /// How urgent it is.
    pub(crate) fn severity(&self) -> Severity {
        if self.root {
            Severity::Critical
        } else if !self.overdue.is_empty() || !self.coverage.is_whole() || self.unreached > 0 {
            Severity::High
        } else if !self.acted.is_empty() {
            Severity::Medium
        } else {
            Severity::Low
        }
    }
}

/// The message.
pub(crate) fn summary(said: &Summary<'_>, channel: &str) -> Message {
    let l = said.language;
    let figures = said.figures;
    let (active, account) = (figures.active_keys, &said.account.account_id);
    let count = |stage: &str| figures.stages.get(stage).copied().unwrap_or_default();
    let (overdue, due, idle) =
        (count("overdue"), count("due") + count("due_soon"), count("idle") + count("never_used"));
    let title = match (said.account.known_root_keys(), said.root) {
        (Some(root), true) => {
            let keys = if root == 1 { "an access key" } else { "access keys" };
            tr!(
                l,
                "Root has {keys} ({root}); overdue keys of users: {overdue}",
                "主账号有 {root} 个访问密钥;用户密钥逾期 {overdue} 个"
            )
        }
        _ if !said.coverage.is_whole() => {
            let failed = said.coverage.failed;
            tr!(
                l,
                "Access keys: not everything was read ({failed} missing); {overdue} overdue of {active} that were",
                "访问密钥:{failed} 项读取失败;已读取的 {active} 个中 {overdue} 个逾期"
            )
        }
        _ => tr!(
            l,
            "Access keys: {overdue} overdue, {due} due or due soon, {idle} idle, of {active}",
            "访问密钥:共 {active} 个,逾期 {overdue},到期或即将到期 {due},闲置 {idle}"
        ),
    };
    let mut sections = Vec::new();
    let mut section = |title: String, lines: Vec<String>| {
        if !lines.is_empty() {
            sections.push(Section { title, lines });
        }
    };
    section(tr!(l, "Could not be read (UNKNOWN)", "无法读取(未知 UNKNOWN)"), unread(said, l));
    if said.unreached > 0 {
        let count = said.unreached;
        section(
            tr!(l, "Not delivered", "未送达"),
            vec![tr!(
                l,
                "{count} digests reached nobody; they are sent again tomorrow.",
                "{count} 份提醒未送达任何人,明天将重新发送。"
            )],
        );
    }
    if said.root {
        section(tr!(l, "Root", "主账号"), root(said.account, l));
    }
    section(tr!(l, "Overdue, news today", "今日新增逾期"), shortened(&said.overdue, l));
    section(tr!(l, "Disabling", "停用结果"), shortened(&said.acted, l));
    section(tr!(l, "Figures", "数据"), figure_lines(said));
    let (date, round) = (day(said.now), said.round);
    Message {
        id: format!("{FUNCTION}/summary/{date}-{round}/{channel}"),
        kind: Kind::Notice,
        severity: said.severity(),
        function: FUNCTION.to_owned(),
        account_id: Some(account.clone()),
        title,
        summary: tr!(
            l,
            "Access keys of account {account} on {date}, as they were read before anything was done.",
            "账号 {account} 在 {date} 的访问密钥概况(读取于任何操作之前)。"
        ),
        facts: Vec::new(),
        sections,
        sent_at: said.now,
        language: l,
    }
}

/// The reasons, each with whom it concerns.
fn unread(said: &Summary<'_>, l: Language) -> Vec<String> {
    const REASONS: usize = 10;
    let failures = &said.coverage.failures;
    let concerned = |why: &Unread| {
        let mut names = Vec::new();
        for user in &said.account.users {
            if [user.console.unread(), user.keys.unread()].contains(&Some(why)) {
                names.push(user.name.clone());
            }
            for key in user.keys.known().into_iter().flatten() {
                if [key.created.unread(), key.last_use.unread()].contains(&Some(why)) {
                    names.push(format!("{} ({})", key.id, user.name));
                }
            }
        }
        names
    };
    let line = |why: &Unread| {
        let names = concerned(why);
        let more = names.len().saturating_sub(NAMED);
        let shown = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        match (names.is_empty(), more) {
            (true, _) => why.to_string(),
            (false, 0) => format!("{why}: {shown}"),
            (false, _) => tr!(l, "{why}: {shown} and {more} more", "{why}:{shown} 等,另有 {more} 个"),
        }
    };
    let mut lines: Vec<String> = failures.iter().take(REASONS).map(line).collect();
    let more = failures.len().saturating_sub(REASONS);
    if more > 0 {
        lines.push(tr!(l, "and {more} more reasons", "另有 {more} 个原因"));
    }
    lines
}

/// As many lines as one reads; the rest is counted.
fn shortened(lines: &[String], l: Language) -> Vec<String> {
    let mut short: Vec<String> = lines.iter().take(SHOWN).cloned().collect();
    let more = lines.len().saturating_sub(SHOWN);
    if more > 0 {
        short.push(tr!(l, "and {more} more", "另有 {more} 个"));
    }
    short
}

fn root(account: &Snapshot, l: Language) -> Vec<String> {
    let mut lines = vec![tr!(
        l,
        "A root key may do everything and no role can revoke it. Sign in as root, open the AccessKey page, disable and delete it.",
        "主账号密钥拥有全部权限,任何角色都无法吊销。请以主账号登录,在 AccessKey 管理页面停用并删除。"
    )];
    let reported =
        account.credential_report.known().and_then(|report| Some((report.generated_at, report.root()?)));
    let Some((made, row)) = reported else { return lines };
    let made = made.map(|at| at.to_string()).unwrap_or_default();
    for key in &row.keys {
        let used = key
            .used
            .map_or_else(|| tr!(l, "never used", "从未使用"), |at| tr!(l, "last used {at}", "最近使用 {at}"));
        let since = key.rotated.map(day).unwrap_or_default();
        lines.push(tr!(
            l,
            "Made {since}, {used} (credential report of {made}).",
            "创建于 {since},{used}(凭证报告时间 {made})。"
        ));
    }
    lines
}

fn figure_lines(said: &Summary<'_>) -> Vec<String> {
    let l = said.language;
    let Figures { users, active_keys, inactive_keys, .. } = said.figures;
    let mut lines = vec![tr!(
        l,
        "Users: {users}; active keys: {active_keys}; disabled ones: {inactive_keys}.",
        "{users} 个用户,{active_keys} 个启用的密钥,{inactive_keys} 个已停用。"
    )];
    if let (Some(median), Some(oldest)) = (said.figures.median_age_days, said.figures.oldest_age_days) {
        lines.push(tr!(
            l,
            "Age: median {median} days, oldest {oldest}.",
            "密钥使用时长:中位数 {median} 天,最长 {oldest} 天。"
        ));
    }
    if let Some(share) = said.figures.within_schedule {
        let percent = (share * 100.0).floor();
        let then = said.before.and_then(|before| Some((before, before.within_schedule_percent?)));
        lines.push(match then {
            Some((before, share)) => {
                let (on, keys) = (day(before.at), before.active_keys);
                tr!(
                    l,
                    "Within schedule: {percent}%. On {on} it was {share}%, of {keys} keys.",
                    "符合轮换计划:{percent}%;{on} 为 {share}%(共 {keys} 个密钥)。"
                )
            }
            None => tr!(l, "Within schedule: {percent}%.", "符合轮换计划:{percent}%。"),
        });
    }
    if !said.rotated.is_empty() {
        let rotated = said.rotated.len();
        let days = said.rotated.iter().sum::<u64>() as f64 / rotated as f64 / 86_400.0;
        lines.push(tr!(
            l,
            "Rotated since the last summary: {rotated}, on average {days:.1} days after they were due.",
            "自上次汇总以来已轮换 {rotated} 个,平均在到期后 {days:.1} 天完成。"
        ));
    }
    lines.push(match said.rehearsed {
        Some(at) => {
            let at = day(at);
            tr!(l, "The rotation was last rehearsed on {at}.", "上次轮换演练:{at}。")
        }
        None => tr!(
            l,
            "The rotation was never rehearsed: harden rotate --rehearse",
            "轮换从未演练过:harden rotate --rehearse"
        ),
    });
    lines
}
