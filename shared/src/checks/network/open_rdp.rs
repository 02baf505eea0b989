use super::services::RDP;
use super::weakness::{Weakness, tcp};
use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::snapshot::Snapshot;

check! {
    /// # A security group lets the internet in to Remote Desktop
    ///
    /// ## Why it matters
    ///
    /// Port 3389 is how ransomware most often comes in: by guessed passwords, or by a fault in the server before anyone has signed in. The finding is critical when
    /// something that uses the group can be reached from the internet on that port (the evidence shows the way), high when that could not be read, medium when
    /// nothing can.
    ///
    /// ## How to fix it
    ///
    /// Narrow the rule's source to the networks that people work from, or remove it and use a bastion host or a VPN.
    OPEN_RDP {
        id: "open-rdp",
        severity: Severity::Critical,
        guide: &[6],
        cis: &["4.4"],
        title: ["Remote Desktop is open to the internet", "远程桌面端口对互联网开放"],
        fix: ["Narrow the source of the rule, or use a bastion host", "收窄规则的来源,或改用堡垒机"],
    }
    fn find(account: &Snapshot, config: &Config, findings: &mut Findings<'_>) {
        let weakness = Weakness { concerns: &tcp(RDP), skips: &|_| false, forgives_web: false };
        weakness.look(account, config, findings);
    }
}
