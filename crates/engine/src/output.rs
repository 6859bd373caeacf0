//! What a match says: the filled-in output and the values of its fields.

use vigie_fields::{is_of_container, needs_metadata};
use vigie_filter::template::{self, Template, TemplateError};
use vigie_filter::{Bump, Catalog, Field, Fields, Print, Value, View};

/// A value that outlives its event.
#[derive(Clone, Debug, PartialEq)]
pub enum OwnedValue {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Text(String),
    List(Vec<OwnedValue>),
}

/// A rule's output and its extra fields, bound to the catalog.
#[derive(Debug)]
pub struct Output {
    message: Template,
    typed: Vec<(String, Field)>,
    rendered: Vec<(String, Template)>,
    /// Something in it is only known once a runtime has told of the container.
    waits: bool,
    /// Of an output that waits: every field that is not of the container, and how it is read, in the order of `fill`.
    kept: Vec<(Field, View)>,
}

impl Output {
    /// Binds the output and the extra fields (name, template): a template that is just the name gives the typed value,
    /// any other a string, `%name` too.
    ///
    /// # Errors
    /// The name of the extra field (empty for the output) and what is wrong with its template.
    pub fn new(
        text: &str,
        extra: &[(String, String)],
        catalog: &dyn Catalog,
    ) -> Result<Output, (String, TemplateError)> {
        let message = Template::parse(text, catalog).map_err(|error| (String::new(), error))?;
        let mut typed: Vec<(String, Field)> =
            message.fields().iter().map(|field| (field.name.clone(), field.clone())).collect();
        let mut rendered = Vec::new();
        for (name, text) in extra {
            if text == name {
                let one = Template::parse(&format!("%{name}"), catalog).map_err(|error| (name.clone(), error))?;
                typed.extend(one.fields().iter().map(|field| (name.clone(), field.clone())));
            } else {
                let template = Template::parse(text, catalog).map_err(|error| (name.clone(), error))?;
                rendered.push((name.clone(), template));
            }
        }
        let mut output = Output { message, typed, rendered, waits: false, kept: Vec::new() };
        output.look_at_containers();
        Ok(output)
    }

    /// Finds out what of the output can wait for a container's metadata, and what cannot.
    fn look_at_containers(&mut self) {
        let mut read: Vec<(Field, View)> = Vec::new();
        self.message.visit_fields(&mut |field| read.push((field.clone(), View::Text)));
        read.extend(self.typed.iter().map(|(_, field)| (field.clone(), View::Json)));
        for (_, template) in &self.rendered {
            template.visit_fields(&mut |field| read.push((field.clone(), View::Text)));
        }
        self.waits = read.iter().any(|(field, _)| needs_metadata(field));
        if self.waits {
            for one in read.into_iter().filter(|(field, _)| !is_of_container(field)) {
                if !self.kept.contains(&one) {
                    self.kept.push(one);
                }
            }
        }
    }

    /// Something in it is only known once a runtime has told of the container.
    pub fn waits(&self) -> bool {
        self.waits
    }

    /// The fields that are read at once when the output has to wait, and how.
    pub fn kept(&self) -> &[(Field, View)] {
        &self.kept
    }

    /// The names of the fields that a match carries.
    pub fn names(&self) -> Vec<String> {
        self.typed
            .iter()
            .map(|(name, _)| name.clone())
            .chain(self.rendered.iter().map(|(name, _)| name.clone()))
            .collect()
    }

    /// Fills the output in.
    pub fn fill(&self, fields: &impl Fields, arena: &Bump) -> (String, Vec<(String, OwnedValue)>) {
        let message = text_of(&self.message, fields, arena);
        let mut values: Vec<(String, OwnedValue)> = self
            .typed
            .iter()
            .map(|(name, field)| (name.clone(), owned(field, fields.value(field, View::Json, arena))))
            .collect();
        values.extend(
            self.rendered
                .iter()
                .map(|(name, template)| (name.clone(), OwnedValue::Text(text_of(template, fields, arena)))),
        );
        (message, values)
    }
}

fn text_of(template: &Template, fields: &impl Fields, arena: &Bump) -> String {
    let mut bytes = Vec::new();
    template.render(fields, arena, &mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The value as JSON will hold it.
fn owned(field: &Field, value: Value<'_>) -> OwnedValue {
    match value {
        Value::Missing => OwnedValue::Null,
        Value::Bool(value) => OwnedValue::Bool(value),
        Value::Double(value) => OwnedValue::Double(value),
        Value::Int(value) if !matches!(field.print, Print::Hex | Print::Octal) => OwnedValue::Int(value),
        Value::Uint(value) if !matches!(field.print, Print::Hex | Print::Octal) => OwnedValue::Uint(value),
        Value::List(values) => OwnedValue::List(values.iter().map(|&value| owned(field, value)).collect()),
        other => {
            let mut bytes = Vec::new();
            template::text::write(field, other, &mut bytes);
            OwnedValue::Text(String::from_utf8_lossy(&bytes).into_owned())
        }
    }
}
