//! Messages as text. What is in a message is plain text and stays it: strings that an attacker chose (user
//! agents, names) can make up neither lines nor links nor mentions.

use std::borrow::Cow;

use super::{Kind, Message};
use crate::config::{Language, Severity};

fn severity(severity: Severity, language: Language) -> &'static str {
    match (language, severity) {
        (Language::En, Severity::Info) => "INFO",
        (Language::En, Severity::Low) => "LOW",
        (Language::En, Severity::Medium) => "MEDIUM",
        (Language::En, Severity::High) => "HIGH",
        (Language::En, Severity::Critical) => "CRITICAL",
        (Language::Zh, Severity::Info) => "提示",
        (Language::Zh, Severity::Low) => "低危",
        (Language::Zh, Severity::Medium) => "中危",
        (Language::Zh, Severity::High) => "高危",
        (Language::Zh, Severity::Critical) => "严重",
    }
}

fn kind(kind: Kind, language: Language) -> &'static str {
    match (language, kind) {
        (Language::En, Kind::Alert) => "Alert",
        (Language::En, Kind::Update) => "Update",
        (Language::En, Kind::Notice) => "Notice",
        (Language::En, Kind::Test) => "Test",
        (Language::Zh, Kind::Alert) => "告警",
        (Language::Zh, Kind::Update) => "进展",
        (Language::Zh, Kind::Notice) => "通知",
        (Language::Zh, Kind::Test) => "测试",
    }
}

/// The names of the parts that every message has: account, function, time, id.
fn labels(language: Language) -> [&'static str; 4] {
    match language {
        Language::En => ["Account", "Reported by", "Time", "Message id"],
        Language::Zh => ["账号", "来源", "时间", "消息编号"],
    }
}

/// What is said where a text was too long.
pub(super) fn cut_mark(language: Language) -> &'static str {
    match language {
        Language::En => "\n\n… (cut off: the message is too long for this channel)",
        Language::Zh => "\n\n……（消息过长，其余部分已截断）",
    }
}

/// What the fallback channel adds, as a fact.
pub(super) fn fallback_note(failed: &[String], language: Language) -> (String, String) {
    let names = failed.join(", ");
    let (label, why) = match (language, failed.is_empty()) {
        (Language::En, true) => {
            ("Fallback channel", "no other channel is set up for this severity".to_owned())
        }
        (Language::En, false) => ("Fallback channel", format!("used because these channels failed: {names}")),
        (Language::Zh, true) => ("备用通道", "没有其他通道接收此级别的消息".to_owned()),
        (Language::Zh, false) => ("备用通道", format!("以下通道发送失败，改用备用通道：{names}")),
    };
    (label.to_owned(), why)
}

/// Severity, kind and title in one line.
pub(super) fn headline(message: &Message) -> String {
    let language = message.language;
    let (how_bad, what) = (severity(message.severity, language), kind(message.kind, language));
    let title = one_line(&message.title);
    match (language, message.kind) {
        // The usual case needs no word for it.
        (Language::En, Kind::Alert) => format!("[{how_bad}] {title}"),
        (Language::En, _) => format!("[{how_bad}] {what}: {title}"),
        (Language::Zh, _) => format!("【{how_bad}】{what}：{title}"),
    }
}

fn facts(message: &Message) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
    let [account, function, time, id] = labels(message.language);
    let own = message.facts.iter().map(|(name, value)| (name.as_str(), Cow::from(value)));
    message
        .account_id
        .iter()
        .map(move |value| (account, Cow::from(value)))
        .chain(own)
        .chain([(function, Cow::from(&message.function))])
        .chain([(time, Cow::from(message.sent_at.to_string())), (id, Cow::from(&message.id))])
}

/// A message as plain text.
pub fn plain_text(message: &Message) -> String {
    let mut text = headline(message);
    if !message.summary.is_empty() {
        text.push_str(&format!("\n\n{}", one_line(&message.summary)));
    }
    text.push('\n');
    for (name, value) in facts(message) {
        text.push_str(&format!("\n{}: {}", one_line(name), one_line(&value)));
    }
    for section in &message.sections {
        text.push_str(&format!("\n\n{}", one_line(&section.title)));
        for line in &section.lines {
            text.push_str(&format!("\n- {}", one_line(line)));
        }
    }
    text
}

/// A message as Markdown, in the few forms that chat robots know.
pub fn markdown(message: &Message) -> String {
    let mut text = format!("### {}", escaped(&headline(message)));
    if !message.summary.is_empty() {
        text.push_str(&format!("\n\n{}", escaped(&message.summary)));
    }
    text.push('\n');
    for (name, value) in facts(message) {
        text.push_str(&format!("\n- **{}**: {}", escaped(name), escaped(&value)));
    }
    for section in &message.sections {
        text.push_str(&format!("\n\n**{}**\n", escaped(&section.title)));
        for line in &section.lines {
            text.push_str(&format!("\n- {}", escaped(line)));
        }
    }
    text
}

/// In one line, without characters that are not seen or that turn the direction of writing round.
pub(super) fn one_line(text: &str) -> String {
    let unseen = |c: char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_whitespace() || matches!(c, '\u{2028}' | '\u{2029}') {
            if !line.ends_with(' ') && !line.is_empty() {
                line.push(' ');
            }
        } else if !unseen(c) {
            line.push(c);
        }
    }
    line.truncate(line.trim_end().len());
    line
}

/// In one line, with nothing left that Markdown would take for more than text. Which dialect a chat program
/// speaks is not documented, so addresses and mentions are broken up besides being escaped.
pub(super) fn escaped(text: &str) -> String {
    let line = one_line(text).replace("://", "[:]//");
    let mut safe = String::with_capacity(line.len() + 16);
    for (at, c) in line.char_indices() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            // The fullwidth form calls nobody and makes no mail address.
            '@' => safe.push('\u{ff20}'),
            '.' if at >= 3 && line.as_bytes()[at - 3..at].eq_ignore_ascii_case(b"www") => {
                safe.push_str("\\[.\\]");
            }
            '\\' | '`' | '*' | '_' | '~' | '[' | ']' | '(' | ')' | '!' | '#' | '|' => {
                safe.push('\\');
                safe.push(c);
            }
            // Only what begins a list or a rule.
            '-' | '+' | '=' if at == 0 => {
                safe.push('\\');
                safe.push(c);
            }
            _ => safe.push(c),
        }
    }
    safe
}

/// At most `most` bytes: cut at the end of a line if one is near, never within a character or an escape.
/// What was cut ends with `mark`.
pub(super) fn shortened(text: &str, most: usize, mark: &str) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let mut end = most.saturating_sub(mark.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let kept = &text[..end];
    let kept = match kept.rfind('\n') {
        Some(end) if end >= kept.len() / 2 => &kept[..end],
        _ => kept,
    };
    // The first half of an escape would escape the mark.
    let slashes = kept.bytes().rev().take_while(|byte| *byte == b'\\').count();
    format!("{}{mark}", kept[..kept.len() - slashes % 2].trim_end())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::notify::tests::message;

    #[test]
    fn what_comes_from_outside_stays_text() {
        for (hostile, shown) in [
            ("[reset](https://evil.example)", "\\[reset\\]\\(https\\[:\\]//evil.example\\)"),
            ("<a href='//evil'>x</a>", "&lt;a href='//evil'&gt;x&lt;/a&gt;"),
            ("@all @13800000000", "＠all ＠13800000000"),
            ("![x](dingtalk://page)", "\\!\\[x\\]\\(dingtalk\\[:\\]//page\\)"),
            ("# Resolved\n\n- all is **well**", "\\# Resolved - all is \\*\\*well\\*\\*"),
            ("- item", "\\- item"),
            ("---", "\\---"),
            ("WWW.evil.example", "WWW\\[.\\]evil.example"),
            ("&#91;x&#93;", "&amp;\\#91;x&amp;\\#93;"),
            ("a\\[b", "a\\\\\\[b"),
            ("abc\u{202e}cba\u{200b}\u{7}d", "abccbad"),
            ("acs:ram::1:user/alice-b.c", "acs:ram::1:user/alice-b.c"),
            ("203.0.113.7", "203.0.113.7"),
            ("图:账号", "图:账号"),
        ] {
            assert_eq!(escaped(hostile), shown);
        }
        let mut forged = message(Severity::High);
        forged.facts[1].1 = "curl\r\nReported by: nobody\u{2028}x".into();
        assert!(plain_text(&forged).contains("\nUser agent: curl Reported by: nobody x\n"));
    }

    #[test]
    fn both_languages_name_every_part() {
        let mut message = message(Severity::Medium);
        message.kind = Kind::Update;
        assert!(plain_text(&message).starts_with("[MEDIUM] Update: Root"));
        message.language = Language::Zh;
        let text = plain_text(&message);
        for part in ["【中危】进展：", "\n账号: ", "\n来源: ", "\n时间: ", "\n消息编号: "] {
            assert!(text.contains(part), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_forms_links_lines_or_mentions(text in "[\\PC\n\r\\[\\]()<>@!:/w.\\\\]{0,60}") {
            let safe = escaped(&text);
            for forbidden in ["](", "<", ">", "@", "://", "\n", "\r"] {
                prop_assert!(!safe.contains(forbidden), "{:?}", safe);
            }
            // Every sign that could open something stands behind an odd number of backslashes.
            let bytes = safe.as_bytes();
            for (at, byte) in bytes.iter().enumerate() {
                if b"`*_[]()".contains(byte) {
                    let slashes = bytes[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
                    prop_assert!(slashes % 2 == 1, "{:?}", safe);
                }
            }
        }

        #[test]
        fn shortening_keeps_within_bounds(text in "\\PC{0,80}", most in 10usize..100) {
            let short = shortened(&text, most, "…");
            prop_assert!(short.len() <= most.max(3));
            prop_assert_eq!(short == text, text.len() <= most);
        }
    }
}
