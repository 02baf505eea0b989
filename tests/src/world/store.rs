//! The store, and ways to break it.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use shared::state::{Backend, Memory, Operation, StateError};

use super::Fuse;

/// What goes wrong with an operation of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreFault {
    /// It fails, and nothing happened.
    Fails,
    /// A write is done, and its reply is lost.
    DoneUnheard,
    /// A write is not done, and its reply is lost.
    LostUnheard,
}

/// Faults in force: which operation, what, how many pass unharmed first, how many are harmed.
#[derive(Default)]
pub(super) struct StoreFaults(Mutex<Vec<(Operation, StoreFault, u32, u32)>>);

impl StoreFaults {
    pub(super) fn add(&self, operation: Operation, fault: StoreFault, after: u32, times: u32) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((operation, fault, after, times));
    }

    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn take(&self, operation: Operation) -> Option<StoreFault> {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, fault, after, times) = faults.iter_mut().find(|fault| fault.0 == operation && fault.3 > 0)?;
        if *after > 0 {
            *after -= 1;
            return None;
        }
        *times = times.saturating_sub(1);
        Some(*fault)
    }
}

/// One process's way to the store that all of them share.
pub(super) struct Shelf {
    pub(super) memory: Memory,
    pub(super) fuse: Arc<Fuse>,
    pub(super) faults: Arc<StoreFaults>,
}

impl Shelf {
    fn refuse(&self, operation: Operation, place: &str) -> Option<StateError> {
        self.faults.take(operation).map(|_| StateError::failed(operation, place, "the store is down"))
    }
}

impl Backend for Shelf {
    fn url(&self, key: &str) -> String {
        self.memory.url(key)
    }

    fn create<'a>(&'a self, key: &'a str, bytes: Bytes) -> BoxFuture<'a, Result<bool, StateError>> {
        Box::pin(self.fuse.step(async move {
            match self.faults.take(Operation::Create) {
                None => self.memory.create(key, bytes).await,
                Some(StoreFault::Fails) => {
                    Err(StateError::failed(Operation::Create, key, "the store is down"))
                }
                Some(StoreFault::DoneUnheard) => {
                    self.memory.create(key, bytes).await?;
                    Err(StateError::ambiguous(key, "no answer"))
                }
                Some(StoreFault::LostUnheard) => Err(StateError::ambiguous(key, "no answer")),
            }
        }))
    }

    fn read<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, StateError>> {
        Box::pin(self.fuse.step(async move {
            match self.refuse(Operation::Read, key) {
                Some(error) => Err(error),
                None => self.memory.read(key).await,
            }
        }))
    }

    fn list<'a>(&'a self, prefix: &'a str) -> BoxFuture<'a, Result<Vec<String>, StateError>> {
        Box::pin(self.fuse.step(async move {
            match self.refuse(Operation::List, prefix) {
                Some(error) => Err(error),
                None => self.memory.list(prefix).await,
            }
        }))
    }
}
