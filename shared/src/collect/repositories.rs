//! Repositories of container images, and how their registry is reached.

use futures_util::future::{join, join_all};

use super::{listed, not_offered, unread_in};
use crate::cloud::cr::{self, GetInstanceEndpoint, ListInstance, ListRepository, REGIONS};
use crate::openapi::{Action, Answer, Api, Error, Session};
use crate::snapshot::{Listed, Read, RegistryEndpoint, Repository, Unread};

use super::access_groups::range;

/// What `repositories` calls: for the generated permissions.
pub const REPOSITORIES_NEED: &[Api] = &[
    <ListInstance as Action>::API,
    <ListRepository as Action>::API,
    <GetInstanceEndpoint<'_> as Action>::API,
];

/// The repositories of the registry instances (Enterprise Edition) in the session's region.
pub(super) async fn repositories(session: &Session) -> Listed<Repository> {
    let mut list = listed(session, ListInstance::default()).await;
    list.unread.retain(|why| !not_offered(why, REGIONS));
    // A host may show instances of other regions, too: they come with their own.
    list.rows.retain(|row| row.region_id.as_deref().is_none_or(|region| region == session.region()));
    let parts = list.rows.iter().map(|row| of_instance(session, &row.instance_id));
    let mut all: Listed<Repository> = join_all(parts).await.into_iter().collect();
    all.rows.sort_by(|a, b| (&a.instance, &a.name).cmp(&(&b.instance, &b.name)));
    all.unread.extend(list.unread);
    all
}

async fn of_instance(session: &Session, instance: &str) -> Listed<Repository> {
    let (list, answer) = join(
        listed(session, ListRepository::of(instance)),
        session.call(&GetInstanceEndpoint { instance_id: instance, endpoint_type: "internet" }),
    )
    .await;
    let endpoint = endpoint(session, answer);
    let repository = |row: cr::Repository| Repository {
        instance: instance.to_owned(),
        name: format!("{}/{}", row.repo_namespace_name, row.repo_name),
        region: session.region().to_owned(),
        public: row.repo_type.eq_ignore_ascii_case("PUBLIC"),
        endpoint: endpoint.clone(),
    };
    Listed { rows: list.rows.into_iter().map(repository).collect(), unread: list.unread }
}

/// The internet endpoint: `None` when it is closed.
fn endpoint(
    session: &Session,
    answer: Result<Answer<cr::Endpoint>, Error>,
) -> Read<Option<RegistryEndpoint>> {
    match answer {
        Ok(answer) => opened(&answer).map_err(|what| {
            let why = Unread::new(&<GetInstanceEndpoint<'_> as Action>::API.label(), "Decode", what);
            Unread { region: session.region().to_owned(), ..why }
        }),
        Err(error) => Err(unread_in(session, &error)),
    }
    .into()
}

fn opened(endpoint: &cr::Endpoint) -> Result<Option<RegistryEndpoint>, String> {
    if !endpoint.enable {
        return Ok(None);
    }
    let acl = endpoint.acl_enable.ok_or("the endpoint is open, and AclEnable is missing")?;
    let Some(entries) = endpoint.entries() else {
        let none = || RegistryEndpoint { acl, entries: Vec::new() };
        return if acl { Err("AclEntries is missing".to_owned()) } else { Ok(Some(none())) };
    };
    let entries: Result<_, _> =
        entries.map(|entry| range(entry).ok_or_else(|| format!("{entry:?} is no range"))).collect();
    entries.map(|entries| Some(RegistryEndpoint { acl, entries }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::collect::played::{Answer, session};

    #[tokio::test(start_paused = true)]
    async fn repositories_are_told_with_the_endpoint_of_their_instance() {
        let (session, _) = session("cn-shanghai", |call| {
            match (call.action.as_str(), call.get("InstanceId")) {
                ("ListInstance", _) => {
                    Answer::Body(json!({"IsSuccess": true, "TotalCount": 2, "Instances": [
                {"InstanceId": "cri-1", "RegionId": "cn-shanghai"}, {"InstanceId": "cri-2", "RegionId": "cn-beijing"}]}))
                }
                ("ListRepository", "cri-1") => {
                    Answer::Body(json!({"IsSuccess": true, "TotalCount": "2", "Repositories": [
                {"RepoNamespaceName": "team", "RepoName": "web", "RepoType": "PUBLIC"},
                {"RepoNamespaceName": "team", "RepoName": "api", "RepoType": "PRIVATE"}]}))
                }
                ("GetInstanceEndpoint", "cri-1") => {
                    assert_eq!(call.get("EndpointType"), "internet");
                    Answer::Code(403, "NoPrivilege")
                }
                (other, instance) => panic!("{other} of {instance}"),
            }
        });
        let list = repositories(&session).await;
        assert!(list.is_whole());
        let shown: Vec<(&str, bool)> = list.rows.iter().map(|row| (row.name.as_str(), row.public)).collect();
        assert_eq!(shown, [("team/api", false), ("team/web", true)]);
        assert!(list.rows.iter().all(|row| row.endpoint.unread().is_some()));
    }

    #[tokio::test(start_paused = true)]
    async fn an_envelope_that_failed_is_no_empty_list() {
        let (session, _) =
            session("cn-shanghai", |_| Answer::Body(json!({"IsSuccess": false, "Code": "SYSTEM_ERROR"})));
        assert!(!repositories(&session).await.is_whole());
    }

    fn read(json: Value) -> Result<Option<RegistryEndpoint>, String> {
        opened(&serde_json::from_value(json).unwrap())
    }

    #[test]
    fn an_endpoint_is_closed_open_or_open_to_some() {
        assert_eq!(read(json!({"Enable": false, "Status": "STOPPED"})), Ok(None));
        let all = read(json!({"Enable": "true", "AclEnable": "false"})).unwrap().unwrap();
        assert_eq!((all.acl, all.entries.len()), (false, 0));
        // As the API page has it.
        let some = read(json!({"Status": "RUNNING", "AclEnable": true, "Enable": true,
            "AclEntries": [{"Comment": "1", "Entry": "192.168.1.0/24"}, {"Entry": "203.0.113.7"}]}));
        let some = some.unwrap().unwrap();
        assert!(some.acl);
        assert_eq!(some.entries, ["192.168.1.0/24".parse().unwrap(), "203.0.113.7/32".parse().unwrap()]);
    }

    #[test]
    fn a_list_that_counts_and_is_not_there_is_no_empty_list() {
        assert!(read(json!({"Enable": true})).is_err());
        assert!(read(json!({"Enable": true, "AclEnable": true})).is_err());
        assert!(
            read(json!({"Enable": true, "AclEnable": true, "AclEntries": [{"Entry": "office"}]})).is_err()
        );
        assert!(serde_json::from_value::<cr::Endpoint>(json!({"AclEnable": true})).is_err());
    }
}
