//! Lists of rules of which the first that matches decides.

use std::collections::HashMap;
use std::sync::Arc;

use super::addresses::AddressSet;
use super::ports::{Opening, PortMap};

/// One rule for one protocol, brought to numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    /// Which comes first; at the same level drops do.
    pub(super) level: u16,
    /// Accept, else drop.
    pub(super) accept: bool,
    /// The first port.
    pub(super) first: u16,
    /// The last port.
    pub(super) last: u16,
    /// Whom it is about.
    pub(super) peers: Peers<'a>,
}

/// Whom a rule is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Peers<'a> {
    Everybody,
    V4(u32, u32),
    V6(u128, u128),
    Set(&'a AddressSet),
}

/// What decides alike has the same key.
type Key = (u16, bool, u8, u128, u128);

impl Line<'_> {
    fn key(&self) -> Key {
        let (kind, first, last) = match self.peers {
            Peers::Everybody => (0, 0, 0),
            Peers::V4(first, last) => (1, first.into(), last.into()),
            Peers::V6(first, last) => (2, first, last),
            Peers::Set(set) => (3, std::ptr::from_ref(set) as usize as u128, 0),
        };
        (self.level, self.accept, kind, first, last)
    }
}

/// Keys of more rules than this are not remembered: working them out again costs no more.
const REMEMBERED: usize = 4;

/// Which of `clients` are let in at which port. `unmatched` says whether what no rule matches is accepted. Only ports are told for whose clients `keep` holds.
///
/// Goes once over the ports at which rules begin or end, with the rules that hold there; the work at each is that of the rules that overlap.
pub(super) fn decide(
    lines: &[Line<'_>],
    clients: &Arc<AddressSet>,
    unmatched: bool,
    keep: &dyn Fn(&AddressSet) -> bool,
) -> PortMap {
    let mut map = PortMap::default();
    if !unmatched && !lines.iter().any(|line| line.accept) {
        return map;
    }
    let mut starts: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].first <= lines[*at].last).collect();
    let mut ends = starts.clone();
    starts.sort_unstable_by_key(|at| lines[*at].first);
    ends.sort_unstable_by_key(|at| lines[*at].last);
    let (mut starts, mut ends) = (starts.as_slice(), ends.as_slice());
    let mut active: Vec<usize> = Vec::new();
    let mut place = vec![0usize; lines.len()];
    let mut known: HashMap<Vec<Key>, Option<Arc<AddressSet>>> = HashMap::new();
    let mut port = 0u16;
    loop {
        while let [at, rest @ ..] = starts
            && lines[*at].first == port
        {
            place[*at] = active.len();
            active.push(*at);
            starts = rest;
        }
        // Until the next rule begins, or the next of these ends.
        let begins = starts.first().map(|at| lines[*at].first - 1);
        let stops = ends.first().map(|at| lines[*at].last);
        let last = begins.into_iter().chain(stops).min().unwrap_or(u16::MAX);
        let peers = if !unmatched && !active.iter().any(|at| lines[*at].accept) {
            None
        } else if active.len() <= REMEMBERED {
            let mut key: Vec<Key> = active.iter().map(|at| lines[*at].key()).collect();
            key.sort_unstable();
            known.entry(key).or_insert_with(|| let_in(lines, &active, clients, unmatched, keep)).clone()
        } else {
            let_in(lines, &active, clients, unmatched, keep)
        };
        if let Some(peers) = peers {
            map.push(Opening { first: port, last, peers });
        }
        while let [at, rest @ ..] = ends
            && lines[*at].last == last
        {
            let empty = place[*at];
            active.swap_remove(empty);
            if let Some(moved) = active.get(empty) {
                place[*moved] = empty;
            }
            ends = rest;
        }
        match last.checked_add(1) {
            Some(next) => port = next,
            None => return map,
        }
    }
}

/// Which clients the rules that hold at one port let in. `None` when `keep` does not hold for them.
fn let_in(
    lines: &[Line<'_>],
    active: &[usize],
    clients: &Arc<AddressSet>,
    unmatched: bool,
    keep: &dyn Fn(&AddressSet) -> bool,
) -> Option<Arc<AddressSet>> {
    let mut order: Vec<&Line<'_>> = active.iter().map(|at| &lines[*at]).collect();
    let mut dropped = AddressSet::default();
    let mut accepted = Ranges::default();
    if order.iter().all(|line| line.accept) {
        order.iter().for_each(|line| accepted.add(line, clients));
    } else {
        order.sort_unstable_by_key(|line| (line.level, line.accept));
        for alike in order.chunk_by(|a, b| (a.level, a.accept) == (b.level, b.accept)) {
            let mut ranges = Ranges::default();
            alike.iter().for_each(|line| ranges.add(line, clients));
            if alike[0].accept {
                accepted.add_set(&ranges.set().difference(&dropped));
            } else {
                dropped = dropped.union(&ranges.set());
            }
        }
    }
    if unmatched {
        accepted.add_set(&clients.difference(&dropped));
    }
    let accepted = accepted.set();
    if accepted.covers(clients) {
        return keep(clients).then(|| Arc::clone(clients));
    }
    let accepted = accepted.intersection(clients);
    (!accepted.is_empty() && keep(&accepted)).then(|| Arc::new(accepted))
}

/// Ranges that become a set once all are there.
#[derive(Default)]
struct Ranges {
    v4: Vec<(u32, u32)>,
    v6: Vec<(u128, u128)>,
}

impl Ranges {
    fn add(&mut self, line: &Line<'_>, clients: &AddressSet) {
        match line.peers {
            Peers::Everybody => self.add_set(clients),
            Peers::V4(first, last) => self.v4.push((first, last)),
            Peers::V6(first, last) => self.v6.push((first, last)),
            Peers::Set(set) => self.add_set(set),
        }
    }

    fn add_set(&mut self, set: &AddressSet) {
        self.v4.extend(set.v4.iter());
        self.v6.extend(set.v6.iter());
    }

    fn set(self) -> AddressSet {
        AddressSet { v4: self.v4.into_iter().collect(), v6: self.v6.into_iter().collect() }
    }
}
