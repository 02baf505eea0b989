//! The result of one check on one resource.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Check;
use crate::config::{Config, Language, Severity};
use crate::network::Exposure;
use crate::openapi::sign::sha256_hex;
use crate::snapshot::{Listed, Snapshot, Tags, Unread};

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// The bad state is there.
    Fail,
    /// It is not: that was read.
    Pass,
    /// It could not be read.
    Unknown,
    /// It is there, and a named person has accepted it.
    Exempt,
}

impl Status {
    /// As reports spell it: `FAIL`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "FAIL",
            Self::Pass => "PASS",
            Self::Unknown => "UNKNOWN",
            Self::Exempt => "EXEMPT",
        }
    }
}

/// One result (contract, "Report").
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The check's id.
    pub check: String,
    /// How it stands.
    pub status: Status,
    /// How bad a failure is.
    pub severity: Severity,
    /// The resource's ARN.
    pub resource: String,
    /// Its region; empty for what has none.
    pub region: String,
    /// The account.
    pub account_id: String,
    /// What a failure is called.
    pub title: String,
    /// What was found.
    pub message: String,
    /// What it was found by.
    pub evidence: Map<String, Value>,
    /// What to do about it.
    pub remediation: String,
    /// The same for the same check on the same resource, run after run.
    pub fingerprint: String,
    /// When it was first found to fail; `None` for what does not.
    pub first_seen: Option<jiff::Timestamp>,
    /// The resource's tags and the ports it is about: what exemptions ask for beside its ARN. Not part of the report.
    #[serde(skip)]
    pub scope: Scope,
}

/// What a finding is about, beside its ARN.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// The resource's tags.
    pub tags: BTreeMap<String, String>,
    /// Ports, first and last; empty for what has none.
    pub ports: Vec<(u16, u16)>,
}

/// The resource that a finding is about. Its region is in its ARN.
#[derive(Debug, Clone)]
pub(super) struct Target {
    arn: String,
    scope: Scope,
}

impl Target {
    pub(super) fn new(arn: String, tags: &Tags) -> Self {
        Self { arn, scope: Scope { tags: tags.clone(), ports: Vec::new() } }
    }

    /// Which ports it is about.
    pub(super) fn ports(mut self, ports: impl IntoIterator<Item = (u16, u16)>) -> Self {
        self.scope.ports.extend(ports);
        self
    }
}

impl From<String> for Target {
    fn from(arn: String) -> Self {
        Self { arn, scope: Scope::default() }
    }
}

/// The region in an ARN, `acs:PRODUCT:REGION:ACCOUNT:RESOURCE`; empty for none and for all.
pub fn region_of(arn: &str) -> &str {
    arn.split(':').nth(2).filter(|region| *region != "*").unwrap_or_default()
}

/// What several checks look at and one run works out once, when the first of them asks.
#[derive(Debug, Default)]
pub(super) struct Derived {
    exposure: OnceCell<Exposure>,
}

/// Takes down what one check finds.
pub struct Findings<'a> {
    check: &'a Check,
    account: &'a Snapshot,
    derived: &'a Derived,
    language: Language,
    found: Vec<Finding>,
}

impl<'a> Findings<'a> {
    pub(super) fn of(
        check: &'a Check,
        account: &'a Snapshot,
        derived: &'a Derived,
        language: Language,
    ) -> Self {
        Self { check, account, derived, language, found: Vec::new() }
    }

    /// What the internet reaches.
    pub(super) fn exposure(&self, config: &Config) -> &'a Exposure {
        self.derived.exposure.get_or_init(|| Exposure::of(self.account, config))
    }

    pub(super) fn into_vec(self) -> Vec<Finding> {
        self.found
    }

    /// The language of messages.
    pub(super) fn language(&self) -> Language {
        self.language
    }

    /// The bad state is there.
    pub(super) fn fail(&mut self, target: impl Into<Target>, message: String, evidence: Value) {
        self.add(Status::Fail, self.check.severity, target.into(), message, evidence);
    }

    /// The bad state is there, and how bad it is depends on what was found.
    pub(super) fn fail_at(
        &mut self,
        severity: Severity,
        target: impl Into<Target>,
        message: String,
        evidence: Value,
    ) {
        self.add(Status::Fail, severity, target.into(), message, evidence);
    }

    /// It is not.
    pub(super) fn pass(&mut self, target: impl Into<Target>, message: String) {
        self.add(Status::Pass, self.check.severity, target.into(), message, Value::Null);
    }

    /// It could not be read.
    pub(super) fn unknown(&mut self, target: impl Into<Target>, why: &Unread) {
        self.add(Status::Unknown, self.check.severity, target.into(), why.to_string(), Value::Null);
    }

    /// It could not be decided from what was read, and this is why.
    pub(super) fn undecided(&mut self, target: impl Into<Target>, message: String, evidence: Value) {
        self.add(Status::Unknown, self.check.severity, target.into(), message, evidence);
    }

    /// What a list leaves open: each reason why it may not be whole, and, where it is whole and empty, that there was nothing to look at.
    /// `product` and `kind` are those of the ARNs: `ecs`, `securitygroup`.
    pub(super) fn listed<T>(&mut self, list: &Listed<T>, product: &str, kind: &str) {
        for why in &list.unread {
            let region = if why.region.is_empty() { "*" } else { &why.region };
            self.unknown(self.account.arn(product, region, &format!("{kind}*")), why);
        }
        if list.is_whole() && list.rows.is_empty() {
            let regions = self.account.coverage.regions.len();
            let message = crate::tr!(
                self.language,
                "There are none ({regions} regions were looked at).",
                "没有此类资源（已检查 {regions} 个地域）。"
            );
            self.pass(self.account.arn(product, "*", &format!("{kind}*")), message);
        }
    }

    /// The list of users is not whole: what it does not show is unknown.
    pub(super) fn unlisted_users(&mut self) {
        if let Some(why) = &self.account.users_unread {
            self.unknown(format!("acs:ram::{}:user/*", self.account.account_id), why);
        }
    }

    fn add(&mut self, status: Status, severity: Severity, target: Target, message: String, evidence: Value) {
        let Target { arn: resource, scope } = target;
        let identity = format!("{}\n{}\n{resource}", self.account.account_id, self.check.id);
        let failed = status == Status::Fail;
        self.found.push(Finding {
            check: self.check.id.to_owned(),
            status,
            severity,
            fingerprint: sha256_hex(identity.as_bytes())[..32].to_owned(),
            region: region_of(&resource).to_owned(),
            resource,
            account_id: self.account.account_id.clone(),
            title: Check::said(&self.check.title, self.language).to_owned(),
            message,
            evidence: if let Value::Object(evidence) = evidence { evidence } else { Map::new() },
            remediation: if failed { Check::said(&self.check.fix, self.language) } else { "" }.to_owned(),
            first_seen: failed.then_some(self.account.taken_at),
            scope,
        });
    }
}
