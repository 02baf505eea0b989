//! The load balancers of one region, of all three products, with their listeners, backends and access lists.
//!
//! Internal balancers are read like the others: an EIP may be bound to an internal CLB, and what is said of any of them is what was read. What
//! costs calls is read for each thing once: a server group, an access list.

mod alb;
mod clb;
mod nlb;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join3;

use super::network::{each, is_gone, misread};
use crate::cloud::{alb as alb_api, nlb as nlb_api, notation, slb as slb_api};
use crate::openapi::{Action, Api, Session};
use crate::snapshot::{Access, AccessList, Backend, Listed, Listener, LoadBalancer, Protocol, Read, Unread};

/// What [`balancers`] calls: for the generated permissions.
pub(super) const BALANCERS_NEED: &[Api] = &[
    <slb_api::DescribeLoadBalancers as Action>::API,
    <slb_api::DescribeLoadBalancerListeners as Action>::API,
    <slb_api::DescribeLoadBalancerAttribute<'_> as Action>::API,
    <slb_api::DescribeVServerGroups<'_> as Action>::API,
    <slb_api::DescribeVServerGroupAttribute<'_> as Action>::API,
    <slb_api::DescribeMasterSlaveServerGroupAttribute<'_> as Action>::API,
    <slb_api::DescribeRules<'_> as Action>::API,
    <slb_api::DescribeAccessControlListAttribute as Action>::API,
    <alb_api::ListLoadBalancers as Action>::API,
    <alb_api::ListListeners as Action>::API,
    <alb_api::GetListenerAttribute<'_> as Action>::API,
    <alb_api::ListServerGroups as Action>::API,
    <alb_api::ListServerGroupServers as Action>::API,
    <alb_api::ListRules as Action>::API,
    <alb_api::ListAclEntries as Action>::API,
    <nlb_api::ListLoadBalancers as Action>::API,
    <nlb_api::ListListeners as Action>::API,
    <nlb_api::ListServerGroupServers as Action>::API,
];

/// What is read of one product.
type Part = (Listed<LoadBalancer>, Listed<AccessList>);

/// Reads the load balancers of the session's region, and the access lists that their listeners name. What cannot be read is unread in its
/// place; a product that is not offered in the region has none there.
pub(super) async fn balancers(session: &Session) -> Part {
    let (clb, alb, nlb) =
        join3(clb::balancers(session), alb::balancers(session), nlb::balancers(session)).await;
    let (mut balancers, mut lists) = (Listed::default(), Listed::default());
    for (part, named) in [clb, alb, (nlb, Listed::default())] {
        balancers.append(part);
        lists.append(named);
    }
    balancers.rows.sort_by(|a: &LoadBalancer, b| a.id.cmp(&b.id));
    lists.rows.sort_by(|a: &AccessList, b| a.id.cmp(&b.id));
    (balancers, lists)
}

/// The listeners of all balancers of a region, told apart. If not all could be read, none of the balancers is known to have no more.
struct Listeners {
    of: BTreeMap<String, Listed<Listener>>,
    unread: Vec<Unread>,
}

impl Listeners {
    fn new(unread: Vec<Unread>) -> Self {
        Self { of: BTreeMap::new(), unread }
    }

    /// A listener, or why it makes no sense.
    fn add(&mut self, balancer: &str, listener: Result<Listener, Unread>) {
        let list = self.of.entry(balancer.to_owned()).or_default();
        match listener {
            Ok(listener) => list.rows.push(listener),
            Err(why) => list.unread.push(why),
        }
    }

    /// Those of one balancer.
    fn take(&mut self, balancer: &str) -> Listed<Listener> {
        let mut list = self.of.remove(balancer).unwrap_or_default();
        list.unread.extend(self.unread.iter().cloned());
        list.rows.sort_by(|a, b| (a.ports, &a.id).cmp(&(b.ports, &b.id)));
        list
    }
}

/// How a listener is guarded, by the words for it.
fn access(kind: Option<&str>, lists: Vec<String>) -> Result<Access, String> {
    match kind {
        _ if lists.is_empty() => Err("access lists are on, but none is named".to_owned()),
        Some(kind) if kind.eq_ignore_ascii_case("white") => Ok(Access::White(lists)),
        Some(kind) if kind.eq_ignore_ascii_case("black") => Ok(Access::Black(lists)),
        kind => Err(format!("{kind:?} is neither white nor black")),
    }
}

/// The access lists that listeners name, each once.
fn named(accesses: &[Read<Access>]) -> BTreeSet<String> {
    accesses
        .iter()
        .filter_map(Read::known)
        .flat_map(|access| match access {
            Access::Open => &[],
            Access::White(lists) | Access::Black(lists) => lists.as_slice(),
        })
        .cloned()
        .collect()
}

/// The ranges of an access list.
fn ranges<'r>(
    session: &Session,
    api: &Api,
    list: &str,
    rows: impl Iterator<Item = &'r str>,
) -> Result<Vec<ipnet::IpNet>, Unread> {
    rows.map(notation::net)
        .collect::<Result<_, _>>()
        .map_err(|why| misread(session, api, format!("{list}: {why}")))
}

/// Whether a listener takes connections. One that is being changed may.
fn runs(status: Option<&str>) -> bool {
    !status.is_some_and(|status| status.eq_ignore_ascii_case("stopped"))
}

/// The backends of several groups, each server once; unread if one of the groups is.
fn backends<'g, K: Ord + 'g>(
    groups: impl IntoIterator<Item = &'g K>,
    read: &BTreeMap<K, Result<Vec<Backend>, Unread>>,
) -> Read<Vec<Backend>> {
    let mut all = Vec::new();
    for group in groups {
        match read.get(group) {
            Some(Ok(servers)) => all.extend(servers.iter().cloned()),
            Some(Err(why)) => return Read::Unread(why.clone()),
            None => {}
        }
    }
    all.sort_by(|a: &Backend, b| (&a.server, a.ip, a.port).cmp(&(&b.server, b.ip, b.port)));
    all.dedup();
    Read::Read(all)
}

/// TCP or UDP, by what a listener speaks.
fn carrier(speaks: &str) -> Protocol {
    match speaks.to_ascii_lowercase().as_str() {
        "udp" | "quic" => Protocol::Udp,
        _ => Protocol::Tcp,
    }
}
