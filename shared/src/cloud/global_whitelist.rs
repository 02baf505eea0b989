//! Global whitelist templates, which MongoDB, Redis and PolarDB have in the same form.

use serde::Deserialize;

use super::wire::Rows;

/// The answer of DescribeGlobalSecurityIPGroupRelation: the templates that an instance uses, with what they let in.
#[derive(Debug, Clone, Deserialize)]
pub struct GlobalWhitelists {
    #[serde(rename = "GlobalSecurityIPGroupRel")]
    templates: Rows<GlobalWhitelist>,
}

/// One template.
#[derive(Debug, Clone, Deserialize)]
pub struct GlobalWhitelist {
    /// Its name.
    #[serde(rename = "GlobalIgName")]
    pub name: String,
    /// Its addresses, with commas between.
    #[serde(rename = "GIpList")]
    pub addresses: String,
}

impl GlobalWhitelists {
    /// The templates.
    pub fn templates(&self) -> &[GlobalWhitelist] {
        &self.templates.0
    }
}
