//! TOML 1.1.

use std::borrow::Cow;

use toml::de::{DeTable, DeValue};

use super::{Dict, Error, MOST_VALUES, Value, line_of, text_of};

/// Parses one document. Dates and times become text; integers beyond 128 bits are refused. The parser behind bounds the depth.
pub fn parse(data: &[u8]) -> Result<Value<'_>, Error> {
    let text = text_of(data)?;
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        Error::new(error.message(), line_of(text.as_bytes().get(..at).unwrap_or_default()))
    })?;
    let mut values = 0;
    dict(table.into_inner(), &mut values)
}

fn dict<'a>(table: DeTable<'a>, values: &mut usize) -> Result<Value<'a>, Error> {
    let mut entries = Vec::with_capacity(table.len());
    for (key, item) in table {
        entries.push((Value::Text(key.into_inner()), value(item.into_inner(), values)?));
    }
    Ok(Value::Dict(Box::new(Dict { entries, first_line: 0, last_line: 0 })))
}

fn value<'a>(value_read: DeValue<'a>, values: &mut usize) -> Result<Value<'a>, Error> {
    *values += 1;
    if *values > MOST_VALUES {
        return Err(Error::new("too many values", 1));
    }
    Ok(match value_read {
        DeValue::String(text) => Value::Text(text),
        DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(number) => Value::Int(number),
            Err(_) => match i128::from_str_radix(integer.as_str(), integer.radix()) {
                Ok(number) => Value::BigInt(Cow::Owned(number.to_string())),
                Err(_) => return Err(Error::new("an integer with too many digits", 1)),
            },
        },
        DeValue::Float(float) => match float.as_str().parse() {
            Ok(number) => Value::Float(number),
            Err(_) => return Err(Error::new("an unreadable number", 1)),
        },
        DeValue::Boolean(truth) => Value::Bool(truth),
        DeValue::Datetime(date) => Value::Text(Cow::Owned(date.to_string())),
        DeValue::Array(array) => {
            let mut items = Vec::with_capacity(array.len());
            for item in array {
                items.push(value(item.into_inner(), values)?);
            }
            Value::List(items)
        }
        DeValue::Table(table) => dict(table, values)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get<'v, 'a>(value: &'v Value<'a>, key: &str) -> &'v Value<'a> {
        let Value::Dict(dict) = value else { panic!("no table") };
        let found = dict.entries.iter().find(|(name, _)| *name == Value::Text(key.into()));
        &found.unwrap_or_else(|| panic!("no {key}")).1
    }

    #[test]
    fn values_of_every_kind() {
        let text =
            b"a = 1\nb = 1.5\nc = 'x'\nd = 2024-01-02T03:04:05Z\ne = [true, {f = 0x10}]\ng = 9223372036854775808\n\
            h = -inf\n[t.u]\nv.w = 1_000\n[[list]]\n[[list]]\nn = 2\n";
        let value = parse(text).unwrap();
        assert_eq!(*get(&value, "a"), Value::Int(1));
        assert_eq!(*get(&value, "b"), Value::Float(1.5));
        assert_eq!(*get(&value, "c"), Value::Text("x".into()));
        assert_eq!(*get(&value, "d"), Value::Text("2024-01-02T03:04:05Z".into()));
        assert_eq!(*get(&value, "g"), Value::BigInt("9223372036854775808".into()));
        assert_eq!(*get(&value, "h"), Value::Float(f64::NEG_INFINITY));
        assert_eq!(*get(get(get(get(&value, "t"), "u"), "v"), "w"), Value::Int(1000));
        let Value::List(items) = get(&value, "e") else { panic!("no list") };
        assert_eq!(*get(&items[1], "f"), Value::Int(16));
        let Value::List(items) = get(&value, "list") else { panic!("no list") };
        assert_eq!(items.len(), 2);
    }

    #[test]
    fn refusals_say_the_line() {
        assert_eq!(parse(b"a = 1\nb = \n").unwrap_err().line, 2);
        assert_eq!(parse(b"a = 1\n\na = 2\n").unwrap_err().line, 3);
        assert_eq!(parse(b"a = '\xff'").unwrap_err(), Error::new("invalid UTF-8", 1));
        let deep = format!("a = {}", "[".repeat(100_000));
        assert!(parse(deep.as_bytes()).is_err());
        assert!(parse(format!("a = {}", "9".repeat(60)).as_bytes()).is_err());
    }
}
