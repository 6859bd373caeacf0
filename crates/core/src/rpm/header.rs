//! The header blob of one package: an index of tags over a heap of data, big-endian.

use std::collections::HashMap;

use super::RpmPackage;
use super::field::u32_be;

const INT32: u32 = 4;
const STRING: u32 = 6;
const BINARY: u32 = 7;
const STRING_ARRAY: u32 = 8;
const I18N_STRING: u32 = 9;

const SIGMD5: u32 = 261;
const NAME: u32 = 1000;
const VERSION: u32 = 1001;
const RELEASE: u32 = 1002;
const EPOCH: u32 = 1003;
const VENDOR: u32 = 1011;
const LICENSE: u32 = 1014;
const ARCH: u32 = 1022;
const SOURCERPM: u32 = 1044;
const PROVIDENAME: u32 = 1047;
const REQUIRENAME: u32 = 1049;
const DIRINDEXES: u32 = 1116;
const BASENAMES: u32 = 1117;
const DIRNAMES: u32 = 1118;
const MODULARITYLABEL: u32 = 5096;

const WANTED: [u32; 15] = [
    SIGMD5,
    NAME,
    VERSION,
    RELEASE,
    EPOCH,
    VENDOR,
    LICENSE,
    ARCH,
    SOURCERPM,
    PROVIDENAME,
    REQUIRENAME,
    DIRINDEXES,
    BASENAMES,
    DIRNAMES,
    MODULARITYLABEL,
];

#[derive(Clone, Copy)]
struct Entry {
    kind: u32,
    offset: usize,
    count: usize,
}

struct Header<'a> {
    entries: HashMap<u32, Entry>,
    data: &'a [u8],
}

/// Reads one header. `path_bytes` is what file paths may still take; it is lowered.
pub fn parse(blob: &[u8], path_bytes: &mut usize) -> Result<RpmPackage, String> {
    let header = Header::new(blob).ok_or("a package header is cut off")?;
    let name = header.text(NAME)?;
    if name.is_empty() {
        return Err("a package header without a name".to_owned());
    }
    let mut rest = || -> Result<RpmPackage, String> {
        Ok(RpmPackage {
            version: header.text(VERSION)?,
            release: header.text(RELEASE)?,
            epoch: header.integers(EPOCH)?.first().copied(),
            arch: header.text(ARCH)?,
            source_rpm: header.text(SOURCERPM)?,
            vendor: header.text(VENDOR)?,
            license: header.text(LICENSE)?,
            modularity: header.text(MODULARITYLABEL)?,
            md5: header.digest()?,
            files: header.files(path_bytes)?,
            provides: header.owned(PROVIDENAME)?,
            requires: header.owned(REQUIRENAME)?,
            ..RpmPackage::default()
        })
    };
    match rest() {
        Ok(package) => Ok(RpmPackage { name, ..package }),
        Err(what) => Err(format!("package {name}: {what}")),
    }
}

impl<'a> Header<'a> {
    /// Entries added at install time stand behind the signed region and override it: of equal tags the last counts.
    fn new(blob: &'a [u8]) -> Option<Self> {
        let count = usize::try_from(u32_be(blob, 0)?).ok()?;
        let length = usize::try_from(u32_be(blob, 4)?).ok()?;
        let data_at = count.checked_mul(16)?.checked_add(8)?;
        let index = blob.get(8..data_at)?;
        let data = blob.get(data_at..data_at.checked_add(length)?)?;
        let mut entries = HashMap::with_capacity(WANTED.len());
        for entry in index.chunks_exact(16) {
            let tag = u32_be(entry, 0)?;
            if WANTED.contains(&tag) {
                let offset = usize::try_from(u32_be(entry, 8)?).ok()?;
                let count = usize::try_from(u32_be(entry, 12)?).ok()?;
                entries.insert(tag, Entry { kind: u32_be(entry, 4)?, offset, count });
            }
        }
        Some(Self { entries, data })
    }

    /// The bytes of an entry from its offset to the end of the data; `None` when there is no such tag.
    fn bytes(&self, tag: u32, kinds: &[u32]) -> Result<Option<(&'a [u8], Entry)>, String> {
        let Some(entry) = self.entries.get(&tag) else { return Ok(None) };
        if !kinds.contains(&entry.kind) {
            return Err(format!("tag {tag} has the unexpected type {}", entry.kind));
        }
        let bytes = self.data.get(entry.offset..).ok_or_else(|| format!("tag {tag} lies outside the header"))?;
        Ok(Some((bytes, *entry)))
    }

    fn strings(&self, tag: u32) -> Result<Vec<&'a [u8]>, String> {
        let Some((mut rest, entry)) = self.bytes(tag, &[STRING, STRING_ARRAY, I18N_STRING])? else {
            return Ok(Vec::new());
        };
        let wanted = if entry.kind == STRING { 1 } else { entry.count };
        // Each string takes a byte at least.
        let mut strings = Vec::with_capacity(wanted.min(rest.len()));
        for _ in 0..wanted {
            let end = rest.iter().position(|byte| *byte == 0).ok_or_else(|| format!("tag {tag} is cut off"))?;
            let (string, behind) = rest.split_at(end);
            strings.push(string);
            rest = behind.get(1..).unwrap_or_default();
        }
        Ok(strings)
    }

    fn owned(&self, tag: u32) -> Result<Vec<String>, String> {
        Ok(self.strings(tag)?.into_iter().map(|text| String::from_utf8_lossy(text).into_owned()).collect())
    }

    fn text(&self, tag: u32) -> Result<String, String> {
        let text = self.strings(tag)?.first().map(|text| String::from_utf8_lossy(text).into_owned());
        Ok(text.filter(|text| text != "(none)").unwrap_or_default())
    }

    fn integers(&self, tag: u32) -> Result<Vec<u32>, String> {
        let Some((bytes, entry)) = self.bytes(tag, &[INT32])? else { return Ok(Vec::new()) };
        let wanted = entry.count.checked_mul(4).and_then(|length| bytes.get(..length));
        let wanted = wanted.ok_or_else(|| format!("tag {tag} is cut off"))?;
        Ok(wanted.chunks_exact(4).filter_map(|number| u32_be(number, 0)).collect())
    }

    fn digest(&self) -> Result<String, String> {
        let Some((bytes, entry)) = self.bytes(SIGMD5, &[BINARY])? else { return Ok(String::new()) };
        let digest = bytes.get(..entry.count).ok_or("the digest is cut off")?;
        if digest.len() != 16 {
            return Err("the digest has a wrong length".to_owned());
        }
        Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    fn files(&self, path_bytes: &mut usize) -> Result<Vec<String>, String> {
        let names = self.strings(BASENAMES)?;
        let folders = self.strings(DIRNAMES)?;
        let indexes = self.integers(DIRINDEXES)?;
        if names.len() != indexes.len() {
            return Err(format!("{} file names, but {} folders for them", names.len(), indexes.len()));
        }
        let mut files = Vec::with_capacity(names.len());
        for (name, index) in names.iter().zip(indexes) {
            let folder = folders.get(index as usize).ok_or("a file in a folder that is not listed")?;
            let cost = folder.len() + name.len() + size_of::<String>();
            *path_bytes = path_bytes.checked_sub(cost).ok_or("the file lists of this database are too long")?;
            let mut path = String::with_capacity(folder.len() + name.len());
            path.push_str(&String::from_utf8_lossy(folder));
            path.push_str(&String::from_utf8_lossy(name));
            files.push(path);
        }
        Ok(files)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Lays out a header of (tag, type, count, data) behind a region entry, as rpm writes it.
    pub fn blob(entries: &[(u32, u32, u32, Vec<u8>)]) -> Vec<u8> {
        let mut index = Vec::new();
        let mut data: Vec<u8> = Vec::new();
        for (tag, kind, count, bytes) in entries {
            if *kind == INT32 {
                data.resize(data.len().next_multiple_of(4), 0);
            }
            for number in [*tag, *kind, data.len() as u32, *count] {
                index.extend(number.to_be_bytes());
            }
            data.extend(bytes);
        }
        let region = (entries.len() as i32 + 1) * -16;
        let mut header = Vec::new();
        header.extend((entries.len() as u32 + 1).to_be_bytes());
        header.extend((data.len() as u32 + 16).to_be_bytes());
        for number in [63, BINARY, data.len() as u32, 16] {
            header.extend(number.to_be_bytes());
        }
        header.extend(index);
        header.extend(data);
        for number in [63, BINARY, region as u32, 16] {
            header.extend(number.to_be_bytes());
        }
        header
    }

    pub fn text(tag: u32, value: &str) -> (u32, u32, u32, Vec<u8>) {
        (tag, STRING, 1, [value.as_bytes(), b"\0"].concat())
    }

    pub fn texts(tag: u32, values: &[&str]) -> (u32, u32, u32, Vec<u8>) {
        (
            tag,
            STRING_ARRAY,
            values.len() as u32,
            values.iter().flat_map(|value| [value.as_bytes(), b"\0"].concat()).collect(),
        )
    }

    pub fn numbers(tag: u32, values: &[u32]) -> (u32, u32, u32, Vec<u8>) {
        (tag, INT32, values.len() as u32, values.iter().flat_map(|value| value.to_be_bytes()).collect())
    }

    /// A small package called `name`.
    pub fn package(name: &str) -> Vec<u8> {
        blob(&[text(NAME, name), text(VERSION, "1.0"), text(RELEASE, "2.el9"), text(ARCH, "noarch")])
    }

    fn parsed(blob: &[u8]) -> Result<RpmPackage, String> {
        parse(blob, &mut 10_000)
    }

    #[test]
    fn a_whole_package() {
        let header = blob(&[
            (SIGMD5, BINARY, 16, (0..16).collect()),
            text(NAME, "bash"),
            text(VERSION, "5.1"),
            text(RELEASE, "3"),
            numbers(EPOCH, &[1]),
            text(VENDOR, "(none)"),
            text(LICENSE, "GPL-3.0"),
            text(SOURCERPM, "bash-5.1-3.src.rpm"),
            texts(PROVIDENAME, &["bash", "/bin/sh"]),
            numbers(DIRINDEXES, &[0, 1, 1]),
            texts(BASENAMES, &["bash", "a", "b"]),
            texts(DIRNAMES, &["/bin/", "/etc/"]),
            text(ARCH, "x86_64"),
            // Added at install time: overrides what stands before.
            text(RELEASE, "4"),
        ]);
        let package = parsed(&header).unwrap();
        let expected = RpmPackage {
            name: "bash".into(),
            version: "5.1".into(),
            release: "4".into(),
            epoch: Some(1),
            arch: "x86_64".into(),
            source_rpm: "bash-5.1-3.src.rpm".into(),
            license: "GPL-3.0".into(),
            md5: "000102030405060708090a0b0c0d0e0f".into(),
            files: vec!["/bin/bash".into(), "/etc/a".into(), "/etc/b".into()],
            provides: vec!["bash".into(), "/bin/sh".into()],
            ..RpmPackage::default()
        };
        assert_eq!(package, expected);
    }

    #[test]
    fn damage_is_named() {
        let bad = |entries: &[_]| parsed(&blob(entries)).unwrap_err();
        assert_eq!(parsed(&[]).unwrap_err(), "a package header is cut off");
        assert_eq!(parsed(&[0xff; 64]).unwrap_err(), "a package header is cut off");
        assert_eq!(bad(&[text(VERSION, "1")]), "a package header without a name");
        assert!(bad(&[text(NAME, "a"), (EPOCH, STRING, 1, b"1\0".to_vec())]).contains("unexpected type"));
        assert!(bad(&[text(NAME, "a"), (EPOCH, INT32, 1000, vec![])]).contains("cut off"));
        assert!(bad(&[text(NAME, "a"), texts(BASENAMES, &["x"])]).contains("1 file names"));
        let lost = [text(NAME, "a"), texts(BASENAMES, &["x"]), numbers(DIRINDEXES, &[7])];
        assert_eq!(bad(&lost), "package a: a file in a folder that is not listed");
        let mut whole = package("a");
        whole.truncate(whole.len() - 1);
        assert!(parsed(&whole).is_err());
    }

    #[test]
    fn long_folders_do_not_multiply() {
        let folder = "x".repeat(1000);
        let names = ["a"; 100];
        let header = blob(&[
            text(NAME, "a"),
            numbers(DIRINDEXES, &[0; 100]),
            texts(BASENAMES, &names),
            texts(DIRNAMES, &[&folder]),
        ]);
        assert!(parsed(&header).unwrap_err().contains("too long"));
    }
}
