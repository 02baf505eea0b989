//! Sets of numbers as sorted disjoint ranges: what addresses and ports have in common.

/// A number that ranges are made of.
pub trait Number: Copy + Ord + std::fmt::Debug {
    /// The one after it.
    fn next(self) -> Option<Self>;
    /// The one before it.
    fn before(self) -> Option<Self>;
}

macro_rules! numbers {
    ($($number:ty),+) => {
        $(impl Number for $number {
            fn next(self) -> Option<Self> {
                self.checked_add(1)
            }

            fn before(self) -> Option<Self> {
                self.checked_sub(1)
            }
        })+
    };
}
numbers!(u16, u32, u128);

/// A set of numbers: ranges, first and last, in their order, no two of which touch. Equal sets have equal ranges.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ranges<N>(Vec<(N, N)>);

impl<N> Default for Ranges<N> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<N: Number> FromIterator<(N, N)> for Ranges<N> {
    /// From ranges in any order. One whose last comes before its first holds nothing.
    fn from_iter<I: IntoIterator<Item = (N, N)>>(ranges: I) -> Self {
        let mut ranges: Vec<_> = ranges.into_iter().filter(|(first, last)| first <= last).collect();
        ranges.sort_unstable();
        let mut merged: Vec<(N, N)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match merged.last_mut() {
                Some(open) if open.1.next().is_none_or(|next| first <= next) => open.1 = open.1.max(last),
                _ => merged.push((first, last)),
            }
        }
        Self(merged)
    }
}

impl<N: Number> Ranges<N> {
    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Its ranges, first and last, in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (N, N)> + '_ {
        self.0.iter().copied()
    }

    /// Whether it holds a number.
    pub fn contains(&self, number: N) -> bool {
        self.meets(number, number)
    }

    /// Whether it holds any number of a range.
    pub fn meets(&self, first: N, last: N) -> bool {
        let at = self.0.partition_point(|range| range.1 < first);
        self.0.get(at).is_some_and(|range| range.0 <= last)
    }

    /// Whether it holds everything that another set holds.
    pub fn covers(&self, other: &Self) -> bool {
        other.0.iter().all(|(first, last)| {
            let at = self.0.partition_point(|range| range.1 < *first);
            self.0.get(at).is_some_and(|range| range.0 <= *first && *last <= range.1)
        })
    }

    /// What either holds.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.iter().chain(other.iter()).collect()
    }

    /// What both hold.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let (mut left, mut right) = (self.0.as_slice(), other.0.as_slice());
        let mut common = Vec::new();
        while let ([(a, b), left_rest @ ..], [(c, d), right_rest @ ..]) = (left, right) {
            let (first, last) = ((*a).max(*c), (*b).min(*d));
            if first <= last {
                common.push((first, last));
            }
            if b < d {
                left = left_rest;
            } else {
                right = right_rest;
            }
        }
        Self(common)
    }

    /// What it holds and the other does not.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        let mut left = Vec::new();
        let mut taken = other.0.as_slice();
        for &(mut first, last) in &self.0 {
            while let [(_, end), rest @ ..] = taken
                && *end < first
            {
                taken = rest;
            }
            let mut rest = taken;
            loop {
                match rest {
                    [(from, to), more @ ..] if *from <= last => {
                        if let Some(end) = from.before().filter(|end| first <= *end) {
                            left.push((first, end));
                        }
                        match to.next().filter(|next| *next <= last) {
                            Some(next) => first = next,
                            None => break,
                        }
                        rest = more;
                    }
                    _ => {
                        left.push((first, last));
                        break;
                    }
                }
            }
        }
        Self(left)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Few numbers, so that ranges meet, touch and end at both ends of the type.
    fn ranges() -> impl Strategy<Value = Vec<(u16, u16)>> {
        let number = prop_oneof![0u16..12, u16::MAX - 12..=u16::MAX];
        proptest::collection::vec((number.clone(), number), 0..8)
    }

    fn numbers() -> impl Iterator<Item = u16> {
        (0..14).chain(u16::MAX - 14..=u16::MAX)
    }

    proptest! {
        #[test]
        fn sets_are_what_their_members_say(a in ranges(), b in ranges()) {
            let holds = |of: &[(u16, u16)], n: u16| of.iter().any(|(first, last)| (*first..=*last).contains(&n));
            let (x, y): (Ranges<u16>, Ranges<u16>) = (a.iter().copied().collect(), b.iter().copied().collect());
            let (union, common, left) = (x.union(&y), x.intersection(&y), x.difference(&y));
            for n in numbers() {
                let (in_a, in_b) = (holds(&a, n), holds(&b, n));
                prop_assert_eq!(x.contains(n), in_a, "{}", n);
                prop_assert_eq!(union.contains(n), in_a || in_b, "{}", n);
                prop_assert_eq!(common.contains(n), in_a && in_b, "{}", n);
                prop_assert_eq!(left.contains(n), in_a && !in_b, "{}", n);
            }
            for set in [&x, &union, &common, &left] {
                prop_assert!(set.0.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0), "{:?} is not normal", set);
                prop_assert!(set.iter().all(|(first, last)| first <= last));
            }
            prop_assert_eq!(x.covers(&y), y.difference(&x).is_empty());
            prop_assert_eq!(left.union(&common), x);
        }

        #[test]
        fn a_range_meets_a_set_that_holds_one_of_its_numbers(a in ranges(), first in 0u16..14, more in 0u16..6) {
            let set: Ranges<u16> = a.into_iter().collect();
            let last = first + more;
            prop_assert_eq!(set.meets(first, last), (first..=last).any(|n| set.contains(n)));
        }
    }

    #[test]
    fn both_ends_of_the_type_are_numbers_too() {
        let all: Ranges<u16> = [(0, 100), (101, u16::MAX)].into_iter().collect();
        assert_eq!(all.iter().collect::<Vec<_>>(), [(0, u16::MAX)]);
        let last: Ranges<u16> = [(u16::MAX, u16::MAX)].into_iter().collect();
        assert_eq!(all.difference(&last).iter().collect::<Vec<_>>(), [(0, u16::MAX - 1)]);
        assert!(all.difference(&all).is_empty());
    }
}
