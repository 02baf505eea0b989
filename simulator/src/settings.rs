//! What the simulated cloud does where the documents are silent, where regions differ, or where time matters.

use jiff::SignedDuration;
use std::time::Duration;

/// How the simulated cloud behaves. Every field may be changed while it runs ([`crate::Simulator::settings`]),
/// except [`Settings::port`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// The TCP port on 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// How far the account's time is ahead of the machine's. Everything that the account dates goes by it:
    /// events, keys and their uses, reports, the end of sessions. Signatures go by the machine's clock, and
    /// so do delays and what the simulator remembers of a run ([`crate::Call`] and its like).
    pub ahead: SignedDuration,
    /// How long every API call takes at least. Concurrent calls wait side by side.
    pub latency: Duration,
    /// How long a recorded event stays invisible to LookupEvents. About ten minutes in the real cloud
    /// (ActionTrail, "Limits").
    pub events_delay: Duration,
    /// Where the events of global services (RAM, IMS) are kept.
    pub events_region: EventsRegion,
    /// What a role gets that names no user in an AccessKey call (undocumented).
    pub role_without_user: RoleWithoutUser,
    /// What GetAccessKeyPolicy answers for a key that never had a policy (undocumented).
    pub policy_missing: PolicyMissing,
    /// How long reads of an AccessKey network policy still show the one before. Enforcement does not lag.
    pub policy_read_lag: Duration,
    /// What an Active AccessKey network policy without statements means (undocumented).
    pub policy_without_statements: PolicyWithoutStatements,
    /// Whether RootWithAccessKey of GetAccountSecurityPracticeReport counts Inactive keys (undocumented).
    pub count_inactive_root_keys: bool,
    /// LookupEvents calls per second, per account; more are throttled. 0 lifts the limit. Documented: 2.
    pub lookups_per_second: u32,
    /// Whether the documented rates of the network products bind: so many calls of an API a minute in each region
    /// (the products' pages "API quotas"). More are throttled until the minute is over.
    pub rate_limits: bool,
    /// How long a key's use stays invisible to GetAccessKeyLastUsed*. About an hour in the real cloud.
    pub key_use_delay: Duration,
    /// How GetCredentialReport encodes its content (the document says Base64; its sample is Base32).
    pub report_encoding: ReportEncoding,
    /// How often GenerateCredentialReport answers STARTED, then INPROGRESS, before a new report is COMPLETED.
    pub report_polls: u32,
    /// Whether each page of a credential report begins with the header, or only the first (undocumented).
    pub report_header_repeats: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            port: 0,
            ahead: SignedDuration::ZERO,
            latency: Duration::ZERO,
            events_delay: Duration::ZERO,
            events_region: EventsRegion::Hangzhou,
            role_without_user: RoleWithoutUser::default(),
            policy_missing: PolicyMissing::Baseline,
            policy_read_lag: Duration::ZERO,
            policy_without_statements: PolicyWithoutStatements::DeniesAll,
            count_inactive_root_keys: false,
            lookups_per_second: 2,
            rate_limits: true,
            key_use_delay: Duration::ZERO,
            report_encoding: ReportEncoding::Base64,
            report_polls: 0,
            report_header_repeats: true,
        }
    }
}

/// Where LookupEvents finds the events of global services (ActionTrail, GetGlobalEventsStorageRegion).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventsRegion {
    /// cn-hangzhou: accounts of mainland China.
    Hangzhou,
    /// ap-southeast-1: the documented default elsewhere.
    Singapore,
    /// Both regions answer with the same events.
    Both,
}

impl EventsRegion {
    /// Whether `region` has the events of global services.
    pub(crate) fn includes(self, region: &str) -> bool {
        match self {
            Self::Hangzhou => region == "cn-hangzhou",
            Self::Singapore => region == "ap-southeast-1",
            Self::Both => matches!(region, "cn-hangzhou" | "ap-southeast-1"),
        }
    }
}

/// What an AccessKey call of a role means when it names no user. The documents say "the current user", which
/// a role is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoleWithoutUser {
    /// The call is refused.
    Refused {
        /// HTTP status of the refusal.
        status: u16,
        /// Error code of the refusal.
        code: String,
    },
    /// The call acts on the root account's keys.
    ActsOnRoot,
}

impl Default for RoleWithoutUser {
    fn default() -> Self {
        Self::Refused { status: 404, code: "EntityNotExist.User".into() }
    }
}

/// What GetAccessKeyPolicy answers where no policy was ever set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyMissing {
    /// The Inactive policy without statements.
    Baseline,
    /// 404 EntityNotExist.AccessKeyPolicy.
    NotExist,
}

/// What an Active policy without statements means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyWithoutStatements {
    /// No address is on a list, so none may call.
    DeniesAll,
    /// There is no list, so every address may call.
    AllowsAll,
}

/// How the content of a credential report is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportEncoding {
    /// RFC 4648, section 4.
    Base64,
    /// RFC 4648, section 6.
    Base32,
}
