//! What is wrong with a configuration, and where.

use serde_saphyr::Error as Yaml;

use super::Place;

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

    pub(crate) fn from_yaml(name: &str, error: &Yaml) -> Self {
        let error = error.without_snippet();
        let place = error.location().map(|at| Place { line: at.line(), column: at.column() });
        let what = match error {
            Yaml::SerdeUnknownField { field, expected, .. } => {
                format!("unknown key {field:?}; accepted here: {}", expected.join(", "))
            }
            Yaml::SerdeUnknownVariant { variant, expected, .. } => {
                format!("{variant:?} is not accepted here; one of: {}", expected.join(", "))
            }
            Yaml::SerdeMissingField { field, .. } => format!("the key {field:?} is missing"),
            Yaml::DuplicateMappingKey { key: Some(key), .. } => format!("the key {key:?} stands here twice"),
            Yaml::InvalidScalar { ty: "boolean", .. } | Yaml::InvalidBooleanStrict { .. } => {
                "not a boolean; accepted: true, false".to_owned()
            }
            Yaml::InvalidScalar { ty, .. } => format!("not a {ty}"),
            Yaml::Unexpected { expected, .. } => format!("expected {expected}"),
            Yaml::NullIntoString { .. } => "a value is missing".to_owned(),
            Yaml::Message { msg, .. } | Yaml::ExternalMessage { msg, .. } => msg.clone(),
            other => {
                let shown = other.to_string();
                shown.lines().next().unwrap_or_default().to_owned()
            }
        };
        Self { name: name.to_owned(), place, what }
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
