//! What is certain and what is possible, where not everything could be read.

/// Two bounds of something that was not read whole. With everything read they are the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bounds<T> {
    /// What holds whatever was not read.
    pub certain: T,
    /// What may hold, depending on what was not read.
    pub possible: T,
}

impl<T: Clone> Bounds<T> {
    /// Something that is known.
    pub fn known(value: T) -> Self {
        Self { certain: value.clone(), possible: value }
    }
}

impl<T: Default> Bounds<T> {
    /// Nothing of it is certain any more.
    #[must_use]
    pub fn doubted(self) -> Self {
        Self { certain: T::default(), possible: self.possible }
    }
}

impl<T> Bounds<T> {
    /// Changes both.
    pub fn map<U>(&self, mut change: impl FnMut(&T) -> U) -> Bounds<U> {
        Bounds { certain: change(&self.certain), possible: change(&self.possible) }
    }

    /// Joins two, bound by bound.
    pub fn zip<U, V>(&self, other: &Bounds<U>, mut join: impl FnMut(&T, &U) -> V) -> Bounds<V> {
        Bounds {
            certain: join(&self.certain, &other.certain),
            possible: join(&self.possible, &other.possible),
        }
    }
}
