//! Two bytes that say how a text is cut, and the text: what is found in parts is what is found in the whole, and no
//! reading of it fails, whatever it is taken for.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use vigie_core::content::{SearchOptions, Searcher, Sighting, Sightings};

/// Matches of at most so many bytes, so that none is cut.
const LONGEST: usize = 64;

fn searcher(cut: (usize, usize), options: SearchOptions) -> Searcher {
    let rules = [
        (r"\b(?P<secret>gh[ps]_[0-9A-Za-z]{4,8})\b", vec!["ghp_", "ghs_"]),
        (r"^[ \t]{0,4}token[ \t]{0,4}=[ \t]{0,4}(?P<secret>[^\s#]{2,20})$", vec!["token"]),
        (r"(?i)key(?P<key>[0-9]{2})[:\s]{1,9}(?P<secret>[^\x00-\x20]{1,9})", vec!["key"]),
        (r"<<[\s\S]{0,30}?>>", vec!["<<"]),
    ];
    let searcher = Searcher::new(&rules, options).expect("the rules are right");
    searcher.with_cut(0, cut.0, cut.1 + LONGEST)
}

type Told<'t> = (u64, usize, &'static str, (usize, usize), (usize, usize), &'t [u8], &'t [u8]);

fn told(sightings: &Sightings) -> Vec<Told<'_>> {
    let place = |one: &Sighting| ((one.start.line, one.start.column), (one.end.line, one.end.column));
    let list = sightings.list.iter().filter(|one| one.decoded.is_empty());
    let told = list.map(|one| (one, place(one)));
    told.map(|(one, (start, end))| (one.offset, one.rule, "", start, end, &*one.secret, &*one.key_id)).collect()
}

static ALL: LazyLock<Searcher> =
    LazyLock::new(|| searcher((1, 1), SearchOptions { archives: 3, binaries: true, ..SearchOptions::default() }));

fuzz_target!(|data: &[u8]| {
    let [before, behind, rest @ ..] = data else { return };
    let cut = (1 + usize::from(*before), usize::from(*behind));
    // What is no plain text is told by more bytes than are held here.
    if !rest.contains(&0) {
        let searcher = searcher(cut, SearchOptions::default());
        let (whole, parts) = (searcher.search("x", rest), searcher.search_read("x", rest.len() as u64, &mut &*rest));
        assert_eq!(told(&parts), told(&whole));
        assert_eq!(parts.problems, whole.problems);
    }
    for found in [ALL.search("x.pyc", rest), ALL.search_at("x", &rest), ALL.search_read("x", u64::MAX, &mut &*rest)] {
        assert!(!found.problems.iter().any(|problem| problem.contains("which is a bug")), "{:?}", found.problems);
    }
});
