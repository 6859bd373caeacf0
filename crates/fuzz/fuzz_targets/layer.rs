//! A layer as it comes: plain, gzip or zstd, with every reader of formats asked for.

#![no_main]

use std::fs::File;
use std::io::{Seek, Write};
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex};

use libfuzzer_sys::fuzz_target;
use vigie_core::layer::LayerReader;
use vigie_core::limits::Limits;
use vigie_core::selection::{Kind, Rule, Selection};

static SELECTION: LazyLock<Arc<Selection>> = LazyLock::new(|| {
    let rule = |glob: &str, kind| Rule { globs: vec![glob.to_owned()], expressions: Vec::new(), kind };
    let rules = [
        rule("**/*", Kind::Bytes),
        rule("**", Kind::Executable),
        rule("**/*.jar", Kind::Archive),
        rule("**/Packages", Kind::Rpm),
    ];
    Arc::new(Selection::new(&rules, &[], &["skipped".to_owned()]).expect("the rules are right"))
});

static FILE: LazyLock<Mutex<(File, PathBuf)>> = LazyLock::new(|| {
    let path = std::env::temp_dir().join(format!("vigie-fuzz-{}", std::process::id()));
    Mutex::new((File::create(&path).expect("a file can be made"), path))
});

fuzz_target!(|data: &[u8]| {
    let mut place = FILE.lock().expect("one thread");
    let (file, path) = &mut *place;
    file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(data)).expect("the file can be written");
    let limits = Limits::new(1 << 20, 64 << 20, 10_000, 15.0);
    if let Ok(mut reader) = LayerReader::open(path, Arc::clone(&SELECTION), &limits, 0, None) {
        let _ = reader.finish();
    }
});
