//! The person at the command: takes the secret, hears how it goes.

use std::io::{IsTerminal as _, Write as _};

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use shared::response::rotation::{Destination, Person, Progress};

use crate::output;

/// Whoever runs the command.
pub(super) struct Operator;

impl Person for Operator {
    /// One line of JSON, the only one that ever goes to standard output here.
    fn take(&self, key: &str, secret: &SecretString) -> std::io::Result<()> {
        let mut out = std::io::stdout();
        if out.is_terminal() {
            output::note("The new key, shown this once; nothing keeps it:");
        }
        let shown = json!({ "AccessKeyId": key, "AccessKeySecret": secret.expose_secret() });
        writeln!(out, "{shown}")?;
        out.flush()
    }

    fn hear(&self, progress: Progress) {
        output::note(&match progress {
            Progress::Made(key) => format!("made the second key, {key}"),
            Progress::HandedOver(key, Destination::Terminal) => format!("handed over the secret of {key}"),
            Progress::HandedOver(key, Destination::Rehearsal) => {
                format!("kept the secret of {key} in memory")
            }
            Progress::HandedOver(key, to) => format!("handed over the secret of {key} to {to}, read back"),
            Progress::Discarding(key) => format!(
                "an earlier run was interrupted before the secret of {key} was handed over: it is deleted and another is \
                 made; should you have seen that secret, forget it"
            ),
            Progress::Deleted(key) => format!("deleted {key}, read back"),
            Progress::Disabled(key) => format!("disabled {key}, read back"),
            Progress::Enabled(key) => format!("enabled {key} again, read back"),
            Progress::UserMade(user) => format!("made the user {user}"),
            Progress::CleanedUp(user) => format!("deleted what an interrupted rehearsal had left: {user}"),
            Progress::UserDeleted(user) => format!("deleted the user {user} and its keys, read back"),
        });
    }
}
