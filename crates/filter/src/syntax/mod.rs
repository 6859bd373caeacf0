//! Conditions as text: read (`parse`), held (`ast`), printed (`print`).

pub mod ast;
