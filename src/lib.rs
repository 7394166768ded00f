//! Offline auditor of saved CBR answers.
pub mod discover;
pub mod inventory;
pub mod parse;
