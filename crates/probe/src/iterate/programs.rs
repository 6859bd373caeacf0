//! The iterators' programs in the kernel.

use std::fs::File;
use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd, OwnedFd};

use aya::Btf;
use aya::maps::MapData;
use aya_obj::btf::{BtfFeatures, BtfKind};
use aya_obj::{Function, Object};

use super::kernel_call;
use crate::load::{StartError, chain, classified, types};

static OBJECT: &[u8] = aya::include_bytes_aligned!(concat!(env!("OUT_DIR"), "/iterators.o"));

/// Loaded; they leave the kernel with this value.
pub struct Programs {
    threads: OwnedFd,
    files: OwnedFd,
}

impl Programs {
    /// # Errors
    /// See `StartError`.
    pub fn load() -> Result<Programs, StartError> {
        let failed = |error: &dyn std::error::Error| StartError::Failed(format!("iterators: {}", chain(error)));
        let mut object = Object::parse(OBJECT).map_err(|error| failed(&error))?;
        // A kernel that has the iterators knows all of these kinds, but perhaps not the last one, which is not used.
        let features = BtfFeatures::new(true, true, true, true, true, true, false);
        let own = object.fixup_and_sanitize_btf(&features).map_err(|error| failed(&error))?;
        let own = own.map(Btf::to_bytes).unwrap_or_default();
        let own = kernel_call::load_types(&own).map_err(|error| classified(&error, "the iterators' types"))?;
        let btf = types()?;
        object.relocate_btf(&btf).map_err(|error| failed(&error))?;
        let mut maps = Vec::new();
        for (name, map) in object.maps.drain() {
            let data = MapData::create(map.clone(), &name, Some(own.as_fd()));
            maps.push((name, data.map_err(|error| classified(&error, "the iterators' maps"))?, map));
        }
        let text = object.functions.keys().map(|(section, _)| *section).collect();
        let fds = maps.iter().map(|(name, data, map)| (name.as_str(), data.fd().as_fd().as_raw_fd(), map));
        object.relocate_maps(fds, &text).map_err(|error| failed(&error))?;
        object.relocate_calls(&text).map_err(|error| failed(&error))?;
        let program = |name: &str, iterator: &str, sleepable: bool| {
            let program = object.programs.get(name);
            let function = program.and_then(|program| object.functions.get(&program.function_key()));
            let function = function.ok_or_else(|| StartError::Failed(format!("no program {name}")))?;
            let iterator = btf
                .id_by_type_name_kind(iterator, BtfKind::Func)
                .map_err(|_| StartError::TooOld(format!("it has no {iterator}")))?;
            load(&object, function, name, iterator, sleepable, own.as_fd())
        };
        Ok(Programs {
            threads: program("list_threads", "bpf_iter_task", true)?,
            files: program("list_files", "bpf_iter_task_file", false)?,
        })
    }

    /// The list of threads, to be read once.
    ///
    /// # Errors
    /// See `StartError`.
    pub fn threads(&self) -> Result<File, StartError> {
        kernel_call::open(self.threads.as_fd()).map_err(|error| classified(&error, "the list of threads"))
    }

    /// The list of descriptors, to be read once.
    ///
    /// # Errors
    /// See `StartError`.
    pub fn files(&self) -> Result<File, StartError> {
        kernel_call::open(self.files.as_fd()).map_err(|error| classified(&error, "the list of descriptors"))
    }
}

fn load(
    object: &Object,
    function: &Function,
    name: &str,
    iterator: u32,
    sleepable: bool,
    types: BorrowedFd<'_>,
) -> Result<OwnedFd, StartError> {
    let mut code = Vec::with_capacity(function.instructions.len() * 8);
    for instruction in &function.instructions {
        code.push(instruction.code);
        // The two registers, in four bits each.
        code.push(instruction.dst_reg() | instruction.src_reg() << 4);
        code.extend_from_slice(&instruction.off.to_le_bytes());
        code.extend_from_slice(&instruction.imm.to_le_bytes());
    }
    let program = kernel_call::Program {
        name,
        license: &object.license,
        code: &code,
        sleepable,
        iterator,
        types,
        functions: (&function.func_info.func_info_bytes(), function.func_info_rec_size),
        lines: (&function.line_info.line_info_bytes(), function.line_info_rec_size),
    };
    kernel_call::load_program(&program).map_err(|(error, said)| match classified(&error, name) {
        StartError::NotAllowed(what) => StartError::NotAllowed(what),
        _ if !said.is_empty() => StartError::TooOld(format!("the program {name} was refused: {said}")),
        other => other,
    })
}
