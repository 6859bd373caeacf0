//! The reader of executables.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vigie_core::executable;

fuzz_target!(|data: &[u8]| {
    let _ = executable::read(&data);
});
