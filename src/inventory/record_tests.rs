//! Where readings stand, and the times that do not fit a row.

use super::{Beside, FieldId, Place, Row, TIMES, Timestamp};
use pretty_assertions::assert_eq;

const FAR: u32 = 100_000;

/// Readings of which the second stands in the first, and so does the last, far away.
fn readings() -> (Beside, Vec<Row>) {
    let mut beside = Beside::default();
    let place = |enclosing, ordinal| Place { enclosing, ordinal };
    let places = (0..=FAR).map(|number| match number {
        1 | FAR => place(Some(0), number - 1),
        number => place(None, number),
    });
    let rows = (0..).zip(places).map(|(number, place)| beside.row(number, place)).collect();
    beside.hashes = (0..=FAR).map(|number| [number, 0]).collect();
    (beside, rows)
}

fn places(beside: &Beside, rows: &[Row], numbers: [u32; 4]) -> [(Option<u32>, u32); 4] {
    numbers.map(|number| {
        let place = rows[number as usize].place(number, beside);
        (place.enclosing, place.ordinal)
    })
}

#[test]
fn a_place_is_kept_however_far_the_enclosing_reading_is() {
    let (mut beside, mut rows) = readings();
    let expected = [(None, 0), (Some(0), 0), (None, 2), (Some(0), FAR - 1)];
    assert_eq!(places(&beside, &rows, [0, 1, 2, FAR]), expected);
    let (later, mut further) = readings();
    let first = FAR + 1;
    beside.take(later, &mut further, first);
    rows.extend(further);
    let moved = [(None, 0), (Some(first), 0), (None, 2), (Some(first), FAR - 1)];
    assert_eq!(places(&beside, &rows, [first, first + 1, first + 2, first + FAR]), moved);
    assert_eq!(places(&beside, &rows, [0, 1, 2, FAR]), expected);
    assert_eq!(beside.hashes[first as usize + 5], [5, 0]);
}

#[test]
fn a_place_is_kept_where_readings_before_it_go() {
    let (mut beside, mut rows) = readings();
    // The third reading goes, and those behind it move up.
    let new = |number: u32| match number {
        0 | 1 => Some(number),
        2 => None,
        later => Some(later - 1),
    };
    beside.keep(new);
    rows.remove(2);
    assert_eq!(places(&beside, &rows, [0, 1, 2, FAR - 1])[3], (Some(0), FAR - 1));
    assert_eq!(beside.hashes[2], [3, 0]);
    assert_eq!(beside.hashes.len(), FAR as usize);
    let mut beside = readings().0;
    beside.truncate(FAR as usize);
    assert_eq!((beside.hashes.len(), beside.enclosing.len()), (FAR as usize, 0));
}

#[test]
fn a_place_in_the_list_moves_with_its_part_and_one_in_another_object_does_not() {
    let (beside, mut rows) = readings();
    rows.iter_mut().for_each(|row| row.shift(7));
    let moved = [(None, 7), (Some(0), 0), (None, 9), (Some(0), FAR - 1)];
    assert_eq!(places(&beside, &rows, [0, 1, 2, FAR]), moved);
    assert_eq!([0, 1, 2].map(|number| rows[number].is_nested()), [false, true, false]);
}

#[test]
fn times_that_do_not_fit_into_a_row_stand_beside_it() {
    let times = |text: [&str; 4]| text.map(|text| super::pack_time(text.parse().unwrap()).unwrap());
    let near =
        times(["2026-01-01T00:00:00Z", "2026-01-01T00:01:00.5Z", "2026-01-01T00:02:00Z", "2027-01-01T00:00:00Z"]);
    let far = times([
        "2026-01-01T00:00:00Z",
        "2020-01-01T00:00:00Z",
        "1999-01-01T00:00:00.123456789Z",
        "2250-01-01T00:00:00Z",
    ]);
    let mut beside = Beside::default();
    let place = Place { enclosing: None, ordinal: 3 };
    let mut rows: Vec<_> = (0..3).map(|number| beside.row(number, place)).collect();
    for (row, times) in rows.iter_mut().zip([near, far, far]) {
        beside.set_times(row, times, |_| true);
    }
    let mut all = Beside::default();
    let mut first = all.row(0, place);
    all.set_times(&mut first, far, |field| field != FieldId::UpdatedAt);
    all.take(beside, &mut rows, 1);
    for (row, expected) in rows.iter().zip([near, far, far]) {
        let read: [i64; 4] = std::array::from_fn(|slot| row.times.get(slot, &all.times));
        assert_eq!(read, expected);
    }
    assert_eq!(TIMES.len(), 4);
    assert_eq!(super::unpack_time(near[1]), "2026-01-01T00:01:00.5Z".parse::<Timestamp>().unwrap());
    assert_eq!(super::pack_time(Timestamp::MAX), None);
}
