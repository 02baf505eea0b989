use super::services::named_ports;
use super::weakness::{Weakness, all_ports, within};
use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::network::PortSet;
use crate::snapshot::Snapshot;

check! {
    /// # A security group lets the internet in on another port
    ///
    /// ## Why it matters
    ///
    /// Each open port is a program that anyone may talk to. Those for SSH, Remote Desktop and databases have checks of their own, and so have groups that open all
    /// of them. What is public by nature (`exposure.web_ports`, 80 and 443 unless told otherwise) is of low severity.
    ///
    /// ## How to fix it
    ///
    /// Close the port, or narrow its source. If it is public on purpose, say so: an exemption names who decided it, why and until when.
    OPEN_PORT {
        id: "open-port",
        severity: Severity::High,
        guide: &[6],
        cis: &[],
        title: ["A port is open to the internet", "端口对互联网开放"],
        fix: ["Close it, narrow its source, or record that it is meant to be public", "关闭端口、收窄来源,或登记为有意公开"],
    }
    fn find(account: &Snapshot, config: &Config, findings: &mut Findings<'_>) {
        // Nothing listens on port 0.
        let all: PortSet = [(1, u16::MAX)].into_iter().collect();
        let others = named_ports().map(|named| all.difference(&named));
        let weakness = Weakness {
            concerns: &|open| within(open, &others),
            skips: &|reach| !all_ports(&reach.admitted.certain).is_empty(),
            forgives_web: true,
        };
        weakness.look(account, config, findings);
    }
}
