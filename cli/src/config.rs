//! `harden config check`.

use std::path::PathBuf;
use std::process::ExitCode;

use shared::notify::Notifier;

use crate::output;
use crate::surroundings::Surroundings;

/// What `harden config` can do.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Validate the configuration and print the values in effect, secrets masked
    Check {
        /// A file, or oss://bucket/key?region=...; without it: HARDENING_CONFIG, else the defaults
        source: Option<PathBuf>,
    },
}

/// Runs it.
pub(crate) async fn run(profile: Option<&str>, command: &Command) -> anyhow::Result<ExitCode> {
    let Command::Check { source } = command;
    let source = source.as_ref().map(|path| path.to_string_lossy());
    let surroundings = Surroundings::with(profile, source.as_deref())?;
    let config = surroundings.config().await?;
    output::line(config.show().trim_end());
    let notifier = Notifier::forgiving(&config, &surroundings.env, surroundings.client()?.clone());
    for broken in notifier.broken() {
        output::note(&format!("note: {broken}"));
    }
    let missing = config.notify.channels.is_empty();
    if missing {
        output::note("note: no channel is configured: nobody would hear of anything");
    }
    Ok(ExitCode::SUCCESS)
}
