//! A list that may not be whole.

use serde::{Deserialize, Serialize};

use super::Unread;

/// What was listed, over all regions, and why there may be more of it. An empty list with nothing unread is known to be empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed<T> {
    /// What was read.
    pub rows: Vec<T>,
    /// Why there may be more, one reason a place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
}

impl<T> Listed<T> {
    /// All there is.
    pub fn whole(rows: Vec<T>) -> Self {
        Self { rows, unread: Vec::new() }
    }

    /// Nothing, for this reason.
    pub fn unread(why: Unread) -> Self {
        Self { rows: Vec::new(), unread: vec![why] }
    }

    /// Nobody asked.
    pub fn unasked() -> Self {
        Self::unread(Unread::unasked())
    }

    /// Whether it is all there is.
    pub fn is_whole(&self) -> bool {
        self.unread.is_empty()
    }

    /// Whether a region's part of it is all there is.
    pub fn is_whole_in(&self, region: &str) -> bool {
        self.unread.iter().all(|why| !why.concerns(region))
    }

    /// Why the list may have more in a region.
    pub fn why_in(&self, region: &str) -> Option<&Unread> {
        self.unread.iter().find(|why| why.concerns(region))
    }

    /// Adds another part of the same list.
    pub fn append(&mut self, part: Self) {
        self.rows.extend(part.rows);
        self.unread.extend(part.unread);
    }
}

impl<T> Default for Listed<T> {
    /// An empty part, to which others are appended.
    fn default() -> Self {
        Self::whole(Vec::new())
    }
}

impl<T> FromIterator<Listed<T>> for Listed<T> {
    fn from_iter<I: IntoIterator<Item = Self>>(parts: I) -> Self {
        let mut all = Self::default();
        parts.into_iter().for_each(|part| all.append(part));
        all
    }
}
