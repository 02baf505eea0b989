//! RAM policies (RAM user guide, "Policy structure and syntax"): may this caller do this to that resource?

use crate::wildcard;
use serde::{Deserialize, Serialize};

/// A policy document. Conditions are refused when the account file is read, rather than ignored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Document {
    #[serde(default = "version")]
    version: String,
    statement: Vec<Statement>,
}

fn version() -> String {
    "1".into()
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Statement {
    effect: Effect,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    action: Option<OneOrMany>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    not_action: Option<OneOrMany>,
    resource: OneOrMany,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Effect {
    Allow,
    Deny,
}

/// A text or a list of texts: the policy language allows both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, String> {
        match self {
            Self::One(one) => std::slice::from_ref(one).iter(),
            Self::Many(many) => many.iter(),
        }
    }
}

impl Document {
    /// Reads a document; the error says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let document: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        document.validate()?;
        Ok(document)
    }

    /// Exactly one of Action and NotAction in every statement.
    pub(crate) fn validate(&self) -> Result<(), String> {
        match self.statement.iter().position(|s| s.action.is_some() == s.not_action.is_some()) {
            Some(at) => Err(format!("Statement[{at}] needs either Action or NotAction")),
            None => Ok(()),
        }
    }
}

impl Statement {
    /// Actions are compared without regard to case, resources with it.
    fn covers(&self, action: &str, resource: &str) -> bool {
        let action = action.to_ascii_lowercase();
        let names =
            |list: &OneOrMany| list.iter().any(|p| wildcard::matches(&p.to_ascii_lowercase(), &action));
        let acts = match (&self.action, &self.not_action) {
            (Some(list), _) => names(list),
            (None, Some(list)) => !names(list),
            (None, None) => false,
        };
        acts && self.resource.iter().any(|pattern| wildcard::matches(pattern, resource))
    }
}

/// Whether the documents together allow it: a Deny outweighs every Allow, and nothing is allowed by itself.
pub(crate) fn allows<'a>(
    documents: impl IntoIterator<Item = &'a Document>,
    action: &str,
    resource: &str,
) -> bool {
    let mut allowed = false;
    for statement in documents.into_iter().flat_map(|document| &document.statement) {
        if statement.covers(action, resource) {
            match statement.effect {
                Effect::Deny => return false,
                Effect::Allow => allowed = true,
            }
        }
    }
    allowed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Document {
        Document::parse(text).unwrap()
    }

    #[test]
    fn deny_outweighs_allow_in_any_order() {
        let allow = document(r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#);
        let deny = document(
            r#"{"Version":"1","Statement":[{"Effect":"Deny","Action":["ram:Delete*"],"Resource":"*"}]}"#,
        );
        for pair in [[&allow, &deny], [&deny, &allow]] {
            assert!(!allows(pair, "ram:DeleteUser", "acs:ram::1:user/a"));
            assert!(allows(pair, "ram:GetUser", "acs:ram::1:user/a"));
        }
        assert!(!allows([], "ram:GetUser", "*"));
    }

    #[test]
    fn resources_and_not_action_are_honoured() {
        let one = document(
            r#"{"Statement":[{"Effect":"Allow","NotAction":"ram:Delete*","Resource":["acs:ram::1:user/a*"]}]}"#,
        );
        assert!(allows([&one], "RAM:getuser", "acs:ram::1:user/alice"));
        assert!(!allows([&one], "ram:GetUser", "acs:ram::1:user/bob"));
        assert!(!allows([&one], "ram:deleteuser", "acs:ram::1:user/alice"));
    }

    #[test]
    fn documents_that_would_be_misread_are_refused() {
        for text in [
            r#"{"Statement":[{"Effect":"Allow","Resource":"*"}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Action":"*","NotAction":"a","Resource":"*"}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{}}]}"#,
            r#"{"Statement":[{"Effect":"allow","Action":"*","Resource":"*"}]}"#,
        ] {
            assert!(Document::parse(text).is_err(), "{text}");
        }
    }
}
