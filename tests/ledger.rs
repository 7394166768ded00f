//! The ledger: every entry that `find` finds stands in it once, files that stand twice are named and change nothing, pages that
//! are missing are named by their offsets, and sums that do not hold end the run.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods)]

mod answers;
mod packed;
mod program;

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use answers::{QUIET, backup};
use cbr_audit::clock::AsOf;
use cbr_audit::discover::discover;
use cbr_audit::judge;
use cbr_audit::read::read;
use cbr_audit::run::Run;
use cbr_audit::settings::{Exclude, Settings};
use cbr_audit::sums::{are_broken, check};
use packed::{gzip, tar_of, zip_of, zstd};
use pretty_assertions::assert_eq;
use program::{Scratch, report, run, sample};
use serde_json::{Value, json};

fn show(id: &str) -> Vec<u8> {
    json!({"backup": backup(id)}).to_string().into_bytes()
}

/// A page of backups with these numbers.
fn page(numbers: std::ops::Range<usize>, offset: Option<usize>, count: usize) -> String {
    let backups: Vec<_> = numbers.map(|number| backup(&format!("b{number}"))).collect();
    let mut page = json!({"backups": backups, "count": count});
    if let Some(offset) = offset {
        page["offset"] = json!(offset);
    }
    page.to_string()
}

/// Runs a program and returns what it prints.
fn output(program: &str, arguments: &[&str]) -> Vec<u8> {
    Command::new(program).args(arguments).output().unwrap().stdout
}

/// Everything but directories below a directory, by the word of `find`.
fn found_by_find(root: &Path) -> BTreeSet<String> {
    let found = output("find", &[root.to_str().unwrap(), "-mindepth", "1", "-not", "-type", "d", "-printf", "%P\\0"]);
    found
        .split(|byte| *byte == 0)
        .filter(|path| !path.is_empty())
        .map(|path| String::from_utf8(path.to_vec()).unwrap())
        .collect()
}

#[test]
fn every_entry_that_find_finds_stands_in_the_ledger_once() {
    let scratch = Scratch::new();
    let members = [("a.json", show("b1")), ("deep/.hidden.json", show("b2")), ("empty.json", Vec::new())];
    for (name, bytes) in [
        ("plain.json", show("b3")),
        (".hidden.json", show("b4")),
        (".git/config", b"[core]".to_vec()),
        ("node_modules/.cache/x.json", show("b5")),
        ("empty.json", Vec::new()),
        ("sub/empty.txt", Vec::new()),
        ("README.md", b"# read me".to_vec()),
        ("broken.json", b"{\"backup\": ".to_vec()),
        ("error.json", br#"{"error_code": "A.1", "error_msg": "no"}"#.to_vec()),
        ("packed.json.gz", gzip(&show("b6"))),
        ("packed.zst", zstd(&show("b7"))),
        ("a.tar", tar_of(&members)),
        ("b.tar.gz", gzip(&tar_of(&members))),
        ("c.zip", zip_of(&members)),
        ("nested.tar", tar_of(&[("inner.zip", zip_of(&members))])),
        ("with headers.http", [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), show("b8")].concat()),
        ("gitignore-d/.gitignore", b"*\n".to_vec()),
        ("gitignore-d/ignored.json", show("b9")),
        ("new\nline.json", show("b10")),
        ("ü.json", show("b11")),
        ("left-out.json", show("b12")),
        ("locked.json", show("b13")),
    ] {
        scratch.write(&format!("dump/{name}"), bytes);
    }
    let root = scratch.path("dump");
    symlink("plain.json", root.join("link.json")).unwrap();
    symlink("nowhere", root.join("dangling.json")).unwrap();
    symlink(".", root.join("loop")).unwrap();
    assert!(Command::new("mkfifo").arg(root.join("fifo.json")).status().unwrap().success());
    std::fs::set_permissions(root.join("locked.json"), PermissionsExt::from_mode(0o0)).unwrap();
    for directory in [scratch.path(""), root.clone()] {
        std::fs::set_permissions(directory, PermissionsExt::from_mode(0o755)).unwrap();
    }
    // Nothing is locked to the superuser.
    let is_root = output("id", &["-u"]) == b"0\n";
    let program = [env!("CARGO_BIN_EXE_cbr-audit")];
    let as_nobody = ["setpriv", "--reuid=65534", "--clear-groups", program[0]];
    let command = if is_root { &as_nobody[..] } else { &program[..] };
    let arguments = ["report", root.to_str().unwrap(), "-qo", "json=-", "--exclude", "left-out.json"];
    let printed = output(command[0], &[&command[1..], &arguments[..]].concat());
    let report: Value = serde_json::from_slice(&printed).unwrap();

    let files = report["inputs"]["files"].as_array().unwrap();
    let state_of: BTreeMap<&str, &str> =
        files.iter().map(|file| (file["path"].as_str().unwrap(), file["state"].as_str().unwrap())).collect();
    assert_eq!(files.len(), state_of.len(), "a path stands twice");
    let entries: BTreeSet<_> =
        state_of.keys().filter(|path| !path.contains("!/")).map(|path| (*path).to_owned()).collect();
    assert_eq!(entries, found_by_find(&root));
    let inside: Vec<_> = state_of.keys().filter(|path| path.contains("!/")).copied().collect();
    let names = ["a.json", "deep/.hidden.json", "empty.json"];
    let of = |archive: &str| names.map(|name| format!("{archive}!/{name}"));
    let expected: BTreeSet<_> =
        ["a.tar", "b.tar.gz", "c.zip", "nested.tar!/inner.zip"].iter().flat_map(|archive| of(archive)).collect();
    let expected: BTreeSet<_> = expected.into_iter().chain(["nested.tar!/inner.zip".to_owned()]).collect();
    assert_eq!(inside.iter().map(|path| (*path).to_owned()).collect::<BTreeSet<_>>(), expected);

    for (path, state) in [
        (".hidden.json", "read"),
        (".git/config", "rejected"),
        ("node_modules/.cache/x.json", "read"),
        ("empty.json", "rejected"),
        ("README.md", "not-backup"),
        ("gitignore-d/ignored.json", "read"),
        ("link.json", "skipped"),
        ("dangling.json", "skipped"),
        ("loop", "skipped"),
        ("fifo.json", "skipped"),
        ("left-out.json", "skipped"),
        ("locked.json", "rejected"),
        ("with headers.http", "read"),
        ("a.tar", "unpacked"),
        ("nested.tar!/inner.zip!/empty.json", "rejected"),
    ] {
        assert_eq!(state_of[path], state, "{path}");
    }
    let by_state = report["inputs"]["files_by_state"].as_object().unwrap();
    assert_eq!(by_state.values().map(|count| count.as_u64().unwrap()).sum::<u64>(), files.len() as u64);
    for (state, count) in by_state {
        assert_eq!(
            state_of.values().filter(|other| **other == state.as_str()).count() as u64,
            count.as_u64().unwrap(),
            "{state}"
        );
    }
    let objects = &report["inputs"]["objects"];
    let number = |key: &str| objects[key].as_u64().unwrap();
    let per_file: u64 = files.iter().map(|file| file["records"].as_u64().unwrap()).sum();
    assert_eq!((number("found"), number("records"), number("copies")), (per_file, 11, per_file - 11));
}

/// The files that are named as copies, each with the first.
fn twins(report: &Value) -> Vec<(&str, &str)> {
    let files = report["inputs"]["files"].as_array().unwrap().iter();
    files.filter_map(|file| Some((file["path"].as_str()?, file["same_as"].as_str()?))).collect()
}

/// What is packed, whatever it is called, comes before and behind the file with the same content.
/// A link inside a dump is not followed, but the one that is given leads to it.
#[test]
fn a_link_that_is_given_is_the_directory_that_it_leads_to() {
    let scratch = Scratch::new();
    scratch.write("dump/a.json", show("b1"));
    symlink(scratch.path("dump"), scratch.path("link")).unwrap();
    let paths = |name: &str| -> Vec<String> {
        let (report, _) = report(&scratch.path(name), &QUIET);
        report["inputs"]["files"].as_array().unwrap().iter().map(|file| file["path"].to_string()).collect()
    };
    assert_eq!(paths("link"), paths("dump"));
}

#[test]
fn files_that_are_packed_under_plain_names_are_compared() {
    let list = page(0..3, Some(0), 3);
    let tar = tar_of(&[("x.json", list.clone().into_bytes()), ("y.json", show("b0"))]);
    for (packed, twin) in [(gzip(list.as_bytes()), ""), (tar, "!/x.json")] {
        for name in ["a.json", "z"] {
            let scratch = Scratch::new();
            scratch.write(&format!("dump/{name}"), &packed);
            scratch.write("dump/m.json", &list);
            scratch.write("dump/n.json", format!("{list}\n"));
            let (told, _) = report(&scratch.path("dump"), &QUIET);
            let packed = format!("{name}{twin}");
            let (first, second) = if name == "z" { ("m.json", &*packed) } else { (&*packed, "m.json") };
            assert_eq!(twins(&told), [(second, first)], "{packed}");
        }
    }
}

#[test]
fn files_with_the_same_content_are_named_and_change_nothing() {
    let scratch = Scratch::new();
    let list = page(0..3, Some(0), 3);
    let vaults = json!({"vaults": [{"id": "v1", "billing": {}, "resources": []}], "count": 1}).to_string();
    let (alone, _) = {
        scratch.write("dump/a.json", &list);
        scratch.write("dump/v.json", &vaults);
        report(&scratch.path("dump"), &QUIET)
    };
    assert_eq!(twins(&alone), []);
    scratch.write("dump/b.json", &list);
    scratch.write("dump/c.json.gz", gzip(list.as_bytes()));
    scratch.write("dump/d.tar", tar_of(&[("x.json", list.clone().into_bytes()), ("y.json", show("b0"))]));
    scratch.write("dump/w.json", &vaults);
    scratch.write("dump/z1.txt", "");
    scratch.write("dump/z2.txt", "");
    let (with, _) = report(&scratch.path("dump"), &[&QUIET[..], &["--exclude", "z?.txt"]].concat());
    let same = [("b.json", "a.json"), ("c.json.gz", "a.json"), ("d.tar!/x.json", "a.json"), ("w.json", "v.json")];
    assert_eq!(twins(&with), same);
    let verdicts = |report: &Value| {
        let rules = report["rules"].as_array().unwrap().iter();
        rules.map(|rule| [&rule["id"], &rule["fail"], &rule["unknown"]].map(Value::clone)).collect::<Vec<_>>()
    };
    assert_eq!(verdicts(&with), verdicts(&alone));
    assert_eq!(with["inputs"]["records"], 3);
    assert_eq!(with["inputs"]["objects"], json!({"found": 13, "records": 3, "copies": 10, "older": 0, "lost": 0}));
    // Every form names them.
    let told = |arguments: &[&str]| {
        let path = scratch.path("dump");
        let ran = run(["report", path.to_str().unwrap(), "--as-of", "2026-11-01T06:00:00Z"].iter().chain(arguments));
        ran.out + &ran.err
    };
    let whole = told(&["-v"]);
    assert!(whole.contains("4 files are copies of others: -v names them"), "{whole}");
    assert!(whole.contains("read: c.json.gz: list answer; same as a.json"), "{whole}");
    assert!(told(&["-qo", "md=-"]).contains("same as a.json"));
    assert!(told(&["-qo", "html=-"]).contains("same as a.json"));
}

#[test]
fn files_of_one_size_and_other_content_are_no_copies() {
    let scratch = Scratch::new();
    let texts = [page(0..3, Some(0), 3), page(1..4, Some(0), 3), page(0..3, Some(0), 3)];
    assert_eq!(texts[0].len(), texts[1].len());
    for (name, text) in ["a.json", "b.json", "c.json"].iter().zip(&texts) {
        scratch.write(name, text);
    }
    assert_eq!(twins(&report(&scratch.path(""), &QUIET).0), [("c.json", "a.json")]);
}

#[test]
fn large_files_with_the_same_content_are_named_however_they_are_read() {
    let scratch = Scratch::new();
    let mut text = page(0..1000, Some(0), 1000);
    text.push_str(&" ".repeat(17 << 20));
    scratch.write("a.json", &text);
    scratch.write("b.json", &text);
    scratch.write("c.json.gz", gzip(text.as_bytes()));
    scratch.write("d.json", text.replacen("autobk_1", "autobk_2", 1));
    let (report, _) = report(&scratch.path(""), &[&QUIET[..], &["--max-ratio", "10000"]].concat());
    assert_eq!(twins(&report), [("b.json", "a.json"), ("c.json.gz", "a.json")]);
}

#[test]
fn pages_that_are_missing_are_named_by_their_offsets() {
    let missing = |pages: &[String]| {
        let scratch = Scratch::new();
        pages.iter().enumerate().for_each(|(number, page)| drop(scratch.write(&format!("p{number}.json"), page)));
        let (report, status) = report(&scratch.path(""), &QUIET);
        let listings = report["inputs"]["listings"].as_array().unwrap();
        assert_eq!(listings.len(), 1);
        let words = listings[0]["missing"].as_str().unwrap_or_default().to_owned();
        let incomplete = report["incomplete"].to_string();
        assert_eq!(status & 4 == 4, listings[0]["state"] != "complete", "{report}");
        assert!(words.is_empty() || incomplete.contains(&words), "{incomplete} does not say {words}");
        words
    };
    let some = |offset: usize, count: usize| page(offset..offset + 10, Some(offset), count);
    assert_eq!(missing(&[some(0, 20), some(10, 20)]), "");
    assert_eq!(
        missing(&[some(0, 50), some(10, 50), some(30, 50), some(40, 50)]),
        "offset 20 to 29 missing of count 50"
    );
    assert_eq!(missing(&[some(0, 50)]), "offset 10 to 49 missing of count 50");
    assert_eq!(missing(&[some(10, 21)]), "offset 0 to 9, offset 20 missing of count 21");
    let holes: Vec<_> = (0..5).map(|number| some(20 * number + 10, 100)).collect();
    assert_eq!(missing(&holes), "offset 0 to 9, offset 20 to 29, offset 40 to 49, and 2 more missing of count 100");
    // By marker every page says nought, and without offsets there is nothing to tell.
    assert_eq!(missing(&[page(0..10, Some(0), 50), page(10..20, Some(0), 50)]), "");
    assert_eq!(missing(&[page(0..10, None, 50)]), "");
    // A record that cannot be read fills its place.
    let spoiled = some(0, 30).replacen("\"name\":\"autobk_1\"", "\"name\":\"\\ud800\"", 1);
    assert_eq!(missing(&[spoiled, some(10, 30)]), "offset 20 to 29 missing of count 30");
}

#[test]
fn the_listings_of_projects_and_directories_are_reconciled_by_themselves() {
    let scratch = Scratch::new();
    let of = |project: &str, page: String| {
        page.replace("\"p1\"", &format!("{project:?}")).replace("\"id\":\"b", &format!("\"id\":\"{project}-b"))
    };
    scratch.write("one/a.json", of("p1", page(0..5, Some(0), 9)));
    scratch.write("two/a.json", of("p2", page(0..5, Some(0), 5)));
    scratch.write("two/b.json", of("p3", page(3..5, Some(3), 5)));
    let (report, _) = report(&scratch.path(""), &QUIET);
    let told: Vec<_> = report["inputs"]["listings"].as_array().unwrap().iter().map(Value::to_string).collect();
    for part in [
        r#"{"claimed":9,"directory":"one","missing":"offset 5 to 8 missing of count 9","project":"p1","seen":5,"state":"#,
        r#"{"claimed":5,"directory":"two","missing":"offset 0 to 2 missing of count 5","project":"p3","seen":2,"state":"#,
        r#"{"claimed":5,"directory":"two","project":"p2","seen":5,"state":"complete"}"#,
    ] {
        assert!(told.iter().any(|row| row.starts_with(part)), "{part} is not in {told:#?}");
    }
}

/// A list that moved while it was read may lack what no page held: nobody can say that all is there.
#[test]
fn fewer_backups_than_one_of_several_counts_leave_the_answer_incomplete() {
    let status = |pages: &[String]| {
        let scratch = Scratch::new();
        pages.iter().enumerate().for_each(|(nth, page)| drop(scratch.write(&format!("{nth}.json"), page)));
        let (report, status) = report(&scratch.path(""), &QUIET);
        let causes = report["incomplete"].as_array().unwrap().iter();
        (status, causes.map(|cause| cause["cause"].as_str().unwrap().to_owned()).collect::<Vec<_>>())
    };
    let short = status(&[page(0..1, None, 5), page(5..6, None, 1)]);
    assert_eq!(short, (4, vec!["1 listing holds 2 of 5 backups".to_owned()]));
    assert_eq!(status(&[page(0..5, Some(0), 10), page(5..9, Some(5), 9)]).0, 4);
    // Two queries may each be answered in whole.
    assert_eq!(status(&[page(0..3, None, 3), page(3..5, None, 2)]).0, 0);
    assert_eq!(status(&[page(0..5, Some(0), 9), page(5..10, Some(5), 10)]).0, 0);
}

fn run_of<'s>(settings: &'s Settings, dump: &Path) -> Run<'s> {
    let sources = discover(&[dump.to_owned()], &Exclude::default().globs).unwrap();
    judge(settings, read(&sources, settings.reading()), false)
}

#[test]
fn every_sum_holds_and_a_broken_one_ends_the_run() {
    let settings = Settings::at(AsOf::FromDump);
    for name in ["api-page", "broken", "healthy", "troubled"] {
        assert_eq!(check(&run_of(&settings, &sample(name))), Ok(()), "{name}");
    }
    let scratch = Scratch::new();
    scratch.write("a.json", page(0..3, Some(0), 4));
    scratch.write("b.tar", tar_of(&[("x.json", show("b1")), ("y.json", show("b9"))]));
    let broken = |break_it: &dyn Fn(&mut Run<'_>)| {
        let mut run = run_of(&settings, &scratch.path(""));
        assert_eq!(check(&run), Ok(()));
        break_it(&mut run);
        check(&run).expect_err("a broken sum").to_string()
    };
    for (break_it, says) in [
        (
            &(|run: &mut Run<'_>| drop(run.inventory.files.remove(0))) as &dyn Fn(&mut Run<'_>),
            "read: the files in this state differ from their count",
        ),
        (&|run| run.inventory.sources = Some(3), "the files that were found"),
        (&|run| run.inventory.files[1].members = Some(3), "the members of archives"),
        (&|run| run.inventory.files[0].records += 1, "the backup objects of the files"),
        (&|run| run.inventory.files[0].objects_lost += 1, "the backup objects that were met"),
        (&|run| run.evaluation.tallies[0].1.fail += 1, "failures differ from its findings"),
        (&|run| run.evaluation.tallies[3].1.unknown += 1, "verdicts left open differ from its findings"),
        (&|run| run.evaluation.tallies[3].1.waived += 1, "waived differ from its findings"),
    ] {
        let said = broken(break_it);
        assert!(said.contains(says) && said.contains("a fault of cbr-audit itself, please report it"), "{said}");
    }
    let mut run = run_of(&settings, &scratch.path(""));
    run.inventory.files.pop();
    assert!(are_broken(&anyhow::Error::from(check(&run).unwrap_err())));
    assert!(!are_broken(&anyhow::anyhow!("something else")));
}

#[test]
fn the_summary_says_what_was_read() {
    let scratch = Scratch::new();
    scratch.write("dump/a.json", page(0..10, Some(0), 30));
    scratch.write("dump/b.json", page(20..30, Some(20), 30));
    scratch.write("dump/c.json", "{");
    scratch.write("dump/d.json", show("b1"));
    let path = scratch.path("dump");
    let ran = run(["report", path.to_str().unwrap(), "--as-of", "2026-11-01T06:00:00Z"]);
    for line in [
        "Input 4 files, ",
        ": 3 read, 1 rejected",
        "  20 records (20 by themselves, 0 in others); 21 in all with 1 copies of these",
        "  1 listing of 2 pages: 0 complete; .: backups missing, offset 10 to 19 missing of count 30",
        "  created from 2026-11-01T01:00:00.5Z to 2026-11-01T01:00:00.5Z",
        "  rejected c.json: the JSON is cut off",
    ] {
        assert!(ran.out.contains(line), "{line:?} is not in\n{}", ran.out);
    }
    let verbose = run(["report", path.to_str().unwrap(), "-v", "--as-of", "2026-11-01T06:00:00Z"]).err;
    assert!(verbose.contains("rejected: c.json: the JSON is cut off at line 1 column 1"), "{verbose}");
}
