//! The reader of ZIP archives.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vigie_core::archive;

fuzz_target!(|data: &[u8]| {
    let limits =
        archive::Limits { entries: 1000, archive: 1 << 20, file: 1 << 20, held: 4 << 20, total: 16 << 20, depth: 4 };
    let read = archive::read(&data, "a.jar", limits);
    let kept: usize = read.files.iter().map(|(_, bytes)| bytes.len()).sum();
    assert!(kept <= 4 << 20, "{kept} bytes are kept");
});
