//! Security groups that let the internet in: what the checks of open ports have in common.

use serde_json::json;

use super::{evidence, services};
use crate::checks::Findings;
use crate::checks::finding::Target;
use crate::config::{Config, Severity};
use crate::network::{Admitted, GroupReach, PortMap};
use crate::snapshot::{SecurityGroup, Snapshot};
use crate::tr;

/// One check of open ports.
pub(super) struct Weakness<'a> {
    /// What of that which a group lets in it is about.
    pub(super) concerns: &'a dyn Fn(&Admitted) -> Admitted,
    /// Groups that another check reports for the same.
    pub(super) skips: &'a dyn Fn(&GroupReach) -> bool,
    /// Whether ports that are public by nature are of low severity.
    pub(super) forgives_web: bool,
}

impl Weakness<'_> {
    /// Looks at every group. A failure is critical where the internet reaches what the group guards on such a port, high where that is not known, and medium
    /// where it does not.
    pub(super) fn look(&self, account: &Snapshot, config: &Config, findings: &mut Findings<'_>) {
        let (l, exposure) = (findings.language(), findings.exposure(config));
        let groups = &account.resources.security_groups;
        findings.listed(groups, "ecs", "securitygroup");
        for (group, reach) in groups.rows.iter().zip(&exposure.groups) {
            if (self.skips)(reach) {
                continue;
            }
            let target = || {
                let arn = account.arn("ecs", &group.region, &format!("securitygroup/{}", group.id));
                Target::new(arn, &group.tags)
            };
            let open = reach.admitted.map(|admitted| (self.concerns)(admitted));
            if !open.certain.is_empty() {
                self.fail(group, reach, &open.certain, config, target(), findings);
            } else if !open.possible.is_empty() {
                let (message, evidence) = evidence::undecided(l, &open.possible, &reach.doubts);
                let target = target().ports(evidence::port_ranges(&open.possible));
                findings.undecided(target, message, evidence);
            } else {
                let rules = group.rules.rows.len();
                let message = tr!(
                    l,
                    "None of its {rules} inbound rules opens this to the internet.",
                    "其 {rules} 条入方向规则均未向互联网开放。"
                );
                findings.pass(target(), message);
            }
        }
    }

    fn fail(
        &self,
        group: &SecurityGroup,
        reach: &GroupReach,
        open: &Admitted,
        config: &Config,
        target: Target,
        findings: &mut Findings<'_>,
    ) {
        let (l, exposure) = (findings.language(), findings.exposure(config));
        let here = [open.tcp.ports(), open.udp.ports()];
        let (mut reached, mut possible) = (Vec::new(), 0);
        for path in exposure.paths_of_group(&group.id) {
            let both = path.reached.map(|admitted| within(admitted, &here));
            if !both.certain.is_empty() {
                reached.push((path, both.certain));
            } else if !both.possible.is_empty() {
                possible += 1;
            }
        }
        let holders: std::collections::BTreeSet<&str> =
            reached.iter().map(|(path, _)| path.holder.as_str()).collect();
        let count = holders.len();
        let unknown = possible > 0 || reach.unlisted.is_some();
        let severity = if self.forgives_web && services::only_web(open, &config.exposure.web_ports) {
            Severity::Low
        } else if !reached.is_empty() {
            Severity::Critical
        } else if unknown {
            Severity::High
        } else {
            Severity::Medium
        };
        let (name, ports) = (named(group), evidence::ports(open));
        let share = evidence::sources(open).share_of_internet();
        let behind = if count > 0 {
            let stopped = reached.iter().filter(|(path, _)| path.stopped);
            let stopped =
                stopped.map(|(path, _)| path.holder.as_str()).collect::<std::collections::BTreeSet<_>>();
            let stopped = stopped.len();
            match stopped {
                0 => tr!(
                    l,
                    "The internet reaches {count} of what uses it.",
                    "互联网可到达使用它的 {count} 个资源。"
                ),
                _ => tr!(
                    l,
                    "The internet reaches {count} of what uses it ({stopped} of them stopped now).",
                    "互联网可到达使用它的 {count} 个资源（其中 {stopped} 个当前已停止）。"
                ),
            }
        } else if unknown {
            tr!(
                l,
                "Whether the internet reaches anything that uses it is not known.",
                "互联网能否到达使用它的资源未知。"
            )
        } else if reach.attached {
            tr!(l, "Nothing that uses it can be reached now.", "目前使用它的资源均不可从互联网到达。")
        } else {
            tr!(l, "Nothing uses it now.", "目前没有资源使用它。")
        };
        let message = tr!(
            l,
            "{name} lets in {share} on {ports}. {behind}",
            "{name} 在 {ports} 上允许互联网访问（{share}）。{behind}"
        );
        let mut evidence = evidence::opening(open);
        let (paths, more) = evidence::paths(reached);
        evidence["group"] = group.name.as_str().into();
        evidence["attached"] = reach.attached.into();
        evidence["reached"] = json!(holders.iter().take(10).collect::<Vec<_>>());
        evidence["paths"] = paths.into();
        evidence["more_paths"] = more.into();
        findings.fail_at(severity, target.ports(evidence::port_ranges(open)), message, evidence);
    }
}

fn named(group: &SecurityGroup) -> String {
    if group.name.is_empty() { group.id.clone() } else { format!("{} ({})", group.id, group.name) }
}

/// Only these ports, TCP and UDP.
pub(super) fn within(admitted: &Admitted, [tcp, udp]: &[crate::network::PortSet; 2]) -> Admitted {
    Admitted { tcp: admitted.tcp.within(tcp), udp: admitted.udp.within(udp) }
}

/// One TCP port, for checks that are about no other.
pub(super) fn tcp(port: u16) -> impl Fn(&Admitted) -> Admitted {
    move |admitted| Admitted {
        tcp: admitted.tcp.within(&[(port, port)].into_iter().collect()),
        udp: PortMap::default(),
    }
}

/// A protocol of which every port is open, 1 to 65535.
pub(super) fn all_ports(admitted: &Admitted) -> Admitted {
    let all: crate::network::PortSet = [(1, u16::MAX)].into_iter().collect();
    admitted.map(|map| if map.ports().covers(&all) { map.clone() } else { PortMap::default() })
}
