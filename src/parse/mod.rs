//! Bytes to backup objects: decodes the text, tells the answer by its content, and hands every object, or the reason
//! why it could not be read, to whoever keeps them. Keeps nothing itself and judges nothing.

pub mod answer;
mod bare;
pub mod blank;
pub mod decode;
pub mod document;
pub mod envelope;
pub mod extent;
mod failure;
pub mod long;
mod losses;
mod message;
pub mod neighbour;
mod nested;
mod not_json;
mod quick;
pub mod replication;
pub mod salvage;
pub mod scalar;
pub(crate) mod scan;
pub mod sequence;
mod tally;
pub mod time;
mod unread;
pub mod wire;
