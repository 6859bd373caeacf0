//! The reader of YAML.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vigie_core::documents::yaml::{self, Scalars};

fuzz_target!(|data: &[u8]| {
    let _ = yaml::parse(data, 10_000, Scalars::Core);
});
