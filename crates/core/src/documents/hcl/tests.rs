use super::{Block, Body, Expression, Step, parse, parse_expression, parse_template, text_of};

fn value(text: &str) -> Expression<'_> {
    parse_expression(text).unwrap()
}

fn text(text: &str) -> Expression<'_> {
    Expression::Text(text.into())
}

fn clean(text: &str) -> Body<'_> {
    let (body, errors) = parse(text);
    assert_eq!(errors, []);
    body
}

fn kinds<'a>(body: &Body<'a>) -> Vec<&'a str> {
    body.blocks.iter().map(|block: &Block<'a>| block.kind).collect()
}

#[test]
fn reads_blocks_and_attributes_with_their_lines() {
    let body = clean(concat!(
        "# note\nresource \"a\" \"b\" {\n  x = 1\n  nested { y = \"z\" }\n",
        "  text = <<-EOT\n    hello\n      there\n  EOT\n}\n"
    ));
    let block = &body.blocks[0];
    assert_eq!((block.kind, block.first_line, block.last_line), ("resource", 2, 9));
    assert_eq!(block.labels, ["a", "b"]);
    assert_eq!((block.body.attributes[1].first_line, block.body.attributes[1].last_line), (5, 8));
    assert_eq!(block.body.attributes[1].value, text("hello\n  there\n"));
    assert_eq!(block.body.blocks[0].body.attributes[0].value, text("z"));
}

#[test]
fn an_attribute_knows_the_bytes_of_its_expression() {
    let source = "a = [1, # one\n 2] # end\n";
    let body = clean(source);
    let attribute = &body.attributes[0];
    assert_eq!(&source[attribute.start..attribute.end], "[1, # one\n 2]");
    assert_eq!((attribute.first_line, attribute.last_line), (1, 2));
}

#[test]
fn a_broken_block_leaves_the_others() {
    let source = concat!(
        "resource \"a\" \"b\" {\n  x = = 1\n}\nresource \"c\" \"d\" {\n  y = 2\n",
        "variable \"v\" {\n}\nlocals {\n a = 1\n}\n"
    );
    let (body, errors) = parse(source);
    // The second block is not closed: its brace is missed at the end of the file.
    assert_eq!(errors.iter().map(|error| error.line).collect::<Vec<_>>(), [2, 11]);
    assert_eq!(kinds(&body), ["variable", "locals"]);
}

#[test]
fn reading_goes_on_at_what_begins_a_block() {
    let source = "locals {\n a = <<EOT\ndata is here\nresource too\nEOT\n b = = 1\n}\nresource a b {\n}\n";
    let (body, errors) = parse(source);
    assert_eq!(errors.iter().map(|error| error.line).collect::<Vec<_>>(), [6]);
    assert_eq!(kinds(&body), ["resource"]);
}

#[test]
fn a_file_full_of_errors_is_given_up_and_says_so() {
    let (_, errors) = parse(&"resource \"a\" \"b\" { = }\n".repeat(1000));
    assert_eq!(errors.len(), 21);
    assert_eq!(errors[20].what, "too many errors; the rest of the file was not read");
}

#[test]
fn depth_is_bounded() {
    for start in ["(", "[", "{a=", "!", "a?b:", "\"${", "f(", "a[", "a[*][*", "[for a in "] {
        let nested = start.repeat(100_000);
        assert!(parse_expression(&nested).is_err(), "{start}");
    }
    let splats = format!("a{}", "[*]".repeat(100_000));
    assert!(parse_expression(&splats).is_err_and(|error| error.what == "nested too deep"));
    let (_, errors) = parse(&"a {\n".repeat(100_000));
    assert_eq!(errors[0].what, "nested too deep");
    assert!(parse_template(&"%{ if a }".repeat(100_000)).is_err());
    let long = format!("1{}", " + 1".repeat(100_000));
    assert!(matches!(value(&long), Expression::Chain(_, rest) if rest.len() == 100_000));
}

#[test]
fn operators_bind_as_the_grammar_says() {
    let Expression::Chain(first, rest) = value("a || b && c == d + e * -f") else { panic!() };
    assert_eq!(*first, Expression::Reference("a", vec![]));
    let (operator, Expression::Chain(_, rest)) = &rest[0] else { panic!() };
    assert_eq!(*operator, "||");
    assert!(matches!(&rest[0], ("&&", Expression::Chain(_, rest)) if rest[0].0 == "=="));
}

#[test]
fn steps_behind_a_name() {
    let Expression::Reference("a", steps) = value("a.b[0].c[*].d.0") else { panic!() };
    assert_eq!(steps[..2], [Step::Attribute("b"), Step::Index(Expression::Int(0))]);
    assert_eq!(steps[2], Step::Attribute("c"));
    let inner = vec![Step::Attribute("d"), Step::Index(Expression::Int(0))];
    assert_eq!(steps[3], Step::Splat { full: true, steps: inner });
    let Expression::Reference("a", steps) = value("a.*.b[0]") else { panic!() };
    assert_eq!(steps[0], Step::Splat { full: false, steps: vec![Step::Attribute("b")] });
    assert_eq!(steps[1], Step::Index(Expression::Int(0)));
}

#[test]
fn newlines_end_expressions_outside_of_brackets_only() {
    assert_eq!(clean("a = (\n1\n+ 2\n)\n").attributes.len(), 1);
    assert_eq!(parse("a = 1 +\n2\n").1.len(), 1);
    // hcl-edit refuses this one, Terraform does not.
    assert_eq!(clean("a = {\n for k in b : k => c ? d :\n e\n}\n").attributes.len(), 1);
    assert_eq!(parse("a = {\n b = c ?\n d : e\n}\n").1.len(), 1);
}

#[test]
fn keys_of_objects_are_names_unless_in_brackets() {
    let Expression::Object(entries) = value("{ a = 1, (b) = 2, \"${c}\" = 3, \"d\" : 4 }") else { panic!() };
    assert_eq!(entries[0].0, text("a"));
    assert!(matches!(entries[1].0, Expression::Path(..)));
    assert!(matches!(entries[2].0, Expression::Path(..)));
    assert_eq!(entries[3].0, text("d"));
}

#[test]
fn escapes_and_sequences() {
    assert_eq!(value(r#""a\n\t\"\\\u00e9 $${x} %%{y} $ %""#), text("a\n\t\"\\é ${x} %{y} $ %"));
    assert_eq!(value(r#""${a}""#), Expression::Path(Box::new(Expression::Reference("a", vec![])), vec![]));
    assert!(matches!(value(r#""a${b}""#), Expression::Template(parts) if parts.len() == 2));
    assert!(parse_expression(r#""\q""#).is_err());
    assert!(parse_expression("\"a\nb\"").is_err());
    assert!(parse_expression("/* not closed").is_err());
}

#[test]
fn trims_take_the_space_beside_a_sequence() {
    let Expression::Template(parts) = value(r#""a ${~ b ~} c""#) else { panic!() };
    assert_eq!((&parts[0], &parts[2]), (&text("a"), &text("c")));
}

#[test]
fn what_is_set_twice_is_noted() {
    let (body, errors) = parse("a = 1\na = 2\n");
    assert_eq!(body.attributes.len(), 2);
    assert_eq!((errors.len(), errors[0].line), (1, 2));
}

#[test]
fn bytes_that_are_no_text_and_a_mark_in_front() {
    let (read, cut, error) = text_of(b"\xef\xbb\xbfa = \"\xff\xfe\"\n");
    assert_eq!((read.as_ref(), cut), ("a = \"??\"\n", 3));
    assert_eq!(error.unwrap().line, 1);
}
