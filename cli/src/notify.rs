//! `harden notify test`.

use std::process::ExitCode;

use shared::notify::test_message;

use crate::output;
use crate::surroundings::Surroundings;

/// What `harden notify` can do.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Send a test message to every channel, whatever its severity
    Test,
}

/// Sends.
pub(crate) async fn run(profile: Option<&str>, command: &Command) -> anyhow::Result<ExitCode> {
    let Command::Test = command;
    let surroundings = Surroundings::new(profile)?;
    let config = surroundings.config().await?;
    if config.notify.channels.is_empty() {
        anyhow::bail!("no channel is configured (notify.channels): there is nothing to test");
    }
    let host = &surroundings.host;
    let notifier = shared::notify::Notifier::new(&config, &surroundings.env, surroundings.client()?.clone())?;
    let message = test_message(format!("test/{}", host.random().hex()), host.clock().now(), config.language);
    let deliveries = notifier.send_to_all(&message, None).await;
    for name in &deliveries.delivered {
        output::line(&format!("{name}: delivered"));
    }
    for failed in &deliveries.failed {
        output::line(&format!("{}: FAILED: {}", failed.channel, failed.why));
    }
    Ok(if deliveries.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
