//! What people are told, in both languages: what could not be read, what changed, what is accepted, what is still open.

use std::collections::BTreeMap;

use jiff::Timestamp;
use shared::checks::{Finding, Status};
use shared::config::{Language, Severity};
use shared::notify::{Kind, Message, Section};
use shared::openapi::sign::sha256_hex;
use shared::report::{Entry, Mended, Register, Report};
use shared::tr;

use crate::FUNCTION;
use crate::record::News;

/// Lines of one section at most: a message is for reading, and the report has them all.
const LINES: usize = 15;

/// What a message is made of.
pub(crate) struct Facts<'a> {
    pub report: &'a Report,
    pub register: &'a Register,
    pub news: &'a News,
    /// Which night it is: the same things some other night are another message.
    pub round: u64,
    pub language: Language,
}

impl<'a> Facts<'a> {
    fn findings(&self, prints: &[String]) -> Vec<&'a Finding> {
        let by_print: BTreeMap<&str, &Finding> =
            self.report.findings.iter().map(|finding| (finding.fingerprint.as_str(), finding)).collect();
        let mut found: Vec<&Finding> =
            prints.iter().filter_map(|print| by_print.get(print.as_str()).copied()).collect();
        found.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.resource.cmp(&b.resource)));
        found
    }
}

/// The message of one night.
pub(crate) fn night(facts: &Facts<'_>) -> Message {
    let (l, report, changes) = (facts.language, facts.report, &facts.news.changes);
    let (new, fixed, open) = (changes.new.len(), changes.fixed.len(), changes.open.len());
    let account = &report.account_id;
    let title = if facts.news.first {
        tr!(
            l,
            "Exposure of account {account}: {new} findings at first sight",
            "账号 {account} 暴露面：首次扫描发现 {new} 项"
        )
    } else if new == 0 && fixed == 0 {
        tr!(
            l,
            "Exposure of account {account}: nothing changed, {open} open",
            "账号 {account} 暴露面：无变化，{open} 项未处理"
        )
    } else {
        tr!(
            l,
            "Exposure of account {account}: {new} new, {fixed} fixed, {open} still open",
            "账号 {account} 暴露面：新增 {new}，已修复 {fixed}，未处理 {open}"
        )
    };
    let new = facts.findings(&changes.new);
    let open = facts.findings(&changes.open);
    let mut sections = Vec::new();
    let mut section = |title: String, lines: Vec<String>| {
        if !lines.is_empty() {
            sections.push(Section { title, lines: short(lines, l) });
        }
    };
    let count = new.len();
    section(tr!(l, "New ({count})", "新增（{count}）"), new.iter().map(|finding| line(finding, l)).collect());
    let count = changes.fixed.len();
    let lines = changes.fixed.iter().map(|(failure, how)| {
        let how = match how {
            Mended::Passes => tr!(l, "put right", "已修复"),
            Mended::Gone => tr!(l, "gone", "资源已不存在"),
            Mended::Accepted => tr!(l, "accepted", "已豁免"),
        };
        format!("{}: {} ({how})", failure.title, failure.resource)
    });
    section(tr!(l, "Fixed ({count})", "已修复（{count}）"), lines.collect());
    let count = changes.unseen.len();
    let lines = changes.unseen.iter().map(|failure| format!("{}: {}", failure.title, failure.resource));
    section(
        tr!(l, "Open before, not readable now ({count})", "此前存在，本次无法读取（{count}）"),
        lines.collect(),
    );
    section(tr!(l, "Accepted exposure", "已登记的暴露"), register_lines(facts.register, l));
    let count = open.len();
    section(
        tr!(l, "Still open ({count})", "仍未处理（{count}）"),
        open.iter().map(|finding| line(finding, l)).collect(),
    );
    Message {
        id: format!("{FUNCTION}/{}", identity(facts)),
        kind: if new.is_empty() { Kind::Notice } else { Kind::Alert },
        severity: severity(facts, &new, &open),
        function: FUNCTION.to_owned(),
        account_id: Some(account.clone()),
        title,
        summary: summary(facts),
        facts: Vec::new(),
        sections,
        sent_at: report.started_at,
        language: l,
    }
}

/// What could not be read comes first: nobody must take silence about a region for peace there.
fn summary(facts: &Facts<'_>) -> String {
    let (l, report) = (facts.language, facts.report);
    let mut lines = Vec::new();
    if !report.coverage.is_whole() {
        let (failed, unknown) =
            (report.coverage.failed, report.summary.get(&Status::Unknown).copied().unwrap_or_default());
        lines.push(tr!(
            l,
            "Not everything could be read: {failed} reads failed, {unknown} results are UNKNOWN. What they would show is not known to be well.",
            "部分内容未能读取：{failed} 次读取失败，{unknown} 项结果未知。未读取的内容不代表没有问题。"
        ));
        let whys: Vec<String> = report.coverage.failures.iter().map(|why| format!("- {why}")).collect();
        lines.extend(short_to(whys, 5, l));
    } else if facts.news.readable_again {
        lines.push(tr!(
            l,
            "Everything could be read again, other than last time.",
            "与上次不同，本次所有内容均可读取。"
        ));
    }
    let regions = report.coverage.regions.len();
    let (fail, exempt) = (
        report.summary.get(&Status::Fail).copied().unwrap_or_default(),
        report.summary.get(&Status::Exempt).copied().unwrap_or_default(),
    );
    lines.push(tr!(
        l,
        "{regions} regions looked at: {fail} findings are open, {exempt} are accepted.",
        "已检查 {regions} 个地域：{fail} 项未处理，{exempt} 项已豁免。"
    ));
    lines.join("\n")
}

fn line(finding: &Finding, l: Language) -> String {
    let (severity, title, resource, message) =
        (finding.severity, &finding.title, &finding.resource, &finding.message);
    let since = finding.first_seen.map(|at| at.strftime("%Y-%m-%d").to_string()).unwrap_or_default();
    tr!(
        l,
        "[{severity}] {title}: {resource}. {message} (since {since})",
        "[{severity}] {title}：{resource}。{message}（始于 {since}）"
    )
}

fn register_lines(register: &Register, l: Language) -> Vec<String> {
    let of =
        |entry: &Entry| (entry.check.clone(), entry.resource.clone(), entry.owner.clone(), entry.expires);
    let mut lines = Vec::new();
    for entry in &register.expired {
        let (check, resource, owner, expires) = of(entry);
        lines.push(tr!(
            l,
            "Ended on {expires}, and findings again: {check} on {resource} ({owner})",
            "已于 {expires} 到期，重新计为问题：{check}，{resource}（{owner}）"
        ));
    }
    for entry in &register.ending {
        let (check, resource, owner, expires) = of(entry);
        lines.push(tr!(
            l,
            "Ends on {expires}: {check} on {resource} ({owner}). Renew it, or close what it covers.",
            "将于 {expires} 到期：{check}，{resource}（{owner}）。请续期，或关闭其所覆盖的暴露。"
        ));
    }
    for entry in &register.stale {
        let (check, resource, owner, _) = of(entry);
        lines.push(tr!(
            l,
            "Covers nothing any more, take it out: {check} on {resource} ({owner})",
            "已无对应问题，请删除：{check}，{resource}（{owner}）"
        ));
    }
    lines
}

fn short(lines: Vec<String>, l: Language) -> Vec<String> {
    short_to(lines, LINES, l)
}

fn short_to(mut lines: Vec<String>, most: usize, l: Language) -> Vec<String> {
    if lines.len() > most {
        let left = lines.len() - most;
        lines.truncate(most);
        lines.push(tr!(l, "and {left} more, all of them in the report", "另有 {left} 项，详见报告"));
    }
    lines
}

fn severity(facts: &Facts<'_>, new: &[&Finding], open: &[&Finding]) -> Severity {
    let worst = |findings: &[&Finding]| findings.iter().map(|finding| finding.severity).max();
    let unread = (!facts.report.coverage.is_whole()).then_some(Severity::Medium);
    let register = (!facts.register.expired.is_empty()).then_some(Severity::Medium);
    // What is open for long is not news: it is not shouted again.
    let open = worst(open).map(|severity| severity.min(Severity::Medium));
    worst(new).max(unread).max(register).max(open).unwrap_or(Severity::Low)
}

fn identity(facts: &Facts<'_>) -> String {
    let News { changes, unread, register, .. } = facts.news;
    let mut said = vec![facts.report.account_id.clone(), facts.round.to_string()];
    said.extend(changes.new.iter().cloned());
    said.extend(changes.fixed.iter().map(|(failure, _)| format!("{} {}", failure.check, failure.resource)));
    said.extend(unread.iter().cloned());
    said.extend(register.iter().cloned());
    sha256_hex(said.join("\n").as_bytes())[..16].to_owned()
}

/// There is no record, so nothing is scanned: everything would be said to be new.
pub(crate) fn unrecorded(account: &str, now: Timestamp, l: Language, why: &str) -> Message {
    let day = now.strftime("%Y-%m-%d");
    Message {
        id: format!("{FUNCTION}/unrecorded/{day}"),
        kind: Kind::Alert,
        severity: Severity::High,
        function: FUNCTION.to_owned(),
        account_id: Some(account.to_owned()),
        title: tr!(
            l,
            "The exposure scan could not run: its record cannot be read",
            "暴露面扫描无法运行：记录无法读取"
        ),
        summary: tr!(l, "Nothing was looked at tonight. {why}", "今晚未进行任何检查。{why}"),
        facts: Vec::new(),
        sections: Vec::new(),
        sent_at: now,
        language: l,
    }
}
