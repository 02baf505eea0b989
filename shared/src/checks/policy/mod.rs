//! Policies on resources (of buckets, of log projects, of roles), asked one question: what may anybody in the world do?
//!
//! An explicit Deny beats every Allow, and nothing that no Allow covers is allowed (OSS, "Bucket policy"). Conditions are ANDed, the values of one ORed.
//! Source addresses are kept as sets: a Deny closes just those that it covers, and what is left counts as open by its size. What is
//! not understood (an operator, a key, a range) makes two bounds, what is open for certain and what may be: so a doubt never passes, and never accuses.
//!
//! The answer is about outsiders alone. What a policy gives to accounts that it names is not asked.

mod condition;
mod document;
mod pattern;
mod request;
#[cfg(test)]
mod tests;
mod truth;

use std::collections::BTreeSet;

use jiff::Timestamp;

use document::Selection;
pub(super) use document::{Document, Kind, Statement};
pub(super) use pattern::{FRESH, Pattern};
pub(super) use request::{Caller, Request};

use crate::config::Config;
use crate::network::{AddressSet, Openness};
use truth::{Bounds, Truth};

/// What anybody may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// Nobody from outside.
    Closed,
    /// It depends on what could not be read or understood, and these are the reasons.
    Undecided(BTreeSet<String>),
    /// It is open.
    Open(Way),
}

/// A way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way {
    /// How to ask.
    pub(super) request: Request,
    /// The names of the statements that allow it.
    pub(super) by: Vec<String>,
}

/// A resource, in all the ways that it can be written: any of them will do.
pub(super) type Spelled = Vec<String>;

/// Whom, when, and how large a part of the internet counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asker<'a> {
    /// Who may ask.
    pub(super) callers: &'a [Caller],
    /// When.
    pub(super) now: Timestamp,
    /// What counts as open.
    pub(super) config: &'a Config,
}

impl Asker<'_> {
    /// Whether anybody may do one of `actions` on one of `resources`.
    pub(super) fn ask(&self, document: &Document, actions: &[&str], resources: &[Spelled]) -> Answer {
        let openness = Openness::of(self.config);
        let requests = request::requests(document, self.callers);
        self.ask_by(&requests, document, actions, resources, &|set| openness.is_open(set))
    }

    /// The same, without TLS.
    pub(super) fn ask_plain_http(
        &self,
        document: &Document,
        actions: &[&str],
        resources: &[Spelled],
    ) -> Answer {
        let requests = request::requests(document, self.callers);
        let plain: Vec<Request> =
            requests.into_iter().map(|request| Request { secure: false, ..request }).collect();
        // How many there are does not matter here: without TLS nobody is to be answered.
        self.ask_by(&plain, document, actions, resources, &|set| !set.is_empty())
    }

    fn ask_by(
        &self,
        requests: &[Request],
        document: &Document,
        actions: &[&str],
        resources: &[Spelled],
        counts: &dyn Fn(&AddressSet) -> bool,
    ) -> Answer {
        let mut reasons = BTreeSet::new();
        for request in requests {
            for action in actions {
                for resource in resources {
                    match self.ask_one(document, request, action, resource, counts) {
                        Answer::Open(way) => return Answer::Open(way),
                        Answer::Undecided(why) => reasons.extend(why),
                        Answer::Closed => {}
                    }
                }
            }
        }
        if reasons.is_empty() { Answer::Closed } else { Answer::Undecided(reasons) }
    }

    fn ask_one(
        &self,
        document: &Document,
        request: &Request,
        action: &str,
        resource: &Spelled,
        counts: &dyn Fn(&AddressSet) -> bool,
    ) -> Answer {
        let (mut allowed, mut denied) = (Bounds::nowhere(), Bounds::nowhere());
        let (mut by, mut reasons) = (Vec::new(), BTreeSet::new());
        for statement in &document.statements {
            let reach = self.reach(statement, request, action, resource, &mut reasons);
            if statement.allow {
                if reach.certain != AddressSet::default() {
                    by.push(statement.name.clone());
                }
                allowed = allowed.or(&reach);
            } else {
                denied = denied.or(&reach);
            }
        }
        let left = allowed.but_not(&denied);
        if counts(&left.certain) {
            Answer::Open(Way { request: request.clone(), by })
        } else if counts(&left.possible) {
            Answer::Undecided(reasons)
        } else {
            Answer::Closed
        }
    }

    /// From where a statement applies to a request.
    fn reach(
        &self,
        statement: &Statement,
        request: &Request,
        action: &str,
        resource: &Spelled,
        reasons: &mut BTreeSet<String>,
    ) -> Bounds {
        let selected = statement.is_about(action)
            && statement.resources.selects(|pattern| resource.iter().any(|text| pattern.matches(text)));
        if !selected {
            return Bounds::nowhere();
        }
        let (name, mut open) = (&statement.name, Vec::new());
        let meant =
            statement.principal.as_ref().map_or(Truth::Maybe, |principal| request.is_meant(principal));
        if meant == Truth::Maybe {
            open.push(format!("{name}: it is not clear whom it means"));
        }
        let mut reach = Bounds::from(meant);
        for condition in &statement.conditions {
            let holds = condition::holds(condition, request, self.now);
            if !holds.is_exact() {
                let (operator, key, values) = (&condition.operator, &condition.key, &condition.values);
                open.push(format!("{name}: {operator} {key} {values:?} cannot be decided"));
            }
            reach = reach.and(&holds);
        }
        if let Some(why) = &statement.doubt {
            open.push(why.clone());
            reach.certain = AddressSet::default();
        }
        // A doubt about what does not apply anyway is none.
        if !reach.is_exact() {
            reasons.extend(open);
        }
        reach
    }
}

impl Statement {
    /// Whether it is about an action, whoever asks and for whatever.
    pub(super) fn is_about(&self, action: &str) -> bool {
        self.actions.selects(|pattern| pattern.matches_any_case(action))
    }
}

impl Selection {
    fn selects(&self, matches: impl Fn(&Pattern) -> bool) -> bool {
        self.patterns.iter().any(matches) != self.but
    }
}

impl Document {
    /// The actions that are named without a wildcard: those that the lists of checks do not know are asked for, too.
    pub(super) fn named_actions(&self) -> BTreeSet<&str> {
        let patterns = self.statements.iter().flat_map(|statement| &statement.actions.patterns);
        patterns.filter_map(Pattern::one).collect()
    }

    /// Names below `parent` (the keys of a bucket) among which the document tells differences: each pattern of a resource with its wildcards
    /// filled, and one name that nobody has written.
    pub(super) fn names_below(&self, parent: &str) -> BTreeSet<String> {
        let below = |text: String| {
            let relative = if text.starts_with("acs:") { text.splitn(5, ':').nth(4)? } else { &text };
            Some(relative.strip_prefix(parent)?.strip_prefix('/')?.to_owned())
        };
        let patterns = self.statements.iter().flat_map(|statement| &statement.resources.patterns);
        let fillings = ["", FRESH, "/", "/~"];
        let examples = patterns.flat_map(|pattern| pattern.examples(&fillings));
        examples.filter_map(below).filter(|name| !name.is_empty()).chain([FRESH.to_owned()]).collect()
    }
}
