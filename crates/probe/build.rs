//! Compiles the eBPF programs with a pinned clang: that of the `ziglang` package of the build's Python, which is small to
//! install, the same everywhere, and makes objects that the verifier takes. `BPF_CLANG` names another one.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

const FLAGS: [&str; 8] =
    ["-mcpu=v3", "-O2", "-g", "-fno-asynchronous-unwind-tables", "-Wall", "-Werror", "-Wno-unused-function", "-c"];

/// Sources and their objects.
const PROGRAMS: [(&str, &str); 2] = [("probe.bpf.c", "probe.o"), ("iterators.bpf.c", "iterators.o")];

fn main() {
    println!("cargo::rerun-if-changed=bpf");
    for name in ["BPF_CLANG", "PYO3_PYTHON", "VIRTUAL_ENV"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    let out = PathBuf::from(env::var("OUT_DIR").unwrap_or_default());
    let target = match env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default().as_str() {
        "aarch64" => "-DTARGET_ARM64",
        "x86_64" => "-DTARGET_X86",
        other => panic!("the probe knows x86_64 and aarch64, not {other}"),
    };
    for (source, object) in PROGRAMS {
        let mut compiler = compiler();
        compiler.args(FLAGS).args([source, target]).arg("-o").arg(out.join(object)).current_dir("bpf");
        // The compiler's own cache belongs to the build, not to the home folder.
        compiler.env("ZIG_GLOBAL_CACHE_DIR", out.join("zig")).env("ZIG_LOCAL_CACHE_DIR", out.join("zig"));
        let done = compiler.output().unwrap_or_else(|error| panic!("{compiler:?} could not be run: {error}"));
        assert!(done.status.success(), "{compiler:?} failed:\n{}", String::from_utf8_lossy(&done.stderr));
    }
}

fn compiler() -> Command {
    if let Some(clang) = env::var_os("BPF_CLANG") {
        let mut command = Command::new(clang);
        command.args(["-target", "bpfel"]);
        return command;
    }
    let Some(python) = pythons().into_iter().find(|python| has_ziglang(python)) else {
        panic!(
            "the probe is compiled by the ziglang package: pip install ziglang==0.17.1, or name a clang (19 or newer) in BPF_CLANG"
        );
    };
    let mut command = Command::new(python);
    command.args(["-m", "ziglang", "cc", "-target", "bpfel-freestanding-none"]);
    command
}

/// Where the build environment's Python may be: named by the build back end, an active environment, the checkout's own.
fn pythons() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        ["PYO3_PYTHON", "PYTHON_SYS_EXECUTABLE"].into_iter().filter_map(env::var_os).map(PathBuf::from).collect();
    found.extend(env::var_os("VIRTUAL_ENV").map(|folder| Path::new(&folder).join("bin/python")));
    found.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.venv/bin/python"));
    found.push(PathBuf::from("python3"));
    found
}

fn has_ziglang(python: &Path) -> bool {
    Command::new(python).args(["-c", "import ziglang"]).output().is_ok_and(|done| done.status.success())
}
