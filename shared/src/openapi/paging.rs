//! Reading to the end. A page is never judged by its size: only the cursor, or the total, says whether more
//! is to come.

use futures_util::stream::{self, Stream, TryStreamExt};

use super::{Action, Error, Kind, Session};

/// Where the next page starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cursor {
    /// `Marker`: RAM and IMS, with `IsTruncated`.
    Marker(String),
    /// `NextToken`.
    Token(String),
    /// `PageNumber`, counted from one, read until `TotalCount` rows have been seen.
    Page(u32),
}

impl Cursor {
    /// After a page that said `IsTruncated` and `Marker`.
    pub fn marker(truncated: bool, marker: Option<String>) -> Option<Self> {
        // Truncated without a marker is handed on as an empty one: the loop calls that an error.
        truncated.then(|| Self::Marker(marker.unwrap_or_default()))
    }

    /// After a page that gave `NextToken`; an empty one is the end.
    pub fn token(token: Option<String>) -> Option<Self> {
        token.filter(|token| !token.is_empty()).map(Self::Token)
    }

    /// After page `number`, when `seen` rows of `total` have been read.
    pub fn page(number: u32, seen: u64, total: u64) -> Option<Self> {
        (seen < total).then(|| Self::Page(number + 1))
    }
}

/// An action whose answer comes in pages.
pub trait Paged: Action + Clone + Send {
    /// One row.
    type Item: Send;

    /// Sets where the next page starts.
    fn start_at(&mut self, cursor: Cursor);

    /// Takes an answer apart: its rows, and the cursor of the page after it. `seen` counts the rows of the
    /// pages before.
    fn take(&self, answer: Self::Response, seen: u64) -> (Vec<Self::Item>, Option<Cursor>);
}

/// More pages than this are a listing that does not end.
const MAX_PAGES: u32 = 10_000;

impl Session {
    /// All pages as a stream of rows. It ends with an error when a page cannot be read, when a cursor
    /// repeats, or when rows are missing although the total promised them: never silently short.
    pub fn pages<'a, P: Paged + 'a>(
        &'a self,
        first: P,
    ) -> impl Stream<Item = Result<Vec<P::Item>, Error>> + 'a {
        struct State<P> {
            action: P,
            seen: u64,
            pages: u32,
            last: Option<Cursor>,
        }
        let start = State { action: first, seen: 0, pages: 0, last: None };
        stream::try_unfold(Some(start), move |state| async move {
            let Some(mut state) = state else { return Ok(None) };
            let answer = self.call(&state.action).await?;
            let (rows, next) = state.action.take(answer.value, state.seen);
            state.seen += rows.len() as u64;
            state.pages += 1;
            let broken = |why: &str| Err(Error::new(Kind::Decode, P::API.label(), "Paging", why));
            let next = match next {
                None => None,
                Some(Cursor::Marker(marker)) if marker.is_empty() => {
                    return broken("truncated, but no marker says where to go on");
                }
                Some(Cursor::Page(_)) if rows.is_empty() => {
                    return broken("a page is empty before the total is reached");
                }
                Some(cursor) if state.last.as_ref() == Some(&cursor) => return broken("the same page again"),
                Some(_) if state.pages >= MAX_PAGES => return broken("the listing does not end"),
                Some(cursor) => {
                    state.action.start_at(cursor.clone());
                    state.last = Some(cursor);
                    Some(state)
                }
            };
            Ok(Some((rows, next)))
        })
    }

    /// All rows of all pages, or the error that kept one of them away.
    ///
    /// # Errors
    /// As [`Session::pages`].
    pub async fn all<P: Paged>(&self, first: P) -> Result<Vec<P::Item>, Error> {
        self.pages(first).try_concat().await
    }
}
