//! Secrets that KMS keeps.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The stage of the version that is read by default.
pub(crate) const CURRENT: &str = "ACSCurrent";
/// The stage of the version that was current before.
pub(crate) const PREVIOUS: &str = "ACSPrevious";

/// A generic secret of one region.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Secret {
    pub(crate) name: String,
    pub(crate) region: String,
    #[serde(default)]
    pub(crate) description: String,
    #[serde(default = "long_ago")]
    pub(crate) created: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) updated: Option<String>,
    /// When it is deleted, if that is planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deleted: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) tags: BTreeMap<String, String>,
    /// Oldest first.
    pub(crate) versions: Vec<SecretVersion>,
}

/// One value of a secret.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecretVersion {
    pub(crate) id: String,
    pub(crate) secret_data: String,
    #[serde(default = "text")]
    pub(crate) data_type: String,
    #[serde(default = "current")]
    pub(crate) stages: Vec<String>,
    #[serde(default = "long_ago")]
    pub(crate) created: String,
}

fn long_ago() -> String {
    "2026-01-01T00:00:00Z".into()
}

fn text() -> String {
    "text".into()
}

fn current() -> Vec<String> {
    vec![CURRENT.into()]
}

impl Secret {
    /// The version that has a stage.
    pub(crate) fn staged(&self, stage: &str) -> Option<&SecretVersion> {
        self.versions.iter().find(|version| version.stages.iter().any(|one| one == stage))
    }

    /// Unique version ids, no stage on two versions, and a current version.
    pub(super) fn check(&self) -> Result<(), String> {
        let mut seen = BTreeSet::new();
        for version in &self.versions {
            for name in version.stages.iter().map(|stage| ("stage", stage)).chain([("version", &version.id)])
            {
                if !seen.insert(name) {
                    return Err(format!("{} {:?} is not unique", name.0, name.1));
                }
            }
        }
        match self.staged(CURRENT) {
            Some(_) => Ok(()),
            None => Err(format!("no version is {CURRENT}")),
        }
    }
}
