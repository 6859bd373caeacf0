//! Descriptors, alone and in lists.

use vigie_events::values;
use vigie_filter::Bump;

use crate::text::Text;
use crate::{Current, fd, path};

/// `<f>/etc/passwd` for a descriptor of the event's process, `<4t>…` with the protocol for sockets; the error's name for
/// a negative number; nothing for an unknown descriptor.
pub(crate) fn resolved<'a>(number: i64, current: &Current<'a>, arena: &'a Bump) -> &'a [u8] {
    if number == path::AT_FDCWD {
        return b"AT_FDCWD";
    }
    if number < 0 {
        return values::errno_name(number.unsigned_abs()).unwrap_or("").as_bytes();
    }
    let Some(known) = path::descriptor(current, number) else { return b"" };
    let mut text = Text::new(arena);
    text.push(b'<').push(known.kind.letter() as u8);
    if known.kind.is_ip() || known.kind.is_listening() {
        text.bytes(fd::protocol(known).and_then(|protocol| protocol.name()).map_or(b"", |name| &name.as_bytes()[..1]));
    }
    text.push(b'>').bytes(&known.name);
    text.done()
}

/// The descriptors of a list of `poll`, and their flags as stored.
pub(crate) fn entries(bytes: &[u8]) -> impl Iterator<Item = (i64, u16)> {
    let (count, rest) = bytes.split_at_checked(2).unwrap_or((b"\0\0", b""));
    let count = usize::from(u16::from_le_bytes([count[0], count[1]]));
    rest.chunks_exact(10).take(count).map(|entry| {
        let mut number = [0; 8];
        number.copy_from_slice(&entry[..8]);
        (i64::from_le_bytes(number), u16::from_le_bytes([entry[8], entry[9]]))
    })
}

/// `3:f1 4:?5`: number, letter, flags.
pub(crate) fn fdlist<'a>(bytes: &[u8], current: &Current<'_>, arena: &'a Bump) -> &'a [u8] {
    let mut text = Text::new(arena);
    for (number, flags) in entries(bytes) {
        if !text.is_empty() {
            text.push(b' ');
        }
        let letter = path::descriptor(current, number).map_or(b'?', |known| known.kind.letter() as u8);
        text.signed(number).push(b':').push(letter).show(format_args!("{flags:x}"));
    }
    text.done()
}
