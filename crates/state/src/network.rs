//! Names of sockets, and which addresses are local.
