//! `harden`: every hardening function on your own machine, against your account or a simulated one. Without arguments
//! it plays the main job on a simulated account.
//!
//! Standard output is for results, standard error for everything else. Exit status: 0 done, 1 findings or faults found,
//! 2 usage or configuration, 3 the account could not be read at all, 4 done, but part of it could not be read.

mod config;
mod demo;
mod events;
mod functions;
mod invoke;
mod notify;
mod output;
mod permissions;
mod rotate;
mod scan;
mod serve;
mod simulate;
mod surroundings;
mod undo;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use shared::openapi::{Error, Kind};

/// Account hardening for Alibaba Cloud, on your own machine.
#[derive(Parser)]
#[command(name = "harden", version, about, disable_help_subcommand = true)]
struct Arguments {
    /// The profile of ~/.aliyun/config.json to act as. Without it: the environment, the current profile, OIDC, the ECS instance role.
    #[arg(long, global = true, value_name = "NAME")]
    profile: Option<String>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Play the main job on a simulated account (what happens without a command)
    Demo,
    /// Run the simulated account alone; prints its address and its keys
    Simulate(simulate::Arguments),
    /// Read the account and print the findings
    Scan(scan::Arguments),
    /// Run a function once, on an event from a file
    Invoke(invoke::Arguments),
    /// Run the functions of s.yaml here: timers by their cron lines, events on HTTP
    Serve(serve::Arguments),
    /// The EventBridge rules that bring events to the functions
    #[command(subcommand)]
    Events(events::Command),
    /// Print the RAM policy that a function needs
    Permissions(permissions::Arguments),
    /// The channels that people are told on
    #[command(subcommand)]
    Notify(notify::Command),
    /// Rotate one RAM user's access key, step by step, interruptible anywhere
    Rotate(rotate::Arguments),
    /// Take back what a case changed, where it still stands as it was left
    Undo(undo::Arguments),
    /// The configuration
    #[command(subcommand)]
    Config(config::Command),
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are asked for; everything else is wrong usage.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::problem(&format!("cannot start: {error}"));
            return ExitCode::from(2);
        }
    };
    let tasks = tokio::task::LocalSet::new();
    let outcome = tasks.block_on(&runtime, run(arguments));
    match outcome {
        Ok(code) => code,
        Err(error) => {
            let unread = error.downcast_ref::<Error>().is_some_and(|error| error.kind() != Kind::Setting);
            output::problem(&format!("{error:#}"));
            ExitCode::from(if unread { 3 } else { 2 })
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let profile = arguments.profile.as_deref();
    match arguments.command.unwrap_or(Command::Demo) {
        Command::Demo => demo::run().await,
        Command::Simulate(arguments) => simulate::run(&arguments).await,
        Command::Scan(arguments) => scan::run(profile, &arguments).await,
        Command::Invoke(arguments) => invoke::run(profile, &arguments).await,
        Command::Serve(arguments) => serve::run(profile, &arguments).await,
        Command::Events(command) => events::run(profile, &command).await,
        Command::Permissions(arguments) => permissions::run(&arguments),
        Command::Notify(command) => notify::run(profile, &command).await,
        Command::Rotate(arguments) => rotate::run(profile, &arguments).await,
        Command::Undo(arguments) => undo::run(profile, &arguments).await,
        Command::Config(command) => config::run(profile, &command).await,
    }
}

/// Where a file named on the command line is read from: `-` is standard input.
pub(crate) fn read_file(path: &PathBuf) -> anyhow::Result<Vec<u8>> {
    use anyhow::Context as _;
    use std::io::Read as _;
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
        return Ok(bytes);
    }
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
