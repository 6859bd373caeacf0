//! The kinds of blocks by their numbers, with those of the old 32-bit writers.

/// The section header; the number reads the same in both byte orders.
pub const SECTION: u32 = 0x0A0D_0D0A;
/// The first field of a section header, as its writer's byte order has it.
pub const MAGIC: u32 = 0x1A2B_3C4D;
/// A greater major version is refused.
pub const MAJOR: u16 = 1;
pub const MINOR: u16 = 2;

pub const MACHINE: u32 = 0x201;
pub const THREADS: u32 = 0x215;
pub const DESCRIPTORS: u32 = 0x218;
pub const INTERFACES: u32 = 0x219;
pub const USERS: u32 = 0x220;
pub const EVENT: u32 = 0x216;
pub const EVENT_FLAGS: u32 = 0x217;
pub const EVENT_LARGE: u32 = 0x221;
pub const EVENT_FLAGS_LARGE: u32 = 0x222;

/// What precedes a block's body: its kind and its length.
pub const HEAD: usize = 8;
/// What a block of no body is long: kind, length, length again.
pub const FRAME: usize = 12;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Section,
    Machine,
    /// The list of threads, of that version from 1 to 9.
    Threads(u8),
    /// The descriptors of one process; whether each entry begins with its length, as in the next two.
    Descriptors(bool),
    Interfaces(bool),
    Users(bool),
    Event(Layout),
    /// Not known: passed over before the first event.
    Other,
}

/// How an event block lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Flags follow the number of the processor.
    pub flags: bool,
    /// The header says how many parameters there are.
    pub counted: bool,
}

impl Kind {
    #[inline]
    pub fn of(number: u32) -> Kind {
        match number {
            EVENT | EVENT_LARGE => Kind::Event(Layout { flags: false, counted: true }),
            EVENT_FLAGS | EVENT_FLAGS_LARGE => Kind::Event(Layout { flags: true, counted: true }),
            0x204 | 0x8010_ABCD => Kind::Event(Layout { flags: false, counted: false }),
            0x208 => Kind::Event(Layout { flags: true, counted: false }),
            SECTION => Kind::Section,
            MACHINE | 0x8002_ABCD => Kind::Machine,
            0x202 | 0x8000_ABCD => Kind::Threads(1),
            0x207 | 0x8013_ABCD => Kind::Threads(2),
            0x209 | 0x8014_ABCD => Kind::Threads(3),
            0x210..=THREADS => Kind::Threads((number - 0x210) as u8 + 4),
            0x203 | 0x8001_ABCD => Kind::Descriptors(false),
            DESCRIPTORS => Kind::Descriptors(true),
            0x205 | 0x8011_ABCD => Kind::Interfaces(false),
            INTERFACES => Kind::Interfaces(true),
            0x206 | 0x8012_ABCD => Kind::Users(false),
            USERS => Kind::Users(true),
            _ => Kind::Other,
        }
    }
}
