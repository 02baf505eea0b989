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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::stub::Stub;

    #[tokio::test]
    async fn projects_of_all_pages_with_their_policies() {
        let (session, _) = Stub::session(|asked| {
            let said = |text: &str| Some((200, text.to_owned()));
            match asked {
                "cn-hangzhou.log.aliyuncs.com/?offset=0&size=500" => {
                    said(r#"{"total":3,"projects":[{"projectName":"b"},{"projectName":"a"}]}"#)
                }
                "cn-hangzhou.log.aliyuncs.com/?offset=2&size=500" => {
                    said(r#"{"total":3,"projects":[{"projectName":"gone"}]}"#)
                }
                "a.cn-hangzhou.log.aliyuncs.com/policy?" => said(""),
                "b.cn-hangzhou.log.aliyuncs.com/policy?" => {
                    Some((401, r#"{"errorCode":"Unauthorized","errorMessage":"denied"}"#.to_owned()))
                }
                "gone.cn-hangzhou.log.aliyuncs.com/policy?" => {
                    Some((404, r#"{"errorCode":"ProjectNotExist","errorMessage":"gone"}"#.to_owned()))
                }
                _ => None,
            }
        });
        let projects = log_projects(&session).await;
        assert!(projects.is_whole());
        let [a, b] = &projects.rows[..] else { panic!("{projects:?}") };
        assert_eq!((a.name.as_str(), &a.policy), ("a", &Read::Read(None)));
        let why = b.policy.unread().unwrap();
        assert_eq!((why.action.as_str(), why.code.as_str()), ("log:GetProjectPolicy", "Unauthorized"));
        assert_eq!((why.region.as_str(), why.message.as_str()), ("cn-hangzhou", "denied"));
    }
}
