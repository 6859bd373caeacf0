//! Archives in every format, written by hand as far as tests have to change them.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};

/// One file of an archive.
#[derive(Clone)]
pub struct Packed {
    pub name: Vec<u8>,
    pub flags: u16,
    pub method: u16,
    pub crc: u32,
    pub size: u32,
    pub data: Vec<u8>,
}

pub fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn bz2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn zst(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(zstd_safe::compress_bound(bytes.len()));
    zstd_safe::compress(&mut out, bytes, 3).unwrap();
    out
}

pub fn file(name: &str, method: u16, bytes: &[u8]) -> Packed {
    let data = match method {
        0 => bytes.to_vec(),
        8 => deflated(bytes),
        12 => bz2(bytes),
        93 => zst(bytes),
        95 => xz(bytes),
        _ => bytes.to_vec(),
    };
    let size = u32::try_from(bytes.len()).unwrap();
    Packed { name: name.into(), flags: 0, method, crc: crc32fast::hash(bytes), size, data }
}

pub fn numbers(halves: &[u16]) -> Vec<u8> {
    halves.iter().flat_map(|half| half.to_le_bytes()).collect()
}

/// What the local header and the central one share, from the flags to the length of the extra field.
pub fn about(file: &Packed) -> Vec<u8> {
    let packed = u32::try_from(file.data.len()).unwrap();
    let mut header = numbers(&[file.flags, file.method, 0, 0]);
    for number in [file.crc, packed, file.size] {
        header.extend(number.to_le_bytes());
    }
    header.extend(numbers(&[u16::try_from(file.name.len()).unwrap(), 0]));
    header
}

/// A ZIP archive, of which the directory may be changed: the entries it has, each with the place of its local header.
pub fn zip_with(files: &[Packed], listed: impl Fn(Vec<(Packed, u32)>) -> (Vec<(Packed, u32)>, u16)) -> Vec<u8> {
    let (mut archive, mut places) = (Vec::new(), Vec::new());
    for file in files {
        places.push((file.clone(), u32::try_from(archive.len()).unwrap()));
        archive.extend(b"PK\x03\x04\x14\x00");
        archive.extend(about(file));
        archive.extend(&file.name);
        archive.extend(&file.data);
    }
    let (entries, count) = listed(places);
    let directory_at = u32::try_from(archive.len()).unwrap();
    for (file, at) in entries {
        archive.extend(b"PK\x01\x02\x14\x00\x14\x00");
        archive.extend(about(&file));
        archive.extend(numbers(&[0, 0, 0, 0, 0]));
        archive.extend(at.to_le_bytes());
        archive.extend(&file.name);
    }
    let length = u32::try_from(archive.len()).unwrap() - directory_at;
    archive.extend(b"PK\x05\x06");
    archive.extend(numbers(&[0, 0, count, count]));
    archive.extend(length.to_le_bytes());
    archive.extend(directory_at.to_le_bytes());
    archive.extend(numbers(&[0]));
    archive
}

pub fn zip(files: &[Packed]) -> Vec<u8> {
    zip_with(files, |entries| {
        let count = u16::try_from(entries.len()).unwrap();
        (entries, count)
    })
}

pub fn tar(files: &[(&str, u8, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, flag, data) in files {
        let mut block = [0; 512];
        block[..name.len()].copy_from_slice(name.as_bytes());
        block[100..108].copy_from_slice(b"0000644\0");
        block[124..136].copy_from_slice(format!("{:011o}\0", data.len()).as_bytes());
        block[148..156].fill(b' ');
        block[156] = *flag;
        block[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        archive.extend(block);
        archive.extend(*data);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive.resize(archive.len() + 1024, 0);
    archive
}
