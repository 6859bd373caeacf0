//! Conditions: what is read and printed is read as the same again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vigie_filter::syntax::ast::{Expr, Operand, Right, TransformerOperand};
use vigie_filter::syntax::{describe, expand, parse, print};

fn same(one: &Expr, other: &Expr) -> bool {
    match (one, other) {
        (Expr::And(ones), Expr::And(others)) | (Expr::Or(ones), Expr::Or(others)) => {
            ones.len() == others.len() && ones.iter().zip(others).all(|(one, other)| same(one, other))
        }
        (Expr::Not(one), Expr::Not(other)) => same(one, other),
        (Expr::Name(one, _), Expr::Name(other, _)) => one == other,
        (Expr::Check(one), Expr::Check(other)) => {
            one.operator == other.operator
                && one.modifier == other.modifier
                && same_operand(&one.left, &other.left)
                && match (&one.right, &other.right) {
                    (Right::Nothing, Right::Nothing) => true,
                    (Right::Value(one), Right::Value(other)) => one.bytes == other.bytes,
                    (Right::List(ones), Right::List(others)) => {
                        ones.iter().map(|one| &one.bytes).eq(others.iter().map(|other| &other.bytes))
                    }
                    (Right::Operand(one), Right::Operand(other)) => same_operand(one, other),
                    _ => false,
                }
        }
        _ => false,
    }
}

fn same_operand(one: &Operand, other: &Operand) -> bool {
    match (one, other) {
        (Operand::Field { name, argument, .. }, Operand::Field { name: other, argument: beside, .. }) => {
            name == other && argument == beside
        }
        (
            Operand::Transformer { name, operands, argument, .. },
            Operand::Transformer { name: other, operands: others, argument: beside, .. },
        ) => name == other && argument == beside && all_same(operands, others),
        _ => false,
    }
}

fn all_same(ones: &[TransformerOperand], others: &[TransformerOperand]) -> bool {
    ones.len() == others.len()
        && ones.iter().zip(others).all(|pair| match pair {
            (TransformerOperand::Operand(one), TransformerOperand::Operand(other)) => same_operand(one, other),
            (TransformerOperand::Literal(one), TransformerOperand::Literal(other)) => one.bytes == other.bytes,
            (TransformerOperand::List(ones), TransformerOperand::List(others)) => all_same(ones, others),
            _ => false,
        })
}

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let tree = match parse(text) {
        Ok(tree) => tree,
        Err(error) => {
            let before = &text.as_bytes()[..error.offset];
            assert_eq!(error.line, 1 + before.iter().filter(|byte| **byte == b'\n').count());
            assert_eq!(error.column, 1 + before.iter().rev().take_while(|byte| **byte != b'\n').count());
            return;
        }
    };
    let printed = print(&tree, 8 * text.len() + 64).expect("printing adds little");
    let again = parse(&printed).unwrap_or_else(|error| panic!("{printed}: {error}"));
    assert!(same(&tree, &again), "{printed}");
    assert_eq!(describe(&tree), describe(&again));
    let leaf = parse("a.b exists").expect("a condition");
    if let Ok(expanded) = expand(&tree, &|_| Some(leaf.clone())) {
        assert!(describe(&expanded).names.is_empty());
    }
});
