//! What is wrong with a configuration, and where.

use super::Place;
use super::node::Wrong;

/// A configuration that cannot be used. Shows as `file:line:column: what`, and never shows a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    name: String,
    place: Option<Place>,
    what: String,
}

impl ConfigError {
    pub(crate) fn new(name: &str, what: impl Into<String>) -> Self {
        Self { name: name.to_owned(), place: None, what: what.into() }
    }

    pub(crate) fn at(name: &str, place: Place, what: impl Into<String>) -> Self {
        // Line 0 is that of a channel which was never in a file.
        Self { name: name.to_owned(), place: Some(place).filter(|place| place.line > 0), what: what.into() }
    }

    /// What the file is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The line, counted from 1, where it is known.
    pub fn line(&self) -> Option<u64> {
        self.place.map(|place| place.line)
    }

    /// The column, counted from 1, where it is known.
    pub fn column(&self) -> Option<u64> {
        self.place.map(|place| place.column)
    }

    /// What is wrong, and what is accepted.
    pub fn what(&self) -> &str {
        &self.what
    }

    pub(super) fn of(name: &str, Wrong { place, what }: Wrong) -> Self {
        Self::at(name, place, what)
    }
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)?;
        if let Some(Place { line, column }) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.what)
    }
}

impl std::error::Error for ConfigError {}
