//! Names of flags and enumerations.

use vigie_events::values::Table;
use vigie_filter::Bump;

use crate::text::Text;

/// The names of the bits of a value, in the table's order, joined by `|`. Bits once named are not named again; the walk
/// ends with an entry that is the whole value. Nothing when no entry matches.
pub(crate) fn flags<'a>(table: Option<&'static Table>, value: u64, arena: &'a Bump) -> &'a [u8] {
    let Some(table) = table else { return b"" };
    let mut left = value;
    let mut first: Option<&'static str> = None;
    let mut text: Option<Text<'a>> = None;
    let mut add = |name: &'static str| match (&mut text, first) {
        (Some(text), _) => {
            text.push(b'|').bytes(name.as_bytes());
        }
        (None, Some(before)) => {
            let mut joined = Text::new(arena);
            joined.bytes(before.as_bytes()).push(b'|').bytes(name.as_bytes());
            text = Some(joined);
        }
        (None, None) => first = Some(name),
    };
    for &(name, bits) in &table.entries {
        if bits == value {
            add(name);
            break;
        }
        if bits != 0 && left & bits == bits {
            add(name);
            left &= !bits;
        }
    }
    match (text, first) {
        (Some(text), _) => text.done(),
        (None, first) => first.unwrap_or("").as_bytes(),
    }
}

/// All names of a value, joined by `|`.
pub(crate) fn enumeration<'a>(table: Option<&'static Table>, value: u64, arena: &'a Bump) -> &'a [u8] {
    let Some(table) = table else { return b"" };
    let mut names = table.entries.iter().filter(|(_, known)| *known == value).map(|&(name, _)| name);
    let Some(first) = names.next() else { return b"" };
    let Some(second) = names.next() else { return first.as_bytes() };
    let mut text = Text::new(arena);
    text.bytes(first.as_bytes()).push(b'|').bytes(second.as_bytes());
    for name in names {
        text.push(b'|').bytes(name.as_bytes());
    }
    text.done()
}

#[cfg(test)]
mod tests {
    use vigie_events::values;

    use super::*;

    fn of_file(value: u64) -> String {
        let arena = Bump::new();
        String::from_utf8_lossy(flags(values::table("file_flags"), value, &arena)).into_owned()
    }

    #[test]
    fn flags_take_their_bits_away() {
        assert_eq!(of_file(1), "O_RDONLY");
        assert_eq!(of_file(3), "O_RDWR");
        assert_eq!(of_file(4097), "O_RDONLY|O_CLOEXEC");
        assert_eq!(of_file(0), "O_NONE");
        assert_eq!(of_file(1 << 40), "");
        assert_eq!(of_file(2 | 4 | 256 | 16384), "O_TRUNC|O_CREAT|O_WRONLY|O_F_CREATED");
    }

    #[test]
    fn all_names_of_one_value() {
        let arena = Bump::new();
        let table = values::table("socket_families");
        assert_eq!(enumeration(table, 17, &arena), b"AF_PACKET");
        assert_eq!(enumeration(table, 9_999, &arena), b"");
        // Two names of one number both appear.
        let number = table.unwrap().value("AF_UNIX").unwrap();
        let both = String::from_utf8_lossy(enumeration(table, number, &arena)).into_owned();
        assert_eq!(both.split('|').count(), 2, "{both}");
    }
}
