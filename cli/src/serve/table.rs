//! What `harden serve` says at its start.

use jiff::Timestamp;
use shared::ambient::Env;
use shared::state::VARIABLE;

use super::{Served, Spec};
use crate::output;

/// What a function's variables are here and whose they are. Values that may be secret are not shown.
pub(super) fn variables(spec: &Spec, own: &Env, file: &[(String, String)]) {
    output::note(&format!("{}: environment", spec.name));
    let set = Env::system();
    let of_file = |name: &str| file.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let usual = [VARIABLE, "HARDENING_CONFIG", "ALIBABA_CLOUD_ENDPOINT_URL", "ALIBABA_CLOUD_REGION_ID"];
    let others = spec.variables.iter().map(|(name, _)| name.as_str()).filter(|name| !usual.contains(name));
    for name in usual.into_iter().chain(others) {
        // `own` holds the default store, too, so a variable is looked up there first.
        let (value, whose) = match (own.get(name), of_file(name)) {
            (Some(value), _) if set.get(name).is_some() => (value, "yours"),
            (Some(value), _) => (value, "default here"),
            (None, Some(value)) => (value, "the file's"),
            (None, None) => continue,
        };
        let value = if usual.contains(&name) { value } else { "(set)" };
        output::note(&format!("    {name}={value}  ({whose})"));
    }
}

/// What runs where, and when next.
pub(super) fn functions(served: &[Served], events_port: u16, now: Timestamp) {
    let mut rows = vec![["FUNCTION", "ADDRESS", "TRIGGER", "NEXT"].map(str::to_owned)];
    for one in served {
        let address = format!("http://127.0.0.1:{}/invoke", one.port);
        let mut triggers: Vec<(String, String)> = Vec::new();
        for (name, schedule, _) in &one.spec.timers {
            let next = schedule.next(now).map(|at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string());
            triggers.push((format!("timer {name}"), next.unwrap_or_else(|| "never".to_owned())));
        }
        if !one.spec.patterns.is_empty() {
            triggers.push(("events".to_owned(), "when one is posted".to_owned()));
        }
        if triggers.is_empty() {
            triggers.push(("none".to_owned(), String::new()));
        }
        for (index, (trigger, next)) in triggers.into_iter().enumerate() {
            let (name, address) =
                if index == 0 { (one.spec.name.clone(), address.clone()) } else { Default::default() };
            rows.push([name, address, trigger, next]);
        }
    }
    rows.push([
        "events".to_owned(),
        format!("http://127.0.0.1:{events_port}/invoke"),
        String::new(),
        String::new(),
    ]);
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or_default();
    let widths = [width(0), width(1), width(2)];
    for [name, address, trigger, next] in &rows {
        let [a, b, c] = widths;
        output::note(format!("{name:<a$}  {address:<b$}  {trigger:<c$}  {next}").trim_end());
    }
    output::note("Stop with Ctrl-C.");
}
