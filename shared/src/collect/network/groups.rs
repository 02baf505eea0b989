//! Security groups, their inbound rules, and the lists that rules name.

use std::collections::BTreeSet;

use futures_util::future::join;
use futures_util::stream::TryStreamExt;
use tokio::sync::Semaphore;

use super::{each, is_gone, misread};
use crate::cloud::ecs::{
    self, DescribePortRangeListEntries, DescribePrefixListAttributes, DescribeSecurityGroupAttribute,
    DescribeSecurityGroups,
};
use crate::cloud::notation;
use crate::collect::{listed, unread_in};
use crate::openapi::{Action, Session};
use crate::snapshot::{Listed, PortList, Ports, PrefixList, Rule, SecurityGroup, Source, Unread};

/// Room for the pages of rules that may be under way at the same time, over all regions of one run: 32 pages of a thousand, half a megabyte
/// each. A smaller page takes less of it, so that many small groups do not wait for each other. Memory is what this is about: the
/// rate windows would allow for far more.
pub(in crate::collect) struct Room(Semaphore);

impl Default for Room {
    fn default() -> Self {
        Self(Semaphore::new(32_000))
    }
}

/// What the page of a group takes of the [`Room`]: its rules as far as they fit into a page, and something for the call as such.
fn room(group: &ecs::SecurityGroup) -> u32 {
    group.rule_count.unwrap_or(1000).clamp(50, 1000)
}

/// The security groups of the region, and the lists that their rules name, each read once.
pub(super) async fn groups(
    session: &Session,
    held: &Room,
) -> (Listed<SecurityGroup>, Listed<PrefixList>, Listed<PortList>) {
    let listed = listed(session, DescribeSecurityGroups::new(session.region())).await;
    let rows = each(listed.rows, |row| group(session, held, row)).await;
    let mut groups = Listed { rows: rows.into_iter().flatten().collect(), unread: listed.unread };
    groups.rows.sort_by(|a: &SecurityGroup, b| a.id.cmp(&b.id));

    let (mut prefixes, mut ports) = (BTreeSet::new(), BTreeSet::new());
    for rule in groups.rows.iter().flat_map(|group| &group.rules.rows) {
        if let Source::PrefixList(id) = &rule.source {
            prefixes.insert(id.as_str());
        }
        if let Ports::List(id) = &rule.ports {
            ports.insert(id.as_str());
        }
    }
    let prefixes = each(prefixes, |id| prefix_list(session, id));
    let ports = each(ports, |id| port_list(session, id));
    let (mut prefixes, mut ports) = join(prefixes, ports).await;
    prefixes.sort_by(|a, b| a.id.cmp(&b.id));
    ports.sort_by(|a, b| a.id.cmp(&b.id));
    (groups, Listed::whole(prefixes), Listed::whole(ports))
}

/// A group with its rules; `None` if it has been deleted since it was listed.
async fn group(session: &Session, held: &Room, row: ecs::SecurityGroup) -> Option<SecurityGroup> {
    let rules = rules(session, held, &row).await?;
    Some(SecurityGroup {
        id: row.security_group_id,
        name: row.security_group_name.unwrap_or_default(),
        region: session.region().to_owned(),
        vpc: row.vpc_id,
        advanced: row.security_group_type.is_some_and(|kind| kind.eq_ignore_ascii_case("enterprise")),
        tags: row.tags,
        rules,
    })
}

async fn rules(session: &Session, held: &Room, group: &ecs::SecurityGroup) -> Option<Listed<Rule>> {
    let mut rules = Listed::default();
    // The semaphore is never closed. Held while the pages of one group come one after the other: there is one of them at a time.
    let _room = held.0.acquire_many(room(group)).await.ok();
    let first = DescribeSecurityGroupAttribute::new(session.region(), group);
    let mut pages = std::pin::pin!(session.pages(first));
    loop {
        match pages.try_next().await {
            Ok(Some(page)) => {
                for row in page {
                    match row.rule {
                        Ok(rule) => rules.rows.extend(rule),
                        Err(why) => rules.unread.push(senseless(session, group, &why)),
                    }
                }
            }
            Ok(None) => break,
            Err(error) if is_gone(&error, "SecurityGroup") => return None,
            Err(error) => {
                rules.unread.push(unread_in(session, &error));
                break;
            }
        }
    }
    rules.rows.shrink_to_fit();
    Some(rules)
}

fn senseless(session: &Session, group: &ecs::SecurityGroup, why: &str) -> Unread {
    let api = <DescribeSecurityGroupAttribute as Action>::API;
    misread(session, &api, format!("a rule of {}: {why}", group.security_group_id))
}

/// A list that a rule names but that is not there is unread: the rule leads somewhere.
async fn prefix_list(session: &Session, id: &str) -> PrefixList {
    let region = session.region();
    let answer = session.call(&DescribePrefixListAttributes { region_id: region, prefix_list_id: id }).await;
    let entries = answer.map_err(|error| unread_in(session, &error)).and_then(|page| {
        let rows = page.value.all().into_iter().map(|entry| notation::net(&entry.cidr));
        let api = <DescribePrefixListAttributes<'_> as Action>::API;
        rows.collect::<Result<_, _>>().map_err(|why| misread(session, &api, format!("{id}: {why}")))
    });
    PrefixList { id: id.to_owned(), region: region.to_owned(), entries: entries.into() }
}

async fn port_list(session: &Session, id: &str) -> PortList {
    let region = session.region();
    let answer =
        session.call(&DescribePortRangeListEntries { region_id: region, port_range_list_id: id }).await;
    let entries = answer.map_err(|error| unread_in(session, &error)).and_then(|page| {
        let rows = page.value.all().into_iter().map(|entry| notation::ports(&entry.port_range));
        let api = <DescribePortRangeListEntries<'_> as Action>::API;
        rows.collect::<Result<_, _>>().map_err(|why| misread(session, &api, format!("{id}: {why}")))
    });
    PortList { id: id.to_owned(), region: region.to_owned(), entries: entries.into() }
}
