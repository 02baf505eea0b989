//! Key Management Service, 2016-01-20: secrets, as the place where a new access key is put.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

use crate::openapi::{Action, Api, Empty, Host, Rate};

const HOST: Host = Host::Regional("kms");

const fn api(name: &'static str) -> Api {
    // KMS, "Limits": reads 20 a second, writes 10. Parameters travel in the body: one of them is the secret.
    Api::rpc("kms", "2016-01-20", name, HOST).form().limit(Rate::per_second(10))
}

/// What is known of a secret without its value; whether there is one.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeSecret<'a> {
    /// The secret's name.
    pub secret_name: &'a str,
}

impl Action for DescribeSecret<'_> {
    const API: Api = api("DescribeSecret").needs("kms:DescribeSecret");
    type Response = SecretInfo;
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SecretInfo {
    /// Its name, again.
    pub secret_name: String,
    /// `Generic`, or one that KMS rotates itself.
    pub secret_type: Option<String>,
    /// When it will be deleted, if somebody has asked for that: until then it takes no value.
    pub planned_delete_time: Option<String>,
}

/// The versions of a secret, to read back that one was stored.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListSecretVersionIds<'a> {
    /// The secret's name.
    pub secret_name: &'a str,
}

impl Action for ListSecretVersionIds<'_> {
    const API: Api = api("ListSecretVersionIds").needs("kms:ListSecretVersionIds");
    type Response = SecretVersions;
}

/// The newest versions first; one page is enough to find the current one.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SecretVersions {
    version_ids: VersionIds,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VersionIds {
    version_id: Vec<Version>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Version {
    version_id: String,
    version_stages: Option<Stages>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Stages {
    #[serde(default)]
    version_stage: Vec<String>,
}

impl SecretVersions {
    /// Whether there is such a version.
    pub fn has(&self, version: &str) -> bool {
        self.version_ids.version_id.iter().any(|known| known.version_id == version)
    }

    /// The version that is given out to whoever does not name one (stage `ACSCurrent`).
    pub fn current(&self) -> Option<&str> {
        let is_current = |version: &&Version| {
            version
                .version_stages
                .as_ref()
                .is_some_and(|stages| stages.version_stage.iter().any(|s| s == "ACSCurrent"))
        };
        self.version_ids.version_id.iter().find(is_current).map(|version| version.version_id.as_str())
    }
}

/// Makes a secret with its first version.
#[derive(Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateSecret<'a> {
    /// The secret's name.
    pub secret_name: &'a str,
    /// What names the version; storing the same again under it changes nothing.
    pub version_id: &'a str,
    /// The value.
    #[serde(serialize_with = "exposed")]
    pub secret_data: &'a SecretString,
    /// What it is for.
    pub description: &'a str,
}

impl Action for CreateSecret<'_> {
    const API: Api = api("CreateSecret").writes_once().needs("kms:CreateSecret");
    type Response = Empty;
}

/// Stores a new version of a secret and makes it the current one.
#[derive(Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PutSecretValue<'a> {
    /// The secret's name.
    pub secret_name: &'a str,
    /// What names the version.
    pub version_id: &'a str,
    /// The value.
    #[serde(serialize_with = "exposed")]
    pub secret_data: &'a SecretString,
}

impl Action for PutSecretValue<'_> {
    const API: Api = api("PutSecretValue").writes_once().needs("kms:PutSecretValue");
    type Response = Empty;
}

/// Deletes a secret with all its versions.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteSecret<'a> {
    /// The secret's name.
    pub secret_name: &'a str,
    /// At once and for good; else it can be restored for 30 days, in which its name is taken.
    pub force_delete_without_recovery: bool,
}

impl Action for DeleteSecret<'_> {
    const API: Api = api("DeleteSecret").writes_once().needs("kms:DeleteSecret");
    type Response = Empty;
}

/// Into the request, and nowhere else: these types have no `Debug`.
fn exposed<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}
