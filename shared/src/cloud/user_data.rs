//! User data of ECS (2014-05-26): of instances and of launch templates. It is Base64, and may be gzip inside.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::openapi::{Action, Api, Cursor, Host, Paged, Rate};

const fn api(name: &'static str) -> Api {
    // Quota page of ECS: 1,000 in a minute, per API and region.
    Api::rpc("ecs", "2014-05-26", name, Host::Regional("ecs"))
        .limit(Rate { calls: 1000, per: std::time::Duration::from_secs(60) })
}

/// The user data of one instance.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeUserData<'a> {
    /// The region.
    pub region_id: &'a str,
    /// The instance.
    pub instance_id: &'a str,
}

impl Action for DescribeUserData<'_> {
    const API: Api = api("DescribeUserData").needs("ecs:DescribeUserData");
    type Response = UserData;
}

/// It. No `Debug`: it may hold secrets.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UserData {
    /// Base64; empty for none.
    pub user_data: String,
}

/// The launch templates of a region.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeLaunchTemplates {
    region_id: String,
    page_number: u32,
    page_size: u32,
}

impl DescribeLaunchTemplates {
    /// Of this region.
    pub fn of(region: &str) -> Self {
        Self { region_id: region.to_owned(), page_number: 1, page_size: 50 }
    }
}

impl Action for DescribeLaunchTemplates {
    const API: Api = api("DescribeLaunchTemplates").needs("ecs:DescribeLaunchTemplates");
    type Response = TemplatePage;
}

/// One page of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TemplatePage {
    total_count: u64,
    launch_template_sets: Templates,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Templates {
    launch_template_set: Vec<Template>,
}

/// A launch template.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Template {
    /// `lt-…`.
    pub launch_template_id: String,
    /// The version that is used where none is named.
    pub default_version_number: u64,
    /// The newest.
    pub latest_version_number: u64,
    tags: Option<Tags>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tags {
    #[serde(default)]
    tag: Vec<Tag>,
}

#[derive(Debug, Clone, Deserialize)]
struct Tag {
    #[serde(rename = "TagKey", alias = "Key")]
    key: String,
    #[serde(rename = "TagValue", alias = "Value", default)]
    value: String,
}

impl Template {
    /// Its tags.
    pub fn tags(&self) -> BTreeMap<String, String> {
        let tags = self.tags.iter().flat_map(|tags| &tags.tag);
        tags.map(|tag| (tag.key.clone(), tag.value.clone())).collect()
    }

    /// The versions that are worth reading: the default and the newest. Older ones start nothing unless somebody names them.
    pub fn versions(&self) -> Vec<u64> {
        let mut versions = vec![self.default_version_number, self.latest_version_number];
        versions.dedup();
        versions
    }
}

impl Paged for DescribeLaunchTemplates {
    type Item = Template;

    fn start_at(&mut self, cursor: Cursor) {
        if let Cursor::Page(number) = cursor {
            self.page_number = number;
        }
    }

    fn take(&self, page: TemplatePage, seen: u64) -> (Vec<Template>, Option<Cursor>) {
        let rows = page.launch_template_sets.launch_template_set;
        let next = Cursor::page(self.page_number, seen + rows.len() as u64, page.total_count);
        (rows, next)
    }
}

/// Versions of a launch template, by number.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeLaunchTemplateVersions<'a> {
    /// The region.
    pub region_id: &'a str,
    /// The template.
    pub launch_template_id: &'a str,
    /// Which versions: few enough for one page.
    pub launch_template_version: Vec<u64>,
}

impl Action for DescribeLaunchTemplateVersions<'_> {
    const API: Api = api("DescribeLaunchTemplateVersions").needs("ecs:DescribeLaunchTemplateVersions");
    type Response = Versions;
}

/// Those versions. No `Debug`: they may hold secrets.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Versions {
    launch_template_version_sets: VersionSets,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VersionSets {
    launch_template_version_set: Vec<Version>,
}

/// One version.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Version {
    /// Its number.
    pub version_number: u64,
    launch_template_data: Data,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Data {
    /// Left out where there is none: that the data is there at all is what must be told.
    user_data: Option<String>,
}

impl Versions {
    /// Each version, and its user data: Base64, empty for none.
    pub fn user_data(&self) -> impl Iterator<Item = (u64, &str)> {
        let sets = self.launch_template_version_sets.launch_template_version_set.iter();
        sets.map(|version| {
            (version.version_number, version.launch_template_data.user_data.as_deref().unwrap_or_default())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_and_their_versions() {
        let page = br#"{"TotalCount":2,"PageNumber":1,"LaunchTemplateSets":{"LaunchTemplateSet":[{"LaunchTemplateId":"lt-1","LaunchTemplateName":"web",
            "DefaultVersionNumber":1,"LatestVersionNumber":3,"Tags":{"Tag":[{"TagKey":"a","TagValue":"b"}]}}]},"RequestId":"r"}"#;
        let first = DescribeLaunchTemplates::of("cn-hangzhou");
        let (rows, next) = first.take(DescribeLaunchTemplates::parse(page).unwrap(), 0);
        assert_eq!(rows[0].versions(), [1, 3]);
        assert_eq!(rows[0].tags().get("a").map(String::as_str), Some("b"));
        assert_eq!(next, Some(Cursor::Page(2)));
        let versions = DescribeLaunchTemplateVersions::parse(
            br#"{"LaunchTemplateVersionSets":{"LaunchTemplateVersionSet":[{"VersionNumber":1,"LaunchTemplateData":{"UserData":"eA=="}},
            {"VersionNumber":3,"LaunchTemplateData":{"ImageId":"m-1"}}]}}"#,
        )
        .unwrap();
        assert_eq!(versions.user_data().collect::<Vec<_>>(), [(1, "eA=="), (3, "")]);
        assert!(DescribeLaunchTemplates::parse(br#"{"TotalCount":0}"#).is_err());
        assert!(DescribeUserData::parse(br#"{"InstanceId":"i-1"}"#).is_err(), "not told is not none");
        assert_eq!(DescribeUserData::parse(br#"{"UserData":""}"#).unwrap().user_data, "");
    }
}
