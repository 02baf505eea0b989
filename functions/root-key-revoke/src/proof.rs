//! What proves that a root key was made useless.
//!
//! Proof is one of three: an event by root itself that names the key, the number of root keys fallen to none, or, should the
//! platform let a role disable the key, the key's status read back. Anything else is a claim.

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use shared::cloud::actiontrail::{CENTRAL_REGIONS, LookupEvents};
use shared::cloud::ims::GetAccountSecurityPracticeReport;
use shared::events::TrailEvent;
use shared::openapi::{Error, Session};

/// Whether the key is proved useless.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "proof", rename_all = "snake_case")]
pub(crate) enum Proof {
    /// Root disabled or deleted it: the event says so.
    Event { name: String, at: Timestamp, event_id: String },
    /// Root has no key any more, and had.
    Count { was: u64 },
    /// We disabled it, and it reads as inactive.
    ReadBack,
    /// Everything was read and nothing shows it.
    None,
    /// Not everything could be read, and what could does not show it.
    Unknown(String),
}

impl Proof {
    /// Whether nothing can undo what it proves: a deleted key stays deleted, and ours reads as disabled.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self, Self::ReadBack)
            || matches!(self, Self::Event { name, .. } if name == "DeleteAccessKey")
    }

    /// Whether it proves anything.
    pub(crate) fn holds(&self) -> bool {
        matches!(self, Self::Event { .. } | Self::Count { .. } | Self::ReadBack)
    }
}

/// How many access keys root has.
pub(crate) async fn root_keys(session: &Session) -> Result<u64, Error> {
    Ok(session.call(&GetAccountSecurityPracticeReport {}).await?.root_access_keys())
}

/// What was done to access keys since a moment, by whom ever: one reading serves all cases of a sweep.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    events: Vec<TrailEvent>,
    unread: Vec<String>,
}

impl History {
    /// Reads it, in both regions where global events may be kept.
    pub(crate) async fn read(session: &Session, since: Timestamp, now: Timestamp) -> Self {
        let mut history = Self::default();
        for name in ["UpdateAccessKey", "DeleteAccessKey"] {
            for (region, read) in lookup(session, name, since, now).await {
                match read {
                    Ok(found) => history.events.extend(found),
                    Err(error) => history.unread.push(format!("{region}: {error}")),
                }
            }
        }
        history
    }

    /// What it proves about one key made at `since`.
    pub(crate) fn judge(&self, key: &str, since: Timestamp) -> Proof {
        judge(key, since, &self.events, &self.unread)
    }
}

/// All events of one name since then, in both regions where global events may be kept.
pub(crate) async fn lookup(
    session: &Session,
    name: &str,
    since: Timestamp,
    now: Timestamp,
) -> Vec<(&'static str, Result<Vec<TrailEvent>, Error>)> {
    // 90 days are kept; a request that reaches further back is refused.
    let start = since.max(now - SignedDuration::from_hours(24 * 90 - 1));
    let reads = CENTRAL_REGIONS.map(|region| async move {
        let found =
            session.in_region(region).all(LookupEvents::by("EventName", name, start.min(now), now)).await;
        (region, found.map(|rows| rows.iter().filter_map(TrailEvent::from_value).collect()))
    });
    join_all(reads).await
}

/// Judges the events that name the key. The last word counts: a key that was enabled again is not disabled.
fn judge(key: &str, since: Timestamp, events: &[TrailEvent], unread: &[String]) -> Proof {
    let mut history: Vec<(Timestamp, bool, &TrailEvent)> = Vec::new();
    for event in events {
        let Some(at) = event.event_time.filter(|at| *at >= since - SignedDuration::from_secs(1)) else {
            continue;
        };
        if event.error_code.is_some() || !event.is_root() || named_key(event).as_deref() != Some(key) {
            continue;
        }
        match event.event_name.as_deref() {
            Some("DeleteAccessKey") => return proved(event, at),
            Some("UpdateAccessKey") => match parameter(event, "Status").as_deref() {
                Some("Inactive") => history.push((at, true, event)),
                _ => history.push((at, false, event)),
            },
            _ => {}
        }
    }
    let last = history.iter().map(|(at, ..)| *at).max();
    // Within one second the order is not known: then only agreement counts.
    let last_words: Vec<_> = history.iter().filter(|(at, ..)| Some(*at) == last).collect();
    if !unread.is_empty() {
        return Proof::Unknown(unread.join("; "));
    }
    match last_words.first() {
        Some((at, _, event)) if last_words.iter().all(|(_, disabled, _)| *disabled) => proved(event, *at),
        _ => Proof::None,
    }
}

fn proved(event: &TrailEvent, at: Timestamp) -> Proof {
    Proof::Event {
        name: event.event_name.clone().unwrap_or_default(),
        at,
        event_id: event.event_id.clone().unwrap_or_default(),
    }
}

fn named_key(event: &TrailEvent) -> Option<String> {
    parameter(event, "UserAccessKeyId")
}

fn parameter(event: &TrailEvent, wanted: &str) -> Option<String> {
    let (_, value) = event.request_parameters.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
    value.as_str().map(str::to_owned)
}

/// What the number of root keys proves: it was above none in this case, is none now, and was none already for `lasting`.
/// A reading that is older than the key reads as none, too, so one moment proves nothing.
pub(crate) fn count_proof(
    earlier: &[u64],
    now: u64,
    none_for: Option<SignedDuration>,
    lasting: SignedDuration,
) -> Option<Proof> {
    let was = earlier.iter().copied().max().filter(|count| *count > 0)?;
    (now == 0 && none_for.is_some_and(|time| time >= lasting)).then_some(Proof::Count { was })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const KEY: &str = "LTAI5tNewRootKey00000001";

    fn at(second: u32) -> String {
        format!("2026-11-23T00:00:{second:02}Z")
    }

    fn event(name: &str, second: u32, status: Option<&str>) -> TrailEvent {
        let mut event = json!({
            "eventId": format!("{name}-{second}"), "eventName": name, "eventTime": at(second), "serviceName": "Ims",
            "userIdentity": {"type": "root-account", "principalId": "1", "accountId": "1"},
            "requestParameters": {"UserAccessKeyId": KEY}
        });
        if let Some(status) = status {
            event["requestParameters"]["Status"] = status.into();
        }
        TrailEvent::from_value(&event).unwrap()
    }

    fn judged(events: &[TrailEvent], unread: &[&str]) -> Proof {
        let unread: Vec<String> = unread.iter().map(|text| (*text).to_owned()).collect();
        judge(KEY, at(10).parse().unwrap(), events, &unread)
    }

    #[test]
    fn the_last_word_counts() {
        let (off, on) = (Some("Inactive"), Some("Active"));
        let update = |second, status| event("UpdateAccessKey", second, status);
        assert!(judged(&[update(20, off)], &[]).holds());
        assert!(judged(&[update(30, off), update(20, on)], &[]).holds(), "order of arrival does not matter");
        assert_eq!(judged(&[update(20, off), update(30, on)], &[]), Proof::None);
        assert_eq!(
            judged(&[update(20, off), update(20, on)], &[]),
            Proof::None,
            "the same second says nothing"
        );
        assert!(judged(&[update(20, off), update(30, on), event("DeleteAccessKey", 40, None)], &[]).holds());
        assert_eq!(judged(&[update(20, None)], &[]), Proof::None);
        assert_eq!(judged(&[update(5, off)], &[]), Proof::None, "before the key was made");
        assert_eq!(judged(&[], &[]), Proof::None);
    }

    #[test]
    fn unread_is_unknown_unless_the_key_is_gone() {
        let off = event("UpdateAccessKey", 20, Some("Inactive"));
        assert!(matches!(judged(std::slice::from_ref(&off), &["ap-southeast-1: denied"]), Proof::Unknown(_)));
        assert!(matches!(judged(&[], &["x"]), Proof::Unknown(_)));
        assert!(judged(&[off, event("DeleteAccessKey", 30, None)], &["x"]).holds(), "deleted stays deleted");
    }

    #[test]
    fn only_root_and_only_this_key() {
        let mut other_key = event("DeleteAccessKey", 20, None);
        other_key.request_parameters.insert("UserAccessKeyId".into(), "LTAI5tOther".into());
        let mut by_user = event("DeleteAccessKey", 20, None);
        by_user.identity.kind = Some("ram-user".into());
        let mut failed = event("DeleteAccessKey", 20, None);
        failed.error_code = Some("NoPermission".into());
        assert_eq!(judged(&[other_key, by_user, failed], &[]), Proof::None);
    }

    #[test]
    fn a_count_proves_only_a_fall_to_none_that_lasts() {
        let lasting = SignedDuration::from_mins(15);
        let minutes = |count| Some(SignedDuration::from_mins(count));
        let proof = |earlier: &[u64], now, none_for| count_proof(earlier, now, none_for, lasting);
        assert_eq!(proof(&[1], 0, minutes(15)), Some(Proof::Count { was: 1 }));
        assert_eq!(proof(&[0, 2, 1], 0, minutes(60)), Some(Proof::Count { was: 2 }));
        assert_eq!(proof(&[], 0, minutes(60)), None, "never above none");
        assert_eq!(proof(&[0], 0, minutes(60)), None);
        assert_eq!(proof(&[1], 0, minutes(14)), None, "not for long");
        assert_eq!(proof(&[1], 0, None), None, "for the first time");
        assert_eq!(proof(&[2], 1, minutes(60)), None, "which one is gone is not known");
    }
}
