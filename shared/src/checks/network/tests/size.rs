//! A large account, in time.

use std::time::Instant;

use super::account::*;
use crate::checks::Status::{Fail, Pass};
use crate::snapshot::*;

/// So many groups, each on an instance of its own with an EIP, and so many rules in each.
fn large(groups: usize, rules: usize) -> Snapshot {
    let mut account = empty();
    for g in 0..groups {
        let mut all: Vec<Rule> = (0..rules - 1)
            .map(|r| match r % 4 {
                // Private, an office, a port of its own for everybody to be dropped from, a port for the networks of partners.
                0 => tcp(22, &format!("10.{}.{}.0/24", r / 256 % 256, r % 256)),
                1 => tcp(443, &format!("47.{}.{}.0/24", r / 256 % 256, r % 256)),
                2 => rule(false, 1, Protocol::Tcp, Ports::Range(r as u16, r as u16), from("0.0.0.0/0")),
                _ => rule(
                    true,
                    9,
                    Protocol::All,
                    Ports::Range(0, 65535),
                    from(&format!("8.8.{}.{}/32", r / 256 % 256, r % 256)),
                ),
            })
            .collect();
        if g % 10 == 0 {
            all.push(tcp(8080, "0.0.0.0/0"));
        }
        let (id, instance_id, private) =
            (format!("sg-{g}"), format!("i-{g}"), format!("10.0.{}.{}", g / 256, g % 256));
        account.resources.security_groups.rows.push(group(&id, all));
        account.resources.instances.rows.push(instance(&instance_id, &private, &[&id]));
        account.resources.interfaces.rows.push(interface(
            &format!("eni-{g}"),
            &instance_id,
            &[&private],
            &[&id],
        ));
        account.resources.eips.rows.push(eip(
            &format!("47.200.{}.{}", g / 256, g % 256),
            "EcsInstance",
            &instance_id,
            None,
        ));
    }
    account
}

#[test]
fn the_work_grows_with_the_account_and_not_with_its_square() {
    let account = large(250, 400);
    let began = Instant::now();
    let found = findings(&account, "exposed-instance");
    let took = began.elapsed();
    let count = |status| found.iter().filter(|finding| finding.status == status).count();
    assert_eq!((count(Fail), count(Pass)), (25, 225));
    // A few seconds at most, without optimisation; the square would be minutes.
    assert!(took.as_secs() < 30, "{took:?}");
}
