//! Parameters in the query of a request's URI.

use bumpalo::collections::Vec;
use vigie_filter::Bump;

/// The first value of a parameter, decoded. `None` when there is none of that name; pairs that are wrongly encoded or
/// hold a semicolon are passed over, as the Go library does.
pub(super) fn parameter<'a>(uri: &str, name: &str, arena: &'a Bump) -> Option<&'a [u8]> {
    let uri = uri.split_once('#').map_or(uri, |(before, _)| before);
    let (_, query) = uri.split_once('?')?;
    query.split('&').filter(|pair| !pair.is_empty() && !pair.contains(';')).find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let key = decoded(key, arena)?;
        if key == name.as_bytes() { decoded(value, arena) } else { None }
    })
}

fn decoded<'a>(text: &str, arena: &'a Bump) -> Option<&'a [u8]> {
    let mut bytes = text.bytes();
    let mut result = Vec::with_capacity_in(text.len(), arena);
    while let Some(byte) = bytes.next() {
        result.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = char::from(bytes.next()?).to_digit(16)?;
                let low = char::from(bytes.next()?).to_digit(16)?;
                (high << 4 | low) as u8
            }
            other => other,
        });
    }
    Some(result.into_bump_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_value_of_a_parameter_is_decoded() {
        let arena = Bump::new();
        let of = |uri, name| parameter(uri, name, &arena);
        assert_eq!(of("/exec?command=sh&command=ls", "command"), Some(&b"sh"[..]));
        assert_eq!(of("/exec?a=1&c%6fmmand=%2Fbin+x%00", "command"), Some(&b"/bin x\0"[..]));
        assert_eq!(of("/exec?stdin", "stdin"), Some(&b""[..]));
        assert_eq!(of("/exec?a=%zz&a=%4&a=2;3&a=4#&a=5", "a"), Some(&b"4"[..]));
        assert_eq!(of("/exec", "a"), None);
        assert_eq!(of("/exec#?a=1", "a"), None);
    }
}
