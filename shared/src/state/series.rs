//! Whatever changes: a numbered series of objects, which is its history as well.

use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{StateError, Store, key};

/// So many entries are read at the same time.
const AT_ONCE: usize = 8;
/// The last number that eight digits hold.
const LAST: u64 = 99_999_999;

/// Entries `prefix/00000001.json`, `prefix/00000002.json`, …, each created once and never changed.
#[derive(Clone)]
pub struct Series {
    store: Store,
    prefix: String,
}

/// What became of an entry that was to be appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "an entry that was not appended is not stored"]
pub enum Appended {
    /// It stands at that number.
    Done,
    /// Another writer's entry stands there: read the series, decide anew.
    Taken,
}

/// What is stored. The writer is a random text, so that a repeat is told from a race.
#[derive(Serialize, Deserialize)]
struct Envelope<T> {
    writer: String,
    entry: T,
}

impl Series {
    pub(super) fn new(store: Store, prefix: &str) -> Self {
        Self { store, prefix: prefix.trim_end_matches('/').to_owned() }
    }

    /// Stores an entry as number `at`, counted from one. A caller passes one more than it has read, so that
    /// numbers stay without a gap. Of several writers to one number exactly one hears [`Appended::Done`],
    /// also when its first attempt was done and only the reply was lost.
    ///
    /// # Errors
    /// When the entry cannot be made JSON or the store fails; [`StateError::maybe_done`] tells whether it may
    /// have been stored.
    pub async fn append<T: Serialize + ?Sized>(&self, at: u64, entry: &T) -> Result<Appended, StateError> {
        let key = self.key(at)?;
        let envelope = Envelope { writer: self.store.random.hex(), entry };
        let bytes = serde_json::to_vec(&envelope).map_err(|error| {
            StateError::broken(self.store.url(&key), format!("not to be stored: {error}"))
        })?;
        let done = self.store.create(&key, Bytes::from(bytes)).await?;
        Ok(if done { Appended::Done } else { Appended::Taken })
    }

    /// All entries, in order.
    ///
    /// # Errors
    /// When the store fails, an entry is missing between others, or one is not what it should be. Whatever
    /// else lies beside the entries is not looked at.
    pub async fn read<T: DeserializeOwned>(&self) -> Result<Vec<T>, StateError> {
        let keys = self.keys().await?;
        stream::iter(keys).map(|key| self.entry(key)).buffered(AT_ONCE).try_collect().await
    }

    /// The last entry and its number: for a series of which only the present is asked.
    ///
    /// # Errors
    /// As [`Series::read`].
    pub async fn last<T: DeserializeOwned>(&self) -> Result<Option<(u64, T)>, StateError> {
        let mut keys = self.keys().await?;
        let count = keys.len() as u64;
        match keys.pop() {
            Some(key) => Ok(Some((count, self.entry(key).await?))),
            None => Ok(None),
        }
    }

    /// The keys of all entries, in order and without a gap.
    async fn keys(&self) -> Result<Vec<String>, StateError> {
        let folder = format!("{}/", self.prefix);
        let listed = self.store.list(&folder).await?;
        let numbers = listed.iter().filter_map(|key| number(key.strip_prefix(&folder)?));
        let mut keys = Vec::new();
        for (expected, number) in (1..).zip(numbers) {
            if number != expected {
                let missing = self.store.url(&self.key(expected)?);
                return Err(StateError::broken(
                    missing,
                    format!("missing, although number {number} is there"),
                ));
            }
            keys.push(self.key(number)?);
        }
        Ok(keys)
    }

    async fn entry<T: DeserializeOwned>(&self, key: String) -> Result<T, StateError> {
        let broken = |why: String| StateError::broken(self.store.url(&key), why);
        let bytes = self.store.read(&key).await?;
        let bytes = bytes.ok_or_else(|| broken("listed, but not there".to_owned()))?;
        // The decoder's own words would repeat what is stored.
        let envelope: Envelope<T> = serde_json::from_slice(&bytes).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            broken(format!("not an entry of this series (at line {line}, column {column})"))
        })?;
        Ok(envelope.entry)
    }

    fn key(&self, at: u64) -> Result<String, StateError> {
        let key = format!("{}/{at:08}.json", self.prefix);
        if at == 0 || at > LAST {
            return Err(StateError::Key { key, why: "entries are counted from 1 to 99999999" });
        }
        key::check_key(&key)?;
        Ok(key)
    }
}

/// The number of an entry's file name, if it is one.
fn number(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".json")?;
    let plain = digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok())?
}
