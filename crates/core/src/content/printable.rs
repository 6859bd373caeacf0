//! What can be read of files that are no texts: compiled code, executables.

use super::bits::{BLOCK, block, mask};

pub use crate::executable::readable_sections;

/// Fewer printable bytes in a row say nothing.
pub const SHORTEST_TEXT: u32 = 6;

/// By eight bits: the bytes whose bit is set.
const BYTES: [u64; 256] = {
    let mut bytes = [0; 256];
    let mut bits = 0;
    while bits < 256 {
        let mut bit = 0;
        while bit < 8 {
            if bits >> bit & 1 == 1 {
                bytes[bits] |= 0xff << (8 * bit);
            }
            bit += 1;
        }
        bits += 1;
    }
    bytes
};

/// ASCII that shows, the blank and the tab: what a line of a text is made of.
#[inline(always)]
fn is_printable(byte: u8) -> bool {
    (byte.wrapping_sub(b' ') < 95) | (byte == b'\t')
}

/// Turns all bytes that are not in a row of at least `SHORTEST_TEXT` printable ones into line breaks, so that offsets stay and
/// texts that lie apart do not run together. Takes a file in chunks: a row that reaches either end of the bytes is kept,
/// however short, for it may go on in the next chunk.
pub fn keep_printable(bytes: &mut [u8]) {
    const EDGE: u32 = SHORTEST_TEXT - 1;
    const BREAKS: u64 = u64::from_ne_bytes([b'\n'; 8]);
    let mut before = u64::MAX;
    let mut this = mask(&block(bytes, 0, b' '), is_printable);
    let mut at = 0;
    while at < bytes.len() {
        let next = mask(&block(bytes, at + BLOCK, b' '), is_printable);
        // The block with the last bits of the one before and the first of the next.
        let all = u128::from(before >> (64 - EDGE)) | u128::from(this) << EDGE | u128::from(next) << (64 + EDGE);
        // Where rows of 2, 4 and 6 begin; then all that is in a row of 6.
        let mut rows = all & all >> 1;
        rows &= rows >> 2;
        rows &= rows >> (SHORTEST_TEXT - 4);
        rows |= rows << 1;
        rows |= rows << 2;
        rows |= rows << (SHORTEST_TEXT - 4);
        let kept = (rows >> EDGE) as u64;
        (before, this) = (this, next);
        let end = (at + BLOCK).min(bytes.len());
        let Some(block) = bytes.get_mut(at..end) else { return };
        at = end;
        if kept == u64::MAX {
            continue;
        }
        for (index, eight) in block.chunks_mut(8).enumerate() {
            let bits = (kept >> (8 * index)) as u8;
            if let Some(whole) = eight.first_chunk_mut::<8>() {
                let keep = BYTES[usize::from(bits)];
                *whole = (u64::from_le_bytes(*whole) & keep | BREAKS & !keep).to_le_bytes();
            } else {
                for (bit, byte) in eight.iter_mut().enumerate() {
                    if bits >> bit & 1 == 0 {
                        *byte = b'\n';
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same, byte by byte.
    fn slowly(bytes: &[u8]) -> Vec<u8> {
        let mut kept = bytes.to_vec();
        let printable = |byte: u8| byte == b'\t' || (b' '..=b'~').contains(&byte);
        let mut at = 0;
        while at < bytes.len() {
            let row = bytes[at..].iter().take_while(|byte| printable(**byte)).count();
            let touches = at == 0 || at + row == bytes.len();
            if row < SHORTEST_TEXT as usize && !touches {
                kept[at..at + row].fill(b'\n');
            }
            at += row;
            if at < bytes.len() {
                kept[at] = b'\n';
            }
            at += 1;
        }
        kept
    }

    #[test]
    fn rows_of_six() {
        let mut bytes = b"\x00\x01 five5 \x02abcde\x03abcdef\x7fx\xff\xfe\t tab \r\nend!".to_vec();
        keep_printable(&mut bytes);
        assert_eq!(bytes, b"\n\n five5 \n\n\n\n\n\n\nabcdef\n\n\n\n\t tab \n\nend!");
    }

    #[test]
    fn as_byte_by_byte() {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        for round in 0..20_000 {
            let length = round % 300;
            let mut next = || {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 40) as u8
            };
            // From nearly all printable to nearly none.
            let share = next() % 32;
            let bytes: Vec<u8> =
                (0..length).map(|_| if next() % 32 < share { b' ' + next() % 95 } else { next() }).collect();
            let mut kept = bytes.clone();
            keep_printable(&mut kept);
            assert_eq!(kept, slowly(&bytes), "{}", bytes.escape_ascii());
        }
    }

    /// A section of an ELF file: type, flags and content.
    type Section<'s> = (u32, u64, &'s [u8]);

    /// An ELF file: its sections behind each other, and the table of them unless `tabled` is false; each is a segment too,
    /// with the flags of a segment that code, data or a text has.
    fn elf(wide: bool, big: bool, tabled: bool, sections: &[Section<'_>]) -> (Vec<u8>, Vec<(u64, u64)>) {
        let half = |value: u16| if big { value.to_be_bytes() } else { value.to_le_bytes() };
        let four = |value: u32| if big { value.to_be_bytes() } else { value.to_le_bytes() };
        let word = |value: u64| match (wide, big) {
            (true, true) => value.to_be_bytes().to_vec(),
            (true, false) => value.to_le_bytes().to_vec(),
            (false, _) => four(u32::try_from(value).unwrap()).to_vec(),
        };
        let (header, program_size, section_size) = if wide { (64, 56, 64) } else { (52, 32, 40) };
        let count = u16::try_from(sections.len()).unwrap();
        let program_at = header as u64;
        let mut at = program_at + u64::from(count) * program_size;
        let mut places = Vec::new();
        for (_, _, content) in sections {
            places.push((at, at + content.len() as u64));
            at += content.len() as u64;
        }
        let mut file = vec![0x7f, b'E', b'L', b'F', 1 + u8::from(wide), 1 + u8::from(big), 1, 0];
        file.resize(16, 0);
        file.extend([half(2), half(62)].concat());
        file.extend(four(1));
        file.extend([word(0), word(program_at), word(if tabled { at } else { 0 })].concat());
        file.extend(four(0));
        let table = if tabled { [half(section_size), half(count), half(0)] } else { [half(0); 3] };
        file.extend([half(header), half(program_size as u16), half(count)].concat());
        file.extend(table.concat());
        assert_eq!(file.len(), usize::from(header));
        for ((_, flags, content), place) in sections.iter().zip(&places) {
            let flags = four(4 | (*flags as u32 & 1) << 1 | u32::from(flags & 4 != 0));
            let size = word(content.len() as u64);
            file.extend(four(u32::from(*content != b"no segment")));
            if wide {
                file.extend(flags);
            }
            file.extend([word(place.0), word(0), word(0), size.clone(), size].concat());
            if !wide {
                file.extend(flags);
            }
            file.extend(word(0));
        }
        sections.iter().for_each(|(_, _, content)| file.extend(*content));
        for ((kind, flags, content), place) in sections.iter().zip(&places).filter(|_| tabled) {
            file.extend([four(0), four(*kind)].concat());
            file.extend([word(*flags), word(0), word(place.0), word(content.len() as u64)].concat());
            file.extend([four(0), four(0)].concat());
            file.extend([word(1), word(0)].concat());
        }
        (file, places)
    }

    /// What the sections of a program are: code, notes, texts, symbols, debugging information, data, what is not in the file.
    const SECTIONS: &[Section<'_>] = &[
        (1, 2 | 4, b"code"),
        (7, 2, b"no segment"),
        (1, 2, b"read only"),
        (3, 0, b"no segment"),
        (1, 0, b"no segment"),
        (1, 2 | 1, b"data"),
        (8, 2 | 1, b""),
    ];

    #[test]
    fn data_of_executables() {
        for (wide, big) in [(true, false), (true, true), (false, false), (false, true)] {
            for tabled in [true, false] {
                let (file, places) = elf(wide, big, tabled, SECTIONS);
                let sections = readable_sections(&file.as_slice());
                assert_eq!(sections, Some(vec![places[2], places[5]]), "{wide} {big} {tabled}");
            }
        }
        // Neighbours are one; code is all there is.
        let (file, places) = elf(true, false, true, &[(1, 2, b"one"), (1, 3, b"two")]);
        assert_eq!(readable_sections(&file.as_slice()), Some(vec![(places[0].0, places[1].1)]));
        let (file, places) = elf(true, false, false, &[(1, 6, b"code and texts")]);
        assert_eq!(readable_sections(&file.as_slice()), Some(vec![places[0]]));
    }

    #[test]
    fn headers_that_lie() {
        assert_eq!(readable_sections(&b"\x7fELF".as_slice()), None);
        assert_eq!(readable_sections(&b"no ELF file, but a text".as_slice()), None);
        let mut state = 7_u32;
        let mut next = |limit: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state as usize / 8 % limit
        };
        for round in 0..20_000 {
            let mut file = elf(round % 2 == 0, round % 3 == 0, round % 5 != 0, SECTIONS).0;
            for _ in 0..3 {
                let at = 5 + next(file.len() - 5);
                file[at] = [0, 1, 0x7f, 0x80, 0xff][next(5)];
            }
            file.truncate(64 + next(file.len()));
            let Some(parts) = readable_sections(&file.as_slice()) else { continue };
            let mut last = 0;
            for (start, end) in parts {
                assert!(start >= last && start < end && end <= file.len() as u64, "{start} {end}");
                last = end;
            }
        }
    }

    #[test]
    fn chunks_lose_nothing() {
        let bytes: Vec<u8> = (0..5000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 25) as u8).collect();
        let whole = slowly(&bytes);
        for size in [1, 5, 64, 100, 777] {
            let mut chunks = bytes.clone();
            chunks.chunks_mut(size).for_each(keep_printable);
            for at in 0..bytes.len() {
                assert!(chunks[at] == whole[at] || whole[at] == b'\n' && chunks[at] == bytes[at], "{size} {at}");
            }
        }
    }
}
