//! What is open, said to people and written down as evidence.

use serde_json::{Value, json};

use super::services;
use crate::config::Language;
use crate::network::{AddressSet, Admitted, Path};
use crate::snapshot::Unread;

/// So many ways are told; of more it is told how many.
const PATHS: usize = 10;
/// So many ranges of addresses, and of ports, are told.
const RANGES: usize = 5;

/// Ports for people: `TCP 22, 80; UDP 53`.
pub(super) fn ports(open: &Admitted) -> String {
    let (tcp, udp) = (open.tcp.ports(), open.udp.ports());
    let told = [("TCP", tcp), ("UDP", udp)];
    let told = told.iter().filter(|(_, ports)| !ports.is_empty());
    told.map(|(protocol, ports)| format!("{protocol} {}", ports.show(RANGES))).collect::<Vec<_>>().join("; ")
}

/// Every range of ports that is open, over either protocol.
pub(super) fn port_ranges(open: &Admitted) -> Vec<(u16, u16)> {
    open.tcp.ports().union(&open.udp.ports()).iter().collect()
}

/// Who may come, over all ports.
pub(super) fn sources(open: &Admitted) -> AddressSet {
    open.tcp.peers().union(&open.udp.peers())
}

/// What is open, as evidence.
pub(super) fn opening(open: &Admitted) -> Value {
    let sources = sources(open);
    json!({
        "ports": { "tcp": open.tcp.ports().show(100), "udp": open.udp.ports().show(100) },
        "services": services::names(open),
        "sources": sources.widest(RANGES),
        "share_of_internet": sources.share_of_internet().to_string(),
    })
}

/// The ways, and what each reaches, as evidence: at most ten, and how many more there are.
pub(super) fn paths<'a>(paths: impl IntoIterator<Item = (&'a Path, Admitted)>) -> (Vec<Value>, usize) {
    let mut more = 0;
    let mut told = Vec::new();
    for (path, reached) in paths {
        if told.len() == PATHS {
            more += 1;
            continue;
        }
        let mut way = opening(&reached);
        way["via"] = path.via().into();
        if path.stopped {
            way["stopped"] = true.into();
        }
        told.push(way);
    }
    (told, more)
}

/// Why it could not be decided.
pub(super) fn undecided(l: Language, open: &Admitted, doubts: &[Unread]) -> (String, Value) {
    let ports = ports(open);
    let told: Vec<String> = doubts.iter().map(ToString::to_string).collect();
    let why = told.first().cloned().unwrap_or_default();
    let message = crate::tr!(
        l,
        "Whether the internet gets in on {ports} depends on what could not be read: {why}.",
        "互联网能否访问 {ports} 取决于未能读取的内容:{why}。"
    );
    (message, json!({ "possible": opening(open), "unread": told }))
}
