//! `harden rotate`: the rotation of one RAM user's access key. What is said to people goes to standard error; standard
//! output is for the secret, once, or for JSON.

mod person;
mod rehearse;
mod words;

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;
use shared::openapi::Session;
use shared::response::rotation::{Desk, Destination, Report, Rotation, State, Stop, Terms};
use shared::response::{Cases, Pace};

use crate::output;
use crate::surroundings::Surroundings;
use person::Operator;

/// What `harden rotate` takes.
#[derive(clap::Args)]
#[command(after_help = "\
Run it again to go on: it continues from where it stands, whatever interrupted it. Exit status: 0 done, or waiting for \
what it says; 1 a person must look at it; 2 usage or configuration; 3 something could not be read, so nothing was done.")]
pub(crate) struct Arguments {
    /// The RAM user, by name or principal name
    #[arg(required_unless_present = "rehearse", conflicts_with = "rehearse")]
    user: Option<String>,
    /// The key to replace, where the user has more than one that is active
    #[arg(long, value_name = "ID", conflicts_with = "rehearse")]
    key: Option<String>,
    /// Where the new secret goes: kms:NAME[?region=ID], or terminal (once, on standard output; the default on a terminal)
    #[arg(long, value_name = "PLACE")]
    to: Option<Destination>,
    /// Disable the old key once it has not been used for so long since the new one was first used
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = time)]
    quiet: SignedDuration,
    /// With --delete: only if it has been disabled for so long
    #[arg(long, value_name = "TIME", default_value = "7d", value_parser = time)]
    after: SignedDuration,
    /// Look for failing calls in this region, too (repeatable)
    #[arg(long, value_name = "ID")]
    region: Vec<String>,
    /// Stay, and look again until there is nothing left to wait for
    #[arg(long, conflicts_with_all = ["delete", "abort"])]
    wait: bool,
    /// With --wait: how often
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = time)]
    every: SignedDuration,
    /// Delete the old key: only one that this rotation has disabled, and that nobody was seen to miss
    #[arg(long, conflicts_with_all = ["abort", "rehearse"])]
    delete: bool,
    /// Put things back: enable the old key, delete the new one if nobody has used it
    #[arg(long, conflicts_with = "rehearse")]
    abort: bool,
    /// Do all of it with a user that is made for it and deleted afterwards, and record that it worked
    #[arg(long)]
    rehearse: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub(crate) async fn run(profile: Option<&str>, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    if arguments.json && arguments.to == Some(Destination::Terminal) {
        anyhow::bail!("--json and --to terminal both want standard output: choose one");
    }
    let surroundings = Surroundings::new(profile)?;
    let desk = Counter::new(&surroundings).await?;
    let done = if arguments.rehearse {
        rehearse::run(&surroundings, &desk, arguments).await
    } else if arguments.delete {
        delete(&desk, arguments).await
    } else if arguments.abort {
        abort(&desk, arguments).await
    } else {
        proceed(&surroundings, desk, arguments).await
    };
    match done {
        Ok(code) => Ok(code),
        Err(error) => match error.downcast::<Stop>() {
            Ok(stop) => Ok(stopped(&stop, arguments)),
            Err(other) => Err(other),
        },
    }
}

/// What a run stands on. Made anew where it waits, since credentials may be temporary.
pub(crate) struct Counter {
    session: Session,
    cases: Cases,
    config: shared::config::Config,
    clock: shared::ambient::Clock,
    pace: Pace,
}

impl Counter {
    async fn new(surroundings: &Surroundings) -> anyhow::Result<Self> {
        let session = surroundings.session().await?;
        Ok(Self {
            cases: surroundings.cases(Some(&session))?,
            config: surroundings.config().await?,
            clock: surroundings.host.clock().clone(),
            pace: Pace::default(),
            session,
        })
    }

    fn desk(&self) -> Desk<'_> {
        Desk {
            session: &self.session,
            cases: &self.cases,
            clock: &self.clock,
            pace: &self.pace,
            break_glass: &self.config.break_glass,
        }
    }
}

impl Arguments {
    fn terms(&self) -> Terms {
        Terms { quiet: self.quiet, after: self.after, regions: self.region.clone() }
    }

    fn user(&self) -> &str {
        self.user.as_deref().unwrap_or_default()
    }

    /// Where a new secret may go: nobody's log fills with it because a person once wanted it on a terminal.
    fn destination(&self) -> Option<Destination> {
        let watched = std::io::stdout().is_terminal() && !self.json;
        self.to.clone().or(watched.then_some(Destination::Terminal))
    }
}

/// Goes on from where it stands, or begins.
async fn proceed(
    surroundings: &Surroundings,
    mut counter: Counter,
    arguments: &Arguments,
) -> anyhow::Result<ExitCode> {
    let terms = arguments.terms();
    if terms.quiet < SignedDuration::from_hours(2) {
        output::note(
            "note: records of last use are about an hour behind; a shorter --quiet sees less than it seems",
        );
    }
    let mut told = String::new();
    let mut fresh = true;
    loop {
        let turn = turn(&counter, arguments, &terms, fresh).await;
        match turn {
            Ok(report) => {
                let words = words::report(&report);
                if words != told {
                    show(&report, &words, arguments);
                    told = words;
                }
                if !arguments.wait || !waits(&report) {
                    return Ok(code(&report));
                }
            }
            Err(Stop::Unread(why)) if arguments.wait => output::note(&format!("not known yet: {why}")),
            Err(stop) => return Err(stop.into()),
        }
        fresh = false;
        let pause = Duration::try_from(arguments.every).unwrap_or_default().max(Duration::from_secs(1));
        tokio::time::sleep(pause).await;
        counter = Counter::new(surroundings).await?;
    }
}

/// One look, and what follows from it. Only the first run begins a rotation: one that ends while it is waited for, by
/// another hand, is not begun anew.
async fn turn(counter: &Counter, arguments: &Arguments, terms: &Terms, fresh: bool) -> Result<Report, Stop> {
    let (desk, user, key) = (counter.desk(), arguments.user(), arguments.key.as_deref());
    let rotation = match desk.running(user, key, arguments.to.as_ref()).await? {
        Some(rotation) => {
            if rotation.hands_over_to() == Some(&Destination::Terminal) && arguments.destination().is_none() {
                let why = "the new secret is still to be handed over, and standard output is no terminal: say \
                           --to terminal to have it there all the same, or --to kms:NAME";
                return Err(Stop::Refused(why.to_owned()));
            }
            rotation
        }
        None if !fresh => {
            let why = format!("the rotation of {user} was ended by another run");
            return Err(Stop::Look(why));
        }
        None => {
            let to = arguments.destination().ok_or_else(|| {
                Stop::Refused("say where the new secret goes: --to kms:NAME or --to terminal".to_owned())
            })?;
            desk.begin(user, key, &to).await?
        }
    };
    if !fresh {
        let report = rotation.look(terms).await?;
        if !matches!(report.state, State::Unfinished) {
            return Ok(report);
        }
    }
    rotation.advance(terms, &Operator).await
}

/// The rotation that a person means to end.
async fn under_way<'a>(desk: &Desk<'a>, arguments: &Arguments) -> Result<Rotation<'a>, Stop> {
    let user = arguments.user();
    let found = desk.running(user, arguments.key.as_deref(), None).await?;
    found.ok_or_else(|| Stop::Refused(format!("no rotation of {user} is under way")))
}

async fn delete(counter: &Counter, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let desk = counter.desk();
    let rotation = under_way(&desk, arguments).await?;
    let terms = arguments.terms();
    if terms.after < SignedDuration::from_hours(2) {
        output::note(
            "note: failing calls show after ten minutes, and uses after an hour or so; a shorter --after misses them",
        );
    }
    if !arguments.yes {
        let report = rotation.delete(&terms, true, &Operator).await?;
        if matches!(report.state, State::Disabled { .. }) {
            output::note(&words::report(&report));
            let question = format!("Delete {} for good?", rotation.subject().old_key);
            if !confirmed(&question)? {
                output::note("left as it is");
                return Ok(ExitCode::SUCCESS);
            }
        }
    }
    let report = rotation.delete(&terms, false, &Operator).await?;
    show(&report, &words::report(&report), arguments);
    Ok(code(&report))
}

async fn abort(counter: &Counter, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let desk = counter.desk();
    let rotation = under_way(&desk, arguments).await?;
    if !arguments.yes {
        output::note(&words::plan_of_abort(&rotation));
        if !confirmed("Put things back?")? {
            output::note("left as it is");
            return Ok(ExitCode::SUCCESS);
        }
    }
    let report = rotation.abort(&arguments.terms(), &Operator).await?;
    show(&report, &words::report(&report), arguments);
    Ok(code(&report))
}

fn confirmed(question: &str) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        anyhow::bail!("{question} Confirm with --yes");
    }
    let _ = write!(std::io::stderr(), "{question} [y/N] ");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn show(report: &Report, words: &str, arguments: &Arguments) {
    if arguments.json {
        output::line(&json!(report).to_string());
    } else {
        output::note(words);
    }
}

/// Whether waiting changes anything by itself.
fn waits(report: &Report) -> bool {
    match &report.state {
        State::Rotated | State::Aborted { .. } => false,
        State::Disabled { missed, deletable_at, .. } => !missed && jiff::Timestamp::now() < *deletable_at,
        _ => true,
    }
}

fn code(report: &Report) -> ExitCode {
    ExitCode::from(match &report.state {
        State::Disabled { missed: true, .. } => 1,
        State::Disabled { watched, .. } if !watched.unread.is_empty() => 3,
        State::Unknown { .. } => 3,
        _ => 0,
    })
}

fn stopped(stop: &Stop, arguments: &Arguments) -> ExitCode {
    if arguments.json {
        output::line(&json!({ "state": "stopped", "why": stop.to_string() }).to_string());
    }
    output::problem(&stop.to_string());
    ExitCode::from(match stop {
        Stop::Look(_) | Stop::Service { .. } => 1,
        Stop::Refused(_) | Stop::Case(_) => 2,
        Stop::Unread(_) => 3,
    })
}

/// `0s`, `30m`, `24h`, `7d`.
fn time(text: &str) -> Result<SignedDuration, String> {
    let wrong = || format!("{text:?}: a number with s, m, h or d is expected, such as 24h");
    let number = text.get(..text.len().saturating_sub(1)).and_then(|digits| digits.parse::<u32>().ok());
    let unit = match text.chars().last() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3600,
        Some('d') => 24 * 3600,
        _ => return Err(wrong()),
    };
    Ok(SignedDuration::from_secs(i64::from(number.ok_or_else(wrong)?) * unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        for (text, seconds) in [("0s", 0), ("30m", 1800), ("24h", 86_400), ("7d", 604_800)] {
            assert_eq!(time(text), Ok(SignedDuration::from_secs(seconds)));
        }
        for text in ["", "h", "-1h", "1.5h", "10", "1y", "é"] {
            assert!(time(text).is_err(), "{text}");
        }
    }
}
