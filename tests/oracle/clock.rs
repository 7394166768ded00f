//! The evaluation time of a dump that does not state it.

use crate::load::{Dump, Record};
use crate::time::{self, DAY, Instant};
use serde_json::Value;

const NEAR: Instant = 30 * DAY;

/// The largest time that another record's time lies near; later lone times are left out.
pub fn inferred(dump: &Dump) -> Instant {
    let times: Vec<(usize, Instant)> =
        dump.records.values().enumerate().flat_map(|(nth, record)| times_of(record).map(move |at| (nth, at))).collect();
    let has_neighbour = |(nth, at): &&(usize, Instant)| {
        dump.records.len() == 1 || times.iter().any(|(other, near)| other != nth && (at - near).abs() <= NEAR)
    };
    times.iter().filter(has_neighbour).map(|(_, at)| *at).max().unwrap()
}

/// Never an expiry.
fn times_of(record: &Record) -> impl Iterator<Item = Instant> {
    let own = |body: &Value| ["created_at", "updated_at", "protected_at"].map(|field| body[field].clone());
    let started = |body: &Value| -> Vec<Value> {
        let entries = body["replication_records"].as_array().into_iter().flatten();
        entries.map(|entry| entry["created_at"].clone()).collect()
    };
    let texts: Vec<Value> =
        record.copies.iter().flat_map(|copy| own(&copy.body).into_iter().chain(started(&copy.body))).collect();
    texts.into_iter().filter_map(|text| time::read(text.as_str()?)).map(|reading| reading.at)
}
