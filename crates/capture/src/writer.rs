//! Recording: a capture as current writers make it.

use std::io::{self, BufWriter, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use vigie_events::schema::flag;
use vigie_events::{Event, HostFacts, Params};

use crate::block;
use crate::event::LARGE;
use crate::record::Record;

/// A block of events that are not marked as large holds no more than this.
const LARGEST_PLAIN: usize = 64 << 10;
/// Lists longer than this go on in another block.
const LONGEST_LIST: usize = 16 << 20;
const EVENT_HEADER: usize = 26;

/// Writes a capture: the facts first, then events in the order in which they come.
pub struct Writer<W: Write> {
    out: Output<W>,
    /// The block that is being put together.
    record: Record,
    written: u64,
}

enum Output<W: Write> {
    Plain(BufWriter<W>),
    Gzip(Box<GzEncoder<W>>),
}

impl<W: Write> Writer<W> {
    /// Begins a capture that is not compressed.
    ///
    /// # Errors
    /// The output takes no more.
    pub fn plain(out: W, facts: &HostFacts) -> io::Result<Self> {
        Self::begin(Output::Plain(BufWriter::new(out)), facts)
    }

    /// Begins a capture that is compressed.
    ///
    /// # Errors
    /// The output takes no more.
    pub fn gzip(out: W, facts: &HostFacts) -> io::Result<Self> {
        Self::begin(Output::Gzip(Box::new(GzEncoder::new(out, Compression::default()))), facts)
    }

    fn begin(out: Output<W>, facts: &HostFacts) -> io::Result<Self> {
        let mut writer = Writer { out, record: Record::default(), written: 0 };
        writer.facts(facts)?;
        Ok(writer)
    }

    /// Goes on with a capture, not compressed, whose facts are already written.
    pub fn events_only(out: W) -> Self {
        Writer { out: Output::Plain(BufWriter::new(out)), record: Record::default(), written: 0 }
    }

    /// Writes an event.
    ///
    /// # Errors
    /// The output takes no more; or a parameter is longer than its type allows, and then nothing is written.
    pub fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        let wide = event.event_type().has(flag::LARGE_PAYLOAD);
        let table = event.params.len() * if wide { 4 } else { 2 };
        let params: usize = lengths(&event.params).sum();
        let length = EVENT_HEADER.saturating_add(table).saturating_add(params);
        let too_long = || io::Error::new(io::ErrorKind::InvalidInput, "an event too long to be recorded");
        let length_field = u32::try_from(length).map_err(|_| too_long())?;
        if !wide && lengths(&event.params).any(|length| length > usize::from(u16::MAX)) {
            return Err(too_long());
        }
        let flagged = event.flags & !LARGE != 0;
        let large = 2 + 4 + length > LARGEST_PLAIN;
        let record = &mut self.record;
        record.u16(event.cpu);
        if flagged {
            record.u32(if large { event.flags | LARGE } else { event.flags & !LARGE });
        }
        record.u64(event.ts).i64(event.tid).u32(length_field).u16(event.id).u32(event.params.len() as u32);
        for length in lengths(&event.params) {
            if wide {
                record.u32(length as u32);
            } else {
                record.u16(length as u16);
            }
        }
        for index in 0..event.params.len() {
            record.bytes(event.params.bytes(index).unwrap_or(&[]));
        }
        self.block(match (flagged, large) {
            (false, false) => block::EVENT,
            (false, true) => block::EVENT_LARGE,
            (true, false) => block::EVENT_FLAGS,
            (true, true) => block::EVENT_FLAGS_LARGE,
        })
    }

    /// How many bytes the capture has so far, before compression.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Hands everything over to the output: what is read of it from now on has all events so far.
    ///
    /// # Errors
    /// The output takes no more.
    pub fn flush(&mut self) -> io::Result<()> {
        match &mut self.out {
            Output::Plain(out) => out.flush(),
            Output::Gzip(out) => out.flush(),
        }
    }

    /// Ends the capture and gives the output back.
    ///
    /// # Errors
    /// The output takes no more.
    pub fn finish(self) -> io::Result<W> {
        let mut out = match self.out {
            Output::Plain(out) => out.into_inner().map_err(io::IntoInnerError::into_error)?,
            Output::Gzip(out) => out.finish()?,
        };
        out.flush()?;
        Ok(out)
    }

    fn facts(&mut self, facts: &HostFacts) -> io::Result<()> {
        self.record.u32(block::MAGIC).u16(block::MAJOR).u16(block::MINOR).u64(u64::MAX);
        self.block(block::SECTION)?;
        self.record.machine(&facts.machine);
        self.block(block::MACHINE)?;
        self.list(block::INTERFACES, &facts.interfaces, Record::interface)?;
        self.list(block::USERS, &facts.users, Record::user)?;
        self.list(block::USERS, &facts.groups, Record::group)?;
        self.list(block::THREADS, &facts.threads, Record::thread)?;
        for (tid, descriptors) in &facts.descriptors {
            self.record.i64(*tid);
            for descriptor in descriptors {
                self.record.descriptor(descriptor);
            }
            self.block(block::DESCRIPTORS)?;
        }
        Ok(())
    }

    fn list<T>(&mut self, number: u32, listed: &[T], entry: impl Fn(&mut Record, &T)) -> io::Result<()> {
        for (index, one) in listed.iter().enumerate() {
            entry(&mut self.record, one);
            if self.record.len() >= LONGEST_LIST || index + 1 == listed.len() {
                self.block(number)?;
            }
        }
        Ok(())
    }

    /// Writes the record as a block and empties it.
    fn block(&mut self, number: u32) -> io::Result<()> {
        let padded = self.record.len().next_multiple_of(4);
        let length = padded + block::FRAME;
        let framed = u32::try_from(length).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?.to_le_bytes();
        self.record.pad(padded);
        self.out.write_all(&number.to_le_bytes())?;
        self.out.write_all(&framed)?;
        self.out.write_all(self.record.as_bytes())?;
        self.out.write_all(&framed)?;
        self.written += length as u64;
        self.record.clear();
        Ok(())
    }
}

fn lengths<'a>(params: &'a Params<'_>) -> impl Iterator<Item = usize> + 'a {
    (0..params.len()).map(|index| params.bytes(index).map_or(0, <[u8]>::len))
}

impl<W: Write> Output<W> {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Output::Plain(out) => out.write_all(bytes),
            Output::Gzip(out) => out.write_all(bytes),
        }
    }
}
