//! Operation Orchestration Service, oos 2019-06-01: parameters. Shapes are those of the official SDK's models.

use crate::account::Parameter;
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging;
use crate::product::{self, Answer, Api, Asked, Product, named_host};
use crate::region;
use serde_json::{Value, json};

pub(crate) static PRODUCT: Product = Product {
    name: "oos",
    service: "Oos",
    version: "2019-06-01",
    serves: |host| named_host(&["oos"], host),
    identify: product::identify,
    translate: product::forbidden_by_ram,
    refuse: product::refuse,
    request_id_header: "x-acs-request-id",
    key_policies: true,
    global: false,
    management: true,
    apis: &[
        Api::read("ListParameters", |cloud, asked| list(cloud, asked, false))
            .optional(&["Name", "Path", "Recursive", "MaxResults", "NextToken"])
            .needs("oos:ListParameters", |cloud, asked| arn(cloud, asked, "parameter", "*")),
        Api::read("GetParameter", get)
            .required(&["Name"])
            .optional(&["ParameterVersion"])
            .needs("oos:GetParameter", |cloud, asked| {
                arn(cloud, asked, "parameter", asked.required("Name"))
            }),
        Api::read("ListSecretParameters", |cloud, asked| list(cloud, asked, true))
            .optional(&["Name", "Path", "Recursive", "MaxResults", "NextToken"])
            .needs("oos:ListSecretParameters", |cloud, asked| arn(cloud, asked, "secretparameter", "*")),
    ],
};

fn arn(cloud: &Cloud, asked: &Asked, kind: &str, name: &str) -> String {
    format!("acs:oos:{}:{}:{kind}/{name}", region::in_arn(asked), cloud.account.account_id)
}

/// With a path, what is directly in it, or anywhere below it when asked for; without one, everything: that
/// last is not documented.
fn in_path(name: &str, path: Option<&str>, below: bool) -> bool {
    let Some(path) = path else { return true };
    let path = format!("{}/", path.trim_end_matches('/'));
    name.strip_prefix(&path).is_some_and(|rest| below || !rest.contains('/'))
}

fn told(one: &Parameter) -> Value {
    json!({
        "Id": format!("p-{}", one.name.trim_start_matches('/').replace('/', "-")),
        "Name": one.name,
        "Type": if one.encrypted { "Secret" } else { "String" },
        "Description": "",
        "ParameterVersion": 1,
        "ShareType": "Private",
        "CreatedBy": "root",
        "CreatedDate": "2024-01-01T00:00:00Z",
        "UpdatedBy": "root",
        "UpdatedDate": "2024-01-01T00:00:00Z",
        "ResourceGroupId": "rg-acfmexample0001",
        "Tags": one.tags.object(),
    })
}

/// From 10 to 100 a page, 50 unless told. Without values.
fn list(cloud: &mut Cloud, asked: &Asked, secret: bool) -> Result<Answer, ApiError> {
    let region = region::of(cloud, asked)?;
    let size = paging::size("MaxResults", asked.param("MaxResults"), 50, 10..=100)?;
    let from = asked.param("NextToken").map(|token| paging::after("NextToken", token)).transpose()?;
    let below = asked.param("Recursive").is_some_and(|text| text.eq_ignore_ascii_case("true"));
    let all = cloud.account.doors.parameters.iter();
    let mut found: Vec<&Parameter> = all
        .filter(|one| {
            one.region == region
                && one.encrypted == secret
                && in_path(&one.name, asked.param("Path"), below)
                && asked.param("Name").is_none_or(|name| name == one.name)
        })
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    let total = found.len();
    let (page, last) = paging::page(found.into_iter(), |one| &one.name, from.as_deref(), size);
    let rows: Vec<Value> = page
        .into_iter()
        .map(|one| {
            let mut row = told(one);
            // A text here, a number in GetParameter.
            row["ParameterVersion"] = row["ParameterVersion"].to_string().into();
            row
        })
        .collect();
    let mut answer = json!({"Parameters": rows, "MaxResults": size});
    if !secret {
        answer["TotalCount"] = total.into();
    }
    if let Some(last) = last {
        answer["NextToken"] = paging::token(&last).into();
    }
    Ok(answer.into())
}

/// A parameter with its value; of encrypted ones another API tells.
fn get(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let (region, name) = (region::of(cloud, asked)?, asked.required("Name"));
    let mut all = cloud.account.doors.parameters.iter();
    let Some(one) = all.find(|one| one.region == region && one.name == name && !one.encrypted) else {
        let message = format!("The parameter does not exist: {name}.");
        return Err(ApiError::new(404, "EntityNotExists.Parameter", message));
    };
    let mut parameter = told(one);
    parameter["Value"] = one.value.as_str().into();
    Ok(json!({ "Parameter": parameter }).into())
}

#[cfg(test)]
mod tests {
    use super::in_path;

    #[test]
    fn paths_are_folders() {
        assert!(in_path("/a/b", None, false) && in_path("plain", None, false));
        assert!(in_path("/a/b", Some("/a/"), false) && in_path("/a/b", Some("/a"), false));
        assert!(!in_path("/a/b/c", Some("/a"), false) && in_path("/a/b/c", Some("/a"), true));
        assert!(!in_path("/ab", Some("/a"), true));
    }
}
