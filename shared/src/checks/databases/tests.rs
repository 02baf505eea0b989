//! Databases: endpoint and whitelist, alone and together, with what other scanners make of them.

use proptest::prelude::*;

use super::*;
use crate::checks::{Finding, Status, run};
use crate::config::{Config, Severity};
use crate::snapshot::{DatabaseEndpoint, Read, Tags, Whitelist};

fn unread(action: &str) -> Unread {
    Unread { region: "cn-hangzhou".to_owned(), ..Unread::new(action, "Forbidden.RAM", "not allowed") }
}

fn endpoint(public: bool, guard: &str) -> DatabaseEndpoint {
    let host = if public { "db.public.example" } else { "db.private.example" };
    DatabaseEndpoint { host: host.into(), port: "3306".into(), public, guard: guard.into() }
}

fn whitelist(name: &str, entries: &[&str]) -> Whitelist {
    let entries = entries.iter().map(|entry| (*entry).to_owned()).collect();
    Whitelist { name: name.into(), entries, network: String::new(), guard: String::new() }
}

/// An RDS instance with TLS and audit.
fn database(public: bool, whitelists: Vec<Whitelist>) -> Database {
    Database {
        id: "rm-1".into(),
        name: "orders".into(),
        region: "cn-hangzhou".into(),
        kind: DatabaseKind::Rds,
        engine: "MySQL".into(),
        tags: Tags::new(),
        endpoints: Listed::whole(
            [endpoint(false, "")].into_iter().chain(public.then(|| endpoint(true, ""))).collect(),
        ),
        whitelists: Listed::whole(whitelists),
        security_groups: Read::Read(Vec::new()),
        tls: Read::Read(true),
        audit: Read::Read(Some(true)),
    }
}

fn account(databases: Listed<Database>) -> Snapshot {
    let mut account = Snapshot::unasked("2026-11-24T02:00:00Z".parse().unwrap(), "1");
    account.resources.databases = databases;
    account
}

fn found(account: &Snapshot, id: &str) -> Vec<Finding> {
    run(CHECKS, account, &Config::default()).into_iter().filter(|finding| finding.check == id).collect()
}

#[track_caller]
fn one(database: &Database, id: &str) -> Finding {
    let found = found(&account(Listed::whole(vec![database.clone()])), id);
    assert_eq!(found.len(), 1, "{found:?}");
    found.into_iter().next().unwrap()
}

/// Public endpoint, whitelist, both; with severities.
#[track_caller]
fn judged(database: &Database) -> [(Status, Severity); 3] {
    ["public-database-endpoint", "open-database-whitelist", "exposed-database"].map(|id| {
        let found = one(database, id);
        (found.status, found.severity)
    })
}

const FAIL: Status = Status::Fail;
const PASS: Status = Status::Pass;
const UNKNOWN: Status = Status::Unknown;

/// CloudSploit looks for the text `0.0.0.0` in entries: `10.0.0.0/8` and `100.0.0.0/8` fail there, `::/0` passes (ran). Steampipe compares whole
/// groups with `0.0.0.0/0`: `127.0.0.1,0.0.0.0/0` and `::/0` are ok there (ran). CloudRec and cnspec miss halves, CloudRec `::/0`, too.
#[test]
fn which_whitelists_are_open() {
    for entries in [
        &["0.0.0.0/0"][..],
        &["127.0.0.1", "0.0.0.0/0"],
        &["::/0"],
        &["0.0.0.0/1", "128.0.0.0/1"],
        &["10.0.0.0/8", "::/0"],
        &["11.0.0.0/8"],
        &["%"],
        &["nonsense", "0.0.0.0/0"],
    ] {
        let database = database(true, vec![whitelist("default", entries)]);
        let wanted = [(FAIL, Severity::Medium), (FAIL, Severity::High), (FAIL, Severity::Critical)];
        assert_eq!(judged(&database), wanted, "{entries:?}");
    }
    for entries in [
        &["10.0.0.0/8"][..],
        &["127.0.0.1"],
        &["0.0.0.0"],
        &["203.0.113.0/24", "192.168.0.0/16"],
        &["8.8.8.8"],
    ] {
        let judged = judged(&database(true, vec![whitelist("default", entries)]));
        assert_eq!(judged.map(|(status, _)| status), [FAIL, PASS, PASS], "{entries:?}");
    }
    // CIS 6.2 by CloudSploit: a public /8 without `0.0.0.0` in it is fine. It is 16 million addresses.
    assert_eq!(one(&database(true, vec![whitelist("a", &["100.0.0.0/8"])]), "exposed-database").status, FAIL);
    let nonsense = database(true, vec![whitelist("default", &["10.0.0.0/8", "0.0.0.0/33"])]);
    assert_eq!(judged(&nonsense).map(|(status, _)| status), [FAIL, UNKNOWN, UNKNOWN]);
}

/// Prowler makes no difference between public and private instances: all with 0.0.0.0/0 are open to the world there.
#[test]
fn an_open_whitelist_without_a_public_endpoint_is_a_weakness() {
    let database = database(false, vec![whitelist("default", &["0.0.0.0/0"])]);
    assert_eq!(
        judged(&database),
        [(PASS, Severity::Medium), (FAIL, Severity::Medium), (PASS, Severity::Critical)]
    );
    let unsure = Database { endpoints: Listed::unread(unread("rds:DescribeDBInstanceNetInfo")), ..database };
    assert_eq!(
        judged(&unsure),
        [(UNKNOWN, Severity::Medium), (FAIL, Severity::High), (UNKNOWN, Severity::Critical)]
    );
}

#[test]
fn all_whitelists_count_together() {
    let halves = vec![whitelist("one", &["0.0.0.0/1"]), whitelist("two", &["128.0.0.0/1"])];
    let exposed = one(&database(true, halves), "exposed-database");
    assert_eq!((exposed.status, &exposed.evidence["let_in_by"]), (FAIL, &serde_json::json!(["one", "two"])));
    // Each is narrow enough alone.
    let parts = vec![whitelist("one", &["8.8.0.0/16"]), whitelist("two", &["9.9.0.0/16"])];
    assert_eq!(one(&database(true, parts), "exposed-database").status, FAIL);
    // Templates are whitelists like others (nobody looks at them); the one that opens is named.
    let template = vec![whitelist("default", &["10.0.0.0/8"]), whitelist("template", &["0.0.0.0/0"])];
    let exposed = one(&database(true, template), "exposed-database");
    assert_eq!(exposed.evidence["let_in_by"], serde_json::json!(["template"]));
    assert_eq!(
        exposed.message,
        "Anybody on the internet gets to db.public.example:3306: let in by template."
    );
    assert_eq!(exposed.scope.ports, [(3306, 3306)]);
    assert_eq!(exposed.resource, "acs:rds:cn-hangzhou:1:dbinstance/rm-1");
}

/// In RDS's safe mode a whitelist of VPCs does not guard the public endpoint.
#[test]
fn a_whitelist_for_the_vpc_does_not_open_the_public_endpoint() {
    let of = |network: &str| Whitelist { network: network.into(), ..whitelist(network, &["0.0.0.0/0"]) };
    let closed = Whitelist { network: "Classic".into(), ..whitelist("classic", &["127.0.0.1"]) };
    for (network, wanted) in [("VPC", PASS), ("vpc", PASS), ("Classic", FAIL), ("MIX", FAIL), ("", FAIL)] {
        let database = database(true, vec![of(network), closed.clone()]);
        assert_eq!(one(&database, "exposed-database").status, wanted, "{network}");
        assert_eq!(one(&database, "open-database-whitelist").status, FAIL, "{network}");
    }
    // None of the classic network at all.
    assert_eq!(one(&database(true, vec![of("VPC")]), "exposed-database").status, PASS);
}

/// Elasticsearch guards Kibana apart from its nodes.
#[test]
fn a_whitelist_opens_what_it_guards() {
    let of = |guard: &str, entries| Whitelist { guard: guard.into(), ..whitelist(guard, entries) };
    let elastic = |public: &str| Database {
        kind: DatabaseKind::Elasticsearch,
        endpoints: Listed::whole(vec![endpoint(true, public)]),
        ..database(false, vec![of("nodes", &["10.0.0.0/8"]), of("kibana", &["0.0.0.0/0"])])
    };
    assert_eq!(one(&elastic("nodes"), "exposed-database").status, PASS);
    assert_eq!(one(&elastic("kibana"), "exposed-database").status, FAIL);
    assert_eq!(
        one(&elastic("kibana"), "exposed-database").resource,
        "acs:elasticsearch:cn-hangzhou:1:instances/rm-1"
    );
    // Halves in two sets are no whole.
    let halves = vec![of("nodes", &["8.8.0.0/16"]), of("kibana", &["9.9.0.0/16"])];
    let both = Listed::whole(vec![endpoint(true, "nodes"), endpoint(true, "kibana")]);
    let database = Database { endpoints: both, whitelists: Listed::whole(halves), ..elastic("nodes") };
    assert_eq!(one(&database, "exposed-database").status, PASS);
    assert_eq!(one(&database, "open-database-whitelist").status, PASS);
    // A set that is not there is not known to be closed.
    assert_eq!(
        one(
            &Database { whitelists: Listed::whole(vec![of("nodes", &["10.0.0.1"])]), ..elastic("kibana") },
            "exposed-database"
        )
        .status,
        UNKNOWN
    );
}

#[test]
fn empty_whitelists() {
    let of = |kind, lists: Vec<Whitelist>| Database { kind, ..database(true, lists) };
    let empty = || vec![whitelist("default", &[])];
    // Documented: open.
    let statuses = |database: &Database| judged(database).map(|(status, _)| status);
    assert_eq!(statuses(&of(DatabaseKind::MongoDb, empty())), [FAIL, FAIL, FAIL]);
    assert_eq!(
        statuses(&of(DatabaseKind::MongoDb, vec![whitelist("a", &[" "]), whitelist("b", &["10.0.0.1"])])),
        [FAIL, PASS, PASS]
    );
    // Not documented.
    assert_eq!(statuses(&of(DatabaseKind::Redis, empty())), [FAIL, UNKNOWN, UNKNOWN]);
    assert_eq!(statuses(&of(DatabaseKind::Rds, Vec::new())), [FAIL, UNKNOWN, UNKNOWN]);
    assert_eq!(statuses(&database(false, Vec::new())), [PASS, PASS, PASS]);
}

/// Prowler: an error makes an empty whitelist, which passes.
#[test]
fn what_was_not_read_is_unknown_unless_it_cannot_matter() {
    let why = || unread("rds:DescribeDBInstanceIPArrayList");
    let without = |public, rows| Database {
        whitelists: Listed { rows, unread: vec![why()] },
        ..database(public, Vec::new())
    };
    let statuses = |database: &Database| judged(database).map(|(status, _)| status);
    assert_eq!(statuses(&without(true, Vec::new())), [FAIL, UNKNOWN, UNKNOWN]);
    assert_eq!(statuses(&without(false, Vec::new())), [PASS, UNKNOWN, PASS]);
    assert_eq!(statuses(&without(true, vec![whitelist("a", &["10.0.0.0/8"])])), [FAIL, UNKNOWN, UNKNOWN]);
    assert_eq!(statuses(&without(true, vec![whitelist("a", &["0.0.0.0/0"])])), [FAIL, FAIL, FAIL]);
    // A proxy's endpoint that was not read may be public; one that is known suffices.
    let some = |public, entries| {
        let mut database = database(public, vec![whitelist("a", entries)]);
        database.endpoints.unread.push(unread("rds:DescribeDBProxyEndpoint"));
        database
    };
    assert_eq!(statuses(&some(false, &["10.0.0.0/8"])), [UNKNOWN, PASS, UNKNOWN]);
    assert_eq!(statuses(&some(true, &["0.0.0.0/0"])), [FAIL, FAIL, FAIL]);
}

#[test]
fn security_groups_let_in_their_members_and_nobody_else() {
    let bound = |public, entries: &[&str], groups| Database {
        security_groups: groups,
        ..database(public, vec![whitelist("a", entries)])
    };
    let groups = || Read::Read(vec!["sg-1".to_owned()]);
    let refused = || Read::Unread(unread("rds:DescribeSecurityGroupConfiguration"));
    assert_eq!(one(&bound(true, &["10.0.0.1"], refused()), "exposed-database").status, PASS);
    assert_eq!(one(&bound(true, &["0.0.0.0/0"], refused()), "exposed-database").status, FAIL);
    assert_eq!(one(&bound(false, &["10.0.0.1"], refused()), "exposed-database").status, PASS);
    assert_eq!(one(&bound(true, &["0.0.0.0/0"], groups()), "exposed-database").status, FAIL);
    assert_eq!(one(&bound(false, &["10.0.0.1"], groups()), "exposed-database").status, PASS);
    assert_eq!(one(&bound(true, &["10.0.0.1"], groups()), "exposed-database").status, PASS);
}

#[test]
fn tls_and_audit() {
    let with = |tls, audit| Database { tls, audit, ..database(false, Vec::new()) };
    let none = || Read::Read(None);
    assert_eq!(one(&with(Read::Read(true), none()), "database-without-tls").status, PASS);
    assert_eq!(one(&with(Read::Read(false), none()), "database-without-tls").status, FAIL);
    assert_eq!(one(&with(Read::Unread(unread("rds:X")), none()), "database-without-tls").status, UNKNOWN);
    assert_eq!(one(&with(Read::Read(true), Read::Read(Some(true))), "database-without-audit").status, PASS);
    assert_eq!(one(&with(Read::Read(true), Read::Read(Some(false))), "database-without-audit").status, FAIL);
    assert_eq!(
        one(&with(Read::Read(true), Read::Unread(unread("rds:X"))), "database-without-audit").status,
        UNKNOWN
    );
    let without = account(Listed::whole(vec![with(Read::Read(true), none())]));
    assert_eq!(found(&without, "database-without-audit"), []);
}

#[test]
fn what_could_not_be_listed_is_unknown_under_its_product() {
    let unread = ["rds:DescribeDBInstances", "dds:DescribeDBInstances", "new:X"].map(unread).into();
    let account = account(Listed { rows: Vec::new(), unread });
    for check in CHECKS {
        let found = found(&account, check.id);
        assert!(found.iter().all(|finding| finding.status == UNKNOWN));
        let resources: Vec<&str> = found.iter().map(|finding| finding.resource.as_str()).collect();
        let wanted = [
            "acs:rds:cn-hangzhou:1:dbinstance*",
            "acs:dds:cn-hangzhou:1:dbinstance*",
            "acs:*:cn-hangzhou:1:*",
        ];
        assert_eq!(resources, wanted, "{}", check.id);
    }
    let none = self::account(Listed::whole(Vec::new()));
    assert!(CHECKS.iter().all(|check| found(&none, check.id)[0].status == PASS), "looked at, and none there");
}

proptest! {
    /// Exposed is public and let in, whatever the groups are called and however the entries are spread over them.
    #[test]
    fn exposed_is_both(
        public in any::<bool>(),
        entries in proptest::collection::vec((0_usize..4, prop_oneof![
            Just("10.0.0.0/8"), Just("127.0.0.1"), Just("0.0.0.0/0"), Just("0.0.0.0/1"), Just("::/0"), Just("8.8.8.0/24"),
        ]), 1..6),
    ) {
        let mut lists: Vec<Whitelist> = (0..4).map(|n| whitelist(&format!("list {n}"), &[])).collect();
        for (list, entry) in &entries {
            lists[*list].entries.push((*entry).to_owned());
        }
        let is_open = entries.iter().any(|(_, entry)| ["0.0.0.0/0", "0.0.0.0/1", "::/0"].contains(entry));
        let [endpoint, list, exposed] = judged(&database(public, lists)).map(|(status, _)| status == FAIL);
        prop_assert_eq!((endpoint, list, exposed), (public, is_open, public && is_open));
    }
}
