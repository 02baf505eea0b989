//! Network load balancers.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::alb::backend;
use super::{Listeners, backends, carrier, each, misread, runs};
use crate::cloud::nlb::{self, ListListeners, ListLoadBalancers, ListServerGroupServers};
use crate::collect::regions::NLB;
use crate::collect::unread_in;
use crate::openapi::{Action, Session};
use crate::snapshot::{Access, Backend, BalancerKind, Listed, Listener, LoadBalancer, Read, Unread};

/// The load balancers.
pub(super) async fn balancers(session: &Session) -> Listed<LoadBalancer> {
    let listed = NLB.listed(session, ListLoadBalancers::new(session.region())).await;
    if listed.rows.is_empty() {
        return Listed { rows: Vec::new(), unread: listed.unread };
    }
    let rows = NLB.listed(session, ListListeners::new(session.region())).await;
    let groups: BTreeSet<&str> = rows.rows.iter().filter_map(|row| row.server_group_id.as_deref()).collect();
    let servers: BTreeMap<String, _> =
        each(groups, |group| async move { (group.to_owned(), servers(session, group).await) })
            .await
            .into_iter()
            .collect();
    let mut listeners = Listeners::new(rows.unread);
    for row in rows.rows {
        let backends = backends(row.server_group_id.iter(), &servers);
        listeners.add(&row.load_balancer_id.clone(), listener(session, row, backends));
    }
    let rows = listed.rows.into_iter().map(|row| balancer(session, row, &mut listeners)).collect();
    Listed { rows, unread: listed.unread }
}

fn balancer(session: &Session, row: nlb::LoadBalancer, listeners: &mut Listeners) -> LoadBalancer {
    let internet = |kind: &str| kind.eq_ignore_ascii_case("internet");
    let zones = row.zone_mappings.into_iter().flat_map(|zones| zones.0);
    let addresses = zones.filter_map(|zone| zone.load_balancer_addresses).flat_map(|rows| rows.0);
    let addresses: Vec<IpAddr> =
        addresses.flat_map(|own| [own.public_ipv4.or(own.private_ipv4), own.ipv6]).flatten().collect();
    LoadBalancer {
        name: row.load_balancer_name.unwrap_or_default(),
        region: session.region().to_owned(),
        kind: BalancerKind::Nlb,
        internet: internet(&row.address_type) || row.ipv6_address_type.as_deref().is_some_and(internet),
        addresses,
        dns_name: row.dns_name,
        vpc: row.vpc_id,
        security_groups: row.security_group_ids.map(|ids| ids.0).unwrap_or_default(),
        tags: row.tags,
        listeners: listeners.take(&row.load_balancer_id),
        id: row.load_balancer_id,
    }
}

fn listener(session: &Session, row: nlb::Listener, backends: Read<Vec<Backend>>) -> Result<Listener, Unread> {
    let ports = match (row.listener_port, row.start_port, row.end_port) {
        (Some(port), ..) if port > 0 => (port, port),
        (_, Some(first), Some(last)) if first <= last => (first, last),
        _ => {
            let api = <ListListeners as Action>::API;
            return Err(misread(session, &api, format!("{} has no port", row.listener_id)));
        }
    };
    Ok(Listener {
        protocol: carrier(&row.listener_protocol),
        speaks: row.listener_protocol.to_ascii_lowercase(),
        ports,
        running: runs(row.listener_status.as_deref()),
        access: Read::Read(Access::Open),
        backends,
        id: row.listener_id,
    })
}

async fn servers(session: &Session, group: &str) -> Result<Vec<Backend>, Unread> {
    let rows = session.all(ListServerGroupServers::new(session.region(), group)).await;
    rows.map(|rows| rows.into_iter().map(backend).collect()).map_err(|error| unread_in(session, &error))
}
