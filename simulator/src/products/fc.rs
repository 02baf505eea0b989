//! Function Compute 3.0, fc 2023-03-30 (ROA): functions and their triggers. Shapes are those of the official
//! SDK's models; answers carry no request id.

use crate::account::{Function, Trigger};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging;
use crate::product::{self, Answer, Api, Asked, Product, named_host};
use crate::region;
use serde_json::{Value, json};

pub(crate) static PRODUCT: Product = Product {
    name: "fc",
    service: "FC",
    version: "2023-03-30",
    serves,
    identify: product::identify,
    translate,
    refuse: product::refuse,
    request_id_header: "x-acs-request-id",
    key_policies: true,
    global: false,
    management: true,
    apis: &[
        Api::read("ListFunctions", list)
            .route("GET", "/2023-03-30/functions")
            .optional(&["prefix", "limit", "nextToken", "fcVersion"])
            .needs("fc:ListFunctions", |cloud, asked| arn(cloud, asked, "*")),
        Api::read("GetFunction", get)
            .route("GET", "/2023-03-30/functions/{functionName}")
            .required(&["functionName"])
            .optional(&["qualifier"])
            .needs("fc:GetFunction", one_function),
        Api::read("ListTriggers", triggers)
            .route("GET", "/2023-03-30/functions/{functionName}/triggers")
            .required(&["functionName"])
            .optional(&["prefix", "limit", "nextToken"])
            .needs("fc:ListTriggers", one_function),
        Api::read("GetTrigger", trigger)
            .route("GET", "/2023-03-30/functions/{functionName}/triggers/{triggerName}")
            .required(&["functionName", "triggerName"])
            .needs("fc:GetTrigger", one_function),
    ],
};

/// `fcv3.<region>.aliyuncs.com`, and `<account>.<region>.fc.aliyuncs.com`.
fn serves(host: &str) -> Option<Option<String>> {
    let own = host.strip_suffix(".fc.aliyuncs.com").and_then(|rest| rest.split_once('.'));
    match own {
        Some((account, region)) if account.bytes().all(|b| b.is_ascii_digit()) => Some(Some(region.into())),
        _ => named_host(&["fcv3"], host),
    }
}

fn translate(error: ApiError) -> ApiError {
    match error.code.as_str() {
        "NoPermission" => ApiError { code: "AccessDenied".into(), ..error },
        _ => error,
    }
}

fn arn(cloud: &Cloud, asked: &Asked, name: &str) -> String {
    format!("acs:fc:{}:{}:functions/{name}", region::in_arn(asked), cloud.account.account_id)
}

fn one_function(cloud: &Cloud, asked: &Asked) -> String {
    arn(cloud, asked, asked.required("functionName"))
}

/// A page by token: at most 100, 20 unless told.
fn page<'a, T>(
    asked: &Asked,
    items: impl Iterator<Item = &'a T>,
    name: impl Fn(&T) -> &str,
) -> Result<(Vec<&'a T>, Option<String>), ApiError> {
    let size = paging::size("limit", asked.param("limit"), 20, 1..=100)?;
    let from = asked.param("nextToken").map(|token| paging::after("nextToken", token)).transpose()?;
    let prefix = asked.param("prefix").unwrap_or_default();
    let mut found: Vec<&T> = items.filter(|item| name(item).starts_with(prefix)).collect();
    found.sort_by(|a, b| name(a).cmp(name(b)));
    let (page, last) = paging::page(found.into_iter(), &name, from.as_deref(), size);
    Ok((page, last.map(|last| paging::token(&last))))
}

fn list(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = region::of(cloud, asked)?;
    let found = cloud.account.doors.functions.iter().filter(|one| one.region == region);
    let (page, token) = page(asked, found, |one| &one.name)?;
    let rows: Vec<Value> = page.into_iter().map(|one| row(cloud, one)).collect();
    let mut answer = json!({ "functions": rows });
    if let Some(token) = token {
        answer["nextToken"] = token.into();
    }
    Ok(Answer::bare(&answer))
}

fn row(cloud: &Cloud, one: &Function) -> Value {
    let account = &cloud.account.account_id;
    let mut row = json!({
        "functionName": one.name,
        "functionArn": format!("acs:fc:{}:{account}:functions/{}", one.region, one.name),
        "functionId": format!("0b7c-{}", one.name),
        "runtime": "custom.debian12",
        "handler": "bootstrap",
        "cpu": 0.5,
        "memorySize": 512,
        "diskSize": 512,
        "timeout": 60,
        "internetAccess": true,
        "createdTime": one.created,
        "lastModifiedTime": one.created,
        "state": "Active",
        "environmentVariables": one.environment,
        "tags": one.tags.list("Key", "Value"),
    });
    if !one.role.is_empty() {
        row["role"] = format!("acs:ram::{account}:role/{}", one.role).into();
    }
    row
}

fn function<'a>(cloud: &'a Cloud, asked: &Asked) -> Result<&'a Function, ApiError> {
    let (region, name) = (region::of(cloud, asked)?, asked.required("functionName"));
    let found = cloud.account.doors.functions.iter().find(|one| one.region == region && one.name == name);
    found.ok_or_else(|| ApiError::new(404, "FunctionNotFound", format!("function '{name}' does not exist")))
}

fn get(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = function(cloud, asked)?;
    Ok(Answer::bare(&row(cloud, one)))
}

fn triggers(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = function(cloud, asked)?;
    let (page, token) = page(asked, one.triggers.iter(), |trigger| &trigger.name)?;
    let rows: Vec<Value> = page.into_iter().map(|trigger| told(cloud, one, trigger)).collect();
    let mut answer = json!({ "triggers": rows });
    if let Some(token) = token {
        answer["nextToken"] = token.into();
    }
    Ok(Answer::bare(&answer))
}

fn trigger(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let one = function(cloud, asked)?;
    let name = asked.required("triggerName");
    match one.triggers.iter().find(|trigger| trigger.name == name) {
        Some(trigger) => Ok(Answer::bare(&told(cloud, one, trigger))),
        None => Err(ApiError::new(404, "TriggerNotFound", format!("trigger '{name}' does not exist"))),
    }
}

/// triggerConfig is a JSON text.
fn told(cloud: &Cloud, one: &Function, trigger: &Trigger) -> Value {
    let account = &cloud.account.account_id;
    let mut row = json!({
        "triggerName": trigger.name,
        "triggerType": trigger.kind,
        "triggerId": format!("{}-{}", one.name, trigger.name),
        "triggerConfig": trigger.config.to_string(),
        "targetArn": format!("acs:fc:{}:{account}:functions/{}", one.region, one.name),
        "qualifier": "LATEST",
        "createdTime": one.created,
        "lastModifiedTime": one.created,
        "status": "",
    });
    if trigger.kind == "http" {
        row["httpTrigger"] = json!({
            "urlInternet": format!("https://{}-abcdefghij.{}.fcapp.run", one.name, one.region),
            "urlIntranet": format!("https://{}-abcdefghij.{}-vpc.fcapp.run", one.name, one.region),
        });
    }
    row
}
