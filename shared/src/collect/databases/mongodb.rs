//! MongoDB.

use futures_util::future::{join, join_all, join3};

use super::{Endpoints, each, global, is_gone, lacks_feature, or_none, read, switch, whitelist, whitelists};
use crate::cloud::mongodb::{
    Architecture, AuditPolicy, DescribeAuditPolicy, DescribeDBInstanceSSL, DescribeDBInstances,
    DescribeGlobalSecurityIPGroupRelation, DescribeReplicaSetRole, DescribeSecurityGroupConfiguration,
    DescribeSecurityIps, DescribeShardingNetworkAddress, Instance, SecurityIps, Ssl,
};
use crate::collect::{listed, unread_in};
use crate::openapi::{Action, Answer, Api, Error, Session};
use crate::snapshot::{Database, DatabaseKind, Listed, Read, Whitelist};

pub(super) const NEEDS: &[Api] = &[
    <DescribeDBInstances as Action>::API,
    <DescribeReplicaSetRole<'_> as Action>::API,
    <DescribeShardingNetworkAddress<'_> as Action>::API,
    <DescribeSecurityIps<'_> as Action>::API,
    <DescribeGlobalSecurityIPGroupRelation<'_> as Action>::API,
    <DescribeSecurityGroupConfiguration<'_> as Action>::API,
    <DescribeDBInstanceSSL<'_> as Action>::API,
    <DescribeAuditPolicy<'_> as Action>::API,
];

/// The MongoDB instances of the session's region. Each architecture is listed by itself; serverless ones are documented for
/// regions of the Chinese mainland alone.
pub(super) async fn databases(session: &Session) -> Listed<Database> {
    let architectures = [Architecture::Replicate, Architecture::Sharding, Architecture::Serverless];
    let is_offered = |architecture: &Architecture| {
        *architecture != Architecture::Serverless || session.region().starts_with("cn-")
    };
    let lists = architectures.into_iter().filter(is_offered).map(|architecture| async move {
        let list = listed(session, DescribeDBInstances::of(session.region(), architecture)).await;
        each(list, |row| database(session, row, architecture)).await
    });
    join_all(lists).await.into_iter().collect()
}

async fn database(session: &Session, row: Instance, architecture: Architecture) -> Option<Database> {
    let instance = row.id.as_str();
    let region = session.region();
    let ((endpoints, gone), (lists, templates, groups), (ssl, policy)) = join3(
        endpoints(session, instance, architecture),
        join3(
            session.call(&DescribeSecurityIps { instance }),
            session.call(&DescribeGlobalSecurityIPGroupRelation { region, instance }),
            session.call(&DescribeSecurityGroupConfiguration { instance }),
        ),
        join(
            session.call(&DescribeDBInstanceSSL { instance }),
            session.call(&DescribeAuditPolicy { instance }),
        ),
    )
    .await;
    if gone || is_gone(&lists) {
        return None;
    }
    Some(Database {
        name: row.description.unwrap_or_default(),
        region: region.to_owned(),
        kind: DatabaseKind::MongoDb,
        engine: row.engine.unwrap_or_else(|| "MongoDB".to_owned()),
        tags: row.tags,
        endpoints: endpoints.0,
        whitelists: whitelists(session, lists.map(|lists| own(&lists)), global(templates)),
        security_groups: read(session, or_none(groups.map(|groups| groups.ids()), Vec::new())),
        tls: tls(session, ssl),
        audit: audit(session, policy),
        id: row.id,
    })
}

/// Where it answers, and whether it is gone.
async fn endpoints(session: &Session, instance: &str, architecture: Architecture) -> (Endpoints, bool) {
    if architecture == Architecture::Sharding {
        let api = &<DescribeShardingNetworkAddress<'_> as Action>::API;
        let answer = session.call(&DescribeShardingNetworkAddress { instance }).await;
        let addresses = answer.as_ref().map(|answer| answer.addresses());
        (Endpoints::of(session, api, addresses), is_gone(&answer))
    } else {
        let api = &<DescribeReplicaSetRole<'_> as Action>::API;
        let answer = session.call(&DescribeReplicaSetRole { instance }).await;
        let addresses = answer.as_ref().map(|answer| answer.addresses());
        (Endpoints::of(session, api, addresses), is_gone(&answer))
    }
}

/// Of a list as MongoDB and Redis give it.
pub(super) fn own(lists: &SecurityIps) -> Vec<Whitelist> {
    lists.shown().map(|list| whitelist(&list.name, &list.addresses)).collect()
}

fn tls(session: &Session, answer: Result<Answer<Ssl>, Error>) -> Read<bool> {
    match answer {
        Ok(ssl) => switch(session, &<DescribeDBInstanceSSL<'_> as Action>::API, &ssl.status).into(),
        Err(error) if lacks_feature(&error) => Read::Read(false),
        Err(error) => Read::Unread(unread_in(session, &error)),
    }
}

fn audit(session: &Session, answer: Result<Answer<AuditPolicy>, Error>) -> Read<Option<bool>> {
    match answer {
        Ok(policy) => {
            let api = &<DescribeAuditPolicy<'_> as Action>::API;
            switch(session, api, &policy.log_audit_status).map(Some).into()
        }
        Err(error) if lacks_feature(&error) => Read::Read(None),
        Err(error) => Read::Unread(unread_in(session, &error)),
    }
}
