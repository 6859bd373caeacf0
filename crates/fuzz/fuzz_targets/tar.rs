//! The tar reader alone. Checksums of headers are put right, or hardly any change would get past them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vigie_core::limits::ReadError;
use vigie_core::tar::{BLOCK, Source, Tar, clean_path};

struct Mended<'a> {
    data: &'a [u8],
    at: usize,
}

impl Source for Mended<'_> {
    fn position(&self) -> u64 {
        self.at as u64
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ReadError> {
        let count = buffer.len().min(self.data.len() - self.at);
        buffer[..count].copy_from_slice(&self.data[self.at..self.at + count]);
        self.at += count;
        if count == BLOCK && buffer.iter().any(|byte| *byte != 0) {
            buffer[148..156].fill(b' ');
            let sum: u32 = buffer.iter().map(|byte| u32::from(*byte)).sum();
            buffer[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
        Ok(count)
    }

    fn skip(&mut self, count: u64) -> Result<u64, ReadError> {
        let count = count.min((self.data.len() - self.at) as u64);
        self.at += count as usize;
        Ok(count)
    }
}

fuzz_target!(|data: &[u8]| {
    let mut tar = Tar::new(Mended { data, at: 0 });
    let mut path = String::new();
    let mut buffer = [0; 700];
    while let Ok(true) = tar.next_entry() {
        if clean_path(&tar.entry.name, &mut path) {
            assert!(!path.starts_with('/') && path.split('/').all(|part| part != ".."), "{path:?} leaves the root");
        }
        while let Ok(1..) = tar.read(&mut buffer) {}
    }
});
