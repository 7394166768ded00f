//! `report.json`: the contract for other programs, described by `docs/report.schema.json`. Findings are streamed.

mod file;
mod plain;
mod row;

use std::io::{self, Write};

use anyhow::Result;
use rayon::prelude::*;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::json;
use serde_json::ser::{Formatter, PrettyFormatter};

use super::escape::{is_invisible, is_plain};
use super::rows::Rows;
use super::{Content, Format};
use crate::inventory::file::FileState;
use crate::report::row::Row;
use crate::report::{
    around, capture, coverage, expected, framework, ledger, overview, resource, section, settings, waiver,
};
use crate::run::Run;

/// The format.
pub const FORMAT: Format = Format {
    name: "json",
    about: "for programs; described by a JSON Schema",
    content: Content::Rows(Rows { head, render, between: ",", tail }),
};

/// The name and version of the contract.
pub const SCHEMA: &str = "cbr-audit.report/1";

/// How many exceptions a control of a framework shows; all of them stand among the findings.
const PER_CONTROL: usize = 10;

fn head(run: &Run<'_>, out: &mut dyn Write) -> Result<()> {
    let as_of = overview::as_of(run);
    let time = if as_of.time.is_empty() { None } else { Some(as_of.time) };
    let mut document = Document { out, entries: 0, depth: 1 };
    document.entry("schema", &SCHEMA)?;
    document.entry("tool", &json!({"name": "cbr-audit", "version": env!("CARGO_PKG_VERSION")}))?;
    document.entry("as_of", &json!({"time": time, "source": as_of.source, "exact": as_of.exact}))?;
    document.entry("settings", &settings::view(run))?;
    document.entry("incomplete", &run.incomplete())?;
    document.key("inputs")?;
    inputs(run, document.out)?;
    if let Some(expected) = expected::view(run) {
        document.entry("expected", &expected)?;
    }
    document.entry("rules", &Each(|| section::rules(run).into_iter().map(RuleEntry)))?;
    document.entry("coverage", &coverage::coverage(run))?;
    if !run.settings.frameworks.is_empty() {
        document.entry("frameworks", &framework::frameworks(run, PER_CONTROL))?;
    }
    let resources: Vec<_> = run.resources().collect();
    document.elements("resources", &resources, |&ix, out| element(&resource::row(run, ix), 2, out))?;
    if !run.settings.resources.is_empty() {
        document.entry("restore_points", &resource::restore_points(run))?;
    }
    document.key("findings")?;
    Ok(document.out.write_all(b"[")?)
}

fn render(rows: &[Row]) -> Result<Vec<u8>> {
    let mut text = Vec::with_capacity(ELEMENT * rows.len());
    rows.iter().try_for_each(|row| row::write(row, &mut text))?;
    Ok(text)
}

fn tail(run: &Run<'_>, is_empty: bool, out: &mut dyn Write) -> Result<()> {
    out.write_all(end_of_list(is_empty, 1).as_bytes())?;
    let mut document = Document { out, entries: 1, depth: 1 };
    if !run.settings.decisions.waivers.is_empty() {
        document.entry("waivers", &waiver::table(run))?;
    }
    let said = run.common();
    let all_notes: Vec<_> =
        [&said.banners, &said.captures, &said.configuration_problems, &said.notes].into_iter().flatten().collect();
    document.entry("notes", &all_notes)?;
    document.out.write_all(b"\n}\n")?;
    Ok(())
}

/// About how many bytes an element has.
const ELEMENT: usize = 1 << 10;

/// Writes an element of a list that stands so many levels deep in the document, behind a comma.
fn element(value: &impl Serialize, depth: usize, out: &mut Vec<u8>) -> Result<()> {
    write!(out, ",\n{:depth$}", "")?;
    Ok(value.serialize(&mut serializer(out, depth))?)
}

/// A serializer for values that stand so many levels deep.
fn serializer<W: Write>(out: W, depth: usize) -> serde_json::Serializer<W, Inert<PrettyFormatter<'static>>> {
    let mut formatter = PrettyFormatter::with_indent(b" ");
    for _ in 0..depth {
        // Nothing of it is written; it only tells the depth.
        let _ = formatter.begin_array(&mut io::sink());
    }
    serde_json::Serializer::with_formatter(out, Inert(formatter))
}

/// The document or an object in it, whose entries are written one by one, and whose long lists are rendered in pieces.
struct Document<'o> {
    out: &'o mut dyn Write,
    entries: usize,
    /// How many levels deep its entries stand.
    depth: usize,
}

impl Document<'_> {
    fn key(&mut self, key: &str) -> io::Result<()> {
        let before = if self.entries == 0 { "{" } else { "," };
        self.entries += 1;
        write!(self.out, "{before}\n{:depth$}\"{key}\": ", "", depth = self.depth)
    }

    fn entry(&mut self, key: &str, value: &impl Serialize) -> Result<()> {
        self.key(key)?;
        value.serialize(&mut serializer(&mut *self.out, self.depth))?;
        Ok(())
    }

    /// Writes a list whose elements are rendered in parallel, each behind a comma, a bounded number at a time.
    fn elements<T: Sync>(
        &mut self,
        key: &str,
        values: &[T],
        render: impl Fn(&T, &mut Vec<u8>) -> Result<()> + Sync,
    ) -> Result<()> {
        const AT_ONCE: usize = 4096;
        const PIECE: usize = 256;
        self.key(key)?;
        self.out.write_all(b"[")?;
        let mut is_empty = true;
        for some in values.chunks(AT_ONCE) {
            let pieces = some.par_chunks(PIECE).with_max_len(1).map(|piece| {
                let mut text = Vec::with_capacity(ELEMENT * piece.len());
                piece.iter().try_for_each(|value| render(value, &mut text)).map(|()| text)
            });
            for piece in pieces.collect::<Result<Vec<_>>>()? {
                let first = piece.strip_prefix(b",").filter(|_| is_empty);
                self.out.write_all(first.unwrap_or(&piece))?;
                is_empty = false;
            }
        }
        Ok(self.out.write_all(end_of_list(is_empty, self.depth).as_bytes())?)
    }
}

/// The end of a list that stands so many levels deep.
fn end_of_list(is_empty: bool, depth: usize) -> String {
    if is_empty { "]".to_owned() } else { format!("\n{:depth$}]", "") }
}

/// A sequence that is made while it is written.
struct Each<F>(F);

impl<F, I> Serialize for Each<F>
where
    F: Fn() -> I,
    I: Iterator,
    I::Item: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

struct RuleEntry(section::RuleRow);

impl Serialize for RuleEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rule = &self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", rule.id)?;
        map.serialize_entry("severity", rule.severity)?;
        map.serialize_entry("title", rule.title)?;
        map.serialize_entry("unit", rule.unit)?;
        map.serialize_entry("evaluated", &rule.evaluated)?;
        map.serialize_entry("pass", &rule.pass)?;
        map.serialize_entry("fail", &rule.fail)?;
        map.serialize_entry("unknown", &rule.unknown)?;
        map.serialize_entry("not_applicable", &rule.not_applicable)?;
        map.serialize_entry("waived", &rule.waived)?;
        if let Some(missing) = rule.missing {
            map.serialize_entry("missing", missing)?;
        }
        map.end()
    }
}

fn inputs(run: &Run<'_>, out: &mut dyn Write) -> Result<()> {
    let files = &run.inventory.files;
    let states: serde_json::Map<_, _> = FileState::ALL
        .into_iter()
        .map(|state| (state.word().to_owned(), json!(run.inventory.files_in(state))))
        .collect();
    let mut inputs = Document { out, entries: 0, depth: 2 };
    inputs.entry("files_total", &files.len())?;
    inputs.entry("files_by_state", &states)?;
    inputs.entry("bytes", &files.iter().map(|file| file.bytes).sum::<u64>())?;
    inputs.entry("records", &run.inventory.len())?;
    inputs.entry("after_as_of", &run.after_as_of)?;
    inputs.entry("objects", &run.inventory.objects())?;
    inputs.entry("listings", &ledger::listings(run))?;
    let around = around::table(run);
    if !around.is_empty() {
        inputs.entry("around", &around)?;
    }
    let captures = capture::table(run);
    if !captures.is_empty() {
        inputs.entry("captures", &captures)?;
    }
    inputs.elements("files", files, |file, out| file::write(run, file, out))?;
    Ok(inputs.out.write_all(b"\n }")?)
}

/// Writes JSON with invisible characters as `\uXXXX`, so that the file is harmless on a terminal too.
struct Inert<F>(F);

macro_rules! forward {
    ($($name:ident($($argument:ident: $type:ty),*);)*) => {
        $(fn $name<W: ?Sized + Write>(&mut self, writer: &mut W $(, $argument: $type)*) -> io::Result<()> {
            self.0.$name(writer $(, $argument)*)
        })*
    };
}

impl<F: Formatter> Formatter for Inert<F> {
    forward! {
        begin_array(); end_array(); begin_array_value(first: bool); end_array_value();
        begin_object(); end_object(); begin_object_key(first: bool); end_object_key();
        begin_object_value(); end_object_value();
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        if is_plain(fragment) {
            return writer.write_all(fragment.as_bytes());
        }
        let mut rest = fragment;
        while let Some((before, behind)) = rest.find(is_invisible).and_then(|at| rest.split_at_checked(at)) {
            writer.write_all(before.as_bytes())?;
            let mut chars = behind.chars();
            for unit in chars.next().into_iter().flat_map(|char| char.encode_utf16(&mut [0; 2]).to_vec()) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = chars.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}
