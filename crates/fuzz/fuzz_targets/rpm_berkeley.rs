//! The reader of rpm databases, Berkeley DB.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vigie_core::rpm;

fuzz_target!(|data: &[u8]| {
    let mut file = data.to_vec();
    if file.len() > 26 {
        let big_endian = file[12] == 0;
        let magic = 0x0006_1561_u32;
        file[12..16].copy_from_slice(&if big_endian { magic.to_be_bytes() } else { magic.to_le_bytes() });
        file[24..26].copy_from_slice(&[0, 8]);
    }
    let _ = rpm::read(&file.as_slice());
});
