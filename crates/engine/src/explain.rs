//! Why rules match one event or not: the result of every part of their conditions.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use vigie_events::event::STATE_ONLY;
use vigie_events::{Delivered, Event};
use vigie_fields::{Current, EventSource, FieldTable};
use vigie_filter::bind::{self, BoundCheck, Side};
use vigie_filter::program::{Builder, Evaluator};
use vigie_filter::syntax::ast::Expr;
use vigie_filter::syntax::{expand, print};
use vigie_filter::template::Template;
use vigie_filter::{Bump, Catalog, Fields, Value, View};

use crate::run::{Engine, is_hidden, opens_a_capture, set_of};

/// The most parts that are told of one condition.
const MOST_PARTS: usize = 20_000;

/// The longest comparison that is told whole, in bytes.
const LONGEST_TEXT: usize = 1 << 16;

/// The longest value that is told, in bytes.
const LONGEST_VALUE: usize = 4096;

/// Which event is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// `evt.num`.
    Number(u64),
    /// The first of that time, in nanoseconds since the epoch.
    Time(u64),
}

/// What is asked. Conditions still name their macros, so that each macro is a part of its own.
#[derive(Debug)]
pub struct Questions {
    pub wanted: Wanted,
    /// Per set of rules: index of the rule, and its condition.
    pub conditions: Vec<Vec<(usize, Arc<Expr>)>>,
    pub macros: HashMap<String, Arc<Expr>>,
    /// Fields of the event that are wanted as text, without argument.
    pub fields: Vec<String>,
}

/// The answer for one event.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    pub num: u64,
    pub time: u64,
    /// The set whose rules are for such events. `None` when there is none.
    pub set: Option<usize>,
    /// False for events that only update the state.
    pub judged: bool,
    /// The texts of the wanted fields.
    pub fields: Vec<String>,
    pub rules: Vec<RuleExplained>,
}

/// The answer for one rule.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleExplained {
    pub rule: usize,
    /// The rule looks at events of this type at all.
    pub tried: bool,
    pub parts: Vec<Part>,
}

/// A part of a condition; its own parts follow it, one level deeper. Those of a macro are told where it is first named.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub depth: usize,
    /// `and`, `or`, `not`, the name of a macro, or a comparison as written.
    pub text: String,
    /// `None` when the condition is too long to be told to its end.
    pub result: Option<bool>,
    /// Of a comparison: what it compares, in the event. Empty for other parts.
    pub value: String,
}

impl Engine {
    /// Runs the state up to the event asked about, without trying rules, and says of every part of the conditions
    /// whether it holds. `None` when the source has no such event, or is damaged before it (`damage`).
    pub fn explain(&mut self, questions: &Questions) -> Option<Explained> {
        let source = self.source.as_mut().filter(|_| self.damage.is_none())?;
        loop {
            match source.next() {
                Ok(Delivered::Event(mut event)) => {
                    self.counters.events += 1;
                    event.num = self.counters.events;
                    let applied = self.host.apply(&event);
                    self.head &= opens_a_capture(event.id);
                    let judged = !self.head && event.flags & STATE_ONLY == 0 && !is_hidden(event.id);
                    let set = match set_of(&event, &self.sets) {
                        Ok(set) => set,
                        Err(error) if judged => {
                            self.damage = Some(error);
                            return None;
                        }
                        Err(_) => None,
                    };
                    let found = match questions.wanted {
                        Wanted::Number(number) => number == event.num,
                        Wanted::Time(time) => time == event.ts,
                    };
                    if !found {
                        continue;
                    }
                    self.memory.next_event();
                    let current = Current::new(&event, &self.host, &applied, &self.settings.fields, &self.memory);
                    let mut rules = Vec::new();
                    if let Some(set) = set {
                        let (ruleset, compiled) = &self.sets[set];
                        let asked = questions.conditions.get(set).map_or(&[][..], Vec::as_slice);
                        let mut explainer = Explainer::new(&event, &current, &ruleset.catalog, &questions.macros);
                        for (rule, condition) in asked {
                            let tried = &compiled.by_event[usize::from(event.id)];
                            rules.push(RuleExplained {
                                rule: *rule,
                                tried: judged && tried.iter().any(|(index, _)| *index as usize == *rule),
                                parts: explainer.explain(condition),
                            });
                        }
                    }
                    let fields = questions.fields.iter().map(|name| shown(name, &current)).collect();
                    return Some(Explained { num: event.num, time: event.ts, set, judged, fields, rules });
                }
                Ok(Delivered::Host(facts)) => {
                    self.head = true;
                    self.host.begin(*facts);
                }
                Ok(Delivered::Idle) => {}
                Ok(Delivered::End) => return None,
                Err(error) => {
                    self.damage = Some(error);
                    return None;
                }
            }
        }
    }
}

fn shown(name: &str, current: &Current) -> String {
    let catalog = FieldTable { source: EventSource::Syscall, static_fields: Vec::new() };
    let Ok(field) = catalog.field(name, None) else { return String::new() };
    let arena = Bump::new();
    String::from_utf8_lossy(&Template::text(&field, current.value(&field, View::Text, &arena))).into_owned()
}

/// Answers for one event. What is known of a part is kept by where it lies in memory: the conditions outlive this.
struct Explainer<'e> {
    event: &'e Event<'e>,
    current: &'e Current<'e>,
    catalog: &'e FieldTable,
    macros: &'e HashMap<String, Arc<Expr>>,
    known: HashMap<*const Expr, Known>,
}

#[derive(Clone, Debug, Default)]
struct Known {
    result: Option<bool>,
    text: String,
    value: String,
}

impl<'e> Explainer<'e> {
    fn new(
        event: &'e Event<'e>,
        current: &'e Current<'e>,
        catalog: &'e FieldTable,
        macros: &'e HashMap<String, Arc<Expr>>,
    ) -> Explainer<'e> {
        Explainer { event, current, catalog, macros, known: HashMap::new() }
    }

    fn explain(&mut self, condition: &'e Arc<Expr>) -> Vec<Part> {
        let macros = self.macros;
        // Neither cycles nor depth beyond the language's bound pass, so what follows may recur.
        if expand(condition, &|name| macros.get(name).cloned()).is_err() {
            return Vec::new();
        }
        let mut parts = Vec::new();
        self.tell(condition, 0, &mut HashSet::new(), &mut parts);
        parts
    }

    fn tell(&mut self, expr: &'e Expr, depth: usize, named: &mut HashSet<&'e str>, parts: &mut Vec<Part>) {
        if parts.len() >= MOST_PARTS {
            return;
        }
        let known = self.known(expr);
        parts.push(Part { depth, text: known.text, result: known.result, value: known.value });
        match expr {
            Expr::And(inner) | Expr::Or(inner) => {
                inner.iter().for_each(|part| self.tell(part, depth + 1, named, parts));
            }
            Expr::Not(inner) => self.tell(inner, depth + 1, named, parts),
            Expr::Name(name, _) => {
                if let Some(inner) = self.macros.get(name).filter(|_| named.insert(name)) {
                    self.tell(inner, depth + 1, named, parts);
                }
            }
            Expr::Check(_) => {}
        }
    }

    /// The result of a part, found out once.
    fn known(&mut self, expr: &Expr) -> Known {
        let place = std::ptr::from_ref(expr);
        if let Some(known) = self.known.get(&place) {
            return known.clone();
        }
        let known = match expr {
            Expr::And(parts) => {
                let results: Vec<_> = parts.iter().map(|part| self.known(part).result).collect();
                Known::of("and", every(&results, true))
            }
            Expr::Or(parts) => {
                let results: Vec<_> = parts.iter().map(|part| self.known(part).result).collect();
                Known::of("or", every(&results, false).map(|all_false| !all_false))
            }
            Expr::Not(inner) => Known::of("not", self.known(inner).result.map(|result| !result)),
            Expr::Name(name, _) => {
                let macros = self.macros;
                Known::of(name, macros.get(name).and_then(|inner| self.known(inner).result))
            }
            Expr::Check(_) => self.compared(expr).unwrap_or_default(),
        };
        self.known.insert(place, known.clone());
        known
    }

    /// One comparison, by the same program that judges events.
    fn compared(&self, expr: &Expr) -> Option<Known> {
        let bound = bind::bind(expr, self.catalog).ok()?;
        let mut builder = Builder::new();
        let condition = builder.add(&bound);
        let mut program = builder.finish();
        let root = program.specialise(condition, self.event.id, self.catalog);
        let mut evaluator = Evaluator::new(&program);
        evaluator.begin();
        let result = evaluator.test(&program, root, self.current, &Bump::new());
        let check = bound.checks().first()?;
        // Of a long list, the bound comparison only says that there is one.
        let text = print(expr, LONGEST_TEXT).unwrap_or_else(|_| check.text.clone());
        Some(Known { result: Some(result), text, value: self.value(check) })
    }

    /// What a comparison compares: the value of its field, or by name the values of all of its fields.
    fn value(&self, check: &BoundCheck) -> String {
        let mut fields = check.left.fields();
        let alone = check.left.field().is_some() && !matches!(check.right, Side::Source(_));
        if let Side::Source(source) = &check.right {
            fields.extend(source.fields());
        }
        let mut out = Vec::new();
        for (index, field) in fields.into_iter().enumerate() {
            let arena = Bump::new();
            let value = self.current.value(field, View::Condition, &arena);
            if !alone {
                out.extend_from_slice(if index > 0 { b", " } else { b"" });
                out.extend_from_slice(field.name.as_bytes());
                out.extend_from_slice(b" = ");
            }
            match value {
                Value::Text(b"") => out.extend_from_slice(b"\"\""),
                value => out.extend_from_slice(&Template::text(field, value)),
            }
            out.truncate(LONGEST_VALUE);
        }
        String::from_utf8_lossy(&out).into_owned()
    }
}

impl Known {
    fn of(text: &str, result: Option<bool>) -> Known {
        Known { result, text: text.to_owned(), value: String::new() }
    }
}

/// Whether all results are as wanted; `None` when that depends on one that is not known.
fn every(results: &[Option<bool>], wanted: bool) -> Option<bool> {
    if results.contains(&Some(!wanted)) {
        return Some(false);
    }
    if results.contains(&None) { None } else { Some(true) }
}
