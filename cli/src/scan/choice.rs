//! Which checks are run, and so what has to be read.

use shared::checks::{Check, keys};

/// A part of the account that is read in one go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Root, users, keys.
    Identities,
    /// What the internet may reach.
    Exposure,
}

/// The functions that scan: what each reads, and its checks.
fn scanners() -> [(&'static str, Part, Vec<&'static Check>); 2] {
    [
        (key_rotation::FUNCTION, Part::Identities, keys::CHECKS.to_vec()),
        (exposure_scan::FUNCTION, Part::Exposure, exposure_scan::checks()),
    ]
}

/// What was chosen.
pub(super) struct Choice {
    /// The checks, in the order of the report.
    pub(super) checks: Vec<&'static Check>,
    parts: Vec<Part>,
    names: Vec<&'static str>,
}

impl Choice {
    /// The checks of these functions that are among these ids; all of them where nothing is named.
    pub(super) fn of(functions: &[String], checks: &[String]) -> anyhow::Result<Self> {
        let scanners = scanners();
        if let Some(unknown) = functions.iter().find(|name| scanners.iter().all(|(known, ..)| known != name))
        {
            let names: Vec<&str> = scanners.iter().map(|(name, ..)| *name).collect();
            anyhow::bail!("no function that scans is called {unknown:?}; there are: {}", names.join(", "));
        }
        let mut choice = Self { checks: Vec::new(), parts: Vec::new(), names: Vec::new() };
        let mut unknown: Vec<&String> = checks.iter().collect();
        for (name, part, all) in scanners {
            unknown.retain(|id| all.iter().all(|check| check.id != id.as_str()));
            let is_chosen = |check: &&Check| checks.is_empty() || checks.iter().any(|id| id == check.id);
            if !functions.is_empty() && functions.iter().all(|wanted| wanted != name) {
                continue;
            }
            let before = choice.checks.len();
            choice.checks.extend(all.into_iter().filter(is_chosen));
            if choice.checks.len() > before {
                choice.parts.push(part);
                choice.names.push(name);
            }
        }
        if let Some(id) = unknown.first() {
            anyhow::bail!("there is no check {id:?}");
        }
        if choice.checks.is_empty() {
            anyhow::bail!("none of these checks belongs to {}", functions.join(", "));
        }
        Ok(choice)
    }

    /// Whether a part has to be read.
    pub(super) fn needs(&self, part: Part) -> bool {
        self.parts.contains(&part)
    }

    /// The function whose checks they are; `scan` for those of several.
    pub(super) fn name(&self) -> &'static str {
        match self.names[..] {
            [name] => name,
            _ => "scan",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_chosen_checks_need_is_read() {
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let all = Choice::of(&[], &[]).unwrap();
        assert!(all.needs(Part::Identities) && all.needs(Part::Exposure) && all.name() == "scan");
        let one = Choice::of(&[], &ids(&["old-access-key"])).unwrap();
        assert!(one.needs(Part::Identities) && !one.needs(Part::Exposure));
        assert_eq!((one.checks.len(), one.name()), (1, "key-rotation"));
        for (functions, checks, says) in [
            (vec![], ids(&["open-shh"]), "there is no check"),
            (ids(&["exposure"]), vec![], "no function that scans"),
            (ids(&["exposure-scan"]), ids(&["old-access-key"]), "none of these checks"),
        ] {
            let error = Choice::of(&functions, &checks).err().unwrap().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
