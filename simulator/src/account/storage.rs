//! What Object Storage Service keeps: buckets with their settings, and objects.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A bucket. Settings that are left out are as after CreateBucket.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Bucket {
    pub(crate) name: String,
    /// Without the `oss-` of the host name.
    pub(crate) region: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) created: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) acl: Acl,
    pub(crate) block_public_access: bool,
    /// The bucket policy: JSON, or a text that is handed out as it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) policy: Option<Arc<Value>>,
    /// What GetBucketPolicyStatus says; None: whether a statement allows everybody without any condition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) policy_is_public: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) website: Option<Website>,
    /// `Enabled` or `Suspended`; None: never switched on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) versioning: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) logging: Option<LogTarget>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) encryption: Option<Encryption>,
    /// The TLS versions that the bucket is limited to; empty: not limited.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) tls_versions: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) lifecycle: Vec<LifecycleRule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) worm: Option<Worm>,
    /// Object texts by key.
    pub(crate) objects: Arc<BTreeMap<String, Object>>,
    /// ACLs of objects that have one of their own.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) object_acls: BTreeMap<String, Acl>,
}

/// An ACL of a bucket or an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Acl {
    #[default]
    Private,
    PublicRead,
    PublicReadWrite,
    /// The bucket's: objects only.
    Default,
}

impl Acl {
    /// The word on the wire.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::PublicRead => "public-read",
            Self::PublicReadWrite => "public-read-write",
            Self::Default => "default",
        }
    }
}

/// A static website.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Website {
    /// The name of the index page in each folder.
    pub(crate) index: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
}

/// Where access logs go.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogTarget {
    pub(crate) bucket: String,
    #[serde(default)]
    pub(crate) prefix: String,
}

/// How objects are encrypted at rest.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Encryption {
    /// `AES256`, `KMS` or `SM4`.
    pub(crate) algorithm: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<String>,
}

/// A lifecycle rule: what expires after how many days.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LifecycleRule {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) prefix: String,
    pub(crate) days: u32,
}

/// A retention policy.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Worm {
    pub(crate) id: String,
    /// `InProgress` or `Locked`.
    pub(crate) state: String,
    pub(crate) days: u32,
}

/// An object. In an account file: its text.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub(crate) struct Object {
    pub(crate) data: Bytes,
    pub(crate) content_type: Option<String>,
    pub(crate) modified: jiff::Timestamp,
}

impl From<String> for Object {
    fn from(text: String) -> Self {
        Self { data: Bytes::from(text), content_type: None, modified: jiff::Timestamp::now() }
    }
}

impl From<Object> for String {
    fn from(object: Object) -> Self {
        String::from_utf8_lossy(&object.data).into_owned()
    }
}

impl Bucket {
    /// When it was created: UTC, with milliseconds as OSS writes them.
    pub(crate) fn creation_date(&self) -> String {
        let date = if self.created.is_empty() { "2024-01-01T00:00:00Z" } else { &self.created };
        date.replace('Z', ".000Z")
    }

    /// What GetBucketPolicyStatus says of the policy; None without one.
    pub(crate) fn policy_is_public(&self) -> Option<bool> {
        let policy = self.policy.as_deref()?;
        Some(self.policy_is_public.unwrap_or_else(|| allows_everybody(policy)))
    }

    /// Has to have a name and a region, and settings that OSS knows.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.region.is_empty() {
            return Err("region: must not be empty".into());
        }
        if self.acl == Acl::Default {
            return Err("acl: default is for objects".into());
        }
        if let Some(key) = self.object_acls.keys().find(|key| !self.objects.contains_key(*key)) {
            return Err(format!("object_acls: there is no object {key:?}"));
        }
        if self.versioning.as_ref().is_some_and(|state| !["Enabled", "Suspended"].contains(&state.as_str())) {
            return Err("versioning: neither Enabled nor Suspended".into());
        }
        if self
            .encryption
            .as_ref()
            .is_some_and(|how| !["AES256", "KMS", "SM4"].contains(&how.algorithm.as_str()))
        {
            return Err("encryption: none of AES256, KMS, SM4".into());
        }
        Ok(())
    }
}

/// Whether a statement allows everybody something without any condition. What OSS makes of conditions is
/// not simulated: an account file says it in `policy_is_public`.
fn allows_everybody(policy: &Value) -> bool {
    let everybody = |statement: &Value| match &statement["Principal"] {
        Value::String(one) => one == "*",
        Value::Array(many) => many.iter().any(|one| one == "*"),
        _ => false,
    };
    policy["Statement"].as_array().into_iter().flatten().any(|statement| {
        statement["Effect"] == "Allow" && everybody(statement) && statement.get("Condition").is_none()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_an_allow_for_everybody_without_condition_is_public() {
        let with = |change: Value| {
            let mut statement =
                json!({"Effect": "Allow", "Principal": ["*"], "Action": "oss:GetObject", "Resource": "*"});
            statement.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let policy = json!({"Version": "1", "Statement": [statement]});
            Bucket { policy: Some(Arc::new(policy)), ..Bucket::default() }.policy_is_public()
        };
        assert_eq!(with(json!({})), Some(true));
        assert_eq!(with(json!({"Effect": "Deny"})), Some(false));
        assert_eq!(with(json!({"Principal": ["1234567890123456"]})), Some(false));
        assert_eq!(
            with(json!({"Condition": {"IpAddress": {"acs:SourceIp": ["192.0.2.0/24"]}}})),
            Some(false)
        );
        assert_eq!(Bucket::default().policy_is_public(), None);
    }

    #[test]
    fn settings_that_oss_does_not_know_are_refused() {
        let file = |text: &str| serde_json::from_str::<Bucket>(text).unwrap().check();
        assert_eq!(file(r#"{"name": "a", "region": "cn-hangzhou"}"#), Ok(()));
        for (wrong, place) in [
            (r#"{"name": "a"}"#, "region"),
            (r#"{"name": "a", "region": "r", "acl": "default"}"#, "acl"),
            (r#"{"name": "a", "region": "r", "object_acls": {"x": "private"}}"#, "object_acls"),
            (r#"{"name": "a", "region": "r", "versioning": "on"}"#, "versioning"),
            (r#"{"name": "a", "region": "r", "encryption": {"algorithm": "ROT13"}}"#, "encryption"),
        ] {
            assert!(file(wrong).unwrap_err().starts_with(place), "{wrong}");
        }
        assert!(serde_json::from_str::<Bucket>(r#"{"name": "a", "region": "r", "acl": "public"}"#).is_err());
    }
}
