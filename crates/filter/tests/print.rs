//! Printing, expanding and describing conditions.

#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::sync::Arc;

use vigie_filter::syntax::ast::{Check, Expr, Literal, Operand, Operator, Right, Span};
use vigie_filter::syntax::{ExpandError, MOST_LEVELS, TooLong, describe, expand, parse, print};

fn printed(text: &str) -> String {
    print(&parse(text).unwrap_or_else(|error| panic!("{text}: {error}")), 1 << 20).unwrap()
}

#[test]
fn and_and_or_stand_in_parentheses() {
    assert_eq!(printed("a and b or not c"), "((a and b) or not c)");
    assert_eq!(printed("not (a or b) and c"), "(not (a or b) and c)");
    assert_eq!(printed("a and (b and c)"), "(a and (b and c))");
    assert_eq!(printed("((a))"), "a");
}

#[test]
fn checks_are_written_in_one_way() {
    assert_eq!(printed("a.b   ==\nc"), "a.b = c");
    assert_eq!(printed("a.b exists"), "a.b exists");
    assert_eq!(printed("a.b in(x,'y z',\"w\")"), "a.b in (x, \"y z\", w)");
    assert_eq!(printed("a.b in ()"), "a.b in ()");
    assert_eq!(printed("a.b contains anyof (x)"), "a.b contains anyof (x)");
    assert_eq!(printed("a.b >= 1.5"), "a.b >= 1.5");
    assert_eq!(printed("a.b = val( c.d )"), "a.b = val(c.d)");
    assert_eq!(printed("tolower( a.b[ x] ) = c".replace("[ x]", "[x]").as_str()), "tolower(a.b[x]) = c");
    assert_eq!(printed("join(',',(a.b,x)) = c"), "join(\",\", (a.b, \"x\")) = c");
    assert_eq!(printed("getopt(a.b,\"c:\")[c] = tolower(d.e)"), "getopt(a.b, \"c:\")[c] = tolower(d.e)");
}

#[test]
fn values_are_quoted_when_they_must_be() {
    assert_eq!(printed("a.b = '/x/*<NA>'"), "a.b = /x/*<NA>");
    for (value, expected) in [
        ("'a b'", "\"a b\""),
        ("'a=b'", "\"a=b\""),
        ("'a\\\\b'", "\"a\\\\b\""),
        ("'a\"b'", "\"a\\\"b\""),
        ("\"a'b\"", "\"a'b\""),
        ("'\\b\\f\\n\\r\\t'", "\"\\b\\f\\n\\r\\t\""),
        ("'\\x00'", "\"\\x00\""),
        // Not quoted by the peer, whose text could then not be read again.
        ("'a,b'", "\"a,b\""),
        ("'(a)'", "\"(a)\""),
        ("''", "\"\""),
        ("'\\xff'", "\"\\xff\""),
    ] {
        assert_eq!(printed(&format!("a.b = {value}")), format!("a.b = {expected}"));
        assert_eq!(printed(&format!("a.b = {expected}")), format!("a.b = {expected}"));
    }
}

#[test]
fn arguments_are_quoted_when_they_must_be() {
    assert_eq!(printed("a.b['2'] exists"), "a.b[2] exists");
    assert_eq!(printed("a.b['x y'] exists"), "a.b[\"x y\"] exists");
    assert_eq!(printed("a.b['x=y'] exists"), "a.b[\"x=y\"] exists");
    assert_eq!(printed("a.b['x\\\\y'] exists"), "a.b[\"x\\\\y\"] exists");
    assert_eq!(printed("a.b[x/y.z] exists"), "a.b[x/y.z] exists");
    assert_eq!(printed("a.b['x]'] exists"), "a.b[\"x]\"] exists");
}

#[test]
fn the_text_has_a_limit() {
    let expr = parse("a.b = cdef and g").unwrap();
    assert_eq!(print(&expr, 20), Ok("(a.b = cdef and g)".into()));
    assert_eq!(print(&expr, 17), Err(TooLong));
    // A tree of a hundred levels that would be 2^100 long.
    let mut tree = parse("a").unwrap();
    for _ in 0..100 {
        tree = Arc::new(Expr::And(vec![Arc::clone(&tree), tree]));
    }
    assert_eq!(print(&tree, 1 << 16), Err(TooLong));
    assert_eq!(describe(&tree).names.len(), 1);
}

#[test]
fn names_become_shared_trees() {
    let macros: HashMap<&str, Arc<Expr>> =
        [("m", "x.y = 1 or n"), ("n", "not x.z = 2"), ("o", "not k"), ("k", "x.k = 1")]
            .map(|(name, text)| (name, parse(text).unwrap()))
            .into();
    let expand = |text: &str| expand(&parse(text).unwrap(), &|name| macros.get(name).cloned());
    let text = |text: &str| print(&expand(text).unwrap(), 1 << 16).unwrap();
    assert_eq!(text("m and a.b = c"), "((x.y = 1 or not x.z = 2) and a.b = c)");
    assert_eq!(text("not n"), "x.z = 2");
    assert_eq!(text("not o and k"), "(x.k = 1 and x.k = 1)");
    let Expr::And(parts) = &*expand("m and n and m").unwrap() else { panic!() };
    assert!(Arc::ptr_eq(&parts[0], &parts[2]));
    let Expr::Or(inner) = &*parts[0] else { panic!() };
    assert!(Arc::ptr_eq(&inner[1], &parts[1]));
    let plain = parse("a.b = c").unwrap();
    assert!(Arc::ptr_eq(&plain, &vigie_filter::syntax::expand(&plain, &|_| None).unwrap()));
    let error = expand("a.b = c and nosuch").unwrap_err();
    assert_eq!(error, ExpandError::Unknown { name: "nosuch".into(), span: Span { start: 12, end: 18 } });
}

#[test]
fn macros_that_use_themselves_are_unknown() {
    let macros: HashMap<&str, Arc<Expr>> =
        [("a", "x.y = 1 and b"), ("b", "not a"), ("c", "c")].map(|(name, text)| (name, parse(text).unwrap())).into();
    for text in ["a", "b", "c", "not c or x.y = 1"] {
        let result = expand(&parse(text).unwrap(), &|name| macros.get(name).cloned());
        assert!(matches!(result, Err(ExpandError::Unknown { .. })), "{text}");
    }
}

#[test]
fn macros_do_not_explode() {
    // Each uses the one before it ten times: written out, 10^500 checks.
    let macros: HashMap<String, Arc<Expr>> = (1..=500)
        .map(|number| (format!("m{number}"), parse(&vec![format!("m{}", number - 1); 10].join(" and ")).unwrap()))
        .chain([("m0".to_owned(), parse("x.y = 1").unwrap())])
        .collect();
    let whole = expand(&parse("m500").unwrap(), &|name| macros.get(name).cloned()).unwrap();
    assert_eq!(describe(&whole).fields.iter().collect::<Vec<_>>(), ["x.y"]);
    // Expanding what is expanded changes nothing, and does not explode either.
    assert!(Arc::ptr_eq(&whole, &expand(&whole, &|_| None).unwrap()));
}

#[test]
fn what_is_expanded_is_at_most_a_thousand_levels_deep() {
    let macros: HashMap<String, Arc<Expr>> = (1..=2 * MOST_LEVELS)
        .map(|number| (format!("m{number}"), parse(&format!("a.b = c or m{}", number - 1)).unwrap()))
        .chain([("m0".to_owned(), parse("x.y = 1").unwrap())])
        .collect();
    let expand = |name: &str| expand(&parse(name).unwrap(), &|name| macros.get(name).cloned());
    assert!(expand("m999").is_ok());
    assert_eq!(expand("m1000"), Err(ExpandError::TooDeep));
    assert_eq!(expand("m2000"), Err(ExpandError::TooDeep));
}

#[test]
fn descriptions_name_what_is_used() {
    let text =
        "m and (evt.type in (open, openat) or not evt.type = execve) and tolower(fd.name[\"a b\"]) = val(proc.name)
        and join(\",\", (proc.aname[2], x)) contains y and n and m";
    let description = describe(&parse(text).unwrap());
    let list = |set: &std::collections::BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(list(&description.names), "m n");
    assert_eq!(list(&description.fields), "evt.type fd.name[\"a b\"] proc.aname[2] proc.name");
    assert_eq!(description.operators.into_iter().collect::<Vec<_>>(), ["=", "contains", "in"]);
    assert_eq!(description.transformers.into_iter().collect::<Vec<_>>(), ["join", "tolower", "val"]);
    assert_eq!(list(&description.events), "execve open openat");
}

#[test]
fn trees_made_by_hand_are_printed_too() {
    let field = Operand::Field { name: "a.b".into(), argument: Some(String::new()), span: Span::default() };
    let right = Right::Value(Literal { bytes: b"x\xff".to_vec(), span: Span::default() });
    let check = Check { left: field, operator: Operator::Equal, modifier: None, right, span: Span::default() };
    assert_eq!(print(&Expr::Check(check), 100), Ok("a.b[\"\"] = \"x\\xff\"".into()));
}
