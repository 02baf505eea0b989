//! Buckets and databases made at random, with the truth about them.
//!
//! The truth is written by construction: of each thing it is first decided how it shall be open or closed, then
//! settings are made that do so, among much that changes nothing. No scanner is involved.

use super::random::Random;
use super::{Fail, databases, storage};
use crate::account::{Account, Doors, Network};
use std::sync::Arc;

/// Where generated things are.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) account: &'a str,
    pub(crate) regions: &'a [&'a str],
}

/// An account with generated buckets and databases.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The account.
    pub account: Account,
    /// Everything that must fail, sorted. Nothing else may, of the checks of buckets and databases
    /// (`public-bucket`, `bucket-without-logging`, `bucket-without-tls`, `bucket-without-versioning`,
    /// `unencrypted-bucket`, `public-database-endpoint`, `open-database-whitelist`, `exposed-database`,
    /// `database-without-tls`, `database-without-audit`); and nothing may be unknown.
    pub fails: Vec<Fail>,
}

/// Makes an account with so many buckets and databases: the same one for the same seed and numbers. Its users,
/// roles and policies are those of [`Account::builtin`].
///
/// A range of addresses counts as open by the configuration's default: more than 65,536 public IPv4 addresses
/// together, or more than an IPv6 /32. What is narrow here is far below, what is wide far above.
pub fn stored(seed: u64, buckets: usize, databases: usize) -> Stored {
    let nothing = (Arc::new(Doors::default()), Arc::new(Network::default()));
    let mut account = Account { doors: nothing.0, network: nothing.1, ..Account::builtin() };
    account.regions.truncate(25);
    let mut fails = store(&mut account, &mut Random::new(seed), buckets, databases);
    fails.sort();
    Stored { account, fails }
}

/// Gives an account so many buckets and databases instead of those that it has.
pub(super) fn store(
    account: &mut Account,
    random: &mut Random,
    buckets: usize,
    databases: usize,
) -> Vec<Fail> {
    let (id, regions) = (account.account_id.clone(), account.regions.clone());
    let regions: Vec<&str> = regions.iter().map(String::as_str).collect();
    let place = Place { account: &id, regions: &regions };
    let (made, mut fails) = storage::buckets(&mut random.fork(), place, buckets);
    account.buckets = made;
    let made = databases::databases(&mut random.fork(), place, databases);
    account.databases = made.databases.into_iter().map(Arc::new).collect();
    account.whitelist_templates = Arc::new(made.templates);
    fails.extend(made.fails);
    fails
}

#[cfg(test)]
mod tests;
