//! Plain YAML scalars by the core schema of YAML 1.2.2, section 10.3.2.

use std::borrow::Cow;

use super::Value;

/// What a plain scalar means. `yes`, `no` and dates are text.
pub fn resolve(text: Cow<'_, str>) -> Value<'_> {
    match text.as_ref() {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Value::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Value::Float(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => return Value::Float(f64::NAN),
        _ => {}
    }
    match number(&text) {
        Some(value) => value,
        None => Value::Text(text),
    }
}

/// A number; `None` for text, and for numbers that neither 64 bits nor a finite float can hold.
fn number(text: &str) -> Option<Value<'static>> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if !digits(whole) || !digits(fraction) || whole.len() + fraction.len() == 0 {
        return None;
    }
    if let Some(exponent) = exponent {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if exponent.is_empty() || !digits(exponent) {
            return None;
        }
    } else if !mantissa.contains('.') {
        return text.parse().ok().map(Value::Int);
    }
    text.parse().ok().filter(|float: &f64| float.is_finite()).map(Value::Float)
}

fn radix(digits: &str, base: u32) -> Option<Value<'static>> {
    if digits.starts_with(['+', '-']) {
        return None;
    }
    i64::from_str_radix(digits, base).ok().map(Value::Int)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn core_schema() {
        let int = |number| Value::Int(number);
        let float = |number| Value::Float(number);
        for (text, value) in [
            ("", Value::Null),
            ("~", Value::Null),
            ("TRUE", Value::Bool(true)),
            ("12", int(12)),
            ("+12", int(12)),
            ("-012", int(-12)),
            ("0x1F", int(31)),
            ("0o17", int(15)),
            ("5.4", float(5.4)),
            ("-1.", float(-1.0)),
            (".5", float(0.5)),
            ("1e3", float(1000.0)),
            ("1.5E-1", float(0.15)),
            ("-.inf", float(f64::NEG_INFINITY)),
        ] {
            assert_eq!(resolve(text.into()), value, "{text}");
        }
        for text in [
            "yes",
            "no",
            "on",
            "nUll",
            "1.2.3",
            "1_000",
            "0b1",
            "-0x1",
            "0x",
            "0x-1",
            ".",
            "+",
            "-",
            "1e",
            "e1",
            "1e1.5",
            "2024-01-01",
            "1e999",
            "99999999999999999999",
            "infinity",
            "nan",
            "1:30",
            ".e1",
        ] {
            assert_eq!(resolve(text.into()), Value::Text(text.into()), "{text}");
        }
    }
}
