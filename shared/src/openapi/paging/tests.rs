use serde::{Deserialize, Serialize};

use super::*;
use crate::openapi::scripted::{Outcome, Scripted};
use crate::openapi::{Api, Host, Rate};

#[derive(Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ListThings {
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Things {
    things: Vec<String>,
    next_token: Option<String>,
}

impl Action for ListThings {
    const API: Api =
        Api::rpc("x", "1", "ListThings", Host::Central("x.aliyuncs.com")).limit(Rate::per_second(1_000_000));
    type Response = Things;
}

impl Paged for ListThings {
    type Item = String;
    const MOST_PAGES: u32 = 100;

    fn start_at(&mut self, cursor: Cursor) {
        if let Cursor::Token(token) = cursor {
            self.next_token = Some(token);
        }
    }

    fn take(&self, page: Things, _: u64) -> (Vec<String>, Option<Cursor>) {
        (page.things, Cursor::token(page.next_token))
    }

    fn row_id(row: &String) -> Option<&str> {
        Some(row)
    }
}

fn page(things: &[&str], next: &str) -> Outcome {
    Ok((200, serde_json::json!({"Things": things, "NextToken": next}).to_string()))
}

/// The rows that were handed out, and the error at the end.
async fn read(
    answer: impl Fn(&str) -> Outcome + Send + Sync + 'static,
) -> (Vec<String>, Option<String>, u64) {
    let (session, cloud) = Scripted::session(move |call| answer(call.get("NextToken")));
    let (mut rows, mut error) = (Vec::new(), None);
    let mut pages = std::pin::pin!(session.pages(ListThings { next_token: None }));
    loop {
        match pages.try_next().await {
            Ok(Some(page)) => rows.extend(page),
            Ok(None) => break,
            Err(why) => {
                error = Some(why.message().to_owned());
                break;
            }
        }
    }
    (rows, error, cloud.count("ListThings") as u64)
}

#[tokio::test]
async fn it_reads_to_the_end_over_empty_pages() {
    let (rows, error, calls) = read(|token| match token {
        "" => page(&["a", "b"], "1"),
        "1" => page(&[], "2"),
        _ => page(&["c"], ""),
    })
    .await;
    assert_eq!((rows.join(""), error, calls), ("abc".to_owned(), None, 3));
}

#[tokio::test]
async fn a_cursor_that_came_before_ends_it_however_long_the_circle() {
    let (rows, error, calls) = read(|token| match token {
        "" => page(&["a"], "1"),
        "1" => page(&["b"], "2"),
        "2" => page(&["c"], "3"),
        _ => page(&["d"], "1"),
    })
    .await;
    assert_eq!(rows.join(""), "abcd");
    assert_eq!(error.as_deref(), Some("the same page again"));
    assert_eq!(calls, 4);
}

#[tokio::test]
async fn a_row_that_comes_twice_stands_for_another() {
    // The page repeats under a new token: what should have been there was never shown.
    let (rows, error, _) = read(|token| match token {
        "" => page(&["a", "b"], "1"),
        "1" => page(&["a", "b"], "2"),
        _ => page(&["c"], ""),
    })
    .await;
    assert_eq!(rows.join(""), "ab");
    assert_eq!(error.as_deref(), Some("a row comes twice, so another may be missing"));
    // On the last page, too.
    let (rows, error, _) = read(|token| match token {
        "" => page(&["a", "b"], "1"),
        _ => page(&["b", "c"], ""),
    })
    .await;
    assert_eq!(rows.join(""), "abc", "what is new is kept");
    assert!(error.is_some());
}

#[tokio::test]
async fn tokens_that_never_end_end() {
    let next = |token: &str| (token.parse::<u32>().unwrap_or(0) + 1).to_string();
    let (rows, error, calls) = read(move |token| page(&[], &next(token))).await;
    assert_eq!((rows.len(), error.as_deref()), (0, Some("the listing does not end")));
    assert_eq!(calls, u64::from(MOST_EMPTY_PAGES));
    // And those that come with a new row each time.
    let (rows, error, calls) = read(move |token| page(&[token], &next(token))).await;
    assert_eq!((rows.len(), error.as_deref(), calls), (100, Some("the listing does not end"), 100));
}

#[tokio::test]
async fn what_was_read_before_a_failure_is_kept() {
    let (rows, error, _) = read(|token| match token {
        "" => page(&["a"], "1"),
        _ => Ok((403, r#"{"Code": "NoPermission", "Message": "no"}"#.to_owned())),
    })
    .await;
    assert_eq!((rows.join(""), error), ("a".to_owned(), Some("no".to_owned())));
}
