//! An account, its nightly scan, and what is found and told.

use std::collections::{BTreeMap, BTreeSet};

use e2e::world::{EXPOSURE_SCAN, World, timer};
use jiff::SignedDuration;
use serde_json::Value;
use simulator::{Account, Settings};

/// A world whose function is the exposure scan.
pub(super) struct Stage {
    pub(super) world: World,
}

/// A finding that counts: check, resource, severity.
pub(super) type Fail = (String, String, String);

impl Stage {
    pub(super) fn of(account: Account, config: &str) -> Self {
        let world = World::of(EXPOSURE_SCAN, account, Settings::default(), config);
        world.sim.watch(Vec::new());
        Self { world }
    }

    /// One night; the whole report, also where the reply leaves out what is well.
    #[track_caller]
    pub(super) fn night(&self) -> Night {
        let heard = self.world.sim.inbox().len();
        let reply = self.world.play(self.world.process().invoke(&timer()));
        let reply = reply.unwrap_or_else(|failure| panic!("{failure}"));
        let told = self.world.sim.inbox()[heard..]
            .iter()
            .map(|delivery| serde_json::from_str(&delivery.body).expect("a webhook's body is JSON"))
            .collect();
        let whole = match reply["report"].as_str() {
            None => reply.clone(),
            Some(url) => {
                let stored = self.world.stored();
                let key = stored.keys().find(|key| url.ends_with(key.as_str())).expect("it is stored");
                serde_json::from_str(&stored[key]).expect("a report is JSON")
            }
        };
        self.world.pass(SignedDuration::from_hours(24));
        Night { reply, whole, told }
    }
}

/// What came of a night.
pub(super) struct Night {
    pub(super) reply: Value,
    whole: Value,
    pub(super) told: Vec<Value>,
}

impl Night {
    fn of(&self, status: &str) -> impl Iterator<Item = &Value> {
        self.whole["findings"].as_array().unwrap().iter().filter(move |one| one["status"] == status)
    }

    pub(super) fn fails(&self) -> BTreeSet<Fail> {
        let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
        self.of("FAIL")
            .map(|one| (text(one, "check"), text(one, "resource"), text(one, "severity")))
            .collect()
    }

    pub(super) fn unknowns(&self) -> Vec<String> {
        let line = |one: &Value| {
            format!("{} {}: {}", one["check"], one["resource"], one["message"]).replace('"', "")
        };
        self.of("UNKNOWN").map(line).collect()
    }

    /// Check and resource, and how it stands.
    pub(super) fn said(&self) -> BTreeMap<(String, String), String> {
        let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
        let findings = self.whole["findings"].as_array().unwrap().iter();
        findings.map(|one| ((text(one, "check"), text(one, "resource")), text(one, "status"))).collect()
    }

    /// What people were told, as one text.
    pub(super) fn text(&self) -> String {
        self.told.iter().map(ToString::to_string).collect()
    }

    pub(super) fn failures(&self) -> Vec<String> {
        let failures = self.whole["coverage"]["failures"].as_array().unwrap();
        failures.iter().map(|why| format!("{}@{}", why["action"], why["region"]).replace('"', "")).collect()
    }
}
