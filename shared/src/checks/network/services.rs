//! Ports by what listens on them.

use crate::network::{Admitted, PortSet};

/// SSH.
pub(super) const SSH: u16 = 22;
/// The Remote Desktop Protocol.
pub(super) const RDP: u16 = 3389;

/// Databases and what is like them: the default ports of each, TCP and UDP.
pub(super) const DATABASES: &[(&str, &[u16], &[u16])] = &[
    ("MySQL", &[3306, 33060], &[]),
    ("PostgreSQL", &[5432], &[]),
    ("SQL Server", &[1433], &[1434]),
    ("Oracle", &[1521, 1522, 2483, 2484], &[]),
    ("Redis", &[6379, 6380], &[]),
    ("MongoDB", &[27017, 27018, 27019], &[]),
    ("Elasticsearch", &[9200, 9300], &[]),
    ("memcached", &[11211], &[11211]),
    ("ClickHouse", &[8123, 9000, 9440], &[]),
    ("Cassandra", &[7000, 7001, 9042], &[]),
    ("CouchDB", &[5984, 6984], &[]),
    ("etcd", &[2379, 2380], &[]),
    ("ZooKeeper", &[2181], &[]),
    ("InfluxDB", &[8086], &[]),
    ("Neo4j", &[7474, 7687], &[]),
    ("OceanBase", &[2881, 2883], &[]),
    ("Db2", &[50000], &[]),
];

/// The TCP and UDP ports of databases.
pub(super) fn database_ports() -> [PortSet; 2] {
    let tcp = DATABASES.iter().flat_map(|(_, tcp, _)| tcp.iter());
    let udp = DATABASES.iter().flat_map(|(_, _, udp)| udp.iter());
    [tcp.map(|port| (*port, *port)).collect(), udp.map(|port| (*port, *port)).collect()]
}

/// The TCP and UDP ports that checks of their own are about: SSH, RDP, databases.
pub(super) fn named_ports() -> [PortSet; 2] {
    let [tcp, udp] = database_ports();
    [tcp.union(&[(SSH, SSH), (RDP, RDP)].into_iter().collect()), udp]
}

/// The names of the services whose ports are among those that are open.
pub(super) fn names(open: &Admitted) -> Vec<&'static str> {
    let (tcp, udp) = (open.tcp.ports(), open.udp.ports());
    let admin = [("SSH", SSH), ("RDP", RDP)];
    let admin = admin.into_iter().filter(|(_, port)| tcp.contains(*port)).map(|(name, _)| name);
    let databases = DATABASES.iter().filter(|(_, on_tcp, on_udp)| {
        on_tcp.iter().any(|port| tcp.contains(*port)) || on_udp.iter().any(|port| udp.contains(*port))
    });
    admin.chain(databases.map(|(name, ..)| *name)).collect()
}

/// Whether only ports that are public by nature (`exposure.web_ports`) are open.
pub(super) fn only_web(open: &Admitted, web_ports: &[u16]) -> bool {
    let web: PortSet = web_ports.iter().map(|port| (*port, *port)).collect();
    web.covers(&open.tcp.ports()) && web.covers(&open.udp.ports())
}
