//! A capture as a source of events.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use vigie_events::{Delivered, Event, Params, Source, SourceError, id};

use crate::block::{Kind, Layout, MAGIC, MAJOR};
use crate::convert::{Converter, Upgraded};
use crate::cursor::Cursor;
use crate::event::{Placed, Route, Shape, Unplaced, place, shapes};
use crate::gzip::{self, Gunzip};
use crate::metadata::Collected;
use crate::window::{Block, Window};

/// How much of a compressed file is read at once.
const COMPRESSED_STEP: usize = 64 << 10;

/// Reads a `.scap` capture, plain or gzip, of any version of its blocks. Delivers the facts about the host, then
/// events in the current schema; the same again for every further section. Memory is bounded whatever the file says.
pub struct Reader {
    window: Window,
    shapes: Box<[Shape]>,
    converter: Converter,
    state: State,
    skipped: u64,
}

#[derive(Clone, Debug)]
enum State {
    /// A section header comes next.
    Section,
    Events,
    Ended,
    Failed(SourceError),
}

/// What `Reader::advance` found.
enum Step {
    /// An event that is delivered as it lies.
    Plain(Block, Placed),
    /// An upgraded event, which the converter holds.
    Built(Placed),
    Section,
    End,
}

impl Reader {
    /// Opens a file or a pipe. Nothing but its first bytes is read.
    ///
    /// # Errors
    /// It cannot be opened or read.
    pub fn open(path: &Path) -> io::Result<Reader> {
        Reader::over(File::open(path)?)
    }

    /// Reads whatever delivers bytes.
    ///
    /// # Errors
    /// Its first bytes cannot be read.
    pub fn over(mut input: impl Read + Send + 'static) -> io::Result<Reader> {
        let mut head = Vec::new();
        input.by_ref().take(gzip::MAGIC.len() as u64).read_to_end(&mut head)?;
        let compressed = head == gzip::MAGIC;
        let input = io::Cursor::new(head).chain(input);
        Ok(Reader::from_window(if compressed {
            Window::over(Box::new(Gunzip::new(BufReader::with_capacity(COMPRESSED_STEP, input))))
        } else {
            Window::over(Box::new(input))
        }))
    }

    /// Reads a capture that is in memory, plain or gzip.
    pub fn from_bytes(bytes: Vec<u8>) -> Reader {
        Reader::from_window(if bytes.starts_with(&gzip::MAGIC) {
            Window::over(Box::new(Gunzip::new(io::Cursor::new(bytes))))
        } else {
            Window::of(bytes)
        })
    }

    fn from_window(window: Window) -> Reader {
        Reader { window, shapes: shapes(), converter: Converter::default(), state: State::Section, skipped: 0 }
    }

    /// Reads a section header and all blocks before the first event.
    fn section(&mut self) -> Result<Collected, SourceError> {
        let Some(block) = self.window.block()? else { return Err(self.window.error("an empty capture")) };
        if Kind::of(block.number) != Kind::Section {
            return Err(self.window.error("not a capture"));
        }
        check_header(self.window.body(block)).map_err(|what| self.window.error(what))?;
        self.window.step_over(block);
        self.converter.clear();
        let mut collected = Collected::default();
        while let Some(block) = self.window.block()? {
            let kind = Kind::of(block.number);
            if matches!(kind, Kind::Section | Kind::Event(_)) {
                break;
            }
            collected.read(kind, self.window.body(block)).map_err(|what| self.window.error(what))?;
            self.window.step_over(block);
        }
        Ok(collected)
    }

    /// Goes to the next event that is delivered.
    #[inline]
    fn advance(&mut self) -> Result<Step, SourceError> {
        while let Some(block) = self.window.block()? {
            let Kind::Event(layout) = Kind::of(block.number) else {
                if Kind::of(block.number) == Kind::Section {
                    return Ok(Step::Section);
                }
                return Err(self.window.error("a block among the events that is none"));
            };
            let Some(placed) = self.place(block, layout)? else { continue };
            let shape = self.shapes[usize::from(placed.id)];
            let plain = match shape.route {
                Route::Pass => true,
                Route::PassCounted => usize::from(shape.params) == placed.params,
                Route::Convert | Route::Drop => false,
            };
            if placed.id == id::PROCEXIT_E {
                self.converter.forget(placed.tid);
            }
            if plain {
                return Ok(Step::Plain(block, placed));
            }
            if let Some(step) = self.upgrade(block, placed)? {
                return Ok(step);
            }
        }
        Ok(Step::End)
    }

    /// `None` for an event that a newer writer made.
    #[inline]
    fn place(&mut self, block: Block, layout: Layout) -> Result<Option<Placed>, SourceError> {
        match place(self.window.body(block), layout, &self.shapes) {
            Ok(placed) => Ok(Some(placed)),
            Err(Unplaced::Damaged(what)) => Err(self.window.error(what)),
            Err(Unplaced::Unknown) => {
                self.skipped += 1;
                self.window.step_over(block);
                Ok(None)
            }
        }
    }

    /// `None` for an event that is dropped.
    fn upgrade(&mut self, block: Block, mut placed: Placed) -> Result<Option<Step>, SourceError> {
        let Some(params) = params(self.window.body(block), &placed) else {
            return Err(self.window.error(TOO_SHORT));
        };
        let upgraded = self.converter.upgrade(placed.tid, placed.id, &params, &self.shapes);
        let step = match upgraded {
            Upgraded::Same => return Ok(Some(Step::Plain(block, placed))),
            Upgraded::Damaged(what) => return Err(self.window.error(what)),
            Upgraded::Built => {
                placed.id = self.converter.built().0;
                Some(Step::Built(placed))
            }
            Upgraded::Dropped => {
                self.skipped += 1;
                None
            }
        };
        self.window.step_over(block);
        Ok(step)
    }
}

const TOO_SHORT: &str = "an event whose parameters are longer than itself";

#[inline]
fn params<'a>(body: &'a [u8], placed: &Placed) -> Option<Params<'a>> {
    Params::new(body.get(placed.lengths..placed.data)?, placed.wide, body.get(placed.data..placed.end)?)
}

fn check_header(body: &[u8]) -> Result<(), &'static str> {
    let mut fields = Cursor::new(body);
    let (Some(magic), Some(major), Some(_), Some(_)) = (fields.u32(), fields.u16(), fields.u16(), fields.u64()) else {
        return Err("a section header that is too short");
    };
    match magic {
        MAGIC if major <= MAJOR => Ok(()),
        MAGIC => Err("a capture of a newer major version"),
        _ if magic == MAGIC.swap_bytes() => Err("a capture of a machine with the other byte order"),
        _ => Err("not a capture"),
    }
}

impl Source for Reader {
    #[inline]
    fn next(&mut self) -> Result<Delivered<'_>, SourceError> {
        match &self.state {
            State::Events => {}
            State::Ended => return Ok(Delivered::End),
            State::Failed(error) => return Err(error.clone()),
            State::Section => {
                return match self.section() {
                    Ok(collected) => {
                        self.state = State::Events;
                        Ok(Delivered::Host(Box::new(collected.facts)))
                    }
                    Err(error) => {
                        self.state = State::Failed(error.clone());
                        Err(error)
                    }
                };
            }
        }
        let step = match self.advance() {
            Ok(step) => step,
            Err(error) => {
                self.state = State::Failed(error.clone());
                return Err(error);
            }
        };
        let (placed, params) = match step {
            Step::Plain(block, placed) => {
                let offset = self.window.offset();
                self.window.step_over(block);
                (placed, params(self.window.body(block), &placed).ok_or(offset))
            }
            Step::Built(placed) => {
                let (_, lengths, data) = self.converter.built();
                (placed, Params::new(lengths, true, data).ok_or(self.window.offset()))
            }
            Step::Section => {
                self.state = State::Section;
                return self.next();
            }
            Step::End => {
                self.state = State::Ended;
                return Ok(Delivered::End);
            }
        };
        match params {
            Ok(params) => {
                let Placed { cpu, flags, ts, tid, id, .. } = placed;
                Ok(Delivered::Event(Event { num: 0, ts, tid, cpu, flags, id, params }))
            }
            Err(offset) => {
                let error = SourceError::new(TOO_SHORT, Some(offset));
                self.state = State::Failed(error.clone());
                Err(error)
            }
        }
    }

    fn skipped(&self) -> u64 {
        self.skipped
    }
}
