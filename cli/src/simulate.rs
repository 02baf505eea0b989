//! `harden simulate`: the simulated account alone, for whatever speaks to it.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::{Value, json};
use simulator::{Account, Settings, Simulator};

use crate::output;

/// What `harden simulate` takes.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The account, a JSON file; without it: the built-in one
    #[arg(long, value_name = "FILE")]
    account: Option<PathBuf>,
    /// The port on 127.0.0.1; 0: any that is free
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Answer each call only after this many milliseconds
    #[arg(long, default_value_t = 0, value_name = "MS")]
    latency_ms: u64,
    /// Print the built-in account as a file to start from, and stop
    #[arg(long)]
    print_account: bool,
}

/// Runs until it is stopped.
pub(crate) async fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let account = match &arguments.account {
        Some(path) => {
            let text = String::from_utf8(crate::read_file(path)?)
                .map_err(|_| anyhow::anyhow!("{} is not UTF-8 text", path.display()))?;
            Account::from_json(&text).map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?
        }
        None => Account::builtin(),
    };
    if arguments.print_account {
        output::line(&serde_json::to_string_pretty(&account)?);
        return Ok(ExitCode::SUCCESS);
    }
    let mut settings = Settings::default();
    settings.port = arguments.port;
    settings.latency = std::time::Duration::from_millis(arguments.latency_ms);
    let cloud = Simulator::start(account, settings)
        .map_err(|error| anyhow::anyhow!("cannot listen on 127.0.0.1:{}: {error}", arguments.port))?;
    output::line(&serde_json::to_string_pretty(&json!({
        "base_url": cloud.base_url(),
        "account_id": cloud.account_id(),
        "keys": keys(&cloud),
    }))?);
    output::note("Set ALIBABA_CLOUD_ENDPOINT_URL to base_url. Stop with Ctrl-C.");
    shared::runtime::signalled().await;
    Ok(ExitCode::SUCCESS)
}

/// Every key and every role session of the account, with what it takes to sign as it.
fn keys(cloud: &Simulator) -> Vec<Value> {
    let state = cloud.state();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let holders = |kind: &str, inside: &str| {
        let rows = list(&state[kind]);
        rows.iter()
            .flat_map(|holder| {
                list(&holder[inside])
                    .into_iter()
                    .map(|key| (holder["name"].clone(), key["id"].clone(), key["status"].clone()))
                    .collect::<Vec<_>>()
            })
            .collect::<Vec<_>>()
    };
    let root = list(&state["root"]["keys"]);
    root.iter()
        .map(|key| ("root".into(), key["id"].clone(), key["status"].clone()))
        .chain(holders("users", "keys"))
        .chain(holders("roles", "sessions"))
        .filter_map(|(name, id, status)| {
            let keys = cloud.credentials(id.as_str()?)?;
            Some(json!({ "name": name, "status": status, "id": keys.id, "secret": keys.secret, "token": keys.token }))
        })
        .collect()
}
