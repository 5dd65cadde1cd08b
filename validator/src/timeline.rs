//! Values that take turns at times known beforehand, so that nothing has to happen at these times: whoever asks, asks for a
//! second.

/// One value after the other.
#[derive(Debug)]
pub(crate) struct Timeline<T> {
    first: T,
    /// The others, in the order of the Unix second from which on each counts.
    later: Vec<(u64, T)>,
}

impl<T> Timeline<T> {
    /// Begins with `first`; of the `later` ones each counts from its Unix second on.
    pub(crate) fn new(first: T, mut later: Vec<(u64, T)>) -> Self {
        later.sort_by_key(|(from, _)| *from);
        Self { first, later }
    }

    /// The value that counts at `now` (Unix seconds), and which one of them it is: two seconds with the same number have the
    /// same value.
    pub(crate) fn at(&self, now: u64) -> (usize, &T) {
        let number = self.later.partition_point(|(from, _)| *from <= now);
        let value = number.checked_sub(1).and_then(|place| self.later.get(place));
        (number, value.map_or(&self.first, |(_, value)| value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_counts_from_its_second_on() {
        let timeline = Timeline::new('a', vec![(200, 'c'), (100, 'b')]);
        for (now, expected) in
            [(0, (0, 'a')), (99, (0, 'a')), (100, (1, 'b')), (199, (1, 'b')), (200, (2, 'c'))]
        {
            let (number, value) = timeline.at(now);
            assert_eq!((number, *value), expected, "{now}");
        }
    }

    #[test]
    fn a_value_alone_counts_always() {
        let timeline = Timeline::new('a', Vec::new());
        assert_eq!((timeline.at(0), timeline.at(u64::MAX)), ((0, &'a'), (0, &'a')));
    }
}
