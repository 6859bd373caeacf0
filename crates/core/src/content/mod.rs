//! All matches of some hundred expressions in a text, most of which none of them matches.
//!
//! An expression says which texts must stand in its matches (`anchor`). One pass over the bytes finds these of all
//! rules together (`keyword`); where one stands, and what must be around it is there too, the expression itself is
//! run, over no more of the text than its match can reach (`matcher`). What is found is what each expression
//! finds alone in the whole text.

mod anchor;
mod bits;
mod changed;
mod decode;
mod encoding;
mod excerpt;
mod expressions;
mod frequency;
mod hidden;
mod keyword;
mod lines;
mod matcher;
mod members;
mod prefilter;
mod printable;
mod rule;
mod search;
mod searcher;
mod shape;
mod sighting;
mod stream;
#[cfg(test)]
mod tests;
mod values;

pub use decode::{Decoded, decoded};
pub use expressions::Expressions;
pub use lines::{Lines, Position};
pub use matcher::{Found, MOST_MATCHES, Matcher, Refused};
pub use members::{Format, members};
pub use printable::{SHORTEST_TEXT, keep_printable, readable_sections};
pub use rule::{LONGEST_PATTERN, MOST_STEPS};
pub use searcher::{SearchOptions, Searcher};
pub use sighting::{CodeLine, LONGEST_SECRET, Seen, Sighting, Sightings};
