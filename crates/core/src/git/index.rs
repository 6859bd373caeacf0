//! The index of a pack: where in it each object is, by id (gitformat-pack, versions 1 and 2).

use super::bytes::Bytes;
use super::object::Id;

const MAGIC: [u8; 4] = [0xff, b't', b'O', b'c'];
const FANOUT: usize = 256 * 4;
/// Marks an offset that stands in the table of large ones.
const LARGE: u32 = 1 << 31;

/// An index. Nothing in it is trusted but that it has room for the number of objects that it names.
pub struct Index {
    data: Bytes,
    /// Where the fan-out table begins.
    fanout: usize,
    count: usize,
    /// Bytes of an id.
    width: usize,
    first_version: bool,
}

fn number(data: &[u8], at: usize) -> Option<u32> {
    let bytes = data.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

impl Index {
    /// width: bytes of an id. The error completes "its index …".
    pub fn new(data: Bytes, width: usize) -> Result<Self, String> {
        let first_version = !data.starts_with(&MAGIC);
        let fanout = if first_version { 0 } else { 8 };
        if !first_version && number(&data, 4) != Some(2) {
            return Err("has a version that is not known".into());
        }
        let mut last = 0;
        for place in 0..256 {
            let upto = number(&data, fanout + 4 * place).ok_or("ends too early")?;
            if upto < last {
                return Err("is damaged: its objects are not counted upward".into());
            }
            last = upto;
        }
        let count = last as usize;
        let each = if first_version { width + 4 } else { width + 8 };
        let needed = count.checked_mul(each).and_then(|bytes| bytes.checked_add(fanout + FANOUT));
        if needed.is_none_or(|needed| needed > data.len()) {
            return Err("ends too early".into());
        }
        Ok(Self { data, fanout, count, width, first_version })
    }

    /// How many objects there are.
    pub fn count(&self) -> usize {
        self.count
    }

    fn entry(&self, position: usize) -> usize {
        let start = self.fanout + FANOUT;
        if self.first_version { start + position * (self.width + 4) + 4 } else { start + position * self.width }
    }

    /// The bytes of the id at a position below `count`.
    fn id(&self, position: usize) -> &[u8] {
        let start = self.entry(position);
        &self.data[start..start + self.width]
    }

    /// Where the object at a position lies in the pack.
    fn offset(&self, position: usize) -> Option<u64> {
        if self.first_version {
            return number(&self.data, self.entry(position) - 4).map(u64::from);
        }
        let offsets = self.fanout + FANOUT + self.count * (self.width + 4);
        let small = number(&self.data, offsets + 4 * position)?;
        if small & LARGE == 0 {
            return Some(u64::from(small));
        }
        let place = offsets + 4 * self.count + 8 * (small & !LARGE) as usize;
        Some(u64::from(number(&self.data, place)?) << 32 | u64::from(number(&self.data, place + 4)?))
    }

    /// Where an object lies in the pack.
    pub fn find(&self, id: &Id) -> Option<u64> {
        let wanted = &id.bytes()[..self.width];
        let first = usize::from(wanted[0]);
        let upto = |place: usize| number(&self.data, self.fanout + 4 * place).map_or(0, |upto| upto as usize);
        let (mut low, mut high) = (if first == 0 { 0 } else { upto(first - 1) }, upto(first));
        while low < high {
            let middle = low + (high - low) / 2;
            match self.id(middle).cmp(wanted) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return self.offset(middle),
            }
        }
        None
    }
}
