//! RDS.

use std::collections::BTreeMap;

use futures_util::future::{join, join_all, join4};

use super::{Endpoints, each, is_gone, lacks_feature, odd, or_none, read, switch, whitelist, whitelists};
use crate::cloud::rds::{
    DescribeDBInstanceEndpoints, DescribeDBInstanceIPArrayList, DescribeDBInstanceNetInfo,
    DescribeDBInstanceSSL, DescribeDBInstances, DescribeDBProxy, DescribeDBProxyEndpoint,
    DescribeInstanceLinkedWhitelistTemplate, DescribeSQLCollectorPolicy, DescribeSecurityGroupConfiguration,
    Instance, IpArray, IpArrays, LinkedTemplates, ListTagResources, Network, SqlCollector, Ssl,
    WhitelistNetwork,
};
use crate::collect::{listed, unread_in};
use crate::openapi::{Action, Answer, Api, Error, Kind, Session};
use crate::snapshot::{Database, DatabaseKind, Listed, Read, Tags, Whitelist};

pub(super) const NEEDS: &[Api] = &[
    <DescribeDBInstances as Action>::API,
    <ListTagResources as Action>::API,
    <DescribeDBInstanceNetInfo<'_> as Action>::API,
    <DescribeDBInstanceEndpoints<'_> as Action>::API,
    <DescribeDBProxy<'_> as Action>::API,
    <DescribeDBProxyEndpoint<'_> as Action>::API,
    <DescribeDBInstanceIPArrayList<'_> as Action>::API,
    <DescribeInstanceLinkedWhitelistTemplate<'_> as Action>::API,
    <DescribeSecurityGroupConfiguration<'_> as Action>::API,
    <DescribeDBInstanceSSL<'_> as Action>::API,
    <DescribeSQLCollectorPolicy<'_> as Action>::API,
];

/// The RDS instances of the session's region. Read-only instances are in the list, too, and have endpoints of their own.
pub(super) async fn databases(session: &Session) -> Listed<Database> {
    let list = listed(session, DescribeDBInstances::of(session.region())).await;
    let ids: Vec<String> = list.rows.iter().map(|row| row.id.clone()).collect();
    let (mut databases, mut tags) = join(each(list, |row| database(session, row)), tags(session, ids)).await;
    for database in &mut databases.rows {
        database.tags = tags.remove(&database.id).unwrap_or_default();
    }
    databases
}

/// The tags of all instances. They exempt, they accuse nobody: where they cannot be read there are none, and what an exemption by
/// tag would have excused stays a finding.
async fn tags(session: &Session, ids: Vec<String>) -> BTreeMap<String, Tags> {
    let calls = ids
        .chunks(ListTagResources::AT_MOST)
        .map(|ids| listed(session, ListTagResources::of(session.region(), ids.to_vec())));
    let mut tags: BTreeMap<String, Tags> = BTreeMap::new();
    for row in join_all(calls).await.into_iter().flat_map(|list| list.rows) {
        tags.entry(row.resource_id).or_default().insert(row.tag_key, row.tag_value);
    }
    tags
}

async fn database(session: &Session, row: Instance) -> Option<Database> {
    let instance = row.id.as_str();
    let region = session.region();
    let lists = DescribeDBInstanceIPArrayList { instance, network: None };
    let ((network, lists), (templates, groups), (ssl, collector), (cluster, proxy)) = join4(
        join(session.call(&DescribeDBInstanceNetInfo { instance }), session.call(&lists)),
        join(
            session.call(&DescribeInstanceLinkedWhitelistTemplate { region, instance }),
            session.call(&DescribeSecurityGroupConfiguration { instance }),
        ),
        join(
            session.call(&DescribeDBInstanceSSL { instance }),
            session.call(&DescribeSQLCollectorPolicy { instance }),
        ),
        join(cluster_endpoints(session, &row), proxy_endpoints(session, &row)),
    )
    .await;
    if is_gone(&network) || is_gone(&lists) {
        return None;
    }
    let mut endpoints = own_endpoints(session, &network);
    endpoints.extend(cluster);
    endpoints.extend(proxy);
    let by_network = keeps_networks_apart(&network) && endpoints.may_be_public();
    let own = if by_network {
        lists_by_network(session, instance).await
    } else {
        lists.map(|lists| shown(&lists, ""))
    };
    Some(Database {
        name: row.description.unwrap_or_default(),
        region: region.to_owned(),
        kind: DatabaseKind::Rds,
        engine: row.engine,
        tags: Tags::new(),
        endpoints: endpoints.0,
        whitelists: whitelists(session, own, templates.and_then(linked)),
        security_groups: read(session, or_none(groups.map(|groups| groups.ids()), Vec::new())),
        tls: tls(session, ssl),
        audit: audit(session, collector),
        id: row.id,
    })
}

/// Of the instance itself, with the further protocols that it may speak at the same address.
fn own_endpoints(session: &Session, network: &Result<Answer<Network>, Error>) -> Endpoints {
    let mut endpoints = Endpoints::default();
    match network {
        Ok(network) => {
            for address in network.addresses() {
                for port in address.ports() {
                    let api = &<DescribeDBInstanceNetInfo<'_> as Action>::API;
                    endpoints.add(session, api, (&address.host, port, &address.network));
                }
            }
        }
        Err(error) => endpoints.miss(session, error),
    }
    endpoints
}

/// The endpoints for reading that an instance of the cluster series may have beside its own.
async fn cluster_endpoints(session: &Session, row: &Instance) -> Endpoints {
    let mut endpoints = Endpoints::default();
    if !row.category.as_deref().is_some_and(|category| category.eq_ignore_ascii_case("cluster")) {
        return endpoints;
    }
    match session.call(&DescribeDBInstanceEndpoints { instance: &row.id }).await {
        Ok(answer) => {
            let api = &<DescribeDBInstanceEndpoints<'_> as Action>::API;
            answer.addresses().for_each(|address| endpoints.add(session, api, address));
        }
        Err(error) if lacks_feature(&error) => {}
        Err(error) => endpoints.miss(session, &error),
    }
    endpoints
}

/// What the services answer when there is no proxy, or no such endpoint of it any more.
const NO_PROXY: &[&str] = &["Endpoint.NotFound", "Maxscale.NotFound"];

/// Of the database proxy, which only primary instances of two engines can have: each of its endpoints has addresses of its own.
async fn proxy_endpoints(session: &Session, row: &Instance) -> Endpoints {
    let mut endpoints = Endpoints::default();
    let is = |word: &str, other: &str| word.eq_ignore_ascii_case(other);
    if !(is(&row.engine, "MySQL") || is(&row.engine, "PostgreSQL"))
        || row.role.as_deref().is_some_and(|role| !is(role, "Primary"))
    {
        return endpoints;
    }
    let instance = row.id.as_str();
    let proxy = match session.call(&DescribeDBProxy { instance }).await {
        Ok(proxy) if proxy.is_on() => proxy,
        Ok(_) => return endpoints,
        Err(error) => {
            if !(lacks_feature(&error) || NO_PROXY.contains(&error.code())) {
                endpoints.miss(session, &error);
            }
            return endpoints;
        }
    };
    for address in proxy.addresses() {
        let api = &<DescribeDBProxy<'_> as Action>::API;
        endpoints.add(session, api, (&address.host, &address.port, &address.network));
    }
    // The addresses are documented as all there are; the endpoints, where they are named, are asked all the same.
    let names = proxy.endpoints().unwrap_or_default();
    if names.is_empty() && proxy.addresses().is_empty() {
        let api = &<DescribeDBProxy<'_> as Action>::API;
        endpoints.0.unread.push(odd(session, api, "the proxy is on, but tells no address".to_owned()));
    }
    let calls = names
        .into_iter()
        .map(|endpoint| async move { session.call(&DescribeDBProxyEndpoint { instance, endpoint }).await });
    for answer in join_all(calls).await {
        match answer {
            Ok(answer) => {
                let api = &<DescribeDBProxyEndpoint<'_> as Action>::API;
                answer.addresses().for_each(|address| endpoints.add(session, api, address));
            }
            Err(error) if NO_PROXY.contains(&error.code()) => {}
            Err(error) => endpoints.miss(session, &error),
        }
    }
    endpoints
}

/// Whether the instance keeps its whitelists apart by network.
fn keeps_networks_apart(network: &Result<Answer<Network>, Error>) -> bool {
    let mode = network.as_ref().ok().and_then(|network| network.whitelist_mode.as_deref());
    mode.is_some_and(|mode| mode.eq_ignore_ascii_case("safety"))
}

/// The whitelists of each network. The answer does not tell which network a list is for, so each is asked for by itself.
async fn lists_by_network(session: &Session, instance: &str) -> Result<Vec<Whitelist>, Error> {
    let of = |network| DescribeDBInstanceIPArrayList { instance, network: Some(network) };
    let (classic, vpc) = (of(WhitelistNetwork::Classic), of(WhitelistNetwork::Vpc));
    let (classic, vpc) = join(session.call(&classic), session.call(&vpc)).await;
    let mut lists = shown(&classic?.value, "Classic");
    lists.extend(shown(&vpc?.value, "VPC"));
    Ok(lists)
}

fn shown(lists: &IpArrays, network: &str) -> Vec<Whitelist> {
    let list =
        |list: &IpArray| Whitelist { network: network.to_owned(), ..whitelist(&list.name, &list.addresses) };
    lists.shown().map(list).collect()
}

/// The whitelists of templates.
fn linked(answer: Answer<LinkedTemplates>) -> Result<Vec<Whitelist>, Error> {
    let Some(templates) = answer.templates() else {
        let label = <DescribeInstanceLinkedWhitelistTemplate<'_> as Action>::API.label();
        return Err(Error::new(Kind::Decode, label, "Decode", "the envelope says that it failed"));
    };
    Ok(templates.iter().map(|template| whitelist(&template.template_name, &template.ips)).collect())
}

/// TLS. An engine that has none does not offer it.
fn tls(session: &Session, answer: Result<Answer<Ssl>, Error>) -> Read<bool> {
    let api = &<DescribeDBInstanceSSL<'_> as Action>::API;
    match answer {
        Ok(ssl) if ssl.enabled.is_empty() => match ssl.host.as_deref() {
            // Where no word is said, the address that the certificate is for says it.
            Some(host) => Read::Read(!host.is_empty()),
            None => Read::Unread(odd(session, api, "neither SSLEnabled nor ConnectionString".to_owned())),
        },
        Ok(ssl) => switch(session, api, &ssl.enabled).into(),
        Err(error) if lacks_feature(&error) => Read::Read(false),
        Err(error) => Read::Unread(unread_in(session, &error)),
    }
}

/// The audit log; `None` for an engine that has none.
fn audit(session: &Session, answer: Result<Answer<SqlCollector>, Error>) -> Read<Option<bool>> {
    match answer {
        Ok(collector) => {
            let api = &<DescribeSQLCollectorPolicy<'_> as Action>::API;
            switch(session, api, &collector.status).map(Some).into()
        }
        Err(error) if lacks_feature(&error) => Read::Read(None),
        Err(error) => Read::Unread(unread_in(session, &error)),
    }
}
