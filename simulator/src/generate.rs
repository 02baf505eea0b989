//! A large account made at random, with the truth about it.
//!
//! The truth is written by construction: of every group it is first decided what it shall let in, and of every
//! instance by which way it shall be reached, if by any; then rules and addresses are made that do so, among much
//! that changes nothing. No scanner is involved, nor anything that reads rules back.

mod databases;
mod doors;
mod noise;
mod openings;
mod policy;
mod random;
mod region;
mod storage;
mod stored;
mod ways;

pub use stored::{Stored, stored};

use crate::account::{Account, Network};
use random::Random;
use std::sync::Arc;
use stored::store;

/// A finding that must be made: check id, resource ARN, severity.
pub type Fail = (&'static str, String, &'static str);

/// How large a generated account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// How many regions it has; at most 29.
    pub regions: usize,
    /// How many security groups, over all regions.
    pub groups: usize,
    /// How many instances, over all regions.
    pub instances: usize,
    /// How many rules the largest groups have. Most have far fewer.
    pub most_rules: usize,
    /// How many buckets.
    pub buckets: usize,
    /// How many databases.
    pub databases: usize,
}

impl Size {
    /// A large company: 25 regions, 2,500 groups of up to 1,000 rules, 1,000 instances, 200 buckets, 100 databases.
    pub const LARGE: Self =
        Self { regions: 25, groups: 2500, instances: 1000, most_rules: 1000, buckets: 200, databases: 100 };
    /// Three regions with every case a few times.
    pub const SMALL: Self =
        Self { regions: 3, groups: 360, instances: 150, most_rules: 60, buckets: 60, databases: 60 };
}

/// A generated account.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The account.
    pub account: Account,
    /// What a scan must say of it.
    pub truth: Truth,
}

/// What a scan must say of a generated account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truth {
    /// Everything that must fail, sorted. Nothing else may, of the checks of security groups, instances, load
    /// balancers, buckets and databases; and nothing may be unknown. The account has nothing but its roles that other checks look at.
    pub fails: Vec<Fail>,
}

/// Makes an account: the same one for the same seed and size. Its users, roles and policies are those of
/// [`Account::builtin`].
///
/// A range of addresses counts as open by the configuration's default: more than 65,536 public IPv4 addresses
/// together, or more than an IPv6 /32. What is narrow here is far below, what is wide far above.
pub fn generated(seed: u64, size: Size) -> Generated {
    let mut account = Account::people();
    account.regions.truncate(size.regions);
    let (mut network, mut fails) = (Network::default(), Vec::new());
    let mut random = Random::new(seed);
    for (number, name) in account.regions.iter().enumerate() {
        let share = |all: usize| all / size.regions + usize::from(number < all % size.regions);
        let quota = region::Quota {
            groups: share(size.groups),
            instances: share(size.instances),
            most_rules: size.most_rules,
        };
        let mut place = region::Place::new(number, name, &account.account_id, random.fork());
        place.settle(quota);
        place.hand_over(&mut network, &mut fails);
    }
    network.sort();
    account.network = Arc::new(network);
    fails.extend(store(&mut account, &mut random, size.buckets, size.databases));
    fails.sort();
    Generated { account, truth: Truth { fails } }
}

#[cfg(test)]
mod tests;
