//! The result of one check on one resource.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Check;
use crate::config::{Language, Severity};
use crate::openapi::sign::sha256_hex;
use crate::snapshot::{Snapshot, Unread};

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
}

/// Takes down what one check finds.
pub struct Findings<'a> {
    check: &'a Check,
    account: &'a Snapshot,
    language: Language,
    found: Vec<Finding>,
}

impl<'a> Findings<'a> {
    pub(super) fn of(check: &'a Check, account: &'a Snapshot, language: Language) -> Self {
        Self { check, account, language, found: Vec::new() }
    }

    pub(super) fn into_vec(self) -> Vec<Finding> {
        self.found
    }

    /// The language of messages.
    pub(super) fn language(&self) -> Language {
        self.language
    }

    /// The bad state is there.
    pub(super) fn fail(&mut self, resource: String, message: String, evidence: Value) {
        self.add(Status::Fail, resource, message, evidence);
    }

    /// It is not.
    pub(super) fn pass(&mut self, resource: String, message: String) {
        self.add(Status::Pass, resource, message, Value::Null);
    }

    /// It could not be read.
    pub(super) fn unknown(&mut self, resource: String, why: &Unread) {
        self.add(Status::Unknown, resource, why.to_string(), Value::Null);
    }

    /// The list of users is not whole: what it does not show is unknown.
    pub(super) fn unlisted_users(&mut self) {
        if let Some(why) = &self.account.users_unread {
            self.unknown(format!("acs:ram::{}:user/*", self.account.account_id), why);
        }
    }

    fn add(&mut self, status: Status, resource: String, message: String, evidence: Value) {
        let identity = format!("{}\n{}\n{resource}", self.account.account_id, self.check.id);
        let failed = status == Status::Fail;
        self.found.push(Finding {
            check: self.check.id.to_owned(),
            status,
            severity: self.check.severity,
            fingerprint: sha256_hex(identity.as_bytes())[..32].to_owned(),
            resource,
            region: String::new(),
            account_id: self.account.account_id.clone(),
            title: Check::said(&self.check.title, self.language).to_owned(),
            message,
            evidence: if let Value::Object(evidence) = evidence { evidence } else { Map::new() },
            remediation: if failed { Check::said(&self.check.fix, self.language) } else { "" }.to_owned(),
            first_seen: failed.then_some(self.account.taken_at),
        });
    }
}
