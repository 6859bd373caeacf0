//! The event at hand, with all that its fields are read from.

use std::cell::RefCell;
use std::net::IpAddr;

use vigie_events::Event;
use vigie_filter::{Argument, Bump, Field, Fields, Value, View};
use vigie_state::{Applied, Fd, Host, Thread};

use crate::table::Class;
use crate::{container, evt, evt_args, fd, fdlist, fs_path, k8s_audit, process, user};

/// What the settings say that fields show.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `static.KEY`, by key.
    pub static_fields: Vec<(String, String)>,
    /// `evt.hostname`; when empty, the host's own name as its source tells it.
    pub hostname: String,
    /// Seconds east of UTC that local times are shown in.
    pub utc_offset: i32,
    /// Buffers in outputs are base64.
    pub buffer_base64: bool,
    /// What the names in rules' comparisons of `fd.sip.name` and its like were resolved to, for whoever looks them up.
    pub host_names: Vec<(IpAddr, String)>,
}

/// What fields that count keep between events.
#[derive(Debug, Default)]
pub struct Memory {
    /// When each instance of a field (`Field::instance`) was last evaluated.
    pub last_seen: RefCell<Vec<u64>>,
    /// How often each instance of `util.cnt` was.
    pub counters: RefCell<Vec<u64>>,
    pub(crate) audit: k8s_audit::Document,
    /// Where text is built that others append to.
    scratch: RefCell<Vec<u8>>,
}

impl Memory {
    /// To be called before each event: what was read of the event before is no longer asked for.
    #[inline]
    pub fn next_event(&mut self) {
        self.audit.clear();
    }

    /// What `build` appends, in the arena; the heap is not asked each time.
    pub(crate) fn built<'a>(&self, arena: &'a Bump, build: impl FnOnce(&mut Vec<u8>)) -> &'a [u8] {
        let mut out = self.scratch.borrow_mut();
        out.clear();
        build(&mut out);
        arena.alloc_slice_copy(&out)
    }

    fn count(&self, instance: u32) -> u64 {
        let mut counters = self.counters.borrow_mut();
        let instance = instance as usize;
        if counters.len() <= instance {
            counters.resize(instance + 1, 0);
        }
        counters[instance] = counters[instance].wrapping_add(1);
        counters[instance]
    }
}

/// One event, after the state took it in.
#[derive(Clone, Copy)]
pub struct Current<'e> {
    pub event: &'e Event<'e>,
    pub host: &'e Host,
    pub applied: &'e Applied,
    pub thread: Option<&'e Thread>,
    pub fd: Option<&'e Fd>,
    pub settings: &'e Settings,
    pub memory: &'e Memory,
}

impl<'e> Current<'e> {
    pub fn new(
        event: &'e Event<'e>,
        host: &'e Host,
        applied: &'e Applied,
        settings: &'e Settings,
        memory: &'e Memory,
    ) -> Current<'e> {
        Current { event, host, applied, thread: host.thread(applied), fd: host.fd(applied), settings, memory }
    }

    /// The main thread of the event's process.
    pub fn process(&self) -> Option<&'e Thread> {
        self.host.threads.main_of(self.thread?)
    }

    /// `static.KEY`.
    fn constant(&self, field: &Field) -> Value<'_> {
        let Argument::Key(key) = &field.argument else { return Value::Missing };
        let found = self.settings.static_fields.iter().find(|(known, _)| known == key);
        Value::text(found.map(|(_, value)| value.as_bytes()))
    }
}

const CLASSES: [Class; 11] = [
    Class::Evt,
    Class::EvtArgs,
    Class::Process,
    Class::User,
    Class::Fd,
    Class::Fdlist,
    Class::FsPath,
    Class::Container,
    Class::K8sAudit,
    Class::Static,
    Class::Util,
];

impl Fields for Current<'_> {
    #[inline]
    fn value<'a>(&'a self, field: &Field, view: View, arena: &'a Bump) -> Value<'a> {
        let number = field.id as u8;
        match CLASSES.get(usize::from(field.id >> 8)) {
            Some(Class::Evt) => evt::value(self, number, field, view, arena),
            Some(Class::EvtArgs) => evt_args::value(self, number, field, view, arena),
            Some(Class::Process) => process::value(self, number, field, view, arena),
            Some(Class::User) => user::value(self, number, field, view, arena),
            Some(Class::Fd) => fd::value(self, number, field, view, arena),
            Some(Class::Fdlist) => fdlist::value(self, number, field, view, arena),
            Some(Class::FsPath) => fs_path::value(self, number, field, view, arena),
            Some(Class::Container) => container::value(self, number, field, view, arena),
            Some(Class::K8sAudit) => k8s_audit::value(self, number, field, view, arena),
            Some(Class::Static) => self.constant(field),
            Some(Class::Util) => Value::Uint(self.memory.count(field.instance)),
            None => Value::Missing,
        }
    }
}
