//! When to try again, and how long to wait before.

use std::time::Duration;

use super::{Effect, Error, Kind};
use crate::ambient::Random;

/// How stubborn a client is.
#[derive(Debug, Clone)]
pub struct RetryPolicy {
    /// Attempts at most, the first included.
    pub attempts: u32,
    /// Attempts at most when the service only ever says that it is too much.
    pub throttled_attempts: u32,
    /// One attempt may take this long.
    pub attempt_timeout: Duration,
    /// The first pause; it doubles.
    pub base: Duration,
    /// The longest pause.
    pub cap: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 4,
            throttled_attempts: 8,
            attempt_timeout: Duration::from_secs(5),
            base: Duration::from_millis(200),
            cap: Duration::from_secs(5),
        }
    }
}

impl RetryPolicy {
    /// Whether a failure of a call with this effect may be tried again after `done` attempts.
    pub(crate) fn again(&self, error: &Error, effect: Effect, done: u32) -> bool {
        let repeatable = effect != Effect::WriteOnce;
        match error.kind() {
            // A throttled or unconnected request was certainly not carried out.
            Kind::Throttled => done < self.throttled_attempts,
            Kind::Connect => done < self.attempts,
            Kind::Server | Kind::Timeout | Kind::Interrupted | Kind::Decode => {
                repeatable && done < self.attempts
            }
            _ => false,
        }
    }

    /// The pause before the next attempt: what the service asked for, else exponential with full jitter,
    /// never less than half of it so that retries do spread and do wait.
    pub(crate) fn pause(&self, done: u32, asked: Option<Duration>, random: &Random) -> Duration {
        if let Some(asked) = asked {
            return asked.min(self.cap * 6);
        }
        let full = self.base.saturating_mul(1 << (done.saturating_sub(1)).min(16)).min(self.cap);
        full.mul_f64(0.5 + random.fraction() / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_be_repeated_is() {
        let policy = RetryPolicy::default();
        let error = |kind| Error::new(kind, "x:Y", "", "");
        for kind in [Kind::Server, Kind::Timeout, Kind::Interrupted, Kind::Decode] {
            assert!(policy.again(&error(kind), Effect::Read, 1), "{kind:?}");
            assert!(policy.again(&error(kind), Effect::Write, 1), "{kind:?}");
            assert!(!policy.again(&error(kind), Effect::WriteOnce, 1), "{kind:?}");
        }
        for kind in [Kind::Throttled, Kind::Connect] {
            assert!(policy.again(&error(kind), Effect::WriteOnce, 1), "{kind:?}");
        }
        for kind in
            [Kind::Denied, Kind::Credential, Kind::NotFound, Kind::Exists, Kind::Refused, Kind::Deadline]
        {
            assert!(!policy.again(&error(kind), Effect::Read, 1), "{kind:?}");
        }
        assert!(!policy.again(&error(Kind::Server), Effect::Read, policy.attempts));
    }

    #[test]
    fn pauses_double_up_to_the_cap_and_obey_the_service() {
        let policy = RetryPolicy::default();
        let low = Random::from_fn(|| 0);
        let high = Random::from_fn(|| u64::MAX);
        let mut last = Duration::ZERO;
        for done in 1..20 {
            let (least, most) = (policy.pause(done, None, &low), policy.pause(done, None, &high));
            assert!(least <= most && most <= policy.cap && least >= last / 2, "attempt {done}");
            last = most;
        }
        assert_eq!(policy.pause(1, Some(Duration::from_millis(731)), &high), Duration::from_millis(731));
    }
}
