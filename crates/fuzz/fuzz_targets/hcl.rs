//! The reader of HCL.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vigie_core::documents::hcl;

fuzz_target!(|data: &[u8]| {
    let (text, _, _) = hcl::text_of(data);
    let (body, _) = hcl::parse(&text);
    for attribute in &body.attributes {
        assert!(text.get(attribute.start..attribute.end).is_some());
        assert!(attribute.first_line <= attribute.last_line);
    }
    let _ = hcl::parse_expression(&text);
    let _ = hcl::parse_template(&text);
});
