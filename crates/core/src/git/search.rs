//! The search for secrets in contents, on all cores.

use std::collections::{BTreeSet, HashMap};
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::delta::Delta;
use super::forest::{Base, Forest, Tree};
use super::loose;
use super::object::{Fault, Id, Kind};
use super::pack::{Form, Inflater};
use super::store::Store;
use crate::content::{Searcher, Sighting, Sightings};
use crate::limits::{Limits, Problems, ReadError};

/// Bytes by which a text is told from other things before it is inflated as a whole.
const HEAD: usize = 8 << 10;
/// So often, in bytes that were inflated, the memory of what was read of packs is given back.
const RELEASE: u64 = 2 << 20;
/// Smaller contents are searched as a whole: what is looked at around a change is not much less.
const LARGE: usize = 64 << 10;
/// Bytes around a change that may be looked at.
const AROUND: usize = 12 << 10;
/// Different secrets that are told of.
const MOST_HITS: usize = 50_000;

/// A content to search, under a path, with the commits that have it (by number; `BEFORE`: it is there so that what it
/// holds is not told of).
#[derive(Clone, Copy, Debug)]
pub struct Target {
    pub id: Id,
    pub path: usize,
    pub first: usize,
    pub last: usize,
    pub present: bool,
    pub before: bool,
}

/// A secret in a file, as it was first there.
pub struct Hit {
    pub sighting: Sighting,
    /// Bytes of the file.
    pub size: u64,
    pub first: usize,
    pub last: usize,
    pub present: bool,
    pub before: bool,
}

/// Path, rule, place in an archive, how it is written, value.
type Key = (usize, usize, String, &'static str, Vec<u8>);

/// A search.
pub struct Search<'a> {
    pub store: &'a Store,
    pub searcher: &'a Searcher,
    pub targets: &'a [Target],
    /// Paths by number.
    pub name: &'a (dyn Fn(usize) -> &'a str + Sync),
    pub limits: &'a Limits,
    /// From how many bytes on what differs little from a content without secrets is searched where it differs only.
    pub by_changes: usize,
    hits: Mutex<HashMap<Key, Hit>>,
    problems: Mutex<BTreeSet<(String, String)>>,
    missing: AtomicUsize,
    full: AtomicBool,
    bytes: AtomicU64,
    /// Bytes of objects made since memory was given back.
    made: AtomicU64,
}

/// What was found.
pub struct Outcome {
    pub hits: Vec<(usize, Hit)>,
    pub problems: Problems,
    /// Contents that are not here.
    pub missing: usize,
    /// Bytes that were searched.
    pub bytes: u64,
}

/// An object that is to be made.
struct Waiting {
    number: usize,
    base: Arc<Vec<u8>>,
    /// The base was searched as a text, and there is nothing in it.
    is_clean: bool,
}

/// What one thread needs.
#[derive(Default)]
struct Hand {
    inflater: Inflater,
    delta: Vec<u8>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a> Search<'a> {
    pub fn new(
        store: &'a Store,
        searcher: &'a Searcher,
        targets: &'a [Target],
        name: &'a (dyn Fn(usize) -> &'a str + Sync),
        limits: &'a Limits,
    ) -> Self {
        Self {
            store,
            searcher,
            targets,
            name,
            limits,
            by_changes: LARGE,
            hits: Mutex::default(),
            problems: Mutex::default(),
            missing: AtomicUsize::new(0),
            full: AtomicBool::new(false),
            bytes: AtomicU64::new(0),
            made: AtomicU64::new(0),
        }
    }

    /// Searches everything.
    pub fn run(self, threads: usize) -> Result<Outcome, ReadError> {
        let forest = Forest::grow(self.store, self.targets.iter().map(|target| &target.id));
        for (target, fault) in &forest.lost {
            self.fail(*target, fault)?;
        }
        let next = AtomicUsize::new(0);
        let stop = AtomicBool::new(false);
        let count = forest.roots.len() + forest.loose.len();
        let work = || -> Result<(), ReadError> {
            let mut hand = Hand::default();
            while !stop.load(Ordering::Relaxed) {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= count {
                    break;
                }
                let done = match forest.roots.get(at) {
                    Some(&root) => self.tree(&forest, root, &mut hand),
                    None => self.loose(&forest.loose[at - forest.roots.len()], &mut hand),
                };
                if done.is_err() {
                    stop.store(true, Ordering::Relaxed);
                    return done;
                }
            }
            Ok(())
        };
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads.min(count)).map(|_| scope.spawn(work)).collect();
            let mut done = work();
            for other in others {
                let other = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                done = done.and(other);
            }
            done
        })?;
        let mut problems = Problems::default();
        for (place, what) in self.problems.into_inner().unwrap_or_else(PoisonError::into_inner) {
            problems.push(place, what);
        }
        if self.full.into_inner() {
            problems.push("history", format!("more than {MOST_HITS} different secrets; not all are told"));
        }
        let hits = self.hits.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Outcome {
            hits: hits.into_iter().map(|((path, ..), hit)| (path, hit)).filter(|(_, hit)| !hit.before).collect(),
            problems,
            missing: self.missing.into_inner(),
            bytes: self.bytes.into_inner(),
        })
    }

    /// An object with all that is made from it.
    fn tree(&self, forest: &Forest, root: usize, hand: &mut Hand) -> Result<(), ReadError> {
        let mut waiting = vec![Waiting { number: root, base: Arc::default(), is_clean: false }];
        while let Some(Waiting { number, base, mut is_clean }) = waiting.pop() {
            self.limits.check_time()?;
            let tree = &forest.trees[number];
            if let (Base::Whole, Some(target), true) = (&tree.base, tree.target, tree.children.is_empty()) {
                match self.alone(tree, &self.targets[target], hand) {
                    Ok(true) => continue,
                    Ok(false) => {}
                    Err(fault) => {
                        self.fail(target, &fault)?;
                        continue;
                    }
                }
            }
            let mut data = Vec::new();
            if let Err(fault) = self.make(tree, &base, hand, &mut data) {
                for target in forest.targets(number) {
                    self.fail(target, &fault)?;
                }
                continue;
            }
            if let Some(target) = tree.target {
                let target = &self.targets[target];
                is_clean = is_clean && self.stays_clean(target, &base, &data, &hand.delta)
                    || self.search(target, &data) && self.searcher.reads_as_text((self.name)(target.path), &data);
            } else {
                is_clean = false;
            }
            drop(base);
            let base = Arc::new(data);
            // The one with most behind it comes last, when nobody needs this object any more.
            let next = |&number: &usize| Waiting { number, base: base.clone(), is_clean };
            waiting.extend(tree.children.iter().rev().map(next));
        }
        Ok(())
    }

    /// Makes an object.
    fn make(&self, tree: &Tree, base: &[u8], hand: &mut Hand, data: &mut Vec<u8>) -> Result<(), Fault> {
        let pack = self.store.pack(tree.pack);
        self.store.check_size(tree.entry.size)?;
        if self.made.fetch_add(tree.entry.size, Ordering::Relaxed) > RELEASE {
            self.made.store(0, Ordering::Relaxed);
            pack.release();
        }
        let held;
        let base = match &tree.base {
            Base::Broken(fault) => return Err(fault.clone()),
            Base::Whole => {
                if tree.entry.form != Form::Whole(Kind::Blob) {
                    return Err(Fault::damaged("it is no file"));
                }
                return pack.inflate(&tree.entry, &mut hand.inflater, data);
            }
            Base::Inside => base,
            Base::Loose(path) => {
                held = self.read_loose(path, hand)?;
                &held
            }
        };
        pack.inflate(&tree.entry, &mut hand.inflater, &mut hand.delta)?;
        let delta = Delta::new(&hand.delta).map_err(Fault::damaged)?;
        self.store.check_size(delta.size)?;
        delta.apply(base, data).map_err(Fault::damaged)
    }

    /// An object that is whole and that nothing is made from. True: it is done, since it is no text, or since it is so
    /// large that it was searched in pieces.
    fn alone(&self, tree: &Tree, target: &Target, hand: &mut Hand) -> Result<bool, Fault> {
        let size = tree.entry.size;
        if size <= HEAD as u64 || tree.entry.form != Form::Whole(Kind::Blob) {
            return Ok(false);
        }
        let name = (self.name)(target.path);
        let compressed = self.store.pack(tree.pack).compressed(&tree.entry);
        let mut head = [0; HEAD];
        let length = hand.inflater.head(compressed, &mut head)?;
        if !self.searcher.wants(name, size, &head[..length]) {
            return Ok(true);
        }
        if size <= self.store.most() {
            return Ok(false);
        }
        self.bytes.fetch_add(size, Ordering::Relaxed);
        let mut source = flate2::read::ZlibDecoder::new(compressed).take(size);
        self.deliver(target, size, self.searcher.search_read(name, size, &mut source));
        Ok(true)
    }

    fn loose(&self, (target, path): &(usize, std::path::PathBuf), hand: &mut Hand) -> Result<(), ReadError> {
        self.limits.check_time()?;
        match self.read_loose(path, hand) {
            Ok(data) => {
                self.search(&self.targets[*target], &data);
                Ok(())
            }
            Err(fault) => self.fail(*target, &fault),
        }
    }

    fn read_loose(&self, path: &Path, hand: &mut Hand) -> Result<Vec<u8>, Fault> {
        match loose::read(path, self.store.most(), &mut hand.inflater)? {
            Some((Kind::Blob, data)) => Ok(data),
            Some(_) => Err(Fault::damaged("it is no file")),
            None => Err(Fault::Missing),
        }
    }

    /// Searches a content. True: there is nothing in it.
    fn search(&self, target: &Target, data: &[u8]) -> bool {
        self.bytes.fetch_add(data.len() as u64, Ordering::Relaxed);
        let sightings = self.searcher.search((self.name)(target.path), data);
        let is_clean = sightings.is_empty();
        if !is_clean {
            self.deliver(target, data.len() as u64, sightings);
        }
        is_clean
    }

    /// Whether there is nothing in a content that a delta makes of one in which there is nothing.
    fn stays_clean(&self, target: &Target, base: &[u8], data: &[u8], delta: &[u8]) -> bool {
        if data.len() < self.by_changes {
            return false;
        }
        let Some(regions) = Delta::new(delta).ok().and_then(|delta| delta.changes(base.len()).ok()) else {
            return false;
        };
        let mut done = 0;
        let mut around = 0;
        for &(from, to) in &regions {
            let from = from.saturating_sub(AROUND).max(done);
            done = to + AROUND;
            around += done.saturating_sub(from);
        }
        if self.by_changes > 0 && around > data.len() / 4 {
            return false;
        }
        let stays = self.searcher.stays_clean((self.name)(target.path), data, &regions);
        if stays {
            self.bytes.fetch_add(data.len() as u64, Ordering::Relaxed);
        }
        stays
    }

    /// Keeps what is found: of one value in one file the first that was there.
    fn deliver(&self, target: &Target, size: u64, sightings: Sightings) {
        for what in sightings.problems {
            lock(&self.problems).insert(((self.name)(target.path).to_owned(), what));
        }
        let mut hits = lock(&self.hits);
        for sighting in sightings.list {
            let key = (target.path, sighting.rule, sighting.inner.clone(), sighting.decoded, sighting.secret.clone());
            let full = hits.len() >= MOST_HITS;
            let Target { first, last, present, before, .. } = *target;
            match hits.get_mut(&key) {
                Some(hit) => {
                    if (first, sighting.offset) < (hit.first, hit.sighting.offset) {
                        (hit.first, hit.sighting, hit.size) = (first, sighting, size);
                    }
                    hit.last = hit.last.max(last);
                    hit.present |= present;
                    hit.before |= before;
                }
                None if full => self.full.store(true, Ordering::Relaxed),
                None => drop(hits.insert(key, Hit { sighting, size, first, last, present, before })),
            }
        }
    }

    /// Tells of a content that cannot be searched.
    fn fail(&self, target: usize, fault: &Fault) -> Result<(), ReadError> {
        let Target { id, path, .. } = self.targets[target];
        if *fault == Fault::Missing {
            self.missing.fetch_add(1, Ordering::Relaxed);
        }
        let what = fault.clone().told()?;
        lock(&self.problems).insert(((self.name)(path).to_owned(), format!("its content {id} {what}")));
        Ok(())
    }
}
