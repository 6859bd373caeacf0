//! The reader of TOML.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vigie_core::documents::toml;

fuzz_target!(|data: &[u8]| {
    let _ = toml::parse(data);
});
