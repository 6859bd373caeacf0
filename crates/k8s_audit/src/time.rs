//! Times as the API server writes them.

/// Nanoseconds since the epoch of an RFC 3339 time such as `2024-05-01T10:00:00.123456Z` or `…+02:00`. `None` for
/// anything else, for times before 1970 and for what 64 bits cannot hold. Digits beyond the ninth are cut off.
pub fn nanoseconds(text: &str) -> Option<u64> {
    let bytes = text.as_bytes();
    let (year, month, day) = (number(bytes, 0, 4)?, number(bytes, 5, 2)?, number(bytes, 8, 2)?);
    let (hour, minute, second) = (number(bytes, 11, 2)?, number(bytes, 14, 2)?, number(bytes, 17, 2)?);
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if marks.iter().any(|&(at, mark)| bytes.get(at) != Some(&mark)) {
        return None;
    }
    if !(1..=12).contains(&month) || !(1..=days(year, month)).contains(&day) || hour > 23 || minute > 59 || second > 59
    {
        return None;
    }
    let (fraction, zone) = fraction(bytes.get(19..)?)?;
    let seconds = days_since_epoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset(zone)?;
    u64::try_from(seconds).ok()?.checked_mul(1_000_000_000)?.checked_add(fraction)
}

fn number(bytes: &[u8], at: usize, length: usize) -> Option<i64> {
    let digits = bytes.get(at..at + length)?;
    digits.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')))
}

/// The nanoseconds of a fraction of a second, if there is one, and what follows.
fn fraction(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let Some(rest) = bytes.strip_prefix(b".") else { return Some((0, bytes)) };
    let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let digits = (0..9).map(|at| if at < length { u64::from(rest[at] - b'0') } else { 0 });
    (length > 0).then(|| (digits.fold(0, |sum, digit| sum * 10 + digit), &rest[length..]))
}

/// Seconds east of UTC.
fn offset(zone: &[u8]) -> Option<i64> {
    let sign = match zone {
        b"Z" => return Some(0),
        [b'+', _, _, b':', _, _] => 1,
        [b'-', _, _, b':', _, _] => -1,
        _ => return None,
    };
    let (hours, minutes) = (number(zone, 1, 2)?, number(zone, 4, 2)?);
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

fn days(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Of the proleptic Gregorian calendar, counted in eras of 400 years from the first of March of the year 0.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::nanoseconds;

    #[test]
    fn times_are_read() {
        // Seconds by `date -u -d … +%s`.
        let known = [
            ("1970-01-01T00:00:00Z", 0),
            ("2024-02-29T12:34:56.123456Z", 1_709_210_096_123_456_000),
            ("2000-03-01T00:00:00+02:00", 951_861_600_000_000_000),
            ("2100-12-31T23:59:59.999999999-00:30", 4_133_982_599_999_999_999),
            ("2018-10-20T00:18:28.9999999999Z", 1_539_994_708_999_999_999),
        ];
        for (text, time) in known {
            assert_eq!(nanoseconds(text), Some(time), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        let wrong = [
            "",
            "2024",
            "2024-02-30T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "2024-13-01T00:00:00Z",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:00:60Z",
            "2024-01-01 00:00:00Z",
            "2024-01-01T00:00:00",
            "2024-01-01T00:00:00.Z",
            "2024-01-01T00:00:00+0200",
            "2024-01-01T00:00:00+24:00",
            "1969-12-31T23:59:59Z",
            "2024-01-01T00:00:00Zz",
            "9999-12-31T23:59:59Z",
            "２024-01-01T00:00:00Z",
        ];
        for text in wrong {
            assert_eq!(nanoseconds(text), None, "{text}");
        }
    }
}
