//! Databases of all products: which there are, where they answer, what guards them.
//!
//! A database that cannot be read whole is kept with what was read of it. One that the service no longer knows by the time it
//! is asked for its endpoints or its whitelists was deleted in between and is left out.

mod clickhouse;
mod elasticsearch;
mod mongodb;
mod offered;
mod polardb;
mod rds;
mod redis;
#[cfg(test)]
mod tests;

use std::future::Future;

use futures_util::future::{BoxFuture, join_all};
use futures_util::stream::{self, StreamExt};

use super::unread_in;
use crate::cloud::global_whitelist::GlobalWhitelists;
use crate::openapi::{Answer, Api, Error, Kind, Session};
use crate::snapshot::{Database, DatabaseEndpoint, DatabaseKind, Listed, Read, Unread, Whitelist};

pub(super) use offered::{Offered, offered};

/// What `offered` and `databases` call: for the generated permissions.
pub const DATABASES_NEED: &[Api] = &joined::<{ count(PARTS) }>(PARTS);

const PARTS: &[&[Api]] = &[
    offered::NEEDS,
    rds::NEEDS,
    polardb::NEEDS,
    mongodb::NEEDS,
    redis::NEEDS,
    elasticsearch::NEEDS,
    clickhouse::NEEDS,
];

/// Instances of one product that are read at the same time, in one region.
const AT_ONCE: usize = 16;

/// All databases of the session's region, in the order of their ids.
pub(super) async fn databases(session: &Session, offered: &Offered) -> Listed<Database> {
    use DatabaseKind::{ClickHouse, MongoDb, PolarDb, Rds, Redis};
    let mut products: Vec<BoxFuture<'_, Listed<Database>>> = Vec::new();
    let here = |kind| offered.is_in(kind, session.region());
    if here(Rds) {
        products.push(Box::pin(rds::databases(session)));
    }
    if here(PolarDb) {
        products.push(Box::pin(polardb::databases(session)));
    }
    if here(MongoDb) {
        products.push(Box::pin(mongodb::databases(session)));
    }
    if here(Redis) {
        products.push(Box::pin(redis::databases(session)));
    }
    if here(ClickHouse) {
        products.push(Box::pin(clickhouse::databases(session)));
    }
    products.push(Box::pin(elasticsearch::databases(session)));
    let mut all: Listed<Database> = join_all(products).await.into_iter().collect();
    all.rows.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
    all
}

/// Reads each row's database, some at the same time. What turns out to be gone is left out.
async fn each<R, F>(list: Listed<R>, read: impl Fn(R) -> F) -> Listed<Database>
where
    F: Future<Output = Option<Database>>,
{
    let read = stream::iter(list.rows.into_iter().map(read)).buffer_unordered(AT_ONCE);
    Listed { rows: read.filter_map(std::future::ready).collect().await, unread: list.unread }
}

/// What the services answer when they do not know the instance (their error codes).
const GONE: &[&str] = &[
    "InsName.NotFound",
    "InstanceNotFound",
    "InvalidDBCluster.NotFound",
    "InvalidDBClusterId.NotFound",
    "InvalidDBInstance.NotFound",
    "InvalidDBInstanceId.NotFound",
    "InvalidDBInstanceName.NotFound",
    "InvalidInstanceId.NotFound",
];

/// Whether the call failed because there is no such instance.
fn is_gone<T>(answer: &Result<T, Error>) -> bool {
    answer.as_ref().is_err_and(|error| GONE.contains(&error.code()))
}

/// Parts of the codes that mean: this instance's engine, edition or version has no such feature. (`NotSupport` covers
/// `NotSupported`, `ValueNotSupport` and more.)
const LACKS: &[&str] = &[
    "IncorrectCategory",
    "IncorrectCharacterType",
    "IncorrectDBInstanceCharacterType",
    "IncorrectDBInstanceEngine",
    "IncorrectDBInstanceType",
    "IncorrectEngineVersion",
    "IncorrectKindCode",
    "IncorrectMinorVersion",
    "InvalidRedisVersionPattern",
    "NotSupport",
    "OperationDenied.ClusterCategory",
    "OperationDenied.DBInstanceType",
    "OperationDenied.DbVersion",
    "Unsupported",
];

/// What the same words may be about instead, which says nothing of the feature: the state of the instance, or the caller.
const SAYS_NOTHING: &[&str] = &["Account", "Caller", "LockMode", "State", "Status", "User"];

/// Whether the service says that this instance cannot have what was asked for. Refusals for want of permission, too many calls
/// and an instance in the wrong state are no such answer.
fn lacks_feature(error: &Error) -> bool {
    let said = |parts: &[&str]| parts.iter().any(|part| error.code().contains(part));
    !matches!(error.kind(), Kind::Throttled | Kind::Server | Kind::Credential)
        && said(LACKS)
        && !said(SAYS_NOTHING)
}

/// An answer about a feature that not every instance can have; without it, `none`.
fn or_none<T>(answer: Result<T, Error>, none: T) -> Result<T, Error> {
    match answer {
        Err(error) if lacks_feature(&error) => Ok(none),
        answer => answer,
    }
}

/// What was read, or why not.
fn read<T>(session: &Session, answer: Result<T, Error>) -> Read<T> {
    answer.map_err(|error| unread_in(session, &error)).into()
}

/// Something in an answer that was not understood.
fn odd(session: &Session, api: &Api, what: String) -> Unread {
    Unread { region: session.region().to_owned(), ..Unread::new(&api.label(), "Decode", what) }
}

/// Whether a network, as any of the products names it, is the internet; `None` for a word that none of them is known to use.
fn is_internet(network: &str) -> Option<bool> {
    let is = |words: &[&str]| words.iter().any(|word| network.eq_ignore_ascii_case(word));
    if is(&["Public", "OuterString", "0"]) {
        Some(true)
    } else if is(&["Private", "VPC", "Inner", "Classic", "InnerString", "1", "2"]) {
        Some(false)
    } else {
        None
    }
}

/// Whether a switch, as any of the products writes it, is on; `None` for a word that none of them is known to use.
fn is_on(switch: &str) -> Option<bool> {
    let is = |words: &[&str]| words.iter().any(|word| switch.eq_ignore_ascii_case(word));
    if is(&["Yes", "on", "1", "true", "Enable", "Enabled", "Open"]) {
        Some(true)
    } else if is(&["No", "off", "0", "false", "Disable", "Disabled", "Closed", "Close"]) {
        Some(false)
    } else {
        None
    }
}

/// The state of a switch, or why it is not known.
fn switch(session: &Session, api: &Api, word: &str) -> Result<bool, Unread> {
    is_on(word).ok_or_else(|| odd(session, api, format!("{word:?} is neither on nor off")))
}

/// Endpoints, as they are gathered from several answers.
#[derive(Default)]
struct Endpoints(Listed<DatabaseEndpoint>);

impl Endpoints {
    /// Those of an answer that tells host, port and network of each.
    fn of<'a>(
        session: &Session,
        api: &Api,
        answer: Result<impl Iterator<Item = (&'a str, &'a str, &'a str)>, &Error>,
    ) -> Self {
        let mut endpoints = Self::default();
        match answer {
            Ok(addresses) => addresses.for_each(|address| endpoints.add(session, api, address)),
            Err(error) => endpoints.miss(session, error),
        }
        endpoints
    }

    /// Adds one by host, port and network. A network that is not understood is no private one.
    fn add(&mut self, session: &Session, api: &Api, (host, port, network): (&str, &str, &str)) {
        match is_internet(network) {
            Some(public) => self.push(endpoint(host, port, public)),
            None => self.0.unread.push(odd(session, api, format!("the network {network:?} of {host}"))),
        }
    }

    /// Adds one, unless it is known by host and port.
    fn push(&mut self, new: DatabaseEndpoint) {
        let same = |known: &&mut DatabaseEndpoint| (&known.host, &known.port) == (&new.host, &new.port);
        match self.0.rows.iter_mut().find(same) {
            Some(known) => known.public |= new.public,
            None => self.0.rows.push(new),
        }
    }

    /// Adds others.
    fn extend(&mut self, others: Self) {
        others.0.rows.into_iter().for_each(|endpoint| self.push(endpoint));
        self.0.unread.extend(others.0.unread);
    }

    /// A call that failed.
    fn miss(&mut self, session: &Session, error: &Error) {
        self.0.unread.push(unread_in(session, error));
    }

    /// Whether one is public, or may be.
    fn may_be_public(&self) -> bool {
        !self.0.is_whole() || self.0.rows.iter().any(|endpoint| endpoint.public)
    }
}

fn endpoint(host: &str, port: &str, public: bool) -> DatabaseEndpoint {
    DatabaseEndpoint { host: host.to_owned(), port: port.to_owned(), public, guard: String::new() }
}

/// A whitelist of a product that makes no difference between networks or endpoints.
fn whitelist(name: &str, addresses: &str) -> Whitelist {
    Whitelist {
        name: name.to_owned(),
        entries: entries(addresses),
        network: String::new(),
        guard: String::new(),
    }
}

/// The entries of a list that was written with commas between.
fn entries(addresses: &str) -> Vec<String> {
    addresses.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_owned).collect()
}

/// The whitelists of an instance's own, and those of the templates that it uses; without templates where it cannot use any.
fn whitelists(
    session: &Session,
    own: Result<Vec<Whitelist>, Error>,
    templates: Result<Vec<Whitelist>, Error>,
) -> Listed<Whitelist> {
    let mut lists = Listed::default();
    for part in [own, or_none(templates, Vec::new())] {
        match part {
            Ok(part) => lists.rows.extend(part),
            Err(error) => lists.unread.push(unread_in(session, &error)),
        }
    }
    lists
}

/// The whitelists of global templates.
fn global(answer: Result<Answer<GlobalWhitelists>, Error>) -> Result<Vec<Whitelist>, Error> {
    let answer = answer?;
    Ok(answer.templates().iter().map(|template| whitelist(&template.name, &template.addresses)).collect())
}

/// How many calls all parts name.
const fn count(parts: &[&[Api]]) -> usize {
    let (mut part, mut all) = (0, 0);
    while part < parts.len() {
        all += parts[part].len();
        part += 1;
    }
    all
}

/// The calls of all parts in one list.
const fn joined<const N: usize>(parts: &[&[Api]]) -> [Api; N] {
    let mut all = [parts[0][0]; N];
    let (mut part, mut at) = (0, 0);
    while part < parts.len() {
        let mut row = 0;
        while row < parts[part].len() {
            all[at] = parts[part][row];
            at += 1;
            row += 1;
        }
        part += 1;
    }
    all
}
