//! Who is told how a build gets on: the library itself prints nothing.

/// A part of a build that may take long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Packages are read.
    Reading,
    /// Packages are copied to the output.
    Copying,
}

/// Told how a build gets on, by several threads at once. What is not overridden is ignored.
pub trait Observer: Sync {
    /// Something is not as expected, and yet the result is the same.
    fn notice(&self, _text: &str) {}

    /// A part begins, with so much to do.
    fn begin(&self, _work: Work, _files: u64, _bytes: u64) {}

    /// Of the part that began last, so much more is done.
    fn advance(&self, _files: u64, _bytes: u64) {}

    /// The part that began last is over.
    fn end(&self) {}
}

/// Nobody wants to know.
impl Observer for () {}
