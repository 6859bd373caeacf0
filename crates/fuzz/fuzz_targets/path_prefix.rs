//! `pmatch` beside a naive implementation: a value, then paths, one a line.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vigie_filter::operators::{Glob, PathPrefixes};

fn parts(path: &[u8]) -> Vec<&[u8]> {
    path.split(|byte| *byte == b'/').filter(|part| !part.is_empty()).collect()
}

/// Whether one of the paths covers the first parts of the value; of the globs only the first that matches is followed.
fn naive(paths: &[&[&[u8]]], value: &[&[u8]]) -> bool {
    if paths.iter().any(|path| path.is_empty()) {
        return true;
    }
    let Some((part, below)) = value.split_first() else { return false };
    let is_glob = |part: &[u8]| part.iter().any(|byte| b"?*[".contains(byte));
    let follow = |head: &[u8]| -> bool {
        let tails: Vec<&[&[u8]]> = paths.iter().filter(|path| path[0] == head).map(|path| &path[1..]).collect();
        naive(&tails, below)
    };
    let plain = !is_glob(part) && follow(part);
    let first = paths.iter().map(|path| path[0]).find(|head| is_glob(head) && Glob::new(head, false).matches(part));
    plain || first.is_some_and(follow)
}

fuzz_target!(|data: &[u8]| {
    let mut lines = data.split(|byte| *byte == b'\n').take(40).map(|line| &line[..line.len().min(60)]);
    let value = lines.next().unwrap_or_default();
    let paths: Vec<&[u8]> = lines.collect();
    let split: Vec<Vec<&[u8]>> = paths.iter().map(|path| parts(path)).collect();
    let slices: Vec<&[&[u8]]> = split.iter().map(|path| &path[..]).collect();
    assert_eq!(PathPrefixes::new(&paths).matches(value), naive(&slices, &parts(value)));
});
