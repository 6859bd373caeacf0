//! What a condition uses.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use super::ast::{Expr, Operand, Right, TransformerName, TransformerOperand};
use super::print::print_field;

/// The names in a condition, each once, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// Macros that are still names.
    pub names: BTreeSet<String>,
    /// As printed, with arguments: of both sides and inside transformers.
    pub fields: BTreeSet<String>,
    pub operators: BTreeSet<&'static str>,
    /// `val` too.
    pub transformers: BTreeSet<&'static str>,
    /// What `evt.type` and `syscall.type` are compared with.
    pub events: BTreeSet<String>,
}

/// What a condition uses. Parts that a tree holds more than once are looked at once.
pub fn describe(expr: &Expr) -> Description {
    let mut description = Description::default();
    let mut seen: FxHashSet<*const Expr> = FxHashSet::default();
    let mut waiting = vec![expr];
    while let Some(expr) = waiting.pop() {
        if !seen.insert(std::ptr::from_ref(expr)) {
            continue;
        }
        match expr {
            Expr::And(parts) | Expr::Or(parts) => waiting.extend(parts.iter().map(|part| &**part)),
            Expr::Not(inner) => waiting.push(inner),
            Expr::Name(name, _) => {
                description.names.insert(name.clone());
            }
            Expr::Check(check) => {
                description.operators.insert(check.operator.text());
                description.operand(&check.left);
                if let Right::Operand(operand) = &check.right {
                    description.operand(operand);
                }
                let compares_events =
                    matches!(&check.left, Operand::Field { name, .. } if name == "evt.type" || name == "syscall.type");
                let values = match &check.right {
                    Right::Value(value) => std::slice::from_ref(value),
                    Right::List(values) => values,
                    _ => &[],
                };
                if compares_events {
                    let texts = values.iter().map(|value| String::from_utf8_lossy(&value.bytes).into_owned());
                    description.events.extend(texts);
                }
            }
        }
    }
    description
}

impl Description {
    fn operand(&mut self, operand: &Operand) {
        let mut waiting = vec![operand];
        let mut lists: Vec<&[TransformerOperand]> = Vec::new();
        while let Some(operand) = waiting.pop() {
            match operand {
                Operand::Field { name, argument, .. } => {
                    let mut text = String::new();
                    print_field(name, argument.as_deref(), &mut text);
                    self.fields.insert(text);
                }
                Operand::Transformer { name, operands, .. } => {
                    self.transformers.insert(TransformerName::text(*name));
                    lists.push(operands);
                }
            }
            while let Some(list) = lists.pop() {
                for inner in list {
                    match inner {
                        TransformerOperand::Operand(operand) => waiting.push(operand),
                        TransformerOperand::List(items) => lists.push(items),
                        TransformerOperand::Literal(_) => {}
                    }
                }
            }
        }
    }
}
