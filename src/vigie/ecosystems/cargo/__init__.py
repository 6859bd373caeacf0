"""crates.io: the packages of Rust."""
