//! ZIP archives, and what is one by another name (jar, whl, nupkg, docx …).

use std::io::{self, BufReader, Read};

use bzip2::bufread::BzDecoder;
use flate2::bufread::DeflateDecoder;

use super::formats::Format;
use super::places::{Place, label};
use super::streams::Compared;
use super::{MOST_MEMBERS, Walk};
use crate::archive::directory::{self, Entry};
use crate::archive::{DEFLATED, ENCRYPTED, STORED};
use crate::read_at::{Part, ReadAt, Stream};

const BZIP2: u16 = 12;
const ZSTD: u16 = 93;
const XZ: u16 = 95;
const BUFFER: usize = 64 << 10;

impl Walk<'_> {
    pub(super) fn zip(&mut self, source: &dyn ReadAt, place: &Place) {
        let (mut entries, flaw) =
            directory::listed(source, MOST_MEMBERS).unwrap_or_else(|what| (Vec::new(), Some(what)));
        if let Some(flaw) = flaw {
            self.problem(&place.path, &flaw);
            let loose = directory::loose(source, MOST_MEMBERS);
            if loose.len() > entries.len() {
                entries = loose;
            }
        }
        entries.sort_by_key(|entry| entry.header_at);
        // Bombs have many entries that share their bytes.
        let mut reached = 0;
        for entry in &entries {
            let name = label(entry.name.as_bytes());
            let data = directory::data(source, entry).and_then(|(start, length)| {
                if entry.header_at < reached {
                    return Err("its bytes are those of another entry as well".to_owned());
                }
                reached = start + length;
                Ok(Part::new(source, start, length))
            });
            let read = data.and_then(|data| self.entry(&name, entry, &data, place));
            if let Err(what) = read {
                self.problem(&place.inside(&name).path, &what);
            }
            if self.budget.is_over.get() {
                return;
            }
        }
    }

    fn entry(&mut self, name: &str, entry: &Entry, data: &dyn ReadAt, place: &Place) -> Result<(), String> {
        if entry.flags & ENCRYPTED != 0 {
            return Err("it is encrypted".to_owned());
        }
        let mut stream = Stream::new(data, 0, data.len());
        let failed = |error: io::Error| format!("it cannot be inflated: {error}");
        let inflated: Box<dyn Read> = match entry.method {
            STORED => {
                if data.len() != entry.size && entry.size != u64::MAX {
                    return Err("its size is not what the archive says".to_owned());
                }
                self.part(name, data, place);
                return Ok(());
            }
            DEFLATED => Box::new(DeflateDecoder::new(BufReader::with_capacity(BUFFER, stream))),
            BZIP2 => Box::new(BzDecoder::new(BufReader::with_capacity(BUFFER, stream))),
            ZSTD => Format::Zstd.inflated(&mut stream, place.is_outermost()).map_err(failed)?,
            XZ => Format::Xz.inflated(&mut stream, place.is_outermost()).map_err(failed)?,
            other => return Err(format!("it is compressed in the unknown way {other}")),
        };
        let reader = self.budget.counted(inflated);
        let hasher = crc32fast::Hasher::new();
        let mut compared = Compared { reader, size: entry.size, crc: entry.crc, read: 0, hasher };
        self.member(name, entry.size, &mut compared, place);
        Ok(())
    }
}
