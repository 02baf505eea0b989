//! `harden invoke`: one function, one event, here. The same code as the binary's.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::surroundings::Surroundings;
use crate::{functions, output};

/// What `harden invoke` takes.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The function
    function: String,
    /// The event: a file, or - for standard input
    #[arg(long, value_name = "FILE")]
    event: PathBuf,
}

/// Runs it and prints the reply.
pub(crate) async fn run(profile: Option<&str>, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let function = functions::find(&arguments.function)?;
    let event = crate::read_file(&arguments.event)?;
    let surroundings = Surroundings::new(profile)?;
    let credentials = match surroundings.credentials().await {
        Ok(credentials) => Some(credentials),
        Err(error) => {
            // As in the cloud: people hear of it even when nothing can be done.
            output::note(&format!("note: {error:#}"));
            None
        }
    };
    let context = surroundings.context(credentials).await?;
    match (function.handle)(context, event.into()).await {
        Ok(reply) => {
            output::line(&serde_json::to_string_pretty(&reply)?);
            // A report of which a part could not be read (contract, "Exit status").
            let unread = reply["coverage"]["failed"].as_u64().unwrap_or_default() > 0
                || reply["summary"]["UNKNOWN"].as_u64().unwrap_or_default() > 0;
            Ok(ExitCode::from(if unread { 4 } else { 0 }))
        }
        Err(failure) => {
            output::line(&serde_json::to_string_pretty(&failure)?);
            output::problem(&failure.to_string());
            // What was put in is the caller's to mend; the rest is the account or the store.
            let usage = ["InvalidEvent", "InvalidConfig", "NotATimer"].contains(&failure.error_type.as_str());
            Ok(ExitCode::from(if usage { 2 } else { 3 }))
        }
    }
}
