//! How a rotation stands, in words.

use jiff::Timestamp;
use shared::response::rotation::{Destination, FailedCall, LeftIn, Report, Rotation, State, Watched};

/// Failing calls that are shown; the rest is counted.
const SHOWN: usize = 10;

/// How it stands, what it waits for, and what can be done now.
pub(super) fn report(report: &Report) -> String {
    let user = report.user.split('@').next().unwrap_or_default();
    let old = &report.old_key;
    let new = report.new_key.as_deref().unwrap_or("the new key");
    let again = format!("run `harden rotate {user}` again then, or with --wait");
    match &report.state {
        State::Unfinished => format!("{user}: there is more to do: run `harden rotate {user}` again"),
        State::Unknown { unread } => {
            format!(
                "{user}: UNKNOWN when the keys were last used, so {old} stays as it is:\n{}",
                indented(unread)
            )
        }
        State::WaitingForNewKey { since } => {
            let to = report.handed_to.as_ref().map(|to| format!(" ({to})")).unwrap_or_default();
            format!(
                "{user}: waiting for {new} to be used. It was handed over at {}{to}, and nobody has used it so far, by \
                 records that are about an hour behind. {old} stays as it is; {again}",
                second(*since)
            )
        }
        State::WaitingForOldKey { first_use, last_use, until } => {
            let last = match (last_use.at, &last_use.service) {
                (Some(at), Some(service)) => format!("last used at {} ({service})", second(at)),
                (Some(at), None) => format!("last used at {}", second(at)),
                (None, _) => "never used".to_owned(),
            };
            format!(
                "{user}: {new} has been used since {}; waiting for {old} to be quiet. It was {last}; unless it is used \
                 again, it can be disabled from {} on: {again}",
                second(*first_use),
                second(*until)
            )
        }
        State::Disabled { since, watched, missed, deletable_at } => {
            disabled(report, user, (*since, *deletable_at), watched, *missed)
        }
        State::Rotated => {
            format!("{user}: rotated. {old} is deleted (RAM keeps it in the recycle bin for 30 days)")
        }
        State::Aborted { kept, left_in } => aborted(user, old, kept.as_deref(), left_in.as_ref()),
    }
}

fn disabled(
    report: &Report,
    user: &str,
    (since, deletable_at): (Timestamp, Timestamp),
    watched: &Watched,
    missed: bool,
) -> String {
    let (old, case) = (&report.old_key, &report.case);
    let mut text = format!("{user}: {old} is disabled since {}. ", second(since));
    if missed || watched.is_missed() {
        text += "It is missed:";
        for call in watched.failed.iter().take(SHOWN) {
            text += &format!("\n    {}", failed(call));
        }
        if watched.failed.len() > SHOWN {
            text += &format!("\n    and {} more", watched.failed.len() - SHOWN);
        }
        if let Some(used) = &watched.late_use {
            let at = used.at.map(second).map(|at| at.to_string()).unwrap_or_default();
            let service = used.service.as_deref().unwrap_or("service unknown");
            text += &format!("\n    last used at {at} ({service}), by the records of last use");
        }
        if !watched.is_missed() {
            text += " an earlier run saw calls fail.";
        }
        text += &format!(
            "\nGive these callers the new key. To have the old one work again at once: `harden undo {case}` (the rotation \
             then waits anew) or `harden rotate {user} --abort` (it ends)"
        );
    } else if watched.unread.is_empty() {
        text += &format!(
            "No call with it was seen to fail since. It can be deleted from {} on: `harden rotate {user} --delete`. To \
             have it work again: `harden rotate {user} --abort`",
            second(deletable_at)
        );
    }
    if !watched.unread.is_empty() {
        text += &format!("UNKNOWN whether anybody misses it:\n{}", indented(&watched.unread));
    }
    text
}

fn failed(call: &FailedCall) -> String {
    let or = |text: &str, other: &str| if text.is_empty() { other.to_owned() } else { text.to_owned() };
    let agent = if call.agent.is_empty() { String::new() } else { format!(" ({})", call.agent) };
    format!(
        "{}  {} {} from {}{agent}: {}",
        second(call.at),
        or(&call.service, "service unknown"),
        or(&call.event, "call unknown"),
        or(&call.address, "an unknown address"),
        call.code
    )
}

fn aborted(user: &str, old: &str, kept: Option<&str>, left: Option<&LeftIn>) -> String {
    let mut text = format!("{user}: aborted. {old} is as it was before");
    if let Some(kept) = kept {
        text += &format!(
            ". {kept} is kept, since it has been used or is the only one that works: {user} now holds two keys. When \
             nobody uses one of them any more, disable it, wait, and delete it"
        );
    }
    if let Some(LeftIn { to, version, previous }) = left {
        let gone = if kept == Some(version.as_str()) { "" } else { ", a key that does not exist any more" };
        text += &format!(
            "\n{to} still gives out {version}{gone}: no rotation can take a version out of a secret. "
        );
        text += &match (to, previous) {
            (Destination::Kms { name, .. }, Some(previous)) => format!(
                "To go back: aliyun kms UpdateSecretVersionStage --SecretName {name} --VersionStage ACSCurrent \
                 --MoveToVersion {previous} --RemoveFromVersion {version}"
            ),
            _ => "It was made by this rotation: delete it if nobody reads it".to_owned(),
        };
    }
    text
}

/// What an abort would do.
pub(super) fn plan_of_abort(rotation: &Rotation<'_>) -> String {
    let (old, user) = (&rotation.subject().old_key, rotation.subject().name());
    let mut text = format!("{user}: this ends the rotation");
    if rotation.is_disabled() {
        text += &format!("; {old} is enabled again");
    }
    if let Some(new) = rotation.new_key() {
        text += &format!(
            "; {new} is disabled and deleted if nobody has used it, by records that are about an hour behind: whoever has \
             begun to use it since is cut off"
        );
    }
    text
}

fn second(at: Timestamp) -> Timestamp {
    at.round(jiff::Unit::Second).unwrap_or(at)
}

fn indented(lines: &[String]) -> String {
    lines.iter().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}
