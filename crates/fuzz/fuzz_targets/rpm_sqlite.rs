//! The reader of rpm databases, SQLite.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vigie_core::rpm;

fuzz_target!(|data: &[u8]| {
    let mut file = data.to_vec();
    if file.len() > 16 {
        file[..16].copy_from_slice(b"SQLite format 3\0");
    }
    let _ = rpm::read(&file.as_slice());
});
