//! What becomes of the documents of a text.

use super::{Documents, Piece};
use crate::limits::Limits;
use crate::parse::envelope::{Envelope, Paging};
use pretty_assertions::assert_eq;

fn read(text: &str) -> Documents {
    Documents::read(text.as_bytes(), true, &Limits::default(), &ahash::RandomState::new())
}

/// What a text of such documents comes to, one letter for each kind.
fn pieces_of(kinds: &str) -> Vec<(String, u64)> {
    let document = |kind| match kind {
        'a' => r#"{"agents":[]}"#,
        'p' => r#"{"projects":[]}"#,
        't' => r#"{"tags":[]}"#,
        _ => r#"{"storage_usage":[]}"#,
    };
    let read = read(&kinds.chars().map(document).collect::<Vec<_>>().join("\n"));
    let piece = |piece| match piece {
        Piece::Others(what, count) => (what, count),
        other => panic!("{other:?}"),
    };
    assert_eq!((read.tally.documents as usize, read.tally.refused_in_all), (kinds.len(), 0));
    read.pieces.into_iter().map(piece).collect()
}

#[test]
fn what_holds_no_backups_is_counted_where_one_of_its_kind_is_near() {
    let counts = |kinds| pieces_of(kinds).into_iter().map(|(_, count)| count).collect::<Vec<_>>();
    assert_eq!(counts("aaaap"), [4, 1]);
    assert_eq!(counts("apapapap"), [4, 4]);
    assert_eq!(counts("aptuat"), [2, 1, 2, 1]);
}

/// Otherwise a line would cost as much as a file.
#[test]
fn backups_on_lines_of_their_own_are_one_piece() {
    let line = |number| {
        format!(
            r#"{{"id":"b{number}","status":"available","resource_type":"OS::Nova::Server","resource_id":"r","vault_id":"v","project_id":"p","created_at":"2026-02-01T01:00:00"}}"#
        )
    };
    let read = read(&(0_u32..30).map(line).collect::<Vec<_>>().join("\n"));
    let [Piece::Packed(fragment)] = &*read.pieces else { panic!("{} pieces", read.pieces.len()) };
    assert_eq!((fragment.rows.len(), read.records, read.tally.documents), (30, 30, 30));
}

#[test]
fn an_answer_is_the_only_one_where_nothing_else_is_met() {
    let only = |text| read(text).only().map(|(site, envelope)| (site.within, envelope));
    let list = |within: &str| Some((within.to_owned(), Envelope::List(Paging::default())));
    assert_eq!(only(r#"{"backups":[{"id":"b"}]}"#), list(""));
    assert_eq!(only(r#"{"body":{"backups":[{"id":"b"}]},"status":200}"#), list("/body"));
    for other in [
        r#"{"backups":[]}"#,
        r#"{"body":{"backups":[{"id":"b"}]},"data":{"backups":[{"id":"b"}]}}"#,
        r#"{"body":{"backups":[{"id":"b"}]},"data":{"backups":7}}"#,
        r#"{"body":{"backups":[{"id":"b"}]},"pages":{"backups":[{"id":"b"}]}}"#,
        "{\"backups\":[{\"id\":\"b\"}]}\n{\"vaults\":[]}",
        "{\"backups\":[{\"id\":\"b\"}]}\n7",
        "7",
    ] {
        assert_eq!(only(other), None, "{other}");
    }
}

#[test]
fn of_an_answer_without_backups_nothing_is_packed() {
    let pieces = read(r#"{"backups":[],"count":0}"#).pieces;
    assert!(matches!(&*pieces, [Piece::Empty(..)]), "{pieces:?}");
}
