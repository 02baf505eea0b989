//! Panics: one failed request each, and one JSON line in the log.

use std::panic;

use serde_json::json;

use crate::log::Log;

tokio::task_local! {
    /// The request that the running task works for.
    pub(super) static REQUEST_ID: String;
}

/// Makes every panic of this process write one JSON line: where it was and of what type its message is. The message
/// itself stays out, since nobody knows what it quotes.
pub fn log_panics(log: impl Fn(&str) -> Log + Send + Sync + 'static) {
    panic::set_hook(Box::new(move |info| {
        let request_id = REQUEST_ID.try_with(Clone::clone).unwrap_or_default();
        let place = info.location().map(ToString::to_string);
        let payload = match info.payload() {
            text if text.is::<&str>() => "&str",
            text if text.is::<String>() => "String",
            _ => "other",
        };
        log(&request_id).error("panic", json!({ "location": place, "payloadType": payload }));
    }));
}
