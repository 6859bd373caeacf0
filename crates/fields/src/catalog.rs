//! Binds names in conditions and outputs to the rows of the table of fields, for one source of events.

use vigie_events::{Event, id, schema};
use vigie_filter::{Argument, Catalog, EventSet, Field, FieldError, Kind, Many, Print, Sort};

use crate::table::{self, FieldRow};
use crate::{event_names, evt_args, services};

/// A kind of source of events, which decides the fields its rules may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventSource {
    Syscall,
    K8sAudit,
}

/// The number under which captures hold Kubernetes audit events.
const K8S_AUDIT_PLUGIN: u32 = 1;

impl EventSource {
    /// The source of an event. `None` when a plugin made it that is not known.
    #[inline]
    pub fn of(event: &Event<'_>) -> Option<EventSource> {
        match Self::plugin(event) {
            0 => Some(EventSource::Syscall),
            K8S_AUDIT_PLUGIN => Some(EventSource::K8sAudit),
            _ => None,
        }
    }

    /// The number of the plugin that made an event; 0 for those of the host itself.
    #[inline]
    pub fn plugin(event: &Event<'_>) -> u32 {
        match event.id {
            id::PLUGINEVENT_E | id::ASYNCEVENT_E => event.params.u32(0).unwrap_or(0),
            _ => 0,
        }
    }

    /// As `evt.source` and rules have it.
    pub fn name(self) -> &'static str {
        match self {
            EventSource::Syscall => "syscall",
            EventSource::K8sAudit => "k8s_audit",
        }
    }
}

/// The catalog of one source. Static fields are those of the settings: `static.KEY`.
#[derive(Clone, Debug)]
pub struct FieldTable {
    pub source: EventSource,
    pub static_fields: Vec<String>,
}

/// The fields of class `evt` that say when an event was and where from, not what it was.
const OF_ANY_SOURCE: &[&str] = &[
    "evt.num",
    "evt.time",
    "evt.time.s",
    "evt.time.iso8601",
    "evt.datetime",
    "evt.datetime.s",
    "evt.rawtime",
    "evt.rawtime.s",
    "evt.rawtime.ns",
    "evt.reltime",
    "evt.reltime.s",
    "evt.reltime.ns",
    "evt.pluginname",
    "evt.plugininfo",
    "evt.source",
    "evt.is_async",
    "evt.asynctype",
    "evt.hostname",
];

const STATIC: &str = "static.";

impl FieldTable {
    /// Whether rules of this source may use a field.
    pub fn has(&self, row: &FieldRow) -> bool {
        match row.class {
            "static" => true,
            "evt" if OF_ANY_SOURCE.contains(&row.name) => true,
            "ka" | "json" | "jevt" => self.source == EventSource::K8sAudit,
            _ => self.source == EventSource::Syscall,
        }
    }

    /// The row of a name, with what stands behind the row's own name and a dot. `None` when rules of this source have no
    /// such field.
    fn find<'n>(&self, name: &'n str) -> Option<(&'static FieldRow, Option<&'n str>)> {
        if let Some(key) = name.strip_prefix(STATIC) {
            return self
                .static_fields
                .iter()
                .any(|known| known == key)
                .then_some((table::row("static.<key>")?, Some(key)));
        }
        named(name).filter(|(row, _)| self.has(row))
    }

    /// Why a name is no field.
    fn unknown(&self, name: &str) -> FieldError {
        FieldError::Unknown(match (named(name), table::elsewhere(name), self.source) {
            _ if name.starts_with(STATIC) => format!("{name} is not among the static fields of the settings"),
            (Some((row, _)), _, EventSource::Syscall) => {
                format!("{} is a field of Kubernetes audit events, not of system calls", row.name)
            }
            (Some((row, _)), _, EventSource::K8sAudit) => {
                format!("{} is a field of system calls, not of Kubernetes audit events", row.name)
            }
            (None, Some("unmeasured"), _) => {
                format!("{name} is a field that is not measured: it would never have a value")
            }
            (None, Some("removed"), _) => format!("{name} is a field that no longer exists"),
            (None, Some(plugin), _) => format!("{name} is a field of the plugin {plugin}, which is not available"),
            (None, None, _) => format!("{name} is no field"),
        })
    }
}

/// No field's name is longer; whoever looks for names in a long text need not wait for this.
const LONGEST: usize = 255;

/// The row of a name, static fields apart.
fn named(name: &str) -> Option<(&'static FieldRow, Option<&str>)> {
    if name.len() > LONGEST {
        return None;
    }
    table::row(name).map(|row| (row, None)).or_else(|| dotted(name))
}

/// The longest row name that ends before a dot of the name and takes what follows as its argument.
fn dotted(name: &str) -> Option<(&'static FieldRow, Option<&str>)> {
    name.rmatch_indices('.')
        .filter_map(|(dot, _)| Some((table::row(&name[..dot])?, Some(&name[dot + 1..]))))
        .find(|(row, _)| takes(row, "dotname"))
}

/// Whether a row's argument may be of a form.
fn takes(row: &FieldRow, form: &str) -> bool {
    row.argument.trim_end_matches('?').split('|').any(|known| known == form)
}

fn argument_of(row: &FieldRow, dotted: Option<&str>, bracketed: Option<&str>) -> Result<Argument, FieldError> {
    let name = row.name;
    let wrong = |text: String| Err(FieldError::Argument(text));
    match (dotted, bracketed) {
        (Some(_), Some(_)) => wrong(format!("{name} has two arguments")),
        (Some(""), None) => wrong(format!("{name} needs a name behind its dot")),
        (Some(key), None) if suits(name, key) => Ok(Argument::Key(key.to_owned())),
        (Some(key), None) => wrong(match name {
            "evt.arg" | "evt.rawarg" => format!("no event has a parameter named {key}"),
            "evt.type.is" => format!("{key} is no event type"),
            _ => format!("{name} knows no {key}"),
        }),
        (None, None) if row.argument.is_empty() || row.argument.ends_with('?') => Ok(Argument::None),
        (None, None) => wrong(match row.argument {
            "dotname" => format!("{name} needs a name behind a dot: {name}.NAME"),
            "index" => format!("{name} needs a number in brackets: {name}[0]"),
            _ => format!("{name} needs an argument"),
        }),
        (None, Some(_)) if row.argument.is_empty() => wrong(format!("{name} takes no argument")),
        (None, Some("")) => wrong(format!("the brackets of {name} are empty")),
        (None, Some(text)) => {
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            if digits && takes(row, "index") {
                return match text.parse() {
                    Ok(number) => Ok(Argument::Index(number)),
                    Err(_) => wrong(format!("the number {text} of {name} is too large")),
                };
            }
            if takes(row, "key") {
                return Ok(Argument::Key(text.to_owned()));
            }
            wrong(if takes(row, "index") {
                format!("{name} takes a number in brackets, not {text:?}")
            } else {
                format!("{name} takes its argument behind a dot, not in brackets")
            })
        }
    }
}

/// Whether the name behind a field's dot is one that can ever be there.
fn suits(field: &str, key: &str) -> bool {
    match field {
        "evt.arg" | "evt.rawarg" => evt_args::parameter_named(key).is_some(),
        "evt.type.is" => !schema::ids_named(key).is_empty() || key.parse::<u16>().is_ok(),
        "evt.abspath" => matches!(key, "src" | "dst"),
        _ => true,
    }
}

fn kind_of(row: &FieldRow) -> Kind {
    match row.type_name {
        "int8" => Kind::Int(1),
        "int16" => Kind::Int(2),
        "int32" => Kind::Int(4),
        "int64" => Kind::Int(8),
        "uint8" => Kind::Uint(1),
        "uint16" => Kind::Uint(2),
        "uint32" => Kind::Uint(4),
        "uint64" | "reltime" | "abstime" => Kind::Uint(8),
        "bool" => Kind::Bool,
        "double" => Kind::Double,
        "bytebuf" => Kind::Buffer,
        "ipaddr" => Kind::Ip,
        "ipnet" => Kind::Net,
        "port" => Kind::Port,
        _ => Kind::Text,
    }
}

/// Fields of ancestors whose values are those of all of them when no one is named.
const OF_ANCESTORS: &[&str] = &["proc.aname", "proc.aexe", "proc.aexepath", "proc.acmdline", "proc.apid"];

/// Fields of both ends of a socket.
const OF_ENDS: &[&str] = &["fd.ip", "fd.port", "fd.net", "fd.proto"];

fn many_of(row: &FieldRow, argument: &Argument) -> Many {
    if row.is_list {
        return Many::List;
    }
    match argument {
        Argument::None if OF_ANCESTORS.contains(&row.name) => Many::Ancestors,
        // Without a variable's name the whole environment of every ancestor is meant, whichever number is given.
        Argument::None | Argument::Index(_) if row.name == "proc.aenv" => Many::Ancestors,
        Argument::None if OF_ENDS.contains(&row.name) => Many::Ends,
        _ => Many::One,
    }
}

fn print_of(row: &FieldRow) -> Print {
    match row.name {
        "fd.dev" => Print::Hex,
        "evt.rawtime.ns" | "evt.reltime" | "evt.reltime.ns" => Print::Padded(9),
        _ => Print::Plain,
    }
}

/// As the peer writes a field with its argument.
fn canonical(name: &str, bracketed: Option<&str>) -> String {
    let Some(argument) = bracketed else { return name.to_owned() };
    let quoted = |c: char| c == ' ' || c == '=' || c == '"' || c == '\'' || c == '\\' || c.is_control();
    if !argument.contains(quoted) {
        return format!("{name}[{argument}]");
    }
    let escaped = argument.replace('\\', "\\\\").replace('"', "\\\"");
    format!("{name}[\"{escaped}\"]")
}

impl Catalog for FieldTable {
    fn field(&self, name: &str, argument: Option<&str>) -> Result<Field, FieldError> {
        let (row, dotted) = self.find(name).ok_or_else(|| self.unknown(name))?;
        let bound = if row.class == "static" {
            match argument {
                None => Argument::Key(dotted.unwrap_or("").to_owned()),
                Some(_) => return Err(FieldError::Argument(format!("{name} takes no argument"))),
            }
        } else {
            argument_of(row, dotted, argument)?
        };
        let (kind, print) = match &bound {
            Argument::Key(parameter) if row.name == "evt.rawarg" => evt_args::shape(parameter),
            _ => (kind_of(row), print_of(row)),
        };
        Ok(Field {
            name: canonical(name, argument),
            id: row.id,
            kind,
            many: many_of(row, &bound),
            argument: bound,
            print,
            no_rhs: row.has("no_rhs"),
            no_transformer: row.has("no_transformer"),
            filter_only: row.has("filter_only"),
            print_only: row.has("print_only"),
            instance: 0,
        })
    }

    fn is_field(&self, name: &str) -> bool {
        match self.find(name) {
            Some((row, Some(rest))) if row.class != "static" => !rest.is_empty() && suits(row.name, rest),
            found => found.is_some(),
        }
    }

    fn events_named(&self, name: &str) -> Option<EventSet> {
        event_names::named(name)
    }

    fn all_events(&self) -> EventSet {
        event_names::all(self.source)
    }

    fn sort(&self, id: u16, name: &str) -> Sort {
        event_names::sort(id, name)
    }

    fn service(&self, name: &str) -> Option<u16> {
        services::port(name)
    }
}
