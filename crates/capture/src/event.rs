//! Where the parts of an event lie inside its block.

use vigie_events::schema::{MAX_PARAMS, TYPES, event_types, flag};

use crate::block::Layout;

/// How long the header is that says how many parameters follow, and the old one that does not.
const HEADER: usize = 26;
const OLD_HEADER: usize = 22;
/// The flag of an event in a block for large ones; about the block, not about the event.
pub const LARGE: u32 = 4;
const NOTIFICATION: u16 = 280;
const INFRASTRUCTURE: u16 = 286;

/// What is to be done with an event of a type when it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// Deliver it as it is.
    Pass,
    /// Deliver it when it has just the parameters of the current schema, else upgrade it.
    PassCounted,
    /// Look for the rule of its upgrade.
    Convert,
    Drop,
}

/// What reading must know of an event type.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub route: Route,
    pub params: u8,
    /// Lengths of parameters take four bytes instead of two.
    pub wide: bool,
}

/// The shapes of all event types, by id.
pub fn shapes() -> Box<[Shape]> {
    let shape = |event_type: &vigie_events::schema::EventType| {
        let old = event_type.has(flag::OLD_VERSION);
        let route = if event_type.has(flag::UNUSED) {
            Route::Drop
        } else if !event_type.has(flag::CONVERTER_MANAGED) {
            if event_type.is_exit() || !old { Route::Pass } else { Route::Drop }
        } else if event_type.is_exit() && !old {
            Route::PassCounted
        } else {
            Route::Convert
        };
        Shape { route, params: event_type.params.len() as u8, wide: event_type.has(flag::LARGE_PAYLOAD) }
    };
    event_types().iter().map(shape).collect()
}

/// An event in its block: header fields, and the places of the rest relative to the body.
#[derive(Clone, Copy, Debug, Default)]
pub struct Placed {
    pub cpu: u16,
    pub flags: u32,
    pub ts: u64,
    pub tid: i64,
    pub id: u16,
    pub params: usize,
    pub wide: bool,
    /// Where the lengths begin.
    pub lengths: usize,
    /// Where the parameters begin.
    pub data: usize,
    pub end: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unplaced {
    /// A newer writer's type.
    Unknown,
    Damaged(&'static str),
}

/// Finds the parts of an event. That the parameters fit into what the lengths say is checked later, but for the old
/// layout, where it tells their number.
#[inline(always)]
pub fn place(body: &[u8], layout: Layout, shapes: &[Shape], placed: &mut Placed) -> Result<(), Unplaced> {
    let short = Unplaced::Damaged("an event whose header does not fit its block");
    let header = if layout.flags { 6 } else { 2 };
    let size = if layout.counted { HEADER } else { OLD_HEADER };
    let Some((head, rest)) = body.split_at_checked(header + size) else { return Err(short) };
    let cpu = u16::from_le_bytes([head[0], head[1]]);
    let flags = if layout.flags { number(head, 2) & !LARGE } else { 0 };
    let fields = &head[header..];
    let (ts, tid) = (wide_number(fields, 0), wide_number(fields, 8) as i64);
    let length = number(fields, 16) as usize;
    let id = u16::from_le_bytes([fields[20], fields[21]]);
    let Some(mut room) = length.checked_sub(size) else { return Err(short) };
    if !layout.counted && (id == NOTIFICATION || id == INFRASTRUCTURE) {
        // The old writer counted three bytes too many for these.
        room = room.saturating_sub(3);
    }
    if room > rest.len() {
        return Err(Unplaced::Damaged("an event longer than its block"));
    }
    let Some(shape) = shapes.get(usize::from(id)) else {
        debug_assert!(usize::from(id) >= TYPES);
        return Err(Unplaced::Unknown);
    };
    let params = if layout.counted {
        number(fields, 22) as usize
    } else {
        count(&rest[..room], shape).ok_or(Unplaced::Damaged("an event whose parameters do not add up"))?
    };
    if params > MAX_PARAMS {
        return Err(Unplaced::Damaged("an event of more parameters than any has"));
    }
    let lengths = header + size;
    let data = lengths + params * if shape.wide { 4 } else { 2 };
    let end = lengths + room;
    if data > end {
        return Err(Unplaced::Damaged("an event too short for its parameters"));
    }
    *placed = Placed { cpu, flags, ts, tid, id, params, wide: shape.wide, lengths, data, end };
    Ok(())
}

/// How many parameters an old event has: the number with which lengths and parameters fill it exactly.
fn count(rest: &[u8], shape: &Shape) -> Option<usize> {
    let size = if shape.wide { 4 } else { 2 };
    let mut filled = 0u64;
    if rest.is_empty() {
        return Some(0);
    }
    // One more parameter never takes less room, so trying from below finds what trying from above would.
    for (index, length) in rest.chunks_exact(size).take(usize::from(shape.params)).enumerate() {
        let length = match *length {
            [a, b] => u64::from(u16::from_le_bytes([a, b])),
            [a, b, c, d] => u64::from(u32::from_le_bytes([a, b, c, d])),
            _ => 0,
        };
        filled += length + size as u64;
        match filled.cmp(&(rest.len() as u64)) {
            std::cmp::Ordering::Less => {}
            std::cmp::Ordering::Equal => return Some(index + 1),
            std::cmp::Ordering::Greater => return None,
        }
    }
    None
}

#[inline]
fn number(bytes: &[u8], at: usize) -> u32 {
    match bytes.get(at..at + 4) {
        Some(&[a, b, c, d]) => u32::from_le_bytes([a, b, c, d]),
        _ => 0,
    }
}

#[inline]
fn wide_number(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes)
}
