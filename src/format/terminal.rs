//! The summary on the terminal: at most a screen. Styles are written always and stripped by the stream where they are
//! not wanted; text from the dump is made visible first.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::escape::visible;
use crate::report::Common;
use crate::report::framework::{self, FrameworkView, Standing};
use crate::report::ledger::{Ledger, ListingRow, ledger};
use crate::report::question::Question;
use crate::report::resource::{RestorePointRow, RestorePointTable};
use crate::report::wording::{counted, number};
use crate::run::Run;

/// So many files are named that were not read in whole.
const FILES: usize = 3;
const BOLD: Style = Style::new().bold();
const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const GREEN: Style = AnsiColor::Green.on_default();

/// Writes the summary of a run.
///
/// # Errors
/// Whatever the writer reports.
pub fn summary(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    let page = run.common();
    let style = match page.verdict.tone {
        "fail" => RED,
        "pass" => GREEN,
        _ => YELLOW,
    };
    writeln!(out, "{style}{}{style:#}", page.verdict.text)?;
    let time = if page.as_of.time.is_empty() { "unknown" } else { &page.as_of.time };
    writeln!(out, "As of {time}, {}.", visible(&page.as_of.text))?;
    for banner in page.banners.iter().chain(&page.captures).chain(&page.configuration_problems) {
        writeln!(out, "{YELLOW}{}{YELLOW:#}", visible(banner))?;
    }
    if page.restore_points.is_empty() {
        questions(page, out)?;
        worst(page, out)?;
        unlocks(page, out)?;
    }
    frameworks(&framework::frameworks(run, 0), out)?;
    for table in &page.restore_points {
        restore_points(table, out)?;
    }
    if !run.settings.resources.is_empty() && page.restore_points.is_empty() {
        let wanted = run.settings.resources.join(", ");
        writeln!(out, "\n{YELLOW}No resource of this dump is called {}.{YELLOW:#}", visible(&wanted))?;
    }
    input(page, &ledger(run, FILES), out)?;
    for incomplete in &page.incomplete {
        writeln!(
            out,
            "{YELLOW}Incomplete:{YELLOW:#} {}; {}.",
            visible(&incomplete.cause),
            visible(&incomplete.remedy)
        )?;
    }
    Ok(())
}

fn questions(page: &Common, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out)?;
    let answers: Vec<_> = page.questions.iter().map(answer_in_full).collect();
    let widest = answers.iter().map(|answer| answer.chars().count()).max().unwrap_or_default().max(46);
    for (question, answer) in page.questions.iter().zip(&answers) {
        let style = style_of(question);
        let params = if question.params.is_empty() { String::new() } else { format!(" · {}", question.params) };
        let word = question.word;
        writeln!(out, "  {BOLD}{word:<13}{BOLD:#}{style}{answer:<widest$}{style:#} {}{params}", question.rule)?;
    }
    let coverage = &page.coverage;
    let detail = if coverage.detail.is_empty() { String::new() } else { format!(" ({})", coverage.detail) };
    writeln!(out, "  {BOLD}{:<13}{BOLD:#}{}{detail}", "Coverage", coverage.text)?;
    let counts = page.severities.iter().map(|severity| format!("{} {}", severity.count, severity.severity));
    writeln!(out, "  {BOLD}{:<13}{BOLD:#}{}", "Findings", counts.collect::<Vec<_>>().join(" · "))
}

/// The answer, what it consists of and what was not judged.
fn answer_in_full(question: &Question) -> String {
    let unknown = if question.unknown > 0 { format!(", {} not judged", question.unknown) } else { String::new() };
    let detail = if question.detail.is_empty() { String::new() } else { format!(" ({})", question.detail) };
    format!("{}{detail}{unknown}", question.text)
}

fn style_of(question: &Question) -> Style {
    match (question.fail, question.unknown) {
        (0, 0) => GREEN,
        (0, _) => YELLOW,
        _ => RED,
    }
}

fn worst(page: &Common, out: &mut dyn Write) -> io::Result<()> {
    if !page.worst.is_empty() {
        writeln!(out, "\n{BOLD}Worst resources{BOLD:#}")?;
    }
    for worst in &page.worst {
        let name = worst.resource.name.as_deref().unwrap_or(&worst.resource.id);
        let name = shortened(&visible(name), 28);
        let rules = shortened(&worst.rules.join(", "), 72);
        writeln!(out, "  {:<9}{name:<29}{}: {rules}", worst.severity, counted(worst.findings, "finding"))?;
    }
    Ok(())
}

fn unlocks(page: &Common, out: &mut dyn Write) -> io::Result<()> {
    if !page.unlocks.is_empty() {
        writeln!(out, "\n{BOLD}Not judged, and what would judge it{BOLD:#}")?;
    }
    for unlock in &page.unlocks {
        writeln!(out, "  {:>8}  {}", unlock.count, unlock.action)?;
    }
    Ok(())
}

/// A line for each framework: how many controls stand how, or, where each is a box, every box with its sign.
fn frameworks(frameworks: &[FrameworkView], out: &mut dyn Write) -> io::Result<()> {
    if !frameworks.is_empty() {
        writeln!(out, "\n{BOLD}Controls{BOLD:#} (evidence for or against, never proof)")?;
    }
    for framework in frameworks {
        let line = if framework.boxes { boxes(framework) } else { standings(framework) };
        writeln!(out, "  {:<15}{line}", framework.id)?;
    }
    Ok(())
}

fn boxes(framework: &FrameworkView) -> String {
    let boxes = framework.controls.iter().map(|control| format!("{} {}", control.mark, control.label));
    boxes.collect::<Vec<_>>().join(" · ")
}

fn standings(framework: &FrameworkView) -> String {
    let count = |standing| framework.controls.iter().filter(|control| control.standing == standing).count();
    let counts = Standing::ALL.into_iter().map(|standing| (count(standing), standing.counted()));
    let counts = counts.filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
    counts.collect::<Vec<_>>().join(" · ")
}

fn input(page: &Common, ledger: &Ledger, out: &mut dyn Write) -> io::Result<()> {
    let states = ledger.states.iter().filter(|state| state.count > 0 || state.state == "read");
    let states = states.map(|state| format!("{} {}", state.count, state.state)).collect::<Vec<_>>().join(", ");
    let files = counted(ledger.files_total as u64, "file");
    writeln!(out, "\n{BOLD}Input{BOLD:#} {files}, {}: {states}", ledger.bytes)?;
    writeln!(out, "  {}", records(ledger))?;
    if ledger.listings_total > 0 {
        writeln!(out, "  {}", pages(ledger))?;
    }
    if let Some((first, last)) = &ledger.span {
        let captures = ledger.captures.len() + ledger.captures_omitted;
        let captures = if captures > 0 { format!("; {captures} captures, see above") } else { String::new() };
        writeln!(out, "  created from {first} to {last}{captures}")?;
    }
    if ledger.twins > 0 {
        let (are, other) = if ledger.twins == 1 { ("is a copy", "another") } else { ("are copies", "others") };
        writeln!(out, "  {} {are} of {other}: -v names them", counted(ledger.twins, "file"))?;
    }
    if !page.around.is_empty() {
        writeln!(out, "  beside the backups: {}", page.around)?;
    }
    if let Some(expected) = &page.expected {
        writeln!(out, "  expected by {}: {}", visible(&expected.file), expected.text)?;
    }
    for file in ledger.files.iter().filter(|file| matches!(file.state, "rejected" | "partly-read")) {
        writeln!(out, "  {YELLOW}{}{YELLOW:#} {}: {}", file.state, visible(&file.path), visible(&file.reason))?;
    }
    Ok(())
}

/// What became of the backup objects.
fn records(ledger: &Ledger) -> String {
    let objects = &ledger.objects;
    let (found, copies, older, lost) = (objects.found, objects.copies, objects.older, objects.lost);
    let beside = [(copies, "copies of these"), (older, "in older captures"), (lost, "unreadable")];
    let beside =
        beside.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{} {what}", number(count)));
    let beside: Vec<_> = beside.collect();
    let all = if beside.is_empty() {
        String::new()
    } else {
        format!("; {} in all with {}", number(found), beside.join(", "))
    };
    let (top_level, disks) = (number(ledger.top_level), number(ledger.disks));
    format!("{} ({top_level} by themselves, {disks} in others){all}", counted(ledger.records, "record"))
}

/// Whether the lists are complete; the first one that is not by name.
fn pages(ledger: &Ledger) -> String {
    let (all, complete) = (ledger.listings_total, ledger.listings_complete);
    let lists = counted(all as u64, "listing");
    let said = format!("{lists} of {}: {} complete", counted(ledger.pages, "page"), number(complete as u64));
    match ledger.listings.first().filter(|first| first.state != "complete") {
        None => said,
        Some(ListingRow { directory, state, missing, .. }) => {
            let missing = missing.as_ref().map_or(String::new(), |missing| format!(", {missing}"));
            format!("{said}; {}: {state}{missing}", visible(directory))
        }
    }
}

/// How many restore points of a resource the terminal shows.
const POINTS: usize = 15;

fn restore_points(table: &RestorePointTable, out: &mut dyn Write) -> io::Result<()> {
    let resource = &table.resource;
    let name = resource.name.as_deref().unwrap_or_default();
    writeln!(
        out,
        "\n{BOLD}{}{BOLD:#} {} {}, restore points newest first:",
        visible(name),
        resource.kind,
        visible(&resource.id)
    )?;
    writeln!(
        out,
        "  {:<11}{:<12}{:<21}{:<37}{:<9}{:<10}{:<10}vault, caveats",
        "state", "age", "time", "backup", "mode", "encrypted", "off-site"
    )?;
    for row in table.points.iter().take(POINTS) {
        restore_point(row, out)?;
    }
    let omitted = table.points.len().saturating_sub(POINTS) + table.omitted;
    if omitted > 0 {
        writeln!(out, "  … and {omitted} older ones: see the reports")?;
    }
    Ok(())
}

fn restore_point(row: &RestorePointRow, out: &mut dyn Write) -> io::Result<()> {
    let style = match row.state {
        "good" => GREEN,
        "not good" => RED,
        _ => YELLOW,
    };
    let point = &row.point;
    let time: String = point.time.as_deref().unwrap_or("unknown").chars().take(19).collect();
    let encrypted = point.encrypted.map_or("unknown", |encrypted| if encrypted { "yes" } else { "no" });
    let why = std::iter::once(row.why.as_str()).filter(|why| !why.is_empty());
    let remarks: Vec<_> =
        std::iter::once(point.vault_id.as_str()).chain(why).chain(point.caveats.iter().copied()).collect();
    writeln!(
        out,
        "  {style}{:<11}{style:#}{:<12}{time:<21}{:<37}{:<9}{encrypted:<10}{:<10}{}",
        row.state,
        row.age_text,
        visible(&point.backup_id),
        point.restore_mode.unwrap_or("–"),
        point.offsite,
        visible(&remarks.join(", ")),
    )
}

fn shortened(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    text.chars().take(longest - 1).chain(['…']).collect()
}
