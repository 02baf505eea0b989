//! Function Compute 3.0 (2023-03-30): functions and their triggers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::openapi::{Action, Api, Cursor, Host, Paged, percent};

/// The regions that the official SDK knows a host in (`alibabacloud_fc20230330`, endpoint map).
pub const REGIONS: &[&str] = &[
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-5",
    "ap-southeast-7",
    "cn-beijing",
    "cn-chengdu",
    "cn-hangzhou",
    "cn-hangzhou-finance",
    "cn-heyuan-acdr-1",
    "cn-hongkong",
    "cn-huhehaote",
    "cn-qingdao",
    "cn-shanghai",
    "cn-shanghai-finance-1",
    "cn-shenzhen",
    "cn-wulanchabu",
    "cn-zhangjiakou",
    "eu-central-1",
    "eu-west-1",
    "me-central-1",
    "us-east-1",
    "us-west-1",
];

const fn api(name: &'static str) -> Api {
    Api::roa("fc", "2023-03-30", name, Host::Regional("fcv3"), "GET")
}

/// The functions of the session's region.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListFunctions {
    limit: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Default for ListFunctions {
    fn default() -> Self {
        Self { limit: 100, next_token: None }
    }
}

impl Action for ListFunctions {
    const API: Api = api("ListFunctions").needs("fc:ListFunctions");
    type Response = FunctionPage;

    fn path(&self) -> String {
        "/2023-03-30/functions".to_owned()
    }
}

/// One page of them.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FunctionPage {
    functions: Vec<Function>,
    next_token: Option<String>,
}

/// A function. No `Debug`: its variables may hold secrets.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Function {
    /// Its name.
    pub function_name: String,
    environment_variables: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    tags: Option<Vec<Tag>>,
}

#[derive(Clone, Deserialize)]
struct Tag {
    #[serde(alias = "Key", alias = "tagKey")]
    key: String,
    #[serde(alias = "Value", alias = "tagValue")]
    value: Option<String>,
}

impl Function {
    /// Its environment variables, if the answer tells of them.
    pub fn variables(&self) -> Option<Vec<(&str, String)>> {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let variables = self.environment_variables.as_ref()?;
        Some(variables.iter().map(|(name, value)| (name.as_str(), text(value))).collect())
    }

    /// Its tags.
    pub fn tags(&self) -> BTreeMap<String, String> {
        let tags = self.tags.iter().flatten();
        tags.map(|tag| (tag.key.clone(), tag.value.clone().unwrap_or_default())).collect()
    }
}

impl Paged for ListFunctions {
    type Item = Function;

    fn start_at(&mut self, cursor: Cursor) {
        if let Cursor::Token(token) = cursor {
            self.next_token = Some(token);
        }
    }

    fn take(&self, page: FunctionPage, _: u64) -> (Vec<Function>, Option<Cursor>) {
        (page.functions, Cursor::token(page.next_token))
    }
}

/// One function.
#[derive(Debug, Clone, Serialize)]
pub struct GetFunction<'a> {
    /// Its name.
    #[serde(skip)]
    pub name: &'a str,
}

impl Action for GetFunction<'_> {
    const API: Api = api("GetFunction").needs("fc:GetFunction");
    type Response = Function;

    fn path(&self) -> String {
        format!("/2023-03-30/functions/{}", percent(self.name))
    }
}

/// The triggers of a function.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListTriggers {
    #[serde(skip)]
    function: String,
    limit: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl ListTriggers {
    /// Of this function.
    pub fn of(function: &str) -> Self {
        Self { function: function.to_owned(), limit: 100, next_token: None }
    }
}

impl Action for ListTriggers {
    const API: Api = api("ListTriggers").needs("fc:ListTriggers");
    type Response = TriggerPage;

    fn path(&self) -> String {
        format!("/2023-03-30/functions/{}/triggers", percent(&self.function))
    }
}

/// One page of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TriggerPage {
    triggers: Vec<Trigger>,
    next_token: Option<String>,
}

/// A trigger.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trigger {
    /// Its name.
    pub trigger_name: String,
    trigger_type: String,
    /// A JSON text, whose fields depend on the type.
    trigger_config: Option<Value>,
}

/// How an HTTP trigger lets callers in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpConfig {
    /// `anonymous`, `function`, `jwt`.
    pub auth_type: String,
    /// Whether its internet address is switched off.
    #[serde(default, rename = "disableURLInternet")]
    pub disable_url_internet: bool,
    /// The methods that it takes.
    #[serde(default)]
    pub methods: Vec<String>,
}

impl Trigger {
    /// Its configuration, if it is an HTTP trigger.
    ///
    /// # Errors
    /// What was not understood.
    pub fn http(&self) -> Option<Result<HttpConfig, String>> {
        if self.trigger_type != "http" {
            return None;
        }
        let config = match &self.trigger_config {
            Some(Value::String(text)) => serde_json::from_str(text),
            Some(config) => serde_json::from_value(config.clone()),
            None => return Some(Err("an HTTP trigger without triggerConfig".to_owned())),
        };
        Some(config.map_err(|error| format!("triggerConfig: {error}")))
    }
}

impl Paged for ListTriggers {
    type Item = Trigger;

    fn start_at(&mut self, cursor: Cursor) {
        if let Cursor::Token(token) = cursor {
            self.next_token = Some(token);
        }
    }

    fn take(&self, page: TriggerPage, _: u64) -> (Vec<Trigger>, Option<Cursor>) {
        (page.triggers, Cursor::token(page.next_token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_with_and_without_variables() {
        let page = br#"{"functions":[{"functionName":"a","environmentVariables":{"A":"x","N":5},"tags":[{"key":"env","value":"prod"}]},
            {"functionName":"b","environmentVariables":{}},{"functionName":"c"}],"nextToken":"t"}"#;
        let (rows, next) = ListFunctions::default().take(ListFunctions::parse(page).unwrap(), 0);
        assert_eq!(rows[0].variables().unwrap(), [("A", "x".to_owned()), ("N", "5".to_owned())]);
        assert_eq!(rows[0].tags().get("env").map(String::as_str), Some("prod"));
        assert_eq!(rows[1].variables(), Some(Vec::new()));
        assert_eq!(rows[2].variables(), None, "not told is not none");
        assert_eq!(next, Some(Cursor::Token("t".to_owned())));
        assert!(ListFunctions::parse(b"{}").is_err());
        assert_eq!(GetFunction { name: "a/b" }.path(), "/2023-03-30/functions/a%2Fb");
    }

    #[test]
    fn http_triggers_say_who_may_call() {
        let page = ListTriggers::parse(
            br#"{"triggers":[
            {"triggerName":"open","triggerType":"http","triggerConfig":"{\"authType\":\"anonymous\",\"disableURLInternet\":true,\"methods\":[\"GET\"]}"},
            {"triggerName":"object","triggerType":"http","triggerConfig":{"authType":"function"}},
            {"triggerName":"timer","triggerType":"timer","triggerConfig":"{}"},
            {"triggerName":"silent","triggerType":"http","triggerConfig":"{}"},
            {"triggerName":"none","triggerType":"http"}]}"#,
        )
        .unwrap();
        let (rows, next) = ListTriggers::of("f").take(page, 0);
        assert_eq!(next, None);
        let open = rows[0].http().unwrap().unwrap();
        assert_eq!((open.auth_type.as_str(), open.disable_url_internet), ("anonymous", true));
        let object = rows[1].http().unwrap().unwrap();
        assert_eq!((object.auth_type.as_str(), object.disable_url_internet), ("function", false));
        assert!(rows[2].http().is_none());
        assert!(rows[3].http().unwrap().is_err() && rows[4].http().unwrap().is_err());
    }
}
