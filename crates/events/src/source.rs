//! The one shape that all sources of events have: a replayed capture, the kernel, an audit log.

use std::fmt;

use crate::{Event, HostFacts};

/// What a source delivers next. Events borrow from the source until the next call.
#[derive(Debug)]
pub enum Delivered<'a> {
    /// The state of the host begins anew from these facts.
    Host(Box<HostFacts>),
    Event(Event<'a>),
    /// Nothing happened for a while; a live source says so that its caller may look around.
    Idle,
    End,
}

/// A source of events in the current schema: what older writers wrote is already converted.
pub trait Source: Send {
    /// The next delivery.
    ///
    /// # Errors
    /// The source is damaged or gone; everything delivered before stays valid, and no further call succeeds.
    fn next(&mut self) -> Result<Delivered<'_>, SourceError>;

    /// Events skipped because a newer writer made them, or because a conversion dropped them.
    fn skipped(&self) -> u64 {
        0
    }

    /// What is delivered happens now: whoever stops for one odd event loses all that follow. A capture can be read
    /// again.
    fn live(&self) -> bool {
        false
    }
}

/// Why a source ended before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceError {
    /// What is wrong, in words for a person.
    pub what: String,
    /// The byte of the (uncompressed) input where it was noticed.
    pub offset: Option<u64>,
}

impl SourceError {
    pub fn new(what: impl Into<String>, offset: Option<u64>) -> Self {
        SourceError { what: what.into(), offset }
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.what)?;
        self.offset.map_or(Ok(()), |offset| write!(formatter, " (at byte {offset})"))
    }
}

impl std::error::Error for SourceError {}
