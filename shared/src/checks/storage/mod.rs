//! OSS buckets: who can read them, and how they are kept.

mod access;
#[cfg(test)]
mod tests;

use super::checks;
use super::finding::Target;
use crate::snapshot::{Bucket, Snapshot, Tags};

checks! {
    bucket_without_logging: BUCKET_WITHOUT_LOGGING,
    bucket_without_tls: BUCKET_WITHOUT_TLS,
    bucket_without_versioning: BUCKET_WITHOUT_VERSIONING,
    public_bucket: PUBLIC_BUCKET,
    unencrypted_bucket: UNENCRYPTED_BUCKET,
}

fn target(account: &Snapshot, bucket: &Bucket) -> Target {
    let arn = account.arn("oss", &bucket.region, &bucket.name);
    Target::new(arn, bucket.tags.known().unwrap_or(&Tags::new()))
}
