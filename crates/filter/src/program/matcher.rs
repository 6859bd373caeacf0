//! One comparison, compiled: a value against its literals.

use std::cmp::Ordering;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::bind::{BoundCheck, Constant, Side};
use crate::operators::{Glob, Net, PathPrefixes, PosixRegex, Search};
use crate::syntax::ast::{Modifier, Operator};
use crate::{Many, Value};

/// How many literals are compared one by one.
const FEW: usize = 8;

/// What a value is held against.
#[derive(Debug)]
pub(crate) enum Matcher {
    Exists,
    /// The commonest have ways of their own: a boolean, a text (or any other), a number.
    Bool(bool),
    Text {
        text: Box<[u8]>,
        differs: bool,
    },
    Int(i64, Orders),
    One(Literal),
    Any(Box<[Literal]>),
    Exactly(Box<[Literal]>),
    All(Box<[Literal]>),
    /// Sorted.
    Ints(Box<[i64]>),
    Uints(Box<[u64]>),
    Addresses(Box<[IpAddr]>),
    /// Sorted and apart from each other.
    Networks(Box<[Range]>),
    Paths(PathPrefixes),
    /// Another value of the event.
    Value(Operator, Option<Modifier>),
}

/// Whether a comparison holds when the value is less than, equal to, greater than the literal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Orders([bool; 3]);

impl Orders {
    fn of(operator: Operator) -> Option<Orders> {
        Some(Orders(match operator {
            Operator::Less => [true, false, false],
            Operator::LessOrEqual => [true, true, false],
            Operator::Equal | Operator::In | Operator::Intersects => [false, true, false],
            Operator::GreaterOrEqual => [false, true, true],
            Operator::Greater => [false, false, true],
            Operator::NotEqual => [true, false, true],
            _ => return None,
        }))
    }

    #[inline]
    fn hold(self, order: Ordering) -> bool {
        let [less, equal, greater] = self.0;
        (less & order.is_lt()) | (equal & order.is_eq()) | (greater & order.is_gt())
    }
}

/// The addresses of a network. Those of version 4 are smaller than all of version 6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Range {
    first: IpAddr,
    last: IpAddr,
}

impl Range {
    fn of(net: &Net) -> Range {
        match *net {
            Net::V4 { address, mask } => Range {
                first: IpAddr::V4(Ipv4Addr::from_bits(address)),
                last: IpAddr::V4(Ipv4Addr::from_bits(address | !mask)),
            },
            Net::V6 { address, mask } => Range {
                first: IpAddr::V6(Ipv6Addr::from_bits(address)),
                last: IpAddr::V6(Ipv6Addr::from_bits(address | !mask)),
            },
        }
    }
}

/// One literal with what is done to it.
#[derive(Debug)]
pub(crate) enum Literal {
    Order(Operator, Constant),
    Contains(Box<Search>),
    Icontains(Box<Search>),
    Startswith(Box<[u8]>),
    Endswith(Box<[u8]>),
    Glob(Box<Glob>),
    Regex(Box<PosixRegex>),
    /// Never holds.
    Nothing,
}

impl Matcher {
    pub fn new(check: &BoundCheck) -> Matcher {
        let constants = match &check.right {
            Side::Nothing => return Matcher::Exists,
            Side::Source(_) => return Matcher::Value(check.operator, check.modifier),
            Side::Constants(constants) => constants,
        };
        if check.operator == Operator::Pmatch {
            return Matcher::Paths(PathPrefixes::new(&constants.iter().filter_map(bytes_of).collect::<Vec<_>>()));
        }
        if matches!(check.operator, Operator::In | Operator::Intersects) && constants.len() > FEW {
            if let Some(set) = set_of(constants) {
                return set;
            }
        }
        if let ([constant], None) = (&constants[..], check.modifier) {
            if let Some(matcher) = Matcher::of_one(check.operator, constant) {
                return matcher;
            }
        }
        let mut literals: Vec<Literal> =
            constants.iter().map(|constant| Literal::new(check.operator, constant)).collect();
        match check.modifier {
            Some(Modifier::Oneof) => Matcher::Exactly(literals.into()),
            Some(Modifier::Allof) => Matcher::All(literals.into()),
            None | Some(Modifier::Anyof) => match literals.pop() {
                Some(only) if literals.is_empty() => Matcher::One(only),
                last => Matcher::Any(literals.into_iter().chain(last).collect()),
            },
        }
    }

    fn of_one(operator: Operator, constant: &Constant) -> Option<Matcher> {
        let orders = Orders::of(operator)?;
        let equals = orders.0 == [false, true, false];
        let differs = orders.0 == [true, false, true];
        match constant {
            Constant::Bool(value) if equals || differs => Some(Matcher::Bool(*value != differs)),
            Constant::Bytes(text) if equals || differs => Some(Matcher::Text { text: text.clone(), differs }),
            Constant::Int(number) => Some(Matcher::Int(*number, orders)),
            _ => None,
        }
    }

    /// Whether the comparison holds for a value, or the values, of its left side. `right` is the value of the right side
    /// where that is read from the event.
    #[inline]
    pub fn test(&self, value: Value<'_>, right: Value<'_>, many: Many, operator: Operator) -> bool {
        let items = match value {
            Value::Missing => return false,
            Value::List(items) => items,
            _ => return matches!(self, Matcher::Exists) || self.holds(value, right),
        };
        match (many, operator) {
            (_, Operator::Exists) => many == Many::Ends || !items.is_empty(),
            (Many::List, Operator::In) | (Many::Ends, Operator::NotEqual) => {
                !items.is_empty() && items.iter().all(|&item| self.holds(item, right))
            }
            _ => items.iter().any(|&item| self.holds(item, right)),
        }
    }

    fn holds(&self, value: Value<'_>, right: Value<'_>) -> bool {
        match self {
            Matcher::Exists => true,
            Matcher::Bool(wanted) => matches!(value, Value::Bool(value) if value == *wanted),
            Matcher::Text { text: wanted, differs } => match value {
                Value::Text(text) | Value::Buffer(text) => (text == &**wanted) != *differs,
                _ => false,
            },
            Matcher::Int(wanted, orders) => match value {
                Value::Int(number) => orders.hold(number.cmp(wanted)),
                Value::Uint(number) => orders.hold(i128::from(number).cmp(&i128::from(*wanted))),
                _ => false,
            },
            Matcher::One(literal) => literal.holds(value),
            Matcher::Any(literals) => literals.iter().any(|literal| literal.holds(value)),
            Matcher::Exactly(literals) => literals.iter().filter(|literal| literal.holds(value)).count() == 1,
            Matcher::All(literals) => !literals.is_empty() && literals.iter().all(|literal| literal.holds(value)),
            Matcher::Ints(set) => matches!(value, Value::Int(number) if set.binary_search(&number).is_ok()),
            Matcher::Uints(set) => matches!(value, Value::Uint(number) if set.binary_search(&number).is_ok()),
            Matcher::Addresses(set) => matches!(value, Value::Ip(address) if set.binary_search(&address).is_ok()),
            Matcher::Networks(set) => match value {
                Value::Ip(address) => {
                    let after = set.partition_point(|range| range.first <= address);
                    after.checked_sub(1).and_then(|index| set.get(index)).is_some_and(|range| range.last >= address)
                }
                _ => false,
            },
            Matcher::Paths(paths) => matches!(value, Value::Text(text) if paths.matches(text)),
            Matcher::Value(operator, modifier) => against(value, *operator, *modifier, right),
        }
    }
}

impl Literal {
    fn new(operator: Operator, constant: &Constant) -> Literal {
        let Some(bytes) = bytes_of(constant) else { return Literal::Order(operator, constant.clone()) };
        match operator {
            Operator::Contains | Operator::Bcontains => Literal::Contains(Box::new(Search::new(bytes, false))),
            Operator::Icontains => Literal::Icontains(Box::new(Search::new(bytes, true))),
            Operator::Startswith | Operator::Bstartswith => Literal::Startswith(bytes.into()),
            Operator::Endswith => Literal::Endswith(bytes.into()),
            Operator::Glob => Literal::Glob(Box::new(Glob::new(bytes, false))),
            Operator::Iglob => Literal::Glob(Box::new(Glob::new(bytes, true))),
            Operator::Regex => match PosixRegex::new(bytes) {
                Ok(regex) => Literal::Regex(Box::new(regex)),
                // Binding has refused these.
                Err(_) => Literal::Nothing,
            },
            _ => Literal::Order(operator, constant.clone()),
        }
    }

    #[inline]
    fn holds(&self, value: Value<'_>) -> bool {
        if let Literal::Order(operator, constant) = self {
            return ordered(value, *operator, constant);
        }
        let (Value::Text(text) | Value::Buffer(text)) = value else { return false };
        match self {
            Literal::Contains(search) | Literal::Icontains(search) => search.matches(text),
            Literal::Startswith(prefix) => text.starts_with(prefix),
            Literal::Endswith(suffix) => text.ends_with(suffix),
            Literal::Glob(glob) => glob.matches(text),
            Literal::Regex(regex) => regex.matches(text),
            Literal::Order(..) | Literal::Nothing => false,
        }
    }
}

#[inline]
fn ordered(value: Value<'_>, operator: Operator, constant: &Constant) -> bool {
    let order = match (value, constant) {
        (Value::Text(left) | Value::Buffer(left), Constant::Bytes(right)) => match operator {
            Operator::Equal | Operator::In | Operator::Intersects => return left == &**right,
            Operator::NotEqual => return left != &**right,
            _ => left.cmp(right),
        },
        (Value::Bool(left), Constant::Bool(right)) => left.cmp(right),
        (Value::Int(left), Constant::Int(right)) => left.cmp(right),
        (Value::Uint(left), Constant::Uint(right)) => left.cmp(right),
        (Value::Int(left), Constant::Uint(right)) => i128::from(left).cmp(&i128::from(*right)),
        (Value::Uint(left), Constant::Int(right)) => i128::from(left).cmp(&i128::from(*right)),
        (Value::Double(left), Constant::Double(right)) => match left.partial_cmp(right) {
            Some(order) => order,
            None => return operator == Operator::NotEqual,
        },
        (Value::Ip(left), Constant::Ip(right)) => left.cmp(right),
        (Value::Ip(left), Constant::Net(right)) => {
            if right.contains(left) {
                Ordering::Equal
            } else {
                Ordering::Less
            }
        }
        _ => return false,
    };
    Orders::of(operator).is_some_and(|orders| orders.hold(order))
}

/// A value against another value of the event. A list on the right is the set.
fn against(value: Value<'_>, operator: Operator, modifier: Option<Modifier>, right: Value<'_>) -> bool {
    let items = match right {
        Value::Missing => return false,
        Value::List(items) => items,
        ref one => std::slice::from_ref(one),
    };
    let mut held = items.iter().map(|&item| pair(value, operator, item));
    match modifier {
        None | Some(Modifier::Anyof) => held.any(|held| held),
        Some(Modifier::Oneof) => held.filter(|&held| held).count() == 1,
        Some(Modifier::Allof) => !items.is_empty() && held.all(|held| held),
    }
}

fn pair(left: Value<'_>, operator: Operator, right: Value<'_>) -> bool {
    if let (Value::Text(left) | Value::Buffer(left), Value::Text(right) | Value::Buffer(right)) = (left, right) {
        return match operator {
            Operator::Contains | Operator::Bcontains => Search::new(right, false).matches(left),
            Operator::Icontains => Search::new(right, true).matches(left),
            Operator::Startswith | Operator::Bstartswith => left.starts_with(right),
            Operator::Endswith => left.ends_with(right),
            Operator::Glob => Glob::new(right, false).matches(left),
            Operator::Iglob => Glob::new(right, true).matches(left),
            Operator::Less => left < right,
            Operator::LessOrEqual => left <= right,
            Operator::Greater => left > right,
            Operator::GreaterOrEqual => left >= right,
            Operator::Equal | Operator::In | Operator::Intersects => left == right,
            Operator::NotEqual => left != right,
            _ => false,
        };
    }
    let constant = match right {
        Value::Int(number) => Constant::Int(number),
        Value::Uint(number) => Constant::Uint(number),
        Value::Bool(value) => Constant::Bool(value),
        Value::Double(number) => Constant::Double(number),
        Value::Ip(address) => Constant::Ip(address),
        _ => return false,
    };
    ordered(left, operator, &constant)
}

pub(crate) fn bytes_of(constant: &Constant) -> Option<&[u8]> {
    match constant {
        Constant::Bytes(bytes) => Some(bytes),
        _ => None,
    }
}

/// A set that is searched rather than walked. `None` when the literals are of a type that has none.
fn set_of(constants: &[Constant]) -> Option<Matcher> {
    fn sorted<T: Ord + Copy>(constants: &[Constant], of: impl Fn(&Constant) -> Option<T>) -> Option<Box<[T]>> {
        let mut set: Vec<T> = constants.iter().map(of).collect::<Option<_>>()?;
        set.sort_unstable();
        set.dedup();
        Some(set.into())
    }
    match constants.first()? {
        Constant::Int(_) => sorted(constants, |constant| if let Constant::Int(n) = constant { Some(*n) } else { None })
            .map(Matcher::Ints),
        Constant::Uint(_) => {
            sorted(constants, |constant| if let Constant::Uint(n) = constant { Some(*n) } else { None })
                .map(Matcher::Uints)
        }
        Constant::Ip(_) => sorted(constants, |constant| if let Constant::Ip(ip) = constant { Some(*ip) } else { None })
            .map(Matcher::Addresses),
        Constant::Net(_) => {
            let range = |constant: &Constant| match constant {
                Constant::Net(net) => Some(Range::of(net)),
                _ => None,
            };
            let mut apart: Vec<Range> = Vec::new();
            for &range in &*sorted(constants, range)? {
                match apart.last_mut() {
                    Some(before) if before.last >= range.first => before.last = before.last.max(range.last),
                    _ => apart.push(range),
                }
            }
            Some(Matcher::Networks(apart.into()))
        }
        Constant::Double(_) | Constant::Bool(_) | Constant::Bytes(_) => None,
    }
}
