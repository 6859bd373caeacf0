//! The readers of YAML and JSON with positions.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vigie_core::documents::nodes;

fuzz_target!(|data: &[u8]| {
    let _ = nodes::yaml(data, 10_000);
    let _ = nodes::json(data, 10_000);
});
