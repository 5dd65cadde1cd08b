//! Long lists in messages: the first of them, and how many more there are.

/// How many are told: enough to see what they have in common, few enough to read.
const MOST: usize = 50;

/// The first of them, and how many more there are.
pub(super) fn first<T>(all: &[T]) -> (&[T], Option<usize>) {
    let (told, rest) = all.split_at(all.len().min(MOST));
    (told, Some(rest.len()).filter(|more| *more > 0))
}

/// A number with commas between thousands.
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifty_are_told_and_the_rest_is_counted() {
        assert_eq!(first(&[7; 50]), (&[7; 50][..], None));
        assert_eq!(first(&[7; 51]), (&[7; 50][..], Some(1)));
    }

    #[test]
    fn thousands_are_parted() {
        for (number, expected) in
            [(0, "0"), (999, "999"), (1_000, "1,000"), (19_950, "19,950"), (1_234_567, "1,234,567")]
        {
            assert_eq!(grouped(number), expected);
        }
    }
}
