//! Exposure scan: the account is looked at as an attacker would. Which addresses, ports, buckets, databases and endpoints can be reached from
//! outside, by which path, and is that on purpose?
//!
//! [`handle`] takes the nightly tick of a timer: read → checks (pure) → exemptions → compare with the last run → tell what changed → write
//! down.

mod record;
mod run;
mod wording;

use bytes::Bytes;
use serde_json::Value;
use shared::checks::{Check, databases, doors, network, secrets, storage};
use shared::cloud::sts::GetCallerIdentity;
use shared::collect::EXPOSURE_NEEDS;
use shared::events::{Input, parse};
use shared::openapi::{Action, Api};
use shared::runtime::{Context, Failure};

/// The function's name.
pub const FUNCTION: &str = "exposure-scan";

/// Every check of this function, in the order of the report.
pub fn checks() -> Vec<&'static Check> {
    let areas = [network::CHECKS, storage::CHECKS, databases::CHECKS, doors::CHECKS, secrets::CHECKS];
    areas.into_iter().flatten().copied().collect()
}

/// Every action this function calls: for the generated permissions.
pub fn needs() -> Vec<Api> {
    let own = [<GetCallerIdentity as Action>::API];
    own.into_iter().chain(EXPOSURE_NEEDS.iter().copied().flatten().copied()).collect()
}

/// Handles one invocation.
///
/// # Errors
/// Input that is not a timer's tick, no credential that is accepted, or a store that fails: without a record everything would be said to be
/// new. What could not be read of the account is no error: it is UNKNOWN, and said.
pub async fn handle(ctx: Context, event: Bytes) -> Result<Value, Failure> {
    match parse(&event)? {
        Input::Timer(_) => run::run(&ctx).await,
        Input::One(_) | Input::Batch(_) => Err(Failure::new(
            "NotATimer",
            "this function is started by a timer: {\"triggerTime\": ..., \"triggerName\": ..., \"payload\": ...}",
        )),
    }
}
