//! Takes the readings of older captures out of the tables, so that the tables are those of the other files alone.

use crate::inventory::{AnswerIx, Inventory};

/// Which readings stay, and what their numbers become.
#[derive(Debug, Default)]
pub(in crate::inventory) struct Moves {
    /// The readings that go, in order: where they begin and end, and how many went before.
    gone: Vec<(u32, u32, u32)>,
}

impl Moves {
    fn new(gone: impl Iterator<Item = (u32, u32)>) -> Self {
        let mut before = 0;
        let counted = gone.filter(|(start, end)| start < end).map(|(start, end)| {
            let counted = (start, end, before);
            before += end - start;
            counted
        });
        Self { gone: counted.collect() }
    }

    /// The new number of a reading; none if it goes.
    pub(in crate::inventory) fn of(&self, reading: u32) -> Option<u32> {
        let next = self.gone.partition_point(|(start, ..)| *start <= reading);
        match next.checked_sub(1).map(|last| self.gone[last]) {
            None => Some(reading),
            Some((_, end, _)) if reading < end => None,
            Some((start, end, before)) => Some(reading - before - (end - start)),
        }
    }
}

impl Inventory {
    /// Takes the readings of files that belong to older captures out of the tables.
    pub(super) fn shelve(&mut self) -> Moves {
        let older = self.files.iter().filter(|file| file.older.is_some());
        let moves = Moves::new(older.map(|file| file.readings));
        self.shelve_rows(&moves);
        self.beside.keep(|reading| moves.of(reading));
        let asides = std::mem::take(&mut self.asides).into_iter();
        self.asides =
            asides.filter_map(|((reading, field), aside)| Some(((moves.of(reading)?, field), aside))).collect();
        let files = &mut self.files;
        let is_older: Vec<bool> = files.iter().map(|file| file.older.is_some()).collect();
        renumber(files.iter_mut().map(|file| (file.older.is_some(), &mut file.readings)));
        renumber(self.answers.iter_mut().map(|answer| (is_older[answer.file.index()], &mut answer.readings)));
        let is_older = |answer: AnswerIx| is_older[self.answers[answer.index()].file.index()];
        self.neighbours = std::mem::take(&mut self.neighbours).without(is_older);
        moves
    }

    /// The rows and their replication records, which end where those of the next row begin.
    fn shelve_rows(&mut self, moves: &Moves) {
        let ends = self.rows.iter().skip(1).map(|row| row.replications).chain([self.replications.len()]);
        let ends: Vec<u32> = ends.collect();
        let (mut number, mut replications) = (0_u32, 0_u32);
        let kept = &mut vec![false; self.replications.len() as usize];
        self.rows.retain_mut(|row| {
            let (start, end) = (row.replications, ends[number as usize]);
            let stays = moves.of(number).is_some();
            number += 1;
            if stays {
                kept[start as usize..end as usize].fill(true);
                row.replications = replications;
                replications += end - start;
            }
            stays
        });
        self.replications.keep(kept);
    }
}

/// Gives stretches of readings, in order, their new numbers; those that go become empty.
fn renumber<'r>(stretches: impl Iterator<Item = (bool, &'r mut (u32, u32))>) {
    let mut next = 0;
    for (goes, readings) in stretches {
        let length = if goes { 0 } else { readings.1 - readings.0 };
        *readings = (next, next + length);
        next += length;
    }
}

#[cfg(test)]
mod tests {
    use super::Moves;

    #[test]
    fn readings_move_up_by_those_that_went() {
        let moves = Moves::new([(0, 0), (1, 3), (3, 4), (6, 7)].into_iter());
        let moved: Vec<_> = (0..9).map(|reading| moves.of(reading)).collect();
        assert_eq!(moved, [Some(0), None, None, None, Some(1), Some(2), None, Some(3), Some(4)]);
    }
}
