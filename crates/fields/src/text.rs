//! Text built in the arena of an event.

use std::fmt;
use std::net::IpAddr;

use bumpalo::collections::Vec;
use vigie_filter::Bump;

/// Text while it is put together.
pub(crate) struct Text<'a>(Vec<'a, u8>);

impl<'a> Text<'a> {
    pub fn new(arena: &'a Bump) -> Text<'a> {
        Text(Vec::new_in(arena))
    }

    pub fn push(&mut self, byte: u8) -> &mut Self {
        self.0.push(byte);
        self
    }

    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice_copy(bytes);
        self
    }

    pub fn unsigned(&mut self, number: u64) -> &mut Self {
        let mut digits = [0u8; 20];
        let mut start = digits.len();
        let mut left = number;
        loop {
            start -= 1;
            digits[start] = b'0' + (left % 10) as u8;
            left /= 10;
            if left == 0 {
                break;
            }
        }
        self.bytes(&digits[start..])
    }

    pub fn signed(&mut self, number: i64) -> &mut Self {
        if number < 0 {
            self.push(b'-');
        }
        self.unsigned(number.unsigned_abs())
    }

    /// At least `width` digits, zeros in front.
    pub fn padded(&mut self, number: u64, width: u32) -> &mut Self {
        let mut bound = 10u64.saturating_pow(width.saturating_sub(1));
        while bound > 1 && number < bound {
            self.push(b'0');
            bound /= 10;
        }
        self.unsigned(number)
    }

    pub fn ip(&mut self, ip: IpAddr) -> &mut Self {
        match ip {
            IpAddr::V4(ip) => {
                let [a, b, c, d] = ip.octets();
                self.unsigned(a.into()).push(b'.').unsigned(b.into()).push(b'.');
                self.unsigned(c.into()).push(b'.').unsigned(d.into())
            }
            IpAddr::V6(ip) => self.show(format_args!("{ip}")),
        }
    }

    pub fn show(&mut self, arguments: fmt::Arguments<'_>) -> &mut Self {
        // Writing to memory does not fail.
        let _ = fmt::Write::write_fmt(self, arguments);
        self
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn truncate(&mut self, length: usize) -> &mut Self {
        self.0.truncate(length);
        self
    }

    pub fn done(self) -> &'a [u8] {
        self.0.into_bump_slice()
    }
}

impl fmt::Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.bytes(text.as_bytes());
        Ok(())
    }
}

/// The text of a number.
pub(crate) fn signed(number: i64, arena: &Bump) -> &[u8] {
    let mut text = Text::new(arena);
    text.signed(number);
    text.done()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(build: impl for<'t, 'a> Fn(&'t mut Text<'a>) -> &'t mut Text<'a>) -> String {
        let arena = Bump::new();
        let mut text = Text::new(&arena);
        build(&mut text);
        String::from_utf8_lossy(text.done()).into_owned()
    }

    #[test]
    fn numbers() {
        assert_eq!(
            of(|text| text.signed(i64::MIN).push(b' ').unsigned(u64::MAX).bytes(b" ").unsigned(0)),
            "-9223372036854775808 18446744073709551615 0"
        );
        assert_eq!(of(|text| text.padded(7, 9)), "000000007");
        assert_eq!(of(|text| text.padded(0, 2)), "00");
        assert_eq!(of(|text| text.padded(1_234_567_890, 9)), "1234567890");
    }

    #[test]
    fn addresses() {
        assert_eq!(of(|text| text.ip("10.0.200.1".parse().unwrap())), "10.0.200.1");
        assert_eq!(of(|text| text.ip("2001:db8:0:0::1".parse().unwrap())), "2001:db8::1");
    }
}
