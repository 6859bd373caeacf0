//! What others tell the engine while it runs.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most messages that lie unread.
pub const MOST: usize = 1024;

/// The most bytes of unread messages.
pub const MOST_BYTES: usize = 16 << 20;

/// The longest description of a container; the state reads none that is longer.
pub const LONGEST: usize = 1 << 20;

/// The longest id of a container, and the longest reason.
const LONGEST_TEXT: usize = 4096;

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A container as its JSON describes it; `removed`: it is gone.
    Container { json: Vec<u8>, removed: bool },
    /// Nobody knows the container of that id.
    Nobody { id: Vec<u8>, why: String },
}

impl Message {
    fn size(&self) -> usize {
        size_of::<Message>()
            + match self {
                Message::Container { json, .. } => json.len(),
                Message::Nobody { id, why } => id.len() + why.len(),
            }
    }
}

/// Why a message was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Too much lies unread; later there may be room.
    Full,
    TooLong,
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Full => write!(formatter, "{MOST} messages or {MOST_BYTES} bytes of them wait for the engine"),
            Refused::TooLong => write!(formatter, "the description of a container is longer than {LONGEST} bytes"),
        }
    }
}

impl std::error::Error for Refused {}

/// Where messages are put, from any thread, without waiting for the engine. They are read before its next event.
#[derive(Clone, Debug, Default)]
pub struct Inbox(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    /// Something is there: looked at before each event.
    any: AtomicBool,
}

#[derive(Debug, Default)]
struct Queue {
    messages: VecDeque<Message>,
    bytes: usize,
}

impl Inbox {
    /// Tells of a container, by the JSON of container events.
    ///
    /// # Errors
    /// There is no room, or it is too long.
    pub fn container(&self, json: Vec<u8>, removed: bool) -> Result<(), Refused> {
        if json.len() > LONGEST {
            return Err(Refused::TooLong);
        }
        self.put(Message::Container { json, removed })
    }

    /// Says that nobody knows a container, and why.
    ///
    /// # Errors
    /// There is no room.
    pub fn nobody(&self, id: &[u8], why: &str) -> Result<(), Refused> {
        let why: String = why.chars().take(LONGEST_TEXT).collect();
        self.put(Message::Nobody { id: id[..id.len().min(LONGEST_TEXT)].to_vec(), why })
    }

    #[inline]
    pub fn any(&self) -> bool {
        self.0.any.load(Ordering::Relaxed)
    }

    /// The oldest message.
    pub fn take(&self) -> Option<Message> {
        let mut queue = self.queue();
        let message = queue.messages.pop_front();
        queue.bytes -= message.as_ref().map_or(0, Message::size);
        self.0.any.store(!queue.messages.is_empty(), Ordering::Relaxed);
        message
    }

    fn put(&self, message: Message) -> Result<(), Refused> {
        let mut queue = self.queue();
        if queue.messages.len() >= MOST || queue.bytes + message.size() > MOST_BYTES {
            return Err(Refused::Full);
        }
        queue.bytes += message.size();
        queue.messages.push_back(message);
        self.0.any.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // Whoever failed with the lock held left a queue that is whole.
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
