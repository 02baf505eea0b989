//! `harden rotate --rehearse`.

use std::process::ExitCode;
use std::time::Duration;

use serde_json::json;
use shared::response::rotation::{Outcome, Rehearsal, Rehearsed, State, last_success};

use super::person::Operator;
use super::{Arguments, Counter, words};
use crate::output;
use crate::surroundings::Surroundings;

/// Rehearses; with `--wait` until it is over.
pub(super) async fn run(
    surroundings: &Surroundings,
    counter: &Counter,
    arguments: &Arguments,
) -> anyhow::Result<ExitCode> {
    let rehearsal = Rehearsal {
        desk: counter.desk(),
        client: surroundings.client()?,
        random: surroundings.host.random(),
    };
    loop {
        match rehearsal.run(arguments.to.as_ref(), &Operator).await? {
            Outcome::Over(rehearsed) => {
                let last = last_success(&rehearsal.all().await?, &rehearsed.account);
                show(&rehearsed, last, arguments.json);
                return Ok(ExitCode::from(u8::from(!rehearsed.ok)));
            }
            Outcome::Waiting(report) => {
                if !arguments.wait {
                    if arguments.json {
                        output::line(&json!(report).to_string());
                    } else {
                        output::note(&words::report(&report));
                        output::note("run `harden rotate --rehearse` again to go on with the rehearsal");
                    }
                    return Ok(match report.state {
                        State::Unknown { .. } => ExitCode::from(3),
                        _ => ExitCode::SUCCESS,
                    });
                }
                let pause = Duration::try_from(arguments.every).unwrap_or_default();
                tokio::time::sleep(pause.max(Duration::from_secs(1))).await;
            }
        }
    }
}

fn show(rehearsed: &Rehearsed, last: Option<jiff::Timestamp>, as_json: bool) {
    if as_json {
        output::line(
            &json!({ "state": "rehearsed", "rehearsal": rehearsed, "last_success": last }).to_string(),
        );
        return;
    }
    let took = rehearsed.took;
    match &rehearsed.why {
        None if rehearsed.ok => output::note(&format!(
            "rehearsed: made, handed over ({}), used, disabled, watched, deleted, in {took} seconds; recorded",
            rehearsed.to
        )),
        why => output::note(&format!(
            "the rehearsal failed: {}; what it had made is deleted; recorded",
            why.as_deref().unwrap_or("no reason is on record")
        )),
    }
}
