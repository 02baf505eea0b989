use serde_json::json;

use super::{evidence, services};
use crate::checks::finding::Target;
use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::network::{Admitted, Path, PortMap};
use crate::snapshot::{Snapshot, Unread};
use crate::tr;

check! {
    /// # The internet reaches an instance
    ///
    /// ## Why it matters
    ///
    /// A rule is a weakness; together with a way in it is an exposure. A way begins at a public or elastic address, on the instance or any of its interfaces, at an
    /// IPv6 address with internet bandwidth, at a DNAT entry or at a load balancer's listener, and passes the network ACL of the vSwitch and the security groups of
    /// the interface. The evidence shows each one. An instance that is stopped is reported all the same: its address and its rules stay.
    ///
    /// Reached on web ports only (`exposure.web_ports`) it is of low severity.
    ///
    /// ## How to fix it
    ///
    /// Cut the way at the hop that is not meant to be there: release the address, remove the DNAT entry, or narrow the rule. Put a load balancer in front of what must
    /// be public.
    EXPOSED_INSTANCE {
        id: "exposed-instance",
        severity: Severity::Critical,
        guide: &[6],
        cis: &[],
        title: ["The internet reaches an instance", "实例可从互联网到达"],
        fix: ["Cut the way: release the address or narrow the rule", "切断路径:释放公网地址或收窄规则"],
    }
    fn find(account: &Snapshot, config: &Config, findings: &mut Findings<'_>) {
        let (l, exposure) = (findings.language(), findings.exposure(config));
        findings.listed(&account.resources.instances, "ecs", "instance");
        for instance in &account.resources.instances.rows {
            let arn = account.arn("ecs", &instance.region, &format!("instance/{}", instance.id));
            let target = Target::new(arn, &instance.tags);
            let paths: Vec<&Path> = exposure.paths_to(&instance.id).collect();
            let certain: Vec<(&Path, Admitted)> = paths
                .iter()
                .filter(|path| !path.reached.certain.is_empty())
                .map(|path| (*path, path.reached.certain.clone()))
                .collect();
            let name = if instance.name.is_empty() { &instance.id } else { &instance.name };
            if !certain.is_empty() {
                let open = all(certain.iter().map(|(_, open)| open));
                let ports = &config.exposure.web_ports;
                let is_web = |(path, open): &(&Path, Admitted)| {
                    let front = path.web_front.is_some_and(|(first, last)| (first..=last).all(|port| ports.contains(&port)));
                    front || services::only_web(open, ports)
                };
                let web = certain.iter().all(is_web);
                let severity = if web { Severity::Low } else { Severity::Critical };
                let ports = evidence::ports(&open);
                let ways = entrances(certain.iter().map(|(path, _)| *path));
                let stopped = if instance.running {
                    String::new()
                } else {
                    tr!(l, " It is stopped now; address and rules stay.", "该实例当前已停止,但地址与规则仍然保留。")
                };
                let message = tr!(
                    l,
                    "The internet reaches {name} on {ports} by {ways}.{stopped}",
                    "互联网可经 {ways} 到达 {name} 的 {ports}。{stopped}"
                );
                let mut told = evidence::opening(&open);
                let (paths, more) = evidence::paths(certain);
                told["instance"] = name.as_str().into();
                told["running"] = instance.running.into();
                told["paths"] = paths.into();
                told["more_paths"] = more.into();
                findings.fail_at(severity, target.ports(evidence::port_ranges(&open)), message, told);
            } else if paths.iter().any(|path| !path.reached.possible.is_empty()) {
                let open = all(paths.iter().map(|path| &path.reached.possible));
                let ways = paths.iter().filter(|path| !path.reached.possible.is_empty());
                let mut doubts: Vec<Unread> = ways.flat_map(|path| path.doubts.iter().cloned()).collect();
                doubts.sort();
                doubts.dedup();
                let (message, told) = evidence::undecided(l, &open, &doubts);
                findings.undecided(target.ports(evidence::port_ranges(&open)), message, told);
            } else if paths.iter().any(|path| path.known) {
                let ways = entrances(paths.iter().copied().filter(|path| path.known));
                let message = tr!(
                    l,
                    "It has {ways}, but no rule lets the internet in.",
                    "有 {ways},但没有规则允许互联网访问。"
                );
                findings.pass(target, message);
            } else {
                let message = tr!(l, "No public address leads to it.", "没有公网地址指向该实例。");
                findings.pass(target, message);
            }
        }
    }
}

/// What any of them lets in.
fn all<'a>(reached: impl Iterator<Item = &'a Admitted>) -> Admitted {
    reached.fold(Admitted::default(), |all, one| all.zip(one, PortMap::union))
}

/// The first few entrances, and how many more.
fn entrances<'a>(paths: impl Iterator<Item = &'a Path>) -> String {
    let told: std::collections::BTreeSet<&str> = paths.map(|path| path.entrance.as_str()).collect();
    let more = told.len().saturating_sub(3);
    let first: Vec<&str> = told.into_iter().take(3).collect();
    let rest = if more > 0 { json!(more).to_string() } else { String::new() };
    if rest.is_empty() { first.join(", ") } else { format!("{} (+{rest})", first.join(", ")) }
}
