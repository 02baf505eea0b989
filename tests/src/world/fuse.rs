//! A crash at a chosen step.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::Notify;

/// Before or after the effect of the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It does not happen.
    Before,
    /// It happens, and nobody hears of it.
    After,
}

/// Counts the steps of one process (API calls, messages, reads and writes of the store) and ends them all, for
/// ever, at the one it is set to.
#[derive(Debug)]
pub struct Fuse {
    at: Option<(u64, Moment)>,
    steps: AtomicU64,
    blown: AtomicBool,
    told: Notify,
}

impl Fuse {
    /// One that only counts.
    pub fn never() -> Self {
        Self::new(None)
    }

    /// One that blows at step `step`, counted from nought.
    pub fn at(step: u64, moment: Moment) -> Self {
        Self::new(Some((step, moment)))
    }

    fn new(at: Option<(u64, Moment)>) -> Self {
        Self { at, steps: AtomicU64::new(0), blown: AtomicBool::new(false), told: Notify::new() }
    }

    /// Steps begun so far.
    pub fn steps(&self) -> u64 {
        self.steps.load(Ordering::SeqCst)
    }

    /// Whether it has blown.
    pub fn is_blown(&self) -> bool {
        self.blown.load(Ordering::SeqCst)
    }

    /// Returns once it has blown.
    pub async fn blown(&self) {
        let told = self.told.notified();
        if !self.is_blown() {
            told.await;
        }
    }

    /// One step, whose effect is `effect`.
    pub(super) async fn step<T>(&self, effect: impl Future<Output = T>) -> T {
        let number = self.steps.fetch_add(1, Ordering::SeqCst);
        let here = |moment| self.at == Some((number, moment));
        if self.is_blown() || here(Moment::Before) {
            return self.stop().await;
        }
        let done = effect.await;
        if self.is_blown() || here(Moment::After) {
            return self.stop().await;
        }
        done
    }

    async fn stop<T>(&self) -> T {
        self.blown.store(true, Ordering::SeqCst);
        self.told.notify_waiters();
        std::future::pending().await
    }
}
