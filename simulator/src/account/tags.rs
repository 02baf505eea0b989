//! Tags, which every product has and tells in its own way.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Tags by key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Tags(BTreeMap<String, String>);

impl Tags {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A list of objects with these names for key and value.
    pub(crate) fn list(&self, key_name: &str, value_name: &str) -> Value {
        self.0.iter().map(|(key, value)| json!({key_name: key, value_name: value})).collect()
    }

    /// An object, as Operation Orchestration Service and Function Compute have them.
    pub(crate) fn object(&self) -> Value {
        json!(self.0)
    }
}
