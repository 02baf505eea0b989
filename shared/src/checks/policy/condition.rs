//! From which addresses a condition holds (RAM, "Conditional operators").

use jiff::Timestamp;

use super::document::Condition;
use super::pattern::like;
use super::request::{Request, Subject, foreign_is_meant};
use super::truth::{Bounds, Truth};
use crate::checks::open::{addresses, everywhere};

/// From which addresses it holds for a request at a moment. What is not understood may hold or not.
pub(super) fn holds(condition: &Condition, request: &Request, now: Timestamp) -> Bounds {
    let Some((compare, negated)) = operator(&condition.operator) else { return Truth::Maybe.into() };
    // What an operator says of no value at all is not documented.
    if condition.values.is_empty() {
        return Truth::Maybe.into();
    }
    let values = &condition.values;
    let any = match (request.subject(&condition.key), compare) {
        (Subject::Address, Compare::Network) => return address(values, negated),
        (Subject::Time, Compare::Date(order)) => any(values, |value| date(order, now, value)),
        // A key that a request does not have is like nothing, and unlike everything.
        (Subject::Absent, _) => Truth::No,
        (Subject::Value(text), compare) => any(values, |value| compares(compare, text, value)),
        (Subject::Foreign, Compare::Equal | Compare::EqualAnyCase) => Truth::No,
        (Subject::Foreign, Compare::Like) => any(values, foreign_is_meant),
        (Subject::Address | Subject::Time | Subject::Foreign | Subject::Unknown, _) => Truth::Maybe,
    };
    Bounds::from(if negated { any.not() } else { any })
}

/// How an operator compares, before Not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compare {
    Equal,
    EqualAnyCase,
    Like,
    Number(Order),
    Date(Order),
    Bool,
    Network,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Equal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Order {
    fn holds<T: PartialOrd>(self, left: T, right: T) -> bool {
        match self {
            Self::Equal => left == right,
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::Greater => left > right,
            Self::AtLeast => left >= right,
        }
    }
}

/// How it compares, and whether it says Not.
fn operator(name: &str) -> Option<(Compare, bool)> {
    Some(match name {
        "StringEquals" => (Compare::Equal, false),
        "StringNotEquals" => (Compare::Equal, true),
        "StringEqualsIgnoreCase" => (Compare::EqualAnyCase, false),
        "StringNotEqualsIgnoreCase" => (Compare::EqualAnyCase, true),
        "StringLike" => (Compare::Like, false),
        "StringNotLike" => (Compare::Like, true),
        "Bool" => (Compare::Bool, false),
        "IpAddress" => (Compare::Network, false),
        "NotIpAddress" => (Compare::Network, true),
        _ => {
            let (kind, order): (fn(Order) -> Compare, &str) = match name.strip_prefix("Numeric") {
                Some(order) => (Compare::Number, order),
                None => (Compare::Date, name.strip_prefix("Date")?),
            };
            match order {
                "Equals" => (kind(Order::Equal), false),
                "NotEquals" => (kind(Order::Equal), true),
                "LessThan" => (kind(Order::Less), false),
                "LessThanEquals" => (kind(Order::AtMost), false),
                "GreaterThan" => (kind(Order::Greater), false),
                "GreaterThanEquals" => (kind(Order::AtLeast), false),
                _ => return None,
            }
        }
    })
}

fn any(values: &[String], is: impl Fn(&str) -> Truth) -> Truth {
    values.iter().map(|value| is(value)).fold(Truth::No, Truth::or)
}

fn compares(compare: Compare, text: &str, value: &str) -> Truth {
    match compare {
        Compare::Equal => Truth::of(text == value),
        Compare::EqualAnyCase | Compare::Bool => Truth::of(text.eq_ignore_ascii_case(value)),
        Compare::Like => Truth::of(like(value, text)),
        Compare::Number(order) => match (text.parse::<f64>(), value.parse::<f64>()) {
            (Ok(text), Ok(value)) => Truth::of(order.holds(text, value)),
            (Err(_), Ok(_)) => Truth::No,
            (_, Err(_)) => Truth::Maybe,
        },
        Compare::Date(_) | Compare::Network => Truth::Maybe,
    }
}

/// Time goes by itself, so it counts as it is: an Allow that has ended lets nobody in, one that has not begun does not yet.
fn date(order: Order, now: Timestamp, value: &str) -> Truth {
    value.parse::<Timestamp>().map_or(Truth::Maybe, |value| Truth::of(order.holds(now, value)))
}

/// What cannot be read of the ranges may be any range.
fn address(values: &[String], negated: bool) -> Bounds {
    let (sources, unparsed) = addresses(values.iter().map(String::as_str));
    let possible = if unparsed.is_empty() { sources.clone() } else { everywhere() };
    let within = Bounds { certain: sources, possible };
    if negated { Bounds::exactly(everywhere()).but_not(&within) } else { within }
}
