//! Key rotation: keys are treated as if they were already leaking. Each has an owner, a schedule and a next step, and the reminder makes
//! the step easy.
//!
//! [`handle`] takes the daily tick of a timer: read → stages (pure) → disable what notice was given for, if the configuration says so →
//! a digest for each owner → a summary for security → what was said is written down, so that each message comes once.

mod digest;
mod disable;
mod figures;
mod ledger;
mod notice;
mod owners;
mod plan;
mod protect;
mod run;
mod security;
mod wording;

use bytes::Bytes;
use serde_json::Value;
use shared::cloud::sts::GetCallerIdentity;
use shared::collect::{IDENTITIES_NEED, KEY_USE_NEEDS};
use shared::events::{Input, parse};
use shared::openapi::{Action, Api};
use shared::runtime::{Context, Failure};

/// The function's name.
pub const FUNCTION: &str = "key-rotation";

/// Every action this function calls: for the generated permissions.
pub fn needs() -> Vec<Api> {
    let own = [<GetCallerIdentity as Action>::API];
    let rooms = [IDENTITIES_NEED, KEY_USE_NEEDS, disable::NEEDS, protect::NEEDS];
    own.into_iter().chain(rooms.into_iter().flatten().copied()).collect()
}

/// Handles one invocation.
///
/// # Errors
/// Input that is not a timer's tick, no credential that is accepted, or a store that fails: without a record of what was said it would
/// be said every day. What could not be read of the account is no error: it is UNKNOWN, and said.
pub async fn handle(ctx: Context, event: Bytes) -> Result<Value, Failure> {
    match parse(&event)? {
        Input::Timer(_) => run::run(&ctx).await,
        Input::One(_) | Input::Batch(_) => Err(Failure::new(
            "NotATimer",
            "this function is started by a timer: {\"triggerTime\": ..., \"triggerName\": ..., \"payload\": ...}",
        )),
    }
}
