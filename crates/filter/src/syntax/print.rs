//! Writes conditions, so that `parse` reads the same again.

use super::ast::{Check, Expr, Literal, Operand, Right, TransformerOperand};

/// The text would be longer than the limit given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

/// A condition as text, as the peer prints it: `and` and `or` always in parentheses, values quoted where they must be.
///
/// # Errors
/// The text has more than `limit` bytes: trees that share much can be much longer than what they were made of.
pub fn print(expr: &Expr, limit: usize) -> Result<String, TooLong> {
    let mut printer = Printer { out: String::new(), tasks: vec![Task::Expr(expr)] };
    printer.run(limit)?;
    Ok(printer.out)
}

/// A field or transformer as text; `proc.aname[2]`, `tolower(fd.name)`.
pub fn print_operand(operand: &Operand) -> String {
    let mut printer = Printer { out: String::new(), tasks: vec![Task::Operand(operand)] };
    match printer.run(usize::MAX) {
        Ok(()) | Err(TooLong) => printer.out,
    }
}

/// `name[argument]`; the argument is quoted when it could not be read otherwise.
pub fn print_field(name: &str, argument: Option<&str>, out: &mut String) {
    out.push_str(name);
    if let Some(argument) = argument {
        out.push('[');
        let must_quote =
            |char: char| char.is_ascii_control() || matches!(char, ' ' | '=' | '"' | '\'' | '\\' | '[' | ']');
        if argument.is_empty() || argument.contains(must_quote) {
            quote(argument.as_bytes(), out);
        } else {
            out.push_str(argument);
        }
        out.push(']');
    }
}

/// A value as text, quoted when it holds blanks, control characters, `=`, `\`, quotes, parentheses or commas.
pub fn print_value(value: &[u8], out: &mut String) {
    let must_quote =
        |&byte: &u8| byte <= b' ' || matches!(byte, b'=' | b'\\' | b'"' | b'\'' | b'(' | b')' | b',' | 0x7f);
    match std::str::from_utf8(value) {
        Ok(text) if !text.is_empty() && !value.iter().any(must_quote) => out.push_str(text),
        _ => quote(value, out),
    }
}

fn quote(value: &[u8], out: &mut String) {
    out.push('"');
    for chunk in value.utf8_chunks() {
        for char in chunk.valid().chars() {
            match char {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\x08' => out.push_str("\\b"),
                '\x0c' => out.push_str("\\f"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '\0' => out.push_str("\\x00"),
                plain => out.push(plain),
            }
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out.push('"');
}

/// What is left to write; the last is next.
enum Task<'e> {
    Expr(&'e Expr),
    Right(&'e Check),
    Operand(&'e Operand),
    Inner(&'e TransformerOperand),
    /// `)` and `[argument]`.
    CloseTransformer(Option<&'e str>),
    Text(&'static str),
}

struct Printer<'e> {
    out: String,
    tasks: Vec<Task<'e>>,
}

impl<'e> Printer<'e> {
    fn run(&mut self, limit: usize) -> Result<(), TooLong> {
        while let Some(task) = self.tasks.pop() {
            match task {
                Task::Text(text) => self.out.push_str(text),
                Task::Expr(expr) => self.expr(expr),
                Task::Right(check) => self.right(check),
                Task::Operand(operand) => self.operand(operand),
                Task::Inner(TransformerOperand::Operand(operand)) => self.operand(operand),
                Task::Inner(TransformerOperand::Literal(literal)) => quote(&literal.bytes, &mut self.out),
                Task::Inner(TransformerOperand::List(items)) => {
                    self.out.push('(');
                    self.tasks.push(Task::Text(")"));
                    self.chain(items, ", ", Task::Inner);
                }
                Task::CloseTransformer(argument) => print_field(")", argument, &mut self.out),
            }
            if self.out.len() > limit {
                return Err(TooLong);
            }
        }
        Ok(())
    }

    /// All items with a text between them.
    fn chain<T>(&mut self, items: &'e [T], between: &'static str, task: fn(&'e T) -> Task<'e>) {
        for (index, item) in items.iter().enumerate().rev() {
            self.tasks.push(task(item));
            if index > 0 {
                self.tasks.push(Task::Text(between));
            }
        }
    }

    fn expr(&mut self, expr: &'e Expr) {
        let (parts, between) = match expr {
            Expr::And(parts) => (parts, " and "),
            Expr::Or(parts) => (parts, " or "),
            Expr::Not(inner) => {
                self.out.push_str("not ");
                return self.tasks.push(Task::Expr(inner));
            }
            Expr::Name(name, _) => return self.out.push_str(name),
            Expr::Check(check) => {
                self.tasks.push(Task::Right(check));
                return self.operand(&check.left);
            }
        };
        self.out.push('(');
        self.tasks.push(Task::Text(")"));
        self.chain(parts, between, |part| Task::Expr(part));
    }

    /// What follows the left side.
    fn right(&mut self, check: &'e Check) {
        self.out.push(' ');
        self.out.push_str(check.operator.text());
        if let Some(modifier) = check.modifier {
            self.out.push(' ');
            self.out.push_str(modifier.text());
        }
        match &check.right {
            Right::Nothing => {}
            Right::Value(Literal { bytes, .. }) => {
                self.out.push(' ');
                print_value(bytes, &mut self.out);
            }
            Right::List(items) => {
                self.out.push_str(" (");
                for (index, item) in items.iter().enumerate() {
                    self.out.push_str(if index > 0 { ", " } else { "" });
                    print_value(&item.bytes, &mut self.out);
                }
                self.out.push(')');
            }
            Right::Operand(operand) => {
                self.out.push(' ');
                self.tasks.push(Task::Operand(operand));
            }
        }
    }

    fn operand(&mut self, operand: &'e Operand) {
        match operand {
            Operand::Field { name, argument, .. } => print_field(name, argument.as_deref(), &mut self.out),
            Operand::Transformer { name, operands, argument, .. } => {
                self.out.push_str(name.text());
                self.out.push('(');
                self.tasks.push(Task::CloseTransformer(argument.as_deref()));
                self.chain(operands, ", ", Task::Inner);
            }
        }
    }
}
