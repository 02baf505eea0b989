//! Whether the old key may be disabled by now. Pure.

use jiff::{SignedDuration, Timestamp};

use super::LastUse;
use super::view::Record;

/// What stands between now and disabling the old key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Gate {
    /// Not everybody told when a key was last used: nothing is known, and nothing done.
    Unread(Vec<String>),
    /// Nobody has used the new key yet.
    NewKeyUnused,
    /// The old key has not been quiet for long enough. Unless it is used again, it will be at this moment.
    OldKeyBusy(Timestamp),
    /// Nothing.
    Open,
}

/// Judges; the second part is when the new key was first seen to be used, as far as anybody tells.
///
/// Nobody but us ever had the new secret before it was handed over, so any use of the new key is one by whom it was
/// meant for. The quiet time counts from that, from the old key's last use, and from the moment at which somebody last
/// enabled the old key again, whichever is latest.
pub(super) fn judge(
    record: &Record,
    new: &LastUse,
    old: &LastUse,
    quiet: SignedDuration,
    now: Timestamp,
) -> (Gate, Option<Timestamp>) {
    let first = record.first_use.or(new.at);
    if !new.is_read() || !old.is_read() {
        return (Gate::Unread([new.unread.clone(), old.unread.clone()].concat()), first);
    }
    let Some(used) = first else { return (Gate::NewKeyUnused, None) };
    let since = [Some(used), old.at, record.put_back].into_iter().flatten().max().unwrap_or(used);
    let until = since.saturating_add(quiet).unwrap_or(Timestamp::MAX);
    (if now >= until { Gate::Open } else { Gate::OldKeyBusy(until) }, first)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const QUIET: SignedDuration = SignedDuration::from_hours(24);

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hour * 3600).unwrap()
    }

    fn used(hour: Option<i64>) -> LastUse {
        LastUse { at: hour.map(at), ..LastUse::default() }
    }

    fn unread() -> LastUse {
        LastUse { unread: vec!["denied".into()], ..used(Some(1)) }
    }

    fn gate(record: &Record, new: &LastUse, old: &LastUse, now: i64) -> Gate {
        judge(record, new, old, QUIET, at(now)).0
    }

    #[test]
    fn it_opens_when_the_new_key_is_used_and_the_old_one_is_not() {
        let none = Record::default();
        assert_eq!(gate(&none, &used(None), &used(Some(0)), 1000), Gate::NewKeyUnused);
        assert_eq!(gate(&none, &used(Some(1)), &used(Some(0)), 2), Gate::OldKeyBusy(at(25)));
        assert_eq!(gate(&none, &used(Some(1)), &used(Some(0)), 25), Gate::Open);
        assert_eq!(gate(&none, &used(Some(1)), &used(None), 25), Gate::Open, "the old one was never used");
        assert_eq!(gate(&none, &used(Some(1)), &used(Some(10)), 33), Gate::OldKeyBusy(at(34)));
        // The new key goes on being used: its first use counts.
        let seen = Record { first_use: Some(at(1)), ..Record::default() };
        assert_eq!(gate(&seen, &used(Some(24)), &used(Some(0)), 25), Gate::Open);
        // Somebody enabled the old one again.
        let back = Record { put_back: Some(at(20)), ..seen };
        assert_eq!(gate(&back, &used(Some(24)), &used(Some(0)), 25), Gate::OldKeyBusy(at(44)));
    }

    proptest! {
        /// An answer that was not read never opens it.
        #[test]
        fn unread_never_opens(first in proptest::option::of(0_i64..100), new in any::<bool>(), now in 0_i64..10_000) {
            let record = Record { first_use: first.map(at), ..Record::default() };
            let (a, b) = if new { (unread(), used(Some(0))) } else { (used(Some(0)), unread()) };
            prop_assert!(matches!(gate(&record, &a, &b, now), Gate::Unread(_)));
        }

        /// Nor does it open within the quiet time after the last use of the old key.
        #[test]
        fn never_within_the_quiet_time(first in 0_i64..100, old in 0_i64..200, now in 0_i64..400) {
            let record = Record { first_use: Some(at(first)), ..Record::default() };
            let open = gate(&record, &used(Some(first)), &used(Some(old)), now) == Gate::Open;
            prop_assert_eq!(open, now >= first.max(old) + 24);
        }
    }
}
