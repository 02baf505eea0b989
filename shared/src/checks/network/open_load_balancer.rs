use serde_json::{Value, json};

use super::{evidence, services};
use crate::checks::finding::Target;
use crate::checks::{Findings, check};
use crate::config::{Config, Severity};
use crate::network::{Admitted, Frontdoor, PortMap};
use crate::snapshot::{BalancerKind, Listener, LoadBalancer, Read, Snapshot, Unread};
use crate::tr;

check! {
    /// # A load balancer is open to the internet
    ///
    /// ## Why it matters
    ///
    /// What stands behind a listener is as public as the listener, whatever the servers' own groups and addresses say. Looked at are balancers of all three kinds
    /// (CLB, ALB, NLB) with an internet address or an EIP, their running listeners, the access lists of these and the balancer's own security groups.
    ///
    /// A white list without entries is no protection: a CLB lets everything through then. For ALB the documents disagree, so that is UNKNOWN.
    ///
    /// Web ports (`exposure.web_ports`) are of low severity, ports of SSH, Remote Desktop and databases critical, others high.
    ///
    /// ## How to fix it
    ///
    /// Give the listener a white list of those who need it, make the balancer internal, or record that it is meant to be public.
    OPEN_LOAD_BALANCER {
        id: "open-load-balancer",
        severity: Severity::High,
        guide: &[6],
        cis: &[],
        title: ["A load balancer is open to the internet", "负载均衡对互联网开放"],
        fix: ["Give the listener a white list, or make the balancer internal", "为监听配置白名单,或改为私网实例"],
    }
    fn find(account: &Snapshot, config: &Config, findings: &mut Findings<'_>) {
        let (l, exposure) = (findings.language(), findings.exposure(config));
        let balancers = &account.resources.load_balancers;
        for (product, kind) in [("slb", BalancerKind::Clb), ("alb", BalancerKind::Alb), ("nlb", BalancerKind::Nlb)] {
            list(account, product, kind, findings);
        }
        let mut doors = exposure.frontdoors.iter().peekable();
        for (at, (balancer, public)) in balancers.rows.iter().zip(&exposure.public_balancers).enumerate() {
            let mut own = Vec::new();
            while let Some(door) = doors.next_if(|door| door.balancer == at) {
                own.push(door);
            }
            let product = balancer.kind.product();
            let arn = account.arn(product, &balancer.region, &format!("loadbalancer/{}", balancer.id));
            let target = Target::new(arn, &balancer.tags);
            let open = all(own.iter().map(|door| &door.admitted.certain));
            let possible = all(own.iter().map(|door| &door.admitted.possible));
            let name = if balancer.name.is_empty() { &balancer.id } else { &balancer.name };
            if !open.is_empty() {
                let (ports, share) = (evidence::ports(&open), evidence::sources(&open).share_of_internet());
                let message = tr!(
                    l,
                    "{name} lets in {share} on {ports}.",
                    "{name} 在 {ports} 上允许互联网访问({share})。"
                );
                let mut told = evidence::opening(&open);
                let open_doors = own.iter().filter(|door| !door.admitted.certain.is_empty());
                told["listeners"] = open_doors.map(|door| listener(balancer, door)).collect::<Vec<_>>().into();
                told["addresses"] = json!(balancer.addresses);
                let target = target.ports(evidence::port_ranges(&open));
                findings.fail_at(severity(&open, config), target, message, told);
            } else if !possible.is_empty() {
                let mut doubts: Vec<Unread> = own.iter().flat_map(|door| door.doubts.iter().cloned()).collect();
                doubts.sort();
                doubts.dedup();
                let (message, told) = evidence::undecided(l, &possible, &doubts);
                findings.undecided(target.ports(evidence::port_ranges(&possible)), message, told);
            } else if let Some(why) = balancer.listeners.unread.first().filter(|_| public.possible) {
                findings.unknown(target, why);
            } else if public.possible {
                let listeners = balancer.listeners.rows.len();
                let message = tr!(
                    l,
                    "None of its {listeners} listeners is open to the internet.",
                    "其 {listeners} 个监听均未对互联网开放。"
                );
                findings.pass(target, message);
            } else {
                findings.pass(target, tr!(l, "It has no internet address.", "没有公网地址。"));
            }
        }
    }
}

/// What the list leaves open of one product.
fn list(account: &Snapshot, product: &str, kind: BalancerKind, findings: &mut Findings<'_>) {
    let all = &account.resources.load_balancers;
    // A reason names the product that was called; one that names none concerns all three.
    let concerns = |why: &&Unread| {
        let called = why.action.split(':').next().unwrap_or_default();
        called == product || !["slb", "alb", "nlb"].contains(&called)
    };
    let mut own = crate::snapshot::Listed::whole(all.rows.iter().filter(|one| one.kind == kind).collect());
    own.unread.extend(all.unread.iter().filter(concerns).cloned());
    findings.listed(&own, product, "loadbalancer");
}

fn all<'a>(admitted: impl Iterator<Item = &'a Admitted>) -> Admitted {
    admitted.fold(Admitted::default(), |all, one| all.zip(one, PortMap::union))
}

fn severity(open: &Admitted, config: &Config) -> Severity {
    if services::only_web(open, &config.exposure.web_ports) {
        Severity::Low
    } else if services::names(open).is_empty() {
        Severity::High
    } else {
        Severity::Critical
    }
}

fn listener(balancer: &LoadBalancer, door: &Frontdoor) -> Value {
    let mut told = evidence::opening(&door.admitted.certain);
    if let Some(listener) = balancer.listeners.rows.get(door.listener) {
        told["listener"] = listener.id.as_str().into();
        told["speaks"] = listener.speaks.as_str().into();
        told["backends"] = backends(listener);
    }
    told
}

/// The first servers behind a listener, and how many there are.
fn backends(listener: &Listener) -> Value {
    match &listener.backends {
        Read::Unread(why) => json!({ "unread": why.to_string() }),
        Read::Read(all) => {
            let told: Vec<String> = all
                .iter()
                .take(10)
                .map(|backend| {
                    let port = backend.port.map(|port| format!(":{port}")).unwrap_or_default();
                    format!("{}{port}", backend.server)
                })
                .collect();
            json!({ "servers": told, "count": all.len() })
        }
    }
}
