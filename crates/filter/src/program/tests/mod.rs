mod differential;
mod language;
mod proofs;
mod sharing;

use crate::program::{Builder, ConditionId, Program};
use crate::sample::bound;

/// Conditions as one program.
fn program(conditions: &[&str]) -> (Program, Vec<ConditionId>) {
    let mut builder = Builder::new();
    let ids = conditions.iter().map(|condition| builder.add(&bound(condition))).collect();
    (builder.finish(), ids)
}
