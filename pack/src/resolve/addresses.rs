//! Networks that overlap become ranges that do not.

use crate::action::Effect;

/// A rule for a network: its first address, and the length of its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Network<N> {
    pub(crate) first: N,
    pub(crate) prefix: u8,
    pub(crate) effect: Effect,
}

/// The numbers that addresses are.
pub(crate) trait Number: Copy + Ord {
    const BITS: u8;
    const ZERO: Self;

    /// The last address of a network.
    fn last_of(self, prefix: u8) -> Self;
    fn next(self) -> Option<Self>;
    fn before(self) -> Option<Self>;
    /// How many of the lowest bits are 0.
    fn trailing_zeros(self) -> u8;
}

macro_rules! number {
    ($type:ty) => {
        impl Number for $type {
            const BITS: u8 = <$type>::BITS as u8;
            const ZERO: Self = 0;

            fn last_of(self, prefix: u8) -> Self {
                self | <$type>::MAX.checked_shr(u32::from(prefix)).unwrap_or(0)
            }

            fn next(self) -> Option<Self> {
                self.checked_add(1)
            }

            fn before(self) -> Option<Self> {
                self.checked_sub(1)
            }

            fn trailing_zeros(self) -> u8 {
                <$type>::trailing_zeros(self) as u8
            }
        }
    };
}

number!(u32);
number!(u128);

/// The networks that a range consists of.
pub(crate) fn networks_of<N: Number>(first: N, last: N, mut each: impl FnMut(N, u8)) {
    let mut next = Some(first);
    while let Some(start) = next.filter(|start| *start <= last) {
        let mut prefix = N::BITS - start.trailing_zeros();
        while start.last_of(prefix) > last {
            prefix += 1;
        }
        each(start, prefix);
        next = start.last_of(prefix).next();
    }
}

/// Sorts networks so that those within others follow them, and that of two for the same the one that counts is
/// the last.
pub(crate) fn sort<N: Number>(networks: &mut [Network<N>]) {
    networks.sort_unstable_by_key(|network| (network.first, network.prefix, network.effect));
}

/// Tells the ranges in which something is listed, of sorted networks: in order, without overlaps, as long as can be.
pub(crate) fn ranges<N: Number>(networks: &[Network<N>], each: impl FnMut(N, N, u32)) {
    let mut ranges = Ranges {
        each,
        open: None,
        cursor: Some(N::ZERO),
    };
    // Those around the present place, with their last addresses and what is so within them.
    let mut around: Vec<(N, Effect)> = Vec::new();
    let mut rest = networks.iter().peekable();
    while let Some(network) = rest.next() {
        let same =
            |other: &&&Network<N>| (other.first, other.prefix) == (network.first, network.prefix);
        if rest.peek().filter(same).is_some() {
            continue;
        }
        while let Some((last, effect)) = around.pop_if(|(last, _)| *last < network.first) {
            ranges.up_to(Some(last), effect);
        }
        let outer = around.last().map_or(Effect::Allow, |(_, effect)| *effect);
        ranges.up_to(network.first.before(), outer);
        let last = network.first.last_of(network.prefix);
        around.push((last, network.effect.within(outer)));
    }
    while let Some((last, effect)) = around.pop() {
        ranges.up_to(Some(last), effect);
    }
    ranges.close();
}

struct Ranges<N, F> {
    each: F,
    /// A range that may go on.
    open: Option<(N, N, u32)>,
    /// The first address of which nothing has been said, unless that is all.
    cursor: Option<N>,
}

impl<N: Number, F: FnMut(N, N, u32)> Ranges<N, F> {
    /// All up to this address is so.
    fn up_to(&mut self, last: Option<N>, effect: Effect) {
        let (Some(first), Some(last)) = (self.cursor, last) else {
            return;
        };
        if last < first {
            return;
        }
        self.cursor = last.next();
        let Some(payload) = effect.listed() else {
            return;
        };
        match &mut self.open {
            Some((_, end, same)) if *same == payload && end.next() == Some(first) => *end = last,
            _ => {
                self.close();
                self.open = Some((first, last, payload));
            }
        }
    }

    fn close(&mut self) {
        if let Some((first, last, payload)) = self.open.take() {
            (self.each)(first, last, payload);
        }
    }
}
