//! The reader of rpm databases, NDB.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vigie_core::rpm;

fuzz_target!(|data: &[u8]| {
    let mut file = data.to_vec();
    if file.len() > 8 {
        file[..8].copy_from_slice(b"RpmP\0\0\0\0");
    }
    let _ = rpm::read(&file.as_slice());
});
