//! What was done, a sentence for each step that people should know of.

use serde_json::Value;
use shared::config::Language;
use shared::tr;

use crate::view::{View, step};

/// The sentences, in order.
pub(crate) fn done(view: &View, l: Language) -> Vec<String> {
    view.steps().iter().filter_map(|step| sentence(step, l)).collect()
}

fn sentence(record: &Value, l: Language) -> Option<String> {
    let text = |name: &str| record[name].as_str().unwrap_or_default();
    let said = match (text("code"), text("message")) {
        ("", _) => String::new(),
        (code, message) => format!("{code}: {message}"),
    };
    let number = |name: &str| record["data"][name].as_u64().unwrap_or_default();
    Some(match (text("step"), text("result")) {
        (step::WHO_AM_I, "refused") => tr!(l, "Not allowed to act: {said}", "不允许采取措施:{said}"),
        (step::WHO_AM_I, "unknown") => {
            tr!(
                l,
                "Who this function is could not be read, so it did not act: {said}",
                "无法读取本函数的身份,因此未采取措施:{said}"
            )
        }
        (step::COUNT, "unknown") => {
            tr!(
                l,
                "The number of root keys could not be read (UNKNOWN): {said}",
                "无法读取主账号密钥数量(未知):{said}"
            )
        }
        (step::DISABLE, "proved") => {
            tr!(l, "Disabled the key; it reads as inactive.", "已停用该密钥,回读为 Inactive。")
        }
        (step::DISABLE, "refused") => {
            tr!(
                l,
                "Tried to disable the key: refused by the platform ({said})",
                "尝试停用该密钥:被平台拒绝({said})"
            )
        }
        (step::DISABLE, "failed") => {
            tr!(l, "Tried to disable the key: failed ({said})", "尝试停用该密钥:失败({said})")
        }
        (step::DISABLE, "unproved") => {
            tr!(
                l,
                "Tried to disable the key: not refused, but not read back either ({said})",
                "尝试停用该密钥:未被拒绝,但也未能回读确认({said})"
            )
        }
        (step::QUARANTINE, "closed") => {
            let pinned = number("pinned");
            tr!(
                l,
                "Pinned {pinned} RAM-user keys to what they were allowed, then closed the account level to all others; both read back.",
                "已将 {pinned} 个 RAM 用户密钥固定为此前允许的范围,随后关闭账号级网络访问;两者均已回读确认。"
            )
        }
        (step::QUARANTINE, "closed_already") => {
            tr!(
                l,
                "The account level was closed already, for another case; read.",
                "账号级网络访问此前已因另一案例关闭;已读取确认。"
            )
        }
        (step::QUARANTINE, "not_begun") => {
            tr!(l, "Quarantine not begun, nothing changed: {said}", "未开始隔离,未做任何更改:{said}")
        }
        (step::QUARANTINE, "taken_back") => {
            let left = record["data"]["pins_left"].as_array().map_or(0, Vec::len);
            tr!(
                l,
                "Quarantine given up before the closing, pins taken back ({left} left; they allow what was allowed before): {said}",
                "关闭之前放弃隔离,固定策略已撤回(剩余 {left} 个,仍允许此前的范围):{said}"
            )
        }
        (step::QUARANTINE, "unproved") => {
            tr!(
                l,
                "The closing was asked for and could NOT be read back; the pins stay, nobody is locked out: {said}",
                "已请求关闭,但未能回读确认;固定策略保留,无人被锁定:{said}"
            )
        }
        (step::QUARANTINE, "would_close") => {
            let (pins, keys) = (number("would_pin"), number("active_keys"));
            tr!(
                l,
                "Would have pinned {pins} of {keys} active RAM-user keys and closed the account level.",
                "本应固定 {keys} 个有效 RAM 用户密钥中的 {pins} 个,并关闭账号级网络访问。"
            )
        }
        (step::QUARANTINE, "would_not_start") => {
            let (keys, most) = (number("active_keys"), number("max_pinned_keys"));
            tr!(
                l,
                "Would not have begun a quarantine: {keys} active RAM-user keys, more than root_key.max_pinned_keys = {most}.",
                "不会开始隔离:有效 RAM 用户密钥 {keys} 个,超过 root_key.max_pinned_keys = {most}。"
            )
        }
        (step::QUARANTINE, "unknown") => {
            tr!(
                l,
                "What a quarantine would do could not be read (UNKNOWN): {said}",
                "无法读取隔离将产生的影响(未知):{said}"
            )
        }
        (step::STANDING, "lifted") => {
            tr!(l, "The quarantine was lifted by somebody else.", "隔离已被他人解除。")
        }
        (step::STANDING, "unknown") => {
            tr!(
                l,
                "Whether the quarantine stands could not be read (UNKNOWN): {said}",
                "隔离是否生效无法读取(未知):{said}"
            )
        }
        _ => return None,
    })
}
