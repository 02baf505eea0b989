//! What a key is used for, in lines for people.

use crate::config::Language;
use crate::snapshot::KeyUse;

/// One line a service, with what was called and from where; what could not be read is said.
pub fn key_use_lines(key_use: &KeyUse, language: Language) -> Vec<String> {
    if !key_use.asked {
        return Vec::new();
    }
    let mut lines = Vec::new();
    match key_use.last {
        Some(at) => {
            let at = at.strftime("%Y-%m-%d %H:%M:%S UTC");
            lines.push(tr!(language, "last used {at}", "最近使用:{at}"));
        }
        None if key_use.unread.is_empty() => lines.push(tr!(
            language,
            "ActionTrail shows no use so far (it is refreshed hourly).",
            "操作审计尚无使用记录(每小时更新)。"
        )),
        None => {}
    }
    lines.extend(service_lines(key_use, language));
    lines
}

/// The services alone, and what could not be read.
pub fn service_lines(key_use: &KeyUse, language: Language) -> Vec<String> {
    let mut lines = Vec::new();
    for used in &key_use.services {
        let (service, events) = (&used.service, used.events.join(", "));
        let addresses = used.addresses.join(", ");
        // ActionTrail knows the service longer than it knows the events and addresses.
        lines.push(match (events.is_empty(), addresses.is_empty()) {
            (true, true) => tr!(language, "used with {service}", "用于 {service}"),
            (true, false) => tr!(language, "{service}: from {addresses}", "{service}:来源 {addresses}"),
            (false, true) => tr!(language, "{service}: {events}", "{service}:{events}"),
            (false, false) => {
                tr!(language, "{service}: {events}, from {addresses}", "{service}:{events},来源 {addresses}")
            }
        });
    }
    for why in &key_use.unread {
        lines.push(tr!(language, "could not be read (UNKNOWN): {why}", "无法读取(未知):{why}"));
    }
    lines
}
