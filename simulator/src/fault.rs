//! Faults put into the simulated cloud on purpose: what a client has to survive.

use crate::wildcard;
use std::time::Duration;

/// A fault for the calls whose `product:action` matches a pattern. The first one registered that matches and
/// is not used up is applied, after the call was authenticated.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Which calls: `ims:SetAccessKeyPolicy`, `ims:*`, `oss:PutObject`, `inbox:ops`, `*`. `*` matches any text.
    pub action: String,
    /// In which regions: `eu-west-1`, `cn-*`; None: everywhere, calls without a region included. A call's region
    /// is its RegionId, else that of its host.
    pub region: Option<String>,
    /// What goes wrong.
    pub kind: FaultKind,
    /// How many calls fail; None: all of them until the faults are cleared.
    pub times: Option<u32>,
    /// How many matching calls pass unharmed first.
    pub after: u32,
    /// Whether a write fails before it is done. False: it is done and the reply is lost or spoiled. Throttle
    /// and Deny always come before. For [`FaultKind::Slow`]: whether the wait comes before the action.
    pub before: bool,
}

impl Fault {
    /// A fault of one call. HTTP errors come before the write is done, the others after it; see
    /// [`Fault::before`] and [`Fault::done_first`].
    pub fn new(action: impl Into<String>, kind: FaultKind) -> Self {
        let before = matches!(
            kind,
            FaultKind::Throttle { .. } | FaultKind::Deny | FaultKind::Http500 | FaultKind::Http503
        );
        Self { action: action.into(), region: None, kind, times: Some(1), after: 0, before }
    }

    /// The same fault in the regions of a pattern alone.
    #[must_use]
    pub fn in_region(self, region: impl Into<String>) -> Self {
        Self { region: Some(region.into()), ..self }
    }

    /// The same fault for `times` calls.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    /// The same fault for every call from now on.
    #[must_use]
    pub fn forever(self) -> Self {
        Self { times: None, ..self }
    }

    /// The same fault once `calls` matching calls have passed.
    #[must_use]
    pub fn after(self, calls: u32) -> Self {
        Self { after: calls, ..self }
    }

    /// The same fault with the write not done.
    #[must_use]
    pub fn before(self) -> Self {
        Self { before: true, ..self }
    }

    /// The same fault with the write done: only the reply suffers.
    #[must_use]
    pub fn done_first(self) -> Self {
        Self { before: false, ..self }
    }
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum FaultKind {
    /// Flow control: 400 Throttling.User; of OSS 503 TotalQpsLimitExceeded.
    Throttle {
        /// Value of the header x-acs-retry-after, in milliseconds; None leaves it out.
        retry_after: Option<u64>,
    },
    /// No permission, in the manner of the product.
    Deny,
    /// 500 InternalError.
    Http500,
    /// 503 ServiceUnavailable.
    Http503,
    /// The reply takes this much longer.
    Slow(Duration),
    /// No reply, ever; the connection stays open.
    Hang,
    /// The connection is aborted (TCP RST).
    Reset,
    /// The declared length, half of the body, then the end of the connection.
    Truncate,
    /// A whole reply whose body is cut in the middle.
    BadJson,
    /// A read answers with an older state. Writes are not harmed.
    StaleRead(Staleness),
    /// The call is as it should be, but just before it what has this id is deleted: an instance, a group, whatever
    /// the network products keep.
    Deleted(String),
    /// A list gives its first page again and again, with the same token, and says that there is more. Other
    /// calls are not harmed.
    RepeatedPage,
    /// A list gives a new token with every page, and says that there is more: once all is told the pages are
    /// empty. Other calls are not harmed.
    EndlessPages,
}

impl FaultKind {
    /// The word for the call log.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Throttle { .. } => "throttle",
            Self::Deny => "deny",
            Self::Http500 => "http500",
            Self::Http503 => "http503",
            Self::Slow(_) => "slow",
            Self::Hang => "hang",
            Self::Reset => "reset",
            Self::Truncate => "truncate",
            Self::BadJson => "badjson",
            Self::StaleRead(_) => "stale",
            Self::Deleted(_) => "deleted",
            Self::RepeatedPage => "repeat",
            Self::EndlessPages => "endless",
        }
    }
}

/// How old a stale read is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Staleness {
    /// As it was before the last write to the resource that is read (to anything, where that had no write).
    BeforeLastWrite,
    /// As it was when the simulator started.
    AtStart,
}

/// The faults in force, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The fault of this call, if any, counted as used.
    pub(crate) fn take(&mut self, action: &str, region: Option<&str>) -> Option<Fault> {
        for fault in &mut self.0 {
            let here = |pattern: &String| region.is_some_and(|region| wildcard::matches(pattern, region));
            if fault.times == Some(0)
                || !wildcard::matches(&fault.action, action)
                || !fault.region.as_ref().is_none_or(here)
            {
                continue;
            }
            if fault.after > 0 {
                fault.after -= 1;
                continue;
            }
            if let Some(times) = &mut fault.times {
                *times -= 1;
            }
            return Some(fault.clone());
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_skips_then_fails_then_is_used_up() {
        let mut faults = Faults::default();
        faults.add(Fault::new("ims:*", FaultKind::Http500).after(1).times(2));
        let hits: Vec<bool> = (0..5).map(|_| faults.take("ims:ListUsers", None).is_some()).collect();
        assert_eq!(hits, [false, true, true, false, false]);
        assert!(faults.take("ram:ListUsers", None).is_none());
    }

    #[test]
    fn a_fault_of_a_region_leaves_the_others_alone() {
        let mut faults = Faults::default();
        faults.add(Fault::new("*", FaultKind::Reset).in_region("cn-*").forever());
        assert!(faults.take("ecs:DescribeInstances", Some("cn-beijing")).is_some());
        assert!(faults.take("ecs:DescribeInstances", Some("eu-west-1")).is_none());
        assert!(faults.take("ims:ListUsers", None).is_none());
    }

    #[test]
    fn a_used_up_fault_leaves_room_for_the_next() {
        let mut faults = Faults::default();
        faults.add(Fault::new("*", FaultKind::Deny));
        faults.add(Fault::new("*", FaultKind::Hang).forever());
        assert_eq!(faults.take("oss:PutObject", None).map(|f| f.kind), Some(FaultKind::Deny));
        assert_eq!(faults.take("oss:PutObject", None).map(|f| f.kind), Some(FaultKind::Hang));
        assert_eq!(faults.take("oss:PutObject", None).map(|f| f.kind), Some(FaultKind::Hang));
    }
}
