//! The reader of bbolt files, behind a root whose checksum is right.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vigie_core::bolt::Tree;

const PAGE: usize = 1024;

fn root(number: u64) -> Vec<u8> {
    let mut meta = Vec::new();
    for field in [0xed0c_daed_u32, 2, PAGE as u32, 0] {
        meta.extend(field.to_le_bytes());
    }
    for field in [number, 0, 2, 100, 1] {
        meta.extend(field.to_le_bytes());
    }
    let sum = meta
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    meta.extend(sum.to_le_bytes());
    meta
}

fuzz_target!(|data: &[u8]| {
    let Some((first, _)) = data.split_first() else { return };
    let mut file = data.to_vec();
    file.resize(file.len().max(2 * PAGE), 0);
    let meta = root(u64::from(*first) % 64);
    file[16..16 + meta.len()].copy_from_slice(&meta);
    file[PAGE..PAGE + 100].fill(0);
    let tree = Tree::new(&file).expect("the root is right");
    let top: [&[u8]; 0] = [];
    let Ok(names) = tree.buckets(&top, b"") else { return };
    for name in names.into_iter().take(8) {
        let _ = tree.buckets(&[name], b"key");
        let Ok(items) = tree.items(&[name]) else { continue };
        for (key, _) in items.into_iter().take(8) {
            let _ = tree.get(&[name], key);
            let _ = tree.get(&[name, key], b"d");
        }
    }
});
