//! Which answers are pages of one list, whether they follow each other, and what a list that is not whole leaves open.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod packed;
mod program;

use packed::tar_of;
use pretty_assertions::assert_eq;
use program::{Scratch, report};
use serde_json::{Value, json};

fn backup(id: &str) -> Value {
    json!({"id": id, "project_id": "p1", "status": "available", "created_at": "2026-11-01T01:00:00Z"})
}

/// A disk of a server backup, as a list of its own has it.
fn disk(id: &str, parent: &str) -> Value {
    let mut disk = backup(id);
    disk["parent_id"] = json!(parent);
    disk
}

/// A page of a list, with the words of the ids as its backups; what is no id is no backup.
fn page(ids: &str, count: u64, offset: u64) -> Value {
    let backups = ids.split_whitespace().map(|id| if id == "-" { json!(5) } else { backup(id) });
    json!({"backups": backups.collect::<Vec<_>>(), "count": count, "offset": offset})
}

/// Directory, seen, claimed, state and what is missing of every list.
fn listings(files: &[(&str, Value)]) -> Vec<String> {
    let scratch = Scratch::new();
    for (name, answer) in files {
        scratch.write(name, answer.to_string());
    }
    let (report, _) = report(&scratch.path(""), &[]);
    let row = |row: &Value| {
        let words = ["directory", "state", "missing"].map(|key| row[key].as_str().unwrap_or_default());
        let line = format!("{}: {} of {}, {}; {}", words[0], row["seen"], row["claimed"], words[1], words[2]);
        line.trim_end_matches("; ").to_owned()
    };
    report["inputs"]["listings"].as_array().unwrap().iter().map(row).collect()
}

/// The one list of these pages of one directory.
fn list(pages: &[Value]) -> String {
    let named: Vec<_> = pages.iter().enumerate().map(|(number, page)| (format!("d/{number}.json"), page)).collect();
    let files: Vec<_> = named.iter().map(|(name, page)| (name.as_str(), (*page).clone())).collect();
    let all = listings(&files);
    assert_eq!(all.len(), 1, "{all:?}");
    all[0].clone()
}

#[test]
fn pages_follow_each_other_by_their_offsets() {
    assert_eq!(list(&[page("a b", 4, 0), page("c d", 4, 2)]), "d: 4 of 4, complete");
    assert_eq!(list(&[page("c d", 4, 2), page("a b", 4, 0)]), "d: 4 of 4, complete");
    assert_eq!(list(&[page("a", 3, 0), page("b", 3, 1), page("c", 3, 2)]), "d: 3 of 3, complete");
    // Paging by marker repeats nought.
    assert_eq!(list(&[page("a b", 4, 0), page("c d", 4, 0)]), "d: 4 of 4, complete");
    // As many as there should be, and yet not one behind the other.
    let broken = "d: 4 of 4, pages do not follow each other";
    assert!(list(&[page("a b", 4, 0), page("c d", 4, 1)]).starts_with(broken));
    assert!(list(&[page("a b", 4, 0), page("c d", 4, 3)]).starts_with(broken));
    assert!(list(&[page("a b", 4, 0), page("c", 4, 2), page("d", 4, 4)]).starts_with(broken));
    // What could not be read was on the page.
    assert_eq!(list(&[page("a -", 3, 0), page("c", 3, 2)]), "d: 3 of 3, complete");
    // The same page twice is one; two pages at one place are none.
    assert_eq!(list(&[page("a b", 4, 0), page("b a", 4, 0), page("c d", 4, 2)]), "d: 4 of 4, complete");
    let twofold = list(&[page("a b", 4, 0), page("c", 4, 2), page("d", 4, 2)]);
    assert_eq!(
        twofold,
        "d: 4 of 4, two answers at the same offset hold different backups: judge one capture at a time"
    );
}

/// A hole shows by the offsets, whatever the pages claim.
#[test]
fn a_hole_between_pages_is_told_whatever_they_claim() {
    let without = |mut page: Value| {
        page.as_object_mut().unwrap().remove("count");
        page
    };
    let broken = |seen: u64, claimed: &str| format!("d: {seen} of {claimed}, pages do not follow each other; ");
    // Without a count, or where each page claims what it holds itself.
    let open = [without(page("a b", 0, 0)), without(page("c", 0, 5))];
    assert_eq!(list(&open), broken(3, "null") + "offset 2 to 4 missing");
    assert_eq!(list(&open[1..]), broken(1, "null") + "offset 0 to 4 missing");
    assert_eq!(list(&[page("c d", 2, 2)]), broken(2, "2") + "offset 0 to 1 missing");
    assert_eq!(list(&[page("a b", 2, 0), page("e f", 2, 4)]), broken(4, "2") + "offset 2 to 3 missing");
    assert_eq!(list(&[page("a b", 2, 0), page("e", 1, 4)]), broken(3, "2") + "offset 2 to 3 missing");
    // What follows its page says nothing of what may be behind it, and an empty page covers nothing.
    assert_eq!(list(&open[..1]), "d: 2 of null, an answer carries no count");
    let end = without(page("", 0, 1000));
    assert_eq!(list(&[open[0].clone(), end.clone()]), "d: 2 of null, an answer carries no count");
    assert_eq!(list(&[end]), "d: 0 of null, an answer carries no count");
}

#[test]
fn a_count_that_is_no_whole_number_is_told_and_not_taken_for_none() {
    let counted = |count: Value| {
        let mut page = page("a b", 2, 0);
        page["count"] = count;
        list(&[page])
    };
    for odd in [json!(2.5), json!("many"), json!(-2), json!([2]), json!({}), json!(true), json!(1e20), json!(u64::MAX)]
    {
        let told = "d: 2 of null, an answer carries a count that is no whole number";
        assert_eq!(counted(odd.clone()), told, "{odd}");
    }
    for (count, told) in [
        (json!("2"), "d: 2 of 2, complete"),
        (json!(2.0), "d: 2 of 2, complete"),
        (json!(null), "d: 2 of null, an answer carries no count"),
    ] {
        assert_eq!(counted(count), told);
    }
}

#[test]
fn an_empty_page_behind_the_last_backup_is_the_end_and_one_before_it_is_a_break() {
    for offset in [2, 3, 100] {
        assert_eq!(list(&[page("a b", 2, 0), page("", 2, offset)]), "d: 2 of 2, complete", "{offset}");
    }
    assert!(list(&[page("a b", 2, 0), page("", 2, 1)]).starts_with("d: 2 of 2, pages do not follow each other"));
    // Also where a backup moved on to the next page.
    assert_eq!(list(&[page("a b", 3, 0), page("b c", 3, 2), page("", 3, 3)]), "d: 3 of 3, complete");
}

#[test]
fn what_no_page_covers_is_named_up_to_three_times() {
    let pages = |offsets: &[u64]| {
        let page = |(offset, id): (&u64, char)| page(&id.to_string(), 8, *offset);
        offsets.iter().zip('a'..).map(page).collect::<Vec<_>>()
    };
    assert!(list(&pages(&[1, 3, 5, 7])).ends_with("; offset 0, offset 2, offset 4, and 1 more missing of count 8"));
    assert!(list(&pages(&[0, 3, 5])).ends_with("; offset 1 to 2, offset 4, offset 6 to 7 missing of count 8"));
    assert!(list(&pages(&[0, 1, 2])).ends_with("; offset 3 to 7 missing of count 8"));
}

/// It belongs to the list of its directory that claims the same; where there is none, it is one by itself.
#[test]
fn an_empty_answer_belongs_to_the_list_that_claims_as_much() {
    let one = ("a/0.json", page("a", 1, 0));
    let two = ("b/0.json", page("b c", 2, 0));
    let other = ("b/2.json", json!({"backups": [{"id": "d", "project_id": "p2"}], "count": 1, "offset": 0}));
    let lists = |empty: &str, count: u64| {
        let mut rows = listings(&[one.clone(), two.clone(), other.clone(), (empty, page("", count, 2))]);
        rows.sort();
        rows
    };
    let complete = ["a: 1 of 1, complete", "b: 1 of 1, complete", "b: 2 of 2, complete"];
    assert_eq!(lists("b/1.json", 2), complete);
    assert_eq!(lists("a/1.json", 1), complete);
    assert_eq!(lists("c/1.json", 0), [&complete[..], &["c: 0 of 0, complete"]].concat());
    let alone = lists("b/1.json", 7);
    assert_eq!(alone[0], complete[0]);
    assert!(alone[1].starts_with("b: 0 of 7, backups missing"), "{alone:?}");
    assert_eq!(alone[2..], complete[1..]);
}

/// The answer to a query for the disks of one backup; but not where it is a later page of a list.
#[test]
fn a_list_of_the_disks_of_one_backup_is_a_list_of_its_own() {
    let disks = |ids: &[&str], count: u64, offset: u64| {
        let disks: Vec<_> = ids.iter().map(|id| disk(id, "s")).collect();
        json!({"backups": disks, "count": count, "offset": offset})
    };
    let servers = page("s", 1, 0);
    let own = listings(&[("d/0.json", servers.clone()), ("d/1.json", disks(&["x", "y"], 2, 0))]);
    assert_eq!(own, ["d: 1 of 1, complete", "d: 2 of 2, complete"]);
    let later = listings(&[("d/0.json", page("s t", 4, 0)), ("d/1.json", disks(&["x", "y"], 4, 2))]);
    assert_eq!(later, ["d: 4 of 4, complete"]);
    let without = json!({"backups": [disk("x", "s"), disk("y", "s")], "count": 2});
    let own = listings(&[("d/0.json", servers), ("d/1.json", without)]);
    assert_eq!(own, ["d: 1 of 1, complete", "d: 2 of 2, complete"]);
}

/// What becomes of a backup whose parent stands nowhere: a failure only where no list may hold the parent.
fn orphan(files: &[(&str, Vec<u8>)]) -> String {
    let scratch = Scratch::new();
    scratch.write("d/0.json", json!({"backups": [backup("a"), disk("b", "gone")], "count": 2}).to_string());
    for (name, bytes) in files {
        scratch.write(name, bytes);
    }
    let (report, _) = report(&scratch.path(""), &["--only", "child-orphaned"]);
    let own = report["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"] == "child-orphaned");
    own.map(|finding| finding["verdict"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_parent_is_gone_only_where_the_lists_of_the_project_are_whole() {
    let text = |answer: Value| answer.to_string().into_bytes();
    assert_eq!(orphan(&[]), "fail");
    // A file that cannot be read may hold it if it lies beside the list.
    assert_eq!(orphan(&[("d/1.json", b"{".to_vec())]), "unknown");
    assert_eq!(orphan(&[("e/1.json", b"{".to_vec())]), "fail");
    // So may a list that is short, and one of which nobody knows whose it is.
    assert_eq!(orphan(&[("e/0.json", text(page("c", 2, 0)))]), "unknown");
    assert_eq!(orphan(&[("e/0.json", text(page("c", 1, 0)))]), "fail");
    assert_eq!(orphan(&[("d/1.json", text(page("", 7, 0)))]), "unknown");
    assert_eq!(orphan(&[("e/1.json", text(page("", 7, 0)))]), "fail");
    assert_eq!(orphan(&[("d/1.json", text(page("", 0, 0)))]), "fail");
}

/// The rest of an archive that is cut off may hold more of what stands in it, and nothing of what lies beside it.
#[test]
fn a_cut_archive_leaves_open_what_stands_in_it() {
    let list = json!({"backups": [backup("a"), disk("b", "gone")], "count": 2}).to_string().into_bytes();
    let mut cut = tar_of(&[("in/0.json", list), ("in/1.txt", vec![b'x'; 4096])]);
    cut.truncate(cut.len() - 4096);
    let scratch = Scratch::new();
    let path = scratch.write("cut.tar", &cut);
    let (within, _) = report(&path, &["--only", "child-orphaned"]);
    let verdict = |report: &Value| report["findings"].as_array().unwrap().last().unwrap()["verdict"].clone();
    assert_eq!(verdict(&within), "unknown");
    assert_eq!(orphan(&[("e/cut.tar", cut)]), "unknown");
    assert_eq!(orphan(&[("e/none.tar", tar_of(&[("in/1.txt", b"x".to_vec())]))]), "fail");
}

/// Of a server whose list of disks is short, nobody knows that the system disk is not among the others.
#[test]
fn a_short_list_of_disks_leaves_open_what_a_server_holds() {
    let verdict = |count: u64| {
        let mut server = backup("s");
        server["resource_type"] = json!("OS::Nova::Server");
        let disk = |id: &str| {
            let mut disk = disk(id, "s");
            disk["extend_info"] = json!({"bootable": false, "system_disk": false});
            disk
        };
        server["children"] = json!([disk("x")]);
        server["extend_info"] = json!({"contain_system_disk": true});
        let scratch = Scratch::new();
        scratch.write("d/0.json", json!({"backup": server}).to_string());
        let disks = [disk("x"), disk("y")];
        scratch.write("e/0.json", json!({"backups": disks, "count": count, "offset": 0}).to_string());
        let (report, _) = report(&scratch.path(""), &["--only", "system-disk-missing"]);
        report["findings"].as_array().unwrap().last().map(|finding| finding["verdict"].clone())
    };
    assert_eq!(verdict(2), Some(json!("fail")));
    assert_eq!(verdict(3), Some(json!("unknown")));
    // A short list of the disks of another server leaves nothing open of this one.
    let mut server = backup("s");
    server["resource_type"] = json!("OS::Nova::Server");
    server["extend_info"] = json!({"contain_system_disk": true});
    let mut only = disk("x", "s");
    only["extend_info"] = json!({"bootable": false, "system_disk": false});
    server["children"] = json!([only]);
    let scratch = Scratch::new();
    scratch.write("d/0.json", json!({"backup": server}).to_string());
    scratch.write("e/0.json", json!({"backups": [disk("y", "t")], "count": 3, "offset": 0}).to_string());
    let (report, _) = report(&scratch.path(""), &["--only", "system-disk-missing"]);
    assert_eq!(report["findings"][0]["verdict"], "fail", "{}", report["findings"]);
}
