//! A plain HTML page of a report: one file, no script, nothing that is fetched.

use std::fmt::Write as _;

use super::Report;
use crate::checks::{Finding, Status};
use crate::config::{Language, Severity};
use crate::tr;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1c1e21;background:#fff}\
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ddd;padding:.4rem .6rem;text-align:left;vertical-align:top}\
code,pre{font:13px/1.4 ui-monospace,monospace;overflow-wrap:anywhere;white-space:pre-wrap}.critical{color:#b00020;font-weight:600}\
.high{color:#b34700;font-weight:600}.medium{color:#7a5c00}.low,.info{color:#44546a}.warn{background:#fff4d6;padding:.6rem 1rem;border-left:4px solid #d09000}\
details{margin:.2rem 0}@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#161616}td,th{border-color:#333}.critical{color:#ff6b81}.high{color:#ff9f5a}.medium{color:#e3c15a}.low,.info{color:#a9b8cc}.warn{background:#3a2f10}}";

impl Report {
    /// The report as one HTML page, failures first.
    pub fn to_html(&self, l: Language) -> String {
        let mut page = String::new();
        let (function, account) = (escape(&self.function), escape(&self.account_id));
        let title = tr!(l, "Account {account}: {function}", "账号 {account}：{function}");
        let language = match l {
            Language::En => "en",
            Language::Zh => "zh-CN",
        };
        // Writing into a string does not fail.
        let _ = write!(
            page,
            "<!doctype html>\n<html lang=\"{language}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
             <title>{title}</title><style>{STYLE}</style></head><body>\n<h1>{title}</h1>\n"
        );
        let count = |status| self.summary.get(&status).copied().unwrap_or_default();
        let (fail, unknown, exempt, pass) =
            (count(Status::Fail), count(Status::Unknown), count(Status::Exempt), count(Status::Pass));
        let at = self.started_at.strftime("%Y-%m-%d %H:%M UTC");
        let counts = tr!(
            l,
            "{at} · {fail} FAIL · {unknown} UNKNOWN · {exempt} EXEMPT · {pass} PASS",
            "{at} · 不合规 {fail} · 未知 {unknown} · 已豁免 {exempt} · 合规 {pass}"
        );
        let _ = writeln!(page, "<p>{counts}</p>");
        self.write_unread(&mut page, l);
        for (status, heading) in [
            (Status::Fail, tr!(l, "To be put right", "需要处理")),
            (Status::Unknown, tr!(l, "Not known", "未知")),
            (Status::Exempt, tr!(l, "Accepted", "已豁免")),
        ] {
            let mut rows: Vec<&Finding> = self.findings.iter().filter(|one| one.status == status).collect();
            if rows.is_empty() {
                continue;
            }
            rows.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
            let (what, resource) = (tr!(l, "What", "问题"), tr!(l, "Resource", "资源"));
            let (severity, since) = (tr!(l, "Severity", "级别"), tr!(l, "Since", "始于"));
            let _ = writeln!(
                page,
                "<h2>{heading} ({})</h2>\n<table><tr><th>{severity}</th><th>{what}</th><th>{resource}</th><th>{since}</th></tr>",
                rows.len()
            );
            rows.into_iter().for_each(|finding| write_row(&mut page, finding, l));
            page.push_str("</table>\n");
        }
        page.push_str("</body></html>\n");
        page
    }

    fn write_unread(&self, page: &mut String, l: Language) {
        if self.coverage.is_whole() {
            return;
        }
        let failed = self.coverage.failed;
        let _ = write!(
            page,
            "<div class=\"warn\"><p>{}</p><ul>",
            tr!(
                l,
                "Not everything could be read ({failed} reads failed). What is not listed here is not known to be well.",
                "部分内容未能读取（{failed} 次读取失败）。未列出的内容不代表没有问题。"
            )
        );
        for why in &self.coverage.failures {
            let _ = write!(page, "<li><code>{}</code></li>", escape(&why.to_string()));
        }
        page.push_str("</ul></div>\n");
    }
}

fn write_row(page: &mut String, finding: &Finding, l: Language) {
    let severity: Severity = finding.severity;
    let since = finding.first_seen.map(|at| at.strftime("%Y-%m-%d").to_string()).unwrap_or_default();
    let _ = write!(
        page,
        "<tr><td class=\"{severity}\">{severity}</td><td><strong>{}</strong> <code>{}</code><br>{}",
        escape(&finding.title),
        escape(&finding.check),
        escape(&finding.message)
    );
    if !finding.remediation.is_empty() {
        let _ = write!(page, "<br>→ {}", escape(&finding.remediation));
    }
    if !finding.evidence.is_empty() {
        let evidence = serde_json::to_string_pretty(&finding.evidence).unwrap_or_default();
        let word = tr!(l, "Evidence", "依据");
        let _ = write!(page, "<details><summary>{word}</summary><pre>{}</pre></details>", escape(&evidence));
    }
    let _ = writeln!(page, "</td><td><code>{}</code></td><td>{since}</td></tr>", escape(&finding.resource));
}

/// A text that is no markup: names of resources are chosen by whoever made them.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn markup_in_names_stays_text() {
        assert_eq!(escape("<img src=x onerror='a'>&\""), "&lt;img src=x onerror=&#39;a&#39;&gt;&amp;&quot;");
    }
}
