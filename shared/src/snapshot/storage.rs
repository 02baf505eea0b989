//! OSS buckets, as they were read.

use serde::{Deserialize, Serialize};

use super::{Read, Tags};

/// A bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub region: String,
    /// Its tags.
    pub tags: Read<Tags>,
    /// Its ACL.
    pub acl: Read<Acl>,
    /// Whether the bucket blocks public access.
    pub public_access_block: Read<bool>,
    /// Its policy, as it was written; `None` without.
    pub policy: Read<Option<String>>,
    /// What OSS itself says of the policy (GetBucketPolicyStatus).
    pub policy_is_public: Read<Option<bool>>,
    /// Whether it serves a static website.
    pub website: Read<bool>,
    /// Whether it keeps versions.
    pub versioning: Read<bool>,
    /// The bucket that its access logs go to; `None` for nowhere.
    pub logging: Read<Option<String>>,
    /// The algorithm that objects are encrypted with: `AES256`, `KMS`, `SM4`; `None` for not at all.
    pub encryption: Read<Option<String>>,
    /// The TLS versions that it is limited to; empty when not limited (GetBucketHttpsConfig).
    pub tls_versions: Read<Vec<String>>,
    /// Object ACLs, by sample.
    pub sample: Read<Sample>,
}

/// An ACL of a bucket or an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Acl {
    /// The bucket's own (objects only).
    Default,
    /// Only the account.
    Private,
    /// Everybody reads.
    PublicRead,
    /// Everybody reads and writes.
    PublicReadWrite,
}

/// The ACLs of some of a bucket's objects.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// How many were looked at.
    pub looked_at: u64,
    /// Whether those are all objects of the bucket.
    pub all: bool,
    /// Those that are public, with their ACL.
    pub public: Vec<(String, Acl)>,
}
