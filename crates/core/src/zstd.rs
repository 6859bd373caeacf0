//! Zstandard streams (RFC 8878), by the reference decoder.

use std::io;

use zstd_safe::{DCtx, DParameter, InBuffer, OutBuffer, get_error_name};

use crate::limits::ReadError;
use crate::stored::Input;

type Result<T> = std::result::Result<T, ReadError>;

/// Any number of frames, skippable ones included. The window, and so the memory, is 128 MiB at most.
pub struct Zstd {
    context: DCtx<'static>,
    inside: bool,
}

impl Zstd {
    pub fn new() -> Result<Self> {
        let mut context = DCtx::try_create().ok_or_else(|| io::Error::from(io::ErrorKind::OutOfMemory))?;
        context.set_parameter(DParameter::WindowLogMax(27)).map_err(|code| io::Error::other(get_error_name(code)))?;
        Ok(Self { context, inside: false })
    }

    /// Inflates into `target` as far as there is data; returns how much it was.
    pub fn fill(&mut self, input: &mut Input, target: &mut [u8]) -> Result<usize> {
        let mut out = OutBuffer::around(target);
        while out.pos() < out.capacity() {
            let more = input.fill()?;
            if !more && !self.inside {
                break;
            }
            let before = out.pos();
            let mut bytes = InBuffer::around(&input.buffer[input.next..input.filled]);
            let answer = self.context.decompress_stream(&mut out, &mut bytes);
            input.next += bytes.pos();
            match answer {
                Ok(hint) => self.inside = hint != 0,
                Err(code) => {
                    let what = format!("the zstd data is damaged: {}", get_error_name(code).to_lowercase());
                    return Err(ReadError::damaged(what, input.offset()));
                }
            }
            // What the decoder still holds comes without further input; then it wants some.
            if !more && self.inside && out.pos() == before {
                return Err(ReadError::damaged("the zstd data is cut off", input.offset()));
            }
        }
        Ok(out.pos())
    }
}
