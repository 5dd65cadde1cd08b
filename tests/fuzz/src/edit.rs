//! Small changes to something good, in ASCII. A fuzzer by itself seldom comes near a signature or a key.

/// One change. In an input it takes four bytes: what is done, where (two of them), and with which character.
pub(crate) struct Edit {
    how: u8,
    at: usize,
    with: u8,
}

impl Edit {
    /// The edit with which an input begins, and the rest.
    pub(crate) fn split_off(input: &[u8]) -> Option<(Self, &[u8])> {
        let ([how, high, low, with], rest) = input.split_first_chunk()?;
        Some((Self { how: *how, at: u16::from_be_bytes([*high, *low]).into(), with: with & 0x7f }, rest))
    }

    /// Something like `good`, which is ASCII and not empty; perhaps the same.
    pub(crate) fn apply(&self, good: &str) -> String {
        let mut bytes = good.as_bytes().to_vec();
        let at = self.at % bytes.len();
        match self.how % 7 {
            0 => bytes[at] = self.with,
            1 => bytes.insert(at, self.with),
            2 => drop(bytes.remove(at)),
            3 => bytes[at] ^= 0x20,
            4 => bytes.truncate(at),
            5 => bytes.push(self.with),
            _ => bytes.swap(at, usize::from(self.with) % good.len()),
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
