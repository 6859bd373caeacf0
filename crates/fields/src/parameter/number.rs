//! Numbers of parameters.

use std::collections::HashMap;
use std::sync::LazyLock;

use vigie_filter::{Bump, Print};

use crate::text::Text;

static FORMATS: LazyLock<HashMap<(u16, &'static str), Print>> = LazyLock::new(|| {
    include_str!("../tables/formats.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut columns = line.split('\t');
            let (id, name, format) = (columns.next()?, columns.next()?, columns.next()?);
            Some(((id.parse().ok()?, name), if format == "hex" { Print::Hex } else { Print::Octal }))
        })
        .collect()
});

/// How the number of a parameter of an event type is written.
pub(crate) fn format(id: u16, parameter: &'static str) -> Print {
    FORMATS.get(&(id, parameter)).copied().unwrap_or(Print::Plain)
}

/// The bytes of a number, little-endian, however many of the 8 there are.
pub(crate) fn unsigned(bytes: &[u8]) -> u64 {
    let mut all = [0; 8];
    let count = bytes.len().min(8);
    all[..count].copy_from_slice(&bytes[..count]);
    u64::from_le_bytes(all)
}

/// The same with the sign that the last byte has.
pub(crate) fn signed(bytes: &[u8]) -> i64 {
    let shift = 64 - 8 * bytes.len().clamp(1, 8) as u32;
    ((unsigned(bytes) << shift) as i64) >> shift
}

/// The text of a number in its format.
pub(crate) fn text<'a>(bytes: &[u8], print: Print, arena: &'a Bump) -> &'a [u8] {
    let mut text = Text::new(arena);
    match print {
        Print::Hex => text.show(format_args!("{:X}", unsigned(bytes))),
        Print::Octal => octal(unsigned(bytes), &mut text),
        // Unsigned numbers of 4 and 8 bytes are written as the signed ones of their bits; smaller ones are not.
        _ if bytes.len() >= 4 => text.signed(signed(bytes)),
        _ => text.unsigned(unsigned(bytes)),
    };
    text.done()
}

/// `0644`; zero is `0`.
pub(crate) fn octal<'t, 'a>(number: u64, text: &'t mut Text<'a>) -> &'t mut Text<'a> {
    if number == 0 { text.push(b'0') } else { text.show(format_args!("0{number:o}")) }
}

/// A number in the shortest form of six significant digits, as C's `%g`.
pub(crate) fn shortest(number: f64, text: &mut Text<'_>) {
    if number == 0.0 || !number.is_finite() {
        text.push(b'0');
        return;
    }
    let scientific = std::format!("{number:.5e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        let places = usize::try_from(5 - exponent).unwrap_or(0);
        let fixed = std::format!("{number:.places$}");
        text.bytes(trimmed(&fixed).as_bytes());
        return;
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    text.show(format_args!("{}e{sign}{:02}", trimmed(digits), exponent.unsigned_abs()));
}

/// Without the zeros, and the point, that say nothing.
fn trimmed(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

#[cfg(test)]
mod tests {
    use vigie_events::schema;

    use super::*;

    #[test]
    fn every_line_of_the_table_names_a_parameter() {
        assert_eq!(FORMATS.len(), include_str!("../tables/formats.tsv").lines().count() - 1);
        for &(id, name) in FORMATS.keys() {
            assert!(schema::event_type(id).is_some_and(|known| known.param(name).is_some()), "{id} {name}");
        }
    }

    fn shown(bytes: &[u8], print: Print) -> String {
        let arena = Bump::new();
        String::from_utf8_lossy(text(bytes, print, &arena)).into_owned()
    }

    #[test]
    fn numbers_of_every_width() {
        assert_eq!(shown(&[255], Print::Plain), "255");
        assert_eq!(shown(&[255; 4], Print::Plain), "-1");
        assert_eq!(shown(&[0xef, 0xbe, 0, 0], Print::Hex), "BEEF");
        assert_eq!(shown(&0o644u32.to_le_bytes(), Print::Octal), "0644");
        assert_eq!(shown(&[0; 4], Print::Octal), "0");
        assert_eq!(signed(&[0xfe, 0xff]), -2);
    }

    #[test]
    fn shortest_form() {
        let of = |number: f64| {
            let arena = Bump::new();
            let mut text = Text::new(&arena);
            shortest(number, &mut text);
            String::from_utf8_lossy(text.done()).into_owned()
        };
        assert_eq!(of(0.0), "0");
        assert_eq!(of(1.5), "1.5");
        assert_eq!(of(10.0), "10");
        assert_eq!(of(0.000_1), "0.0001");
        assert_eq!(of(0.000_012_3), "1.23e-05");
        assert_eq!(of(123_456.7), "123457");
        assert_eq!(of(1_234_567.0), "1.23457e+06");
    }
}
