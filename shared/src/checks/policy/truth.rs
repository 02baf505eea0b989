//! Yes, no, or not known.

use crate::checks::open::everywhere;
use crate::network::AddressSet;

/// An answer that may be open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Truth {
    /// It is not so.
    No,
    /// It may be so.
    Maybe,
    /// It is so.
    Yes,
}

impl Truth {
    pub(super) fn of(is: bool) -> Self {
        if is { Self::Yes } else { Self::No }
    }

    /// Either.
    pub(super) fn or(self, other: Self) -> Self {
        self.max(other)
    }

    pub(super) fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Maybe => Self::Maybe,
            Self::Yes => Self::No,
        }
    }
}

/// From which addresses something holds: at least, and at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bounds {
    /// From these for certain.
    pub(super) certain: AddressSet,
    /// From no others.
    pub(super) possible: AddressSet,
}

impl Bounds {
    pub(super) fn exactly(sources: AddressSet) -> Self {
        Self { certain: sources.clone(), possible: sources }
    }

    pub(super) fn nowhere() -> Self {
        Self::exactly(AddressSet::default())
    }

    pub(super) fn is_exact(&self) -> bool {
        self.certain == self.possible
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        Self {
            certain: self.certain.intersection(&other.certain),
            possible: self.possible.intersection(&other.possible),
        }
    }

    pub(super) fn or(&self, other: &Self) -> Self {
        Self { certain: self.certain.union(&other.certain), possible: self.possible.union(&other.possible) }
    }

    /// Where this holds and the other does not.
    pub(super) fn but_not(&self, other: &Self) -> Self {
        Self {
            certain: self.certain.difference(&other.possible),
            possible: self.possible.difference(&other.certain),
        }
    }
}

impl From<Truth> for Bounds {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::No => Self::nowhere(),
            Truth::Maybe => Self { certain: AddressSet::default(), possible: everywhere() },
            Truth::Yes => Self::exactly(everywhere()),
        }
    }
}
