//! ClickHouse, both generations. Neither has an API that tells of an audit log.

use futures_util::future::join;

use super::{Endpoints, each, is_gone, whitelist, whitelists};
use crate::cloud::clickhouse::{
    Cluster, DescribeDBClusterAccessWhiteList, DescribeDBClusterNetInfoItems, DescribeDBClusters,
    DescribeDBInstances, DescribeEndpoints, DescribeSecurityIPList, Instance,
};
use crate::collect::{listed, unread_in};
use crate::openapi::{Action, Api, Error, Session};
use crate::snapshot::{Database, DatabaseKind, Listed, Read, Tags, Whitelist};

pub(super) const NEEDS: &[Api] = &[
    <DescribeDBClusters as Action>::API,
    <DescribeDBClusterNetInfoItems<'_> as Action>::API,
    <DescribeDBClusterAccessWhiteList<'_> as Action>::API,
    <DescribeDBInstances as Action>::API,
    <DescribeEndpoints<'_> as Action>::API,
    <DescribeSecurityIPList<'_> as Action>::API,
];

/// The ClickHouse clusters of the session's region. One that both generations list counts once.
pub(super) async fn databases(session: &Session) -> Listed<Database> {
    let region = session.region();
    let (mut community, mut enterprise) = join(
        listed(session, DescribeDBClusters::of(region)),
        listed(session, DescribeDBInstances::of(region)),
    )
    .await;
    enterprise.unread.retain(|why| why.code != NO_SUCH_API);
    community.rows.retain(|cluster| enterprise.rows.iter().all(|instance| instance.id != cluster.id));
    let (mut all, more) = join(
        each(community, |row| community_cluster(session, row)),
        each(enterprise, |row| enterprise_cluster(session, row)),
    )
    .await;
    all.append(more);
    all
}

/// What a host answers that does not have an API at all. Where the enterprise generation has no API there is none of it: its own
/// endpoint map names fewer regions than the other's.
const NO_SUCH_API: &str = "InvalidAction.NotFound";

async fn community_cluster(session: &Session, row: Cluster) -> Option<Database> {
    let cluster = row.id.as_str();
    let (network, lists) = join(
        session.call(&DescribeDBClusterNetInfoItems { cluster }),
        session.call(&DescribeDBClusterAccessWhiteList { cluster }),
    )
    .await;
    if is_gone(&network) || is_gone(&lists) {
        return None;
    }
    let api = &<DescribeDBClusterNetInfoItems<'_> as Action>::API;
    let addresses = network.as_ref().map(|network| {
        let addresses = network.addresses().iter();
        addresses.flat_map(|address| {
            address.ports().map(|port| (address.host.as_str(), port, address.network.as_str()))
        })
    });
    let endpoints = Endpoints::of(session, api, addresses);
    let tls =
        network.as_ref().map(|network| offers_tls(network.addresses().iter().map(|a| a.https_port.as_str())));
    let tls = tls.map_err(|error| unread_in(session, error));
    let lists = lists.map(|lists| lists.shown().map(|list| whitelist(&list.name, &list.addresses)).collect());
    Some(assembled(session, (row.id, row.description, row.tags), endpoints, lists, tls.into()))
}

async fn enterprise_cluster(session: &Session, row: Instance) -> Option<Database> {
    let (region, instance) = (session.region(), row.id.as_str());
    let (network, lists) = join(
        session.call(&DescribeEndpoints { region, instance }),
        session.call(&DescribeSecurityIPList { region, instance }),
    )
    .await;
    if is_gone(&network) || is_gone(&lists) {
        return None;
    }
    let api = &<DescribeEndpoints<'_> as Action>::API;
    let addresses = network.as_ref().map(|network| {
        network.endpoints().iter().flat_map(|endpoint| {
            endpoint
                .ports()
                .map(|(port, _)| (endpoint.connection_string.as_str(), port, endpoint.net_type.as_str()))
        })
    });
    let endpoints = Endpoints::of(session, api, addresses);
    let tls = network.as_ref().map(|network| {
        offers_tls(network.endpoints().iter().map(|endpoint| {
            let https = endpoint.ports().find(|(_, protocol)| is_https(protocol));
            https.map_or("", |(port, _)| port)
        }))
    });
    let tls = tls.map_err(|error| unread_in(session, error));
    let lists = lists.map(|lists| lists.shown().map(|list| whitelist(&list.name, &list.addresses)).collect());
    Some(assembled(session, (row.id, row.description, row.tags), endpoints, lists, tls.into()))
}

/// The sample on the API page says `HttpPort`; whether the other is `HttpsPort` or `https` is not said.
fn is_https(protocol: &str) -> bool {
    protocol.to_ascii_lowercase().starts_with("https")
}

/// Whether each address has a port for HTTPS: the one sign of TLS that the APIs give.
fn offers_tls<'a>(mut https_ports: impl Iterator<Item = &'a str>) -> bool {
    let first = https_ports.next();
    first.is_some_and(|port| !port.is_empty()) && https_ports.all(|port| !port.is_empty())
}

fn assembled(
    session: &Session,
    (id, name, tags): (String, Option<String>, Tags),
    endpoints: Endpoints,
    lists: Result<Vec<Whitelist>, Error>,
    tls: Read<bool>,
) -> Database {
    Database {
        id,
        name: name.unwrap_or_default(),
        region: session.region().to_owned(),
        kind: DatabaseKind::ClickHouse,
        engine: "ClickHouse".to_owned(),
        tags,
        endpoints: endpoints.0,
        whitelists: whitelists(session, lists, Ok(Vec::new())),
        // Groups can be bound to neither.
        security_groups: Read::Read(Vec::new()),
        tls,
        audit: Read::Read(None),
    }
}
