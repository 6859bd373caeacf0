//! Times of the event.

use vigie_filter::{Bump, Field, Value, View};

use super::Which;
use crate::{Current, time};

const SECOND: u64 = 1_000_000_000;

pub(super) fn value<'a>(current: &Current<'a>, which: Which, field: &Field, view: View, arena: &'a Bump) -> Value<'a> {
    let (ts, offset) = (current.event.ts, current.settings.utc_offset);
    let since_first = match current.host.first_ts {
        0 => 0,
        first => ts.saturating_sub(first),
    };
    match which {
        Which::Rawtime => Value::Uint(ts),
        Which::RawtimeS => Value::Uint(ts / SECOND),
        Which::RawtimeNs => Value::Uint(ts % SECOND),
        Which::Reltime => Value::Uint(since_first),
        Which::ReltimeS => Value::Uint(since_first / SECOND),
        Which::ReltimeNs => Value::Uint(since_first % SECOND),
        Which::Deltatime => Value::Uint(since_last(current, field, view)),
        Which::DeltatimeS => Value::Uint(since_last(current, field, view) / SECOND),
        Which::DeltatimeNs => Value::Uint(since_last(current, field, view) % SECOND),
        _ if view == View::Json => Value::Uint(ts),
        Which::TimeS => Value::Text(time::of_day(ts, offset, false, arena)),
        Which::TimeIso8601 => Value::Text(time::iso8601(ts, arena)),
        Which::Datetime => Value::Text(time::date_and_time(ts, offset, arena)),
        Which::DatetimeS => Value::Text(time::date_and_second(ts, offset, arena)),
        _ => Value::Text(time::of_day(ts, offset, true, arena)),
    }
}

/// Since this instance of the field was last evaluated. JSON always has 0: the peer evaluates it there twice.
fn since_last(current: &Current<'_>, field: &Field, view: View) -> u64 {
    let mut seen = current.memory.last_seen.borrow_mut();
    let instance = field.instance as usize;
    if seen.len() <= instance {
        seen.resize(instance + 1, 0);
    }
    let last = std::mem::replace(&mut seen[instance], current.event.ts);
    if last == 0 || view == View::Json { 0 } else { current.event.ts.saturating_sub(last) }
}
