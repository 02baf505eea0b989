//! PolarDB.

use futures_util::future::join5;

use super::{Endpoints, each, global, is_gone, lacks_feature, odd, read, switch, whitelist, whitelists};
use crate::cloud::polardb::{
    AccessWhitelist, Cluster, DescribeDBClusterAccessWhitelist, DescribeDBClusterAuditLogCollector,
    DescribeDBClusterEndpoints, DescribeDBClusterSSL, DescribeDBClusters,
    DescribeGlobalSecurityIPGroupRelation, Ssl,
};
use crate::collect::{listed, unread_in};
use crate::openapi::{Action, Answer, Api, Error, Session};
use crate::snapshot::{Database, DatabaseKind, Listed, Read, Whitelist};

pub(super) const NEEDS: &[Api] = &[
    <DescribeDBClusters as Action>::API,
    <DescribeDBClusterEndpoints<'_> as Action>::API,
    <DescribeDBClusterAccessWhitelist<'_> as Action>::API,
    <DescribeGlobalSecurityIPGroupRelation<'_> as Action>::API,
    <DescribeDBClusterSSL<'_> as Action>::API,
    <DescribeDBClusterAuditLogCollector<'_> as Action>::API,
];

/// The PolarDB clusters of the session's region.
pub(super) async fn databases(session: &Session) -> Listed<Database> {
    let list = listed(session, DescribeDBClusters::of(session.region())).await;
    each(list, |row| database(session, row)).await
}

async fn database(session: &Session, row: Cluster) -> Option<Database> {
    let cluster = row.id.as_str();
    let region = session.region();
    let (addresses, access, templates, ssl, collector) = join5(
        session.call(&DescribeDBClusterEndpoints { cluster }),
        session.call(&DescribeDBClusterAccessWhitelist { cluster }),
        session.call(&DescribeGlobalSecurityIPGroupRelation { region, cluster }),
        session.call(&DescribeDBClusterSSL { cluster }),
        session.call(&DescribeDBClusterAuditLogCollector { cluster }),
    )
    .await;
    if is_gone(&addresses) || is_gone(&access) {
        return None;
    }
    let api = &<DescribeDBClusterEndpoints<'_> as Action>::API;
    let endpoints = Endpoints::of(session, api, addresses.as_ref().map(|answer| answer.addresses()));
    let security_groups = groups(session, &access);
    Some(Database {
        name: row.description.unwrap_or_default(),
        region: region.to_owned(),
        kind: DatabaseKind::PolarDb,
        engine: row.engine.unwrap_or_default(),
        tags: row.tags,
        endpoints: endpoints.0,
        whitelists: whitelists(session, access.map(|access| own(&access)), global(templates)),
        security_groups,
        tls: tls(session, ssl),
        audit: match collector {
            Ok(collector) => {
                let api = &<DescribeDBClusterAuditLogCollector<'_> as Action>::API;
                switch(session, api, &collector.collector_status).map(Some).into()
            }
            Err(error) if lacks_feature(&error) => Read::Read(None),
            Err(error) => Read::Unread(unread_in(session, &error)),
        },
        id: row.id,
    })
}

fn own(access: &AccessWhitelist) -> Vec<Whitelist> {
    access.shown().map(|list| whitelist(&list.name, &list.addresses)).collect()
}

/// The bound groups, which come with the whitelists.
fn groups(session: &Session, access: &Result<Answer<AccessWhitelist>, Error>) -> Read<Vec<String>> {
    match access {
        Ok(access) => access
            .groups()
            .ok_or_else(|| {
                let api = &<DescribeDBClusterAccessWhitelist<'_> as Action>::API;
                odd(session, api, "no DBClusterSecurityGroups".to_owned())
            })
            .into(),
        Err(error) => Read::Unread(unread_in(session, error)),
    }
}

/// TLS is switched by endpoint: the cluster offers it if none of them goes without.
fn tls(session: &Session, answer: Result<Answer<Ssl>, Error>) -> Read<bool> {
    let api = &<DescribeDBClusterSSL<'_> as Action>::API;
    match answer {
        Ok(ssl) => {
            let switches: Result<Vec<bool>, _> =
                ssl.endpoints().map(|word| switch(session, api, word)).collect();
            switches.map(|switches| !switches.is_empty() && switches.into_iter().all(|on| on)).into()
        }
        Err(error) if lacks_feature(&error) => Read::Read(false),
        Err(error) => read(session, Err(error)),
    }
}
