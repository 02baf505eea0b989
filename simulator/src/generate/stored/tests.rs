use super::*;
use crate::account::{Acl, DatabaseKind};
use crate::generate::databases::{self, Guard, Made, Shape, Way};
use crate::generate::storage::{SHAPES, buckets};
use std::collections::BTreeSet;

const PLACE: Place = Place { account: "1234567890123456", regions: &["cn-hangzhou", "eu-central-1"] };

#[test]
fn the_same_seed_makes_the_same_account_and_its_file_can_be_read() {
    let [one, two, other] = [stored(7, 200, 100), stored(7, 200, 100), stored(8, 200, 100)];
    let text = serde_json::to_string(&one.account).unwrap();
    assert_eq!(text, serde_json::to_string(&two.account).unwrap());
    assert_eq!(one.fails, two.fails);
    assert_ne!(one.fails, other.fails);
    let read = Account::from_json(&text).unwrap();
    assert_eq!((read.buckets.len(), read.databases.len()), (200, 100));
}

#[test]
fn the_truth_names_what_is_there_once_and_every_kind_of_it() {
    let Stored { account, fails } = stored(1, 200, 100);
    let mut places: BTreeSet<String> = BTreeSet::new();
    places.extend(account.buckets.iter().map(|one| format!("{}:{}", one.region, one.name)));
    places.extend(account.databases.iter().map(|one| format!("{}:{}", one.region, one.id)));
    let mut seen = BTreeSet::new();
    for (check, arn, severity) in &fails {
        assert!(["critical", "high", "medium", "low"].contains(severity));
        let parts: Vec<&str> = arn.splitn(5, ':').collect();
        let name = parts[4].rsplit('/').next().unwrap();
        assert!(places.contains(&format!("{}:{name}", parts[2])), "{arn}");
        assert!(seen.insert((check, arn)), "{check} {arn} twice");
    }
    let kinds: BTreeSet<_> = fails.iter().map(|(check, _, severity)| (*check, *severity)).collect();
    assert_eq!(kinds.len(), 12, "{kinds:?}");
    for shape in SHAPES {
        let (made, found) = buckets(&mut Random::new(3), PLACE, SHAPES.len());
        let at = SHAPES.iter().position(|one| *one == shape).unwrap();
        let said =
            found.iter().find(|(check, arn, _)| *check == "public-bucket" && arn.ends_with(&made[at].name));
        assert_eq!(said.map(|(_, _, severity)| *severity), shape.verdict(), "{shape:?}");
    }
}

/// What decides is in the account, however the dice fall. Held against a reading of its own that knows only these
/// shapes: a public ACL, an Allow for everybody, a Deny for everybody, a block.
#[test]
fn buckets_are_as_decided() {
    for seed in 0..20 {
        let (made, fails) = buckets(&mut Random::new(seed), PLACE, 60);
        for bucket in &made {
            let verdict =
                fails.iter().find(|(check, arn, _)| *check == "public-bucket" && arn.ends_with(&bucket.name));
            let verdict = verdict.map(|(_, _, severity)| *severity);
            let statements =
                bucket.policy.as_ref().map_or(Vec::new(), |p| p["Statement"].as_array().unwrap().clone());
            let everybody =
                |s: &serde_json::Value| s["Principal"] == "*" || s["Principal"] == serde_json::json!(["*"]);
            let denied = statements.iter().any(|s| {
                s["Effect"] == "Deny"
                    && everybody(s)
                    && s["Action"][0] == "oss:*"
                    && s.get("Condition").is_none()
            });
            let object = bucket.object_acls.values().any(|acl| *acl != Acl::Private);
            if denied || bucket.block_public_access {
                assert_eq!(verdict, None, "{}", bucket.name);
            } else if bucket.acl != Acl::Private {
                assert_eq!(verdict, Some("critical"), "{}", bucket.name);
            } else if !statements.iter().any(|s| s["Effect"] == "Allow" && everybody(s)) {
                assert_eq!(verdict, object.then_some("high"), "{}", bucket.name);
            }
            bucket_is_told_soundly(bucket);
        }
    }
}

fn bucket_is_told_soundly(bucket: &crate::account::Bucket) {
    assert_eq!(bucket.policy.is_some(), bucket.policy_is_public.is_some());
    assert!(bucket.objects.len() < 20, "fewer objects than a scan samples");
}

#[test]
fn databases_are_as_decided() {
    for (way, guard, expected) in [
        (Way::Inside, Guard::Private, &[][..]),
        (Way::Inside, Guard::HiddenWide, &[]),
        (Way::Inside, Guard::HalvesApart, &[("open-database-whitelist", "medium")]),
        (Way::Public, Guard::Narrow, &[("public-database-endpoint", "medium")]),
        (
            Way::Proxy,
            Guard::HalfTemplate,
            &[
                ("public-database-endpoint", "medium"),
                ("open-database-whitelist", "high"),
                ("exposed-database", "critical"),
            ],
        ),
        (
            Way::OpenForVpc,
            Guard::Everybody,
            &[("public-database-endpoint", "medium"), ("open-database-whitelist", "high")],
        ),
    ] {
        let shape = Shape { kind: DatabaseKind::Rds, way, guard };
        let mut made = Made { databases: Vec::new(), templates: Vec::new(), fails: Vec::new() };
        databases::one(&mut Random::new(5), PLACE, 1, shape, &mut made);
        let fails: Vec<_> = made.fails.iter().map(|(check, _, severity)| (*check, *severity)).collect();
        let fails: Vec<_> =
            fails.into_iter().filter(|(check, _)| !check.starts_with("database-without")).collect();
        assert_eq!(fails, expected, "{shape:?}");
        let one = &made.databases[0];
        let public = one.endpoints.iter().any(|endpoint| endpoint.net == crate::account::Net::Public);
        assert_eq!(public, shape.has_public_endpoint());
        assert_eq!(one.templates.len(), made.templates.len());
    }
}

#[test]
fn the_simulator_plays_it() {
    let Stored { account, .. } = stored(2, 200, 100);
    let regions: BTreeSet<String> = account.databases.iter().map(|one| one.region.clone()).collect();
    assert!(regions.len() > 15, "databases are spread over the regions");
    assert!(crate::Simulator::start(account, crate::Settings::default()).is_ok());
}
