//! A bounded queue in memory between whoever receives payloads and the engine.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use vigie_events::{Delivered, Source, SourceError};

use crate::BREATH;
use crate::payload::{self, NotAudit, Payload};
use crate::tally::{Counts, Tally};

/// How long the engine waits for an event before it looks around.
const PATIENCE: Duration = Duration::from_millis(100);

/// Why nothing of a payload was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PushError {
    NotAudit(NotAudit),
    /// The queue has no room for it; later it may have.
    Full,
    /// Nobody takes from the queue any more, or `close` was called.
    Closed,
}

impl fmt::Display for PushError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PushError::NotAudit(error) => error.fmt(formatter),
            PushError::Full => formatter.write_str("the queue of audit events is full"),
            PushError::Closed => formatter.write_str("the queue of audit events is closed"),
        }
    }
}

impl std::error::Error for PushError {}

#[derive(Debug, Default)]
struct Waiting {
    payloads: VecDeque<Payload>,
    bytes: usize,
    closed: bool,
}

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
    tally: Tally,
}

/// The side that fills; any number of threads may.
#[derive(Clone, Debug)]
pub struct Queue {
    shared: Arc<Shared>,
    limit: usize,
    max_event: usize,
}

/// The side of the engine: payloads in the order in which they were taken.
#[derive(Debug)]
pub struct Receiver {
    shared: Arc<Shared>,
    current: Payload,
    next: usize,
    scratch: Vec<u8>,
    /// When it last said that it is idle.
    breath: Instant,
}

/// A queue that holds about `limit` bytes of events; a single payload finds room whatever its size when there is no
/// other. `max_event`: bytes of one event without blanks.
pub fn queue(limit: usize, max_event: usize) -> (Queue, Receiver) {
    let shared = Arc::<Shared>::default();
    let receiver = Receiver {
        shared: Arc::clone(&shared),
        current: Payload::default(),
        next: 0,
        scratch: Vec::new(),
        breath: Instant::now(),
    };
    (Queue { shared, limit, max_event }, receiver)
}

impl Queue {
    /// Takes all events of a payload and says how many they are: what is taken is delivered.
    ///
    /// # Errors
    /// Nothing was taken: see `PushError`.
    pub fn push(&self, body: &[u8]) -> Result<usize, PushError> {
        // A look before the work: a full queue is when there is no time to waste.
        if self.waiting().bytes >= self.limit {
            return Err(self.refuse());
        }
        let payload = Payload::read(body, self.max_event).map_err(|error| {
            self.shared.tally.add(Counts { bad_payloads: 1, ..Counts::default() });
            self.shared.tally.note(|| error.to_string());
            PushError::NotAudit(error)
        })?;
        let (events, bytes, counts) = (payload.len(), payload.bytes(), payload.counts);
        if events > 0 {
            let mut waiting = self.waiting();
            if waiting.closed {
                return Err(PushError::Closed);
            }
            if waiting.bytes > 0 && waiting.bytes.saturating_add(bytes) > self.limit {
                drop(waiting);
                return Err(self.refuse());
            }
            waiting.bytes = waiting.bytes.saturating_add(bytes);
            waiting.payloads.push_back(payload);
            drop(waiting);
            self.shared.arrived.notify_one();
        }
        self.shared.tally.add(counts);
        Ok(events)
    }

    /// Takes no more; what is in the queue is still delivered, then the source ends.
    pub fn close(&self) {
        self.waiting().closed = true;
        self.shared.arrived.notify_all();
    }

    /// Bytes that wait.
    pub fn bytes(&self) -> usize {
        self.waiting().bytes
    }

    pub fn tally(&self) -> &Tally {
        &self.shared.tally
    }

    fn refuse(&self) -> PushError {
        self.shared.tally.add(Counts { refused: 1, ..Counts::default() });
        PushError::Full
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.shared.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Source for Receiver {
    fn next(&mut self) -> Result<Delivered<'_>, SourceError> {
        if self.next >= self.current.len() {
            if self.breath.elapsed() >= BREATH && !self.current.is_empty() {
                self.breath = Instant::now();
                return Ok(Delivered::Idle);
            }
            // Its bytes count until all of it is delivered.
            let done = std::mem::take(&mut self.current);
            let shared = &self.shared;
            let mut waiting = shared.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if !done.is_empty() {
                waiting.bytes = waiting.bytes.saturating_sub(done.bytes());
            }
            let idle = |waiting: &mut Waiting| waiting.payloads.is_empty() && !waiting.closed;
            let mut waiting = match shared.arrived.wait_timeout_while(waiting, PATIENCE, idle) {
                Ok((waiting, _)) => waiting,
                Err(poisoned) => poisoned.into_inner().0,
            };
            match waiting.payloads.pop_front() {
                Some(payload) => (self.current, self.next) = (payload, 0),
                None if waiting.closed => return Ok(Delivered::End),
                None => {
                    self.breath = Instant::now();
                    return Ok(Delivered::Idle);
                }
            }
        }
        let index = self.next;
        self.next += 1;
        Ok(match self.current.get(index) {
            Some((time, text)) => Delivered::Event(payload::event(time, text, &mut self.scratch)),
            None => Delivered::Idle,
        })
    }

    fn skipped(&self) -> u64 {
        self.shared.tally.counts().dropped()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let mut waiting = self.shared.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.closed = true;
        waiting.payloads.clear();
        waiting.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MAX_EVENT;
    use vigie_events::id;

    fn body(name: &str, padding: usize) -> String {
        let padding = "x".repeat(padding);
        format!(r#"{{"kind":"Event","auditID":"{name}","stageTimestamp":"2024-01-01T00:00:00Z","p":"{padding}"}}"#)
    }

    fn names(receiver: &mut Receiver) -> Vec<String> {
        let mut names = Vec::new();
        loop {
            let before = names.len();
            while let Delivered::Event(event) = receiver.next().unwrap() {
                assert_eq!((event.id, event.tid, event.params.u32(0)), (id::PLUGINEVENT_E, -1, Some(1)));
                let text: serde_json::Value = serde_json::from_slice(event.params.bytes(1).unwrap()).unwrap();
                names.push(text["auditID"].as_str().unwrap().to_owned());
            }
            if names.len() == before {
                return names;
            }
        }
    }

    #[test]
    fn what_is_taken_is_delivered_in_order() {
        let (queue, mut receiver) = queue(1 << 20, MAX_EVENT);
        assert_eq!(queue.push(body("a", 1).as_bytes()), Ok(1));
        assert_eq!(queue.push(format!("[{},{}]", body("b", 1), body("c", 1)).as_bytes()), Ok(2));
        assert_eq!(queue.push(b"[]"), Ok(0));
        assert!(matches!(queue.push(b"{}"), Err(PushError::NotAudit(_))));
        assert_eq!(names(&mut receiver), ["a", "b", "c"]);
        assert_eq!(queue.bytes(), 0);
        assert_eq!(receiver.skipped(), 1);
        assert_eq!(queue.tally().problem().unwrap(), "neither an audit event nor a list of them");
        assert_eq!(queue.tally().problem(), None);
    }

    #[test]
    fn a_full_queue_refuses_and_forgets_nothing() {
        let (queue, mut receiver) = queue(10_000, MAX_EVENT);
        assert_eq!(queue.push(body("large", 20_000).as_bytes()), Ok(1), "alone it is taken");
        assert_eq!(queue.push(body("a", 1).as_bytes()), Err(PushError::Full));
        assert_eq!(names(&mut receiver), ["large"]);
        let taken = (0..100).filter(|_| queue.push(body("b", 1000).as_bytes()).is_ok()).count();
        assert!((5..10).contains(&taken), "{taken}");
        assert_eq!(queue.tally().counts().refused, 1 + 100 - taken as u64);
        assert_eq!(names(&mut receiver).len(), taken);
        assert_eq!(queue.push(body("c", 1).as_bytes()), Ok(1));
    }

    #[test]
    fn the_engine_waits_a_little() {
        let (queue, mut receiver) = queue(1000, MAX_EVENT);
        let started = Instant::now();
        assert!(matches!(receiver.next(), Ok(Delivered::Idle)));
        assert!(started.elapsed() >= Duration::from_millis(90) && started.elapsed() < Duration::from_secs(5));
        let filler = queue.clone();
        let thread = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            filler.push(body("a", 1).as_bytes())
        });
        assert!(matches!(receiver.next(), Ok(Delivered::Event(_))));
        assert_eq!(thread.join().unwrap(), Ok(1));
    }

    #[test]
    fn a_steady_stream_lets_the_engine_look_around() {
        let (queue, mut receiver) = queue(1 << 20, MAX_EVENT);
        (0..3).for_each(|_| assert_eq!(queue.push(body("a", 1).as_bytes()), Ok(1)));
        assert!(matches!(receiver.next(), Ok(Delivered::Event(_))));
        std::thread::sleep(BREATH);
        assert!(matches!(receiver.next(), Ok(Delivered::Idle)));
        assert_eq!(names(&mut receiver).len(), 2);
    }

    #[test]
    fn closed_means_no_more_in_and_all_out() {
        let (queue, mut receiver) = queue(1000, MAX_EVENT);
        queue.push(body("a", 1).as_bytes()).unwrap();
        queue.close();
        assert_eq!(queue.push(body("b", 1).as_bytes()), Err(PushError::Closed));
        assert!(matches!(receiver.next(), Ok(Delivered::Event(_))));
        assert!(matches!(receiver.next(), Ok(Delivered::End)));
        let (queue, receiver) = super::queue(1000, MAX_EVENT);
        drop(receiver);
        assert_eq!(queue.push(body("b", 1).as_bytes()), Err(PushError::Closed));
    }
}
