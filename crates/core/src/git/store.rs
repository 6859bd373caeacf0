//! All objects of a repository: packs and single files, its own and those of the repositories it borrows from.

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::bytes::{self, Bytes};
use super::delta::Delta;
use super::index::Index;
use super::loose;
use super::object::{Fault, Id, Kind};
use super::pack::{Form, Inflater, Pack};
use crate::limits::Limits;

/// Deltas that lead from an object to a whole one. Git makes at most 4095.
pub const DEEPEST: usize = 4095;
/// Repositories that are borrowed from, one through another.
const MOST_FOLDERS: usize = 64;
/// Packs that are opened.
const MOST_PACKS: usize = 50_000;
/// Bytes of objects that a reader remembers.
const REMEMBERED: usize = 8 << 20;

/// Where an object is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a pack, at an offset.
    Packed(usize, u64),
    /// In a file.
    Loose(PathBuf),
}

/// An object's content.
#[derive(Clone, Debug)]
pub struct Object {
    pub kind: Kind,
    pub data: Arc<Vec<u8>>,
}

/// All objects of a repository, for any number of threads.
pub struct Store {
    folders: Vec<PathBuf>,
    packs: Vec<Pack>,
    limits: Limits,
    /// What of the store itself cannot be read: where, what.
    pub problems: Vec<(String, String)>,
}

/// What one thread needs to read objects.
#[derive(Default)]
pub struct Cursor {
    pub inflater: Inflater,
    delta: Vec<u8>,
    cache: Cache,
}

/// Objects that were read, by pack and offset; the oldest are forgotten first.
#[derive(Default)]
struct Cache {
    objects: HashMap<(usize, u64), Object>,
    order: VecDeque<(usize, u64)>,
    bytes: usize,
}

impl Cache {
    fn put(&mut self, place: (usize, u64), object: &Object) {
        if object.data.len() > REMEMBERED / 4 || self.objects.contains_key(&place) {
            return;
        }
        self.bytes += object.data.len();
        self.objects.insert(place, object.clone());
        self.order.push_back(place);
        while self.bytes > REMEMBERED || self.order.len() > 1 << 16 {
            let Some(oldest) = self.order.pop_front() else { break };
            self.bytes -= self.objects.remove(&oldest).map_or(0, |object| object.data.len());
        }
    }
}

impl Store {
    /// Opens the folder `objects` of a repository with all that it borrows. width: bytes of an id. Objects larger than
    /// `limits.max_file` are not read.
    pub fn open(objects: &Path, width: usize, limits: &Limits) -> Self {
        let mut store = Self { folders: Vec::new(), packs: Vec::new(), limits: limits.clone(), problems: Vec::new() };
        let mut waiting = VecDeque::from([objects.to_owned()]);
        let mut seen = HashSet::new();
        while let Some(folder) = waiting.pop_front() {
            let real = match folder.canonicalize() {
                Ok(real) if real.is_dir() => real,
                _ => {
                    let place = folder.display().to_string();
                    store.problems.push((place, "objects are borrowed from here, and it is no folder".into()));
                    continue;
                }
            };
            if !seen.insert(real.clone()) {
                continue;
            }
            if seen.len() > MOST_FOLDERS {
                let what = format!("objects are borrowed from more than {MOST_FOLDERS} places; not all are read");
                store.problems.push((real.display().to_string(), what));
                break;
            }
            waiting.extend(store.alternates(&real));
            store.open_packs(&real.join("pack"), width);
            store.folders.push(real);
        }
        store
    }

    /// Of packs alone.
    pub fn of_packs(packs: Vec<Pack>, limits: &Limits) -> Self {
        Self { folders: Vec::new(), packs, limits: limits.clone(), problems: Vec::new() }
    }

    fn alternates(&mut self, folder: &Path) -> Vec<PathBuf> {
        let path = folder.join("info/alternates");
        let text = match bytes::read(&path, 1 << 20) {
            Ok(text) => text.unwrap_or_default(),
            Err(error) => {
                self.problems.push((path.display().to_string(), format!("cannot be read: {error}")));
                return Vec::new();
            }
        };
        let text = String::from_utf8_lossy(&text);
        let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines.map(|line| folder.join(line.trim_matches('"'))).collect()
    }

    fn open_packs(&mut self, folder: &Path, width: usize) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        let mut names: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        names.retain(|path| path.extension().is_some_and(|extension| extension == "pack"));
        names.sort();
        for path in names {
            if self.packs.len() >= MOST_PACKS {
                let what = format!("there are more than {MOST_PACKS} packs; not all are read");
                self.problems.push((folder.display().to_string(), what));
                return;
            }
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let open = |path: &Path| Bytes::map(path).map_err(|error| format!("cannot be read: {error}"));
            let about_index = |what: String| format!("its index {what}");
            let pack = open(&path.with_extension("idx"))
                .and_then(|data| Index::new(data, width))
                .map_err(about_index)
                .and_then(|index| Pack::new(name.clone(), open(&path)?, index, width));
            match pack {
                Ok(pack) => self.packs.push(pack),
                Err(what) => self.problems.push((name, what)),
            }
        }
    }

    /// A pack by its number.
    pub fn pack(&self, number: usize) -> &Pack {
        &self.packs[number]
    }

    /// Gives back the memory of what was read of packs.
    pub fn release(&self) {
        self.packs.iter().for_each(Pack::release);
    }

    /// The most bytes of an object that are read.
    pub fn most(&self) -> u64 {
        self.limits.max_file
    }

    /// Where an object is, if it is here.
    pub fn find(&self, id: &Id) -> Option<Place> {
        let packed = |(number, pack): (usize, &Pack)| pack.index.find(id).map(|at| Place::Packed(number, at));
        self.packs.iter().enumerate().find_map(packed).or_else(|| {
            let mut paths = self.folders.iter().map(|folder| loose::path(folder, id));
            paths.find(|path| path.is_file()).map(Place::Loose)
        })
    }

    /// Where the base of a delta in a pack is: in the same pack, if it can be.
    pub fn find_base(&self, pack: usize, id: &Id) -> Option<Place> {
        let here = self.packs[pack].index.find(id).map(|at| Place::Packed(pack, at));
        here.or_else(|| self.find(id))
    }

    /// Reads an object.
    pub fn read(&self, id: &Id, cursor: &mut Cursor) -> Result<Object, Fault> {
        let place = self.find(id).ok_or(Fault::Missing)?;
        self.read_at(&place, cursor)
    }

    /// Reads an object of a certain kind.
    pub fn read_kind(&self, id: &Id, kind: Kind, cursor: &mut Cursor) -> Result<Object, Fault> {
        let object = self.read(id, cursor)?;
        if object.kind != kind {
            return Err(Fault::Damaged(format!("it is a {} and no {}", object.kind.name(), kind.name())));
        }
        Ok(object)
    }

    /// Reads the object at a place.
    pub fn read_at(&self, place: &Place, cursor: &mut Cursor) -> Result<Object, Fault> {
        Fault::check(&self.limits)?;
        let mut place = place.clone();
        let mut chain = Vec::new();
        let mut object = loop {
            let (number, offset) = match place {
                Place::Loose(path) => {
                    let read = loose::read(&path, self.most(), &mut cursor.inflater)?;
                    let (kind, data) = read.ok_or(Fault::Missing)?;
                    break Object { kind, data: Arc::new(data) };
                }
                Place::Packed(number, offset) => (number, offset),
            };
            if let Some(object) = cursor.cache.objects.get(&(number, offset)) {
                break object.clone();
            }
            if chain.len() > DEEPEST {
                return Err(Fault::Damaged(format!("more than {DEEPEST} deltas lead to it")));
            }
            let pack = &self.packs[number];
            let entry = pack.entry(offset)?;
            self.check_size(entry.size)?;
            place = match entry.form {
                Form::Whole(kind) => {
                    let mut data = Vec::new();
                    pack.inflate(&entry, &mut cursor.inflater, &mut data)?;
                    let object = Object { kind, data: Arc::new(data) };
                    cursor.cache.put((number, offset), &object);
                    break object;
                }
                Form::Offset(base) => Place::Packed(number, base),
                Form::Base(id) => self.find_base(number, &id).ok_or_else(|| missing_base(&id))?,
            };
            chain.push((number, offset, entry));
        };
        while let Some((number, offset, entry)) = chain.pop() {
            self.packs[number].inflate(&entry, &mut cursor.inflater, &mut cursor.delta)?;
            let delta = Delta::new(&cursor.delta).map_err(Fault::damaged)?;
            self.check_size(delta.size)?;
            let mut data = Vec::new();
            delta.apply(&object.data, &mut data).map_err(Fault::damaged)?;
            object = Object { kind: object.kind, data: Arc::new(data) };
            cursor.cache.put((number, offset), &object);
            Fault::check(&self.limits)?;
        }
        Ok(object)
    }

    /// Whether an object of this size is read.
    pub fn check_size(&self, size: u64) -> Result<(), Fault> {
        if size > self.most() { Err(Fault::TooLarge(size, self.most())) } else { Ok(()) }
    }
}

/// What is wrong with a delta whose base is not here.
pub fn missing_base(id: &Id) -> Fault {
    Fault::Damaged(format!("its delta base {id} is missing"))
}
