//! `harden events`: the EventBridge rules that bring events to the functions. `verify` looks, `wire` creates or repairs.

use std::process::ExitCode;

use serde_json::{Value, json};
use shared::cloud::actiontrail::CENTRAL_REGIONS;
use shared::cloud::eventbridge::TestEventPattern;
use shared::cloud::sts::GetCallerIdentity;
use shared::openapi::Session;
use shared::response::{Applied, Change, Pace, What, Wiring, find_rule};

use crate::functions::{FUNCTIONS, Function};
use crate::output;
use crate::surroundings::Surroundings;

/// What `harden events` can do.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Create the rule and its target, or repair them
    Wire(Arguments),
    /// Check that the rule is enabled, its target right, and that its pattern matches our samples
    Verify(Arguments),
}

/// What both take.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The function; without it: every one that is started by events
    #[arg(long, value_name = "NAME")]
    function: Option<String>,
    /// Where the function runs: cn-hangzhou (China site) or ap-southeast-1 (international site); without it: the home region
    #[arg(long, value_name = "ID")]
    region: Option<String>,
    /// The rule's name; without it: the one that s.yaml makes, FUNCTION-access-key-created
    #[arg(long, value_name = "NAME")]
    rule: Option<String>,
    /// The function's ARN, where it is not acs:fc:REGION:ACCOUNT:functions/NAME
    #[arg(long, value_name = "ARN")]
    target: Option<String>,
    /// The queue for events that could not be delivered (ARN)
    #[arg(long, value_name = "ARN")]
    dead_letters: Option<String>,
}

/// The events that must get through: a root key by either variant of the service, from either source.
const SAMPLES: &[(&str, &str)] = &[("Ims", "acs.ims"), ("Ims", "acs.ram"), ("Ram", "acs.ram")];

/// Runs it.
pub(crate) async fn run(profile: Option<&str>, command: &Command) -> anyhow::Result<ExitCode> {
    let (arguments, repair) = match command {
        Command::Wire(arguments) => (arguments, true),
        Command::Verify(arguments) => (arguments, false),
    };
    let surroundings = Surroundings::new(profile)?;
    let session = surroundings.session().await?;
    let session =
        arguments.region.as_deref().map_or_else(|| session.clone(), |region| session.in_region(region));
    if !CENTRAL_REGIONS.contains(&session.region()) {
        output::note(&format!(
            "note: {} is not a region where events of RAM and IMS arrive ({})",
            session.region(),
            CENTRAL_REGIONS.join(", ")
        ));
    }
    let account = session.call(&GetCallerIdentity {}).await?.account_id.clone();
    if let Some(target) = &arguments.target
        && !is_function_arn(target)
    {
        anyhow::bail!("--target {target:?} is not a function: acs:fc:REGION:ACCOUNT:functions/NAME");
    }
    let mut faulty = false;
    for function in chosen(arguments)? {
        let Some(pattern) = function.pattern else { continue };
        let wiring = wiring(function, pattern, &session, &account, arguments);
        faulty |= !one(&surroundings, &session, &wiring, &account, repair).await?;
    }
    Ok(if faulty { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// `acs:fc:REGION:ACCOUNT:functions/NAME`, or the form of Function Compute 2, `services/S/functions/NAME`.
fn is_function_arn(text: &str) -> bool {
    let mut parts = text.splitn(5, ':');
    let mut next = || parts.next().unwrap_or_default();
    let (head, region, account, path) = ((next(), next()), next(), next(), next());
    head == ("acs", "fc")
        && !region.is_empty()
        && !account.is_empty()
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && path.rsplit_once("functions/").is_some_and(|(_, name)| !name.is_empty())
}

fn chosen(arguments: &Arguments) -> anyhow::Result<Vec<&'static Function>> {
    match &arguments.function {
        Some(name) => Ok(vec![crate::functions::find(name)?]),
        None => Ok(FUNCTIONS.iter().filter(|function| function.pattern.is_some()).collect()),
    }
}

fn wiring(
    function: &Function,
    pattern: &str,
    session: &Session,
    account: &str,
    arguments: &Arguments,
) -> Wiring {
    let arn = || format!("acs:fc:{}:{account}:functions/{}", session.region(), function.name);
    Wiring {
        rule: arguments.rule.clone().unwrap_or_else(|| format!("{}-access-key-created", function.name)),
        pattern: pattern.to_owned(),
        function: arguments.target.clone().unwrap_or_else(arn),
        dead_letters: arguments.dead_letters.clone(),
    }
}

/// Looks at one rule, mends it if asked to, and says whether it is right now.
async fn one(
    surroundings: &Surroundings,
    session: &Session,
    wiring: &Wiring,
    account: &str,
    repair: bool,
) -> anyhow::Result<bool> {
    let name = format!("{} in {}", wiring.rule, session.region());
    let found = find_rule(session, &wiring.rule).await?;
    let faults = wiring.faults(found.as_ref());
    for fault in &faults {
        output::line(&format!("{name}: {fault}"));
    }
    let mut right = faults.is_empty();
    if !right && repair {
        let change = Change::EventRule {
            region: session.region().to_owned(),
            after: wiring.rule(found.as_ref()),
            before: found,
        };
        right = make(surroundings, session, change, &name).await?;
    }
    let matched = check_samples(session, wiring, account, &name).await?;
    if right && matched {
        output::line(&format!("{name}: enabled, sends to {}, matches all samples", wiring.function));
    }
    Ok(right && matched)
}

async fn make(
    surroundings: &Surroundings,
    session: &Session,
    change: Change,
    name: &str,
) -> anyhow::Result<bool> {
    let cases = surroundings.cases(Some(session))?;
    let opened = What::Opened {
        function: "events".to_owned(),
        title: format!("event rule {name}"),
        subject: Value::Null,
    };
    let (case, _) = cases.open(&format!("event-rule-{}", surroundings.host.random().hex()), opened).await?;
    Ok(match case.make(change, session, &Pace::default()).await? {
        Applied::Proved(_) => {
            output::line(&format!(
                "{name}: made as it should be, read back (undo: harden undo {})",
                case.id()
            ));
            true
        }
        Applied::Refused(error) => {
            output::line(&format!("{name}: NOT changed: {error}"));
            false
        }
        Applied::Unproved(error) => {
            output::line(&format!("{name}: changed perhaps, but not read back: {error}"));
            false
        }
    })
}

/// Asks the service itself whether the pattern lets our samples through.
async fn check_samples(
    session: &Session,
    wiring: &Wiring,
    account: &str,
    name: &str,
) -> anyhow::Result<bool> {
    let mut all = true;
    for (service, source) in SAMPLES {
        let event = sample(service, source, account, session.region()).to_string();
        let answer =
            session.call(&TestEventPattern { event: &event, event_pattern: &wiring.pattern }).await?;
        if !answer.matches() {
            all = false;
            output::line(&format!(
                "{name}: the pattern does NOT match CreateAccessKey by root, service {service}, source {source}"
            ));
        }
    }
    Ok(all)
}

/// A CreateAccessKey by root, as ActionTrail writes it and EventBridge wraps it.
fn sample(service: &str, source: &str, account: &str, region: &str) -> Value {
    let lower = service.to_lowercase();
    json!({
        "id": "00000000-0000-0000-0000-000000000001", "source": source, "specversion": "1.0",
        "type": format!("{}:ActionTrail:ApiCall", source.trim_start_matches("acs.")),
        "datacontenttype": "application/json;charset=utf-8",
        "subject": format!("{source}:{region}:{account}:sample"), "time": "2026-01-01T00:00:00Z",
        "aliyunaccountid": account, "aliyuneventbusname": "default", "aliyunregionid": region,
        "data": {
            "eventId": "00000000-0000-0000-0000-000000000001", "eventVersion": "1", "eventType": "ApiCall",
            "eventName": "CreateAccessKey", "eventRW": "Write", "serviceName": service,
            "eventSource": format!("{lower}.aliyuncs.com"), "eventTime": "2026-01-01T00:00:00Z",
            "userIdentity": { "type": "root-account", "principalId": account, "accountId": account, "userName": "root" },
            "requestParameters": {}, "responseElements": { "AccessKey": { "AccessKeyId": "LTAI5tSample", "Status": "Active" } },
        },
    })
}
