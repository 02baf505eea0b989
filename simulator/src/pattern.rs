//! Event patterns of EventBridge (user guide, "Event patterns"): an object of fields, each with a list of
//! expressions of which one must match.

use ipnet::IpNet;
use serde_json::{Map, Value};
use std::net::IpAddr;

/// Expressions per field (EventBridge, "Limits").
const EXPRESSIONS: usize = 5;
/// Comparisons of `numeric`.
const COMPARISONS: [&str; 6] = ["=", "!=", "<", "<=", ">", ">="];

/// Whether a pattern is well formed; the error says where not.
pub(crate) fn validate(pattern: &Value) -> Result<(), String> {
    let Some(fields) = pattern.as_object() else { return Err("the pattern is not an object".into()) };
    fields.iter().try_for_each(|(name, value)| field(name, value))
}

fn field(path: &str, value: &Value) -> Result<(), String> {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            fields.iter().try_for_each(|(name, value)| field(&format!("{path}.{name}"), value))
        }
        Value::Array(expressions) if (1..=EXPRESSIONS).contains(&expressions.len()) => {
            expressions.iter().try_for_each(|one| expression(one).map_err(|why| format!("{path}: {why}")))
        }
        Value::Array(_) => Err(format!("{path}: 1 to {EXPRESSIONS} expressions are allowed")),
        _ => Err(format!("{path}: a list of expressions or an object is expected")),
    }
}

fn expression(value: &Value) -> Result<(), String> {
    let operator = match value {
        Value::Object(operator) if operator.len() == 1 => operator,
        Value::Object(_) => return Err("an expression has exactly one operator".into()),
        Value::Array(_) => return Err("an expression is no list".into()),
        _ => return Ok(()),
    };
    let Some((name, operand)) = operator.iter().next() else { return Ok(()) };
    let fits = match name.as_str() {
        "prefix" | "suffix" | "contains" => operand.is_string(),
        "exists" => operand.is_boolean(),
        "cidr" => operand.as_str().is_some_and(|text| text.parse::<IpNet>().is_ok()),
        "numeric" => comparisons(operand).is_some(),
        "anything-but" => match operand {
            Value::Array(list) => {
                !list.is_empty() && list.iter().all(|one| !one.is_array() && !one.is_object())
            }
            Value::Object(_) => return expression(operand),
            _ => true,
        },
        _ => return Err(format!("unknown operator {name:?}")),
    };
    if fits { Ok(()) } else { Err(format!("the operand of {name:?} is wrong")) }
}

/// The pairs of comparison and number in a `numeric` operand.
fn comparisons(operand: &Value) -> Option<Vec<(&str, f64)>> {
    let list = operand.as_array().filter(|list| !list.is_empty() && list.len() % 2 == 0)?;
    list.chunks(2)
        .map(|pair| Some((pair[0].as_str().filter(|sign| COMPARISONS.contains(sign))?, pair[1].as_f64()?)))
        .collect()
}

/// Whether an event matches a pattern that is well formed.
pub(crate) fn matches(pattern: &Value, event: &Value) -> bool {
    let none = Map::new();
    pattern.as_object().unwrap_or(&none).iter().all(|(name, wanted)| {
        let value = event.get(name);
        match wanted {
            Value::Object(_) => matches(wanted, value.unwrap_or(&Value::Null)),
            Value::Array(expressions) => expressions.iter().any(|one| match value {
                // A list in the event matches if one of its elements does.
                Some(Value::Array(items)) if !items.is_empty() => {
                    items.iter().any(|item| holds(one, Some(item)))
                }
                _ => holds(one, value),
            }),
            _ => false,
        }
    })
}

fn holds(expression: &Value, value: Option<&Value>) -> bool {
    let Value::Object(operator) = expression else {
        return value.is_some_and(|value| equal(expression, value));
    };
    let Some((name, operand)) = operator.iter().next() else { return false };
    if name == "exists" {
        return operand.as_bool() == Some(value.is_some());
    }
    let Some(value) = value else { return false };
    let text = |test: fn(&str, &str) -> bool| {
        operand.as_str().zip(value.as_str()).is_some_and(|(wanted, text)| test(text, wanted))
    };
    match name.as_str() {
        "prefix" => text(|text, wanted| text.starts_with(wanted)),
        "suffix" => text(|text, wanted| text.ends_with(wanted)),
        "contains" => text(|text, wanted| text.contains(wanted)),
        "cidr" => text(|text, wanted| {
            let (network, address) = (wanted.parse::<IpNet>(), text.parse::<IpAddr>());
            network.is_ok_and(|network| address.is_ok_and(|address| network.contains(&address)))
        }),
        "anything-but" => match operand {
            Value::Array(list) => !list.iter().any(|one| equal(one, value)),
            Value::Object(_) => !holds(operand, Some(value)),
            _ => !equal(operand, value),
        },
        "numeric" => value.as_f64().is_some_and(|number| {
            comparisons(operand)
                .is_some_and(|list| list.iter().all(|(sign, bound)| compares(number, sign, *bound)))
        }),
        _ => false,
    }
}

/// Numbers are equal by value (1 and 1.0), everything else as JSON.
fn equal(wanted: &Value, value: &Value) -> bool {
    match (wanted.as_f64(), value.as_f64()) {
        (Some(wanted), Some(value)) => wanted == value,
        _ => wanted == value,
    }
}

fn compares(number: f64, sign: &str, bound: f64) -> bool {
    match sign {
        "=" => number == bound,
        "!=" => number != bound,
        "<" => number < bound,
        "<=" => number <= bound,
        ">" => number > bound,
        _ => number >= bound,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_operator_matches_what_it_should() {
        let event = json!({"source": "acs.ram", "type": "ram:ActionTrail:ApiCall",
            "data": {"n": 7, "ip": "10.1.2.3", "list": ["a", "b"], "flag": true, "none": null}});
        for (pattern, expected) in [
            (json!({}), true),
            (json!({"source": ["acs.ims", "acs.ram"]}), true),
            (json!({"source": ["acs.ims"]}), false),
            (json!({"type": [{"suffix": ":ActionTrail:ApiCall"}]}), true),
            (json!({"type": [{"prefix": "ims:"}]}), false),
            (json!({"type": [{"contains": "Trail"}]}), true),
            (json!({"data": {"n": [{"numeric": [">", 5, "<=", 7]}]}}), true),
            (json!({"data": {"n": [{"numeric": ["<", 7]}]}}), false),
            (json!({"data": {"n": [7.0]}}), true),
            (json!({"data": {"n": ["7"]}}), false),
            (json!({"data": {"ip": [{"cidr": "10.0.0.0/8"}]}}), true),
            (json!({"data": {"ip": [{"cidr": "11.0.0.0/8"}]}}), false),
            (json!({"data": {"list": ["b"]}}), true),
            (json!({"data": {"gone": [{"exists": false}]}}), true),
            (json!({"data": {"flag": [{"exists": false}]}}), false),
            (json!({"data": {"gone": {"deep": [{"exists": false}]}}}), true),
            (json!({"data": {"flag": [true]}}), true),
            (json!({"source": [{"anything-but": ["acs.ims"]}]}), true),
            (json!({"source": [{"anything-but": "acs.ram"}]}), false),
            (json!({"source": [{"anything-but": {"prefix": "acs."}}]}), false),
            (json!({"source": ["acs.ram"], "type": ["other"]}), false),
        ] {
            validate(&pattern).unwrap();
            assert_eq!(matches(&pattern, &event), expected, "{pattern}");
        }
    }

    #[test]
    fn malformed_patterns_are_refused() {
        for pattern in [
            json!([]),
            json!({"a": "b"}),
            json!({"a": []}),
            json!({"a": {}}),
            json!({"a": [1, 2, 3, 4, 5, 6]}),
            json!({"a": [{"like": "b"}]}),
            json!({"a": [{"prefix": "a", "suffix": "b"}]}),
            json!({"a": [{"prefix": 1}]}),
            json!({"a": [{"cidr": "10.0.0.0"}]}),
            json!({"a": [{"numeric": ["~", 1]}]}),
            json!({"a": [[1]]}),
        ] {
            assert!(validate(&pattern).is_err(), "{pattern}");
        }
        assert!(validate(&json!({"a": [1, 2, 3, 4, 5]})).is_ok());
    }
}
