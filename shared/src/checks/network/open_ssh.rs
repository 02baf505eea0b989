use super::services::SSH;
use super::weakness::{Weakness, tcp};
use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::Snapshot;

check! {
    /// # A security group lets the internet in to SSH
    ///
    /// ## Why it matters
    ///
    /// Port 22 is tried all day from everywhere. One weak password, one key that leaked or one fault in the server gives a shell. The finding is critical when
    /// something that uses the group can be reached from the internet on that port (the evidence shows the way), high when that could not be read, medium when
    /// nothing can: the rule waits for the first public address.
    ///
    /// Rules are judged as they work: all groups' priorities, drops before accepts, port lists, prefix lists, IPv4 and IPv6. Sources count as open when they are
    /// together wider than `exposure.open_wider_than`; `trusted_networks` do not count.
    ///
    /// ## How to fix it
    ///
    /// Narrow the rule's source to the networks that people work from, or remove it and use Session Manager or a bastion host, which need no open port.
    OPEN_SSH {
        id: "open-ssh",
        severity: Severity::Critical,
        guide: &[6],
        cis: &["3.2", "4.3"],
        title: ["SSH is open to the internet", "SSH 端口对互联网开放"],
        fix: ["Narrow the source of the rule, or use Session Manager", "收窄规则的来源,或改用会话管理"],
    }
    fn find(account: &Snapshot, config: &Config, findings: &mut Findings<'_>) {
        let weakness = Weakness { concerns: &tcp(SSH), skips: &|_| false, forgives_web: false };
        weakness.look(account, config, findings);
    }
}
