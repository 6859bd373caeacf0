//! The rules of one source of events, compiled together.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use vigie_events::schema;
use vigie_fields::{EventSource, FieldTable};
use vigie_filter::bind::{self, BindError, BoundCheck, BoundExpr, Constant, Side};
use vigie_filter::events::event_types;
use vigie_filter::program::{Builder, ConditionId, Evaluator, Program, RootId};
use vigie_filter::syntax::ast::Expr;
use vigie_filter::template::TemplateError;
use vigie_filter::{Catalog, EventSet};

use crate::output::Output;

/// Fields that hold the name of a host, known from the rules' own literals.
const HOST_NAME_FIELDS: [&str; 4] = ["fd.cip.name", "fd.sip.name", "fd.lip.name", "fd.rip.name"];

/// One rule: its condition in the shared program, the event types it looks at, its output.
#[derive(Debug)]
pub struct CompiledRule {
    pub name: String,
    pub condition: BoundExpr,
    pub events: EventSet,
    /// Shared with alerts that wait, which may outlive their rules.
    pub output: Arc<Output>,
    /// Tried at all: a rule that is disabled is checked and nothing else.
    pub run: bool,
    /// Events are captured from a match on, for so long; zero stands for the default of the settings.
    pub capture: Option<Duration>,
    id: ConditionId,
}

/// Why a rule was not taken.
#[derive(Debug)]
pub enum AddError {
    Condition(BindError),
    /// The extra field's name, empty for the output itself.
    Output(String, TemplateError),
}

/// What became of a rule that was taken.
#[derive(Debug)]
pub struct Added {
    pub index: usize,
    /// Names of the event types it can match, sorted; empty when it can match all.
    pub event_names: Vec<String>,
    /// How many ids are behind these names.
    pub event_ids: usize,
    pub hints: Vec<String>,
    pub output_fields: Vec<String>,
}

/// Rules in the order in which they are tried.
#[derive(Debug)]
pub struct Ruleset {
    pub catalog: FieldTable,
    pub rules: Vec<CompiledRule>,
    builder: Builder,
    /// The conditions as a program of their own, for proofs; made when one is asked for.
    proofs: OnceLock<Program>,
}

impl Ruleset {
    pub fn new(source: EventSource, static_fields: Vec<String>) -> Ruleset {
        Ruleset {
            catalog: FieldTable { source, static_fields },
            rules: Vec::new(),
            builder: Builder::new(),
            proofs: OnceLock::new(),
        }
    }

    /// Binds a condition, whose macros are expanded, and an output to the fields of this source.
    ///
    /// # Errors
    /// The condition or a template names what does not exist, or uses it wrongly.
    pub fn add(
        &mut self,
        name: &str,
        condition: &Expr,
        output: &str,
        extra: &[(String, String)],
        run: bool,
    ) -> Result<Added, AddError> {
        let bound = bind::bind(condition, &self.catalog).map_err(AddError::Condition)?;
        let output =
            Output::new(output, extra, &self.catalog).map_err(|(name, error)| AddError::Output(name, error))?;
        let events = event_types(&bound, &self.catalog).intersection(self.catalog.all_events());
        let all = events == self.catalog.all_events();
        let mut names: Vec<String> = if all { Vec::new() } else { names_of(events) };
        names.sort_unstable();
        names.dedup();
        let added = Added {
            index: self.rules.len(),
            event_names: names,
            event_ids: events.iter().count(),
            hints: bound.hints(),
            output_fields: output.names(),
        };
        let id = self.builder.add(&bound);
        self.proofs.take();
        let (name, output) = (name.to_owned(), Arc::new(output));
        self.rules.push(CompiledRule { name, condition: bound, events, output, run, capture: None, id });
        Ok(added)
    }

    /// Asks for a capture of what happens from a match of the rule on, for so long; zero stands for the default of the
    /// settings.
    pub fn capture(&mut self, index: usize, duration: Duration) {
        if let Some(rule) = self.rules.get_mut(index) {
            rule.capture = Some(duration);
        }
    }

    /// No event can match the rule. False when that is not certain.
    pub fn never(&self, index: usize) -> bool {
        self.rules
            .get(index)
            .is_some_and(|rule| rule.events == EventSet::default() || self.proofs().contradiction(rule.id).is_some())
    }

    /// Every event that matches one rule matches the other. False when that is not certain.
    pub fn implies(&self, narrow: usize, broad: usize) -> bool {
        match (self.rules.get(narrow), self.rules.get(broad)) {
            (Some(narrow), Some(broad)) => self.proofs().implies(narrow.id, broad.id),
            _ => false,
        }
    }

    fn proofs(&self) -> &Program {
        self.proofs.get_or_init(|| {
            let mut builder = Builder::new();
            for rule in &self.rules {
                builder.add(&rule.condition);
            }
            builder.finish()
        })
    }

    /// The names of hosts that conditions compare addresses with (`fd.sip.name` and its like), sorted.
    pub fn host_names(&self) -> Vec<String> {
        let names: BTreeSet<String> =
            self.rules.iter().flat_map(|rule| rule.condition.checks()).flat_map(host_names_of).collect();
        names.into_iter().collect()
    }

    /// The program of all rules, and per event type the rules to try, each with its condition as it stands for that
    /// type. Asynchronous events are tried by every rule.
    pub fn compile(&mut self) -> Compiled {
        let mut program = std::mem::take(&mut self.builder).finish();
        let mut by_event: Vec<Vec<(u32, RootId)>> = Vec::with_capacity(schema::TYPES);
        for id in 0..schema::TYPES as u16 {
            let mut tried = Vec::new();
            for (index, rule) in self.rules.iter().enumerate() {
                if !rule.run || !(rule.events.contains(id) || id == vigie_events::id::ASYNCEVENT_E) {
                    continue;
                }
                let root = program.specialise(rule.id, id, &self.catalog);
                if !program.is_never(root) {
                    tried.push((index as u32, root));
                }
            }
            by_event.push(tried);
        }
        Compiled { evaluator: Evaluator::new(&program), program, by_event }
    }
}

/// What the engine runs.
#[derive(Debug)]
pub struct Compiled {
    pub program: Program,
    pub evaluator: Evaluator,
    pub by_event: Vec<Vec<(u32, RootId)>>,
}

fn host_names_of(check: &BoundCheck) -> Vec<String> {
    let (Some(field), Side::Constants(constants)) = (check.left.field(), &check.right) else { return Vec::new() };
    if !HOST_NAME_FIELDS.contains(&field.name.as_str()) {
        return Vec::new();
    }
    let text = |constant: &Constant| match constant {
        Constant::Bytes(bytes) => String::from_utf8(bytes.to_vec()).ok(),
        _ => None,
    };
    constants.iter().filter_map(text).collect()
}

fn names_of(events: EventSet) -> Vec<String> {
    events.iter().filter_map(schema::event_type).map(|event| event.name.to_owned()).collect()
}
