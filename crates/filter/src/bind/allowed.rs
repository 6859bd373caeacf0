//! Which operators a field has.

use crate::syntax::ast::{Modifier, Operator};
use crate::{Kind, Many};

/// What a value is: of a field, or of a transformer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    pub kind: Kind,
    pub many: Many,
}

/// Why this operator cannot stand behind this field. `None` when it can.
pub fn refusal(name: &str, shape: Shape, operator: Operator, modifier: Option<Modifier>) -> Option<String> {
    let word = operator.text();
    if shape.many == Many::List {
        return (!matches!(operator, Operator::In | Operator::Intersects | Operator::Exists))
            .then(|| format!("'{name}' is a list, which has 'in', 'intersects' and 'exists' but not '{word}'"));
    }
    if !of_kind(shape.kind, operator) {
        return Some(format!("'{word}' does not work on '{name}', which is {}", kind_text(shape.kind)));
    }
    if shape.many == Many::Ends && operator == Operator::Intersects {
        return Some(format!("'{name}' cannot be compared with 'intersects': it stands for both ends of a socket"));
    }
    if name.starts_with("evt.around[") && (operator != Operator::Equal || modifier.is_some()) {
        return Some(format!("'{name}' can only be compared with '='"));
    }
    if is_host_name(name) && !matches!(operator, Operator::Equal | Operator::NotEqual | Operator::In | Operator::Exists)
    {
        return Some(format!("'{name}' can only be compared with '=', '!=' and 'in': the peer looks the literal up"));
    }
    None
}

/// `fd.sip.name` and its like, whose literals the peer resolves.
fn is_host_name(name: &str) -> bool {
    matches!(name, "fd.cip.name" | "fd.sip.name" | "fd.lip.name" | "fd.rip.name")
}

fn of_kind(kind: Kind, operator: Operator) -> bool {
    use Operator as Op;
    match operator {
        Op::Exists | Op::Equal | Op::NotEqual | Op::In | Op::Intersects => true,
        Op::Less | Op::LessOrEqual | Op::Greater | Op::GreaterOrEqual => {
            matches!(kind, Kind::Int(_) | Kind::Uint(_) | Kind::Double | Kind::Port | Kind::Text)
        }
        Op::Contains | Op::Startswith => matches!(kind, Kind::Text | Kind::Buffer),
        Op::Bcontains | Op::Bstartswith => kind == Kind::Buffer,
        Op::Icontains | Op::Endswith | Op::Glob | Op::Iglob | Op::Regex | Op::Pmatch => kind == Kind::Text,
    }
}

/// The kind in words, for messages.
pub fn kind_text(kind: Kind) -> &'static str {
    match kind {
        Kind::Int(_) => "a number",
        Kind::Uint(_) => "an unsigned number",
        Kind::Double => "a number with fraction",
        Kind::Bool => "a boolean",
        Kind::Text => "text",
        Kind::Buffer => "a buffer of bytes",
        Kind::Ip => "an IP address",
        Kind::Net => "an address compared with networks",
        Kind::Port => "a port",
    }
}
