//! gzip, decompressed while it is read. Several members after one another are one stream; what follows the last one
//! and is no member is ignored, as the peer does.

use std::io::{BufRead, Read, Result};
use std::mem;

use flate2::bufread::GzDecoder;

pub const MAGIC: [u8; 2] = [0x1f, 0x8b];

pub struct Gunzip<R> {
    state: State<R>,
}

enum State<R> {
    Member(Box<GzDecoder<R>>),
    Done,
}

impl<R: BufRead> Gunzip<R> {
    pub fn new(input: R) -> Self {
        Gunzip { state: State::Member(Box::new(GzDecoder::new(input))) }
    }
}

impl<R: BufRead> Read for Gunzip<R> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        while let State::Member(member) = &mut self.state {
            let read = member.read(into)?;
            if read > 0 {
                return Ok(read);
            }
            if let State::Member(member) = mem::replace(&mut self.state, State::Done) {
                let mut input = member.into_inner();
                if input.fill_buf()?.first() == Some(&MAGIC[0]) {
                    self.state = State::Member(Box::new(GzDecoder::new(input)));
                }
            }
        }
        Ok(0)
    }
}
