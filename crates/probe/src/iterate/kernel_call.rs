//! The calls of bpf(2) that aya does not have: type information and iterators.

use std::ffi::CStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd};

const PROG_LOAD: libc::c_long = 5;
const BTF_LOAD: libc::c_long = 18;
const LINK_CREATE: libc::c_long = 28;
const ITER_CREATE: libc::c_long = 33;

const TYPE_TRACING: u32 = 26;
const ATTACH_ITERATOR: u32 = 28;
const SLEEPABLE: u32 = 1 << 4;

/// Bytes of an instruction, and of a record of the tables about functions and lines.
const INSTRUCTION: usize = 8;
/// As much of the verifier's words as is looked at.
const LOG_BYTES: usize = 256 << 10;

/// A program as the kernel takes it.
pub struct Program<'p> {
    pub name: &'p str,
    pub license: &'p CStr,
    /// The instructions as bytes.
    pub code: &'p [u8],
    pub sleepable: bool,
    /// The kernel's function that stands for the iterator, by the number of its type.
    pub iterator: u32,
    pub types: BorrowedFd<'p>,
    /// Records of the object's type information, and the size of one.
    pub functions: (&'p [u8], usize),
    pub lines: (&'p [u8], usize),
}

/// As in `union bpf_attr`; what stands behind it is zero.
#[repr(C)]
#[derive(Default)]
struct ProgramAttributes {
    program_type: u32,
    instructions: u32,
    code: u64,
    license: u64,
    log_level: u32,
    log_size: u32,
    log: u64,
    kernel_version: u32,
    flags: u32,
    name: [u8; 16],
    interface: u32,
    attach_type: u32,
    types: u32,
    function_size: u32,
    functions: u64,
    function_count: u32,
    line_size: u32,
    lines: u64,
    line_count: u32,
    attach_to: u32,
}

#[repr(C)]
#[derive(Default)]
struct TypesAttributes {
    types: u64,
    log: u64,
    types_size: u32,
    log_size: u32,
    log_level: u32,
    reserved: u32,
}

#[repr(C)]
#[derive(Default)]
struct LinkAttributes {
    program: u32,
    target: u32,
    attach_type: u32,
    flags: u32,
}

#[repr(C)]
#[derive(Default)]
struct IteratorAttributes {
    link: u32,
    flags: u32,
}

/// Calls of bpf(2) whose attributes have no pointers, or such that point to what lives as long as the call, with the
/// sizes beside them right: all of them are made in this file.
fn bpf<T>(command: libc::c_long, attributes: &mut T) -> io::Result<OwnedFd> {
    let size = size_of::<T>();
    // The kernel reads `size` bytes of the attributes, and what they point to.
    #[allow(unsafe_code)]
    let number = unsafe { libc::syscall(libc::SYS_bpf, command, std::ptr::from_mut(attributes), size) };
    if number < 0 {
        return Err(io::Error::last_os_error());
    }
    // All commands of this file answer with a new descriptor.
    #[allow(unsafe_code)]
    Ok(unsafe { OwnedFd::from_raw_fd(number as i32) })
}

fn number(fd: BorrowedFd<'_>) -> u32 {
    fd.as_raw_fd() as u32
}

/// Gives the kernel the types of an object.
///
/// # Errors
/// The kernel refuses them.
pub fn load_types(types: &[u8]) -> io::Result<OwnedFd> {
    let mut attributes =
        TypesAttributes { types: types.as_ptr() as u64, types_size: types.len() as u32, ..TypesAttributes::default() };
    bpf(BTF_LOAD, &mut attributes)
}

/// Has the kernel verify a program and keep it.
///
/// # Errors
/// The kernel refuses it; with the verifier's last word, where there is one.
pub fn load_program(program: &Program<'_>) -> Result<OwnedFd, (io::Error, String)> {
    let mut attributes = ProgramAttributes {
        program_type: TYPE_TRACING,
        instructions: (program.code.len() / INSTRUCTION) as u32,
        code: program.code.as_ptr() as u64,
        license: program.license.as_ptr() as u64,
        flags: if program.sleepable { SLEEPABLE } else { 0 },
        attach_type: ATTACH_ITERATOR,
        types: number(program.types),
        function_size: program.functions.1 as u32,
        functions: program.functions.0.as_ptr() as u64,
        function_count: (program.functions.0.len() / program.functions.1.max(1)) as u32,
        line_size: program.lines.1 as u32,
        lines: program.lines.0.as_ptr() as u64,
        line_count: (program.lines.0.len() / program.lines.1.max(1)) as u32,
        attach_to: program.iterator,
        ..ProgramAttributes::default()
    };
    for (to, from) in attributes.name[..15].iter_mut().zip(program.name.bytes()) {
        *to = from;
    }
    let error = match bpf(PROG_LOAD, &mut attributes) {
        Ok(fd) => return Ok(fd),
        Err(error) => error,
    };
    let mut log = vec![0u8; LOG_BYTES];
    (attributes.log_level, attributes.log_size, attributes.log) = (1, LOG_BYTES as u32, log.as_mut_ptr() as u64);
    let _ = bpf(PROG_LOAD, &mut attributes);
    let log = String::from_utf8_lossy(vigie_events::event::until_nul(&log)).into_owned();
    let last = log.lines().rev().find(|line| !line.is_empty() && !line.starts_with("processed")).unwrap_or("");
    Err((error, last.to_owned()))
}

/// What the iterator's program writes, as a file. The program runs while it is read.
///
/// # Errors
/// The kernel has no such iterators.
pub fn open(program: BorrowedFd<'_>) -> io::Result<File> {
    let mut link =
        LinkAttributes { program: number(program), attach_type: ATTACH_ITERATOR, ..LinkAttributes::default() };
    let link = bpf(LINK_CREATE, &mut link)?;
    let mut iterator = IteratorAttributes { link: number(link.as_fd()), flags: 0 };
    bpf(ITER_CREATE, &mut iterator).map(File::from)
}
