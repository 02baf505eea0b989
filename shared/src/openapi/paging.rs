//! Reading to the end. A page is never judged by its size: only the cursor, or the total, says whether more
//! is to come.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use futures_util::stream::{self, Stream, TryStreamExt};

use super::{Action, Error, Kind, Session};

/// Where the next page starts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Cursor {
    /// `Marker`: RAM and IMS, with `IsTruncated`.
    Marker(String),
    /// `NextToken`.
    Token(String),
    /// `PageNumber`, counted from one, read until `TotalCount` rows have been seen.
    Page(u32),
    /// The answer leaves open where to go on, for this reason: the listing is an error.
    Lost(&'static str),
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

    /// What tells a row from the others, where something does: a row that comes twice is then known to stand where another should.
    fn row_id(_: &Self::Item) -> Option<&str> {
        None
    }

    /// More pages than this are a listing that does not end.
    const MOST_PAGES: u32 = 10_000;
}

/// So many pages in a row without any row are a listing that does not end. One or two are normal: services filter after they have cut the
/// pages.
const MOST_EMPTY_PAGES: u32 = 20;

/// What is known of a listing so far.
struct Progress<P> {
    action: P,
    seen: u64,
    pages: u32,
    empty: u32,
    cursors: HashSet<Cursor>,
    // Hashes, not the ids: a listing may have many rows.
    ids: HashSet<u64>,
    hasher: RandomState,
}

impl<P: Paged> Progress<P> {
    fn new(action: P) -> Self {
        let (cursors, ids) = (HashSet::new(), HashSet::new());
        Self { action, seen: 0, pages: 0, empty: 0, cursors, ids, hasher: RandomState::new() }
    }

    /// Takes a page in: the rows that are new, and whether there is another page to ask for.
    fn take(&mut self, answer: P::Response) -> (Vec<P::Item>, Result<bool, &'static str>) {
        let (mut rows, next) = self.action.take(answer, self.seen);
        let listed = rows.len();
        self.seen += listed as u64;
        self.pages += 1;
        self.empty = if listed == 0 { self.empty + 1 } else { 0 };
        rows.retain(|row| P::row_id(row).is_none_or(|id| self.ids.insert(self.hasher.hash_one(id))));
        let more = match next {
            _ if rows.len() < listed => Err("a row comes twice, so another may be missing"),
            None => Ok(false),
            Some(Cursor::Lost(why)) => Err(why),
            Some(Cursor::Marker(marker)) if marker.is_empty() => {
                Err("truncated, but no marker says where to go on")
            }
            Some(Cursor::Page(_)) if listed == 0 => Err("a page is empty before the total is reached"),
            Some(_) if self.pages >= P::MOST_PAGES || self.empty >= MOST_EMPTY_PAGES => {
                Err("the listing does not end")
            }
            Some(cursor) if !self.cursors.insert(cursor.clone()) => Err("the same page again"),
            Some(cursor) => {
                self.action.start_at(cursor);
                Ok(true)
            }
        };
        (rows, more)
    }
}

impl Session {
    /// All pages as a stream of rows. It ends with an error when a page cannot be read, when a cursor or a row comes again,
    /// or when rows are missing although the total promised them: never silently short. Rows that came before are handed out first.
    pub fn pages<'a, P: Paged + 'a>(
        &'a self,
        first: P,
    ) -> impl Stream<Item = Result<Vec<P::Item>, Error>> + 'a {
        enum State<P> {
            Ask(Progress<P>),
            Fail(&'static str),
            End,
        }
        stream::try_unfold(State::Ask(Progress::new(first)), move |state| async move {
            let mut progress = match state {
                State::Ask(progress) => progress,
                State::Fail(why) => return Err(Error::new(Kind::Decode, P::API.label(), "Paging", why)),
                State::End => return Ok(None),
            };
            let answer = self.call(&progress.action).await?;
            let (rows, more) = progress.take(answer.value);
            let next = match more {
                Ok(true) => State::Ask(progress),
                Ok(false) => State::End,
                Err(why) => State::Fail(why),
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

#[cfg(test)]
mod tests;
