//! Findings for reading in a terminal: the worst first, what could not be read at the end, where the eye stays.

use std::fmt::Write as _;

use shared::checks::{Finding, Status};
use shared::config::{Language, Severity};
use shared::report::{Changes, Register, Report};
use shared::tr;

use super::compare::Since;
use crate::output::{Paint, Style};

/// What is drawn.
pub(super) struct Page<'a> {
    pub(super) report: &'a Report,
    pub(super) register: &'a Register,
    pub(super) since: Option<&'a Since>,
    pub(super) changes: Option<&'a Changes>,
}

impl Page<'_> {
    /// The page; with `all` also what is well.
    pub(super) fn draw(&self, l: Language, paint: Paint, all: bool) -> String {
        let mut page = String::new();
        let mut rows: Vec<&Finding> =
            self.report.findings.iter().filter(|one| all || one.status != Status::Pass).collect();
        rows.sort_by(|a, b| {
            let key = |one: &Finding| (order(one.status), std::cmp::Reverse(one.severity));
            key(a).cmp(&key(b)).then_with(|| (&a.check, &a.resource).cmp(&(&b.check, &b.resource)))
        });
        for finding in rows {
            self.row(&mut page, finding, l, paint);
        }
        self.changes(&mut page, l, paint);
        self.register(&mut page, l, paint);
        self.unread(&mut page, l, paint);
        let _ = writeln!(page, "{}", paint.text(Style::Bold, &self.counts(l)));
        page
    }

    fn row(&self, page: &mut String, finding: &Finding, l: Language, paint: Paint) {
        let word = match finding.status {
            Status::Fail => finding.severity.as_str(),
            other => other.as_str(),
        };
        let new = self.changes.is_some_and(|changes| changes.new.contains(&finding.fingerprint));
        let mark = if new { tr!(l, " (new)", "（新）") } else { String::new() };
        let head = paint.text(style(finding), &format!("{word:<9}"));
        let (check, resource) = (&finding.check, &finding.resource);
        let _ = writeln!(page, "{head} {} {resource}{mark}", paint.text(Style::Bold, check));
        let since = finding.first_seen.map(|at| at.strftime("%Y-%m-%d").to_string());
        let since = match (self.since, since) {
            (Some(_), Some(day)) => tr!(l, " (since {day})", "（始于 {day}）"),
            _ => String::new(),
        };
        let _ = writeln!(page, "          {}{since}", finding.message);
        if finding.status == Status::Fail && !finding.remediation.is_empty() {
            let _ =
                writeln!(page, "          {}", paint.text(Style::Dim, &format!("→ {}", finding.remediation)));
        }
    }

    fn changes(&self, page: &mut String, l: Language, paint: Paint) {
        let (Some(since), Some(changes)) = (self.since, self.changes) else { return };
        let at = since.at.strftime("%Y-%m-%d %H:%M UTC");
        let (new, fixed, open, unseen) =
            (changes.new.len(), changes.fixed.len(), changes.open.len(), changes.unseen.len());
        let line = tr!(
            l,
            "Since {at}: {new} new, {fixed} fixed, {open} still open, {unseen} not readable now",
            "自 {at} 以来：新增 {new}，已修复 {fixed}，未处理 {open}，无法读取 {unseen}"
        );
        let _ = writeln!(page, "\n{}", paint.text(Style::Bold, &line));
        for (failure, _) in &changes.fixed {
            let word = paint.text(Style::Green, &tr!(l, "fixed    ", "已修复   "));
            let _ = writeln!(page, "{word} {} {}", failure.check, failure.resource);
        }
    }

    fn register(&self, page: &mut String, l: Language, paint: Paint) {
        if self.register.is_quiet() {
            return;
        }
        let _ = writeln!(page, "\n{}", paint.text(Style::Bold, &tr!(l, "Accepted exposure", "已登记的暴露")));
        for (word, entries) in [
            (tr!(l, "ended", "已到期"), &self.register.expired),
            (tr!(l, "ends soon", "即将到期"), &self.register.ending),
            (tr!(l, "covers nothing", "已无对应问题"), &self.register.stale),
        ] {
            for entry in entries {
                let _ = writeln!(
                    page,
                    "{word}: {} {} ({}, {})",
                    entry.check, entry.resource, entry.owner, entry.expires
                );
            }
        }
    }

    fn unread(&self, page: &mut String, l: Language, paint: Paint) {
        let coverage = &self.report.coverage;
        if coverage.is_whole() {
            return;
        }
        let failed = coverage.failed;
        let line = tr!(
            l,
            "Not everything could be read: {failed} reads failed. What they would show is UNKNOWN.",
            "部分内容未能读取：{failed} 次读取失败，相关结果未知。"
        );
        let _ = writeln!(page, "\n{}", paint.text(Style::Yellow, &line));
        for why in &coverage.failures {
            let _ = writeln!(page, "  {why}");
        }
    }

    fn counts(&self, l: Language) -> String {
        let report = self.report;
        let count = |status| report.summary.get(&status).copied().unwrap_or_default();
        let (fail, unknown, exempt, pass) =
            (count(Status::Fail), count(Status::Unknown), count(Status::Exempt), count(Status::Pass));
        let by = |severity: Severity| {
            let is = |one: &&Finding| one.status == Status::Fail && one.severity == severity;
            (severity, report.findings.iter().filter(is).count())
        };
        let all = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info];
        let severities: Vec<String> = all
            .into_iter()
            .map(by)
            .filter(|(_, count)| *count > 0)
            .map(|(severity, count)| format!("{count} {severity}"))
            .collect();
        let severities =
            if severities.is_empty() { String::new() } else { format!(" ({})", severities.join(", ")) };
        let (regions, calls) = (report.coverage.regions.len(), report.coverage.calls);
        let (account, seconds) = (&report.account_id, report.duration_ms.div_ceil(1000));
        tr!(
            l,
            "\nAccount {account}: {fail} FAIL{severities}, {unknown} UNKNOWN, {exempt} EXEMPT, {pass} PASS · {regions} regions, {calls} calls, {seconds} s",
            "\n账号 {account}：不合规 {fail}{severities}，未知 {unknown}，已豁免 {exempt}，合规 {pass} · {regions} 个地域，{calls} 次调用，{seconds} 秒"
        )
    }
}

/// Failures first, then what is not known.
fn order(status: Status) -> u8 {
    match status {
        Status::Fail => 0,
        Status::Unknown => 1,
        Status::Exempt => 2,
        Status::Pass => 3,
    }
}

fn style(finding: &Finding) -> Style {
    match (finding.status, finding.severity) {
        (Status::Fail, Severity::Critical | Severity::High) => Style::Red,
        (Status::Fail, _) | (Status::Unknown, _) => Style::Yellow,
        (Status::Exempt, _) => Style::Dim,
        (Status::Pass, _) => Style::Green,
    }
}
