//! The log service (SLS 2020-12-30): projects and their policies. Its permissions are called `log:…`.

use serde::{Deserialize, Serialize};

use crate::openapi::{Action, Api, Cursor, Paged};

/// The projects of the session's region.
#[derive(Debug, Clone, Serialize)]
pub struct ListProject {
    /// Rows before the page.
    offset: u64,
    /// Rows of a page, at most 500.
    size: u32,
}

impl Default for ListProject {
    fn default() -> Self {
        Self { offset: 0, size: 500 }
    }
}

impl Action for ListProject {
    const API: Api = Api::log("ListProject").needs("log:ListProject");
    type Response = ProjectPage;
}

/// One page of them.
#[derive(Debug, Clone, Deserialize)]
pub struct ProjectPage {
    total: u64,
    projects: Vec<Project>,
}

/// A project, as the listing shows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    /// Its name, which is its host.
    pub project_name: String,
}

impl Paged for ListProject {
    type Item = Project;

    fn start_at(&mut self, cursor: Cursor) {
        if let Cursor::Marker(offset) = cursor {
            self.offset = offset.parse().unwrap_or(self.offset);
        }
    }

    /// By offset, read until `total` rows have been seen: a page without rows before that repeats the offset, which is an error.
    fn take(&self, page: ProjectPage, seen: u64) -> (Vec<Project>, Option<Cursor>) {
        let seen = seen + page.projects.len() as u64;
        (page.projects, Cursor::marker(seen < page.total, Some(seen.to_string())))
    }
}

/// The policy of a project, as it was written; an empty body means that it has none.
#[derive(Debug, Clone, Serialize)]
pub struct GetProjectPolicy<'a> {
    #[serde(skip)]
    project: &'a str,
}

impl<'a> GetProjectPolicy<'a> {
    /// Of this project.
    pub fn of(project: &'a str) -> Self {
        Self { project }
    }
}

impl Action for GetProjectPolicy<'_> {
    const API: Api = Api::log("GetProjectPolicy").needs("log:GetProjectPolicy");
    type Response = Option<String>;

    fn path(&self) -> String {
        "/policy".to_owned()
    }

    fn subdomain(&self) -> Option<&str> {
        Some(self.project)
    }

    /// The SDK takes the body for a text. Whether that is the policy itself or a JSON string of it is not documented: both are taken.
    fn parse(body: &[u8]) -> Result<Option<String>, String> {
        let text = std::str::from_utf8(body).map_err(|error| error.to_string())?.trim();
        let text = match text.starts_with('"') {
            true => serde_json::from_str(text).map_err(|error| error.to_string())?,
            false => text.to_owned(),
        };
        match text.as_str() {
            "" => Ok(None),
            policy if policy.starts_with('{') => Ok(Some(text)),
            _ => Err("it is no policy".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projects_are_read_to_the_total() {
        let page = br#"{"count":2,"total":3,"projects":[{"projectName":"a","region":"cn-hangzhou"},{"projectName":"b"}]}"#;
        let first = ListProject::default();
        let (rows, next) = first.take(ListProject::parse(page).unwrap(), 0);
        assert_eq!((rows.len(), next), (2, Some(Cursor::Marker("2".to_owned()))));
        let last = br#"{"count":1,"total":3,"projects":[{"projectName":"c"}]}"#;
        assert_eq!(first.take(ListProject::parse(last).unwrap(), 2).1, None);
        let (rows, next) =
            first.take(ListProject::parse(br#"{"count":0,"total":0,"projects":[]}"#).unwrap(), 0);
        assert!(rows.is_empty() && next.is_none());
        for silent in [r#"{"total":0}"#, r#"{"projects":[]}"#, "{}", ""] {
            assert!(ListProject::parse(silent.as_bytes()).is_err(), "{silent}");
        }
    }

    #[test]
    fn a_policy_or_none() {
        let policy = r#"{"Version":"1","Statement":[]}"#;
        assert_eq!(GetProjectPolicy::parse(policy.as_bytes()).unwrap().as_deref(), Some(policy));
        let quoted = serde_json::to_vec(policy).unwrap();
        assert_eq!(GetProjectPolicy::parse(&quoted).unwrap().as_deref(), Some(policy));
        for none in ["", " \n", "\"\""] {
            assert_eq!(GetProjectPolicy::parse(none.as_bytes()).unwrap(), None, "{none:?}");
        }
        assert!(GetProjectPolicy::parse(b"<html/>").is_err());
    }
}
