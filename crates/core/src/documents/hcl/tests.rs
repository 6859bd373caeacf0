use super::{Expression, parse, parse_expression, parse_template};

#[test]
fn reads_blocks_and_attributes_with_their_lines() {
    let text = "# note\nresource \"a\" \"b\" {\n  x = 1\n  nested { y = \"z\" }\n  text = <<-EOT\n    hello\n      there\n  EOT\n}\n";
    let (body, errors) = parse(text);
    assert_eq!(errors, []);
    let block = &body.blocks[0];
    assert_eq!((block.kind, block.first_line, block.last_line), ("resource", 2, 9));
    assert_eq!(block.labels, ["a", "b"]);
    assert_eq!(block.body.attributes[1].first_line, 5);
    assert_eq!(block.body.attributes[1].last_line, 8);
    assert_eq!(block.body.attributes[1].value, Expression::Text("hello\n  there\n".into()));
    assert_eq!(block.body.blocks[0].body.attributes[0].value, Expression::Text("z".into()));
}

#[test]
fn a_broken_block_leaves_the_others() {
    let text = "resource \"a\" \"b\" {\n  x = = 1\n}\nresource \"c\" \"d\" {\n  y = 2\n\nvariable \"v\" {\n}\n";
    let (body, errors) = parse(text);
    assert_eq!(errors.iter().map(|error| error.line).collect::<Vec<_>>(), [2, 9]);
    assert_eq!(body.blocks.iter().map(|block| block.kind).collect::<Vec<_>>(), ["variable"]);
}

#[test]
fn depth_is_bounded() {
    for text in ["(", "[", "{a=", "!", "a?b:", "\"${", "f("] {
        let nested = text.repeat(100_000);
        assert!(parse_expression(&nested).is_err_and(|error| error.what == "nested too deep"), "{text}");
    }
    let (_, errors) = parse(&"a {\n".repeat(100_000));
    assert_eq!(errors[0].what, "nested too deep");
    assert!(parse_template(&"%{ if a }".repeat(100_000)).is_err());
}
