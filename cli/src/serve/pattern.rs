//! EventBridge patterns (help page "Event patterns"): all keys must match; of a list, one is enough. Pure.

use ipnet::IpNet;
use serde_json::Value;

/// Whether an event matches.
pub(crate) fn matches(pattern: &Value, event: &Value) -> bool {
    let Value::Object(wanted) = pattern else { return false };
    wanted.iter().all(|(key, wanted)| {
        let found = event.get(key);
        match wanted {
            Value::Object(_) => found.is_some_and(|found| matches(wanted, found)),
            Value::Array(choices) => match found {
                Some(Value::Array(values)) if !values.is_empty() => {
                    values.iter().any(|value| choices.iter().any(|choice| one(choice, Some(value))))
                }
                found => choices.iter().any(|choice| one(choice, found)),
            },
            _ => false,
        }
    })
}

/// Operators, as the page has them.
const OPERATORS: [&str; 7] = ["prefix", "suffix", "contains", "anything-but", "numeric", "cidr", "exists"];

/// Says what in a pattern is not in the grammar: [`matches()`] would take it for something that never matches.
pub(crate) fn check(pattern: &Value) -> Result<(), String> {
    let Value::Object(wanted) = pattern else { return Err(format!("{pattern} is not an object")) };
    for (key, wanted) in wanted {
        match wanted {
            Value::Object(_) => check(wanted)?,
            Value::Array(choices) => {
                for expression in choices.iter().filter_map(Value::as_object) {
                    let unknown = expression.keys().find(|name| !OPERATORS.contains(&name.as_str()));
                    if let Some(unknown) = unknown {
                        return Err(format!("{key}: {unknown:?} is not one of {}", OPERATORS.join(", ")));
                    }
                    if expression.len() != 1 {
                        return Err(format!("{key}: an expression has one operator"));
                    }
                }
            }
            _ => return Err(format!("{key}: a list or an object is expected")),
        }
    }
    Ok(())
}

/// One expression against one value; `None`: the field is not there.
fn one(choice: &Value, found: Option<&Value>) -> bool {
    let Value::Object(expression) = choice else { return found == Some(choice) };
    let Some((operator, argument)) = expression.iter().next() else { return false };
    if operator == "exists" {
        return Some(found.is_some()) == argument.as_bool();
    }
    let Some(found) = found else { return false };
    let text = found.as_str();
    let argument_text = argument.as_str().unwrap_or_default();
    match operator.as_str() {
        "prefix" => text.is_some_and(|text| text.starts_with(argument_text)),
        "suffix" => text.is_some_and(|text| text.ends_with(argument_text)),
        "contains" => text.is_some_and(|text| text.contains(argument_text)),
        "anything-but" => match argument {
            Value::Array(not) => !not.iter().any(|not| one(not, Some(found))),
            not => !one(not, Some(found)),
        },
        "cidr" => match (argument_text.parse::<IpNet>(), text.and_then(|text| text.parse().ok())) {
            (Ok(net), Some(address)) => net.contains::<&std::net::IpAddr>(&address),
            _ => false,
        },
        "numeric" => found.as_f64().is_some_and(|number| in_range(argument, number)),
        _ => false,
    }
}

/// `[">", 0, "<=", 5]`.
fn in_range(bounds: &Value, number: f64) -> bool {
    let Some(bounds) = bounds.as_array() else { return false };
    bounds.len() % 2 == 0
        && bounds.chunks(2).all(|pair| {
            let Some(bound) = pair[1].as_f64() else { return false };
            match pair[0].as_str().unwrap_or_default().trim() {
                ">" => number > bound,
                ">=" => number >= bound,
                "<" => number < bound,
                "<=" => number <= bound,
                "=" => (number - bound).abs() < f64::EPSILON,
                _ => false,
            }
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_grammar() {
        let event = json!({"type": "ram:ActionTrail:ApiCall", "data": {"n": 5, "ip": "10.1.2.3", "tags": ["a", "b"], "eventName": "CreateAccessKey"}});
        for (pattern, expected) in [
            (json!({"type": ["ram:ActionTrail:ApiCall"]}), true),
            (
                json!({"type": [{"suffix": ":ActionTrail:ApiCall"}], "data": {"eventName": ["CreateAccessKey"]}}),
                true,
            ),
            (
                json!({"type": [{"suffix": ":ActionTrail:ApiCall"}], "data": {"eventName": ["DeleteAccessKey"]}}),
                false,
            ),
            (json!({"type": [{"prefix": "ecs:"}, {"prefix": "ram:"}]}), true),
            (json!({"type": [{"contains": "Trail"}]}), true),
            (json!({"type": [{"anything-but": ["x", {"prefix": "ram:"}]}]}), false),
            (json!({"type": [{"anything-but": "x"}]}), true),
            (json!({"data": {"n": [{"numeric": [">", 0, "<=", 5]}]}}), true),
            (json!({"data": {"n": [{"numeric": [">", 5]}]}}), false),
            (json!({"data": {"ip": [{"cidr": "10.0.0.0/8"}]}}), true),
            (json!({"data": {"ip": [{"cidr": "192.168.0.0/16"}]}}), false),
            (json!({"data": {"tags": ["b"]}}), true),
            (json!({"data": {"gone": [{"exists": false}]}}), true),
            (json!({"data": {"gone": [{"exists": true}]}}), false),
            (json!({"gone": {"deeper": ["x"]}}), false),
            (json!({}), true),
        ] {
            assert_eq!(matches(&pattern, &event), expected, "{pattern}");
            assert_eq!(check(&pattern), Ok(()), "{pattern}");
        }
    }

    #[test]
    fn what_is_not_a_pattern() {
        for (pattern, named) in [
            (json!([]), "object"),
            (json!({"type": "x"}), "type"),
            (json!({"data": {"n": [{"wildcard": "*"}]}}), "wildcard"),
            (json!({"type": [{"prefix": "a", "suffix": "b"}]}), "type"),
            (json!({"type": [{}]}), "type"),
        ] {
            assert!(check(&pattern).unwrap_err().contains(named), "{pattern}");
        }
    }
}
