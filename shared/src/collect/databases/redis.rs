//! Redis and Tair.

use futures_util::future::{join, join3};

use super::mongodb::own;
use super::{
    Endpoints, each, endpoint, global, is_gone, is_internet, lacks_feature, odd, or_none, read, switch,
    whitelists,
};
use crate::cloud::redis::{
    AuditLog, DescribeAuditLogConfig, DescribeDBInstanceNetInfo, DescribeGlobalSecurityIPGroupRelation,
    DescribeInstanceSSL, DescribeInstances, DescribeSecurityGroupConfiguration, DescribeSecurityIps,
    Instance, NetInfo, Network, Ssl,
};
use crate::collect::{listed, unread_in};
use crate::openapi::{Action, Answer, Api, Error, Session};
use crate::snapshot::{Database, DatabaseKind, Listed, Read};

pub(super) const NEEDS: &[Api] = &[
    <DescribeInstances as Action>::API,
    <DescribeDBInstanceNetInfo<'_> as Action>::API,
    <DescribeSecurityIps<'_> as Action>::API,
    <DescribeGlobalSecurityIPGroupRelation<'_> as Action>::API,
    <DescribeSecurityGroupConfiguration<'_> as Action>::API,
    <DescribeInstanceSSL<'_> as Action>::API,
    <DescribeAuditLogConfig<'_> as Action>::API,
];

/// The Redis and Tair instances of the session's region.
pub(super) async fn databases(session: &Session) -> Listed<Database> {
    let list = listed(session, DescribeInstances::of(session.region())).await;
    each(list, |row| database(session, row)).await
}

async fn database(session: &Session, row: Instance) -> Option<Database> {
    let instance_id = row.instance_id.as_str();
    let region = session.region();
    let ((network, lists), (templates, groups), (ssl, log)) = join3(
        join(
            session.call(&DescribeDBInstanceNetInfo { instance_id }),
            session.call(&DescribeSecurityIps { instance_id }),
        ),
        join(
            session.call(&DescribeGlobalSecurityIPGroupRelation { region, instance: instance_id }),
            session.call(&DescribeSecurityGroupConfiguration { instance_id }),
        ),
        join(
            session.call(&DescribeInstanceSSL { instance_id }),
            session.call(&DescribeAuditLogConfig { region_id: region, instance_id }),
        ),
    )
    .await;
    if is_gone(&network) || is_gone(&lists) {
        return None;
    }
    Some(Database {
        name: row.instance_name.unwrap_or_default(),
        region: region.to_owned(),
        kind: DatabaseKind::Redis,
        engine: row.instance_type.unwrap_or_else(|| "Redis".to_owned()),
        tags: row.tags,
        endpoints: endpoints(session, &network).0,
        whitelists: whitelists(session, lists.map(|lists| own(&lists)), global(templates)),
        security_groups: read(session, or_none(groups.map(|groups| groups.ids()), Vec::new())),
        tls: tls(session, ssl),
        audit: audit(session, log),
        id: row.instance_id,
    })
}

fn endpoints(session: &Session, network: &Result<Answer<Network>, Error>) -> Endpoints {
    let mut endpoints = Endpoints::default();
    match network {
        Ok(network) => {
            for address in network.addresses() {
                match is_public(address) {
                    Some(public) => endpoints.push(endpoint(&address.host, &address.port, public)),
                    None => endpoints.0.unread.push(odd(
                        session,
                        &<DescribeDBInstanceNetInfo<'_> as Action>::API,
                        format!(
                            "the network {:?} {:?} of {}",
                            address.ip_type, address.net_type, address.host
                        ),
                    )),
                }
            }
        }
        Err(error) => endpoints.miss(session, error),
    }
    endpoints
}

/// Whether either way of telling the network says internet; `None` if neither says anything that is understood.
fn is_public(address: &NetInfo) -> Option<bool> {
    match (is_internet(&address.ip_type), is_internet(&address.net_type)) {
        (None, None) => None,
        (one, other) => Some(one == Some(true) || other == Some(true)),
    }
}

fn tls(session: &Session, answer: Result<Answer<Ssl>, Error>) -> Read<bool> {
    match answer {
        Ok(ssl) => switch(session, &<DescribeInstanceSSL<'_> as Action>::API, &ssl.enabled).into(),
        Err(error) if lacks_feature(&error) => Read::Read(false),
        Err(error) => Read::Unread(unread_in(session, &error)),
    }
}

/// The audit log. The API page says that it must be on for this call; what the service answers where it is not is not
/// documented, so a refusal is unread.
fn audit(session: &Session, answer: Result<Answer<AuditLog>, Error>) -> Read<Option<bool>> {
    match answer {
        Ok(log) => {
            let api = &<DescribeAuditLogConfig<'_> as Action>::API;
            switch(session, api, &log.db_audit).map(Some).into()
        }
        Err(error) if lacks_feature(&error) => Read::Read(None),
        Err(error) => Read::Unread(unread_in(session, &error)),
    }
}
