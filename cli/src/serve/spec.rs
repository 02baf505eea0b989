//! What `harden serve` needs of s.yaml: which functions there are, their variables and their triggers.

use anyhow::{Context as _, anyhow, bail};
use serde_json::{Map, Value};
use shared::ambient::Env;

use super::cron::Schedule;
use super::pattern;

/// One function of the file.
#[derive(Debug)]
pub(crate) struct Spec {
    /// `functionName`.
    pub(crate) name: String,
    /// `environmentVariables` that are not empty.
    pub(crate) variables: Vec<(String, String)>,
    /// `timeout`, in seconds.
    pub(crate) timeout: u64,
    /// Enabled timers: name, schedule, payload.
    pub(crate) timers: Vec<(String, Schedule, String)>,
    /// The patterns of the eventbridge triggers.
    pub(crate) patterns: Vec<Value>,
}

/// Reads the file.
///
/// # Errors
/// What cannot be read or resolved, by name.
pub(crate) fn read(text: &str, env: &Env) -> anyhow::Result<Vec<Spec>> {
    let file: Value = serde_saphyr::from_str(text).context("not YAML")?;
    let vars = resolve(&file["vars"], &|name| lookup(name, &Value::Null, env)).context("vars")?;
    let resources = file["resources"].as_object().context("there are no resources")?;
    let mut specs = Vec::new();
    for (name, resource) in resources {
        let component = resource["component"].as_str().unwrap_or_default();
        if component != "fc3" {
            continue;
        }
        specs.push(spec(&file, &vars, resource, env).with_context(|| format!("resources.{name}"))?);
    }
    Ok(specs)
}

fn spec(file: &Value, vars: &Value, resource: &Value, env: &Env) -> anyhow::Result<Spec> {
    let mut props = Map::new();
    if let Some(template_name) = resource["extend"]["name"].as_str() {
        let template = file["template"][template_name].as_object();
        props.extend(template.with_context(|| format!("there is no template {template_name:?}"))?.clone());
    }
    lay_over(&mut props, resource["props"].as_object().context("there are no props")?);
    let props = Value::Object(props);
    let props = resolve(&props, &|name| lookup(name, vars, env))?;
    let name = props["functionName"].as_str().context("there is no functionName")?.to_owned();
    let variables = props["environmentVariables"].as_object().into_iter().flatten();
    let variables = variables
        .map(|(key, value)| (key.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let mut spec = Spec {
        name,
        variables,
        timeout: props["timeout"].as_u64().unwrap_or(60),
        timers: Vec::new(),
        patterns: Vec::new(),
    };
    for trigger in props["triggers"].as_array().into_iter().flatten() {
        let config = &trigger["triggerConfig"];
        let called = trigger["triggerName"].as_str().unwrap_or_default();
        match trigger["triggerType"].as_str() {
            Some("timer") if config["enable"] != false => {
                let line = config["cronExpression"].as_str().unwrap_or_default();
                let schedule = Schedule::parse(line).with_context(|| format!("trigger {called}"))?;
                let payload = config["payload"].as_str().unwrap_or_default().to_owned();
                spec.timers.push((called.to_owned(), schedule, payload));
            }
            Some("eventbridge") if config["triggerEnable"] != false => {
                let pattern = config["eventRuleFilterPattern"].as_str().unwrap_or_default();
                let pattern = serde_json::from_str(pattern)
                    .with_context(|| format!("trigger {called}: the pattern is not JSON"))?;
                pattern::check(&pattern).map_err(|why| anyhow!("trigger {called}: {why}"))?;
                spec.patterns.push(pattern);
            }
            _ => {}
        }
    }
    Ok(spec)
}

/// Puts the function's own values over the template's, object by object.
fn lay_over(template: &mut Map<String, Value>, own: &Map<String, Value>) {
    for (key, value) in own {
        match (template.get_mut(key), value) {
            (Some(Value::Object(under)), Value::Object(over)) => lay_over(under, over),
            _ => {
                template.insert(key.clone(), value.clone());
            }
        }
    }
}

/// Resolves every `${…}` in every text.
fn resolve(value: &Value, lookup: &dyn Fn(&str) -> anyhow::Result<String>) -> anyhow::Result<Value> {
    Ok(match value {
        Value::String(text) => Value::String(fill(text, lookup)?),
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| resolve(item, lookup)).collect::<anyhow::Result<_>>()?)
        }
        Value::Object(fields) => {
            let pairs = fields.iter().map(|(key, item)| Ok((key.clone(), resolve(item, lookup)?)));
            Value::Object(pairs.collect::<anyhow::Result<_>>()?)
        }
        other => other.clone(),
    })
}

fn fill(text: &str, lookup: &dyn Fn(&str) -> anyhow::Result<String>) -> anyhow::Result<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}').with_context(|| format!("{text:?}: no closing brace"))?;
        filled.push_str(before);
        filled.push_str(&lookup(name.trim())?);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// `vars.x` and `env('X', 'default')`: the only forms that this file uses.
fn lookup(name: &str, vars: &Value, env: &Env) -> anyhow::Result<String> {
    if let Some(name) = name.strip_prefix("vars.") {
        let value = vars[name].as_str();
        return value.map(str::to_owned).with_context(|| format!("${{vars.{name}}} is not set"));
    }
    let Some(arguments) = name.strip_prefix("env(").and_then(|rest| rest.strip_suffix(')')) else {
        bail!("${{{name}}} is a form that is not resolved here: only vars.X and env('X', 'default')");
    };
    let mut parts = arguments.splitn(2, ',').map(|part| part.trim().trim_matches(['\'', '"']));
    let variable = parts.next().unwrap_or_default();
    match (env.get(variable), parts.next()) {
        (Some(value), _) => Ok(value.to_owned()),
        (None, Some(default)) => Ok(default.to_owned()),
        (None, None) => bail!("{variable} is not set, and ${{{name}}} has no default"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_file() {
        let env = Env::from_iter([("HARDENING_BUCKET", "my-bucket")]);
        let specs = read(include_str!("../../../s.yaml"), &env).unwrap();
        let spec = specs.iter().find(|spec| spec.name == "root-key-revoke").unwrap();
        assert_eq!(spec.timeout, 120);
        assert_eq!(spec.timers.len(), 1);
        assert_eq!(spec.patterns.len(), 1);
        let state = spec.variables.iter().find(|(name, _)| name == "HARDENING_STATE").unwrap();
        assert_eq!(state.1, "oss://my-bucket/state?region=cn-hangzhou");
        assert!(!spec.variables.iter().any(|(name, _)| name == "HARDENING_WEBHOOK_URL"), "empty is not set");
    }

    #[test]
    fn a_template_is_laid_under() {
        let file = "template:\n  t: {timeout: 30, environmentVariables: {A: a, N: 5}}\nresources:\n  r:\n    component: fc3\n    extend: {name: t}\n    props: {functionName: f, environmentVariables: {B: \"${env('GONE_X', 'b,c')}\"}}\n";
        let spec = &read(file, &Env::default()).unwrap()[0];
        assert_eq!(spec.timeout, 30);
        let wanted = [("A", "a"), ("N", "5"), ("B", "b,c")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert!(wanted.iter().all(|pair| spec.variables.contains(pair)), "{:?}", spec.variables);
        let error = read(&file.replace("name: t}", "name: u}"), &Env::default()).unwrap_err();
        assert!(format!("{error:#}").contains("\"u\""), "{error:#}");
    }

    #[test]
    fn what_cannot_be_resolved_is_named() {
        let file = |value: &str| {
            format!("resources:\n  a:\n    component: fc3\n    props: {{functionName: \"{value}\"}}\n")
        };
        for (value, named) in [
            ("${vars.gone}", "vars.gone"),
            ("${env('GONE_X')}", "GONE_X"),
            ("${resources.b.output}", "resources.b"),
        ] {
            let error = read(&file(value), &Env::default()).unwrap_err();
            assert!(format!("{error:#}").contains(named), "{error:#}");
        }
    }
}
