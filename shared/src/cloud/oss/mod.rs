//! The object store: buckets, their settings, their objects. XML; parameters and elements follow the API pages of OSS
//! (GetBucketInfo, GetBucketPolicyStatus, …) and the official SDK (`alibabacloud_oss_v2`, models). Permissions follow the page
//! "RAM policy overview" of OSS.
//!
//! What belongs to a bucket is asked in the session's region, which must be the bucket's.

mod objects;
mod service;
mod settings;

pub use objects::{GetObjectAcl, ListObjects, Objects};
pub use service::{BucketPage, BucketRow, GetPublicAccessBlock, ListBuckets};
pub use settings::{
    AclDocument, BucketInfo, Encryption, GetBucketAcl, GetBucketEncryption, GetBucketHttpsConfig,
    GetBucketInfo, GetBucketLogging, GetBucketPolicy, GetBucketPolicyStatus, GetBucketPublicAccessBlock,
    GetBucketTagging, GetBucketVersioning, GetBucketWebsite, HttpsConfig, Logging, PolicyStatus,
    PublicAccessBlock, Tagging, Versioning, Website,
};

use crate::openapi::{Error, Kind};

/// Whether a refusal means that the setting is not there, which is an answer: `NoSuchBucketPolicy`, `NoSuchWebsiteConfiguration`,
/// `NoSuchServerSideEncryptionRule`, `NoSuchTagSet`, … The spellings are not all documented, so any `NoSuch…` counts but those
/// of the bucket itself and of an object.
pub fn is_unset(error: &Error) -> bool {
    error.kind() == Kind::NotFound
        && error.code().starts_with("NoSuch")
        && !matches!(error.code(), "NoSuchBucket" | "NoSuchKey")
}

/// Whether the bucket does not exist (any more).
pub fn is_gone(error: &Error) -> bool {
    error.code() == "NoSuchBucket"
}
