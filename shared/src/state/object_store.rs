//! A store in an OSS bucket.

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt};

use super::{Backend, Operation, StateError};
use crate::openapi::{Bucket, Kind, Session};

/// One prefix of one bucket.
#[derive(Clone)]
pub(super) struct ObjectStore {
    bucket: Bucket,
    /// Empty, or ending in a slash.
    prefix: String,
    url: String,
}

impl ObjectStore {
    pub(super) fn new(session: Session, bucket: &str, prefix: &str) -> Self {
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        let url = format!("oss://{bucket}/{prefix}");
        Self { bucket: Bucket::new(session, bucket), prefix, url }
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }
}

impl Backend for ObjectStore {
    fn url(&self, key: &str) -> String {
        format!("{}{key}", self.url)
    }

    fn create<'a>(&'a self, key: &'a str, bytes: Bytes) -> BoxFuture<'a, Result<bool, StateError>> {
        async move {
            match self.bucket.create(&self.key(key), bytes).await {
                Ok(()) => Ok(true),
                Err(error) if error.kind() == Kind::Exists => Ok(false),
                Err(error) if error.maybe_done() => {
                    Err(StateError::ambiguous(self.url(key), error.to_string()))
                }
                Err(error) => Err(StateError::failed(Operation::Create, self.url(key), error.to_string())),
            }
        }
        .boxed()
    }

    fn read<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, StateError>> {
        async move {
            let failed = |error: crate::openapi::Error| {
                StateError::failed(Operation::Read, self.url(key), error.to_string())
            };
            self.bucket.read(&self.key(key)).await.map_err(failed)
        }
        .boxed()
    }

    fn list<'a>(&'a self, prefix: &'a str) -> BoxFuture<'a, Result<Vec<String>, StateError>> {
        async move {
            let place = || self.url(prefix);
            let listed = self.bucket.list(&self.key(prefix)).await;
            let listed =
                listed.map_err(|error| StateError::failed(Operation::List, place(), error.to_string()))?;
            listed
                .into_iter()
                // The console makes an object that ends in a slash when a person makes a folder.
                .filter(|key| !key.ends_with('/'))
                .map(|key| match key.strip_prefix(&self.prefix) {
                    Some(key) => Ok(key.to_owned()),
                    None => Err(StateError::broken(place(), format!("the listing has {key:?}"))),
                })
                .collect()
        }
        .boxed()
    }
}
