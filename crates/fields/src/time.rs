//! Times as text.

use vigie_filter::Bump;

use crate::text::Text;

const SECOND: u64 = 1_000_000_000;
const DAY: i64 = 86_400;

/// Seconds since the epoch, local by the offset given.
fn local(ts: u64, utc_offset: i32) -> i64 {
    (ts / SECOND) as i64 + i64::from(utc_offset)
}

/// `HH:MM:SS`.
fn clock(seconds: i64, text: &mut Text<'_>) {
    let second = seconds.rem_euclid(DAY).unsigned_abs();
    text.padded(second / 3600, 2).push(b':').padded(second / 60 % 60, 2).push(b':').padded(second % 60, 2);
}

fn fraction(ts: u64, text: &mut Text<'_>) {
    text.push(b'.').padded(ts % SECOND, 9);
}

/// `YYYY-MM-DD` of the proleptic Gregorian calendar; from days to a civil date by eras of 400 years.
fn date(seconds: i64, text: &mut Text<'_>) {
    let days = seconds.div_euclid(DAY) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    text.padded(year.unsigned_abs(), 4)
        .push(b'-')
        .padded(month.unsigned_abs(), 2)
        .push(b'-')
        .padded(day.unsigned_abs(), 2);
}

/// `HH:MM:SS.nnnnnnnnn`, or without the fraction.
pub(crate) fn of_day(ts: u64, utc_offset: i32, with_fraction: bool, arena: &Bump) -> &[u8] {
    let mut text = Text::new(arena);
    clock(local(ts, utc_offset), &mut text);
    if with_fraction {
        fraction(ts, &mut text);
    }
    text.done()
}

/// `YYYY-MM-DD HH:MM:SS`.
pub(crate) fn date_and_second(ts: u64, utc_offset: i32, arena: &Bump) -> &[u8] {
    let mut text = Text::new(arena);
    let seconds = local(ts, utc_offset);
    date(seconds, &mut text);
    text.push(b' ');
    clock(seconds, &mut text);
    text.done()
}

/// `YYYY-MM-DD HH:MM:SS.nnnnnnnnn`.
pub(crate) fn date_and_time(ts: u64, utc_offset: i32, arena: &Bump) -> &[u8] {
    let mut text = Text::new(arena);
    let seconds = local(ts, utc_offset);
    date(seconds, &mut text);
    text.push(b' ');
    clock(seconds, &mut text);
    fraction(ts, &mut text);
    text.done()
}

/// `YYYY-MM-DDTHH:MM:SS.nnnnnnnnn+0000`, in UTC.
pub(crate) fn iso8601(ts: u64, arena: &Bump) -> &[u8] {
    let mut text = Text::new(arena);
    let seconds = local(ts, 0);
    date(seconds, &mut text);
    text.push(b'T');
    clock(seconds, &mut text);
    fraction(ts, &mut text);
    text.bytes(b"+0000");
    text.done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_several_days() {
        let arena = Bump::new();
        let of = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        // 2026-11-21T20:10:20.371916589Z, from an alert of the peer.
        let ts = 1_795_291_820_371_916_589;
        assert_eq!(of(iso8601(ts, &arena)), "2026-11-21T20:10:20.371916589+0000");
        assert_eq!(of(of_day(ts, 0, true, &arena)), "20:10:20.371916589");
        assert_eq!(of(of_day(ts, 5 * 3600 + 1800, false, &arena)), "01:40:20");
        assert_eq!(of(date_and_time(ts, 5 * 3600 + 1800, &arena)), "2026-11-22 01:40:20.371916589");
        assert_eq!(of(date_and_second(0, -3600, &arena)), "1969-12-31 23:00:00");
        assert_eq!(of(date_and_second(951_782_400 * SECOND, 0, &arena)), "2000-02-29 00:00:00");
        assert_eq!(of(iso8601(u64::MAX, &arena)), "2554-07-21T23:34:33.709551615+0000");
    }
}
