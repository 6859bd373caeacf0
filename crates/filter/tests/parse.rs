//! The grammar of conditions: falco.md §1.1.

use std::sync::Arc;

use vigie_filter::syntax::ast::{Expr, Modifier, Operand, Operator, Right, TransformerName, TransformerOperand};
use vigie_filter::syntax::{MOST_LEVELS, MOST_TRANSFORMERS, parse};

/// A tree in a form of the test's own.
fn shape(text: &str) -> String {
    fn list<T>(items: &[T], one: impl Fn(&T) -> String) -> String {
        items.iter().map(one).collect::<Vec<_>>().join(" ")
    }
    fn inner(operand: &TransformerOperand) -> String {
        match operand {
            TransformerOperand::Operand(operand) => one(operand),
            TransformerOperand::Literal(literal) => format!("'{}'", literal.bytes.escape_ascii()),
            TransformerOperand::List(items) => format!("[{}]", list(items, inner)),
        }
    }
    fn one(operand: &Operand) -> String {
        match operand {
            Operand::Field { name, argument: None, .. } => name.clone(),
            Operand::Field { name, argument: Some(argument), .. } => format!("{name}#{argument}"),
            Operand::Transformer { name, operands, argument, .. } => {
                let argument = argument.as_ref().map_or(String::new(), |text| format!("#{text}"));
                format!("{}({}){argument}", name.text(), list(operands, inner))
            }
        }
    }
    fn tree(expr: &Expr) -> String {
        match expr {
            Expr::And(parts) => format!("and({})", list(parts, |part| tree(part))),
            Expr::Or(parts) => format!("or({})", list(parts, |part| tree(part))),
            Expr::Not(part) => format!("not({})", tree(part)),
            Expr::Name(name, _) => name.clone(),
            Expr::Check(check) => {
                let right = match &check.right {
                    Right::Nothing => String::new(),
                    Right::Value(value) => format!(" {}", value.bytes.escape_ascii()),
                    Right::List(values) => {
                        format!(" [{}]", list(values, |value| value.bytes.escape_ascii().to_string()))
                    }
                    Right::Operand(operand) => format!(" {}", one(operand)),
                };
                let modifier = check.modifier.map_or(String::new(), |modifier| format!(" {}", modifier.text()));
                format!("<{} {}{modifier}{right}>", one(&check.left), check.operator.text())
            }
        }
    }
    match parse(text) {
        Ok(expr) => tree(&expr),
        Err(error) => panic!("{text}: {error}"),
    }
}

/// Where and why a text is refused.
fn refusal(text: &str) -> (usize, usize, String) {
    match parse(text) {
        Ok(_) => panic!("{text} is taken"),
        Err(error) => (error.line, error.column, error.message),
    }
}

#[test]
fn not_binds_tighter_than_and_than_or() {
    assert_eq!(shape("a or b and not c or d"), "or(a and(b not(c)) d)");
    assert_eq!(shape("a and b and c"), "and(a b c)");
    assert_eq!(shape("a or b or c"), "or(a b c)");
    assert_eq!(shape("(a or b) and c"), "and(or(a b) c)");
    assert_eq!(shape("a and (b and c)"), "and(a and(b c))");
    assert_eq!(shape("not (a or b)"), "not(or(a b))");
    assert_eq!(shape("((a))"), "a");
}

#[test]
fn repeated_not_goes_by_parity() {
    assert_eq!(shape("not not a"), "a");
    assert_eq!(shape("not not not a"), "not(a)");
    assert_eq!(shape("not(not a)"), "a");
    assert_eq!(shape("not a and b"), "and(not(a) b)");
}

#[test]
fn keywords_need_a_blank_or_a_parenthesis_behind_them() {
    assert_eq!(shape("a and(b)or(c)"), "or(and(a b) c)");
    assert_eq!(shape("(a)and (b)"), "and(a b)");
    assert_eq!(shape("not(a)"), "not(a)");
    assert_eq!(shape("notable and android or order"), "or(and(notable android) order)");
    assert_eq!(refusal("a AND b"), (1, 3, "`and`, `or` or the end is expected here, but found `AND`".into()));
    assert_eq!(refusal("a.b contains\"x\"").1, 13);
    assert_eq!(shape("a.b in(x)"), "<a.b in [x]>");
}

#[test]
fn blanks_are_space_tab_backspace_return_and_newline() {
    assert_eq!(shape(" \t\x08\r\na.b\n=\tc\r\nand\x08d "), "and(<a.b = c> d)");
    assert!(parse("a\x0band b").is_err());
    assert!(parse("a\u{a0}and b").is_err());
}

#[test]
fn every_operator_is_read() {
    for (text, operator) in [
        ("<", Operator::Less),
        ("<=", Operator::LessOrEqual),
        (">", Operator::Greater),
        (">=", Operator::GreaterOrEqual),
    ] {
        let shape = shape(&format!("a.b{text}1"));
        assert_eq!(shape, format!("<a.b {} 1>", operator.text()));
    }
    for text in
        ["contains", "icontains", "startswith", "endswith", "glob", "iglob", "regex", "bcontains", "bstartswith"]
    {
        assert_eq!(shape(&format!("a.b {text} x")), format!("<a.b {text} x>"));
        assert_eq!(shape(&format!("a.b {text} anyof (x)")), format!("<a.b {text} anyof [x]>"));
    }
    for text in ["in", "intersects", "pmatch"] {
        assert_eq!(shape(&format!("a.b {text} (x, y)")), format!("<a.b {text} [x y]>"));
    }
    assert_eq!(shape("a.b=x"), "<a.b = x>");
    assert_eq!(shape("a.b==x"), "<a.b = x>");
    assert_eq!(shape("a.b!=<NA>"), "<a.b != <NA>>");
    assert_eq!(shape("(a.b exists)and a.c exists"), "and(<a.b exists> <a.c exists>)");
    assert_eq!(refusal("a.b like x"), (1, 5, "an operator is expected after the field, but found `like`".into()));
}

#[test]
fn modifiers_stand_before_lists() {
    for modifier in [Modifier::Oneof, Modifier::Anyof, Modifier::Allof] {
        let text = modifier.text();
        assert_eq!(shape(&format!("a.b = {text} (x,y)")), format!("<a.b = {text} [x y]>"));
        assert_eq!(shape(&format!("a.b != {text}()")), format!("<a.b != {text} []>"));
        // The word alone is a value.
        assert_eq!(shape(&format!("a.b = {text}")), format!("<a.b = {text}>"));
        assert_eq!(shape(&format!("(a.b = {text} ) and c")), format!("and(<a.b = {text}> c)"));
    }
    assert_eq!(refusal("a.b = anyof names"), (1, 13, "`names` is no known list".into()));
}

#[test]
fn field_names_have_dots_and_arguments() {
    assert_eq!(shape("proc.aname[2] = a"), "<proc.aname#2 = a>");
    assert_eq!(shape("evt.arg[flags]exists"), "<evt.arg#flags exists>");
    assert_eq!(shape("ka.req.x[\"a ] b\"] exists"), "<ka.req.x#a ] b exists>");
    assert_eq!(shape("ka.x['q\"'] exists"), "<ka.x#q\" exists>");
    assert_eq!(refusal("proc = a"), (1, 6, "`proc` is no field: field names have a dot".into()));
    assert_eq!(refusal("a.b [1] = c").1, 5);
    assert_eq!(refusal("a.b[] = c").1, 5);
    assert_eq!(refusal("a.b[x y] = c").1, 6);
    assert_eq!(refusal("a.b[\"x\"y] = c").1, 8);
    assert!(parse("a. = c").is_err());
    assert!(parse("a.1 = c").is_err());
    assert!(parse("1a.b = c").is_err());
    assert!(parse("_a").is_err());
}

#[test]
fn bare_strings_end_at_blanks_parentheses_quotes_equals_and_commas() {
    assert_eq!(shape("a.b = /x/*[a-z]?;{}<>!#%"), "<a.b = /x/*[a-z]?;{}<>!#%>");
    assert_eq!(shape("a.b = \u{e9}\\"), "<a.b = \\xc3\\xa9\\\\>");
    for text in ["a.b = x=y", "a.b = x,y", "a.b = x\"y\"", "a.b = x(y)", "a.b = (x)", "a.b ="] {
        assert!(parse(text).is_err(), "{text}");
    }
    assert!(refusal("a.b = (x)").2.ends_with("(for a list: `= anyof (...)`)"));
}

#[test]
fn quoted_strings_resolve_escapes() {
    assert_eq!(shape(r#"a.b = "\b\f\n\r\t\\\/""#), r"<a.b = \x08\x0c\n\r\t\\/>");
    assert_eq!(shape(r#"a.b = "\"'""#), r#"<a.b = \"\'>"#);
    assert_eq!(shape(r#"a.b = '\'"'"#), r#"<a.b = \'\">"#);
    assert_eq!(shape(r#"a.b = "\x41\xfF\x00""#), r"<a.b = A\xff\x00>");
    assert_eq!(shape(r#"a.b = "x\ y""#), r"<a.b = x\\y>");
    assert_eq!(shape(r#"a.b = "" and c"#), "and(<a.b = > c)");
    assert_eq!(shape("a.b = 'x\ny'"), r"<a.b = x\ny>");
    for text in [r#""\'""#, r#"'\"'"#, r#""\q""#, r#""\x4""#, r#""\xg0""#, r#""abc"#, r#""abc\"#, r#""\é""#] {
        assert!(parse(&format!("a.b = {text}")).is_err(), "{text}");
    }
    assert_eq!(refusal("a.b = \"x\\qy\""), (1, 9, "`\\q` is no known escape".into()));
    assert_eq!(refusal("a.b =\n 'x"), (2, 2, "the string that begins here has no closing quote".into()));
}

#[test]
fn comparisons_of_order_take_numbers() {
    for number in ["0", "-1", "+1", "1.5", "1.", "1e3", "1.5E-3", "0x1F"] {
        assert_eq!(shape(&format!("a.b < {number}")), format!("<a.b < {number}>"));
    }
    assert_eq!(shape("a.b >= val(c.d)"), "<a.b >= val(c.d)>");
    assert_eq!(shape("a.b > len(c.d)"), "<a.b > len(c.d)>");
    assert_eq!(refusal("a.b < x"), (1, 7, "`<` needs a number, but found `x`".into()));
    assert!(parse("a.b < 5x").is_err());
    assert!(parse("a.b < '5'").is_err());
}

#[test]
fn lists_hold_values() {
    assert_eq!(shape("a.b in ( x , 'y z' ,\"w\")"), "<a.b in [x y z w]>");
    assert_eq!(shape("a.b in ()"), "<a.b in []>");
    assert_eq!(shape("a.b in ( )"), "<a.b in []>");
    assert_eq!(shape("a.b in val(c.d)"), "<a.b in val(c.d)>");
    assert_eq!(refusal("a.b in (x,)").1, 11);
    assert_eq!(refusal("a.b in (x y)").1, 11);
    assert_eq!(refusal("a.b in (,x)").1, 9);
    assert_eq!(refusal("a.b in (x"), (1, 10, "`,` or `)` is expected in the list, but the text ends".into()));
    assert_eq!(refusal("a.b in (tolower(x))").1, 16);
    assert_eq!(refusal("a.b in shells"), (1, 8, "`shells` is no known list".into()));
    assert_eq!(refusal("a.b pmatch /x"), (1, 12, "`pmatch` needs a list in parentheses, but found `/x`".into()));
}

#[test]
fn transformers_nest_on_both_sides() {
    assert_eq!(shape("tolower(a.b) = x"), "<tolower(a.b) = x>");
    assert_eq!(shape("toupper( b64( a.b[1] ) )=x"), "<toupper(b64(a.b#1)) = x>");
    assert_eq!(shape("a.b = tolower(basename(c.d))"), "<a.b = tolower(basename(c.d))>");
    assert_eq!(shape("join(\",\", (a.b, 'x', len(c.d))) = y"), "<join(',' [a.b 'x' len(c.d)]) = y>");
    assert_eq!(shape("join(\"\", ()) = y"), "<join('' []) = y>");
    assert_eq!(shape("concat(a.b, x, c.d-e, f.g[1]) = y"), "<concat(a.b 'x' 'c.d-e' f.g#1) = y>");
    assert_eq!(shape("getopt(proc.args, \"ab:\")[b] = y"), "<getopt(proc.args 'ab:')#b = y>");
    assert_eq!(shape("a.b = tolower"), "<a.b = tolower>");
    assert_eq!(shape("len and tolower"), "and(len tolower)");
    assert!(parse("tolower (a.b) = x").is_err());
    assert!(parse("tolower() = x").is_err());
    assert!(parse("tolower(a.b = x").is_err());
    assert!(parse("tolower(a.b,) = x").is_err());
    assert!(parse("unknown(a.b) = x").is_err());
    assert_eq!(refusal("val(a.b) = x").2, "`val(...)` may only stand on the right side");
    assert_eq!(refusal("a.b = tolower(val(c.d))").2, "`val(...)` may not stand inside a transformer");
    assert_eq!(TransformerName::Val.text(), "val");
}

#[test]
fn errors_say_where_and_what() {
    assert_eq!(refusal(""), (1, 1, "a field, a macro or a parenthesis is expected here, but the text ends".into()));
    assert_eq!(refusal("a and\n  or b").0, 2);
    assert_eq!(refusal("a and\n  or b").1, 3);
    assert_eq!(refusal("a or").1, 5);
    assert_eq!(refusal("not").1, 4);
    assert_eq!(refusal("(a and (b)"), (1, 1, "this parenthesis is never closed".into()));
    assert_eq!(refusal("a) and b"), (1, 2, "this parenthesis was never opened".into()));
    assert_eq!(refusal("a b"), (1, 3, "`and`, `or` or the end is expected here, but found `b`".into()));
    assert_eq!(parse("\u{e9}").map_err(|error| error.offset), Err(0));
}

#[test]
fn spans_cover_the_text() {
    let text = "x and  a.b exists  and c.d in ( y )";
    let Expr::And(parts) = &*parse(text).unwrap() else { panic!() };
    let spans: Vec<&str> = parts
        .iter()
        .map(|part| match &**part {
            Expr::Check(check) => check.span,
            Expr::Name(_, span) => *span,
            _ => panic!(),
        })
        .map(|span| &text[span.start as usize..span.end as usize])
        .collect();
    assert_eq!(spans, ["x", "a.b exists", "c.d in ( y )"]);
}

#[test]
fn a_thousand_levels_and_no_more() {
    let nested = |levels: usize| {
        let mut text = String::new();
        (0..levels).for_each(|_| text.push_str("a and b or not ("));
        text.push('c');
        text + &")".repeat(levels)
    };
    let deep = parse(&nested(MOST_LEVELS)).unwrap();
    assert_eq!(deep, Arc::clone(&parse(&nested(MOST_LEVELS)).unwrap()));
    drop(deep);
    assert_eq!(refusal(&nested(MOST_LEVELS + 1)).2, "nested deeper than 1000 levels");
    let transformed = |levels: usize| "tolower(".repeat(levels) + "a.b" + &")".repeat(levels) + " exists";
    let deep = parse(&transformed(MOST_TRANSFORMERS)).unwrap();
    assert_eq!(deep, deep.clone());
    assert!(parse(&transformed(MOST_TRANSFORMERS + 1)).is_err());
    assert!(parse(&"(".repeat(10_000_000)).is_err());
    assert!(parse(&"tolower(".repeat(1_000_000)).is_err());
    assert_eq!(shape(&("not ".repeat(1_000_000) + "a")), "a");
}
