//! How often each API may be called: a sliding window per API and region, narrower after each refusal.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::Rate;

/// Windows are kept this much longer than documented: the service counts arrivals, we count departures.
const MARGIN: Duration = Duration::from_millis(60);

/// The windows of one process. Shared by all invocations, since the service counts them together.
#[derive(Default)]
pub struct Limiter {
    windows: Mutex<HashMap<(String, String), Window>>,
}

struct Window {
    /// How many calls we allow ourselves: the documented number, less after having been throttled.
    allowed: f64,
    sent: VecDeque<Instant>,
    closed_until: Option<Instant>,
}

impl Limiter {
    /// Waits for a place in the window of `api` in `region`.
    pub async fn enter(&self, api: &str, region: &str, rate: Rate) {
        while let Some(at) = self.claim(api, region, rate) {
            sleep_until(at).await;
        }
    }

    /// Takes a place now, or says when to ask again.
    fn claim(&self, api: &str, region: &str, rate: Rate) -> Option<Instant> {
        let now = Instant::now();
        let span = rate.per + MARGIN;
        let mut windows = self.windows.lock().unwrap_or_else(|broken| broken.into_inner());
        let window = windows.entry((api.to_owned(), region.to_owned())).or_insert_with(|| Window {
            allowed: f64::from(rate.calls),
            sent: VecDeque::new(),
            closed_until: None,
        });
        if let Some(until) = window.closed_until {
            if now < until {
                return Some(until);
            }
            window.closed_until = None;
        }
        while window.sent.front().is_some_and(|first| now.duration_since(*first) >= span) {
            window.sent.pop_front();
        }
        if (window.sent.len() as f64) < window.allowed.max(1.0).floor() {
            window.sent.push_back(now);
            return None;
        }
        window.sent.front().map(|first| *first + span)
    }

    /// The service said it was too much: half as many from now on, and none before `wait` is over.
    pub fn throttled(&self, api: &str, region: &str, wait: Duration) {
        let mut windows = self.windows.lock().unwrap_or_else(|broken| broken.into_inner());
        if let Some(window) = windows.get_mut(&(api.to_owned(), region.to_owned())) {
            window.allowed = (window.allowed / 2.0).max(1.0);
            window.closed_until = Some(Instant::now() + wait);
        }
    }

    /// A call went through: a tenth of the documented number back, up to all of it.
    pub fn went_through(&self, api: &str, region: &str, rate: Rate) {
        let mut windows = self.windows.lock().unwrap_or_else(|broken| broken.into_inner());
        if let Some(window) = windows.get_mut(&(api.to_owned(), region.to_owned())) {
            let full = f64::from(rate.calls);
            window.allowed = (window.allowed + full / 10.0).min(full);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: Rate = Rate::per_second(2);

    #[tokio::test(start_paused = true)]
    async fn no_window_ever_holds_more_than_the_documented_number() {
        let limiter = Limiter::default();
        let mut times = Vec::new();
        for _ in 0..9 {
            limiter.enter("actiontrail:LookupEvents", "cn-hangzhou", TWO).await;
            times.push(Instant::now());
        }
        for window in times.windows(3) {
            assert!(window[2] - window[0] > TWO.per, "three calls within a second");
        }
        // Not slower than needed either: nine calls, two a window, four windows to wait for.
        assert!(times[8] - times[0] < 5 * TWO.per);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_narrows_and_success_widens() {
        let limiter = Limiter::default();
        let rate = Rate::per_second(10);
        let start = Instant::now();
        limiter.enter("a", "r", rate).await;
        limiter.throttled("a", "r", Duration::from_secs(3));
        limiter.enter("a", "r", rate).await;
        assert!(start.elapsed() >= Duration::from_secs(3), "waits as long as it was told");
        for _ in 0..5 {
            limiter.went_through("a", "r", rate);
        }
        let again = Instant::now();
        for _ in 0..8 {
            limiter.enter("a", "r", rate).await;
        }
        assert!(again.elapsed() < Duration::from_millis(100), "open again");
    }

    #[tokio::test(start_paused = true)]
    async fn regions_and_apis_do_not_wait_for_each_other() {
        let limiter = Limiter::default();
        let start = Instant::now();
        for region in ["a", "b", "c"] {
            limiter.enter("x", region, Rate::per_second(1)).await;
            limiter.enter("y", region, Rate::per_second(1)).await;
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}
