//! Application load balancers.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join;

use super::{Listeners, Part, access, backends, carrier, each, is_gone, misread, named, ranges, runs};
use crate::cloud::alb::{
    self, GetListenerAttribute, ListAclEntries, ListListeners, ListLoadBalancers, ListRules,
    ListServerGroupServers, ListServerGroups,
};
use crate::collect::regions::ALB;
use crate::collect::unread_in;
use crate::openapi::{Action, Session};
use crate::snapshot::{
    Access, AccessList, Backend, BalancerKind, Listed, Listener, LoadBalancer, Read, Unread,
};

/// The server groups that forwarding rules lead to, by listener; or why the rules of a load balancer are unread, by its id.
struct Ruled {
    groups: BTreeMap<String, BTreeSet<String>>,
    unread: BTreeMap<String, Unread>,
}

/// The load balancers, and the access lists that their listeners name.
pub(super) async fn balancers(session: &Session) -> Part {
    let listed = ALB.listed(session, ListLoadBalancers::default()).await;
    if listed.rows.is_empty() {
        return (Listed { rows: Vec::new(), unread: listed.unread }, Listed::default());
    }
    let rows = ALB.listed(session, ListListeners::default()).await;
    let guarded = async {
        let asked =
            each(
                rows.rows.iter().enumerate(),
                |(at, row)| async move { (at, access_of(session, row).await) },
            );
        let mut accesses: BTreeMap<usize, Option<Read<Access>>> = asked.await.into_iter().collect();
        let accesses: Vec<_> = (0..rows.rows.len()).map(|at| accesses.remove(&at).flatten()).collect();
        let known: Vec<Read<Access>> = accesses.iter().flatten().cloned().collect();
        let lists = each(named(&known), |id| access_list(session, id)).await;
        (accesses, lists)
    };
    let served = async {
        let ruled = rules(session, &listed.rows, &rows.rows).await;
        let mut groups: BTreeSet<String> = rows
            .rows
            .iter()
            .flat_map(|row| alb::groups_of(&row.default_actions))
            .map(str::to_owned)
            .collect();
        groups.extend(ruled.groups.values().flatten().cloned());
        let servers = each(groups, |group| async move { (servers(session, &group).await, group) }).await;
        (ruled, servers.into_iter().map(|(servers, group)| (group, servers)).collect::<BTreeMap<_, _>>())
    };
    let ((accesses, lists), (ruled, servers)) = join(guarded, served).await;

    let mut listeners = Listeners::new(rows.unread);
    for (row, access) in rows.rows.iter().zip(accesses) {
        // It has been deleted since it was listed.
        let Some(access) = access else { continue };
        let by_default = alb::groups_of(&row.default_actions).map(str::to_owned);
        let by_rule = ruled.groups.get(&row.listener_id).into_iter().flatten().cloned();
        let groups: BTreeSet<String> = by_default.chain(by_rule).collect();
        let backends = match ruled.unread.get(&row.load_balancer_id) {
            Some(why) => Read::Unread(why.clone()),
            None => backends(&groups, &servers),
        };
        listeners.add(&row.load_balancer_id, listener(session, row, access, backends));
    }
    let rows = listed.rows.into_iter().map(|row| balancer(session, row, &mut listeners)).collect();
    (Listed { rows, unread: listed.unread }, Listed::whole(lists))
}

fn balancer(session: &Session, row: alb::LoadBalancer, listeners: &mut Listeners) -> LoadBalancer {
    let internet = |kind: &str| kind.eq_ignore_ascii_case("internet");
    LoadBalancer {
        name: row.load_balancer_name.unwrap_or_default(),
        region: session.region().to_owned(),
        kind: BalancerKind::Alb,
        internet: internet(&row.address_type) || row.ipv6_address_type.as_deref().is_some_and(internet),
        addresses: Vec::new(),
        dns_name: row.dns_name,
        vpc: row.vpc_id,
        security_groups: row.security_group_ids.map(|ids| ids.0).unwrap_or_default(),
        tags: row.tags,
        listeners: listeners.take(&row.load_balancer_id),
        id: row.load_balancer_id,
    }
}

fn listener(
    session: &Session,
    row: &alb::Listener,
    access: Read<Access>,
    backends: Read<Vec<Backend>>,
) -> Result<Listener, Unread> {
    let port = row.listener_port.filter(|port| *port > 0).ok_or_else(|| {
        misread(session, &<ListListeners as Action>::API, format!("{} has no port", row.listener_id))
    })?;
    Ok(Listener {
        id: row.listener_id.clone(),
        protocol: carrier(&row.listener_protocol),
        speaks: row.listener_protocol.to_ascii_lowercase(),
        ports: (port, port),
        running: runs(row.listener_status.as_deref()),
        access,
        backends,
    })
}

/// The access lists of a listener, which the list of listeners does not show; `None` if it has been deleted since.
async fn access_of(session: &Session, row: &alb::Listener) -> Option<Read<Access>> {
    let answer = match session.call(&GetListenerAttribute { listener_id: &row.listener_id }).await {
        Ok(answer) => answer.value,
        Err(error) if is_gone(&error, "Listener") => return None,
        Err(error) => return Some(Read::Unread(unread_in(session, &error))),
    };
    let config = answer.acl_config;
    let lists: Vec<String> = config
        .iter()
        .filter_map(|config| config.acl_relations.as_ref())
        .flat_map(|rows| rows.0.iter().map(|relation| relation.acl_id.clone()))
        .collect();
    if lists.is_empty() {
        return Some(Read::Read(Access::Open));
    }
    let kind = config.and_then(|config| config.acl_type);
    let read = access(kind.as_deref(), lists).map_err(|why| {
        misread(session, &<GetListenerAttribute<'_> as Action>::API, format!("{}: {why}", row.listener_id))
    });
    Some(read.into())
}

/// Where forwarding rules lead. Those of a load balancer are asked for only where a server group belongs to it that none of its listeners leads
/// to by default.
async fn rules(session: &Session, balancers: &[alb::LoadBalancer], listeners: &[alb::Listener]) -> Ruled {
    let by_default: BTreeSet<(&str, &str)> = listeners
        .iter()
        .flat_map(|row| {
            alb::groups_of(&row.default_actions).map(|group| (row.load_balancer_id.as_str(), group))
        })
        .collect();
    let groups = ALB.listed(session, ListServerGroups::default()).await;
    let may_rule = |balancer: &str, group: &alb::ServerGroup| match &group.related_load_balancer_ids {
        Some(related) => {
            related.0.iter().any(|id| id == balancer)
                && !by_default.contains(&(balancer, group.server_group_id.as_str()))
        }
        None => true,
    };
    let suspects = balancers.iter().map(|row| row.load_balancer_id.as_str()).filter(|balancer| {
        // If the groups are not all known, one of the others may be such.
        !groups.is_whole() || groups.rows.iter().any(|group| may_rule(balancer, group))
    });
    let asked =
        each(suspects, |balancer| async move { (balancer, session.all(ListRules::of(balancer)).await) });
    let mut ruled = Ruled { groups: BTreeMap::new(), unread: BTreeMap::new() };
    for (balancer, rules) in asked.await {
        match rules {
            Ok(rules) => {
                for rule in rules {
                    let groups = alb::groups_of(&rule.rule_actions).map(str::to_owned);
                    ruled.groups.entry(rule.listener_id.clone()).or_default().extend(groups);
                }
            }
            Err(error) => {
                ruled.unread.insert(balancer.to_owned(), unread_in(session, &error));
            }
        }
    }
    ruled
}

async fn servers(session: &Session, group: &str) -> Result<Vec<Backend>, Unread> {
    let rows = session.all(ListServerGroupServers::of(group)).await;
    rows.map(|rows| rows.into_iter().map(backend).collect()).map_err(|error| unread_in(session, &error))
}

/// A server of an ALB or NLB.
pub(super) fn backend(server: alb::Server) -> Backend {
    // For servers of the kind `Ip` the id is the address.
    let ip = server.server_ip.or_else(|| server.server_id.parse().ok());
    Backend { ip, port: server.port.filter(|port| *port > 0), server: server.server_id }
}

async fn access_list(session: &Session, id: String) -> AccessList {
    let api = <ListAclEntries as Action>::API;
    let rows = session.all(ListAclEntries::of(&id)).await;
    let entries = rows
        .map_err(|error| unread_in(session, &error))
        .and_then(|rows| ranges(session, &api, &id, rows.iter().map(|row| row.entry.as_str())));
    AccessList { id, region: session.region().to_owned(), entries: entries.into() }
}
