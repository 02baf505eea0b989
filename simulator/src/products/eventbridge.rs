//! EventBridge 2020-04-01, control plane: the rules of the default bus. It answers 200 even when it says no:
//! `Success` tells.

mod targets;

use crate::account::Rule;
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging;
use crate::pattern;
use crate::product::{self, Answer, Api, Asked, Exchange, Product, Reply, named_host};
use serde_json::{Value, json};
use std::sync::Arc;

/// Rules of the default bus (EventBridge, "Limits").
const RULES: usize = 10;

pub(crate) static PRODUCT: Product = Product {
    name: "eventbridge",
    service: "EventBridge",
    version: "2020-04-01",
    serves: |host| named_host(&["eventbridge-console", "eventbridge"], host),
    identify: product::identify,
    translate: |error| error,
    refuse,
    request_id_header: "x-acs-request-id",
    key_policies: false,
    global: false,
    management: true,
    apis: &[
        Api::write("CreateRule", create_rule)
            .required(&["EventBusName", "RuleName", "FilterPattern"])
            .optional(&["Description", "EventTargets", "Status"])
            .needs("eventbridge:CreateRule", one_rule),
        Api::write("UpdateRule", update_rule)
            .required(&["EventBusName", "RuleName", "FilterPattern"])
            .optional(&["Description", "Status"])
            .needs("eventbridge:UpdateRule", one_rule),
        Api::read("GetRule", get_rule)
            .required(&["EventBusName", "RuleName"])
            .needs("eventbridge:GetRule", one_rule),
        Api::read("ListRules", list_rules)
            .required(&["EventBusName"])
            .optional(&["Limit", "NextToken", "RuleNamePrefix"])
            .needs("eventbridge:ListRules", one_rule),
        Api::write("EnableRule", |cloud, asked| switch(cloud, asked, true))
            .required(&["EventBusName", "RuleName"])
            .needs("eventbridge:EnableRule", one_rule),
        Api::write("DisableRule", |cloud, asked| switch(cloud, asked, false))
            .required(&["EventBusName", "RuleName"])
            .needs("eventbridge:DisableRule", one_rule),
        Api::write("PutTargets", targets::put)
            .required(&["EventBusName", "RuleName", "Targets"])
            .needs("eventbridge:PutTargets", one_rule),
        Api::read("ListTargets", targets::list)
            .optional(&["EventBusName", "RuleName", "Arn", "Limit", "NextToken"])
            .needs("eventbridge:ListTargets", one_rule),
        Api::write("DeleteTargets", targets::delete)
            .required(&["EventBusName", "RuleName", "TargetIds"])
            .needs("eventbridge:DeleteTargets", one_rule),
        Api::read("TestEventPattern", test_event_pattern)
            .required(&["Event", "EventPattern"])
            .needs("eventbridge:TestEventPattern", |_, _| "*".into()),
    ],
};

fn refuse(error: &ApiError, exchange: &Exchange) -> Reply {
    if error.by_gateway {
        return product::refuse(error, exchange);
    }
    let body = json!({"Code": error.code, "Message": error.message, "Success": false});
    Reply::object(200, "Response", body, exchange)
}

fn done(data: Value) -> Result<Answer, ApiError> {
    let mut answer = json!({"Code": "Success", "Message": "Success", "Success": true});
    if !data.is_null() {
        answer["Data"] = data;
    }
    Ok(answer.into())
}

fn invalid(why: impl std::fmt::Display) -> ApiError {
    ApiError::new(400, "InvalidArgument", format!("The argument is invalid: {why}."))
}

fn region(asked: &Asked) -> String {
    asked.request.region.clone().unwrap_or_else(|| "cn-hangzhou".into())
}

fn arn(cloud: &Cloud, region: &str, rule: &str) -> String {
    format!("acs:eventbridge:{region}:{}:eventbus/default/rule/{rule}", cloud.account.account_id)
}

fn one_rule(cloud: &Cloud, asked: &Asked) -> String {
    arn(cloud, &region(asked), asked.param("RuleName").unwrap_or("*"))
}

fn default_bus(asked: &Asked) -> Result<(), ApiError> {
    match asked.param("EventBusName") {
        None | Some("default") => Ok(()),
        Some(other) => {
            Err(ApiError::new(404, "EventBusNotExist", format!("The event bus does not exist: {other}.")))
        }
    }
}

/// Where the rule is that a call names.
fn find(cloud: &Cloud, asked: &Asked) -> Result<usize, ApiError> {
    default_bus(asked)?;
    let (name, region) = (asked.required("RuleName"), region(asked));
    cloud.account.rules.iter().position(|rule| rule.region == region && rule.name == name).ok_or_else(|| {
        ApiError::new(404, "EventRuleNotExisted", format!("The event rule does not exist: {name}."))
    })
}

fn read_pattern(text: &str) -> Result<Value, ApiError> {
    let pattern: Value = serde_json::from_str(text).map_err(invalid)?;
    pattern::validate(&pattern).map_err(invalid)?;
    Ok(pattern)
}

fn status(asked: &Asked) -> Result<Option<bool>, ApiError> {
    match asked.param("Status") {
        None => Ok(None),
        Some("ENABLE") => Ok(Some(true)),
        Some("DISABLE") => Ok(Some(false)),
        Some(other) => Err(invalid(format!("Status {other} is neither ENABLE nor DISABLE"))),
    }
}

fn create_rule(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    default_bus(asked)?;
    let name = asked.required("RuleName");
    let region = region(asked);
    let pattern = read_pattern(asked.required("FilterPattern"))?;
    let enabled = status(asked)?.unwrap_or(true);
    let targets = targets::read(asked, "EventTargets")?;
    let others = cloud.account.rules.iter().filter(|rule| rule.region == region);
    if others.clone().any(|rule| rule.name == name) {
        return Err(ApiError::new(409, "EventRuleExisted", "The event rule already exists."));
    }
    if others.count() >= RULES {
        let message = format!("The default event bus has {RULES} event rules already.");
        return Err(ApiError::new(403, "EventRuleQuotaExceeded", message));
    }
    let created = cloud.now().as_millisecond();
    cloud.account.rules.push(Arc::new(Rule {
        region: region.clone(),
        name: name.into(),
        description: asked.param("Description").unwrap_or_default().into(),
        enabled,
        pattern,
        targets,
        created,
    }));
    done(json!({"RuleARN": arn(cloud, &region, name)}))
}

fn update_rule(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let at = find(cloud, asked)?;
    let pattern = read_pattern(asked.required("FilterPattern"))?;
    let enabled = status(asked)?;
    let rule = Arc::make_mut(&mut cloud.account.rules[at]);
    rule.pattern = pattern;
    rule.enabled = enabled.unwrap_or(rule.enabled);
    if let Some(description) = asked.param("Description") {
        rule.description = description.into();
    }
    done(Value::Null)
}

fn switch(cloud: &mut Cloud, asked: &Asked, enabled: bool) -> Result<Answer, ApiError> {
    let at = find(cloud, asked)?;
    Arc::make_mut(&mut cloud.account.rules[at]).enabled = enabled;
    done(Value::Null)
}

fn show(cloud: &Cloud, rule: &Rule) -> Value {
    json!({
        "RuleName": rule.name,
        "RuleARN": arn(cloud, &rule.region, &rule.name),
        "EventBusName": "default",
        "Description": rule.description,
        "Status": if rule.enabled { "ENABLE" } else { "DISABLE" },
        "FilterPattern": rule.pattern.to_string(),
        "CreatedTimestamp": rule.created,
        "Targets": rule.targets,
    })
}

fn get_rule(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let at = find(cloud, asked)?;
    done(show(cloud, &cloud.account.rules[at]))
}

fn list_rules(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    default_bus(asked)?;
    let (region, prefix) = (region(asked), asked.param("RuleNamePrefix").unwrap_or_default());
    let rules = cloud.account.rules.iter().map(AsRef::as_ref);
    let mut rules: Vec<&Rule> =
        rules.filter(|rule: &&Rule| rule.region == region && rule.name.starts_with(prefix)).collect();
    rules.sort_by(|a, b| a.name.cmp(&b.name));
    let size = paging::size("Limit", asked.param("Limit"), 100, 1..=100).map_err(|e| invalid(e.message))?;
    let after = asked.param("NextToken").map(|token| paging::after("NextToken", token)).transpose();
    let after = after.map_err(|e| invalid(e.message))?;
    let (page, last) =
        paging::page(rules.iter().copied(), |rule: &Rule| &rule.name, after.as_deref(), size);
    let shown: Vec<Value> = page
        .into_iter()
        .map(|rule| {
            let mut shown = show(cloud, rule);
            let brief = |target: &Value| {
                json!({"Id": target["Id"], "Type": target["Type"], "Endpoint": target["Endpoint"]})
            };
            shown["Targets"] = rule.targets.iter().map(brief).collect();
            shown
        })
        .collect();
    let mut data = json!({"Rules": shown, "Total": rules.len()});
    if let Some(last) = last {
        data["NextToken"] = paging::token(&last).into();
    }
    done(data)
}

fn test_event_pattern(_: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let pattern = read_pattern(asked.required("EventPattern"))?;
    let event: Value = serde_json::from_str(asked.required("Event")).map_err(invalid)?;
    if !event.is_object() {
        return Err(invalid("Event is not an object"));
    }
    done(json!({"Result": pattern::matches(&pattern, &event)}))
}
