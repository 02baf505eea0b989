//! APIs of API Gateway: who may call them, and whether from the internet.

use std::collections::BTreeMap;

use futures_util::future::join;
use futures_util::stream::{self, StreamExt};

use super::{listed, not_offered, unread_in};
use crate::cloud::apigateway::{
    Definition, DescribeApi, DescribeApiGroups, DescribeApis, Group, REGIONS, Summary,
};
use crate::openapi::{Action, Api, Session};
use crate::snapshot::{GatewayApi, Listed, Read, Unread};

/// What `apis` calls: for the generated permissions.
pub const APIS_NEED: &[Api] =
    &[<DescribeApiGroups as Action>::API, <DescribeApis as Action>::API, <DescribeApi<'_> as Action>::API];

/// APIs that are read at the same time.
const AT_ONCE: usize = 16;

/// How the codes begin that say that an API, or its group, is gone.
const GONE: &str = "NotFoundApi";

/// The APIs of the session's region, in the order of their groups and ids.
pub(super) async fn apis(session: &Session) -> Listed<GatewayApi> {
    let (mut list, groups) =
        join(listed(session, DescribeApis::default()), listed(session, DescribeApiGroups::default())).await;
    list.unread.retain(|why| !not_offered(why, REGIONS));
    let groups = Groups::new(groups);
    let read = stream::iter(list.rows.into_iter().map(|row| api(session, row, &groups)));
    let mut rows: Vec<GatewayApi> =
        read.buffer_unordered(AT_ONCE).filter_map(std::future::ready).collect().await;
    rows.sort_by(|a, b| (&a.group, &a.id).cmp(&(&b.group, &b.id)));
    Listed { rows, unread: list.unread }
}

/// Groups by id, and why there may be more.
struct Groups {
    known: BTreeMap<String, Group>,
    unread: Option<Unread>,
}

impl Groups {
    fn new(list: Listed<Group>) -> Self {
        let known = list.rows.into_iter().map(|group| (group.group_id.clone(), group)).collect();
        Self { known, unread: list.unread.into_iter().next() }
    }

    /// Whether a group has an internet address. One that does not tell is unread.
    fn has_address(&self, id: &str) -> Result<bool, Unread> {
        let odd = |what| Unread::new(&<DescribeApiGroups as Action>::API.label(), "Decode", what);
        match self.known.get(id) {
            Some(Group { sub_domain: Some(domain), .. }) => Ok(!domain.is_empty()),
            Some(_) => Err(odd(format!("group {id} without SubDomain"))),
            None => Err(self.unread.clone().unwrap_or_else(|| odd(format!("group {id} is not listed")))),
        }
    }
}

/// An API with its definition; `None` when it is gone. The definition is the one that was edited last: a stage may still run an
/// older one until it is deployed anew.
async fn api(session: &Session, row: Summary, groups: &Groups) -> Option<GatewayApi> {
    let here = |why: Unread| Unread { region: session.region().to_owned(), ..why };
    let action = DescribeApi { group_id: &row.group_id, api_id: &row.api_id };
    let (anonymous, reachable) = match session.call(&action).await {
        Ok(definition) => {
            let anonymous = definition.auth_type.eq_ignore_ascii_case("ANONYMOUS");
            let reachable = is_reachable(&row, &definition, groups).map_err(here);
            (Read::Read(anonymous), reachable.into())
        }
        Err(error) if error.code().starts_with(GONE) => return None,
        Err(error) => {
            let why = unread_in(session, &error);
            (Read::Unread(why.clone()), Read::Unread(why))
        }
    };
    Some(GatewayApi {
        id: row.api_id,
        name: row.api_name,
        group: row.group_id,
        region: session.region().to_owned(),
        anonymous,
        reachable,
    })
}

/// Whether an API is deployed, takes calls from the internet, and has an address there.
fn is_reachable(row: &Summary, definition: &Definition, groups: &Groups) -> Result<bool, Unread> {
    if definition.disable_internet == Some(true) {
        return Ok(false);
    }
    let deployed = definition.is_deployed().or_else(|| row.is_deployed()).ok_or_else(|| {
        Unread::new(&<DescribeApi<'_> as Action>::API.label(), "Decode", "no word of stages")
    })?;
    Ok(deployed && groups.has_address(&row.group_id)?)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::collect::played::{Answer, session};

    #[tokio::test(start_paused = true)]
    async fn each_api_is_asked_who_may_call_it() {
        let (session, _) = session("cn-hangzhou", |call| match (call.action.as_str(), call.get("ApiId")) {
            ("DescribeApiGroups", _) => {
                Answer::Body(json!({"TotalCount": 1, "ApiGroupAttributes": {"ApiGroupAttribute": [
                {"GroupId": "g", "SubDomain": "g.alicloudapi.com"}]}}))
            }
            ("DescribeApis", _) => {
                let row = |id: &str| {
                    json!({"ApiId": id, "ApiName": id, "GroupId": "g",
                    "DeployedInfos": {"DeployedInfo": [{"StageName": "RELEASE", "DeployedStatus": "DEPLOYED"}]}})
                };
                Answer::Body(
                    json!({"TotalCount": 4, "ApiSummarys": {"ApiSummary": [row("open"), row("app"), row("gone"), row("refused")]}}),
                )
            }
            ("DescribeApi", "open") => Answer::Body(json!({"AuthType": "ANONYMOUS"})),
            ("DescribeApi", "app") => Answer::Body(json!({"AuthType": "APP", "DisableInternet": true})),
            ("DescribeApi", "gone") => Answer::Code(404, "NotFoundApi"),
            ("DescribeApi", "refused") => Answer::Code(403, "NoPermission"),
            (other, _) => panic!("{other}"),
        });
        let list = apis(&session).await;
        let shown: Vec<_> = list
            .rows
            .iter()
            .map(|api| (api.id.as_str(), api.anonymous.known(), api.reachable.known()))
            .collect();
        assert_eq!(
            shown,
            [
                ("app", Some(&false), Some(&false)),
                ("open", Some(&true), Some(&true)),
                ("refused", None, None)
            ]
        );
    }

    fn reachable(definition: Value, groups: Value) -> Result<bool, Unread> {
        let row = json!({"ApiId": "a", "ApiName": "orders", "GroupId": "g"});
        let groups: Vec<Group> = serde_json::from_value(groups).unwrap();
        let groups = Groups::new(Listed::whole(groups));
        is_reachable(
            &serde_json::from_value(row).unwrap(),
            &serde_json::from_value(definition).unwrap(),
            &groups,
        )
    }

    #[test]
    fn deployed_open_to_the_internet_and_with_an_address() {
        let stage = |status: &str| json!({"DeployedInfo": [{"StageName": "TEST", "DeployedStatus": status}]});
        let group = json!([{"GroupId": "g", "SubDomain": "g-cn-hangzhou.alicloudapi.com"}]);
        let open = json!({"AuthType": "ANONYMOUS", "DeployedInfos": stage("DEPLOYED")});
        assert_eq!(reachable(open.clone(), group.clone()), Ok(true));
        let undeployed = json!({"AuthType": "ANONYMOUS", "DeployedInfos": stage("NONDEPLOYED")});
        assert_eq!(reachable(undeployed, group.clone()), Ok(false));
        let nowhere = json!({"AuthType": "ANONYMOUS", "DeployedInfos": {"DeployedInfo": []}});
        assert_eq!(reachable(nowhere, group.clone()), Ok(false));
        let inside =
            json!({"AuthType": "ANONYMOUS", "DisableInternet": "true", "DeployedInfos": stage("DEPLOYED")});
        assert_eq!(reachable(inside, group.clone()), Ok(false));
        assert_eq!(reachable(open.clone(), json!([{"GroupId": "g", "SubDomain": ""}])), Ok(false));
        assert!(reachable(open.clone(), json!([])).is_err(), "a group that is not listed");
        assert!(reachable(open, json!([{"GroupId": "g"}])).is_err());
        assert!(reachable(json!({"AuthType": "APP"}), group).is_err(), "no word of stages");
    }
}
