//! EventBridge, 2020-04-01: the rule that brings an event to a function. Every answer is an envelope whose
//! `Success` decides, on HTTP 200 too.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::openapi::{Action, Api, Empty, Host};

const HOST: Host = Host::Regional("eventbridge-console");

const fn api(name: &'static str) -> Api {
    Api::rpc("eventbridge", "2020-04-01", name, HOST).envelope()
}

/// The bus that events of cloud services arrive on.
pub const DEFAULT_BUS: &str = "default";

/// One rule with its targets.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetRule<'a> {
    /// The bus.
    pub event_bus_name: &'a str,
    /// The rule.
    pub rule_name: &'a str,
}

impl Action for GetRule<'_> {
    const API: Api = api("GetRule").needs("eventbridge:GetRule");
    type Response = RuleAnswer;
}

/// The answer of [`GetRule`].
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RuleAnswer {
    /// The rule.
    pub data: Rule,
}

/// A rule.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Rule {
    /// Its name.
    pub rule_name: String,
    /// `ENABLE` or `DISABLE`.
    pub status: String,
    /// The pattern, JSON as text.
    pub filter_pattern: String,
    /// Where matching events go.
    #[serde(default)]
    pub targets: Vec<Target>,
}

/// Where events go. Fields that we do not set are kept as they are.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Target {
    /// The target's id within the rule.
    pub id: String,
    /// `acs.fc.function`.
    #[serde(rename = "Type")]
    pub kind: String,
    /// The ARN of the target.
    pub endpoint: String,
    /// Everything else: parameters, retry strategy, dead-letter queue.
    #[serde(flatten)]
    pub rest: serde_json::Map<String, Value>,
}

/// Makes a rule.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateRule<'a> {
    /// The bus.
    pub event_bus_name: &'a str,
    /// The rule.
    pub rule_name: &'a str,
    /// The pattern, JSON as text.
    pub filter_pattern: &'a str,
    /// `ENABLE` or `DISABLE`.
    pub status: &'a str,
    /// What it is for.
    pub description: &'a str,
    /// The targets, JSON as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_targets: Option<String>,
}

impl Action for CreateRule<'_> {
    const API: Api = api("CreateRule").writes_once().needs("eventbridge:CreateRule");
    type Response = Empty;
}

/// Changes a rule's pattern, status or description.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateRule<'a> {
    /// The bus.
    pub event_bus_name: &'a str,
    /// The rule.
    pub rule_name: &'a str,
    /// The pattern, JSON as text.
    pub filter_pattern: &'a str,
    /// `ENABLE` or `DISABLE`.
    pub status: &'a str,
}

impl Action for UpdateRule<'_> {
    const API: Api = api("UpdateRule").writes().needs("eventbridge:UpdateRule");
    type Response = Empty;
}

/// Adds targets to a rule, or replaces those with the same id.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PutTargets<'a> {
    /// The bus.
    pub event_bus_name: &'a str,
    /// The rule.
    pub rule_name: &'a str,
    /// The targets, JSON as text.
    pub targets: String,
}

impl Action for PutTargets<'_> {
    const API: Api = api("PutTargets").writes().needs("eventbridge:PutTargets");
    type Response = Empty;
}

/// Whether an event would match a pattern.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TestEventPattern<'a> {
    /// The event: a CloudEvent, JSON as text.
    pub event: &'a str,
    /// The pattern, JSON as text.
    pub event_pattern: &'a str,
}

impl Action for TestEventPattern<'_> {
    const API: Api = api("TestEventPattern").form().needs("eventbridge:TestEventPattern");
    type Response = PatternAnswer;
}

/// The answer of [`TestEventPattern`].
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PatternAnswer {
    data: PatternResult,
}

impl PatternAnswer {
    /// Whether it matches.
    pub fn matches(&self) -> bool {
        self.data.result
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PatternResult {
    result: bool,
}
