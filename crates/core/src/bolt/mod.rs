//! bbolt files, read-only: buckets of sorted keys in a B+ tree of pages, little-endian.
//!
//! The layout: a page header of 16 bytes (id u64, flags u16, count u16, overflow u32), then elements of 16 bytes, then keys and
//! values. Pages 0 and 1 hold the root, guarded by a checksum; the newer valid one counts. A bucket is a value of 16 bytes (root
//! page, sequence); with root page 0 its only page follows inside the value.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::Path;

use memmap2::Mmap;

const MAGIC: u32 = 0xed0c_daed;
const VERSION: u32 = 2;
const PAGE_HEADER: usize = 16;
const ELEMENT: usize = 16;
const META_LENGTH: usize = 56;
const BRANCH: u16 = 1;
const LEAF: u16 = 2;
const BUCKET: u32 = 1;
const BUCKET_HEADER: usize = 16;
const SMALLEST_PAGE: usize = 1 << 10;
const LARGEST_PAGE: usize = 1 << 24;

/// Deeper trees are damaged: even with two children a page this is more than a file can hold.
const DEEPEST: usize = 64;

/// Why a file or a page could not be used.
#[derive(Debug)]
pub enum Error {
    /// The file could not be opened.
    Io(io::Error),
    /// What is damaged.
    Damaged(String),
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(formatter),
            Self::Damaged(what) => what.fmt(formatter),
        }
    }
}

impl std::error::Error for Error {}

fn damaged(what: impl Into<String>) -> Error {
    Error::Damaged(what.into())
}

/// An open file. It stays what it was when another file takes its name.
pub struct Bolt {
    map: Mmap,
    page_size: usize,
    root: u64,
}

impl Bolt {
    /// Maps a file and chooses its root.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(Error::Io)?;
        // An empty file cannot be mapped.
        if file.metadata().map_err(Error::Io)?.len() == 0 {
            return Err(damaged("an empty file"));
        }
        // Sound as long as nobody shortens or writes the file in place. Databases are written beside and renamed, so a mapped
        // file never changes; all else about its content is checked at every step.
        #[allow(unsafe_code)]
        let map = unsafe { Mmap::map(&file) }.map_err(Error::Io)?;
        let Tree { page_size, root, .. } = Tree::new(&map)?;
        Ok(Self { map, page_size, root })
    }

    /// Its content.
    pub fn tree(&self) -> Tree<'_> {
        Tree { data: &self.map, page_size: self.page_size, root: self.root }
    }
}

/// The buckets in the bytes of a file.
#[derive(Clone, Copy)]
pub struct Tree<'a> {
    data: &'a [u8],
    page_size: usize,
    root: u64,
}

/// A key and its value.
pub type Item<'a> = (&'a [u8], &'a [u8]);

/// A key with what belongs to it.
#[derive(Clone, Copy)]
struct Element<'a> {
    flags: u32,
    key: &'a [u8],
    value: &'a [u8],
}

/// Where a bucket's pages begin.
#[derive(Clone, Copy)]
enum Root<'a> {
    Page(u64),
    Inline(&'a [u8]),
}

/// A page with all that overflows from it.
#[derive(Clone, Copy)]
struct Page<'a> {
    bytes: &'a [u8],
    branch: bool,
    count: usize,
}

impl<'a> Tree<'a> {
    /// Chooses the valid root with the highest transaction.
    pub fn new(data: &'a [u8]) -> Result<Self, Error> {
        let first = Meta::read(data, 0);
        let second = match &first {
            Some(meta) => Meta::read(data, meta.page_size),
            // Without the first one the page size is not known.
            None => {
                (10..=24).find_map(|shift| Meta::read(data, 1 << shift).filter(|meta| meta.page_size == 1 << shift))
            }
        };
        let meta = first.into_iter().chain(second).max_by_key(|meta| meta.transaction);
        let meta = meta.ok_or_else(|| damaged("not a bbolt file, or both of its roots are damaged"))?;
        Ok(Self { data, page_size: meta.page_size, root: meta.root })
    }

    /// The value of a key; `None` when there is no such key, no such bucket, or the key is a bucket.
    pub fn get(&self, buckets: &[impl AsRef<[u8]>], key: &[u8]) -> Result<Option<&'a [u8]>, Error> {
        let Some(root) = self.bucket(buckets)? else { return Ok(None) };
        Ok(self.find(root, key)?.filter(|element| element.flags & BUCKET == 0).map(|element| element.value))
    }

    /// All keys of a bucket with their values, in order, those that are buckets left out. Nothing when there is no such bucket.
    pub fn items(&self, buckets: &[impl AsRef<[u8]>]) -> Result<Vec<Item<'a>>, Error> {
        let mut items = Vec::new();
        // Each byte of the file belongs to one item at most.
        let mut left = self.data.len();
        if let Some(root) = self.bucket(buckets)? {
            self.walk(root, b"", &mut |element| {
                left = left
                    .checked_sub(element.key.len() + element.value.len())
                    .ok_or_else(|| damaged("items overlap"))?;
                if element.flags & BUCKET == 0 {
                    items.push((element.key, element.value));
                }
                Ok(true)
            })?;
        }
        Ok(items)
    }

    /// Names of the buckets inside a bucket (or at the top) that start with `prefix`, in order.
    pub fn buckets(&self, buckets: &[impl AsRef<[u8]>], prefix: &[u8]) -> Result<Vec<&'a [u8]>, Error> {
        let mut names = Vec::new();
        let mut left = self.data.len();
        if let Some(root) = self.bucket(buckets)? {
            self.walk(root, prefix, &mut |element| {
                if !element.key.starts_with(prefix) {
                    return Ok(false);
                }
                left = left.checked_sub(element.key.len()).ok_or_else(|| damaged("items overlap"))?;
                if element.flags & BUCKET != 0 {
                    names.push(element.key);
                }
                Ok(true)
            })?;
        }
        Ok(names)
    }

    fn bucket(&self, names: &[impl AsRef<[u8]>]) -> Result<Option<Root<'a>>, Error> {
        let mut root = Root::Page(self.root);
        for name in names {
            let Some(element) = self.find(root, name.as_ref())?.filter(|element| element.flags & BUCKET != 0) else {
                return Ok(None);
            };
            let page = number_u64(element.value, 0).ok_or_else(|| damaged("a bucket is cut off"))?;
            root = match page {
                0 => Root::Inline(element.value.get(BUCKET_HEADER..).unwrap_or_default()),
                number => Root::Page(number),
            };
        }
        Ok(Some(root))
    }

    fn find(&self, root: Root<'a>, key: &[u8]) -> Result<Option<Element<'a>>, Error> {
        let mut page = self.root_page(root)?;
        for _ in 0..DEEPEST {
            if page.count == 0 {
                return Ok(None);
            }
            if page.branch {
                page = self.page(page.child(page.child_for(key)?)?)?;
                continue;
            }
            let index = page.first_not_below(key)?;
            if index == page.count {
                return Ok(None);
            }
            return Ok(Some(page.leaf(index)?).filter(|element| element.key == key));
        }
        Err(damaged("a tree of pages without end"))
    }

    /// Visits elements from the first key that is not below `from`, until `visit` says no.
    fn walk(
        &self,
        root: Root<'a>,
        from: &[u8],
        visit: &mut dyn FnMut(Element<'a>) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let mut pages = self.data.len() / self.page_size + 1;
        let mut from = Some(from);
        // Branch pages on the way, each with its next child.
        let mut way: Vec<(Page<'a>, usize)> = Vec::new();
        let mut page = self.root_page(root)?;
        loop {
            if page.branch {
                let child = from.map_or(Ok(0), |key| page.child_for(key))?;
                way.push((page, child));
            } else {
                let start = from.take().map_or(Ok(0), |key| page.first_not_below(key))?;
                for index in start..page.count {
                    if !visit(page.leaf(index)?)? {
                        return Ok(());
                    }
                }
            }
            loop {
                let Some((branch, next)) = way.last_mut() else { return Ok(()) };
                if *next < branch.count {
                    let number = branch.child(*next)?;
                    *next += 1;
                    page = self.page(number)?;
                    break;
                }
                way.pop();
            }
            pages = pages.checked_sub(1).ok_or_else(|| damaged("a page stands twice in a tree"))?;
            if way.len() > DEEPEST {
                return Err(damaged("a tree of pages without end"));
            }
        }
    }

    fn root_page(&self, root: Root<'a>) -> Result<Page<'a>, Error> {
        match root {
            Root::Page(number) => self.page(number),
            Root::Inline(bytes) => match Page::new(bytes) {
                Some(page) if !page.branch => Ok(page),
                _ => Err(damaged("a bucket with a damaged page inside")),
            },
        }
    }

    fn page(&self, number: u64) -> Result<Page<'a>, Error> {
        let read = || {
            let start = usize::try_from(number).ok()?.checked_mul(self.page_size)?;
            let overflow = number_u32(self.data, start.checked_add(12)?)? as usize;
            let length = overflow.checked_add(1)?.checked_mul(self.page_size)?;
            Page::new(self.data.get(start..start.checked_add(length)?)?)
        };
        read().ok_or_else(|| damaged(format!("page {number} is damaged")))
    }
}

impl<'a> Page<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let flags = number_u16(bytes, 8)?;
        let count = usize::from(number_u16(bytes, 10)?);
        if !matches!(flags, BRANCH | LEAF) || PAGE_HEADER + count * ELEMENT > bytes.len() {
            return None;
        }
        let branch = flags == BRANCH;
        if branch && count == 0 { None } else { Some(Self { bytes, branch, count }) }
    }

    fn key(&self, index: usize) -> Result<&'a [u8], Error> {
        let at = PAGE_HEADER + index * ELEMENT;
        let (place, size) = if self.branch { (at, at + 4) } else { (at + 4, at + 8) };
        let read = || self.stretch(at, number_u32(self.bytes, place)?, number_u32(self.bytes, size)?);
        read().ok_or_else(|| damaged("a key lies outside its page"))
    }

    /// Places count from the element.
    fn stretch(&self, element: usize, place: u32, size: u32) -> Option<&'a [u8]> {
        let start = element.checked_add(place as usize)?;
        self.bytes.get(start..start.checked_add(size as usize)?)
    }

    fn child(&self, index: usize) -> Result<u64, Error> {
        number_u64(self.bytes, PAGE_HEADER + index * ELEMENT + 8).ok_or_else(|| damaged("a page is cut off"))
    }

    fn leaf(&self, index: usize) -> Result<Element<'a>, Error> {
        let at = PAGE_HEADER + index * ELEMENT;
        let read = || {
            let (place, key_size) = (number_u32(self.bytes, at + 4)?, number_u32(self.bytes, at + 8)?);
            let key = self.stretch(at, place, key_size)?;
            let value = self.stretch(at, place.checked_add(key_size)?, number_u32(self.bytes, at + 12)?)?;
            Some(Element { flags: number_u32(self.bytes, at)?, key, value })
        };
        read().ok_or_else(|| damaged("a value lies outside its page"))
    }

    /// The last child whose first key is not above `key`, else the first one.
    fn child_for(&self, key: &[u8]) -> Result<usize, Error> {
        let index = self.first_not_below(key)?;
        let exact = index < self.count && self.key(index)? == key;
        Ok(if exact { index } else { index.saturating_sub(1) })
    }

    /// The first element whose key is not below `key`; `count` when all are.
    fn first_not_below(&self, key: &[u8]) -> Result<usize, Error> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.key(middle)? < key {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }
}

/// One of the two records that say where the tree begins.
struct Meta {
    page_size: usize,
    root: u64,
    transaction: u64,
}

impl Meta {
    fn read(data: &[u8], page_at: usize) -> Option<Self> {
        let meta = data.get(page_at + PAGE_HEADER..)?;
        let page_size = number_u32(meta, 8)? as usize;
        let sound = number_u32(meta, 0)? == MAGIC
            && number_u32(meta, 4)? == VERSION
            && page_size.is_power_of_two()
            && (SMALLEST_PAGE..=LARGEST_PAGE).contains(&page_size)
            && number_u64(meta, META_LENGTH)? == fnv1a(meta.get(..META_LENGTH)?);
        sound.then_some(Self { page_size, root: number_u64(meta, 16)?, transaction: number_u64(meta, 48)? })
    }
}

fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

fn number_u16(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_le_bytes)
}

fn number_u32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}

fn number_u64(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at.checked_add(8)?)?.try_into().ok().map(u64::from_le_bytes)
}
