//! The language's rules, one by one, against the compiled program and the reference.

use crate::program::{Builder, Evaluator};
use crate::sample::{Given, Sample, bound};
use crate::{Bump, reference};

/// What a condition gives, by program and by reference.
fn holds(condition: &str, sample: &Sample) -> bool {
    let condition = bound(condition);
    let arena = Bump::new();
    let expected = reference::matches(&condition, sample, &arena);
    let mut builder = Builder::new();
    let id = builder.add(&condition);
    let mut program = builder.finish();
    let root = program.root(id);
    let mut evaluator = Evaluator::new(&program);
    evaluator.begin();
    let result = evaluator.test(&program, root, sample, &arena);
    assert_eq!(result, expected, "program and reference differ");
    result
}

fn check(sample: &Sample, met: &[&str], unmet: &[&str]) {
    for condition in met {
        assert!(holds(condition, sample), "unmet: {condition}");
    }
    for condition in unmet {
        assert!(!holds(condition, sample), "met: {condition}");
    }
}

#[test]
fn text_is_compared_byte_by_byte() {
    let sample = Sample::new([("proc.name", Given::text("Bash"))]);
    check(
        &sample,
        &["proc.name = Bash", "proc.name == Bash", "proc.name != bash", "proc.name > 5", "proc.name >= 5"],
        &["proc.name = bash", "proc.name != Bash", "proc.name < 5", "proc.name <= 5"],
    );
}

#[test]
fn what_is_missing_compares_with_nothing() {
    let sample = Sample::default();
    check(
        &sample,
        &["not proc.name = a", "not proc.name exists", "not (proc.name = a or proc.name != a)"],
        &["proc.name = a", "proc.name != a", "proc.name exists", "proc.name in (a)", "proc.name startswith ''"],
    );
}
