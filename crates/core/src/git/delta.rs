//! Deltas: an object as what is copied of another, and what is new (gitformat-pack).

/// What a delta does next: copies bytes of the base, or adds its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'d> {
    Copy { from: usize, length: usize },
    New(&'d [u8]),
}

/// A number of seven bits a byte, the lowest first.
fn number(data: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..63).step_by(7) {
        let (&byte, rest) = data.split_first()?;
        *data = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// A delta with its two sizes.
#[derive(Clone, Copy)]
pub struct Delta<'d> {
    /// Bytes of the base.
    pub base: u64,
    /// Bytes of what is made of it.
    pub size: u64,
    pieces: &'d [u8],
}

const SHORT: &str = "a delta ends too early";

impl<'d> Delta<'d> {
    pub fn new(data: &'d [u8]) -> Result<Self, &'static str> {
        let mut rest = data;
        let base = number(&mut rest).ok_or(SHORT)?;
        let size = number(&mut rest).ok_or(SHORT)?;
        Ok(Self { base, size, pieces: rest })
    }

    /// What it does, in order. Ends with the first error.
    pub fn pieces(&self) -> impl Iterator<Item = Result<Piece<'d>, &'static str>> + use<'d> {
        let mut rest = self.pieces;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let piece = piece(&mut rest);
            if piece.is_err() {
                rest = &[];
            }
            Some(piece)
        })
    }

    /// Where the object is not what stood in the same surroundings in the base: what is new, and the places where two
    /// parts meet that did not; from, to, in order, not touching.
    pub fn changes(&self, base: usize) -> Result<Vec<(usize, usize)>, &'static str> {
        let mut changes: Vec<(usize, usize)> = Vec::new();
        // The base's place that would go on here, and the place in the object.
        let (mut next, mut at) = (Some(0), 0_usize);
        let mut note = |from: usize, to: usize| match changes.last_mut() {
            Some(last) if from <= last.1 => last.1 = to,
            _ => changes.push((from, to)),
        };
        for piece in self.pieces() {
            match piece? {
                Piece::Copy { from, length } => {
                    if next != Some(from) {
                        note(at, at);
                    }
                    next = from.checked_add(length);
                    at = at.saturating_add(length);
                }
                Piece::New(bytes) => {
                    note(at, at + bytes.len());
                    next = None;
                    at += bytes.len();
                }
            }
        }
        if next != Some(base) {
            note(at, at);
        }
        Ok(changes)
    }

    /// Makes the object in `out`, which is emptied first. Its size is for the caller to bound.
    pub fn apply(&self, base: &[u8], out: &mut Vec<u8>) -> Result<(), &'static str> {
        out.clear();
        if self.base != base.len() as u64 {
            return Err("a delta is for a base of another size");
        }
        let size = usize::try_from(self.size).map_err(|_| "a delta makes more than memory can hold")?;
        out.reserve_exact(size);
        for piece in self.pieces() {
            let bytes = match piece? {
                Piece::Copy { from, length } => {
                    let end = from.checked_add(length).ok_or("a delta copies from outside of its base")?;
                    base.get(from..end).ok_or("a delta copies from outside of its base")?
                }
                Piece::New(bytes) => bytes,
            };
            if bytes.len() > size - out.len() {
                return Err("a delta makes more than it says");
            }
            out.extend_from_slice(bytes);
        }
        if out.len() == size { Ok(()) } else { Err("a delta makes less than it says") }
    }
}

fn piece<'d>(data: &mut &'d [u8]) -> Result<Piece<'d>, &'static str> {
    let mut byte = || -> Result<u8, &'static str> {
        let (&byte, rest) = data.split_first().ok_or(SHORT)?;
        *data = rest;
        Ok(byte)
    };
    let code = byte()?;
    if code & 0x80 == 0 {
        if code == 0 {
            return Err("a delta has an instruction that is not known");
        }
        let (bytes, rest) = data.split_at_checked(usize::from(code)).ok_or(SHORT)?;
        *data = rest;
        return Ok(Piece::New(bytes));
    }
    let (mut from, mut length) = (0_usize, 0_usize);
    for place in 0..4 {
        if code & 1 << place != 0 {
            from |= usize::from(byte()?) << (8 * place);
        }
    }
    for place in 0..3 {
        if code & 0x10 << place != 0 {
            length |= usize::from(byte()?) << (8 * place);
        }
    }
    Ok(Piece::Copy { from, length: if length == 0 { 0x1_0000 } else { length } })
}
