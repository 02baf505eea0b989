//! Kubernetes clusters, and whether their API server has a public address.

use futures_util::stream::{self, StreamExt};

use super::{listed, not_offered, unread_in};
use crate::cloud::cs::{self, DescribeClusterDetail, DescribeClustersV1, REGIONS};
use crate::openapi::{Action, Api, Session};
use crate::snapshot::{Cluster, Listed, Read, Unread};

/// What `clusters` calls: for the generated permissions.
pub const CLUSTERS_NEED: &[Api] =
    &[<DescribeClustersV1 as Action>::API, <DescribeClusterDetail<'_> as Action>::API];

/// Clusters that are asked for one by one at the same time.
const AT_ONCE: usize = 16;

/// What the service answers when it does not know the cluster.
const GONE: &str = "ErrorClusterNotFound";

/// The clusters of the session's region, in the order of their ids.
pub(super) async fn clusters(session: &Session) -> Listed<Cluster> {
    let mut list = listed(session, DescribeClustersV1::of(session.region())).await;
    list.unread.retain(|why| !not_offered(why, REGIONS));
    // A host may show clusters of other regions, too: they come with their own.
    list.rows.retain(|row| row.region_id.as_deref().is_none_or(|region| region == session.region()));
    let rows = stream::iter(list.rows.into_iter().map(|row| cluster(session, row)));
    let mut rows: Vec<Cluster> =
        rows.buffer_unordered(AT_ONCE).filter_map(std::future::ready).collect().await;
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    Listed { rows, unread: list.unread }
}

/// The list tells the addresses as a rule; where it does not, the cluster is asked for. `None` when it is gone.
async fn cluster(session: &Session, row: cs::Cluster) -> Option<Cluster> {
    let public_api = match public_api(&row) {
        Some(public) => Read::Read(public),
        None => match session.call(&DescribeClusterDetail { cluster: &row.cluster_id }).await {
            Ok(detail) => match public_api(&detail) {
                Some(public) => Read::Read(public),
                None if detail.has_no_api_server() => Read::Read(None),
                None => {
                    let label = <DescribeClusterDetail<'_> as Action>::API.label();
                    let why = Unread::new(&label, "Decode", "master_url does not tell the addresses");
                    Read::Unread(Unread { region: session.region().to_owned(), ..why })
                }
            },
            Err(error) if error.code() == GONE => return None,
            Err(error) => Read::Unread(unread_in(session, &error)),
        },
    };
    Some(Cluster {
        name: row.name.unwrap_or_default(),
        region: session.region().to_owned(),
        public_api,
        tags: row.tags,
        id: row.cluster_id,
    })
}

/// The public address, `Some(None)` for none, `None` when nothing is told.
fn public_api(row: &cs::Cluster) -> Option<Option<String>> {
    row.api_server()?.public().map(|address| address.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::collect::played::{Answer, session};

    #[tokio::test(start_paused = true)]
    async fn only_a_cluster_that_the_list_says_nothing_of_is_asked_for() {
        let (session, calls) = session("cn-beijing", |call| match call.path.as_str() {
            "/api/v1/clusters" => {
                assert_eq!(
                    (call.get("region_id"), call.host.as_str()),
                    ("cn-beijing", "cs.cn-beijing.aliyuncs.com")
                );
                let told = r#"{"api_server_endpoint":"https://203.0.113.9:6443"}"#;
                let rows = [
                    json!({"cluster_id": "told", "name": "demo", "region_id": "cn-beijing", "master_url": told}),
                    json!({"cluster_id": "asked", "master_url": "", "tags": [{"key": "env", "value": "prod"}]}),
                    json!({"cluster_id": "gone", "master_url": ""}),
                    json!({"cluster_id": "refused"}),
                    json!({"cluster_id": "elsewhere", "region_id": "cn-hangzhou", "master_url": told}),
                ];
                // Two a page, whatever was asked for.
                let first = (call.get("page_number").parse::<usize>().unwrap() - 1) * 2;
                let page = &rows[first..(first + 2).min(5)];
                Answer::Body(json!({"clusters": page, "page_info": {"total_count": 5}}))
            }
            "/clusters/asked" => Answer::Body(json!({"cluster_id": "asked", "master_url": ""})),
            "/clusters/gone" => Answer::Code(404, GONE),
            "/clusters/refused" => Answer::Code(403, "Forbidden.RAM"),
            other => panic!("{other}"),
        });
        let list = clusters(&session).await;
        assert!(list.is_whole());
        let ids: Vec<&str> = list.rows.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(ids, ["asked", "refused", "told"]);
        assert_eq!(list.rows[0].public_api, Read::Read(None));
        assert_eq!(list.rows[0].tags["env"], "prod");
        assert!(list.rows[1].public_api.unread().is_some());
        assert_eq!(list.rows[2].public_api, Read::Read(Some("https://203.0.113.9:6443".to_owned())));
        assert_eq!(calls.lock().unwrap().iter().filter(|name| *name == "DescribeClusterDetail").count(), 3);
    }

    fn row(master_url: Value) -> cs::Cluster {
        serde_json::from_value(json!({ "cluster_id": "c1", "name": "demo", "master_url": master_url }))
            .unwrap()
    }

    #[test]
    fn the_addresses_are_json_in_a_string() {
        let public = r#"{"api_server_endpoint":"https://203.0.113.9:6443","intranet_api_server_endpoint":"https://10.0.0.1:6443"}"#;
        assert_eq!(public_api(&row(json!(public))), Some(Some("https://203.0.113.9:6443".to_owned())));
        // As the API page has it: an empty string, or no word at all, beside the private address.
        let private =
            r#"{"api_server_endpoint":"","intranet_api_server_endpoint":"https://192.168.0.251:6443"}"#;
        assert_eq!(public_api(&row(json!(private))), Some(None));
        let alone = r#"{"intranet_api_server_endpoint":"https://192.168.0.251:6443"}"#;
        assert_eq!(public_api(&row(json!(alone))), Some(None));
    }

    #[test]
    fn no_word_of_addresses_is_no_answer() {
        for nothing in [json!(null), json!(""), json!("{}"), json!("https://10.0.0.1:6443")] {
            assert_eq!(public_api(&row(nothing.clone())), None, "{nothing}");
        }
        assert!(row(json!("")).has_no_api_server());
        assert!(!row(json!(null)).has_no_api_server());
        assert!(!row(json!("{}")).has_no_api_server());
    }
}
