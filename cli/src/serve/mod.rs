//! `harden serve`: Function Compute on your own machine. Each function of s.yaml gets the server that its binary has, its
//! timers run by their cron lines, and events arrive over HTTP.

mod cron;
mod pattern;
mod spec;

use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use serde_json::{Value, json};
use shared::ambient::{Clock, Random};
use shared::events::{Input, parse};
use shared::log::Log;
use shared::openapi::{Client, Reply, Request, Target};
use shared::runtime::{Context, Failure, Host, listen};
use shared::state::VARIABLE;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::surroundings::Surroundings;
use crate::{functions, output};
use spec::Spec;

/// What `harden serve` takes.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The deployment file
    #[arg(long, default_value = "s.yaml", value_name = "FILE")]
    file: PathBuf,
    /// The port of the first function on 127.0.0.1; each further one gets the next
    #[arg(long, default_value_t = 9000)]
    port: u16,
    /// POST /invoke here delivers an event to every function whose pattern it matches
    #[arg(long, default_value_t = 8999, value_name = "PORT")]
    events_port: u16,
    /// Only these functions
    #[arg(long, value_name = "NAME")]
    function: Vec<String>,
}

/// A function that runs here.
struct Served {
    spec: Spec,
    port: u16,
}

/// Serves until it is stopped.
pub(crate) async fn run(profile: Option<&str>, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let surroundings = Surroundings::new(profile)?;
    let text = String::from_utf8(crate::read_file(&arguments.file)?)
        .with_context(|| format!("{} is not UTF-8 text", arguments.file.display()))?;
    let specs = spec::read(&text, &surroundings.env).with_context(|| arguments.file.display().to_string())?;
    let (stop, stopped) = watch::channel(false);
    let mut servers = tokio::task::JoinSet::new();
    let mut served = Vec::new();
    for spec in specs {
        if !arguments.function.is_empty() && !arguments.function.contains(&spec.name) {
            continue;
        }
        let Ok(function) = functions::find(&spec.name) else {
            output::note(&format!("{}: not a function of this version, left out", spec.name));
            continue;
        };
        let port = arguments.port + served.len() as u16;
        let host = host(&surroundings, &spec, arguments).await?;
        serve(&mut servers, port, host, function.handle, stopped.clone()).await?;
        served.push(Served { spec, port });
    }
    anyhow::ensure!(!served.is_empty(), "{} has no function to serve", arguments.file.display());
    for one in &served {
        output::note(&format!("{}: http://127.0.0.1:{}/invoke", one.spec.name, one.port));
        for (name, schedule, _) in &one.spec.timers {
            let next = schedule.next(surroundings.host.clock().now());
            let next = next
                .map_or_else(|| "never".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string());
            output::note(&format!("    timer {name}: next {next}"));
        }
    }
    let client = surroundings.client()?.clone();
    let served: Rc<[Served]> = served.into();
    let events = Rc::clone(&served);
    let sender = client.clone();
    let route = move |_: Context, body: Bytes| {
        let (events, sender) = (Rc::clone(&events), sender.clone());
        async move { deliver(&events, &sender, body).await }
    };
    serve(&mut servers, arguments.events_port, surroundings.host.clone(), route, stopped.clone()).await?;
    output::note(&format!("events: http://127.0.0.1:{}/invoke. Stop with Ctrl-C.", arguments.events_port));
    let clock = surroundings.host.clock().clone();
    let mut timers = tokio::task::JoinSet::new();
    for (index, one) in served.iter().enumerate() {
        for timer in 0..one.spec.timers.len() {
            timers.spawn_local(run_timer(Rc::clone(&served), index, timer, client.clone(), clock.clone()));
        }
    }
    shared::runtime::signalled().await;
    timers.shutdown().await;
    let _ = stop.send(true);
    while servers.join_next().await.is_some() {}
    Ok(ExitCode::SUCCESS)
}

async fn serve<H, F>(
    servers: &mut tokio::task::JoinSet<()>,
    port: u16,
    host: Host,
    handle: H,
    mut stopped: watch::Receiver<bool>,
) -> anyhow::Result<()>
where
    H: Fn(Context, Bytes) -> F + 'static,
    F: Future<Output = Result<Value, Failure>> + 'static,
{
    let listener = TcpListener::bind(("127.0.0.1", port))
        .await
        .with_context(|| format!("cannot listen on 127.0.0.1:{port}"))?;
    servers.spawn_local(listen(listener, host, handle, async move {
        let _ = stopped.wait_for(|stop| *stop).await;
    }));
    Ok(())
}

/// The function's surroundings: the file's variables, under the caller's own. What the file says of the cloud's store
/// does not hold here unless the caller says so, too.
async fn host(surroundings: &Surroundings, spec: &Spec, arguments: &Arguments) -> anyhow::Result<Host> {
    let mut extra = Vec::new();
    for (name, value) in &spec.variables {
        let own = surroundings.env.get(name).is_some();
        if own || name == VARIABLE {
            continue;
        }
        let mut value = value.clone();
        if name == "HARDENING_CONFIG" && !value.contains("://") && !PathBuf::from(&value).exists() {
            value = arguments.file.with_file_name("hardening.yaml").display().to_string();
        }
        extra.push((name.clone(), value));
    }
    match surroundings.credentials().await {
        Ok(credentials) => extra.extend(credentials.into_env()),
        Err(error) => output::note(&format!("{}: no credentials: {error:#}", spec.name)),
    }
    let base = surroundings.env.clone();
    let effective = base.clone().and(extra.clone());
    for name in [VARIABLE, "HARDENING_CONFIG", "ALIBABA_CLOUD_ENDPOINT_URL"] {
        output::note(&format!("{}: {name}={}", spec.name, effective.get(name).unwrap_or("(not set)")));
    }
    Ok(Host::new(move || base.clone().and(extra.clone()), Clock::system(), Random::system(), Log::stderr))
}

/// Delivers an event to every function that wants it.
async fn deliver(served: &[Served], client: &Client, body: Bytes) -> Result<Value, Failure> {
    parse(&body).map(|input: Input| drop(input))?;
    let event: Value = serde_json::from_slice(&body).unwrap_or_default();
    let events = match event {
        Value::Array(events) => events,
        one => vec![one],
    };
    let mut delivered = Vec::new();
    for event in events {
        for one in served
            .iter()
            .filter(|one| one.spec.patterns.iter().any(|wanted| pattern::matches(wanted, &event)))
        {
            let reply = invoke(client, one, &event).await;
            delivered.push(match reply {
                Ok(reply) => json!({ "function": one.spec.name, "status": reply.status,
                    "reply": serde_json::from_slice::<Value>(&reply.body).unwrap_or_default() }),
                Err(why) => json!({ "function": one.spec.name, "status": Value::Null, "error": why }),
            });
        }
    }
    Ok(json!({ "delivered": delivered }))
}

/// One timer, for ever. It waits for each run to end, so it never overlaps itself.
async fn run_timer(served: Rc<[Served]>, index: usize, timer: usize, client: Client, clock: Clock) {
    let one = &served[index];
    let (name, schedule, payload) = &one.spec.timers[timer];
    while let Some(next) = schedule.next(clock.now()) {
        let wait = next.duration_since(clock.now());
        tokio::time::sleep(Duration::try_from(wait).unwrap_or_default()).await;
        let due = next.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let event = json!({ "triggerTime": due, "triggerName": name, "payload": payload });
        match invoke(&client, one, &event).await {
            Ok(reply) => output::note(&format!("{} timer {name}: {}", one.spec.name, reply.status)),
            Err(why) => output::note(&format!("{} timer {name}: {why}", one.spec.name)),
        }
    }
}

async fn invoke(client: &Client, one: &Served, event: &Value) -> Result<Reply, String> {
    let target = Target::Url(format!("http://127.0.0.1:{}", one.port));
    let mut request = Request::new("POST", target, "/invoke");
    request.set("content-type", "application/octet-stream");
    request.set("x-fc-function-name", one.spec.name.clone());
    request.set("x-fc-function-timeout", one.spec.timeout.to_string());
    request.body = event.to_string().into();
    request.timeout = Duration::from_secs(one.spec.timeout + 5);
    client.send(request).await.map_err(|error| format!("{error:?}"))
}
