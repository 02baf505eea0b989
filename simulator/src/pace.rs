//! Documented request rates: so many calls of an API in a region within a window.

use crate::error::ApiError;
use crate::product::Rate;
use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

/// How many calls of each API the present windows have seen, by product, API and region.
///
/// Windows lie side by side, as documented for ECS ("API throttling": throttled in minute T, served again in
/// minute T + 1). Whether the real ones begin on the minute is not documented; these do.
#[derive(Default)]
pub(crate) struct Pace(HashMap<(&'static str, &'static str, String), Window>);

#[derive(Default)]
struct Window {
    number: u64,
    calls: u32,
}

impl Pace {
    /// Counts a call, or refuses it. Refused calls are not counted.
    pub(crate) fn admit(
        &mut self,
        product: &'static str,
        api: &'static str,
        region: &str,
        rate: Rate,
    ) -> Result<(), ApiError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        self.admit_at(now, (product, api, region.into()), rate)
    }

    fn admit_at(
        &mut self,
        now: u64,
        what: (&'static str, &'static str, String),
        rate: Rate,
    ) -> Result<(), ApiError> {
        let number = now / u64::from(rate.seconds);
        let window = self.0.entry(what).or_default();
        if window.number != number {
            *window = Window { number, calls: 0 };
        }
        if window.calls >= rate.calls {
            return Err(ApiError::throttled());
        }
        window.calls += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_that_is_full_refuses_and_the_next_one_does_not() {
        let (mut pace, rate) = (Pace::default(), Rate { calls: 2, seconds: 60 });
        let mut admitted =
            |now, region: &str| pace.admit_at(now, ("vpc", "DescribeVpcs", region.into()), rate).is_ok();
        assert!(admitted(100, "a") && admitted(119, "a") && !admitted(119, "a"));
        assert!(admitted(119, "b"));
        assert!(admitted(120, "a") && admitted(179, "a") && !admitted(179, "a"));
    }
}
