//! Why the store did not do what it was asked.

/// What the store was asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Create an object if there is none.
    Create,
    /// Read an object.
    Read,
    /// List the keys under a prefix.
    List,
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Create => "write",
            Self::Read => "read",
            Self::List => "list",
        })
    }
}

/// A failure of the store. It names the place and holds no content of it, so no secret either.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// A setting says something that cannot be meant.
    #[error("{variable}: {why}")]
    Setting {
        /// The environment variable.
        variable: &'static str,
        /// What was wrong with it.
        why: String,
    },
    /// A text that cannot be a key.
    #[error("{key:?} cannot be a key of the store: {why}")]
    Key {
        /// The text.
        key: String,
        /// What was wrong with it.
        why: &'static str,
    },
    /// The place where the store lives did not do it.
    #[error("cannot {operation} {place}: {why}{}", if *.maybe_done { " (it may have been written)" } else { "" })]
    Failed {
        /// What was to be done.
        operation: Operation,
        /// The object or prefix, as a URL.
        place: String,
        /// The reason the system or service gave.
        why: String,
        /// Whether it may have been done all the same.
        maybe_done: bool,
    },
    /// What is stored is not what a store of ours can hold.
    #[error("{place}: {why}")]
    Broken {
        /// The object, as a URL.
        place: String,
        /// What is wrong with it.
        why: String,
    },
}

impl StateError {
    /// A failure that certainly left nothing behind.
    pub fn failed(operation: Operation, place: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Failed { operation, place: place.into(), why: why.into(), maybe_done: false }
    }

    /// A write of which nobody knows whether it was done.
    pub fn ambiguous(place: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Failed { operation: Operation::Create, place: place.into(), why: why.into(), maybe_done: true }
    }

    /// Whether the object may have been created although no success came back.
    pub fn maybe_done(&self) -> bool {
        matches!(self, Self::Failed { maybe_done: true, .. })
    }

    pub(super) fn broken(place: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Broken { place: place.into(), why: why.into() }
    }
}
