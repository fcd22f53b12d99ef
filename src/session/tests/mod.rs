//! The session against a scripted broker, in virtual time.
