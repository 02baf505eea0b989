//! A policy as it was written: read strictly, since what is skipped here is believed to be closed there.

use serde_json::{Map, Value};

use super::pattern::Pattern;

/// The statements of a policy, with what else grants or refuses access (ACLs, a block of public access) as statements of the same kind.
#[derive(Debug, Clone, Default)]
pub(in crate::checks) struct Document {
    /// In the order of the document.
    pub(in crate::checks) statements: Vec<Statement>,
}

/// One statement.
#[derive(Debug, Clone)]
pub(in crate::checks) struct Statement {
    /// Where it is from, for people: `statement 2`, `ACL public-read`.
    pub(in crate::checks) name: String,
    /// Allow, else Deny.
    pub(in crate::checks) allow: bool,
    /// Whom it is for; `None` where the document does not say.
    pub(in crate::checks) principal: Option<Principal>,
    /// Which actions.
    pub(in crate::checks) actions: Selection,
    /// Which resources.
    pub(in crate::checks) resources: Selection,
    /// All of them must hold.
    pub(in crate::checks) conditions: Vec<Condition>,
    /// Why it may not be there at all: what it stands for was not read.
    pub(in crate::checks) doubt: Option<String>,
}

/// Whom a statement is for.
#[derive(Debug, Clone)]
pub(in crate::checks) struct Principal {
    /// Everybody but those (NotPrincipal).
    pub(in crate::checks) but: bool,
    /// Kind and name: `RAM` (also where no kind is written), `Service`, `Federated`, others.
    pub(in crate::checks) named: Vec<(String, String)>,
}

/// Patterns that select, or (NotAction, NotResource) leave out.
#[derive(Debug, Clone)]
pub(in crate::checks) struct Selection {
    /// Everything but those.
    pub(in crate::checks) but: bool,
    /// The patterns.
    pub(in crate::checks) patterns: Vec<Pattern>,
}

/// One operator on one key; any of the values will do, or, for operators that say Not, none may.
#[derive(Debug, Clone)]
pub(in crate::checks) struct Condition {
    /// `IpAddress`, …
    pub(in crate::checks) operator: String,
    /// `acs:SourceIp`, …
    pub(in crate::checks) key: String,
    /// What it is compared with.
    pub(in crate::checks) values: Vec<String>,
}

/// What a document of its kind has to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::checks) enum Kind {
    /// A policy on a resource: of a bucket, of a log project.
    Resource,
    /// A role's trust policy: it is about the role, and names no resource.
    Trust,
}

impl Statement {
    /// One that everybody is meant by, without conditions.
    pub(in crate::checks) fn everybody(
        name: &str,
        allow: bool,
        actions: &[&str],
        resources: Vec<Pattern>,
    ) -> Self {
        let actions = actions.iter().map(|action| Pattern::wild(action)).collect();
        Self {
            name: name.to_owned(),
            allow,
            principal: Some(Principal { but: false, named: vec![("RAM".to_owned(), "*".to_owned())] }),
            actions: Selection { but: false, patterns: actions },
            resources: Selection { but: false, patterns: resources },
            conditions: Vec::new(),
            doubt: None,
        }
    }

    /// The same, if it is there at all.
    pub(in crate::checks) fn doubted(mut self, why: impl Into<String>) -> Self {
        self.doubt = Some(why.into());
        self
    }
}

impl Document {
    /// Reads a document.
    ///
    /// # Errors
    /// What is wrong with it, or not known here: another version, an unknown element. What cannot be understood must not be passed.
    pub(in crate::checks) fn parse(text: &str, kind: Kind) -> Result<Self, String> {
        let value: Value =
            serde_json::from_str(text).map_err(|error| format!("the policy is no JSON: {error}"))?;
        let Value::Object(mut document) = value else { return Err("the policy is no object".to_owned()) };
        // The documents know one version, "1" (OSS, "Policy syntax and elements"; RAM, "Policy structure and syntax").
        match document.remove("Version") {
            Some(Value::String(version)) if version == "1" => {}
            other => return Err(format!("the policy is of version {}, not \"1\"", said(other.as_ref()))),
        }
        let listed = match document.remove("Statement") {
            Some(Value::Array(listed)) => listed,
            Some(one @ Value::Object(_)) => vec![one],
            other => return Err(format!("Statement is {}", said(other.as_ref()))),
        };
        nothing_left(&document, "the policy")?;
        let statements = listed.into_iter().zip(1..).map(|(value, number)| statement(value, number, kind));
        Ok(Self { statements: statements.collect::<Result<_, _>>()? })
    }
}

fn statement(value: Value, number: usize, kind: Kind) -> Result<Statement, String> {
    let name = format!("statement {number}");
    let wrong = |what: String| format!("{name}: {what}");
    let Value::Object(mut fields) = value else { return Err(wrong("no object".to_owned())) };
    let allow = match fields.remove("Effect") {
        Some(Value::String(effect)) if effect == "Allow" => true,
        Some(Value::String(effect)) if effect == "Deny" => false,
        other => return Err(wrong(format!("Effect is {}", said(other.as_ref())))),
    };
    fields.remove("Sid");
    let principal = match pair(&mut fields, "Principal", "NotPrincipal").map_err(wrong)? {
        None => None,
        Some((but, value)) => Some(principal(but, value).map_err(wrong)?),
    };
    let actions = match pair(&mut fields, "Action", "NotAction").map_err(wrong)? {
        None => return Err(wrong("neither Action nor NotAction".to_owned())),
        Some((but, value)) => selection(but, &value).map_err(wrong)?,
    };
    let resources = match pair(&mut fields, "Resource", "NotResource").map_err(wrong)? {
        Some((but, value)) => selection(but, &value).map_err(wrong)?,
        None if kind == Kind::Trust => Selection { but: false, patterns: vec![Pattern::wild("*")] },
        None => return Err(wrong("neither Resource nor NotResource".to_owned())),
    };
    let conditions = match fields.remove("Condition") {
        None => Vec::new(),
        Some(Value::Object(blocks)) => conditions(&blocks).map_err(wrong)?,
        other => return Err(wrong(format!("Condition is {}", said(other.as_ref())))),
    };
    nothing_left(&fields, &name)?;
    Ok(Statement { allow, principal, actions, resources, conditions, doubt: None, name })
}

/// Takes out the one of two elements that is there. Which of both would count is not documented.
fn pair(fields: &mut Map<String, Value>, is: &str, but: &str) -> Result<Option<(bool, Value)>, String> {
    match (fields.remove(is), fields.remove(but)) {
        (Some(_), Some(_)) => Err(format!("both {is} and {but}")),
        (Some(value), None) => Ok(Some((false, value))),
        (None, Some(value)) => Ok(Some((true, value))),
        (None, None) => Ok(None),
    }
}

fn principal(but: bool, value: Value) -> Result<Principal, String> {
    let mut named = Vec::new();
    match value {
        Value::Object(kinds) => {
            for (kind, names) in &kinds {
                named.extend(texts(names)?.into_iter().map(|name| (kind.clone(), name)));
            }
        }
        names => {
            named.extend(texts(&names)?.into_iter().map(|name| ("RAM".to_owned(), name)));
            // An empty list means everybody (OSS, "Policy syntax and elements").
            if named.is_empty() {
                named.push(("RAM".to_owned(), "*".to_owned()));
            }
        }
    }
    Ok(Principal { but, named })
}

fn selection(but: bool, value: &Value) -> Result<Selection, String> {
    let patterns: Vec<Pattern> = texts(value)?.iter().map(|text| Pattern::wild(text)).collect();
    if patterns.is_empty() {
        return Err("an empty list of actions or resources".to_owned());
    }
    Ok(Selection { but, patterns })
}

fn conditions(blocks: &Map<String, Value>) -> Result<Vec<Condition>, String> {
    let mut conditions = Vec::new();
    for (operator, keys) in blocks {
        let Value::Object(keys) = keys else {
            return Err(format!("the condition {operator} is {}", said(Some(keys))));
        };
        for (key, values) in keys {
            let values = texts(values)?;
            conditions.push(Condition { operator: operator.clone(), key: key.clone(), values });
        }
    }
    Ok(conditions)
}

/// A text, or a list of texts. Numbers and booleans are written bare at times.
fn texts(value: &Value) -> Result<Vec<String>, String> {
    let one = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        other => Err(format!("{} where a text belongs", said(Some(other)))),
    };
    match value {
        Value::Array(values) => values.iter().map(one).collect(),
        value => Ok(vec![one(value)?]),
    }
}

fn nothing_left(fields: &Map<String, Value>, name: &str) -> Result<(), String> {
    match fields.keys().next() {
        Some(key) => Err(format!("{name}: an unknown element, {key:?}")),
        None => Ok(()),
    }
}

/// A value in an error: short, whatever it is.
fn said(value: Option<&Value>) -> String {
    match value {
        None => "missing".to_owned(),
        Some(Value::Array(_)) => "a list".to_owned(),
        Some(Value::Object(_)) => "an object".to_owned(),
        Some(value) => value.to_string().chars().take(40).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_is_as_good_as_a_list_of_one() {
        let text = r#"{"Version": "1", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "oss:*",
            "NotResource": "acs:oss:*:*:b", "Condition": {"Bool": {"acs:SecureTransport": false}}}}"#;
        let document = Document::parse(text, Kind::Resource).unwrap();
        let statement = &document.statements[0];
        assert!(!statement.allow && statement.resources.but && !statement.actions.but);
        assert_eq!(statement.conditions[0].values, ["false"]);
        assert_eq!(statement.principal.as_ref().unwrap().named, [("RAM".to_owned(), "*".to_owned())]);
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        let whole =
            r#""Effect": "Allow", "Principal": ["*"], "Action": ["oss:GetObject"], "Resource": ["*"]"#;
        let with = |extra: &str| format!(r#"{{"Version": "1", "Statement": [{{{whole}{extra}}}]}}"#);
        assert!(Document::parse(&with(""), Kind::Resource).is_ok());
        for (text, says) in [
            (String::new(), "no JSON"),
            ("[]".to_owned(), "no object"),
            (r#"{"Version": "2", "Statement": []}"#.to_owned(), "version \"2\""),
            (r#"{"Statement": []}"#.to_owned(), "version missing"),
            (r#"{"Version": "1"}"#.to_owned(), "Statement is missing"),
            (r#"{"Version": "1", "Statement": "x"}"#.to_owned(), "Statement is \"x\""),
            (r#"{"Version": "1", "Statement": [], "Id": "x"}"#.to_owned(), "unknown element, \"Id\""),
            (with(r#", "Conditions": {}"#), "unknown element, \"Conditions\""),
            (with(r#", "Condition": []"#), "Condition is a list"),
            (with(r#", "Condition": {"IpAddress": "1.2.3.4"}"#), "the condition IpAddress is \"1.2.3.4\""),
            (with(r#", "Condition": {"IpAddress": {"acs:SourceIp": {}}}"#), "an object where a text belongs"),
            (with(r#", "NotAction": "x""#), "both Action and NotAction"),
            (with("").replace("Allow", "allow"), "Effect is \"allow\""),
            (with("").replace(r#""Action": ["oss:GetObject"], "#, ""), "neither Action nor NotAction"),
            (with("").replace(r#"["oss:GetObject"]"#, "[]"), "an empty list"),
            (with("").replace(r#", "Resource": ["*"]"#, ""), "neither Resource nor NotResource"),
        ] {
            let error = Document::parse(&text, Kind::Resource).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
        assert!(Document::parse(&with("").replace(r#", "Resource": ["*"]"#, ""), Kind::Trust).is_ok());
    }
}
