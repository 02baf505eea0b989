//! Lists of rules of which the first that matches decides.

use std::collections::HashMap;
use std::sync::Arc;

use super::addresses::AddressSet;
use super::openness::Threshold;
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

/// What decides alike has the same key: the level, accept or drop, and which set.
type Key = (u16, bool, usize);

/// Rules of one level for the same ports, which are as good as one.
struct Class {
    level: u16,
    accept: bool,
    first: u16,
    last: u16,
    peers: AddressSet,
    /// The number of an equal set among the classes.
    set: usize,
    count_v4: u64,
    count_v6: u128,
}

/// Joins the rules that are as good as one, so that a thousand addresses on a port are one set to look at.
fn classes(lines: &[Line<'_>], clients: &AddressSet) -> Vec<Class> {
    let mut order: Vec<&Line<'_>> = lines.iter().filter(|line| line.first <= line.last).collect();
    let alike = |line: &Line<'_>| (line.first, line.last, line.level, line.accept);
    order.sort_unstable_by_key(|line| alike(line));
    let mut sets: HashMap<AddressSet, usize> = HashMap::new();
    let mut classes = Vec::new();
    for same in order.chunk_by(|a, b| alike(a) == alike(b)) {
        let mut ranges = Ranges::default();
        same.iter().for_each(|line| ranges.add(line, clients));
        let (peers, next) = (ranges.set(), sets.len());
        let set = *sets.entry(peers.clone()).or_insert(next);
        let Line { level, accept, first, last, .. } = *same[0];
        let (count_v4, count_v6) = (peers.count_v4(), peers.count_v6());
        classes.push(Class { level, accept, first, last, peers, set, count_v4, count_v6 });
    }
    classes
}

/// Keys of more classes than this are not remembered: working them out again costs no more.
const REMEMBERED: usize = 4;

/// Which of `clients` are let in at which port. `unmatched` says whether what no rule matches is accepted. Only ports are told that `enough` of them reach.
///
/// Goes once over the ports at which rules begin or end, with the rules that hold there; the work at each is that of the rules that overlap.
pub(super) fn decide(
    lines: &[Line<'_>],
    clients: &Arc<AddressSet>,
    unmatched: bool,
    enough: Threshold,
) -> PortMap {
    let mut map = PortMap::default();
    if !unmatched && !lines.iter().any(|line| line.accept) {
        return map;
    }
    // They come in the order of their first ports.
    let classes = classes(lines, clients);
    let mut ends: Vec<usize> = (0..classes.len()).collect();
    ends.sort_unstable_by_key(|at| classes[*at].last);
    let (mut begun, mut ends) = (0, ends.as_slice());
    let mut active: Vec<usize> = Vec::new();
    let mut place = vec![0usize; classes.len()];
    let mut known: HashMap<Vec<Key>, Option<Arc<AddressSet>>> = HashMap::new();
    let mut port = 0u16;
    loop {
        while classes.get(begun).is_some_and(|class| class.first == port) {
            place[begun] = active.len();
            active.push(begun);
            begun += 1;
        }
        // Until the next one begins, or the next of these ends.
        let begins = classes.get(begun).map(|class| class.first - 1);
        let stops = ends.first().map(|at| classes[*at].last);
        let last = begins.into_iter().chain(stops).min().unwrap_or(u16::MAX);
        let peers = if !unmatched && !may_be_enough(&classes, &active, enough) {
            None
        } else if active.len() <= REMEMBERED {
            let key = |at: &usize| (classes[*at].level, classes[*at].accept, classes[*at].set);
            let mut key: Vec<Key> = active.iter().map(key).collect();
            key.sort_unstable();
            known.entry(key).or_insert_with(|| let_in(&classes, &active, clients, unmatched, enough)).clone()
        } else {
            let_in(&classes, &active, clients, unmatched, enough)
        };
        if let Some(peers) = peers {
            map.push(Opening { first: port, last, peers });
        }
        while let [at, rest @ ..] = ends
            && classes[*at].last == last
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

/// Whether those that are accepted at one port could be enough if nothing were dropped. Most ports of most groups are open to a few offices only: here their
/// work ends.
fn may_be_enough(classes: &[Class], active: &[usize], enough: Threshold) -> bool {
    let accepted = active.iter().map(|at| &classes[*at]).filter(|class| class.accept);
    let (v4, v6) = accepted.fold((0u64, 0u128), |(v4, v6), class| {
        (v4.saturating_add(class.count_v4), v6.saturating_add(class.count_v6))
    });
    enough.is_passed(v4, v6)
}

/// Which clients the rules that hold at one port let in. `None` when they are not enough.
fn let_in(
    classes: &[Class],
    active: &[usize],
    clients: &Arc<AddressSet>,
    unmatched: bool,
    enough: Threshold,
) -> Option<Arc<AddressSet>> {
    let mut order: Vec<&Class> = active.iter().map(|at| &classes[*at]).collect();
    order.sort_unstable_by_key(|class| (class.level, class.accept));
    let mut dropped = AddressSet::default();
    let mut accepted = Ranges::default();
    for class in order {
        if !class.accept {
            dropped = dropped.union(&class.peers);
        } else if dropped.is_empty() {
            accepted.add_set(&class.peers);
        } else {
            accepted.add_set(&class.peers.difference(&dropped));
        }
    }
    if unmatched {
        accepted.add_set(&clients.difference(&dropped));
    }
    let accepted = accepted.set();
    if accepted.covers(clients) {
        return enough.is_passed_by(clients).then(|| Arc::clone(clients));
    }
    let accepted = accepted.intersection(clients);
    enough.is_passed_by(&accepted).then(|| Arc::new(accepted))
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
