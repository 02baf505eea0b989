//! `harden permissions`: the RAM policy of a function, from the permissions that its actions declare.

use std::collections::BTreeSet;
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::functions::{self, FUNCTIONS, Function};
use crate::output;

/// What `harden permissions` takes.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The function; without it: all of them, one after the other
    function: Option<String>,
    /// The bucket that HARDENING_STATE names
    #[arg(long, default_value = "hardening-state")]
    bucket: String,
    /// The prefix in that bucket
    #[arg(long, default_value = "state")]
    prefix: String,
}

/// Prints.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    match &arguments.function {
        Some(name) => print(&policy(functions::find(name)?, &arguments.bucket, &arguments.prefix))?,
        None => {
            for function in FUNCTIONS {
                output::note(&format!("# {}", function.name));
                print(&policy(function, &arguments.bucket, &arguments.prefix))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn print(policy: &Value) -> anyhow::Result<()> {
    output::line(&serde_json::to_string_pretty(policy)?);
    Ok(())
}

/// The policy document: what the function calls, and its own store and dead-letter queue. No action that deletes is in
/// it, because no function calls one.
fn policy(function: &Function, bucket: &str, prefix: &str) -> Value {
    let actions: BTreeSet<&str> = (function.needs)().iter().filter_map(|api| api.permission).collect();
    json!({
        "Version": "1",
        "Statement": [
            { "Effect": "Allow", "Action": actions, "Resource": "*" },
            { "Effect": "Allow", "Action": ["oss:GetObject", "oss:PutObject"],
              "Resource": [format!("acs:oss:*:*:{bucket}/{prefix}/*")] },
            { "Effect": "Allow", "Action": ["oss:ListObjects"], "Resource": [format!("acs:oss:*:*:{bucket}")],
              "Condition": { "StringLike": { "oss:Prefix": [format!("{prefix}/*")] } } },
            { "Effect": "Allow", "Action": ["mns:SendMessage"],
              "Resource": ["acs:mns:*:*:/queues/hardening-dead-letters/messages"] },
        ],
    })
}
