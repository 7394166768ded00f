//! The same backups arranged in other files: what is said of them stays the same.

use super::dump::{Dump, Files, holds, said};
use super::packed::{gzip, tar_of, zip_of, zstd};
use super::random::Dice;
use super::told::Told;
use super::{Essence, essence, one_by_one, same, same_essence};
use serde_json::{Value, json};

#[test]
fn archives_do_not_matter() {
    holds(|dump, dice| {
        let plain = dump.files();
        let mut members = plain.clone();
        if dice.roll(2) == 0 {
            members.reverse();
        }
        let packed = match dice.roll(4) {
            0 => ("d.tar", tar_of(&members)),
            1 => ("d.tar.gz", gzip(&tar_of(&members))),
            2 => ("d.tar.zst", zstd(&tar_of(&members))),
            _ => ("d.zip", zip_of(&members)),
        };
        let (one, other) = (said(&plain), said(&[(packed.0.to_owned(), packed.1)]));
        if other.ledger.len() != one.ledger.len() + 1 {
            return Err(format!("{:?}", other.ledger));
        }
        same_essence(&one, &other)
    });
}

#[test]
fn folders_do_not_matter() {
    holds(|dump, dice| {
        let plain = dump.files();
        let folder = ["x", "a/b/c", ".hidden", "ü \u{202e}", "list.json"][usize::try_from(dice.roll(5)).unwrap()];
        let moved: Files = plain.iter().map(|(name, bytes)| (format!("{folder}/{name}"), bytes.clone())).collect();
        same_essence(&said(&plain), &said(&moved))
    });
}

#[test]
fn the_order_of_files_does_not_matter() {
    holds(|dump, dice| {
        let one = dump.with(one_by_one(dump));
        // Other names turn the order over.
        let renamed = |(name, bytes): &(String, Vec<u8>)| (format!("{:03}-{name}", dice.roll(1000)), bytes.clone());
        let names: Files = one.iter().map(renamed).collect();
        same(&verdicts(&said(&one)), &verdicts(&said(&names)), Clone::clone)
    });
}

/// What the relation above found: the vault of the newest record decides, and two records may be of one moment.
#[test]
fn which_of_two_records_of_one_moment_stands_first_decides_nothing() {
    let record = |id: &str, resource: &str, vault: &str, created: &str| {
        json!({
            "id": id, "status": "available", "image_type": "backup", "resource_type": "OS::Cinder::Volume",
            "resource_id": resource, "vault_id": vault, "created_at": created, "project_id": "p1", "parent_id": null,
        })
    };
    let old = "2026-02-09T12:00:00Z";
    let [one, other] = [record("b1", "r1", "v1", old), record("b2", "r1", "v2", old)].map(|record| record.to_string());
    let young = record("b3", "r2", "v1", "2026-03-01T11:00:00Z").to_string();
    let told = |first: &str, second: &str| {
        let files = [("1.json", first), ("2.json", second), ("3.json", &young)];
        verdicts(&said(&files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))))
    };
    let told = [told(&one, &other), told(&other, &one)];
    assert_eq!(told[0], told[1]);
    assert!(told[0].iter().any(|line| line.starts_with("protection-stopped fail")), "{:?}", told[0]);
}

/// Every failure, and how many units came to which verdict. Of several reasons why a unit is not judged, and of several
/// values that show the same failure, the first one in path order is told; so reasons and values are left out.
fn verdicts(told: &Told) -> Vec<String> {
    let Essence { backups, around, findings, counts } = essence(told);
    let failures = findings.into_iter().filter(|finding| finding.contains(" fail "));
    let failures = failures.map(|finding| finding.split(" | ").next().unwrap().to_owned());
    failures.chain(counts).chain([format!("{backups} backups, {around} around")]).collect()
}

/// The records in pages at random. None where the first of several pages holds children of one backup alone, as the answer
/// of a query for its children does: then it is taken for one.
fn pages(dump: &Dump, dice: &mut Dice, page: impl Fn(usize, usize) -> Value) -> Option<Vec<(String, String)>> {
    let (mut from, mut pages) = (0, Vec::new());
    while from < dump.records.len() {
        let left = dump.records.len() - from;
        let to = from + 1 + usize::try_from(dice.roll(left as u64)).unwrap();
        let parent = &dump.records[from]["parent_id"];
        if from == 0 && parent.is_string() && dump.records[..to].iter().all(|record| record["parent_id"] == *parent) {
            return None;
        }
        pages.push((format!("page-{from:03}.json"), page(from, to).to_string()));
        from = to;
    }
    Some(pages)
}

#[test]
fn pages_may_be_of_any_size() {
    holds(|dump, dice| match pages(dump, dice, |from, to| dump.page(from, to)) {
        Some(pages) => same_essence(
            &said(&dump.with([("list.json", dump.page(0, dump.records.len()).to_string())])),
            &said(&dump.with(pages)),
        ),
        None => Ok(()),
    });
}

#[test]
fn pages_may_stand_in_one_file() {
    holds(|dump, dice| {
        let Some(pages) = pages(dump, dice, |from, to| dump.page(from, to)) else { return Ok(()) };
        let texts: Vec<_> = pages.iter().map(|(_, text)| text.clone()).collect();
        let in_one = match dice.roll(4) {
            0 => format!("[{}]", texts.join(",")),
            1 => format!("{{\"data\":[{}]}}", texts.join(",")),
            2 => texts.join("\n"),
            _ => texts.iter().map(|text| format!("HTTP/1.1 200 OK\n\n{text}\n")).collect(),
        };
        same_essence(&said(&dump.with(pages)), &said(&dump.with([("all.json", in_one)])))
    });
}

#[test]
fn a_list_of_objects_and_single_objects_say_the_same() {
    holds(|dump, _| {
        let list = dump.with([("all.json", Value::from(dump.records.clone()).to_string())]);
        same_essence(&said(&list), &said(&dump.with(one_by_one(dump))))
    });
}
