//! Parameters as text: what stands in the event (`raw`), and what it means on this host (`resolved`).

mod descriptor;
mod names;
pub(crate) mod number;

use vigie_events::address;
use vigie_events::event::until_nul;
use vigie_events::schema::Kind;
use vigie_events::values::{self, Table};
use vigie_filter::{Bump, Print, View};
use vigie_state::network;

use crate::text::{self, Text};
use crate::{Current, path};

pub(crate) use descriptor::entries as list_entries;

/// One parameter of the event at hand, present or absent.
#[derive(Clone, Copy)]
pub(crate) struct Parameter<'a> {
    pub name: &'static str,
    pub kind: Kind,
    pub bytes: &'a [u8],
    pub print: Print,
    table: Option<&'static Table>,
    dirfd: Option<u8>,
}

impl<'a> Parameter<'a> {
    /// The parameter of an index. `None` when the event has fewer.
    pub fn at(current: &Current<'a>, index: usize) -> Option<Parameter<'a>> {
        let bytes = current.event.params.bytes(index)?;
        let row = current.event.event_type().params.get(index)?;
        Some(Parameter {
            name: row.name,
            kind: row.kind,
            bytes,
            print: Print::Plain,
            table: row.table,
            dirfd: row.dirfd,
        })
    }

    /// With the format of its numbers looked up, which only texts of numbers need.
    fn formatted(mut self, id: u16) -> Parameter<'a> {
        self.print = number::format(id, self.name);
        self
    }

    /// What a parameter of several alternatives is this time. `None` for an alternative that the schema does not have.
    fn alternative(self) -> Option<Parameter<'a>> {
        let (&selector, bytes) = self.bytes.split_first()?;
        let (kind, _) = self.table?.entries.iter().find(|(_, value)| *value == u64::from(selector))?;
        let kind = Kind::named(kind)?;
        // Only whole words of `ptrace` are addresses.
        let print = if matches!(kind, Kind::Uint64) { self.print } else { Print::Plain };
        Some(Parameter { kind, bytes, print, table: None, ..self })
    }

    /// The resolved text, or the raw one when there is none.
    pub fn text(self, current: &Current<'a>, view: View, arena: &'a Bump) -> &'a [u8] {
        match self.resolved(current, arena) {
            b"" => self.raw(current, view, arena),
            resolved => resolved,
        }
    }

    pub fn raw(self, current: &Current<'a>, view: View, arena: &'a Bump) -> &'a [u8] {
        if self.bytes.is_empty() {
            return match self.kind {
                Kind::Bytebuf
                | Kind::Socktuple
                | Kind::Fdlist
                | Kind::Charbufarray
                | Kind::CharbufPairArray
                | Kind::Dyn => b"NULL",
                _ => b"<NA>",
            };
        }
        match self.kind {
            Kind::Charbuf | Kind::Fspath | Kind::Fsrelpath => until_nul(self.bytes),
            Kind::Int8
            | Kind::Int16
            | Kind::Int32
            | Kind::Int64
            | Kind::Uint8
            | Kind::Uint16
            | Kind::Uint32
            | Kind::Uint64 => {
                let signed = matches!(self.kind, Kind::Int8 | Kind::Int16);
                match self.formatted(current.event.id).print {
                    Print::Plain if signed => text::signed(number::signed(self.bytes), arena),
                    print => number::text(self.bytes, print, arena),
                }
            }
            Kind::Fd | Kind::Fd32 | Kind::Pid | Kind::Pid32 | Kind::Errno | Kind::Uid | Kind::Gid => {
                text::signed(number::signed(self.bytes), arena)
            }
            Kind::Flags8
            | Kind::Flags16
            | Kind::Flags32
            | Kind::Enumflags8
            | Kind::Enumflags16
            | Kind::Enumflags32
            | Kind::Sigtype
            | Kind::Syscallid => unsigned(number::unsigned(self.bytes), arena),
            Kind::Mode => {
                let mut text = Text::new(arena);
                number::octal(number::unsigned(self.bytes), &mut text);
                text.done()
            }
            Kind::Bytebuf => buffer(self.bytes, current, view, arena),
            Kind::Sockaddr => match address::sockaddr(self.bytes) {
                Some(address) => current.memory.built(arena, |out| network::write_address(&address, out)),
                None => b"<NA>",
            },
            Kind::Socktuple => match address::socktuple(self.bytes) {
                Some(tuple) => current.memory.built(arena, |out| network::write_tuple(&tuple, out)),
                None => b"NULL",
            },
            Kind::Fdlist => descriptor::fdlist(self.bytes, current, arena),
            Kind::Sigset => signals(number::unsigned(self.bytes), arena),
            Kind::Reltime => match number::unsigned(self.bytes) {
                u64::MAX => b"none",
                nanoseconds => unsigned(nanoseconds, arena),
            },
            Kind::Abstime => {
                crate::time::date_and_time(number::unsigned(self.bytes), current.settings.utc_offset, arena)
            }
            Kind::Dyn => match self.formatted(current.event.id).alternative() {
                Some(alternative) => alternative.raw_alternative(current, view, arena),
                None => b"NULL",
            },
            Kind::Charbufarray => items(self.bytes, arena),
            Kind::CharbufPairArray => pairs(self.bytes, arena),
            Kind::Port | Kind::Ipv4addr | Kind::Ipv6addr => b"(n.a.)",
        }
    }

    /// An alternative brings its own format along.
    fn raw_alternative(self, current: &Current<'a>, view: View, arena: &'a Bump) -> &'a [u8] {
        match self.kind {
            // No alternative holds alternatives itself.
            Kind::Dyn => b"NULL",
            Kind::Uint64 if !self.bytes.is_empty() => number::text(self.bytes, self.print, arena),
            _ => self.raw(current, view, arena),
        }
    }

    /// Empty when there is nothing to say beyond the raw text.
    pub fn resolved(self, current: &Current<'a>, arena: &'a Bump) -> &'a [u8] {
        if self.bytes.is_empty() {
            return b"";
        }
        match self.kind {
            Kind::Fd | Kind::Fd32 => descriptor::resolved(number::signed(self.bytes), current, arena),
            Kind::Errno => match number::signed(self.bytes) {
                error @ ..=-1 => values::errno_name(error.unsigned_abs()).unwrap_or("").as_bytes(),
                _ => b"",
            },
            Kind::Pid | Kind::Pid32 => {
                current.host.threads.by_tid(number::signed(self.bytes)).map_or(b"", |thread| &thread.comm)
            }
            Kind::Uid => account(
                self.bytes,
                |container, id| {
                    let user = current.host.accounts.user(container, id).map(|user| &user.name[..]);
                    user.or(if id == 0 && container.is_empty() { Some(b"root") } else { None })
                },
                current,
            ),
            Kind::Gid => account(
                self.bytes,
                |container, id| current.host.accounts.group(container, id).map(|name| &name[..]),
                current,
            ),
            Kind::Fspath | Kind::Fsrelpath => self.full_path(current, arena),
            Kind::Flags8 | Kind::Flags16 | Kind::Flags32 | Kind::Mode => {
                names::flags(self.table, number::unsigned(self.bytes), arena)
            }
            Kind::Enumflags8 | Kind::Enumflags16 | Kind::Enumflags32 => {
                names::enumeration(self.table, number::unsigned(self.bytes), arena)
            }
            Kind::Sigtype => values::signal_name(number::unsigned(self.bytes)).unwrap_or("").as_bytes(),
            Kind::Syscallid => values::syscall_name(number::unsigned(self.bytes)).unwrap_or("").as_bytes(),
            Kind::Reltime => match number::unsigned(self.bytes) {
                u64::MAX => b"",
                nanoseconds => {
                    let mut text = Text::new(arena);
                    number::shortest(nanoseconds as f64 / 1e9, &mut text);
                    text.push(b's');
                    text.done()
                }
            },
            Kind::Dyn => match self.alternative() {
                Some(alternative) if alternative.kind != Kind::Dyn => alternative.resolved(current, arena),
                _ => b"",
            },
            _ => b"",
        }
    }

    /// The full path of a relative name; nothing for absolute ones, which stand as they were passed.
    fn full_path(self, current: &Current<'a>, arena: &'a Bump) -> &'a [u8] {
        let name = until_nul(self.bytes);
        if current.thread.is_none() || matches!(name, [] | [b'/', ..] | b"<NA>") {
            return b"";
        }
        let base = match self.dirfd.map(|index| current.event.params.i64(usize::from(index))) {
            None | Some(Some(path::AT_FDCWD)) => path::cwd(current),
            Some(number) => match number.and_then(|number| path::descriptor(current, number)) {
                Some(fd) => path::slashed(&fd.name, arena),
                None => b"",
            },
        };
        path::join(current, base, name, arena)
    }
}

/// The name of a user or group in the tables of the thread's container.
fn account<'a>(bytes: &[u8], find: impl FnOnce(&[u8], u32) -> Option<&'a [u8]>, current: &Current<'a>) -> &'a [u8] {
    let id = number::unsigned(bytes) as u32;
    if id == u32::MAX {
        return b"<NONE>";
    }
    let container = current.thread.map_or(&b""[..], |thread| &thread.container_id);
    find(container, id).unwrap_or(b"<NA>")
}

fn unsigned(number: u64, arena: &Bump) -> &[u8] {
    let mut text = Text::new(arena);
    text.unsigned(number);
    text.done()
}

/// Bytes as text: what is no printable ASCII is a point. In outputs base64 when the settings say so.
pub(crate) fn buffer<'a>(bytes: &[u8], current: &Current<'_>, view: View, arena: &'a Bump) -> &'a [u8] {
    if view != View::Condition && current.settings.buffer_base64 {
        return base64(bytes, arena);
    }
    arena.alloc_slice_fill_iter(bytes.iter().map(|&byte| if (b' '..=b'~').contains(&byte) { byte } else { b'.' }))
}

/// Bytes in base64, padded.
pub(crate) fn base64<'a>(bytes: &[u8], arena: &'a Bump) -> &'a [u8] {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = Text::new(arena);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, &byte| word << 8 | u32::from(byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= chunk.len() { letter } else { b'=' });
        }
    }
    text.done()
}

/// The names of the signals of a set of 32 bits, the lowest being signal 1.
fn signals(bits: u64, arena: &Bump) -> &[u8] {
    let mut text = Text::new(arena);
    let set = (0..32u64).filter(|bit| bits >> bit & 1 != 0);
    for name in set.filter_map(|bit| values::signal_name(bit + 1)) {
        if !text.is_empty() {
            text.push(b' ');
        }
        text.bytes(name.as_bytes());
    }
    text.done()
}

fn items<'a>(bytes: &[u8], arena: &'a Bump) -> &'a [u8] {
    let mut text = Text::new(arena);
    for (index, item) in vigie_state::thread::pieces(bytes).enumerate() {
        if index > 0 {
            text.push(b'.');
        }
        text.bytes(item);
    }
    text.done()
}

fn pairs<'a>(bytes: &[u8], arena: &'a Bump) -> &'a [u8] {
    let mut text = Text::new(arena);
    let mut pieces = vigie_state::thread::pieces(bytes);
    while let Some(key) = pieces.next() {
        if !text.is_empty() {
            text.push(b',');
        }
        text.bytes(key).push(b':').bytes(pieces.next().unwrap_or(b""));
    }
    text.done()
}
