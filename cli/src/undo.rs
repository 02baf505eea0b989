//! `harden undo`: takes back what cases changed, where it still stands as it was left.

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use serde_json::json;
use shared::response::{Case, Cases, Change, What, standing_changes, undo};
use shared::state::VARIABLE;

use crate::output;
use crate::surroundings::Surroundings;

/// What `harden undo` takes.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Cases, as --list shows them
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// Show what can be undone
    #[arg(long, conflicts_with_all = ["ids", "all"])]
    list: bool,
    /// All of it
    #[arg(long, conflicts_with = "ids")]
    all: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub(crate) async fn run(profile: Option<&str>, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let surroundings = Surroundings::new(profile)?;
    if !arguments.list && !arguments.all && arguments.ids.is_empty() {
        anyhow::bail!("say what to undo: a case, --all, or --list to see what there is");
    }
    // A list needs credentials only where the store is in the cloud, and looking for some takes a second.
    let distant = surroundings.env.get(VARIABLE).is_some_and(|location| location.starts_with("oss:"));
    let early = if distant { Some(surroundings.session().await?) } else { None };
    let cases = surroundings.cases(early.as_ref())?;
    let store = cases.store().url("");
    let open = undoable(&cases).await?;
    if arguments.list {
        list(&open, arguments.json, &store)?;
        return Ok(ExitCode::SUCCESS);
    }
    let chosen = choose(open, arguments, &store)?;
    if chosen.is_empty() {
        output::note(&nothing(&store));
        return Ok(ExitCode::SUCCESS);
    }
    let session = match early {
        Some(session) => session,
        None => surroundings.session().await?,
    };
    let mut failed = false;
    for case in chosen {
        if !arguments.yes && !confirmed(&case)? {
            output::note(&format!("{}: left as it is", case.id()));
            continue;
        }
        let pace = shared::response::Pace::default();
        let Some(hold) = case.claim(&pace).await? else {
            anyhow::bail!(
                "{}: a function works on this case at this moment; try again when it is done",
                case.id()
            );
        };
        let report = case.alive(&pace, undo(&case, &session, &pace)).await?;
        case.release(hold).await?;
        failed |= !report.failed.is_empty();
        if arguments.json {
            let failed: Vec<_> =
                report.failed.iter().map(|(id, why)| json!({ "change": id, "why": why })).collect();
            let shown =
                json!({ "case": case.id(), "undone": report.undone, "left": report.left, "failed": failed });
            output::line(&shown.to_string());
            continue;
        }
        for id in &report.undone {
            output::line(&format!("{}: {id}: taken back, read back", case.id()));
        }
        for id in &report.left {
            output::line(&format!("{}: {id}: left as it is", case.id()));
        }
        for (id, why) in &report.failed {
            output::line(&format!("{}: {id}: NOT UNDONE: {why}", case.id()));
        }
    }
    Ok(if failed { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// Names the store: in the wrong one there is never anything to undo.
fn nothing(store: &str) -> String {
    format!("nothing to undo in {store} ({VARIABLE} says where to look: a function's own is in s.yaml)")
}

/// The cases with changes that stand.
async fn undoable(cases: &Cases) -> anyhow::Result<Vec<Case>> {
    let mut open = Vec::new();
    for id in cases.ids(true).await? {
        if let Some(case) = cases.load(&id).await?
            && !standing_changes(&case).is_empty()
        {
            open.push(case);
        }
    }
    Ok(open)
}

fn choose(open: Vec<Case>, arguments: &Arguments, store: &str) -> anyhow::Result<Vec<Case>> {
    if arguments.all {
        return Ok(open);
    }
    for id in &arguments.ids {
        if !open.iter().any(|case| case.id() == id) {
            anyhow::bail!(
                "there is nothing to undo for {id:?} in {store}; --list shows what there is, {VARIABLE} says where to look"
            );
        }
    }
    Ok(open.into_iter().filter(|case| arguments.ids.iter().any(|id| case.id() == id)).collect())
}

fn list(open: &[Case], as_json: bool, store: &str) -> anyhow::Result<()> {
    if as_json {
        let rows: Vec<_> = open
            .iter()
            .map(|case| {
                let changes: Vec<Change> = standing_changes(case).into_values().collect();
                json!({ "case": case.id(), "what": title(case), "when": opened_at(case), "changes": changes })
            })
            .collect();
        output::line(&serde_json::to_string_pretty(&rows)?);
        return Ok(());
    }
    if open.is_empty() {
        output::note(&nothing(store));
    }
    for case in open {
        output::line(&format!("{}  {}  {}", case.id(), opened_at(case), title(case)));
        for id in standing_changes(case).keys() {
            output::line(&format!("    {id}"));
        }
    }
    Ok(())
}

fn confirmed(case: &Case) -> anyhow::Result<bool> {
    let changes = standing_changes(case);
    if !std::io::stdin().is_terminal() {
        anyhow::bail!("{}: {} changes would be taken back; confirm with --yes", case.id(), changes.len());
    }
    output::note(&format!("{}: {}", case.id(), title(case)));
    for id in changes.keys() {
        output::note(&format!("    {id}"));
    }
    let _ = write!(std::io::stderr(), "Take these {} changes back? [y/N] ", changes.len());
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn title(case: &Case) -> String {
    match case.entries().first().map(|entry| entry.what.clone()) {
        Some(What::Opened { title, .. }) => title,
        _ => String::new(),
    }
}

fn opened_at(case: &Case) -> String {
    case.entries()
        .first()
        .map(|entry| entry.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
        .unwrap_or_default()
}
