//! The files inside archives of every format, in one another.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vigie_core::content::members;

fuzz_target!(|data: &[u8]| {
    let mut bytes = 0;
    let problems = members("a.gz", &data, 3, &mut |path, _, reader| {
        assert!(!path.starts_with('/') && path.split('/').all(|part| part != ".."), "{path:?} leaves its root");
        assert!(!path.contains(char::is_control), "{path:?} moves the cursor");
        bytes += std::io::copy(reader, &mut std::io::sink()).unwrap_or(u64::MAX);
    });
    // What is stored is not counted, but it is there.
    assert!(bytes <= (64 << 20) + 3 * data.len() as u64, "{bytes} bytes");
    assert!(problems.len() <= 52, "{} problems", problems.len());
});
