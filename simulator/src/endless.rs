//! Lists that do not end: the faults [`crate::FaultKind::RepeatedPage`] and [`crate::FaultKind::EndlessPages`].

use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::ids;
use crate::paging;
use crate::product::{Answer, Api, Asked};
use serde_json::Value;

/// Parameters and members that say where a page begins.
const TOKENS: [&str; 3] = ["NextToken", "nextToken", "Marker"];
/// Parameters that number pages.
const NUMBERS: [&str; 4] = ["PageNumber", "PageNo", "Page", "CurrentPage"];
/// Members that say how much there is.
const TOTALS: [&str; 3] = ["TotalCount", "TotalRecordCount", "TotalAclEntry"];
const MANY: u32 = 1_000_000;

impl Cloud {
    /// Answers a list with its first page, whichever was asked for.
    pub(crate) fn repeat_page(&mut self, api: &Api, asked: &Asked) -> Result<Answer, ApiError> {
        let mut request = asked.request.clone();
        request.params.retain(|name, _| !TOKENS.contains(&name.as_str()));
        for name in NUMBERS {
            if let Some(number) = request.params.get_mut(name) {
                *number = "1".into();
            }
        }
        let answer = (api.answer)(self, &Asked { request: &request, ..*asked })?;
        Ok(with_more(answer, api, asked, &paging::token("~the same")))
    }

    /// Answers a list as it is, but with a token for a page that is not there.
    pub(crate) fn page_on(&mut self, api: &Api, asked: &Asked) -> Result<Answer, ApiError> {
        let answer = (api.answer)(self, asked)?;
        // A token that the list itself gave leads on to what is really there.
        let token = paging::token(&format!("{}{}", paging::BEYOND, ids::random_hex(6)));
        Ok(with_more(answer, api, asked, &token))
    }
}

/// The answer with the news that there is more.
fn with_more(answer: Answer, api: &Api, asked: &Asked, token: &str) -> Answer {
    let mut value = match answer.object() {
        Ok(value @ Value::Object(_)) => value,
        Ok(other) => return other.into(),
        Err(answer) => return answer,
    };
    let numbered = NUMBERS.iter().any(|name| api.takes(name));
    let by_number = NUMBERS.iter().any(|name| asked.param(name).is_some())
        || (numbered && asked.param("MaxResults").is_none() && asked.param("NextToken").is_none());
    if by_number {
        for name in TOTALS {
            if value.get(name).is_some() {
                value[name] = MANY.into();
            }
        }
    } else if let Some(name) = TOKENS.iter().find(|name| api.takes(name)) {
        if value.get(name).is_none_or(|given| given.as_str().is_none_or(str::is_empty)) || repeats(token) {
            value[*name] = token.into();
        }
        if value.get("IsTruncated").is_some() {
            value["IsTruncated"] = true.into();
        }
    }
    value.into()
}

fn repeats(token: &str) -> bool {
    token == paging::token("~the same")
}
