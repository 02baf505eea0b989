//! Resource Orchestration Service, ros 2019-09-10: stacks and the parameters they were made with. Shapes are
//! those of the official SDK's models.

use crate::account::Stack;
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging::{PageSizes, by_page};
use crate::product::{self, Answer, Api, Asked, Product, named_host};
use crate::region;
use serde_json::{Value, json};

pub(crate) static PRODUCT: Product = Product {
    name: "ros",
    service: "Ros",
    version: "2019-09-10",
    serves: |host| named_host(&["ros"], host),
    identify: product::identify,
    translate: product::forbidden_by_ram,
    refuse: product::refuse,
    request_id_header: "x-acs-request-id",
    key_policies: true,
    global: false,
    management: true,
    apis: &[
        Api::read("ListStacks", list)
            .optional(&["StackName", "StackId", "ShowNestedStack", "PageNumber", "PageSize"])
            .needs("ros:ListStacks", |cloud, asked| arn(cloud, asked, "*")),
        Api::read("GetStack", get)
            .required(&["StackId"])
            .optional(&["OutputOption", "LogOption", "ShowResourceProgress"])
            .needs("ros:GetStack", |cloud, asked| arn(cloud, asked, asked.required("StackId"))),
    ],
};

fn arn(cloud: &Cloud, asked: &Asked, id: &str) -> String {
    format!("acs:ros:{}:{}:stack/{id}", region::in_arn(asked), cloud.account.account_id)
}

fn told(one: &Stack) -> Value {
    json!({
        "StackId": one.id,
        "StackName": one.name,
        "RegionId": one.region,
        "Status": "CREATE_COMPLETE",
        "StatusReason": "Stack CREATE completed successfully",
        "StackType": "ROS",
        "CreateTime": "2024-01-01T00:00:00",
        "DisableRollback": false,
        "DeletionProtection": "Disabled",
        "TimeoutInMinutes": 60,
        "ResourceGroupId": "rg-acfmexample0001",
        "Tags": one.tags.list("Key", "Value"),
    })
}

/// Pages of 10 unless told, at most 50.
fn list(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = region::of(cloud, asked)?;
    let is = |name: &str, value: &str| asked.param(name).is_none_or(|wanted| wanted == value);
    let all = cloud.account.doors.stacks.iter();
    let found = all.filter(|one| one.region == region && is("StackId", &one.id) && is("StackName", &one.name));
    let page = by_page(found, asked.request, ("PageNumber", "PageSize"), 10, PageSizes::UpTo(50))?;
    let rows: Vec<Value> = page.items.iter().map(|one| told(one)).collect();
    Ok(json!({
        "Stacks": rows,
        "PageNumber": page.number,
        "PageSize": page.size,
        "TotalCount": page.total,
    })
    .into())
}

/// With its parameters; those that are not to be echoed as asterisks.
fn get(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let (region, id) = (region::of(cloud, asked)?, asked.required("StackId"));
    let Some(one) = cloud.account.doors.stacks.iter().find(|one| one.region == region && one.id == id) else {
        return Err(ApiError::new(404, "StackNotFound", format!("The Stack ({id}) could not be found.")));
    };
    let mut answer = told(one);
    answer["Description"] = "".into();
    answer["Outputs"] = json!([]);
    answer["Parameters"] = one
        .parameters
        .iter()
        .map(|(key, value)| {
            let shown = if one.no_echo.contains(key) { "******" } else { value };
            json!({"ParameterKey": key, "ParameterValue": shown})
        })
        .collect();
    Ok(answer.into())
}
