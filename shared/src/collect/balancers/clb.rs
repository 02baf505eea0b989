//! Classic load balancers.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join;

use super::{Listeners, Part, access, backends, carrier, each, is_gone, misread, named, ranges, runs};
use crate::cloud::slb::{
    self, DescribeAccessControlListAttribute, DescribeLoadBalancerAttribute, DescribeLoadBalancerListeners,
    DescribeLoadBalancers, DescribeMasterSlaveServerGroupAttribute, DescribeRules,
    DescribeVServerGroupAttribute, DescribeVServerGroups,
};
use crate::collect::regions::CLB;
use crate::collect::unread_in;
use crate::openapi::{Action, Error, Session};
use crate::snapshot::{
    Access, AccessList, Backend, BalancerKind, Listed, Listener, LoadBalancer, Read, Unread,
};

/// Where servers are listed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    /// The default group of a load balancer.
    Default(String),
    /// A vServer group.
    VServer(String),
    /// A primary and secondary group.
    Pair(String),
}

impl Group {
    /// What a listener leads to but for its forwarding rules; `None` if it only sends on.
    fn of(row: &slb::Listener) -> Option<Self> {
        match (&row.vserver_group_id, row.pair()) {
            _ if row.redirects() => None,
            (Some(group), _) => Some(Self::VServer(group.clone())),
            (None, Some(pair)) => Some(Self::Pair(pair.to_owned())),
            (None, None) => Some(Self::Default(row.load_balancer_id.clone())),
        }
    }
}

/// A failure, unless the load balancer has been deleted since it was listed.
fn failed(session: &Session, error: &Error) -> Option<Unread> {
    (!is_gone(error, "LoadBalancer")).then(|| unread_in(session, error))
}

/// The vServer groups that forwarding rules of a listener lead to, by its place in the list of listeners.
type Ruled = BTreeMap<usize, Result<BTreeSet<Group>, Unread>>;

/// The load balancers, and the access lists that their listeners name.
pub(super) async fn balancers(session: &Session) -> Part {
    let listed = CLB.listed(session, DescribeLoadBalancers::new(session.region())).await;
    if listed.rows.is_empty() {
        return (Listed { rows: Vec::new(), unread: listed.unread }, Listed::default());
    }
    let rows = CLB.listed(session, DescribeLoadBalancerListeners::new(session.region())).await;
    let (ruled, mut gone) = rules(session, &rows.rows).await;

    let accesses: Vec<Read<Access>> = rows.rows.iter().map(|row| access_of(session, row)).collect();
    let lists = each(named(&accesses), |id| access_list(session, id));
    let mut groups: BTreeSet<Group> = rows.rows.iter().filter_map(Group::of).collect();
    groups.extend(ruled.values().flatten().flatten().cloned());
    let groups = each(groups, |group| async move { (servers(session, &group).await, group) });
    let (lists, groups) = join(lists, groups).await;

    let mut servers = BTreeMap::new();
    for (answer, group) in groups {
        match answer {
            Ok(found) => servers.insert(group, Ok(found)),
            Err(Some(why)) => servers.insert(group, Err(why)),
            Err(None) => {
                if let Group::Default(balancer) = &group {
                    gone.insert(balancer.clone());
                }
                servers.insert(group, Ok(Vec::new()))
            }
        };
    }
    let mut listeners = Listeners::new(rows.unread);
    for ((at, row), access) in rows.rows.iter().enumerate().zip(accesses) {
        let backends = match ruled.get(&at) {
            Some(Err(why)) => Read::Unread(why.clone()),
            Some(Ok(by_rule)) => backends(Group::of(row).iter().chain(by_rule), &servers),
            None => backends(Group::of(row).iter(), &servers),
        };
        listeners.add(&row.load_balancer_id, listener(session, row, access, backends));
    }
    let rows = listed.rows.into_iter().filter(|row| !gone.contains(&row.load_balancer_id));
    let rows = rows.map(|row| balancer(session, row, &mut listeners)).collect();
    (Listed { rows, unread: listed.unread }, Listed::whole(lists))
}

fn id_of(row: &slb::Listener) -> String {
    format!("{}:{}", row.listener_protocol.to_ascii_lowercase(), row.listener_port.unwrap_or_default())
}

fn balancer(session: &Session, row: slb::LoadBalancer, listeners: &mut Listeners) -> LoadBalancer {
    LoadBalancer {
        name: row.load_balancer_name.unwrap_or_default(),
        region: session.region().to_owned(),
        kind: BalancerKind::Clb,
        internet: row.address_type.eq_ignore_ascii_case("internet"),
        addresses: row.address.into_iter().collect(),
        dns_name: None,
        vpc: row.vpc_id,
        security_groups: Vec::new(),
        tags: row.tags,
        listeners: listeners.take(&row.load_balancer_id),
        id: row.load_balancer_id,
    }
}

fn wrong(session: &Session, row: &slb::Listener, why: &str) -> Unread {
    let api = <DescribeLoadBalancerListeners as Action>::API;
    misread(session, &api, format!("{} {}: {why}", row.load_balancer_id, id_of(row)))
}

/// The access lists of a listener. The answer always says whether they are on.
fn access_of(session: &Session, row: &slb::Listener) -> Read<Access> {
    let read = match row.acl_status.as_deref() {
        Some(status) if status.eq_ignore_ascii_case("off") => Ok(Access::Open),
        Some(status) if status.eq_ignore_ascii_case("on") => {
            let lists = row.acl_ids.as_ref().map(|ids| ids.0.clone()).filter(|ids| !ids.is_empty());
            let lists = lists.unwrap_or_else(|| row.acl_id.iter().cloned().collect());
            access(row.acl_type.as_deref(), lists)
        }
        _ => Err("whether access lists are on is missing".to_owned()),
    };
    read.map_err(|why| wrong(session, row, &why)).into()
}

fn listener(
    session: &Session,
    row: &slb::Listener,
    access: Read<Access>,
    backends: Read<Vec<Backend>>,
) -> Result<Listener, Unread> {
    let port = row.listener_port.filter(|port| *port > 0);
    let port = port.ok_or_else(|| wrong(session, row, "it has no port"))?;
    let backends = match backends {
        Read::Read(servers) => Read::Read(servers.into_iter().map(|server| on_port(row, server)).collect()),
        unread => unread,
    };
    Ok(Listener {
        id: id_of(row),
        protocol: carrier(&row.listener_protocol),
        speaks: row.listener_protocol.to_ascii_lowercase(),
        ports: (port, port),
        running: runs(row.status.as_deref()),
        access,
        backends,
    })
}

/// A server of the default group is reached on the port that the listener names for all of them.
fn on_port(row: &slb::Listener, server: Backend) -> Backend {
    let listeners = || row.backend_server_port.and_then(|port| u16::try_from(port).ok());
    Backend { port: server.port.or_else(listeners).filter(|port| *port > 0), ..server }
}

/// Where forwarding rules lead. They are asked for only where some vServer group says that a rule leads to it; and the balancers that have been
/// deleted since they were listed.
async fn rules(session: &Session, rows: &[slb::Listener]) -> (Ruled, BTreeSet<String>) {
    let with_rules = || rows.iter().enumerate().filter(|(_, row)| row.has_rules() && !row.redirects());
    let balancers: BTreeSet<&str> = with_rules().map(|(_, row)| row.load_balancer_id.as_str()).collect();
    let asked = each(balancers, |balancer| async move {
        let ask = DescribeVServerGroups {
            region_id: session.region(),
            load_balancer_id: balancer,
            include_rule: true,
        };
        let answer = session.call(&ask).await;
        let any = answer.map(|page| page.value.all().iter().any(slb::VServerGroup::may_have_rules));
        (balancer, any.map_err(|error| failed(session, &error)))
    });
    let (mut ruled, mut gone, mut to_ask) = (Ruled::new(), BTreeSet::new(), BTreeSet::new());
    for (balancer, any) in asked.await {
        match any {
            Ok(false) => {}
            Ok(true) => {
                to_ask.insert(balancer);
            }
            Err(None) => {
                gone.insert(balancer.to_owned());
            }
            Err(Some(why)) => {
                let mine = with_rules().filter(|(_, row)| row.load_balancer_id == balancer);
                ruled.extend(mine.map(|(at, _)| (at, Err(why.clone()))));
            }
        }
    }
    let to_ask = with_rules().filter(|(_, row)| to_ask.contains(row.load_balancer_id.as_str()));
    let asked = each(to_ask, |(at, row)| async move {
        let ask = DescribeRules {
            region_id: session.region(),
            load_balancer_id: &row.load_balancer_id,
            listener_port: row.listener_port.unwrap_or_default(),
            listener_protocol: &row.listener_protocol,
        };
        let answer = session.call(&ask).await.map_err(|error| unread_in(session, &error));
        let groups = answer.map(|page| {
            page.value
                .all()
                .into_iter()
                .filter_map(|rule| rule.vserver_group_id.map(Group::VServer))
                .collect()
        });
        (at, groups)
    });
    ruled.extend(asked.await);
    (ruled, gone)
}

/// The servers of a group; `Err(None)` if its load balancer has been deleted since it was listed.
async fn servers(session: &Session, group: &Group) -> Result<Vec<Backend>, Option<Unread>> {
    let region_id = session.region();
    let servers = match group {
        Group::Default(id) => {
            let ask = DescribeLoadBalancerAttribute { region_id, load_balancer_id: id };
            session.call(&ask).await.map(|page| page.value.all())
        }
        Group::VServer(id) => {
            let ask = DescribeVServerGroupAttribute { region_id, vserver_group_id: id };
            session.call(&ask).await.map(|page| page.value.all())
        }
        Group::Pair(id) => {
            let ask = DescribeMasterSlaveServerGroupAttribute { region_id, master_slave_server_group_id: id };
            let answer = session.call(&ask).await;
            answer.map(|page| page.value.all().into_iter().map(|server| server.0).collect())
        }
    };
    match servers {
        Ok(servers) => Ok(servers.into_iter().map(backend).collect()),
        Err(error) => Err(failed(session, &error)),
    }
}

fn backend(server: slb::Server) -> Backend {
    // For servers of the kind `ip` the id is the address.
    let ip = server.server_ip.or_else(|| server.server_id.parse().ok());
    Backend { ip, port: server.port.filter(|port| *port > 0), server: server.server_id }
}

async fn access_list(session: &Session, id: String) -> AccessList {
    let region = session.region();
    let api = <DescribeAccessControlListAttribute as Action>::API;
    let rows = session.all(DescribeAccessControlListAttribute::new(region, &id)).await;
    let entries = rows
        .map_err(|error| unread_in(session, &error))
        .and_then(|rows| ranges(session, &api, &id, rows.iter().map(|row| row.range.as_str())));
    AccessList { id, region: region.to_owned(), entries: entries.into() }
}
