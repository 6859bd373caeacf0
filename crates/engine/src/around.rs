//! Captures of what happens from an alert on.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use vigie_capture::Writer;
use vigie_events::Event;
use vigie_state::Host;

use crate::account_events::AccountsTold;
use crate::container_event;
use crate::disk::{Disk, Feed};
use crate::run::Match;

/// The most captures that the disk may still be at work on when another begins.
const MOST_ENDING: usize = 4;

/// The most news that nobody has asked for yet.
const MOST_NEWS: usize = 1024;

/// How long the disk may take at the end of the watch.
const LAST_WAIT: Duration = Duration::from_secs(5);

/// When captures are made, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptureSettings {
    /// A capture is `PREFIX_TIME_NUMBER.scap`, by the time (nanoseconds since the epoch) and the number of the event of
    /// its first alert.
    pub prefix: PathBuf,
    /// Matches of all rules are captured, not only of those that ask for it.
    pub all_rules: bool,
    /// How long, for rules that do not say it.
    pub duration: Duration,
    /// A capture ends when it has so many bytes; 0 for no limit.
    pub max_bytes: u64,
}

/// What happened to a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Started,
    Finished,
    /// It ended early: it is as large as the settings allow.
    Limited,
    /// It could not be made, or lacks its end; why.
    Failed(String),
}

/// Of one capture: what happened to it, and the match that it began with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptureNews {
    pub outcome: Outcome,
    pub path: PathBuf,
    pub set: usize,
    pub rule: usize,
    pub generation: u64,
    pub time: u64,
    pub num: u64,
    /// Events and bytes written so far.
    pub events: u64,
    pub bytes: u64,
    /// Events that were left out because the format has no room for them.
    pub left_out: u64,
}

/// What a match asks for.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    news: CaptureNews,
    duration: Duration,
}

struct Running {
    writer: Writer<Feed>,
    disk: Disk,
    accounts: AccountsTold,
    /// The time of its last event, in nanoseconds since the epoch.
    until: u64,
    news: CaptureNews,
}

/// At most one capture runs; alerts meanwhile make it longer.
pub(crate) struct Captures {
    /// `None`: only what began before still ends.
    settings: Option<CaptureSettings>,
    running: Option<Running>,
    /// None begins before that time: the one before was limited, or could not be made.
    pause: u64,
    ending: Vec<(Disk, CaptureNews)>,
    news: Vec<CaptureNews>,
}

impl Captures {
    pub fn new(settings: CaptureSettings) -> Captures {
        Captures { settings: Some(settings), running: None, pause: 0, ending: Vec::new(), news: Vec::new() }
    }

    /// Goes by other settings from now on; a capture that runs ends. `None`: makes no more.
    pub fn change(&mut self, settings: Option<CaptureSettings>) {
        self.end();
        (self.settings, self.pause) = (settings, 0);
    }

    /// Adds what a match asks for to what others of its event asked for.
    pub fn wish(&self, found: &Match, asked: Option<Duration>, wish: &mut Option<Box<Wish>>) {
        let Some(settings) = &self.settings else { return };
        let duration = match asked {
            Some(duration) if !duration.is_zero() => duration,
            None if !settings.all_rules => return,
            _ => settings.duration,
        };
        match wish {
            Some(wish) => wish.duration = wish.duration.max(duration),
            None => {
                let &Match { set, rule, generation, time, num, .. } = found;
                let (outcome, path) = (Outcome::Started, PathBuf::new());
                let news =
                    CaptureNews { outcome, path, set, rule, generation, time, num, events: 0, bytes: 0, left_out: 0 };
                *wish = Some(Box::new(Wish { news, duration }));
            }
        }
    }

    /// Writes the event when a capture runs, or begins one with it.
    #[inline]
    pub fn event(&mut self, event: &Event<'_>, host: &Host, wish: Option<&Wish>) {
        if self.running.is_none() && wish.is_none() {
            return;
        }
        if self.running.as_ref().is_some_and(|running| event.ts > running.until) {
            self.end_as(Outcome::Finished);
        }
        if let Some(wish) = wish {
            let until = event.ts.saturating_add(u64::try_from(wish.duration.as_nanos()).unwrap_or(u64::MAX));
            match &mut self.running {
                Some(running) => running.until = running.until.max(until),
                None if event.ts < self.pause => {}
                None => self.begin(wish, until, host),
            }
        }
        self.write(event, host);
    }

    /// Ends the capture that runs.
    pub fn end(&mut self) {
        self.end_as(Outcome::Finished);
    }

    /// Ends the capture that runs, and waits for the disk.
    pub fn finish(&mut self) {
        self.end();
        let until = Instant::now() + LAST_WAIT;
        for (mut disk, news) in std::mem::take(&mut self.ending) {
            let result = disk.wait(until);
            self.settle(&disk, news, result);
        }
    }

    /// What is due by the clock. `idle`: nothing happens on a live source, whose time is this. `flush`: what was written
    /// so far is to be in the file soon.
    pub fn look_around(&mut self, idle: Option<u64>, flush: bool) {
        if let Some(running) = &mut self.running {
            if idle.is_some_and(|time| time > running.until) {
                self.end_as(Outcome::Finished);
            } else if let Some(Err(error)) = flush.then(|| running.writer.flush()) {
                self.end_as(Outcome::Failed(error.to_string()));
            }
        }
        let mut index = 0;
        while index < self.ending.len() {
            match self.ending[index].0.finished() {
                None => index += 1,
                Some(result) => {
                    let (disk, news) = self.ending.swap_remove(index);
                    self.settle(&disk, news, result);
                }
            }
        }
    }

    /// What happened since the last call.
    pub fn news(&mut self) -> Vec<CaptureNews> {
        std::mem::take(&mut self.news)
    }

    fn begin(&mut self, wish: &Wish, until: u64, host: &Host) {
        let Some(settings) = &self.settings else { return };
        let mut news = wish.news.clone();
        let mut name = settings.prefix.clone().into_os_string();
        name.push(format!("_{}_{}.scap", news.time, news.num));
        news.path = PathBuf::from(name);
        let disk = if self.ending.len() < MOST_ENDING {
            Disk::create(&news.path, host.facts()).map_err(|error| error.to_string())
        } else {
            Err(format!("the disk is still at work on {MOST_ENDING} captures"))
        };
        match disk {
            Ok((disk, feed)) => {
                self.tell(news.clone());
                let (writer, accounts) = (Writer::events_only(feed), AccountsTold::default());
                let mut running = Running { writer, disk, accounts, until, news };
                let described = container_event::all(host, wish.news.time)
                    .try_for_each(|container| running.writer.event(&container.event()));
                self.running = Some(running);
                if let Err(error) = described {
                    self.end_as(Outcome::Failed(error.to_string()));
                }
            }
            Err(why) => {
                self.pause = until;
                self.tell(CaptureNews { outcome: Outcome::Failed(why), ..news });
            }
        }
    }

    fn write(&mut self, event: &Event<'_>, host: &Host) {
        let Some(running) = &mut self.running else { return };
        let accounts = running.accounts.missing(host, event.ts);
        let told = accounts.iter().try_for_each(|account| running.writer.event(&account.event()));
        match told.and_then(|()| running.writer.event(event)) {
            Ok(()) => running.news.events += 1,
            Err(error) if error.kind() == ErrorKind::InvalidInput => running.news.left_out += 1,
            Err(error) => return self.end_as(Outcome::Failed(error.to_string())),
        }
        let limit = self.settings.as_ref().map_or(0, |settings| settings.max_bytes);
        if limit > 0 && running.disk.facts() + running.writer.written() >= limit {
            self.end_as(Outcome::Limited);
        }
    }

    fn end_as(&mut self, outcome: Outcome) {
        let Some(Running { writer, disk, until, mut news, .. }) = self.running.take() else { return };
        news.bytes = writer.written();
        news.outcome = match writer.finish() {
            Err(error) if outcome == Outcome::Finished => Outcome::Failed(error.to_string()),
            _ => outcome,
        };
        if news.outcome != Outcome::Finished {
            self.pause = until;
        }
        self.ending.push((disk, news));
    }

    /// The disk has a capture, or failed.
    fn settle(&mut self, disk: &Disk, mut news: CaptureNews, result: std::io::Result<()>) {
        news.bytes = news.bytes.saturating_add(disk.facts());
        if let Err(error) = result {
            news.outcome = Outcome::Failed(error.to_string());
        }
        self.tell(news);
    }

    fn tell(&mut self, news: CaptureNews) {
        if self.news.len() < MOST_NEWS {
            self.news.push(news);
        }
    }
}
