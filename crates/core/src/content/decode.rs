//! Texts in a text that are written another way: in base64, or with `%41` for some of their characters.
//!
//! This runs over every byte of every file, and nearly none of them is such a text. So runs of the alphabet of base64
//! are found 64 bytes at a time, and of a run that is long enough no more than the first bytes are decoded, unless they
//! are text. All work together grows with the length of the text only.

mod base64;
mod percent;
mod prose;
#[cfg(test)]
mod tests;

/// A part of a text, and what it says. One level: what is decoded may have such parts itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decoded<'d> {
    /// The part that was decoded, padding included: `[start, end)`, in bytes.
    pub start: usize,
    pub end: usize,
    /// `base64` or `percent`.
    pub how: &'static str,
    /// What it says; text, for the most part. UTF-16 has become UTF-8.
    pub text: &'d [u8],
}

/// Bytes of a text that are decoded as one. What is longer comes in pieces that overlap by `OVERLAP`.
pub const LONGEST_PART: usize = 1 << 20;
/// Bytes that two pieces of a long part have in common, so that what stands where they meet is whole in one of them.
pub const OVERLAP: usize = 64 << 10;

/// Finds the parts of a text that are written another way, first those in base64, then those with percent signs; each kind in
/// the order of the text. Parts of one kind overlap only where a long one comes in pieces.
pub fn decoded(text: &[u8], found: &mut dyn FnMut(Decoded<'_>)) {
    base64::parts(text, found);
    percent::parts(text, found);
}
