//! `harden scan`: reads the account and prints the findings.

mod choice;
mod compare;
mod progress;
mod saved;
mod table;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use futures_util::future::join;
use shared::checks::{Status, region_of};
use shared::cloud::sts::GetCallerIdentity;
use shared::collect::{Extent, Progress, exposure, identities};
use shared::config::{Config, Severity};
use shared::report::{Register, Report, judge};
use shared::snapshot::Snapshot;

use crate::output;
use crate::surroundings::Surroundings;
use choice::{Choice, Part};
use compare::Since;
use saved::Saved;

/// What `harden scan` takes.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only what this function looks at (repeatable); without it: every function that scans
    #[arg(long = "function", value_name = "NAME")]
    functions: Vec<String>,
    /// Only this check (repeatable)
    #[arg(long = "check", value_name = "ID")]
    checks: Vec<String>,
    /// Only findings of this severity (repeatable): critical, high, medium, low, info
    #[arg(long = "severity", value_name = "LEVEL", value_parser = severity)]
    severities: Vec<Severity>,
    /// Only this region (repeatable); what has no region is read all the same
    #[arg(long = "region", value_name = "ID")]
    regions: Vec<String>,
    /// How findings are printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    output: Format,
    /// Write the output there instead of to standard output
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// Save what was read, to be looked at again without the network
    #[arg(long, value_name = "PATH", conflicts_with = "from_snapshot")]
    snapshot: Option<PathBuf>,
    /// Look at what was saved, without the network
    #[arg(long, value_name = "PATH")]
    from_snapshot: Option<PathBuf>,
    /// Say what has changed since: a saved snapshot, or a report as JSON
    #[arg(long, value_name = "PATH")]
    compare: Option<PathBuf>,
    /// Exit with 1 when a finding is as severe as this
    #[arg(long, value_name = "LEVEL", value_parser = severity)]
    fail_on: Option<Severity>,
    /// Show also what is well, in the table
    #[arg(long)]
    all: bool,
}

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For reading in a terminal
    Table,
    /// The report of the contract
    Json,
    /// One finding a line
    Csv,
    /// One page
    Html,
}

fn severity(text: &str) -> Result<Severity, String> {
    let all = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info];
    all.into_iter()
        .find(|severity| severity.as_str() == text)
        .ok_or_else(|| "critical, high, medium, low or info".to_owned())
}

/// Scans.
pub(crate) async fn run(profile: Option<&str>, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let choice = Choice::of(&arguments.functions, &arguments.checks)?;
    let surroundings = Surroundings::new(profile)?;
    let config = surroundings.config().await?;
    let saved = match &arguments.from_snapshot {
        Some(path) => Saved::read(path)?,
        None => {
            let saved = read(&surroundings, &config, &choice, &arguments.regions).await?;
            if let Some(path) = &arguments.snapshot {
                saved.write(path)?;
            }
            saved
        }
    };
    let (mut report, register) = judged(&saved, &choice, &config);
    let since = arguments.compare.as_deref().map(|path| Since::read(path, &choice, &config)).transpose()?;
    if let Some(since) = &since {
        since.known.date(&mut report.findings);
    }
    let nothing_read = report.coverage.read == 0 && report.coverage.failed > 0;
    // All findings are compared: what is not shown is not gone.
    let mut changes = since.as_ref().map(|since| since.known.compare(&report.findings));
    let shown = |arn: &str, severity: Severity| {
        let region = region_of(arn);
        let here = arguments.regions.is_empty() || arguments.regions.iter().any(|wanted| wanted == region);
        (here || region.is_empty())
            && (arguments.severities.is_empty() || arguments.severities.contains(&severity))
    };
    report.findings.retain(|finding| shown(&finding.resource, finding.severity));
    report.summary = Report::summarise(&report.findings);
    if let Some(changes) = &mut changes {
        let left: BTreeSet<&str> = report.findings.iter().map(|one| one.fingerprint.as_str()).collect();
        changes.new.retain(|print| left.contains(print.as_str()));
        changes.open.retain(|print| left.contains(print.as_str()));
        changes.fixed.retain(|(failure, _)| shown(&failure.resource, failure.severity));
        changes.unseen.retain(|failure| shown(&failure.resource, failure.severity));
    }

    let paint = output::Paint::stdout();
    let paint = if arguments.out.is_some() { output::Paint::off() } else { paint };
    let text = match arguments.output {
        Format::Table => {
            let page = table::Page {
                report: &report,
                register: &register,
                since: since.as_ref(),
                changes: changes.as_ref(),
            };
            page.draw(config.language, paint, arguments.all)
        }
        Format::Json => compare::json(&report, &register, changes.as_ref())?,
        Format::Csv => report.to_csv(),
        Format::Html => report.to_html(config.language),
    };
    put(arguments.out.as_deref(), &text)?;
    if nothing_read {
        output::problem("nothing of the account could be read");
        return Ok(ExitCode::from(3));
    }
    let fails = |finding: &shared::checks::Finding, level| {
        finding.status == Status::Fail && finding.severity >= level
    };
    if arguments.fail_on.is_some_and(|level| report.findings.iter().any(|finding| fails(finding, level))) {
        return Ok(ExitCode::from(1));
    }
    let unknown = report.summary.get(&Status::Unknown).copied().unwrap_or_default() > 0;
    Ok(ExitCode::from(if unknown || !report.coverage.is_whole() { 4 } else { 0 }))
}

fn judged(saved: &Saved, choice: &Choice, config: &Config) -> (Report, Register) {
    let took = Duration::from_millis(saved.duration_ms);
    judge(choice.name(), &saved.run_id, &saved.snapshot, &choice.checks, config, took)
}

/// Reads what the chosen checks need of the account.
async fn read(
    surroundings: &Surroundings,
    config: &Config,
    choice: &Choice,
    regions: &[String],
) -> anyhow::Result<Saved> {
    let session = surroundings.session().await?;
    let caller = session.call(&GetCallerIdentity {}).await?;
    let account_id = caller.account_id.as_str();
    let taken_at = surroundings.host.clock().now();
    let began = std::time::Instant::now();
    let extent =
        Extent { regions: regions.iter().cloned().collect(), object_sample: config.exposure.object_sample };
    let progress = Progress::default();
    let keys = async {
        match choice.needs(Part::Identities) {
            true => identities(&session, account_id, taken_at).await,
            false => Snapshot::unasked(taken_at, account_id),
        }
    };
    let exposed = async {
        match choice.needs(Part::Exposure) {
            true => exposure(&session, account_id, taken_at, &extent, &progress).await,
            false => Snapshot::unasked(taken_at, account_id),
        }
    };
    let (keys, exposed) = progress::shown(&progress, join(keys, exposed)).await;
    let coverage = keys.coverage.and(exposed.coverage);
    Ok(Saved {
        run_id: surroundings.host.random().hex(),
        duration_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        snapshot: Snapshot { resources: exposed.resources, coverage, ..keys },
    })
}

fn put(path: Option<&Path>, text: &str) -> anyhow::Result<()> {
    match path {
        None => {
            output::line(text.trim_end_matches('\n'));
            Ok(())
        }
        Some(path) => {
            let mut text = text.to_owned();
            if !text.ends_with('\n') {
                text.push('\n');
            }
            std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
        }
    }
}
