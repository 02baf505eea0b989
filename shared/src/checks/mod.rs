//! Checks: a snapshot goes in, findings come out. Pure: the same snapshot and configuration give the same findings, byte for
//! byte. One file a check; its doc comment is its page in the documentation.
//!
//! A check is named for the bad state, so that a finding reads as a sentence.

pub mod databases;
pub mod doors;
mod finding;
pub mod keys;
pub mod network;
mod open;
mod policy;
pub mod secrets;
pub mod storage;

pub use finding::{Finding, Findings, Scope, Status, region_of};

use finding::Derived;

use crate::config::{Config, Language, Severity};
use crate::snapshot::Snapshot;

/// One rule.
#[derive(Debug)]
pub struct Check {
    /// Its id, in kebab case: stable once released.
    pub id: &'static str,
    /// How bad a failure is.
    pub severity: Severity,
    /// Chapters of the hardening guide that it belongs to.
    pub guide: &'static [u8],
    /// Ids in the CIS Alibaba Cloud Foundation Benchmark 2.0.0.
    pub cis: &'static [&'static str],
    /// What a failure is called, English and Chinese.
    pub title: [&'static str; 2],
    /// What to do about it, English and Chinese.
    pub fix: [&'static str; 2],
    /// Its page: Markdown with a title, why it matters and how to fix it.
    pub page: &'static str,
    find: fn(&Snapshot, &Config, &mut Findings<'_>),
}

impl Check {
    /// Looks.
    pub fn run(&self, account: &Snapshot, config: &Config) -> Vec<Finding> {
        self.run_with(&Derived::default(), account, config)
    }

    /// Looks, with what other checks of the same run have worked out.
    fn run_with(&self, derived: &Derived, account: &Snapshot, config: &Config) -> Vec<Finding> {
        let mut findings = Findings::of(self, account, derived, config.language);
        (self.find)(account, config, &mut findings);
        findings.into_vec()
    }

    fn said(texts: &[&'static str; 2], language: Language) -> &'static str {
        match language {
            Language::En => texts[0],
            Language::Zh => texts[1],
        }
    }
}

/// Declares a check: a missing field does not compile, and the doc comment becomes its page.
macro_rules! check {
    ($(#[doc = $doc:literal])+ $name:ident { $($field:ident: $value:expr),+ $(,)? } $find:item) => {
        $(#[doc = $doc])+
        pub(crate) static $name: $crate::checks::Check = $crate::checks::Check {
            page: concat!($($doc, "\n"),+),
            find,
            $($field: $value),+
        };

        $find
    };
}
use check;

/// The files of an area and the checks in them: one line for each file.
macro_rules! checks {
    ($($file:ident: $name:ident),+ $(,)?) => {
        $(mod $file;)+

        /// The checks of this area.
        pub static CHECKS: &[&$crate::checks::Check] = &[$(&$file::$name),+];
    };
}
use checks;

/// Every check, by area; an area is a folder of its name.
pub const AREAS: &[(&str, &[&Check])] = &[
    ("databases", databases::CHECKS),
    ("doors", doors::CHECKS),
    ("keys", keys::CHECKS),
    ("network", network::CHECKS),
    ("secrets", secrets::CHECKS),
    ("storage", storage::CHECKS),
];

/// Runs checks on a snapshot; the findings are in the order of the checks, and of the resources within each.
pub fn run(checks: &[&Check], account: &Snapshot, config: &Config) -> Vec<Finding> {
    let derived = Derived::default();
    checks.iter().flat_map(|check| check.run_with(&derived, account, config)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_is_complete_and_named_for_its_file() {
        let mut ids = std::collections::BTreeSet::new();
        for check in AREAS.iter().flat_map(|(_, checks)| *checks) {
            assert!(ids.insert(check.id), "{}: twice", check.id);
            assert!(check.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", check.id);
            for heading in ["# ", "## Why it matters", "## How to fix it"] {
                assert!(check.page.contains(heading), "{}: {heading}", check.id);
            }
            assert!(!check.guide.is_empty() && check.guide.iter().all(|chapter| (1..=10).contains(chapter)));
            assert!(check.title.iter().chain(&check.fix).all(|text| !text.is_empty()), "{}", check.id);
        }
        let mut files = std::collections::BTreeSet::new();
        for (area, _) in AREAS {
            let folder = format!("{}/src/checks/{area}", env!("CARGO_MANIFEST_DIR"));
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                // Besides checks there are what several of them need, and tests.
                if path.is_file() && std::fs::read_to_string(&path).unwrap().contains("\ncheck! {") {
                    files.insert(path.file_stem().unwrap().to_str().unwrap().replace('_', "-"));
                }
            }
        }
        assert_eq!(files, ids.into_iter().map(str::to_owned).collect(), "a file, a check");
    }
}
