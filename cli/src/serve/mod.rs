//! `harden serve`: Function Compute on your own machine. Each function of s.yaml gets the server that its binary has, its
//! timers run by their cron lines, and events arrive over HTTP.

mod cron;
mod events;
mod pattern;
mod spec;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use bytes::Bytes;
use serde_json::{Value, json};
use shared::ambient::{Clock, Env, Random};
use shared::log::Log;
use shared::openapi::{Client, Reply, Request, Target};
use shared::runtime::{Context, Failure, Host, Invocation, listen};
use shared::state::VARIABLE;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::functions::Function;
use crate::surroundings::Surroundings;
use crate::{functions, output};
use spec::Spec;

/// What `harden serve` takes.
#[derive(clap::Args)]
#[command(after_help = "\
Each function listens as its binary does: POST /invoke on its port runs it on the body, whatever its triggers say.
POST /invoke on the events port takes CloudEvents (one, or an array), delivers each to every function of which a trigger's
pattern matches, and answers with their replies. Timers run by their cron lines, and never overlap themselves.

A function gets the environmentVariables of the file that are not empty; a variable that you set yourself wins. Without
one of yours, HARDENING_STATE is your data folder, and a HARDENING_CONFIG that does not exist here is the hardening.yaml
beside the file. Credentials are looked for anew at each invocation; x-fc-access-key-* headers go before them.")]
pub(crate) struct Arguments {
    /// The deployment file
    #[arg(long, default_value = "s.yaml", value_name = "FILE")]
    file: PathBuf,
    /// The port of the first function on 127.0.0.1; each further one gets the next. 0: any that are free
    #[arg(long, default_value_t = 9000)]
    port: u16,
    /// The port where events are routed, on 127.0.0.1. 0: any that is free
    #[arg(long, default_value_t = 8999, value_name = "PORT")]
    events_port: u16,
    /// Only this function (repeatable)
    #[arg(long, value_name = "NAME")]
    function: Vec<String>,
}

/// A function that runs here.
struct Served {
    spec: Spec,
    port: u16,
}

/// The servers, until all of them are to stop.
struct Servers {
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
}

/// Serves until it is stopped.
pub(crate) async fn run(profile: Option<&str>, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    for name in &arguments.function {
        functions::find(name)?;
    }
    let surroundings = Rc::new(Surroundings::new(profile)?);
    let text = String::from_utf8(crate::read_file(&arguments.file)?)
        .map_err(|_| anyhow!("{} is not UTF-8 text", arguments.file.display()))?;
    let specs = spec::read(&text, &surroundings.env).with_context(|| arguments.file.display().to_string())?;
    let mut servers = Servers { tasks: JoinSet::new(), stop: watch::Sender::new(false) };
    let mut served = Vec::new();
    for spec in specs {
        if !arguments.function.is_empty() && !arguments.function.contains(&spec.name) {
            continue;
        }
        let Ok(function) = functions::find(&spec.name) else {
            output::note(&format!("note: {}: not a function of this version, left out", spec.name));
            continue;
        };
        let port = match arguments.port {
            0 => 0,
            first => u16::try_from(usize::from(first) + served.len()).context("the ports end at 65535")?,
        };
        let variables = variables(&surroundings.env, &spec, arguments);
        table::variables(&spec, &surroundings.env, &variables);
        let env = surroundings.env.clone().and(variables);
        let port = servers.start(port, front(&env), in_cloud(&surroundings, env, function)).await?;
        served.push(Served { spec, port });
    }
    anyhow::ensure!(!served.is_empty(), "{} has no function to serve", arguments.file.display());
    let client = surroundings.client()?.clone();
    let served: Rc<[Served]> = served.into();
    let routed = (Rc::clone(&served), client.clone());
    let route = move |_: Context, body: Bytes| {
        let (served, client) = routed.clone();
        async move { events::deliver(&served, &client, &body).await }
    };
    let events_port = servers.start(arguments.events_port, front(&Env::default()), route).await?;
    let clock = surroundings.host.clock().clone();
    table::functions(&served, events_port, clock.now());
    let mut timers = JoinSet::new();
    for (index, one) in served.iter().enumerate() {
        for timer in 0..one.spec.timers.len() {
            timers.spawn_local(run_timer(Rc::clone(&served), index, timer, client.clone(), clock.clone()));
        }
    }
    shared::runtime::signalled().await;
    output::note("stopping: what runs is brought to its end");
    timers.shutdown().await;
    servers.stop.send_replace(true);
    while servers.tasks.join_next().await.is_some() {}
    Ok(ExitCode::SUCCESS)
}

impl Servers {
    /// Starts one and says which port it has.
    async fn start<H, F>(&mut self, port: u16, host: Host, handle: H) -> anyhow::Result<u16>
    where
        H: Fn(Context, Bytes) -> F + 'static,
        F: Future<Output = Result<Value, Failure>> + 'static,
    {
        let listener = TcpListener::bind(("127.0.0.1", port))
            .await
            .with_context(|| format!("cannot listen on 127.0.0.1:{port}"))?;
        let port = listener.local_addr()?.port();
        let mut stopped = self.stop.subscribe();
        self.tasks.spawn_local(listen(listener, host, handle, async move {
            let _ = stopped.wait_for(|stop| *stop).await;
        }));
        Ok(port)
    }
}

/// What a server is started with: enough to take a request. The rest needs credentials, which are looked for only then.
fn front(env: &Env) -> Host {
    let region = env.get("ALIBABA_CLOUD_REGION_ID").map(|region| ("ALIBABA_CLOUD_REGION_ID", region));
    let env = Env::from_iter([(VARIABLE, "memory:")].into_iter().chain(region));
    Host::new(move || env.clone(), Clock::system(), Random::system(), Log::stderr)
}

/// The function in its own environment, with credentials found anew for each invocation, as the platform hands them over.
fn in_cloud(
    surroundings: &Rc<Surroundings>,
    env: Env,
    function: &'static Function,
) -> impl Fn(Context, Bytes) -> futures_util::future::LocalBoxFuture<'static, Result<Value, Failure>> + 'static
{
    let surroundings = Rc::clone(surroundings);
    let host = Host::new(move || env.clone(), Clock::system(), Random::system(), Log::stderr);
    move |asked, body| {
        let (surroundings, host) = (Rc::clone(&surroundings), host.clone());
        Box::pin(async move {
            let credentials = match asked.credentials {
                Some(credentials) => Some(credentials),
                None => surroundings
                    .credentials()
                    .await
                    // People hear of an event even when nothing can be done about it.
                    .inspect_err(|error| {
                        asked.log.error("no credentials", json!({ "why": error.to_string() }))
                    })
                    .ok(),
            };
            let mut invocation = Invocation {
                request_id: Some(asked.request_id),
                function_name: asked.function_name,
                account_id: asked.account_id,
                region: Some(asked.region),
                credentials,
                limit: Some(asked.timeout),
                ..Invocation::now()
            };
            // The limit counts from when the request came in, not from here.
            let allowed = invocation.deadline() - invocation.arrived;
            invocation.arrived = asked.deadline.checked_sub(allowed).unwrap_or(invocation.arrived);
            (function.handle)(host.context(invocation).await?, body).await
        })
    }
}

/// The file's variables that hold here: not those that the caller has set, too, and not the cloud's store.
fn variables(own: &Env, spec: &Spec, arguments: &Arguments) -> Vec<(String, String)> {
    let mut variables = spec.variables.clone();
    variables.retain(|(name, _)| own.get(name).is_none() && name != VARIABLE);
    for (name, value) in &mut variables {
        if name == "HARDENING_CONFIG" && !value.contains("://") && !PathBuf::from(&*value).exists() {
            *value = arguments.file.with_file_name("hardening.yaml").display().to_string();
        }
    }
    variables
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
        let came = match invoke(&client, one, &event).await {
            Ok(reply) if reply.status == 200 => "done".to_owned(),
            Ok(reply) => format!("failed: {}", String::from_utf8_lossy(&reply.body)),
            Err(why) => format!("failed: {why}"),
        };
        output::note(&format!("{}: timer {name}, due {due}: {came}", one.spec.name));
    }
}

/// As the platform calls a function.
async fn invoke(client: &Client, one: &Served, event: &Value) -> Result<Reply, String> {
    let target = Target::Url(format!("http://127.0.0.1:{}", one.port));
    let mut request = Request::new("POST", target, "/invoke");
    request.set("content-type", "application/octet-stream");
    request.set("x-fc-control-path", "/invoke");
    request.set("x-fc-function-name", one.spec.name.clone());
    request.set("x-fc-function-timeout", one.spec.timeout.to_string());
    request.body = event.to_string().into();
    request.timeout = Duration::from_secs(one.spec.timeout + 5);
    client.send(request).await.map_err(|error| format!("{error:?}"))
}
