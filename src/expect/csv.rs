//! CSV with a header, after RFC 4180 and strictly: a quote that is never closed would hide every row behind it.

use std::iter::Peekable;
use std::str::Chars;

use super::{COLUMNS, Cell, Faults, Place, Raw, unknown};

/// The rows of a text below its header. Lines whose cells are all empty are no rows.
pub(super) fn rows(text: &str, faults: &mut Faults) -> Vec<Raw> {
    let mut records = Records { chars: text.chars().peekable(), place: Place { line: 1, column: 1 } };
    let Some(header) = records.next_record(faults) else { return Vec::new() };
    let Some(columns) = columns(&header, faults) else { return Vec::new() };
    let mut rows = Vec::new();
    let mut known = faults.0.len();
    while let Some(record) = records.next_record(faults) {
        // What is wrong with a cell may be wrong with the number of cells too.
        if std::mem::replace(&mut known, faults.0.len()) < faults.0.len() {
            continue;
        }
        let Some(place) = record.first().map(|cell| cell.place) else { continue };
        if record.len() != columns.len() {
            let (cells, header) = (record.len(), columns.len());
            let hint = "quote a cell that holds a comma, and write a comma for an empty one";
            let noun = if cells == 1 { "cell" } else { "cells" };
            faults.add(place, format!("{cells} {noun} below a header of {header}: {hint}"));
            known = faults.0.len();
            continue;
        }
        let mut cells = [const { None }; COLUMNS.len()];
        for (column, cell) in columns.iter().zip(record) {
            if let Some(slot) = cells.get_mut(*column) {
                *slot = Some(cell);
            }
        }
        rows.push(Raw { number: place.line, place, cells });
    }
    rows
}

/// Which column stands where; `None` if the header is not understood, so that no row can be.
fn columns(header: &[Cell], faults: &mut Faults) -> Option<Vec<usize>> {
    let before = faults.0.len();
    let mut columns = Vec::new();
    for cell in header {
        let name = cell.text.trim();
        match COLUMNS.iter().position(|known| *known == name) {
            Some(column) if columns.contains(&column) => {
                faults.add(cell.place, format!("the column {name:?} stands twice: keep one"));
            }
            Some(column) => columns.push(column),
            None if header.len() == 1 && name.contains([';', '\t']) => {
                faults.add(cell.place, "the cells are not separated by commas: save the table as CSV with commas");
            }
            None => faults.add(cell.place, unknown(name, "column")),
        }
    }
    if faults.0.len() == before {
        let lacks = |name: &&&str| !columns.iter().any(|&column| COLUMNS.get(column) == Some(*name));
        for name in ["type", "id"].iter().filter(lacks) {
            faults.add(Place { line: 1, column: 1 }, format!("the header has no column {name}: every row needs one"));
        }
    }
    (faults.0.len() == before).then_some(columns)
}

/// The records of a text.
struct Records<'t> {
    chars: Peekable<Chars<'t>>,
    place: Place,
}

impl Records<'_> {
    fn take(&mut self) -> Option<char> {
        let char = self.chars.next()?;
        if char == '\n' {
            self.place = Place { line: self.place.line.saturating_add(1), column: 1 };
        } else {
            self.place.column = self.place.column.saturating_add(1);
        }
        Some(char)
    }

    fn take_if(&mut self, wanted: char) -> bool {
        let is_next = self.chars.peek() == Some(&wanted);
        if is_next {
            self.take();
        }
        is_next
    }

    /// Whether the line ends here, however lines end. The end is taken.
    fn at_end_of_line(&mut self) -> bool {
        match self.chars.peek() {
            None => true,
            Some('\r' | '\n') => {
                let carriage = self.take_if('\r');
                let feed = self.take_if('\n');
                if carriage && !feed {
                    self.place = Place { line: self.place.line.saturating_add(1), column: 1 };
                }
                true
            }
            Some(_) => false,
        }
    }

    /// The cells of the next record that is not empty; none behind the last one.
    fn next_record(&mut self, faults: &mut Faults) -> Option<Vec<Cell>> {
        while self.chars.peek().is_some() {
            if !self.at_end_of_line() {
                let record = self.record(faults);
                if record.iter().any(|cell| !cell.text.trim().is_empty()) {
                    return Some(record);
                }
            }
        }
        None
    }

    fn record(&mut self, faults: &mut Faults) -> Vec<Cell> {
        let mut cells = Vec::new();
        loop {
            let place = self.place;
            let text = if self.take_if('"') { self.quoted(place, faults) } else { self.plain() };
            cells.push(Cell { text, place });
            if !self.take_if(',') {
                // A cell ends at a comma or at the end of the line.
                self.at_end_of_line();
                return cells;
            }
        }
    }

    fn plain(&mut self) -> String {
        let mut text = String::new();
        while self.chars.peek().is_some_and(|char| !matches!(char, ',' | '\r' | '\n')) {
            text.extend(self.take());
        }
        text
    }

    /// A cell behind its first quote, up to the comma or end of line.
    fn quoted(&mut self, start: Place, faults: &mut Faults) -> String {
        let mut text = String::new();
        loop {
            match self.take() {
                None => {
                    faults.add(start, "the quote that begins here is never closed: double the quotes inside a cell");
                    return text;
                }
                Some('"') if self.take_if('"') => text.push('"'),
                Some('"') => break,
                Some(char) => text.push(char),
            }
        }
        let place = self.place;
        let rest = self.plain();
        if !rest.trim().is_empty() {
            faults.add(place, "text behind the closing quote of a cell: double the quotes inside a cell");
        }
        text
    }
}
