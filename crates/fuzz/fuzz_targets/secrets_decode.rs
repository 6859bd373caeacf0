//! Texts written in base64 or with percent signs, what can be read of a file that is no text, and the parts of an
//! executable worth reading: places are inside, nothing is decoded twice but where pieces overlap.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vigie_core::content::{decoded, keep_printable, readable_sections};

fuzz_target!(|data: &[u8]| {
    let (mut how, mut reached, mut bytes) = ("base64", 0, 0);
    decoded(data, &mut |part| {
        if part.how != how {
            assert_eq!((how, part.how), ("base64", "percent"));
            (how, reached) = (part.how, 0);
        }
        assert!(part.start >= reached && part.start < part.end && part.end <= data.len());
        reached = part.end;
        // UTF-16 that nothing else can say may grow: two bytes are three then.
        assert!(!part.text.is_empty() && part.text.len() <= 2 * (part.end - part.start));
        bytes += part.text.len();
    });
    assert!(bytes <= 4 * data.len());

    let mut kept = data.to_vec();
    keep_printable(&mut kept);
    for (kept, given) in kept.iter().zip(data) {
        assert!(kept == given && matches!(given, b' '..=b'~' | b'\t' | b'\n') || *kept == b'\n');
    }

    let mut last = 0;
    for (start, end) in readable_sections(&data).unwrap_or_default() {
        assert!(start >= last && start < end && end <= data.len() as u64);
        last = end;
    }
});
