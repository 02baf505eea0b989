use super::weakness::{Weakness, all_ports};
use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::Snapshot;

check! {
    /// # A security group lets the internet in on all ports
    ///
    /// ## Why it matters
    ///
    /// Whatever is started on such a machine is on the internet at once: debuggers, metrics, admin pages, databases. Nobody decides about it any more. All of TCP
    /// counts, and so does all of UDP, in one rule or in several that add up. ICMP has no ports and does not.
    ///
    /// ## How to fix it
    ///
    /// Write one rule for each port that is meant to be public, and remove the wide one.
    OPEN_ALL_PORTS {
        id: "open-all-ports",
        severity: Severity::Critical,
        guide: &[6],
        cis: &["3.5"],
        title: ["All ports are open to the internet", "所有端口对互联网开放"],
        fix: ["Replace the rule by one for each public port", "改为按端口逐条开放"],
    }
    fn find(account: &Snapshot, config: &Config, findings: &mut Findings<'_>) {
        let weakness = Weakness { concerns: &all_ports, skips: &|_| false, forgives_web: false };
        weakness.look(account, config, findings);
    }
}
