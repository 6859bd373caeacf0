//! Objects in files of their own: compressed, behind a head that names kind and size.

use std::path::{Path, PathBuf};

use super::bytes::Bytes;
use super::object::{Fault, Id, Kind};
use super::pack::Inflater;

/// Bytes in which the head must end.
const HEAD: usize = 64;

/// Where an object would lie below a folder of objects.
pub fn path(folder: &Path, id: &Id) -> PathBuf {
    let name = id.to_string();
    let (first, rest) = name.split_at(2);
    folder.join(first).join(rest)
}

/// Kind, size, and bytes of the head.
fn head(start: &[u8]) -> Option<(Kind, u64, usize)> {
    let end = memchr::memchr(0, start)?;
    let text = std::str::from_utf8(&start[..end]).ok()?;
    let (kind, size) = text.split_once(' ')?;
    Some((Kind::named(kind.as_bytes())?, size.parse().ok()?, end + 1))
}

/// An object's kind and content, of at most so many bytes. None: it is not there.
pub fn read(path: &Path, most: u64, inflater: &mut Inflater) -> Result<Option<(Kind, Vec<u8>)>, Fault> {
    let data = match Bytes::map(path) {
        Ok(data) => data,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Fault::damaged(format!("its file cannot be read: {error}"))),
    };
    let mut start = [0; HEAD];
    let length = inflater.head(&data, &mut start)?;
    let (kind, size, skip) = head(&start[..length]).ok_or_else(|| Fault::damaged("it does not say what it is"))?;
    if size > most {
        return Err(Fault::TooLarge(size, most));
    }
    let mut content = Vec::new();
    inflater.inflate(&data, size.saturating_add(skip as u64), &mut content)?;
    content.drain(..skip);
    Ok(Some((kind, content)))
}
