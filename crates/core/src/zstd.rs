//! Zstandard streams (RFC 8878), by the reference decoder.

use std::io;

use zstd_safe::{DCtx, DParameter, InBuffer, OutBuffer, get_error_name};

use crate::limits::ReadError;
use crate::stored::Packed;

type Result<T> = std::result::Result<T, ReadError>;

/// Any number of frames, skippable ones included.
pub struct Zstd {
    context: DCtx<'static>,
    inside: bool,
}

impl Zstd {
    /// The largest window that is usual: 128 MiB.
    pub const WINDOW: u32 = 27;

    /// The window, and so the memory, has 2 to the power of `window` bytes at most.
    pub fn new(window: u32) -> Result<Self> {
        let mut context = DCtx::try_create().ok_or_else(|| io::Error::from(io::ErrorKind::OutOfMemory))?;
        context
            .set_parameter(DParameter::WindowLogMax(window))
            .map_err(|code| io::Error::other(get_error_name(code)))?;
        Ok(Self { context, inside: false })
    }

    /// Inflates into `target` as far as there is data; returns how much it was.
    pub fn fill(&mut self, input: &mut impl Packed, target: &mut [u8]) -> Result<usize> {
        let mut out = OutBuffer::around(target);
        while out.pos() < out.capacity() {
            let more = input.fill()?;
            if !more && !self.inside {
                break;
            }
            let before = out.pos();
            let mut bytes = InBuffer::around(input.at_hand());
            let answer = self.context.decompress_stream(&mut out, &mut bytes);
            let taken = bytes.pos();
            input.consume(taken);
            match answer {
                Ok(hint) => self.inside = hint != 0,
                Err(code) => {
                    let what = format!("the zstd data is damaged: {}", get_error_name(code).to_lowercase());
                    return Err(ReadError::damaged(what, input.offset()));
                }
            }
            // What the decoder still holds comes without further input; then it wants some.
            if !more && self.inside && out.pos() == before {
                if before > 0 {
                    break;
                }
                return Err(ReadError::damaged("the zstd data is cut off", input.offset()));
            }
        }
        Ok(out.pos())
    }
}
