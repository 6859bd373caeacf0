//! The fields of this class. (Being written.)

use vigie_filter::{Bump, Field, Value, View};

use crate::Current;
use crate::table::fields;

fields! {}

pub(crate) fn value<'a>(current: &'a Current<'_>, number: u8, field: &Field, view: View, arena: &'a Bump) -> Value<'a> {
    let _ = (current, which(number), field, view, arena);
    Value::Missing
}
