//! Paging by marker (IMS, RAM), by token (EventBridge, ActionTrail, ECS, ALB, NLB) and by number.

mod pages;

use crate::error::ApiError;
use crate::product::Asked;
use crate::signature::base64;
use base64::Engine;
use serde_json::{Map, Value, json};
use std::ops::RangeInclusive;

pub(crate) use pages::{Page, PageSizes, by_page};

/// A number in a parameter, within bounds; out of them is an error.
pub(crate) fn size(
    name: &str,
    text: Option<&str>,
    default: usize,
    bounds: RangeInclusive<usize>,
) -> Result<usize, ApiError> {
    let Some(text) = text else { return Ok(default) };
    match text.parse() {
        Ok(number) if bounds.contains(&number) => Ok(number),
        _ => {
            Err(ApiError::invalid(name, format!("{text} is not from {} to {}", bounds.start(), bounds.end())))
        }
    }
}

/// What a token holds for a page after the last one: it sorts behind every id.
pub(crate) const BEYOND: char = '~';

/// How large the pages of a list may be, as documented.
#[derive(Clone, Copy)]
pub(crate) struct Sizes {
    default: usize,
    least: usize,
    most: usize,
    /// Sizes out of bounds are taken for the nearest bound; else they are errors.
    fitted: bool,
}

impl Sizes {
    /// Sizes out of bounds are errors.
    pub(crate) const fn of(default: usize, most: usize) -> Self {
        Self { default, least: 1, most, fitted: false }
    }

    /// The same with a lower bound.
    pub(crate) const fn at_least(self, least: usize) -> Self {
        Self { least, ..self }
    }

    /// Sizes out of bounds are taken for the nearest bound, in silence.
    pub(crate) const fn fitted(self) -> Self {
        Self { fitted: true, ..self }
    }

    fn asked(self, name: &str, asked: &Asked) -> Result<usize, ApiError> {
        let text = asked.param(name);
        match text.map(str::parse::<usize>) {
            Some(Ok(number)) if self.fitted => Ok(number.clamp(self.least, self.most)),
            _ => size(name, text, self.default, self.least..=self.most),
        }
    }
}

/// A page by PageNumber and PageSize, and what the service says of it.
pub(crate) fn by_number<T>(
    rows: Vec<T>,
    asked: &Asked,
    sizes: Sizes,
) -> Result<(Vec<T>, Map<String, Value>), ApiError> {
    numbered(rows, asked, "PageNumber", sizes)
}

/// The same, with another name for the number of the page.
pub(crate) fn numbered<T>(
    rows: Vec<T>,
    asked: &Asked,
    number: &str,
    sizes: Sizes,
) -> Result<(Vec<T>, Map<String, Value>), ApiError> {
    let page = size(number, asked.param(number), 1, 1..=1_000_000)?;
    let size = sizes.asked("PageSize", asked)?;
    let said = [("PageNumber", page), ("PageSize", size), ("TotalCount", rows.len())];
    let said = said.map(|(name, number)| (name.to_string(), json!(number)));
    Ok((rows.into_iter().skip((page - 1) * size).take(size).collect(), said.into_iter().collect()))
}

/// A page by NextToken and MaxResults of rows that are sorted by id, and its token if there are more. What else
/// the service says is up to the caller.
pub(crate) fn by_token<T>(
    rows: Vec<T>,
    id: impl Fn(&T) -> &str,
    asked: &Asked,
    sizes: Sizes,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let size = sizes.asked("MaxResults", asked)?;
    let begin = match asked.param("NextToken") {
        Some(token) => {
            let last = after("NextToken", token)?;
            rows.partition_point(|row| id(row) <= last.as_str())
        }
        None => 0,
    };
    let more = rows.len().saturating_sub(begin) > size;
    let page: Vec<T> = rows.into_iter().skip(begin).take(size).collect();
    let next = page.last().filter(|_| more).map(|row| token(id(row)));
    Ok((page, next))
}

/// The same for rows without ids, which are told by their place: where the page begins and ends.
pub(crate) fn by_place(
    rows: usize,
    asked: &Asked,
    sizes: Sizes,
) -> Result<(std::ops::Range<usize>, Option<String>), ApiError> {
    let size = sizes.asked("MaxResults", asked)?;
    let begin = match asked.param("NextToken") {
        Some(token) => {
            let place = after("NextToken", token)?;
            match place.parse::<usize>() {
                Ok(place) => place.min(rows),
                Err(_) if place.starts_with(BEYOND) => rows,
                Err(_) => return Err(ApiError::invalid("NextToken", "it was not given by the last page")),
            }
        }
        None => 0,
    };
    let end = rows.min(begin + size);
    Ok((begin..end, (end < rows).then(|| token(&end.to_string()))))
}

/// A token that holds the name after which the next page starts: it survives additions and removals.
pub(crate) fn token(last: &str) -> String {
    base64(format!("after:{last}").as_bytes())
}

/// The name in a token.
pub(crate) fn after(name: &str, text: &str) -> Result<String, ApiError> {
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|text| text.strip_prefix("after:").map(Into::into))
        .ok_or_else(|| ApiError::invalid(name, "it was not given by the last page"))
}

/// A page of items that are sorted by name: items, and the last name if there are more.
pub(crate) fn page<'a, T>(
    items: impl Iterator<Item = &'a T>,
    name: impl Fn(&T) -> &str,
    after: Option<&str>,
    size: usize,
) -> (Vec<&'a T>, Option<String>) {
    let mut rest = items.skip_while(|item| after.is_some_and(|after| name(item) <= after));
    let page: Vec<&T> = rest.by_ref().take(size).collect();
    let more = rest.next().is_some();
    let last = page.last().filter(|_| more).map(|item| name(item).to_string());
    (page, last)
}

/// What IMS and RAM say of their paging: IsTruncated, and the Marker of the next page if there is one.
pub(crate) fn by_marker<'a, T>(
    items: impl Iterator<Item = &'a T>,
    name: impl Fn(&T) -> &str,
    asked: &Asked,
    default: usize,
) -> Result<(Vec<&'a T>, Map<String, Value>), ApiError> {
    let size = size("MaxItems", asked.param("MaxItems"), default, 1..=1000)?;
    let marker = asked.param("Marker").map(|text| after("Marker", text)).transpose()?;
    let (page, last) = page(items, name, marker.as_deref(), size);
    let mut said = Map::from_iter([("IsTruncated".into(), json!(last.is_some()))]);
    if let Some(last) = last {
        said.insert("Marker".into(), token(&last).into());
    }
    Ok((page, said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_any_size_give_every_item_once() {
        let names: Vec<String> = (0..23).map(|number| format!("n{number:02}")).collect();
        for size in 1..=25 {
            let (mut seen, mut marker) = (Vec::new(), None);
            loop {
                let from: Option<String> = marker.map(|token: String| after("Marker", &token).unwrap());
                let (items, last) = page(names.iter(), |name| name.as_str(), from.as_deref(), size);
                assert!(items.len() == size || last.is_none());
                seen.extend(items.into_iter().cloned());
                match last {
                    Some(last) => marker = Some(token(&last)),
                    None => break,
                }
            }
            assert_eq!(seen, names, "size {size}");
        }
    }

    #[test]
    fn sizes_out_of_bounds_are_errors() {
        assert_eq!(size("MaxItems", None, 100, 1..=1000), Ok(100));
        assert_eq!(size("MaxItems", Some("1000"), 100, 1..=1000), Ok(1000));
        for text in ["0", "1001", "-1", "x"] {
            assert_eq!(
                size("MaxItems", Some(text), 100, 1..=1000).unwrap_err().code,
                "InvalidParameter.MaxItems"
            );
        }
        assert!(after("Marker", "%%%").is_err() && after("Marker", "YQ==").is_err());
    }
}
