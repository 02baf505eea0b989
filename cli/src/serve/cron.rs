//! Timer lines of Function Compute: `@every 5m`, or six fields (second minute hour day month weekday) in UTC or in the
//! zone that `CRON_TZ=` names. Pure: the caller says what time it is.

use std::time::Duration;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use croner::Cron;
use croner::parser::{CronParser, Seconds};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// When a timer is due.
#[derive(Debug)]
pub(crate) enum Schedule {
    /// So long after the last time.
    Every(Duration),
    /// At these times of day, in this zone.
    Fields(Box<Cron>, TimeZone),
}

impl Schedule {
    /// Reads a line.
    ///
    /// # Errors
    /// When it is neither form, or names a zone that is not known.
    pub(crate) fn parse(line: &str) -> anyhow::Result<Self> {
        let text = line.trim();
        if let Some(interval) = text.strip_prefix("@every") {
            return Ok(Self::Every(interval_of(interval.trim()).with_context(|| format!("{line:?}"))?));
        }
        let (zone, fields) = match text.strip_prefix("CRON_TZ=").or_else(|| text.strip_prefix("TZ=")) {
            Some(rest) => {
                let (zone, fields) = rest.split_once(' ').with_context(|| format!("{line:?}: no fields"))?;
                (TimeZone::get(zone).with_context(|| format!("{line:?}: unknown zone"))?, fields)
            }
            None => (TimeZone::UTC, text),
        };
        let parser = CronParser::builder().seconds(Seconds::Required).build();
        let cron = parser.parse(fields.trim()).with_context(|| {
            format!("{line:?} is not @every INTERVAL or six fields (second minute hour day month weekday)")
        })?;
        Ok(Self::Fields(Box::new(cron), zone))
    }

    /// The next time after `now`; `None` when there will be none.
    pub(crate) fn next(&self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Every(interval) => now.checked_add(*interval).ok(),
            Self::Fields(cron, zone) => {
                // The clock on the wall is what the fields are about, so it is what is searched; the zone turns it back.
                let wall = TimeZone::UTC.to_timestamp(zone.to_datetime(now)).ok()?;
                let wall = DateTime::<Utc>::from_timestamp(wall.as_second(), 0)?;
                let next = cron.find_next_occurrence(&wall, false).ok()?;
                let next = TimeZone::UTC.to_datetime(Timestamp::from_second(next.timestamp()).ok()?);
                let next = zone.to_ambiguous_timestamp(next);
                // Where the clock is set back an hour comes twice; in the second the first is over.
                next.compatible().ok().filter(|at| *at > now).or_else(|| next.later().ok())
            }
        }
    }
}

/// `90s`, `5m`, `1h30m`; not below one second.
fn interval_of(text: &str) -> anyhow::Result<Duration> {
    let mut total = 0_u64;
    let mut digits = String::new();
    for letter in text.chars() {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        let unit = match letter {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            _ => anyhow::bail!("{letter:?} is not a unit: s, m or h"),
        };
        let number: u64 = digits.parse().context("a number stands before each unit")?;
        total = total.saturating_add(number.saturating_mul(unit));
        digits.clear();
    }
    anyhow::ensure!(digits.is_empty() && total > 0, "an interval is a number and a unit, as 5m");
    Ok(Duration::from_secs(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_time() {
        let now: Timestamp = "2026-11-23T10:20:30Z".parse().unwrap();
        for (line, next) in [
            ("@every 5m", "2026-11-23T10:25:30Z"),
            ("@every 1h30m", "2026-11-23T11:50:30Z"),
            ("0 0 4 * * *", "2026-11-24T04:00:00Z"),
            ("30 21 10 * * *", "2026-11-23T10:21:30Z"),
            ("CRON_TZ=Asia/Shanghai 0 0 4 * * *", "2026-11-23T20:00:00Z"),
            ("CRON_TZ=Asia/Shanghai 0 0 4 1 * *", "2026-11-30T20:00:00Z"),
            ("0 0 9 * * MON", "2026-11-30T09:00:00Z"),
        ] {
            let found = Schedule::parse(line).unwrap().next(now).unwrap();
            assert_eq!(found.to_string(), next, "{line}");
        }
    }

    #[test]
    fn the_hour_that_comes_twice_does_not_turn_in_circles() {
        let half_hourly = Schedule::parse("CRON_TZ=America/New_York 0 */30 * * * *").unwrap();
        let mut now: Timestamp = "2026-11-01T05:10:00Z".parse().unwrap();
        let mut times = Vec::new();
        for _ in 0..4 {
            now = half_hourly.next(now).unwrap();
            times.push(now.strftime("%H:%M").to_string());
        }
        assert!(times.is_sorted(), "{times:?}");
        let second: Timestamp = "2026-11-01T06:10:00Z".parse().unwrap();
        assert_eq!(half_hourly.next(second).unwrap().to_string(), "2026-11-01T06:30:00Z");
    }

    #[test]
    fn what_is_not_a_timer_line() {
        for line in [
            "",
            "@every",
            "@every 5",
            "@every 0s",
            "@every 5d",
            "* * * * *",
            "CRON_TZ=Nowhere/City 0 0 4 * * *",
            "61 0 0 * * *",
        ] {
            assert!(Schedule::parse(line).is_err(), "{line}");
        }
    }
}
