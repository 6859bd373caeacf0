//! Gzip streams (RFC 1952).

use flate2::{Decompress, FlushDecompress, Status};

use crate::limits::ReadError;
use crate::stored::Packed;

type Result<T> = std::result::Result<T, ReadError>;

enum Place {
    Header,
    Body,
    Trailer,
    Padding,
}

/// Any number of members, zero padding behind the last one.
pub struct Gzip {
    inflate: Decompress,
    checksum: crc32fast::Hasher,
    place: Place,
    members: u64,
}

impl Gzip {
    pub fn new() -> Self {
        Self { inflate: Decompress::new(false), checksum: crc32fast::Hasher::new(), place: Place::Header, members: 0 }
    }

    fn header(&mut self, input: &mut impl Packed) -> Result<()> {
        const WHAT: &str = "the gzip header";
        let at = input.offset();
        let mut fixed = [0; 10];
        for byte in &mut fixed {
            *byte = input.byte(WHAT)?;
        }
        if fixed[..3] != [0x1f, 0x8b, 8] {
            let what =
                if self.members == 0 { "no gzip header" } else { "something other than gzip follows the gzip data" };
            return Err(ReadError::damaged(what, at));
        }
        let flags = fixed[3];
        if flags & 4 != 0 {
            let length = u64::from(input.byte(WHAT)?) | u64::from(input.byte(WHAT)?) << 8;
            input.skip(length, WHAT)?;
        }
        for text in [8, 16] {
            if flags & text != 0 {
                while input.byte(WHAT)? != 0 {}
            }
        }
        if flags & 2 != 0 {
            input.skip(2, WHAT)?;
        }
        self.inflate.reset(false);
        self.checksum = crc32fast::Hasher::new();
        self.members += 1;
        Ok(())
    }

    fn trailer(&mut self, input: &mut impl Packed) -> Result<()> {
        let at = input.offset();
        let checksum = input.little_u32("the gzip checksum")?;
        if checksum != self.checksum.clone().finalize() {
            return Err(ReadError::damaged("the gzip checksum does not match", at));
        }
        let size = input.little_u32("the gzip size")?;
        if u64::from(size) != self.inflate.total_out() & 0xffff_ffff {
            return Err(ReadError::damaged("the gzip size does not match", at));
        }
        Ok(())
    }

    /// Inflates into `target` as far as there is data; returns how much it was.
    pub fn fill(&mut self, input: &mut impl Packed, target: &mut [u8]) -> Result<usize> {
        let mut done = 0;
        while done < target.len() {
            match self.place {
                Place::Header => {
                    if self.members > 0 {
                        if !input.fill()? {
                            break;
                        }
                        if input.at_hand().first() == Some(&0) {
                            self.place = Place::Padding;
                            continue;
                        }
                    }
                    self.header(input)?;
                    self.place = Place::Body;
                }
                Place::Body => {
                    if !input.fill()? {
                        // What there is comes first; the next call ends here again.
                        if done > 0 {
                            break;
                        }
                        return Err(ReadError::damaged("the gzip data is cut off", input.offset()));
                    }
                    let before = (self.inflate.total_in(), self.inflate.total_out());
                    let status = self
                        .inflate
                        .decompress(input.at_hand(), &mut target[done..], FlushDecompress::None)
                        .map_err(|_| ReadError::damaged("the gzip data is damaged", input.offset()))?;
                    // Both differences are bounded by the lengths of the slices given.
                    let taken = (self.inflate.total_in() - before.0) as usize;
                    let made = (self.inflate.total_out() - before.1) as usize;
                    input.consume(taken);
                    self.checksum.update(&target[done..done + made]);
                    done += made;
                    if status == Status::StreamEnd {
                        self.place = Place::Trailer;
                    } else if taken == 0 && made == 0 {
                        return Err(ReadError::damaged("the gzip data is damaged", input.offset()));
                    }
                }
                Place::Trailer => {
                    self.trailer(input)?;
                    self.place = Place::Header;
                }
                Place::Padding => {
                    if !input.fill()? {
                        break;
                    }
                    if input.at_hand().iter().any(|&byte| byte != 0) {
                        return Err(ReadError::damaged(
                            "something other than gzip follows the gzip data",
                            input.offset(),
                        ));
                    }
                    input.consume(input.at_hand().len());
                }
            }
        }
        Ok(done)
    }
}
