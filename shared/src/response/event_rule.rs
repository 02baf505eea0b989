//! The EventBridge rule that brings events to a function, as a reversible change: looked at, created, repaired.

use serde_json::{Value, json};

use super::Standing;
use crate::cloud::eventbridge::{CreateRule, DEFAULT_BUS, GetRule, PutTargets, Rule, Target, UpdateRule};
use crate::openapi::{Error, Kind, Session};

/// What a rule should be.
#[derive(Debug, Clone)]
pub struct Wiring {
    /// The rule's name.
    pub rule: String,
    /// The pattern, JSON as text.
    pub pattern: String,
    /// The ARN of the function.
    pub function: String,
    /// The queue for events that could not be delivered.
    pub dead_letters: Option<String>,
}

impl Wiring {
    /// The rule as it should be, keeping the targets of others.
    pub fn rule(&self, found: Option<&Rule>) -> Rule {
        let mut targets = found.map(|rule| rule.targets.clone()).unwrap_or_default();
        if !targets.iter().any(|target| self.is_ours(target)) {
            targets.push(self.target());
        }
        Rule {
            rule_name: self.rule.clone(),
            status: "ENABLE".to_owned(),
            filter_pattern: self.pattern.clone(),
            targets,
        }
    }

    /// What is wrong with a rule; nothing is good.
    pub fn faults(&self, found: Option<&Rule>) -> Vec<String> {
        let Some(rule) = found else { return vec![format!("the rule {} does not exist", self.rule)] };
        let mut faults = Vec::new();
        if rule.status != "ENABLE" {
            faults.push(format!("the rule is not enabled ({})", rule.status));
        }
        if !same_json(&rule.filter_pattern, &self.pattern) {
            faults.push("the pattern is not the one of this version".to_owned());
        }
        if !rule.targets.iter().any(|target| self.is_ours(target)) {
            faults.push(format!("no target is {}", self.function));
        }
        faults
    }

    /// The function is named in more than one way (with a service in Function Compute 2, without in 3), so the account,
    /// the region and the last name count.
    fn is_ours(&self, target: &Target) -> bool {
        let parts = |arn: &str| {
            let scope: Vec<String> = arn.split(':').take(4).map(str::to_owned).collect();
            (scope, arn.rsplit('/').next().map(str::to_owned))
        };
        parts(&target.endpoint) == parts(&self.function)
    }

    fn target(&self) -> Target {
        let name = self.function.rsplit('/').next().unwrap_or_default();
        let mut rest = json!({
            "ErrorsTolerance": "ALL",
            "PushRetryStrategy": "EXPONENTIAL_DECAY_RETRY",
            "ParamList": [
                { "ResourceKey": "functionName", "Form": "CONSTANT", "Value": name },
                { "ResourceKey": "Qualifier", "Form": "CONSTANT", "Value": "LATEST" },
                { "ResourceKey": "Body", "Form": "ORIGINAL" },
            ],
        });
        if let Some(queue) = &self.dead_letters {
            rest["DeadLetterQueue"] = json!({ "Arn": queue });
        }
        let rest = rest.as_object().cloned().unwrap_or_default();
        Target {
            id: name.to_owned(),
            kind: "acs.fc.function".to_owned(),
            endpoint: self.function.clone(),
            rest,
        }
    }
}

/// The rule, if it exists.
///
/// # Errors
/// When it cannot be read.
pub async fn find_rule(session: &Session, name: &str) -> Result<Option<Rule>, Error> {
    match session.call(&GetRule { event_bus_name: DEFAULT_BUS, rule_name: name }).await {
        Ok(answer) => Ok(Some(answer.value.data)),
        Err(error) if error.kind() == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A rule that was not there before counts as gone when it is disabled: nothing is deleted here.
pub(super) async fn standing(
    session: &Session,
    before: Option<&Rule>,
    after: &Rule,
) -> Result<Standing, Error> {
    let found = find_rule(session, &after.rule_name).await?;
    Ok(match (&found, before) {
        (Some(rule), _) if same_rule(rule, after) => Standing::After,
        (Some(rule), Some(before)) if same_rule(rule, before) => Standing::Before,
        (Some(rule), None) if rule.status == "DISABLE" => Standing::Before,
        (None, None) => Standing::Before,
        _ => Standing::Other,
    })
}

pub(super) async fn put(
    session: &Session,
    before: Option<&Rule>,
    after: &Rule,
    to_after: bool,
) -> Result<String, Error> {
    match (to_after, before) {
        (true, None) => {
            let action = CreateRule {
                event_bus_name: DEFAULT_BUS,
                rule_name: &after.rule_name,
                filter_pattern: &after.filter_pattern,
                status: &after.status,
                description: "brings security events to a hardening function",
                event_targets: Some(targets_text(after)?),
            };
            Ok(session.change(&action).await?.request_id)
        }
        (true, Some(_)) => update(session, after, &after.status).await,
        (false, Some(before)) => update(session, before, &before.status).await,
        (false, None) => update(session, after, "DISABLE").await,
    }
}

async fn update(session: &Session, rule: &Rule, status: &str) -> Result<String, Error> {
    let action = UpdateRule {
        event_bus_name: DEFAULT_BUS,
        rule_name: &rule.rule_name,
        filter_pattern: &rule.filter_pattern,
        status,
    };
    let request_id = session.change(&action).await?.request_id;
    if !rule.targets.is_empty() {
        let targets = targets_text(rule)?;
        session
            .change(&PutTargets { event_bus_name: DEFAULT_BUS, rule_name: &rule.rule_name, targets })
            .await?;
    }
    Ok(request_id)
}

fn targets_text(rule: &Rule) -> Result<String, Error> {
    serde_json::to_string(&rule.targets)
        .map_err(|error| Error::new(Kind::Setting, "eventbridge:PutTargets", "Request", error.to_string()))
}

/// Same pattern, status, and the same targets at least.
fn same_rule(found: &Rule, wanted: &Rule) -> bool {
    found.status == wanted.status
        && same_json(&found.filter_pattern, &wanted.filter_pattern)
        && wanted.targets.iter().all(|target| {
            found.targets.iter().any(|other| other.id == target.id && other.endpoint == target.endpoint)
        })
}

fn same_json(one: &str, other: &str) -> bool {
    let parse = |text: &str| serde_json::from_str::<Value>(text).ok();
    parse(one).is_some() && parse(one) == parse(other)
}
