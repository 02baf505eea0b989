//! Resource orchestration (ROS 2019-09-10): stacks and what they were given. One host for all regions
//! (`alibabacloud_ros20190910`, endpoint map).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::openapi::{Action, Api, Cursor, Host, Paged};

const fn api(name: &'static str) -> Api {
    Api::rpc("ros", "2019-09-10", name, Host::Central("ros.aliyuncs.com"))
}

/// The stacks of a region, nested ones too.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListStacks {
    region_id: String,
    page_number: u32,
    page_size: u32,
    show_nested_stack: bool,
}

impl ListStacks {
    /// Of this region.
    pub fn of(region: &str) -> Self {
        Self { region_id: region.to_owned(), page_number: 1, page_size: 50, show_nested_stack: true }
    }
}

impl Action for ListStacks {
    const API: Api = api("ListStacks").needs("ros:ListStacks");
    type Response = StackPage;
}

/// One page of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StackPage {
    total_count: u64,
    stacks: Vec<Stack>,
}

/// A stack, as the listing shows it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Stack {
    /// Its id.
    pub stack_id: String,
    status: Option<String>,
    tags: Option<Vec<Tag>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    value: Option<String>,
}

impl Stack {
    /// Whether it has been deleted; such stacks stay in the listing for a while.
    pub fn is_deleted(&self) -> bool {
        self.status.as_deref() == Some("DELETE_COMPLETE")
    }

    /// Its tags.
    pub fn tags(&self) -> BTreeMap<String, String> {
        let tags = self.tags.iter().flatten();
        tags.map(|tag| (tag.key.clone(), tag.value.clone().unwrap_or_default())).collect()
    }
}

impl Paged for ListStacks {
    type Item = Stack;

    fn start_at(&mut self, cursor: Cursor) {
        if let Cursor::Page(number) = cursor {
            self.page_number = number;
        }
    }

    fn take(&self, page: StackPage, seen: u64) -> (Vec<Stack>, Option<Cursor>) {
        let next = Cursor::page(self.page_number, seen + page.stacks.len() as u64, page.total_count);
        (page.stacks, next)
    }
}

/// One stack, without what takes long to tell.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetStack<'a> {
    region_id: &'a str,
    stack_id: &'a str,
    output_option: &'static str,
    log_option: &'static str,
}

impl<'a> GetStack<'a> {
    /// This one.
    pub fn of(region_id: &'a str, stack_id: &'a str) -> Self {
        Self { region_id, stack_id, output_option: "Disabled", log_option: "None" }
    }
}

impl Action for GetStack<'_> {
    const API: Api = api("GetStack").needs("ros:GetStack");
    type Response = StackParameters;
}

/// What it was given. No `Debug`: that may hold secrets.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StackParameters {
    parameters: Vec<Parameter>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parameter {
    parameter_key: String,
    parameter_value: Option<String>,
}

impl StackParameters {
    /// Each parameter with its value. Those that the template declares `NoEcho` come as stars.
    pub fn values(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters
            .iter()
            .filter_map(|given| Some((given.parameter_key.as_str(), given.parameter_value.as_deref()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stacks_and_what_they_were_given() {
        let page = br#"{"TotalCount":2,"PageNumber":1,"PageSize":50,"Stacks":[{"StackId":"s-1","Status":"CREATE_COMPLETE","Tags":[{"Key":"a","Value":"b"}]},
            {"StackId":"s-2","Status":"DELETE_COMPLETE"}]}"#;
        let (rows, next) = ListStacks::of("cn-hangzhou").take(ListStacks::parse(page).unwrap(), 0);
        assert_eq!((rows[0].is_deleted(), rows[1].is_deleted(), next), (false, true, None));
        let given = GetStack::parse(
            br#"{"StackId":"s-1","Parameters":[{"ParameterKey":"Password","ParameterValue":"******"},{"ParameterKey":"Empty"}]}"#,
        )
        .unwrap();
        assert_eq!(given.values().collect::<Vec<_>>(), [("Password", "******")]);
        assert!(GetStack::parse(br#"{"StackId":"s-1"}"#).is_err());
        assert!(ListStacks::parse(br#"{"Stacks":[]}"#).is_err());
    }
}
