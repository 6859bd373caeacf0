//! A capture as a source of events.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use vigie_events::{Delivered, Event, Params, Source, SourceError, id};

use crate::block::{Kind, MAGIC, MAJOR};
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
    /// The header of the event found last.
    placed: Placed,
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
#[derive(Clone, Copy)]
enum Step {
    /// An event that is delivered as it lies in that block.
    Plain(Block),
    /// An upgraded event, which the converter holds.
    Built,
    Section,
    End,
    Failed,
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
        Reader {
            window,
            shapes: shapes(),
            converter: Converter::default(),
            state: State::Section,
            placed: Placed::default(),
            skipped: 0,
        }
    }

    /// Reads a section header and all blocks before the first event.
    fn section(&mut self) -> Result<Collected, SourceError> {
        let number = self.window.peek().map_err(|error| *error)?;
        if number.is_some_and(|number| Kind::of(number) != Kind::Section) {
            return Err(self.window.error("not a capture"));
        }
        let Some(block) = self.window.block().map_err(|error| *error)? else {
            return Err(self.window.error("an empty capture"));
        };
        check_header(self.window.body(block)).map_err(|what| self.window.error(what))?;
        self.window.step_over(block);
        self.converter.clear();
        let mut collected = Collected::default();
        while let Some(block) = self.window.block().map_err(|error| *error)? {
            let kind = Kind::of(block.number);
            if matches!(kind, Kind::Section | Kind::Event(_)) {
                break;
            }
            collected.read(kind, self.window.body(block)).map_err(|what| self.window.error(what))?;
            self.window.step_over(block);
        }
        Ok(collected)
    }

    /// Goes to the next event that is delivered, whose header is in `placed` then.
    #[inline(always)]
    fn advance(&mut self) -> Step {
        loop {
            let block = match self.window.block() {
                Ok(Some(block)) => block,
                Ok(None) => return Step::End,
                Err(error) => return self.fail(*error),
            };
            let Kind::Event(layout) = Kind::of(block.number) else {
                if Kind::of(block.number) == Kind::Section {
                    return Step::Section;
                }
                return self.fail(self.window.error("a block among the events that is none"));
            };
            match place(self.window.body(block), layout, &self.shapes, &mut self.placed) {
                Ok(()) => {}
                Err(Unplaced::Damaged(what)) => return self.fail(self.window.error(what)),
                Err(Unplaced::Unknown) => {
                    self.skipped += 1;
                    self.window.step_over(block);
                    continue;
                }
            }
            let shape = self.shapes[usize::from(self.placed.id)];
            let plain = match shape.route {
                Route::Pass => true,
                Route::PassCounted => usize::from(shape.params) == self.placed.params,
                Route::Convert | Route::Drop => false,
            };
            if self.placed.id == id::PROCEXIT_E {
                self.converter.forget(self.placed.tid);
            }
            if plain {
                return Step::Plain(block);
            }
            if let Some(step) = self.upgrade(block) {
                return step;
            }
        }
    }

    /// `None` for an event that is dropped.
    fn upgrade(&mut self, block: Block) -> Option<Step> {
        let Some(params) = params(self.window.body(block), &self.placed) else {
            return Some(self.fail(self.window.error(TOO_SHORT)));
        };
        let step = match self.converter.upgrade(self.placed.tid, self.placed.id, &params, &self.shapes) {
            Upgraded::Same => return Some(Step::Plain(block)),
            Upgraded::Damaged(what) => return Some(self.fail(self.window.error(what))),
            Upgraded::Built => {
                self.placed.id = self.converter.built().0;
                Some(Step::Built)
            }
            Upgraded::Dropped => {
                self.skipped += 1;
                None
            }
        };
        self.window.step_over(block);
        step
    }

    #[cold]
    fn fail(&mut self, error: SourceError) -> Step {
        self.state = State::Failed(error);
        Step::Failed
    }

    /// Everything but the next event.
    #[cold]
    fn otherwise(&mut self) -> Result<Delivered<'static>, SourceError> {
        match &self.state {
            State::Events | State::Ended => Ok(Delivered::End),
            State::Failed(error) => Err(error.clone()),
            State::Section => match self.section() {
                Ok(collected) => {
                    self.state = State::Events;
                    Ok(Delivered::Host(Box::new(collected.facts)))
                }
                Err(error) => {
                    self.state = State::Failed(error.clone());
                    Err(error)
                }
            },
        }
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
        if !matches!(self.state, State::Events) {
            return self.otherwise();
        }
        let (params, offset) = match self.advance() {
            Step::Plain(block) => {
                let offset = self.window.offset();
                self.window.step_over(block);
                (params(self.window.body(block), &self.placed), offset)
            }
            Step::Built => {
                let (_, lengths, data) = self.converter.built();
                (Params::new(lengths, true, data), self.window.offset())
            }
            Step::Section => {
                self.state = State::Section;
                return self.otherwise();
            }
            Step::End => {
                self.state = State::Ended;
                return Ok(Delivered::End);
            }
            Step::Failed => return self.otherwise(),
        };
        let Some(params) = params else {
            self.state = State::Failed(SourceError::new(TOO_SHORT, Some(offset)));
            return Err(SourceError::new(TOO_SHORT, Some(offset)));
        };
        let Placed { cpu, flags, ts, tid, id, .. } = self.placed;
        Ok(Delivered::Event(Event { num: 0, ts, tid, cpu, flags, id, params }))
    }

    fn skipped(&self) -> u64 {
        self.skipped
    }
}
