//! The targets of a rule. Lists come as one JSON text or as flat parameters (`Targets.1.Id`): the official
//! SDKs do both.

use super::{default_bus, done, find, invalid, region};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::product::{Answer, Asked};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The targets in a parameter, each with Id, Type and Endpoint; none if it was not sent.
pub(super) fn read(asked: &Asked, name: &str) -> Result<Vec<Value>, ApiError> {
    let targets = list_of(asked, name)?;
    for (at, target) in targets.iter().enumerate() {
        if let Some(field) = ["Id", "Type", "Endpoint"].iter().find(|field| !target[**field].is_string()) {
            return Err(invalid(format!("{name}[{at}] has no {field}")));
        }
    }
    Ok(targets)
}

fn list_of(asked: &Asked, name: &str) -> Result<Vec<Value>, ApiError> {
    if let Some(text) = asked.param(name) {
        return serde_json::from_str(text).map_err(|why| invalid(format!("{name}: {why}")));
    }
    let prefix = format!("{name}.");
    let flat = asked.request.params.iter().filter_map(|(name, value)| Some((name.strip_prefix(&prefix)?, value)));
    match nested(flat.map(|(name, value)| (name, value.as_str())).collect()) {
        Value::Array(list) => Ok(list),
        _ => Ok(Vec::new()),
    }
}

/// Flat names (`1.ParamList.2.Form`) as values: numbers make lists, other names objects.
fn nested(flat: Vec<(&str, &str)>) -> Value {
    if let [("", value)] = flat[..] {
        return value.into();
    }
    let mut groups: BTreeMap<(usize, &str), Vec<(&str, &str)>> = BTreeMap::new();
    for (name, value) in flat {
        let (first, rest) = name.split_once('.').unwrap_or((name, ""));
        groups.entry((first.parse().unwrap_or(0), first)).or_default().push((rest, value));
    }
    let is_list = groups.keys().all(|(number, _)| *number > 0);
    let made = groups.into_iter().map(|((_, name), inner)| (name.to_string(), nested(inner)));
    if is_list { made.map(|(_, value)| value).collect() } else { Value::Object(made.collect::<Map<_, _>>()) }
}

/// Adds targets; one of the same Id is replaced.
pub(super) fn put(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let at = find(cloud, asked)?;
    let added = read(asked, "Targets")?;
    let rule = Arc::make_mut(&mut cloud.account.rules[at]);
    rule.targets.retain(|old| added.iter().all(|new| new["Id"] != old["Id"]));
    rule.targets.extend(added);
    done(json!({"ErrorEntriesCount": 0, "ErrorEntries": []}))
}

pub(super) fn delete(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let at = find(cloud, asked)?;
    let gone = list_of(asked, "TargetIds")?;
    let rule = Arc::make_mut(&mut cloud.account.rules[at]);
    rule.targets.retain(|target| !gone.contains(&target["Id"]));
    done(json!({"ErrorEntriesCount": 0, "ErrorEntries": []}))
}

pub(super) fn list(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    default_bus(asked)?;
    let region = region(asked);
    let wanted = asked.param("RuleName");
    if wanted.is_some() {
        find(cloud, asked)?;
    }
    let rules = cloud.account.rules.iter().filter(|rule| rule.region == region);
    let rules = rules.filter(|rule| wanted.is_none_or(|name| rule.name == name));
    let mut shown: Vec<Value> = Vec::new();
    for rule in rules {
        for target in &rule.targets {
            let mut target = target.clone();
            target["RuleName"] = rule.name.as_str().into();
            target["EventBusName"] = "default".into();
            shown.push(target);
        }
    }
    done(json!({"Total": shown.len(), "Targets": shown}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_names_become_lists_and_objects() {
        let flat = vec![
            ("1.Id", "a"),
            ("1.ParamList.1.Form", "ORIGINAL"),
            ("10.Id", "c"),
            ("2.Id", "b"),
        ];
        assert_eq!(
            nested(flat),
            json!([{"Id": "a", "ParamList": [{"Form": "ORIGINAL"}]}, {"Id": "b"}, {"Id": "c"}])
        );
        assert_eq!(nested(vec![("1", "x"), ("2", "y")]), json!(["x", "y"]));
    }
}
