//! Paths as the peer builds them: joined to a base and normalised, symbolic links never followed.
