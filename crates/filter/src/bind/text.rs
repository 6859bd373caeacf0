//! A comparison as text, for people.

use crate::syntax::ast::{Check, Operand, Right, TransformerOperand};

pub(super) fn of_check(check: &Check) -> String {
    let mut text = of_operand(&check.left);
    text.push(' ');
    text.push_str(check.operator.text());
    if let Some(modifier) = check.modifier {
        text.push(' ');
        text.push_str(modifier.text());
    }
    match &check.right {
        Right::Nothing => {}
        Right::Value(literal) => {
            text.push(' ');
            quote(&literal.bytes, &mut text);
        }
        Right::List(literals) => {
            text.push_str(" (");
            for (index, literal) in literals.iter().enumerate() {
                if index > 0 {
                    text.push_str(", ");
                }
                quote(&literal.bytes, &mut text);
            }
            text.push(')');
        }
        Right::Operand(operand) => {
            text.push(' ');
            push_operand(operand, &mut text);
        }
    }
    text
}

pub(super) fn of_operand(operand: &Operand) -> String {
    let mut text = String::new();
    push_operand(operand, &mut text);
    text
}

fn push_operand(operand: &Operand, text: &mut String) {
    let argument = match operand {
        Operand::Field { name, argument, .. } => {
            text.push_str(name);
            argument
        }
        Operand::Transformer { name, operands, argument, .. } => {
            text.push_str(name.text());
            push_list(operands, text);
            argument
        }
    };
    if let Some(argument) = argument {
        text.push('[');
        text.push_str(argument);
        text.push(']');
    }
}

fn push_list(operands: &[TransformerOperand], text: &mut String) {
    text.push('(');
    for (index, operand) in operands.iter().enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        match operand {
            TransformerOperand::Operand(operand) => push_operand(operand, text),
            TransformerOperand::Literal(literal) => quote(&literal.bytes, text),
            TransformerOperand::List(operands) => push_list(operands, text),
        }
    }
    text.push(')');
}

fn quote(bytes: &[u8], text: &mut String) {
    let literal = String::from_utf8_lossy(bytes);
    let special =
        |c: char| c.is_control() || c.is_whitespace() || matches!(c, '=' | '\\' | '"' | '\'' | '(' | ')' | ',');
    if literal.is_empty() || literal.contains(special) {
        text.push('"');
        text.extend(literal.chars().flat_map(|c| {
            if c == '"' || special(c) && c != ' ' { c.escape_default().collect::<Vec<_>>() } else { vec![c] }
        }));
        text.push('"');
    } else {
        text.push_str(&literal);
    }
}
