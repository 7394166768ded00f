//! Long lists with something around them, read in parts: the report is that of the same text read in one piece.

use super::judged;
use super::long::{COMPACT, record};
use super::program::Scratch;
use super::table::COLUMNS;
use cbr_audit::limits::Limits;
use cbr_audit::read::{Reading, Windows};

/// So many elements make a list of several windows.
const ELEMENTS: usize = 500;

/// An element in the last window.
const FAR: usize = 490;

/// The report of a text that is read in windows, within these limits; fails unless it is the one of the whole text.
fn report(text: &str, limits: Limits) -> String {
    let scratch = Scratch::new();
    let path = scratch.write("page", text);
    let [parts, whole] = [judged::SMALL, Windows::NONE]
        .map(|windows| judged::report_of(&[("page.json", &path)], Reading { windows, limits, ..Reading::default() }));
    let around = [text.get(..200), text.get(text.len() - 200..)];
    judged::assert_same(&parts, &whole, &format!("{around:?} in parts"));
    whole
}

fn check(text: &str) {
    report(text, Limits::default());
}

fn elements() -> Vec<String> {
    (0..ELEMENTS).map(|number| record(number, number % 2).written(COMPACT)).collect()
}

/// Fails unless a list with this around it leads to the same report in parts and in one piece.
fn check_around(before: &str, behind: &str) {
    check(&format!("{before}{}{behind}", elements().join(",")));
}

#[test]
fn an_array_of_backups_reads_the_same_in_parts() {
    check_around("[", "]");
    check_around("\u{feff} [ ", " ]\r\n");
    check_around("HTTP/1.1 200 OK\r\n\r\n[", "]");
    for behind in ["", "]]", "] 7", ",]", ",7]", ",{}]", "]}"] {
        check_around("[", behind);
    }
}

#[test]
fn an_array_in_which_something_else_stands_far_inside_reads_the_same_in_parts() {
    let usual = elements();
    let columns = ["id"].iter().chain(&COLUMNS);
    let table: Vec<_> = columns.map(|column| format!("\"{column}\":\"x\"")).collect();
    for other in [
        format!("{{\"backup\":{}}}", usual[FAR]),
        format!("{{\"backup\":{},\"x\":1}}", usual[FAR]),
        format!("{{\"backups\":[{}]}}", usual[FAR]),
        format!("{{{}}}", table.join(",")),
        "{\"id\":\"b1\",\"resource_id\":\"r1\"}".to_owned(),
        "{\"id\":\"v1\",\"billing\":{},\"resources\":[]}".to_owned(),
        "{}".to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
    ] {
        let mut elements = usual.clone();
        elements[FAR] = other;
        check(&format!("[{}]", elements.join(",")));
    }
    let shown: Vec<_> = usual.iter().map(|backup| format!("{{\"backup\": {backup}}}")).collect();
    check(&format!("[{}]", shown.join(",\n")));
}

/// List answers of so many elements each.
fn answers(lengths: &[usize]) -> Vec<String> {
    let elements = elements();
    let mut at = 0;
    let answer = |(number, &length): (usize, &usize)| {
        let list = elements[at..at + length].join(",");
        at += length;
        match number % 3 {
            0 => format!("{{\"count\": {ELEMENTS}, \"offset\": {at}, \"backups\":[{list}]}}"),
            1 => format!("{{ \"backups\" : [ {list} ] , \"limit\" : null , \"count\" : {ELEMENTS} }}"),
            _ => format!("{{\"links\":[{{}}],\"backups\":[{list}]}}"),
        }
    };
    lengths.iter().enumerate().map(answer).collect()
}

#[test]
fn answers_in_an_array_read_the_same_in_parts() {
    for lengths in [&[150; 3][..], &[10; 50], &[1; 90], &[450, 1, 1, 40], &[333, 0, 100], &[0, 400], &[400, 0]] {
        let answers = answers(lengths);
        check(&format!("[{}]", answers.join(",")));
        check(&format!("\u{feff} [ {} ] \n", answers.join(" ,\r\n ")));
        check(&format!("{{\"data\":[{}]}}", answers.join(",")));
    }
    let usual = answers(&[150; 3]);
    for behind in [
        "",
        "]]",
        "]}",
        ",]",
        ",7]",
        ",{}]",
        ",{\"vaults\":[]}]",
        ",[]]",
        ",{\"error_code\":\"x\",\"error_msg\":\"no\"}]",
    ] {
        check(&format!("[{}{behind}", usual.join(",")));
    }
}

#[test]
fn something_else_among_the_answers_of_an_array_reads_the_same_in_parts() {
    let usual = answers(&[125; 4]);
    let element = &elements()[0];
    for other in [
        element.clone(),
        format!("{{\"backup\":{element}}}"),
        format!("{{\"body\":{}}}", usual[1]),
        format!("[{}]", usual[1]),
        "{\"vaults\":[{\"id\":\"v1\"}]}".to_owned(),
        usual[1].replacen("\"count\"", "\"backups\":[],\"count\"", 1),
        usual[1].replacen("\"limit\"", "\"id\":\"b1\",\"resource_id\":\"r1\",\"vault_id\":\"v1\",\"limit\"", 1),
        usual[1].replacen("\"limit\"", "\"data\":{\"vaults\":[]},\"limit\"", 1),
        usual[1].replacen("\"limit\"", "\"pages\":{\"backups\":[{\"id\":\"b1\"}]},\"limit\"", 1),
        usual[1].replacen("\"limit\"", "\"limit\":1,\"limit\"", 1),
        usual[1].replacen("\"limit\"", "\"limit\":01,\"x\"", 1),
        usual[1].replacen("\"status\"", "\"st\\u0061tus\"", 1),
        usual[1].replacen("\"status\"", "\"status\":1,\"status\"", 1),
        usual[1].replacen("\"id\":\"", "\"id\":\"\u{1}", 1),
    ] {
        for at in [0, 2, 3] {
            let mut answers = usual.clone();
            answers[at].clone_from(&other);
            check(&format!("[{}]", answers.join(",\n")));
        }
    }
}

#[test]
fn a_wrapped_list_reads_the_same_in_parts() {
    for (before, behind) in [
        ("{\"body\":{\"backups\":[", "]}}"),
        ("{\"status_code\":200,\"headers\":{\"x\":[1]},\"body\":{\"count\":500,\"backups\":[", "]},\"time\":1.5}\n"),
        ("{\"data\":[", "]}"),
        ("{\"response\" : {\"data\" : { \"body\" : [ ", " ] } , \"total\" : 500 } }"),
        ("{\"data\":[", "],\"total\":700}"),
        ("{\"data\":{\"backups\":[", "],\"count\":7},\"total\":700}"),
        ("{\"status\":503,\"body\":{\"backups\":[", "]}}"),
        ("{\"body\":{\"backups\":[", "]},\"error_code\":\"BackupService.9900\",\"error_msg\":\"no\"}"),
        ("{\"body\":{\"backups\":[", "]},\"body\":{\"backups\":[]}}"),
        ("{\"body\":{\"backups\":[", "]},\"data\":{\"vaults\":[]}}"),
        ("{\"body\":{\"backups\":[", "]},\"vaults\":[{\"id\":\"v1\"}]}"),
        ("{\"body\":{\"backups\":[", "]},\"pages\":{\"backups\":[{\"id\":\"b1\"}]}}"),
        ("{\"id\":\"b1\",\"resource_id\":\"r1\",\"vault_id\":\"v1\",\"body\":{\"backups\":[", "]}}"),
        ("{\"captured_at\":\"2026-01-01T00:00:00Z\",\"body\":{\"backups\":[", "]}}"),
        ("{\"body\":{\"data\":{\"body\":{\"data\":{\"backups\":[", "]}}}}}"),
        ("{\"body\":{\"data\":{\"body\":{\"data\":{\"data\":{\"backups\":[", "]}}}}}}"),
        ("{\"body\":{\"backups\":[", "]}"),
        ("{\"body\":{\"backups\":[", "]}}}"),
        ("{\"body\":{\"backups\":[", "]},}"),
        ("{\"body\":{\"backups\":[", "],\"backup\":{\"id\":\"b1\"}}}"),
    ] {
        check_around(before, behind);
    }
}

/// What stands around a list is bound by the limits as what stands in it.
#[test]
fn a_text_around_the_list_may_be_too_long() {
    let long = "n".repeat(3000);
    let elements = elements().join(",");
    for text in [
        format!("{{\"note\":\"{long}\",\"backups\":[{elements}]}}"),
        format!("{{\"backups\":[{elements}],\"note\":\"{long}\"}}"),
        format!("{{\"body\":{{\"backups\":[{elements}]}},\"{long}\":1}}"),
    ] {
        for string_bytes in [2999, 3000] {
            let report = report(&text, Limits { string_bytes, ..Limits::default() });
            assert_eq!(report.contains("\"state\": \"rejected\""), string_bytes == 2999, "{string_bytes} bytes");
        }
    }
}
