//! What goes wrong on the way: a region that does not answer, a product that is denied, throttling, listings that lie, things that go.
//!
//! Each run with faults is held against one without: what it says of a resource is the same, or UNKNOWN. It never says that something is
//! well that is not.

use std::collections::BTreeMap;

use simulator::{Account, Fault, FaultKind, Size, generated};

use super::stage::{Night, Stage};

/// What a run says: check and resource, and how it stands.
type Said = BTreeMap<(String, String), String>;

fn small() -> Account {
    generated(11, Size { groups: 120, instances: 60, buckets: 20, databases: 20, ..Size::SMALL }).account
}

/// The night with these faults, against the same one without.
fn nights(account: Account, faults: Vec<Fault>) -> (Said, Night) {
    let clean = Stage::of(account.clone(), "").night();
    assert_eq!(clean.unknowns(), Vec::<String>::new());
    let stage = Stage::of(account, "");
    faults.into_iter().for_each(|fault| stage.world.sim.fault(fault));
    (clean.said(), stage.night())
}

/// Whether a pattern such as `acs:ecs:cn-beijing:1:securitygroup*` is about a resource.
fn is_about(pattern: &str, resource: &str) -> bool {
    pattern.contains('*') && shared::config::matches(pattern, resource)
}

/// What the faulty run says is what the clean one says, or UNKNOWN, there or for its list. Returns how many are unknown.
#[track_caller]
fn same_or_unknown(clean: &Said, night: &Night) -> usize {
    let said = night.said();
    let unknown_lists: Vec<&(String, String)> = said
        .iter()
        .filter(|((_, resource), how)| *how == "UNKNOWN" && resource.contains('*'))
        .map(|(key, _)| key)
        .collect();
    let mut unknown = 0;
    for (key, was) in clean.iter().filter(|((_, resource), _)| !resource.contains('*')) {
        match said.get(key).map(String::as_str) {
            Some(is) if is == was => {}
            Some("UNKNOWN") => unknown += 1,
            None => {
                let hidden =
                    unknown_lists.iter().any(|(check, pattern)| *check == key.0 && is_about(pattern, &key.1));
                assert!(hidden, "{key:?} was {was}, and is not told of");
                unknown += 1;
            }
            Some(is) => panic!("{key:?} was {was} and is {is}"),
        }
    }
    for (key, is) in said.iter().filter(|(_, is)| *is == "FAIL") {
        assert_eq!(clean.get(key), Some(is), "{key:?} fails only where something was not read");
    }
    unknown
}

#[test]
fn a_region_that_does_not_answer() {
    let account = small();
    let region = "cn-beijing";
    let (clean, night) = nights(account, vec![Fault::new("*", FaultKind::Reset).in_region(region).forever()]);
    assert!(same_or_unknown(&clean, &night) > 50);
    assert!(night.failures().iter().all(|why| why.ends_with(region)), "{:?}", night.failures());
    // Everything that is elsewhere is told as ever, but for what might be reached from there by no region's means.
    let elsewhere = |resource: &str| !resource.contains(region) && !resource.contains('*');
    let said = night.said();
    for (key, was) in clean.iter().filter(|((_, resource), _)| elsewhere(resource)) {
        assert_eq!(said.get(key), Some(was), "{key:?}");
    }
}

#[test]
fn a_product_that_is_denied() {
    for (action, unread) in [
        ("rds:*", "rds:"),
        ("ecs:DescribeNetworkInterfaces", "ecs:DescribeNetworkInterfaces"),
        ("ecs:DescribeSecurityGroupAttribute", "ecs:DescribeSecurityGroupAttribute"),
        ("vpc:*", "vpc:"),
        ("oss:GetBucketPolicy", "oss:GetBucketPolicy"),
        ("slb:*", "slb:"),
    ] {
        let (clean, night) = nights(small(), vec![Fault::new(action, FaultKind::Deny).forever()]);
        assert!(same_or_unknown(&clean, &night) > 0, "{action}");
        let failures = night.failures();
        assert!(failures.iter().all(|why| why.starts_with(unread)), "{action}: {failures:?}");
        assert!(!failures.is_empty(), "{action}");
    }
}

#[test]
fn throttling_everywhere_and_broken_answers_are_tried_again() {
    // A refusal that is cut off stays a refusal: so answers are broken where there are none.
    for (action, kind, times) in [
        ("*", FaultKind::Throttle { retry_after: None }, 40),
        ("vpc:*", FaultKind::BadJson, 3),
        ("rds:*", FaultKind::Truncate, 3),
    ] {
        let (clean, night) = nights(small(), vec![Fault::new(action, kind.clone()).after(1).times(times)]);
        assert_eq!(night.unknowns(), Vec::<String>::new(), "{kind:?}");
        assert_eq!(night.said(), clean, "{kind:?}");
    }
}

#[test]
fn listings_that_repeat_or_never_end() {
    for kind in [FaultKind::RepeatedPage, FaultKind::EndlessPages] {
        let fault = Fault::new("ecs:DescribeSecurityGroups", kind.clone()).forever();
        let (clean, night) = nights(small(), vec![fault]);
        let unknown = same_or_unknown(&clean, &night);
        let failures = night.failures();
        assert!(
            unknown == 0 || failures.iter().any(|why| why.starts_with("ecs:DescribeSecurityGroups")),
            "{kind:?}: {failures:?}"
        );
        assert!(!failures.is_empty(), "{kind:?}: a listing that lies is not whole");
    }
}

#[test]
fn an_instance_that_is_deleted_half_way_is_gone_and_the_rest_exact() {
    let made = generated(11, Size { groups: 120, instances: 60, buckets: 20, databases: 20, ..Size::SMALL });
    let exposed = |(check, arn, _): &simulator::Fail| {
        (*check == "exposed-instance").then(|| arn.rsplit('/').next().unwrap().to_owned())
    };
    let instance = made.truth.fails.iter().find_map(exposed).unwrap();
    let clean = Stage::of(made.account.clone(), "").night().said();
    // Between its listing and its user data; then between two nights.
    let stage = Stage::of(made.account, "");
    stage.world.sim.fault(Fault::new("ecs:DescribeUserData", FaultKind::Deleted(instance.clone())));
    let night = stage.night();
    assert_eq!(night.unknowns(), Vec::<String>::new());
    let of_others = |said: Said| -> Said {
        said.into_iter().filter(|((_, resource), _)| !resource.ends_with(&instance)).collect()
    };
    assert_eq!(of_others(night.said()), of_others(clean));
    let next = stage.night();
    assert_eq!(next.unknowns(), Vec::<String>::new());
    assert!(next.said().keys().all(|(_, resource)| !resource.ends_with(&instance)));
}
