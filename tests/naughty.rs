//! Hostile texts in every field of a dump and of a configuration, through every output: each has the structure that a
//! harmless text gives it, and no text acts on whoever reads it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods, clippy::print_stdout)]

#[path = "naughty/dump.rs"]
mod dump;
#[path = "naughty/look.rs"]
mod look;
mod program;
#[path = "naughty/strings.rs"]
mod strings;

use cbr_audit::format::escape::is_invisible;
use look::{grid, is_unseen, nodes, shape, skeleton, texts};
use program::{Scratch, run};
use serde_json::Value;
use std::ffi::OsString;
use std::fs;

/// So many texts make one dump: as many as a page shows of each kind.
const AT_ONCE: usize = 5;

/// The outputs that are looked at: four formats, the terminal, the population and an explanation.
const OUTPUTS: usize = 7;

/// What the program makes of a dump.
struct Made {
    html: String,
    md: String,
    csv: String,
    json: String,
    terminal: String,
    population: String,
    explained: String,
    /// The terminal again, with a resource called by name; an argument cannot hold every text.
    named: String,
}

fn made(texts: &[String]) -> Made {
    let dump = dump::dump(texts);
    let out = Scratch::new();
    let configuration = out.write("c.toml", dump::configuration(texts));
    let common: Vec<OsString> =
        vec!["--as-of".into(), "2026-11-01T06:00:00Z".into(), "--config".into(), configuration.into()];
    let mut words: Vec<OsString> = vec!["report".into(), dump.path("").into(), "-v".into()];
    words.extend(["--framework", "soc2", "--framework", "3-2-1-1-0"].map(OsString::from));
    for name in ["r.html", "r.md", "r.csv", "r.json"] {
        words.extend(["-o".into(), out.path(name).into()]);
    }
    words.extend(common.clone());
    let ran = run(words);
    assert!([4, 5].contains(&ran.status), "{}", ran.err);
    let mut terminal = ran.out + &ran.err;
    let (mut explained, mut named) = (String::new(), String::new());
    for (number, text) in texts.iter().enumerate() {
        let (rule, subject) = match number % 3 {
            0 => ("backup-error", format!("b{number:03}")),
            1 => ("rpo-breach", format!("r{number:03}")),
            _ => ("replication-error", format!("b{number:03}")),
        };
        let mut words: Vec<OsString> = vec!["explain".into(), rule.into(), subject.into(), dump.path("").into()];
        words.extend(common.clone());
        let ran = run(words);
        explained.push_str(&ran.out);
        terminal.push_str(&ran.err);
        if !text.contains('\0') {
            let mut words: Vec<OsString> =
                vec!["report".into(), dump.path("").into(), format!("--resource={text}").into()];
            words.extend(common.clone());
            let ran = run(words);
            assert!(ran.out.contains("restore points newest first"), "{text:?}: {} {}", ran.out, ran.err);
            named.push_str(&ran.out);
            named.push_str(&ran.err);
        }
    }
    let population = run([OsString::from("inventory"), dump.path("").into()]);
    terminal.push_str(&population.err);
    let read = |name: &str| fs::read_to_string(out.path(name)).unwrap();
    Made {
        html: read("r.html"),
        md: read("r.md"),
        csv: read("r.csv"),
        json: read("r.json"),
        terminal,
        population: population.out,
        explained,
        named,
    }
}

fn same(
    what: &str,
    hostile: Result<Vec<String>, String>,
    harmless: &Result<Vec<String>, String>,
) -> Result<(), String> {
    let (hostile, harmless) = (hostile.map_err(|why| format!("{what}: {why}"))?, harmless.as_ref().unwrap());
    let first = hostile.iter().zip(harmless).position(|(one, other)| one != other);
    match first {
        None if hostile.len() == harmless.len() => Ok(()),
        None => Err(format!("{what}: {} parts instead of {}", hostile.len(), harmless.len())),
        Some(at) => Err(format!("{what}: part {at} is {} instead of {}", hostile[at], harmless[at])),
    }
}

fn shape_of(json: &str) -> Result<Vec<String>, String> {
    let mut parts = Vec::new();
    shape(&serde_json::from_str(json).map_err(|error| error.to_string())?, &mut parts);
    Ok(parts)
}

fn widths(csv: &str, plain_numbers: bool) -> Result<Vec<String>, String> {
    grid(csv, plain_numbers).map(|widths| widths.iter().map(ToString::to_string).collect())
}

/// What is wrong with what is made of these texts.
fn judged(hostile: &[String], twin: &Made) -> Result<(), String> {
    let made = made(hostile);
    same("the page", skeleton(&made.html), &skeleton(&twin.html))?;
    same("the ticket", nodes(&made.md), &nodes(&twin.md))?;
    same("the spreadsheet", widths(&made.csv, false), &widths(&twin.csv, false))?;
    same("the population", widths(&made.population, true), &widths(&twin.population, true))?;
    same("the JSON report", shape_of(&made.json), &shape_of(&twin.json))?;
    // Lines of an explanation are as long as their words allow; its parts stand apart.
    let parts = |text: &str| Ok(vec![text.split("\n\n").count().to_string()]);
    same("the explanation", parts(&made.explained), &parts(&twin.explained))?;
    let lines = |text: &str| Ok(vec![text.lines().count().to_string()]);
    same("the terminal", lines(&made.terminal), &lines(&twin.terminal))?;
    let report: Value = serde_json::from_str(&made.json).unwrap();
    let mut met = Vec::new();
    texts(&report, &mut met);
    for text in hostile {
        if !met.contains(&text.as_str()) {
            return Err(format!("the JSON report does not hold {text:?} as it is"));
        }
        let shown = escaped(text);
        if !made.html.contains(&shown) {
            return Err(format!("the page does not show {text:?} as {shown}"));
        }
    }
    let all =
        [&made.html, &made.md, &made.csv, &made.json, &made.terminal, &made.population, &made.explained, &made.named];
    for (number, output) in all.into_iter().enumerate() {
        let bad = output
            .char_indices()
            .find(|(_, char)| (is_unseen(*char) || is_invisible(*char)) && !"\n\r".contains(*char));
        let bare = output.split("\r\n").find(|line| line.contains('\r'));
        if let Some((at, char)) = bad {
            let before: Vec<_> = output[..at].lines().last().into_iter().collect();
            return Err(format!("output {number} holds {char:?} behind {before:?}"));
        }
        if let Some(line) = bare {
            return Err(format!("output {number} holds a carriage return: {line:?}"));
        }
    }
    Ok(())
}

/// A short text as the page has it.
fn escaped(text: &str) -> String {
    let mut out = Vec::new();
    cbr_audit::format::escape::html(text, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn through_every_output(texts: &[String]) {
    let plain: Vec<_> = (0..AT_ONCE).map(|number| format!("plain{number}")).collect();
    let twin = made(&plain);
    let mut padded = texts.to_vec();
    while !padded.len().is_multiple_of(AT_ONCE) {
        padded.push(format!("plain{}", padded.len()));
    }
    let chunks: Vec<_> = padded.chunks(AT_ONCE).collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let wrong = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(chunk) = chunks.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                    let judged = || judged(chunk, &twin);
                    let judged = std::panic::catch_unwind(std::panic::AssertUnwindSafe(judged));
                    if let Err(why) = judged.unwrap_or_else(|_| Err("see the panic".to_owned())) {
                        wrong.lock().unwrap().push(format!("{chunk:?}: {why}"));
                    }
                }
            });
        }
    });
    println!("{} texts, {} cells", texts.len(), texts.len() * dump::FIELDS * OUTPUTS);
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), chunks.len(), wrong.join("\n"));
}

#[test]
fn own_texts_act_nowhere() {
    through_every_output(&strings::OWN.iter().map(ToString::to_string).collect::<Vec<_>>());
}

/// A public list, for example the Big List of Naughty Strings: a JSON array in the file that `NAUGHTY_STRINGS` names.
#[test]
#[ignore = "needs a list: .ci/naughty FILE"]
fn texts_of_a_public_list_act_nowhere() {
    let file = std::env::var_os("NAUGHTY_STRINGS").expect("NAUGHTY_STRINGS names the list");
    let mut texts: Vec<String> = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    // No text is no harm, "0" and "1" are words of the API with a meaning of their own, and what stands twice would be
    // one resource.
    texts.retain(|text| !["", "0", "1"].contains(&text.as_str()));
    texts.sort();
    texts.dedup();
    assert!(texts.len() > 400);
    through_every_output(&texts);
}

#[test]
fn the_looking_would_see_harm() {
    assert!(skeleton("<p>x</p>").is_err(), "a page without a document type");
    let page = |text: &str| skeleton(&format!("<!DOCTYPE html><html><head><title>x</title></head><body><p>{text}</p>"));
    assert_ne!(page("x").unwrap(), page("<b>x</b>").unwrap());
    assert!(page("<!-- x -->").is_err());
    let ticket = |text: &str| nodes(&format!("| a |\n|---|\n| {text} |\n"));
    assert_ne!(
        ticket("x").unwrap(),
        ticket("x | y").unwrap().iter().chain([&String::new()]).cloned().collect::<Vec<_>>()
    );
    assert!(ticket("http://example.org").is_err() && ticket("<b>").is_err() && ticket("![x](y)").is_err());
    assert_ne!(ticket("x").unwrap(), ticket("**x**").unwrap());
    for cell in ["=1", " =1", "x;=1", "\u{ff1d}1", "\u{202e}x"] {
        assert!(grid(&format!("x,\"{cell}\"\n"), true).is_err(), "{cell}");
    }
    assert!(grid("x,-1\n", true).is_ok() && grid("x,-1\n", false).is_err());
    assert!(['\u{1b}', '\u{9b}', '\u{202e}', '\u{200b}', '\0', '\u{2028}', '\u{e0041}'].into_iter().all(is_unseen));
}
