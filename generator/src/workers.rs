//! Work on many things at once, by as many threads as there are cores.

use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// How many threads are worth having.
pub(crate) fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Works on each item. Every thread has a state of its own, which `begin` makes and which is handed back at the end, in no
/// order that means anything.
///
/// # Errors
/// Always the first by the order of the items, whichever thread is the fastest: items are begun in order, and what is begun is
/// brought to its end. What is not begun by then is left.
pub(crate) fn share<I, S, E>(
    items: I,
    begin: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, I::Item) -> Result<(), E> + Sync,
) -> Result<Vec<S>, E>
where
    I: Iterator + Send,
    S: Send,
    E: Send,
{
    let waiting = Mutex::new(Some(items.enumerate()));
    let lock = || waiting.lock().unwrap_or_else(PoisonError::into_inner);
    let next = || lock().as_mut().and_then(Iterator::next);
    let run = || {
        let mut state = begin();
        while let Some((index, item)) = next() {
            if let Err(error) = work(&mut state, item) {
                *lock() = None;
                return Err((index, error));
            }
        }
        Ok(state)
    };
    let ends = thread::scope(|scope| {
        let others: Vec<_> = (1..threads()).map(|_| scope.spawn(run)).collect();
        let mut ends = vec![run()];
        let end = |other: thread::ScopedJoinHandle<'_, _>| {
            other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        ends.extend(others.into_iter().map(end));
        ends
    });
    let first_error = ends.iter().filter_map(|end| Some(end.as_ref().err()?.0)).min();
    let counts = |end: &Result<S, (usize, E)>| end.as_ref().err().map(|(index, _)| *index) == first_error;
    ends.into_iter().filter(counts).map(|end| end.map_err(|(_, error)| error)).collect()
}

/// Makes something of each item. What is made is in the order of the items.
pub(crate) fn map<I, T>(items: I, make: impl Fn(I::Item) -> T + Sync) -> Vec<T>
where
    I: Iterator + Send,
    T: Send,
{
    map_with(items, || (), |(), item| make(item))
}

/// The same, where every thread has something of its own to make it with.
pub(crate) fn map_with<I, S, T>(
    items: I,
    begin: impl Fn() -> S + Sync,
    make: impl Fn(&S, I::Item) -> T + Sync,
) -> Vec<T>
where
    I: Iterator + Send,
    S: Send,
    T: Send,
{
    let begin = || (begin(), Vec::new());
    let Ok(parts) = share(items.enumerate(), begin, |(state, made), (index, item)| {
        made.push((index, make(state, item)));
        Ok::<(), Infallible>(())
    });
    let mut made: Vec<(usize, T)> = parts.into_iter().flat_map(|(_, made)| made).collect();
    made.sort_unstable_by_key(|(index, _)| *index);
    made.into_iter().map(|(_, made)| made).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_item_is_worked_on_once_and_what_is_made_is_in_order() {
        let doubled = map(0..1_000, |item| item * 2);
        assert_eq!(doubled, (0..2_000).step_by(2).collect::<Vec<_>>());
    }

    #[test]
    fn of_several_errors_the_first_by_order_is_told() {
        for _ in 0..20 {
            let error = share(
                0..1_000,
                || (),
                |(), item| match item {
                    40 => {
                        // The other threads find theirs long before.
                        thread::sleep(Duration::from_millis(2));
                        Err(item)
                    }
                    41.. => Err(item),
                    _ => Ok(()),
                },
            );
            assert_eq!(error, Err(40));
        }
    }

    #[test]
    fn nothing_to_do_is_done() {
        assert!(share(std::iter::empty::<()>(), || (), |(), ()| Err::<(), _>("no item")).is_ok());
    }
}
