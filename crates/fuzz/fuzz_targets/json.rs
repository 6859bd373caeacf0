//! The reader of JSON.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vigie_core::documents::json;

fuzz_target!(|data: &[u8]| {
    let lines = 1 + data.iter().filter(|byte| **byte == b'\n').count();
    if let Err(error) = json::parse(data, 500) {
        assert!((1..=lines).contains(&error.line), "line {} of {lines}", error.line);
    }
});
