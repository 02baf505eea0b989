use super::services::database_ports;
use super::weakness::{Weakness, within};
use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::Snapshot;

check! {
    /// # A security group lets the internet in to a database port
    ///
    /// ## Why it matters
    ///
    /// Databases, caches and search engines that anyone can talk to are emptied or held to ransom within hours, and several of them ask for no password unless they
    /// are told to. Looked at are the default ports of MySQL, PostgreSQL, SQL Server, Oracle, Redis, MongoDB, Elasticsearch, memcached, ClickHouse, Cassandra,
    /// CouchDB, etcd, ZooKeeper, InfluxDB, Neo4j, OceanBase and Db2. The finding is critical when something that uses the group can be reached from the internet on
    /// such a port, high when that could not be read, medium when nothing can.
    ///
    /// ## How to fix it
    ///
    /// Let in only the group of the application servers, and give people a bastion host. A database needs no public address.
    OPEN_DATABASE_PORT {
        id: "open-database-port",
        severity: Severity::Critical,
        guide: &[6],
        cis: &[],
        title: ["A database port is open to the internet", "数据库端口对互联网开放"],
        fix: ["Let in only the application's security group", "仅允许应用所在的安全组访问"],
    }
    fn find(account: &Snapshot, config: &Config, findings: &mut Findings<'_>) {
        let ports = database_ports();
        let weakness =
            Weakness { concerns: &|open| within(open, &ports), skips: &|_| false, forgives_web: false };
        weakness.look(account, config, findings);
    }
}
