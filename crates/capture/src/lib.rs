//! The `.scap` capture format: `Reader` is a source of events, `Writer` records.
