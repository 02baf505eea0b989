//! Log projects and their policies.

use futures_util::stream::{self, StreamExt};

use super::{AT_ONCE, listed, unread};
use crate::cloud::sls::{GetProjectPolicy, ListProject};
use crate::openapi::{Action, Api, Session};
use crate::snapshot::{Listed, LogProject, Read};

/// What `log_projects` calls: for the generated permissions.
pub const LOG_PROJECTS_NEED: &[Api] = &[<ListProject as Action>::API, <GetProjectPolicy<'_> as Action>::API];

/// Reads the log projects of the session's region.
pub(super) async fn log_projects(session: &Session) -> Listed<LogProject> {
    let Listed { rows, unread } = listed(session, ListProject::default()).await;
    let projects = stream::iter(rows).map(|row| project(session, row.project_name)).buffer_unordered(AT_ONCE);
    let mut rows: Vec<LogProject> = projects.filter_map(std::future::ready).collect().await;
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    Listed { rows, unread }
}

/// One project; `None` if it was deleted meanwhile.
async fn project(session: &Session, name: String) -> Option<LogProject> {
    let policy = match session.call(&GetProjectPolicy::of(&name)).await {
        Ok(answer) => Read::Read(answer.value),
        Err(error) if error.code() == "ProjectNotExist" => return None,
        Err(error) => Read::Unread(unread(&error)),
    };
    Some(LogProject { region: session.region().to_owned(), policy, name })
}
