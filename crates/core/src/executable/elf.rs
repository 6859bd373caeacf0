//! ELF, 32 and 64 bit, both byte orders.

use super::{Image, Numbers, Section, Stretch};
use crate::read_at::{Part, ReadAt};

const LOAD: u32 = 1;
const EXECUTABLE: u32 = 1;
const WRITABLE: u32 = 2;
const PROGRAM_DATA: u32 = 1;
const SYMBOL_TABLE: u32 = 2;
const NO_BITS: u32 = 8;
const LOADED: u64 = 2;
const CODE: u64 = 4;
const COMPRESSED: u64 = 0x800;

const MOST_PROGRAM_HEADERS: usize = 0xffff;
const MOST_SECTIONS: u64 = 1 << 20;
const LONGEST_NAMES: u64 = 16 << 20;
const LONGEST_TABLE: u64 = 256 << 20;
const MOST_VERSIONS: usize = 1000;
const LONGEST_VERSION: u64 = 1024;

/// The symbol table and its names.
pub struct Symbols {
    table: Stretch,
    names: Stretch,
    wide: bool,
    big_endian: bool,
}

/// Opens an ELF file; `None` when its tables lie outside of it.
pub fn open(source: &dyn ReadAt) -> Option<Image<'_>> {
    let (file, tables) = File::open(source)?;
    let loads = file.loads(tables.program)?;
    let data = loads.iter().find(|load| load.flags & (WRITABLE | EXECUTABLE) == WRITABLE).map(|load| load.place);
    let loaded = loads.into_iter().map(|load| load.place).collect();
    let (sections, symbols) = file.sections(&tables).unwrap_or_default();
    let source = Part::new(source, 0, source.len());
    Some(Image { source, format: "elf", sections, loaded, data, symbols })
}

/// The parts `[start, end)` of an ELF file that are loaded and no code: texts are among them. In order, apart from each other and
/// inside of the file. `None` when it is no ELF file, or its tables lie outside of it.
pub fn readable_sections(source: &dyn ReadAt) -> Option<Vec<(u64, u64)>> {
    if source.bytes_at(0, 4).ok()? != b"\x7fELF" {
        return None;
    }
    let (file, tables) = File::open(source)?;
    let sections = file.raw_sections(tables.section.0, tables.section.1, tables.section.2).unwrap_or_default();
    let is_data = |section: &&Raw| {
        section.kind == PROGRAM_DATA && section.flags & (LOADED | CODE | COMPRESSED) == LOADED && section.place.size > 0
    };
    let mut places: Vec<Stretch> = sections.iter().filter(is_data).map(|section| section.place).collect();
    if places.is_empty() {
        // Without sections all that is known is what is loaded; old linkers put texts and code together.
        let loads = file.loads(tables.program)?;
        let is_code = |load: &Load| load.flags & EXECUTABLE != 0;
        let only = loads.iter().all(is_code);
        places = loads.into_iter().filter(|load| only || !is_code(load)).map(|load| load.place).collect();
    }
    places.sort_unstable_by_key(|place| place.offset);
    let mut parts: Vec<(u64, u64)> = Vec::new();
    for place in places {
        let end = place.offset.saturating_add(place.size).min(source.len());
        match parts.last_mut() {
            Some(last) if place.offset <= last.1 => last.1 = last.1.max(end),
            _ if place.offset < end => parts.push((place.offset, end)),
            _ => {}
        }
    }
    Some(parts)
}

/// Where the tables of a file are: offset, length of an entry, count; of the sections also which one has their names.
struct Tables {
    program: (u64, u16, u16),
    section: (u64, u16, u16, u16),
}

/// A part that is loaded, and what for.
struct Load {
    place: Stretch,
    flags: u32,
}

struct File<'a> {
    source: &'a dyn ReadAt,
    wide: bool,
    big_endian: bool,
}

impl<'a> File<'a> {
    fn open(source: &'a dyn ReadAt) -> Option<(Self, Tables)> {
        let header = source.bytes_at(0, usize::try_from(source.len().min(64)).ok()?).ok()?;
        let wide = match header.get(4)? {
            1 => false,
            2 => true,
            _ => return None,
        };
        let big_endian = match header.get(5)? {
            1 => false,
            2 => true,
            _ => return None,
        };
        let numbers = Numbers { bytes: &header, big_endian };
        let (program, section) = if wide {
            (numbers.u64(32)?, numbers.u64(40)?)
        } else {
            (numbers.u32(28)?.into(), numbers.u32(32)?.into())
        };
        let rest = if wide { 54 } else { 42 };
        let program = (program, numbers.u16(rest)?, numbers.u16(rest + 2)?);
        let section = (section, numbers.u16(rest + 4)?, numbers.u16(rest + 6)?, numbers.u16(rest + 8)?);
        Some((Self { source, wide, big_endian }, Tables { program, section }))
    }

    fn loads(&self, (at, entry, count): (u64, u16, u16)) -> Option<Vec<Load>> {
        let (entry, count) = (usize::from(entry), usize::from(count).min(MOST_PROGRAM_HEADERS));
        let mut loads = Vec::new();
        if count == 0 {
            return Some(loads);
        }
        let table = self.source.bytes_at(at, entry.checked_mul(count)?).ok()?;
        for header in table.chunks_exact(entry.max(1)) {
            let numbers = Numbers { bytes: header, big_endian: self.big_endian };
            let (Some(kind), Some(flags)) = (numbers.u32(0), numbers.u32(if self.wide { 4 } else { 24 })) else {
                break;
            };
            if kind != LOAD {
                continue;
            }
            let places = if self.wide { [16, 8, 32] } else { [8, 4, 16] };
            let [Some(address), Some(offset), Some(size)] = places.map(|place| numbers.word(place, self.wide)) else {
                break;
            };
            loads.push(Load { place: Stretch { address, offset, size }, flags });
        }
        Some(loads)
    }

    fn raw_sections(&self, at: u64, entry: u16, count: u16) -> Option<Vec<Raw>> {
        let entry = usize::from(entry);
        if at == 0 || entry < if self.wide { 64 } else { 40 } {
            return None;
        }
        let first = self.source.bytes_at(at, entry).ok()?;
        // Counts that do not fit their fields stand in the first section.
        let count = if count == 0 { self.section(&first)?.place.size } else { count.into() };
        if count > MOST_SECTIONS {
            return None;
        }
        let table = self.source.bytes_at(at, entry.checked_mul(usize::try_from(count).ok()?)?).ok()?;
        Some(table.chunks_exact(entry).filter_map(|header| self.section(header)).collect())
    }

    fn sections(&self, tables: &Tables) -> Option<(Vec<Section>, Option<Symbols>)> {
        let (at, entry, count, names) = tables.section;
        let raw = self.raw_sections(at, entry, count)?;
        let names = if names == 0xffff { usize::try_from(raw.first()?.link).ok()? } else { names.into() };
        let texts = raw.get(names).map(|section| section.place).filter(|place| place.size <= LONGEST_NAMES)?;
        let texts = self.source.bytes_at(texts.offset, usize::try_from(texts.size).ok()?).ok()?;
        let symbols = raw.iter().find(|section| section.kind == SYMBOL_TABLE).and_then(|section| {
            let names = raw.get(usize::try_from(section.link).ok()?)?.place;
            Some(Symbols { table: section.place, names, wide: self.wide, big_endian: self.big_endian })
        });
        let sections = raw.into_iter().filter(|section| section.kind != NO_BITS).map(|section| Section {
            name: name_at(&texts, section.name),
            place: section.place,
            compressed: section.flags & COMPRESSED != 0,
        });
        Some((sections.collect(), symbols))
    }

    fn section(&self, header: &[u8]) -> Option<Raw> {
        let numbers = Numbers { bytes: header, big_endian: self.big_endian };
        let places = if self.wide { [8, 16, 24, 32] } else { [8, 12, 16, 20] };
        let [flags, address, offset, size] = places.map(|place| numbers.word(place, self.wide));
        let place = Stretch { address: address?, offset: offset?, size: size? };
        let link = numbers.u32(if self.wide { 40 } else { 24 })?;
        Some(Raw { name: numbers.u32(0)?, kind: numbers.u32(4)?, flags: flags?, place, link })
    }
}

/// Section names that matter are short.
fn name_at(texts: &[u8], at: u32) -> String {
    let rest = texts.get(at as usize..).unwrap_or_default();
    super::field_text(rest.get(..64).unwrap_or(rest))
}

struct Raw {
    name: u32,
    kind: u32,
    flags: u64,
    place: Stretch,
    link: u32,
}

/// Values of the string symbols that may hold a version, in the order of the table.
pub fn versions(image: &Image<'_>, symbols: &Symbols) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if symbols.names.size > LONGEST_TABLE || symbols.table.size > LONGEST_TABLE {
        return found;
    }
    let read = |place: Stretch| image.source.bytes_at(place.offset, usize::try_from(place.size).ok()?).ok();
    let (Some(names), Some(table)) = (read(symbols.names), read(symbols.table)) else { return found };
    let (entry, value, size) = if symbols.wide { (24, 8, 16) } else { (16, 4, 8) };
    for symbol in table.chunks_exact(entry) {
        let numbers = Numbers { bytes: symbol, big_endian: symbols.big_endian };
        let name = numbers.u32(0).and_then(|at| names.get(at as usize..)).unwrap_or_default();
        let Some(key) = version_key(name) else { continue };
        let (Some(address), Some(length)) = (numbers.word(value, symbols.wide), numbers.word(size, symbols.wide))
        else {
            continue;
        };
        if length == 0 || length > LONGEST_VERSION {
            continue;
        }
        if let Some(bytes) = image.at_address(address, length as usize) {
            // The linker ends it with a NUL, and counts that.
            found.push((key, super::field_text(&bytes)));
        }
        if found.len() >= MOST_VERSIONS {
            break;
        }
    }
    found
}

/// The name up to `.str`, if what is before ends in `.version` or `.ver` in any case.
fn version_key(name: &[u8]) -> Option<String> {
    let name = name.get(..name.iter().take(1024).position(|byte| *byte == 0)?)?;
    let key = name.strip_suffix(b".str")?;
    let ends = |suffix: &[u8]| {
        key.len() > suffix.len()
            && key.get(key.len() - suffix.len()..).is_some_and(|end| end.eq_ignore_ascii_case(suffix))
    };
    (ends(b".version") || ends(b".ver")).then(|| String::from_utf8_lossy(key).into_owned())
}
