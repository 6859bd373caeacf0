//! Sparse files in tar archives: the old GNU header and GNU's PAX formats 0.0, 0.1 and 1.0.

use crate::limits::ReadError;
use crate::pax::Records;
use crate::tar::{BLOCK, number};

const MOST_PIECES: usize = 200_000;

/// Where the stored bytes of a file belong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sparse {
    /// Size of the file, holes included.
    pub size: u64,
    /// (offset, length), in order, not overlapping. None: the list leads the data (format 1.0).
    pub pieces: Option<Vec<(u64, u64)>>,
}

fn checked(pieces: Vec<(u64, u64)>, size: u64, stored: u64) -> Result<Sparse, &'static str> {
    const DAMAGED: &str = "the map of a sparse file is damaged";
    let (mut end, mut sum) = (0_u64, 0_u64);
    for &(offset, length) in &pieces {
        if offset < end {
            return Err(DAMAGED);
        }
        end = offset.checked_add(length).ok_or(DAMAGED)?;
        sum += length;
    }
    if end > size || sum > stored {
        return Err(DAMAGED);
    }
    Ok(Sparse { size, pieces: Some(pieces) })
}

/// The map of an old GNU header (type `S`); further blocks of the map are asked for.
pub fn from_header(
    block: &[u8; BLOCK],
    stored: u64,
    mut next: impl FnMut() -> Result<[u8; BLOCK], ReadError>,
) -> Result<Sparse, ReadError> {
    let damaged = |what: &str| ReadError::Damaged(what.to_owned());
    let bad = || damaged("the map of a sparse file is damaged");
    let size = number(&block[483..495]).ok_or_else(bad)?;
    let mut pieces = Vec::new();
    let mut take = |fields: &[u8]| -> Result<(), ReadError> {
        for piece in fields.chunks_exact(24).take_while(|piece| piece[0] != 0) {
            let pair = number(&piece[..12]).zip(number(&piece[12..]));
            pieces.push(pair.ok_or_else(bad)?);
        }
        if pieces.len() > MOST_PIECES { Err(bad()) } else { Ok(()) }
    };
    take(&block[386..482])?;
    let mut more = block[482] != 0;
    while more {
        let block = next()?;
        take(&block[..504])?;
        more = block[504] != 0;
    }
    checked(pieces, size, stored).map_err(damaged)
}

/// The map PAX records tell of. Format 1.0 keeps it in the data.
pub fn from_records(records: &mut Records, stored: u64) -> Result<Sparse, &'static str> {
    let size = records.sparse_size.ok_or("a sparse file states no size")?;
    match records.sparse_version {
        (1, 0) => Ok(Sparse { size, pieces: None }),
        (0, 0 | 1) => {
            let map = records.sparse_map.take().unwrap_or_default();
            if map.len() % 2 == 1 || map.len() / 2 > MOST_PIECES {
                return Err("the map of a sparse file is damaged");
            }
            checked(map.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect(), size, stored)
        }
        _ => Err("a sparse file of an unknown format"),
    }
}

/// Reads the map that leads the data in format 1.0: decimal numbers, one a line, in whole blocks. `next` yields blocks of the data;
/// `stored` is the size of map and data together.
pub fn from_data(
    size: u64,
    stored: u64,
    mut next: impl FnMut() -> Result<[u8; BLOCK], ReadError>,
) -> Result<Sparse, ReadError> {
    let bad = || ReadError::Damaged("the map of a sparse file is damaged".to_owned());
    let mut numbers: Vec<u64> = Vec::new();
    let mut current: Option<u64> = None;
    let mut wanted = 1_usize;
    let mut used = 0_u64;
    while numbers.len() < wanted {
        let block = next()?;
        used += BLOCK as u64;
        for byte in block {
            match byte {
                b'0'..=b'9' => {
                    let value = current
                        .unwrap_or(0)
                        .checked_mul(10)
                        .and_then(|value| value.checked_add(u64::from(byte - b'0')));
                    current = Some(value.ok_or_else(bad)?);
                }
                b'\n' => {
                    numbers.push(current.take().ok_or_else(bad)?);
                    if numbers.len() == 1 {
                        let count = usize::try_from(numbers[0]).ok().filter(|&count| count <= MOST_PIECES);
                        wanted = 1 + 2 * count.ok_or_else(bad)?;
                    }
                    if numbers.len() == wanted {
                        break;
                    }
                }
                _ => return Err(bad()),
            }
        }
    }
    let pieces = numbers[1..].chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
    checked(pieces, size, stored.saturating_sub(used)).map_err(|what| ReadError::Damaged(what.to_owned()))
}
