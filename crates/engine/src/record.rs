//! Recording what a source delivers, as a capture.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use vigie_capture::Writer;
use vigie_events::{Event, HostFacts};
use vigie_state::Host;

use crate::account_events::AccountsTold;

type Out = Box<dyn Write + Send>;

/// Writes facts and events to a file as they come: each host a section. Compressed when the name ends in `.gz`.
pub struct Recorder {
    compress: bool,
    state: State,
    /// Something came since the last flush.
    unflushed: bool,
    accounts: AccountsTold,
}

enum State {
    /// No facts have come yet.
    Waiting(Out),
    Writing(Box<Writer<Out>>),
    /// The output took no more; nothing is written from then on.
    Failed,
}

impl Recorder {
    /// # Errors
    /// The file cannot be made.
    pub fn create(path: &Path) -> io::Result<Recorder> {
        let out: Out = Box::new(BufWriter::with_capacity(1 << 16, File::create(path)?));
        let compress = path.extension().is_some_and(|extension| extension == "gz");
        Ok(Recorder { compress, state: State::Waiting(out), unflushed: false, accounts: AccountsTold::default() })
    }

    /// Begins a section.
    ///
    /// # Errors
    /// The output takes no more.
    pub fn host(&mut self, facts: &HostFacts) -> io::Result<()> {
        let out = match std::mem::replace(&mut self.state, State::Failed) {
            State::Waiting(out) => out,
            State::Writing(writer) => writer.finish()?,
            State::Failed => return Ok(()),
        };
        let writer = if self.compress { Writer::gzip(out, facts) } else { Writer::plain(out, facts) }?;
        self.state = State::Writing(Box::new(writer));
        (self.unflushed, self.accounts) = (true, AccountsTold::default());
        Ok(())
    }

    /// Writes an event of this host, after what nobody but the host knows of the accounts of its containers.
    ///
    /// # Errors
    /// The output takes no more.
    pub(crate) fn event_of(&mut self, event: &Event<'_>, host: &Host) -> io::Result<()> {
        for account in self.accounts.missing(host, event.ts) {
            self.event(&account.event())?;
        }
        self.event(event)
    }

    /// # Errors
    /// The output takes no more.
    pub fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        let State::Writing(writer) = &mut self.state else { return Ok(()) };
        self.unflushed = true;
        let written = writer.event(event);
        if written.is_err() {
            self.state = State::Failed;
        }
        written
    }

    /// Hands over to the system what has come so far: should the program be killed, that much is a capture.
    ///
    /// # Errors
    /// The output takes no more.
    pub fn flush(&mut self) -> io::Result<()> {
        if !std::mem::take(&mut self.unflushed) {
            return Ok(());
        }
        let State::Writing(writer) = &mut self.state else { return Ok(()) };
        let flushed = writer.flush();
        if flushed.is_err() {
            self.state = State::Failed;
        }
        flushed
    }

    /// Ends the capture.
    ///
    /// # Errors
    /// The output takes no more.
    pub fn finish(self) -> io::Result<()> {
        match self.state {
            State::Waiting(mut out) => out.flush(),
            State::Writing(writer) => writer.finish()?.flush(),
            State::Failed => Ok(()),
        }
    }
}
