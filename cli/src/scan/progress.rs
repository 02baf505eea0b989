//! A line on the terminal that says how far the reading has come. Nothing where nobody watches.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use shared::collect::Progress;

/// How often the line is drawn anew.
const EVERY: Duration = Duration::from_millis(150);

/// Waits for `work` and shows how far it is.
pub(super) async fn shown<T>(progress: &Progress, work: impl Future<Output = T>) -> T {
    let watched =
        std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
    if !watched {
        return work.await;
    }
    let began = Instant::now();
    let mut work = std::pin::pin!(work);
    let mut clock = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            came = &mut work => {
                draw("");
                return came;
            }
            _ = clock.tick() => draw(&line(progress, began.elapsed())),
        }
    }
}

fn draw(text: &str) {
    let mut terminal = std::io::stderr().lock();
    // A terminal that went away is no reason to stop.
    let _ = write!(terminal, "\r\x1b[2K{text}").and_then(|()| terminal.flush());
}

/// `regions 12/25 · left: databases 9, network 3 · 1204 calls, 3 waiting for a rate limit · 8 s`
fn line(progress: &Progress, passed: Duration) -> String {
    let parts = progress.parts();
    let network = parts.get("network").copied().unwrap_or_default();
    let mut line = format!("regions {}/{}", network.done, network.of);
    let left: Vec<String> = parts
        .iter()
        .filter(|(_, part)| part.done < part.of)
        .map(|(name, part)| format!("{name} {}", part.of - part.done))
        .collect();
    if !left.is_empty() {
        let _ = write!(line, " · left: {}", left.join(", "));
    }
    let (sent, waiting) = progress.calls();
    let _ = write!(line, " · {sent} calls");
    if waiting > 0 {
        let _ = write!(line, ", {waiting} waiting for a rate limit");
    }
    let _ = write!(line, " · {} s", passed.as_secs());
    // One line: a longer one would scroll the terminal away under itself.
    let width = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok()).unwrap_or(100);
    line.chars().take(width).collect()
}
