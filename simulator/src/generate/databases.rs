//! Generated databases: with and without a public endpoint, behind whitelists that are open and closed in every
//! way there is.

use super::Fail;
use super::policy::{narrow, private};
use super::random::Random;
use super::stored::Place;
use crate::account::{Database, DatabaseKind, Endpoint, Net, Whitelist, WhitelistTemplate};

/// What was made.
pub(crate) struct Made {
    pub(crate) databases: Vec<Database>,
    pub(crate) templates: Vec<WhitelistTemplate>,
    pub(crate) fails: Vec<Fail>,
}

/// Whom the whitelists of a database let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guard {
    /// Private addresses.
    Private,
    /// A few public ones.
    Narrow,
    /// A hidden list is wide, as the services' own are; the others are narrow.
    HiddenWide,
    /// A template with a few public ones.
    NarrowTemplate,
    Everybody,
    /// The same, by IPv6.
    EverybodyByIpv6,
    /// In one list among private ones.
    AmongOthers,
    Halves,
    /// Each half in a list of its own.
    HalvesApart,
    /// A wide public range.
    Wide,
    Template,
    /// One half in a list, the other in a template.
    HalfTemplate,
}

impl Guard {
    const ALL: [Self; 12] = [
        Self::Private,
        Self::Narrow,
        Self::HiddenWide,
        Self::NarrowTemplate,
        Self::Everybody,
        Self::EverybodyByIpv6,
        Self::AmongOthers,
        Self::Halves,
        Self::HalvesApart,
        Self::Wide,
        Self::Template,
        Self::HalfTemplate,
    ];

    pub(super) fn is_open(self) -> bool {
        !matches!(self, Self::Private | Self::Narrow | Self::HiddenWide | Self::NarrowTemplate)
    }

    fn needs_template(self) -> bool {
        matches!(self, Self::NarrowTemplate | Self::Template | Self::HalfTemplate)
    }
}

/// How it may be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// From its VPC alone.
    Inside,
    Public,
    /// RDS: by its proxy.
    Proxy,
    /// RDS: by an endpoint of its nodes.
    Node,
    /// RDS tells networks apart and lets the VPC's in widely, the internet narrowly.
    OpenForVpc,
    /// Elasticsearch: Kibana is public; what is wide is the list of the nodes, which are not.
    KibanaOther,
}

/// What a database shall be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) kind: DatabaseKind,
    pub(super) way: Way,
    pub(super) guard: Guard,
}

impl Shape {
    fn any(random: &mut Random) -> Self {
        use DatabaseKind::{ClickHouse, ClickHouseEnterprise, Elasticsearch, MongoDb, PolarDb, Rds, Redis};
        let kinds = [
            (Rds, 40),
            (PolarDb, 15),
            (MongoDb, 15),
            (Redis, 15),
            (Elasticsearch, 8),
            (ClickHouse, 4),
            (ClickHouseEnterprise, 3),
        ];
        let mut left = random.within(0, 99);
        let kind = kinds.into_iter().find(|(_, share)| {
            let hit = left < *share;
            left = left.saturating_sub(*share);
            hit
        });
        let kind = kind.map_or(Rds, |(kind, _)| kind);
        let way = match (kind, random.within(0, 9)) {
            (_, 0..=3) => Way::Inside,
            (Rds, 7) => Way::Proxy,
            (Rds, 8) => Way::Node,
            (Rds, 9) => Way::OpenForVpc,
            (Elasticsearch, 8..=9) => Way::KibanaOther,
            _ => Way::Public,
        };
        let with_templates = matches!(kind, Rds | PolarDb | MongoDb | Redis);
        let fits = |guard: &Guard| with_templates || !guard.needs_template();
        let guards: Vec<Guard> = match way {
            Way::OpenForVpc | Way::KibanaOther => vec![Guard::Everybody],
            _ => Guard::ALL.into_iter().filter(fits).collect(),
        };
        Self { kind, way, guard: random.pick(&guards) }
    }

    pub(super) fn has_public_endpoint(self) -> bool {
        self.way != Way::Inside
    }

    /// Whether the whitelist that is open guards the endpoint that is public.
    pub(super) fn is_exposed(self) -> bool {
        self.guard.is_open() && matches!(self.way, Way::Public | Way::Proxy | Way::Node)
    }
}

/// Product and resource type in ARNs.
fn arn_parts(kind: DatabaseKind) -> (&'static str, &'static str) {
    match kind {
        DatabaseKind::Rds => ("rds", "dbinstance"),
        DatabaseKind::PolarDb => ("polardb", "dbcluster"),
        DatabaseKind::MongoDb => ("dds", "dbinstance"),
        DatabaseKind::Redis => ("kvstore", "instance"),
        DatabaseKind::Elasticsearch => ("elasticsearch", "instances"),
        DatabaseKind::ClickHouse | DatabaseKind::ClickHouseEnterprise => ("clickhouse", "dbcluster"),
    }
}

/// Makes databases, and what must be found about them.
pub(crate) fn databases(random: &mut Random, place: Place, n: usize) -> Made {
    let mut made = Made { databases: Vec::new(), templates: Vec::new(), fails: Vec::new() };
    for number in 0..n {
        let random = &mut random.fork();
        let shape = Shape::any(random);
        one(random, place, number, shape, &mut made);
    }
    made
}

/// Makes one of a shape.
pub(super) fn one(random: &mut Random, place: Place, number: usize, shape: Shape, made: &mut Made) {
    let Shape { kind, way, guard } = shape;
    let region = random.pick(place.regions);
    let (product, resource) = arn_parts(kind);
    let id = format!("{}-generated{number:05}", prefix(kind));
    let arn = format!("acs:{product}:{region}:{}:{resource}/{id}", place.account);
    let mut fail = |check, severity| made.fails.push((check, arn.clone(), severity));
    if shape.has_public_endpoint() {
        fail("public-database-endpoint", "medium");
    }
    if guard.is_open() {
        fail("open-database-whitelist", if shape.has_public_endpoint() { "high" } else { "medium" });
    }
    if shape.is_exposed() {
        fail("exposed-database", "critical");
    }
    // ClickHouse tells of TLS by its ports alone and of no audit log, Elasticsearch of no audit log either.
    let clickhouse = matches!(kind, DatabaseKind::ClickHouse | DatabaseKind::ClickHouseEnterprise);
    let tls = clickhouse || !random.percent(20);
    if !tls {
        fail("database-without-tls", "medium");
    }
    let tells_audit = !clickhouse && kind != DatabaseKind::Elasticsearch;
    let audit = !tells_audit || !random.percent(20);
    if !audit {
        fail("database-without-audit", "medium");
    }
    let (whitelists, template) = lists(random, shape);
    let templates = template.map(|entries| {
        let template = WhitelistTemplate {
            id: if kind == DatabaseKind::Rds {
                format!("{}", 1000 + number)
            } else {
                format!("g-generated{number:05}")
            },
            kind,
            region: region.into(),
            name: format!("template_{number}"),
            entries,
        };
        made.templates.push(template);
        made.templates.last().map_or_else(String::new, |one| one.id.clone())
    });
    let sharded = kind == DatabaseKind::MongoDb && random.percent(30);
    let engine = match kind {
        // Proxies there are for these alone (RDS, "Database proxy").
        DatabaseKind::Rds if shape.way == Way::Proxy => random.pick(&["MySQL", "PostgreSQL"]),
        DatabaseKind::Rds => random.pick(&["MySQL", "PostgreSQL", "SQLServer", "MariaDB"]),
        DatabaseKind::PolarDb => random.pick(&["MySQL", "PostgreSQL"]),
        _ => "",
    };
    made.databases.push(Database {
        endpoints: endpoints(shape, &id, sharded),
        id,
        kind,
        region: region.into(),
        name: format!("generated {number}"),
        engine: engine.into(),
        version: "8.0".into(),
        form: sharded.then(|| "sharding".into()),
        master: None,
        created: "2024-05-01T08:00:00Z".into(),
        vpc: "vpc-bp1generated00001".into(),
        tags: Default::default(),
        safety_mode: way == Way::OpenForVpc,
        whitelists,
        templates: templates.into_iter().collect(),
        security_groups: Vec::new(),
        tls,
        audit,
    });
}

fn prefix(kind: DatabaseKind) -> &'static str {
    match kind {
        DatabaseKind::Rds => "rm",
        DatabaseKind::PolarDb => "pc",
        DatabaseKind::MongoDb => "dds",
        DatabaseKind::Redis => "r",
        DatabaseKind::Elasticsearch => "es-cn",
        DatabaseKind::ClickHouse => "cc",
        DatabaseKind::ClickHouseEnterprise => "cce",
    }
}

/// The endpoints: one inside, and a public one as the way says.
fn endpoints(shape: Shape, id: &str, sharded: bool) -> Vec<Endpoint> {
    let (port, part) = match shape.kind {
        DatabaseKind::Rds => (3306, ""),
        DatabaseKind::PolarDb => (3306, "Cluster"),
        DatabaseKind::MongoDb => (3717, if sharded { "mongos" } else { "Primary" }),
        DatabaseKind::Redis => (6379, ""),
        DatabaseKind::Elasticsearch => (9200, ""),
        DatabaseKind::ClickHouse | DatabaseKind::ClickHouseEnterprise => (9000, ""),
    };
    let part_id = if part.is_empty() { String::new() } else { format!("part-{id}") };
    let at = |net: Net, part: &str, part_id: &str| Endpoint {
        host: format!(
            "{id}{}{part}.example.rds.aliyuncs.com",
            if net == Net::Public { "-public" } else { "" }
        )
        .to_lowercase(),
        port,
        ip: String::new(),
        net,
        part: part.into(),
        part_id: part_id.into(),
    };
    let mut endpoints = vec![at(Net::Vpc, part, &part_id)];
    match shape.way {
        Way::Inside => {}
        Way::Public | Way::OpenForVpc => endpoints.push(at(Net::Public, part, &part_id)),
        Way::Proxy => {
            endpoints.push(at(Net::Vpc, "proxy", "proxy-1"));
            endpoints.push(at(Net::Public, "proxy", "proxy-1"));
        }
        Way::Node => endpoints.push(at(Net::Public, "node", "node-1")),
        Way::KibanaOther => endpoints.push(at(Net::Public, "kibana", "")),
    }
    endpoints
}

/// Whitelists, and the entries of a template if there is one.
fn lists(random: &mut Random, shape: Shape) -> (Vec<Whitelist>, Option<Vec<String>>) {
    let list = |name: &str, entries: Vec<String>| Whitelist {
        name: name.into(),
        entries,
        hidden: false,
        network: None,
        guards: String::new(),
    };
    let texts = |entries: &[&str]| entries.iter().map(|entry| (*entry).to_string()).collect::<Vec<_>>();
    let mut template = None;
    let mut lists = vec![list("default", private(random))];
    let mut add = |entries: Vec<String>| lists.push(list(&format!("app_{}", lists.len()), entries));
    match shape.guard {
        Guard::Private => {}
        Guard::Narrow => add(narrow(random)),
        Guard::HiddenWide => add(narrow(random)),
        Guard::NarrowTemplate => template = Some(narrow(random)),
        Guard::Everybody => add(texts(&["0.0.0.0/0"])),
        Guard::EverybodyByIpv6 => add(texts(&["::/0"])),
        Guard::AmongOthers => {
            let mut entries = private(random);
            entries.insert(random.within(0, entries.len()), "0.0.0.0/0".into());
            add(entries);
        }
        Guard::Halves => add(texts(&["128.0.0.0/1", "0.0.0.0/1"])),
        Guard::HalvesApart => {
            add(texts(&["0.0.0.0/1"]));
            add(texts(&["128.0.0.0/1"]));
        }
        Guard::Wide => add(texts(&["47.0.0.0/8"])),
        Guard::Template => template = Some(texts(&["0.0.0.0/0"])),
        Guard::HalfTemplate => {
            add(texts(&["0.0.0.0/1"]));
            template = Some(texts(&["128.0.0.0/1"]));
        }
    }
    let hides = !matches!(shape.kind, DatabaseKind::Elasticsearch);
    if hides && (shape.guard == Guard::HiddenWide || random.percent(30)) {
        let wide = if shape.guard == Guard::HiddenWide { "0.0.0.0/0" } else { "100.104.0.0/16" };
        lists.push(Whitelist { hidden: true, ..list("hdm_security_ips", texts(&[wide])) });
    }
    match shape.way {
        // The open list is for VPCs, and the classic network (the internet's, too) has a narrow one.
        Way::OpenForVpc => {
            for list in &mut lists {
                list.network = Some("VPC".into());
            }
            lists.push(Whitelist { network: Some("Classic".into()), ..list("default", narrow(random)) });
        }
        Way::KibanaOther => {
            lists.push(Whitelist { guards: "kibana".into(), ..list("default", narrow(random)) });
        }
        _ => {}
    }
    (lists, template)
}
