//! Operation orchestration (OOS 2019-06-01): the parameters of its store that are not secret.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::openapi::{Action, Api, Cursor, Host, Paged};

const fn api(name: &'static str) -> Api {
    Api::rpc("oos", "2019-06-01", name, Host::Regional("oos"))
}

/// The account's own parameters in a region, without their values.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListParameters {
    region_id: String,
    max_results: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl ListParameters {
    /// Of this region.
    pub fn of(region: &str) -> Self {
        Self { region_id: region.to_owned(), max_results: 100, next_token: None }
    }
}

impl Action for ListParameters {
    const API: Api = api("ListParameters").needs("oos:ListParameters");
    type Response = ParameterPage;
}

/// One page of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ParameterPage {
    parameters: Vec<Parameter>,
    next_token: Option<String>,
}

/// A parameter, without its value.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// `String`, `StringList`.
    #[serde(rename = "Type")]
    pub kind: Option<String>,
    tags: Option<BTreeMap<String, Value>>,
}

impl Parameter {
    /// Its tags.
    pub fn tags(&self) -> BTreeMap<String, String> {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        self.tags.iter().flatten().map(|(key, value)| (key.clone(), text(value))).collect()
    }
}

impl Paged for ListParameters {
    type Item = Parameter;

    fn start_at(&mut self, cursor: Cursor) {
        if let Cursor::Token(token) = cursor {
            self.next_token = Some(token);
        }
    }

    fn take(&self, page: ParameterPage, _: u64) -> (Vec<Parameter>, Option<Cursor>) {
        (page.parameters, Cursor::token(page.next_token))
    }
}

/// The value of one parameter.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetParameter<'a> {
    /// The region.
    pub region_id: &'a str,
    /// The parameter.
    pub name: &'a str,
}

impl Action for GetParameter<'_> {
    const API: Api = api("GetParameter").needs("oos:GetParameter");
    type Response = ParameterValue;
}

/// It. No `Debug`: it may hold a secret.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ParameterValue {
    parameter: Valued,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Valued {
    value: String,
}

impl ParameterValue {
    /// The value.
    pub fn value(&self) -> &str {
        &self.parameter.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_first_then_values() {
        let page = br#"{"Parameters":[{"Name":"db","Type":"String","Id":"p-1","Tags":{"env":"prod"}},{"Name":"l","Type":"StringList"}],
            "MaxResults":100,"NextToken":"t"}"#;
        let (rows, next) = ListParameters::of("cn-hangzhou").take(ListParameters::parse(page).unwrap(), 0);
        assert_eq!((rows[0].name.as_str(), rows[0].kind.as_deref()), ("db", Some("String")));
        assert_eq!(rows[0].tags().get("env").map(String::as_str), Some("prod"));
        assert_eq!(next, Some(Cursor::Token("t".to_owned())));
        assert_eq!(
            GetParameter::parse(br#"{"Parameter":{"Name":"db","Value":"v"}}"#).map(|p| p.value().to_owned()),
            Ok("v".to_owned())
        );
        assert!(GetParameter::parse(br#"{"Parameter":{"Name":"db"}}"#).is_err());
        assert!(ListParameters::parse(b"{}").is_err());
    }
}
