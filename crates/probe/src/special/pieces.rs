//! Reading arguments and memory of a call, writing parameters.

use super::{Out, Raw};

/// The little-endian number of `N` bytes at an offset of the memory of an argument; 0 where there is none, as the peer
/// has it.
pub(super) fn number<const N: usize>(raw: &dyn Raw, arg: usize, offset: usize) -> u64 {
    let bytes = raw.memory(arg).and_then(|memory| memory.get(offset..)?.first_chunk::<N>());
    bytes.map_or(0, |bytes| bytes.iter().rev().fold(0, |all, &byte| all << 8 | u64::from(byte)))
}

/// Up to the first NUL; `None` where the memory could not be read.
pub(super) fn until_nul(raw: &dyn Raw, arg: usize) -> Option<&[u8]> {
    let memory = raw.memory(arg)?;
    Some(memory.split(|&byte| byte == 0).next().unwrap_or(memory))
}

pub(super) fn text(raw: &dyn Raw, arg: usize, out: &mut dyn Out) {
    match until_nul(raw, arg) {
        Some(text) => out.put(&[text, b"\0"].concat()),
        None => out.absent(),
    }
}

pub(super) fn i64(value: i64, out: &mut dyn Out) {
    out.put(&value.to_le_bytes());
}

pub(super) fn u64(value: u64, out: &mut dyn Out) {
    out.put(&value.to_le_bytes());
}

pub(super) fn u32(value: u64, out: &mut dyn Out) {
    out.put(&(value as u32).to_le_bytes());
}

pub(super) fn u16(value: u64, out: &mut dyn Out) {
    out.put(&(value as u16).to_le_bytes());
}

pub(super) fn u8(value: u64, out: &mut dyn Out) {
    out.put(&[value as u8]);
}

pub(super) fn result(raw: &dyn Raw, out: &mut dyn Out) {
    i64(raw.result(), out);
}

/// An argument that is a C `int`.
pub(super) fn int(raw: &dyn Raw, arg: usize) -> i64 {
    i64::from(raw.arg(arg) as i32)
}

/// An argument that is a C `unsigned int`.
pub(super) fn unsigned(raw: &dyn Raw, arg: usize) -> u64 {
    u64::from(raw.arg(arg) as u32)
}

/// A parameter that says which kind it is of.
pub(super) fn dynamic(selector: u8, bytes: &[u8], out: &mut dyn Out) {
    out.put(&[&[selector], bytes].concat());
}
