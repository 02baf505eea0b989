//! How much of what should have been read was read.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Listed, Read};

/// Why something was not read: the service's own words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unread {
    /// What was called: `ims:ListAccessKeys`.
    pub action: String,
    /// Where; empty for what has no region.
    pub region: String,
    /// The error code: the service's, else ours (`Timeout`, `Deadline`, …).
    pub code: String,
    /// The message.
    pub message: String,
}

impl Unread {
    /// One that no service said.
    pub fn new(action: &str, code: &str, message: impl Into<String>) -> Self {
        Self {
            action: action.to_owned(),
            region: String::new(),
            code: code.to_owned(),
            message: message.into(),
        }
    }

    /// What this run was not asked to read.
    pub fn unasked() -> Self {
        Self::new("", "NotAsked", "this run did not read it")
    }

    /// Whether it leaves something open in `region`: it names that one, or none.
    pub fn concerns(&self, region: &str) -> bool {
        self.region.is_empty() || self.region == region
    }
}

impl std::fmt::Display for Unread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.action)?;
        if !self.region.is_empty() {
            write!(f, " in {}", self.region)?;
        }
        write!(f, ": {}", self.code)?;
        if !self.message.is_empty() && self.message != self.code {
            write!(f, " ({})", self.message)?;
        }
        Ok(())
    }
}

/// What was read, what was not, and what it cost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Reads that gave an answer.
    pub read: u64,
    /// Reads that did not.
    pub failed: u64,
    /// Requests sent.
    pub calls: u64,
    /// How many of them were repetitions.
    pub retries: u64,
    /// The regions looked at.
    pub regions: BTreeSet<String>,
    /// What was not read: each reason once.
    pub failures: BTreeSet<Unread>,
}

impl Coverage {
    /// Whether everything was read.
    pub fn is_whole(&self) -> bool {
        self.failed == 0
    }

    /// Both together.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.read += other.read;
        self.failed += other.failed;
        self.calls += other.calls;
        self.retries += other.retries;
        self.regions.extend(other.regions);
        self.failures.extend(other.failures);
        self
    }

    /// Counts a read.
    pub fn count<T>(&mut self, read: &Read<T>) {
        match read {
            Read::Read(_) => self.read += 1,
            Read::Unread(why) => self.miss(why.clone()),
        }
    }

    /// Counts the reads of a list: one that gave something, and each that did not.
    pub fn list<T>(&mut self, list: &Listed<T>) {
        self.read += 1;
        list.unread.iter().for_each(|why| self.miss(why.clone()));
    }

    /// Counts a read that gave nothing.
    pub fn miss(&mut self, why: Unread) {
        self.failed += 1;
        self.failures.insert(why);
    }
}
