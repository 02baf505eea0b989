//! How far a run has come, for whoever watches.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::openapi::Session;

/// What of a run is done. Shared by all parts of it.
#[derive(Default)]
pub struct Progress(Mutex<State>);

#[derive(Default)]
struct State {
    parts: BTreeMap<&'static str, Part>,
    sessions: Vec<Session>,
}

/// How far one part has come: a product, over all regions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Part {
    /// Regions in which it is done.
    pub done: usize,
    /// Regions in which it was begun.
    pub of: usize,
}

impl Progress {
    /// Does a piece of work that belongs to `part`.
    pub(super) async fn of<T>(&self, part: &'static str, work: impl Future<Output = T>) -> T {
        self.with(|state| state.parts.entry(part).or_default().of += 1);
        let came = work.await;
        self.with(|state| state.parts.entry(part).or_default().done += 1);
        came
    }

    /// The session whose calls are to be counted.
    pub(super) fn watch(&self, session: &Session) {
        self.with(|state| state.sessions.push(session.clone()));
    }

    /// The parts as they are now, by name.
    pub fn parts(&self) -> BTreeMap<&'static str, Part> {
        self.with(|state| state.parts.clone())
    }

    /// Calls sent so far, and how many wait for a place in a rate window now.
    pub fn calls(&self) -> (u64, u64) {
        self.with(|state| {
            let sum = |of: fn(&Session) -> u64| state.sessions.iter().map(of).sum();
            (sum(Session::sent), sum(Session::waiting))
        })
    }

    fn with<T>(&self, how: impl FnOnce(&mut State) -> T) -> T {
        how(&mut self.0.lock().unwrap_or_else(|broken| broken.into_inner()))
    }
}
