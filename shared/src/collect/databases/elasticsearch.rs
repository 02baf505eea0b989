//! Elasticsearch: its nodes, and Kibana, which has an address and a whitelist of its own.

use super::{each, endpoint, is_gone};
use crate::cloud::elasticsearch::{self, DescribeInstance, Instance, ListInstance, NOT_OPENED, REGIONS};
use crate::collect::{listed, not_offered, unread_in};
use crate::openapi::{Action, Api, Session};
use crate::snapshot::{Database, DatabaseEndpoint, DatabaseKind, Listed, Read, Unread, Whitelist};

pub(super) const NEEDS: &[Api] = &[<ListInstance as Action>::API, <DescribeInstance<'_> as Action>::API];

/// What the whitelists and endpoints of the nodes are called, …
const NODES: &str = "nodes";
/// … and those of Kibana.
const KIBANA: &str = "kibana";

/// The Elasticsearch instances of the session's region.
pub(super) async fn databases(session: &Session) -> Listed<Database> {
    let mut list = listed(session, ListInstance::default()).await;
    list.unread.retain(|why| why.code != NOT_OPENED && !not_offered(why, REGIONS));
    each(list, |row| database(session, row)).await
}

async fn database(session: &Session, row: elasticsearch::Listed) -> Option<Database> {
    let answer = session.call(&DescribeInstance { instance: &row.instance_id }).await;
    if is_gone(&answer) {
        return None;
    }
    let (endpoints, whitelists, tls) = match answer {
        Ok(answer) => {
            let instance = &answer.value.instance;
            // Anything but HTTPS is no TLS.
            let tls = Read::Read(instance.protocol.eq_ignore_ascii_case("HTTPS"));
            (Listed::whole(endpoints(instance)), whitelists(session, instance), tls)
        }
        Err(error) => {
            let why = unread_in(session, &error);
            (Listed::unread(why.clone()), Listed::unread(why.clone()), Read::Unread(why))
        }
    };
    Some(Database {
        name: row.description.unwrap_or_default(),
        region: session.region().to_owned(),
        kind: DatabaseKind::Elasticsearch,
        engine: "Elasticsearch".to_owned(),
        tags: row.tags,
        endpoints,
        whitelists,
        // It has no security groups and no audit switch that an API tells.
        security_groups: Read::Read(Vec::new()),
        tls,
        audit: Read::Read(None),
        id: row.instance_id,
    })
}

fn endpoints(instance: &Instance) -> Vec<DatabaseEndpoint> {
    let guarded = |guard: &str, host: &str, port: &str, public| DatabaseEndpoint {
        guard: guard.to_owned(),
        ..endpoint(host, port, public)
    };
    let mut endpoints = Vec::new();
    if !instance.domain.is_empty() {
        endpoints.push(guarded(NODES, &instance.domain, &instance.port, false));
    }
    if instance.enable_public {
        endpoints.push(guarded(NODES, &instance.public_domain, &instance.public_port, true));
    }
    if instance.enable_kibana_public_network {
        endpoints.push(guarded(KIBANA, &instance.kibana_domain, &instance.kibana_port, true));
    }
    endpoints
}

/// The whitelists for the internet. Those for the VPC, which let everybody in unless narrowed, guard nothing that the internet
/// reaches, and are left out.
fn whitelists(session: &Session, instance: &Instance) -> Listed<Whitelist> {
    let mut lists = Listed::default();
    let both = [
        (NODES, "publicIpWhitelist", &instance.public_ip_whitelist, "PUBLIC_ES", instance.enable_public),
        (
            KIBANA,
            "kibanaIPWhitelist",
            &instance.kibana_ip_whitelist,
            "PUBLIC_KIBANA",
            instance.enable_kibana_public_network,
        ),
    ];
    for (guard, name, entries, group_type, public) in both {
        let list = |name: &str, entries: &[String]| Whitelist {
            name: name.to_owned(),
            entries: entries.to_vec(),
            network: String::new(),
            guard: guard.to_owned(),
        };
        let groups = instance.groups().iter().filter(|group| group.white_ip_type == group_type);
        let mut found: Vec<Whitelist> = groups.map(|group| list(&group.group_name, &group.ips)).collect();
        // The older field repeats what is in the groups, where there are any.
        let repeated = |entry: &String| found.iter().any(|group| group.entries.contains(entry));
        let news = entries.as_deref().filter(|entries| found.is_empty() || !entries.iter().all(repeated));
        let news = news.map(|entries| list(name, entries));
        found.extend(news);
        if found.is_empty() && public {
            let what = format!("no {name}, and no group of {group_type}");
            let why = Unread::new(&<DescribeInstance<'_> as Action>::API.label(), "Decode", what);
            lists.unread.push(Unread { region: session.region().to_owned(), ..why });
        }
        lists.rows.extend(found);
    }
    lists
}
