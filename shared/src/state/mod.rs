//! The store: what a run leaves for the next one. It lives in memory, in a folder or in OSS.
//!
//! The only atomic thing that all three can do is to create an object that is not there (OSS has no
//! conditional replace), so that is all the store does: nothing in it is ever overwritten or deleted. What
//! changes is a [`Series`] of numbered objects, of which the last tells the present and all of them the past.
//!
//! A write may be done although its reply is lost. The repeat then hears "exists", as the loser of a race does.
//! The store reads back and compares to tell the two apart.
//!
//! ```
//! # use shared::{ambient::Random, state::*};
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), StateError> {
//! let location = Location::parse("memory:")?;
//! let store = Store::open(&location, None, Random::system())?;
//! let case = store.series("cases/one");
//! let history: Vec<String> = case.read().await?;
//! let appended = case.append(history.len() as u64 + 1, "opened").await?;
//! assert_eq!(appended, Appended::Done);
//! # Ok(()) }
//! ```

mod error;
mod folder;
mod key;
mod location;
mod memory;
mod object_store;
mod series;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;

pub use error::{Operation, StateError};
pub use key::segment;
pub use location::{Location, VARIABLE};
pub use memory::Memory;
pub use series::{Appended, Series};

use crate::ambient::Random;
use crate::openapi::Session;

/// A place that objects can be kept in. Keys and prefixes were checked before they come here.
pub trait Backend: Send + Sync {
    /// How errors and reports name an object.
    fn url(&self, key: &str) -> String;

    /// Creates the object if there is none; `false` if there is one. Whole or not at all, also in a crash.
    fn create<'a>(&'a self, key: &'a str, bytes: Bytes) -> BoxFuture<'a, Result<bool, StateError>>;

    /// The object, if there is one.
    fn read<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, StateError>>;

    /// All keys that begin with the prefix, in any order.
    fn list<'a>(&'a self, prefix: &'a str) -> BoxFuture<'a, Result<Vec<String>, StateError>>;
}

/// A store. Clones are the same store.
///
/// A key is segments of `A-Z a-z 0-9 . _ - %` between slashes, none of them empty or with a leading dot;
/// [`segment`] makes one of any text. No key may be the folder of another (`a` and `a/b`).
#[derive(Clone)]
pub struct Store {
    backend: Arc<dyn Backend>,
    random: Random,
}

impl Store {
    /// Opens the store at `location`; nothing is read or written yet. OSS needs a session, whose region holds
    /// where the location names none. `random` names writers, so no two may have the same sequence.
    ///
    /// # Errors
    /// When the location is in OSS and there is no session.
    pub fn open(location: &Location, session: Option<Session>, random: Random) -> Result<Self, StateError> {
        let backend: Arc<dyn Backend> = match location {
            Location::Memory(memory) => Arc::new(memory.clone()),
            Location::Folder(root) => Arc::new(folder::Folder::new(root.clone(), random.clone())),
            Location::Bucket { bucket, prefix, region } => {
                let session = session.ok_or_else(|| StateError::Setting {
                    variable: VARIABLE,
                    why: format!("{location} needs credentials, and there are none"),
                })?;
                let session = match region {
                    Some(region) => session.in_region(region),
                    None => session,
                };
                Arc::new(object_store::ObjectStore::new(session, bucket, prefix))
            }
        };
        Ok(Self::from_backend(backend, random))
    }

    /// A store that is not there: whatever it is asked, it answers with `error`. Who may not act without a record
    /// then still gets far enough to tell people.
    pub fn unavailable(error: StateError, random: Random) -> Self {
        Self::from_backend(Arc::new(Unavailable(error)), random)
    }

    /// The store over any backend. Tests wrap one to break it.
    pub fn from_backend(backend: Arc<dyn Backend>, random: Random) -> Self {
        Self { backend, random }
    }

    /// How people find an object: `oss://bucket/prefix/key`, `file:///folder/key`.
    pub fn url(&self, key: &str) -> String {
        self.backend.url(key)
    }

    /// Creates an object. `true`: these bytes are stored under the key; `false`: others are.
    ///
    /// Two writers of the same bytes both hear `true`. Who must tell a race from a repeat puts a random text
    /// into the bytes, as [`Series`] does.
    ///
    /// # Errors
    /// When it could not be created; [`StateError::maybe_done`] tells whether it may have been. A wrong key.
    pub async fn create(&self, key: &str, bytes: Bytes) -> Result<bool, StateError> {
        key::check_key(key)?;
        match self.backend.create(key, bytes.clone()).await {
            Ok(true) => Ok(true),
            // Someone else's, or that of our own first attempt.
            Ok(false) => match self.backend.read(key).await {
                Ok(Some(there)) => Ok(there == bytes),
                Ok(None) => Err(StateError::broken(self.url(key), "exists, but is not there to be read")),
                Err(error) => Err(StateError::ambiguous(self.url(key), format!("it exists, and {error}"))),
            },
            Err(error) if error.maybe_done() => match self.backend.read(key).await {
                Ok(Some(there)) => Ok(there == bytes),
                // Not there yet is not never: the request may still be on its way.
                Ok(None) | Err(_) => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    /// An object's content; `None` if there is no such object.
    ///
    /// # Errors
    /// When it cannot be read. A wrong key.
    pub async fn read(&self, key: &str) -> Result<Option<Bytes>, StateError> {
        key::check_key(key)?;
        self.backend.read(key).await
    }

    /// All keys that begin with `prefix`, sorted. `cases/` for what is in there, `""` for everything.
    ///
    /// # Errors
    /// When the list cannot be read to its end. A wrong prefix.
    pub async fn list(&self, prefix: &str) -> Result<Vec<String>, StateError> {
        key::check_prefix(prefix)?;
        let mut keys = self.backend.list(prefix).await?;
        keys.sort_unstable();
        Ok(keys)
    }

    /// The series whose entries are `prefix/00000001.json` and so on.
    pub fn series(&self, prefix: &str) -> Series {
        Series::new(self.clone(), prefix)
    }
}

struct Unavailable(StateError);

impl Backend for Unavailable {
    fn url(&self, key: &str) -> String {
        key.to_owned()
    }

    fn create<'a>(&'a self, _: &'a str, _: Bytes) -> BoxFuture<'a, Result<bool, StateError>> {
        Box::pin(async { Err(self.0.clone()) })
    }

    fn read<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, StateError>> {
        Box::pin(async { Err(self.0.clone()) })
    }

    fn list<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<String>, StateError>> {
        Box::pin(async { Err(self.0.clone()) })
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({})", self.url(""))
    }
}
