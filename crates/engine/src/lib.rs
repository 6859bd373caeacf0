//! Rules over a source of events: which rules look at which events, in which order, and what a match says.
