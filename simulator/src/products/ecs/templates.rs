//! Launch templates and their versions, user data among them.

use crate::account::network::LaunchTemplate;
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::paging::{self, Sizes};
use crate::product::{Answer, Asked};
use crate::regional;
use crate::signature::base64;
use serde_json::{Value, json};

const CREATED: &str = "2025-05-12T07:30:00Z";

pub(super) fn list(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::mandatory(cloud, asked)?;
    let ids = regional::wanted(asked, "LaunchTemplateId")?;
    let names = regional::wanted(asked, "LaunchTemplateName")?;
    let mut rows = regional::rows_in(&cloud.account.network.launch_templates, region);
    rows.retain(|template| {
        ids.as_ref().is_none_or(|ids| ids.contains(&template.id))
            && names.as_ref().is_none_or(|names| names.contains(&template.name))
    });
    let (page, mut answer) = paging::by_number(rows, asked, Sizes::of(10, 100))?;
    let shown: Vec<Value> = page
        .into_iter()
        .map(|template| {
            json!({
                "LaunchTemplateId": template.id,
                "LaunchTemplateName": template.name,
                "DefaultVersionNumber": template.default,
                "LatestVersionNumber": template.versions.len(),
                "CreateTime": CREATED,
                "ModifiedTime": CREATED,
                "CreatedBy": cloud.account.account_id,
                "ResourceGroupId": "",
                "Tags": regional::tag_keys(&template.tags),
            })
        })
        .collect();
    answer.insert("LaunchTemplateSets".into(), json!({"LaunchTemplateSet": shown}));
    Ok(Value::Object(answer).into())
}

/// The template that a call names, by id or by name.
fn template<'a>(cloud: &'a Cloud, asked: &Asked, region: &str) -> Result<&'a LaunchTemplate, ApiError> {
    let templates = &cloud.account.network.launch_templates;
    match (asked.param("LaunchTemplateId"), asked.param("LaunchTemplateName")) {
        (Some(id), _) => regional::one(templates, region, id, "InvalidLaunchTemplate.NotFound"),
        (None, Some(name)) => {
            let mut rows = regional::rows_in(templates, region).into_iter();
            rows.find(|template| template.name == name)
                .ok_or_else(|| regional::not_found("InvalidLaunchTemplate.NotFound"))
        }
        (None, None) => {
            let message = "LaunchTemplateId or LaunchTemplateName is mandatory for this action.";
            Err(ApiError::new(400, "MissingParameter.LaunchTemplateId", message))
        }
    }
}

/// The latest version first; with what it holds unless DetailFlag says otherwise.
pub(super) fn versions(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let region = regional::mandatory(cloud, asked)?;
    let template = template(cloud, asked, region)?;
    let numbers = regional::wanted(asked, "LaunchTemplateVersion")?;
    let default_only = asked.param("DefaultVersion") == Some("true");
    let detailed = asked.param("DetailFlag") != Some("false");
    let rows: Vec<Value> = (template.versions.iter().enumerate().rev())
        .map(|(at, version)| (at + 1, version))
        .filter(|(number, _)| {
            numbers.as_ref().is_none_or(|wanted| wanted.contains(&number.to_string()))
                && (!default_only || *number == template.default)
        })
        .map(|(number, version)| {
            let mut shown = json!({
                "LaunchTemplateId": template.id,
                "LaunchTemplateName": template.name,
                "VersionNumber": number,
                "VersionDescription": version.description,
                "DefaultVersion": number == template.default,
                "CreateTime": CREATED,
                "ModifiedTime": CREATED,
                "CreatedBy": cloud.account.account_id,
            });
            if detailed {
                shown["LaunchTemplateData"] = json!({
                    "ImageId": "aliyun_3_x64_20G_alibase_20260901.vhd",
                    "InstanceType": "ecs.g7.large",
                    "InstanceName": template.name,
                    "SecurityGroupId": version.security_group,
                    "UserData": base64(version.user_data.as_bytes()),
                    "DataDisks": {"DataDisk": []},
                    "NetworkInterfaces": {"NetworkInterface": []},
                    "Tags": {"InstanceTag": []},
                });
            }
            shown
        })
        .collect();
    let (page, mut answer) = paging::by_number(rows, asked, Sizes::of(10, 100))?;
    answer.insert("LaunchTemplateVersionSets".into(), json!({"LaunchTemplateVersionSet": page}));
    Ok(Value::Object(answer).into())
}
