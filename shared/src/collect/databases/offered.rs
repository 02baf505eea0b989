//! Where each product is offered, so that it is not asked for where it is not.

use std::collections::BTreeSet;

use futures_util::future::join5;

use crate::cloud::{clickhouse, mongodb, polardb, rds, redis};
use crate::collect::unread;
use crate::openapi::{Action, Answer, Api, Error, Session};
use crate::snapshot::{DatabaseKind, Unread};

pub(super) const NEEDS: &[Api] = &[
    <rds::DescribeRegions as Action>::API,
    <polardb::DescribeRegions as Action>::API,
    <mongodb::DescribeRegions as Action>::API,
    <redis::DescribeRegions as Action>::API,
    <clickhouse::DescribeRegions as Action>::API,
];

/// The regions in which each product is offered, as the product itself says. One that could not say is taken to be everywhere.
#[derive(Debug, Clone)]
pub(in crate::collect) struct Offered(Vec<(DatabaseKind, Result<BTreeSet<String>, Unread>)>);

impl Offered {
    /// Whether a product may have something in a region.
    pub(super) fn is_in(&self, kind: DatabaseKind, region: &str) -> bool {
        let said = self.0.iter().find(|(known, _)| *known == kind).map(|(_, regions)| regions);
        said.is_none_or(|regions| regions.as_ref().map_or(true, |regions| regions.contains(region)))
    }

    /// What could not be read of this.
    pub(in crate::collect) fn unread(&self) -> Vec<Unread> {
        self.0.iter().filter_map(|(_, regions)| regions.clone().err()).collect()
    }
}

/// Asks each product, at the session's region, where it is offered.
pub(in crate::collect) async fn offered(session: &Session) -> Offered {
    use DatabaseKind::{ClickHouse, MongoDb, PolarDb, Rds, Redis};
    let (rds, polardb, mongodb, redis, clickhouse) = join5(
        session.call(&rds::DescribeRegions {}),
        session.call(&polardb::DescribeRegions {}),
        session.call(&mongodb::DescribeRegions {}),
        session.call(&redis::DescribeRegions {}),
        session.call(&clickhouse::DescribeRegions {}),
    )
    .await;
    Offered(vec![
        (Rds, regions(rds, &<rds::DescribeRegions as Action>::API, |answer| owned(answer.ids()))),
        (PolarDb, regions(polardb, &<polardb::DescribeRegions as Action>::API, |answer| owned(answer.ids()))),
        (MongoDb, regions(mongodb, &<mongodb::DescribeRegions as Action>::API, |answer| owned(answer.ids()))),
        (Redis, regions(redis, &<redis::DescribeRegions as Action>::API, |answer| owned(answer.ids()))),
        (
            ClickHouse,
            regions(clickhouse, &<clickhouse::DescribeRegions as Action>::API, |answer| owned(answer.ids())),
        ),
    ])
}

fn owned<'a>(ids: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    ids.map(str::to_owned).collect()
}

/// No product is offered nowhere: an answer without any region is none.
fn regions<T>(
    answer: Result<Answer<T>, Error>,
    api: &Api,
    ids: impl Fn(&T) -> BTreeSet<String>,
) -> Result<BTreeSet<String>, Unread> {
    // It concerns all regions, not the one that happened to be asked.
    let everywhere = |why: Unread| Unread { region: String::new(), ..why };
    let regions = ids(&answer.map_err(|error| everywhere(unread(&error)))?.value);
    if regions.is_empty() {
        return Err(Unread::new(&api.label(), "Decode", "the answer names no region"));
    }
    Ok(regions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openapi::Kind;

    fn answered(ids: &[&str]) -> Result<BTreeSet<String>, Unread> {
        let answer = Answer { value: owned(ids.iter().copied()), request_id: String::new() };
        regions(Ok(answer), &NEEDS[0], Clone::clone)
    }

    #[test]
    fn a_product_is_asked_for_where_it_is_offered_and_everywhere_when_that_is_unknown() {
        let failed = Error::new(Kind::Denied, "polardb:DescribeRegions", "Forbidden.RAM", "");
        let offered = Offered(vec![
            (DatabaseKind::Rds, answered(&["cn-hangzhou", "cn-hangzhou"])),
            (DatabaseKind::PolarDb, regions::<BTreeSet<String>>(Err(failed), &NEEDS[1], Clone::clone)),
            (DatabaseKind::MongoDb, answered(&[])),
        ]);
        assert!(offered.is_in(DatabaseKind::Rds, "cn-hangzhou"));
        assert!(!offered.is_in(DatabaseKind::Rds, "eu-west-1"));
        assert!(offered.is_in(DatabaseKind::PolarDb, "eu-west-1"));
        assert!(offered.is_in(DatabaseKind::MongoDb, "eu-west-1"), "no regions at all is no answer");
        assert!(offered.is_in(DatabaseKind::Elasticsearch, "eu-west-1"));
        let unread = offered.unread();
        assert_eq!(unread.len(), 2);
        assert!(unread.iter().all(|why| why.concerns("eu-west-1")));
    }
}
