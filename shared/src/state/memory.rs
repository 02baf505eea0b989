//! A store that lasts as long as the process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt};

use super::{Backend, StateError};

/// Objects in memory. Clones share them.
#[derive(Clone, Default)]
pub struct Memory(Arc<Mutex<BTreeMap<String, Bytes>>>);

impl Memory {
    fn objects(&self) -> MutexGuard<'_, BTreeMap<String, Bytes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Backend for Memory {
    fn url(&self, key: &str) -> String {
        format!("memory:{key}")
    }

    fn create<'a>(&'a self, key: &'a str, bytes: Bytes) -> BoxFuture<'a, Result<bool, StateError>> {
        async move {
            let mut objects = self.objects();
            let absent = !objects.contains_key(key);
            if absent {
                objects.insert(key.to_owned(), bytes);
            }
            Ok(absent)
        }
        .boxed()
    }

    fn read<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, StateError>> {
        async move { Ok(self.objects().get(key).cloned()) }.boxed()
    }

    fn list<'a>(&'a self, prefix: &'a str) -> BoxFuture<'a, Result<Vec<String>, StateError>> {
        async move {
            let objects = self.objects();
            let keys = objects.range(prefix.to_owned()..).map(|(key, _)| key);
            Ok(keys.take_while(|key| key.starts_with(prefix)).cloned().collect())
        }
        .boxed()
    }
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Memory({} objects)", self.objects().len())
    }
}
