//! `harden permissions`: the RAM policy of a function, or of whoever runs `harden rotate`, from the permissions that the
//! actions declare.

use std::collections::BTreeSet;
use std::process::ExitCode;

use serde_json::{Value, json};
use shared::openapi::Api;
use shared::response::rotation::{REHEARSAL_NEEDS, ROTATION_KMS_NEEDS, ROTATION_NEEDS};

use crate::functions::{self, FUNCTIONS, Function};
use crate::output;

/// What `harden permissions` takes.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The function, or `rotate`, which a person runs; without it: all of them, one after the other
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
        Some(name) if name == ROTATE => print(&operators_policy(&arguments.bucket, &arguments.prefix))?,
        Some(name) => print(&policy(functions::find(name)?, &arguments.bucket, &arguments.prefix))?,
        None => {
            for function in FUNCTIONS {
                output::note(&format!("# {}", function.name));
                print(&policy(function, &arguments.bucket, &arguments.prefix))?;
            }
            output::note(&format!("# {ROTATE}"));
            print(&operators_policy(&arguments.bucket, &arguments.prefix))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The command that a person runs and that has a policy of its own.
const ROTATE: &str = "rotate";

fn print(policy: &Value) -> anyhow::Result<()> {
    output::line(&serde_json::to_string_pretty(policy)?);
    Ok(())
}

/// The policy document: what the function calls, and its own store and dead-letter queue. No action that deletes is in
/// it, because no function calls one.
fn policy(function: &Function, bucket: &str, prefix: &str) -> Value {
    let mut statements = vec![allow(&(function.needs)(), "*")];
    statements.extend(store(bucket, prefix));
    statements.push(json!({ "Effect": "Allow", "Action": ["mns:SendMessage"],
                            "Resource": ["acs:mns:*:*:/queues/hardening-dead-letters/messages"] }));
    json!({ "Version": "1", "Statement": statements })
}

/// For whoever rotates keys. What only secrets in KMS or rehearsals need stands apart, to be left out where it is not
/// wanted.
fn operators_policy(bucket: &str, prefix: &str) -> Value {
    let mut statements = vec![
        allow(ROTATION_NEEDS, "*"),
        allow(ROTATION_KMS_NEEDS, "acs:kms:*:*:secret/*"),
        allow(&of("ram", REHEARSAL_NEEDS), "*"),
        allow(&of("kms", REHEARSAL_NEEDS), "acs:kms:*:*:secret/*-rehearsal-*"),
    ];
    statements.extend(store(bucket, prefix));
    json!({ "Version": "1", "Statement": statements })
}

fn of(product: &str, needs: &[Api]) -> Vec<Api> {
    let of = |api: &&Api| api.permission.is_some_and(|name| name.starts_with(&format!("{product}:")));
    needs.iter().filter(of).copied().collect()
}

fn allow(needs: &[Api], resource: &str) -> Value {
    let actions: BTreeSet<&str> = needs.iter().filter_map(|api| api.permission).collect();
    json!({ "Effect": "Allow", "Action": actions, "Resource": resource })
}

fn store(bucket: &str, prefix: &str) -> [Value; 2] {
    [
        json!({ "Effect": "Allow", "Action": ["oss:GetObject", "oss:PutObject"],
                "Resource": [format!("acs:oss:*:*:{bucket}/{prefix}/*")] }),
        json!({ "Effect": "Allow", "Action": ["oss:ListObjects"], "Resource": [format!("acs:oss:*:*:{bucket}")],
                "Condition": { "StringLike": { "oss:Prefix": [format!("{prefix}/*")] } } }),
    ]
}
