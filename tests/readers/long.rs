//! Lists that are read in parts, window by window: the report is that of the same text read strictly and in one piece.

use super::judged;
use super::node::{Node, STYLES, Style};
use super::program::Scratch;
use super::twin::Twin;
use super::values;
use cbr_audit::read::Windows;
use rayon::ThreadPoolBuilder;
use serde_json::Value;
use std::ops::Range;
use std::sync::LazyLock;

/// So many elements make a page of several windows.
const ELEMENTS: usize = 1000;

/// An element in the last window.
const FAR: usize = 980;

/// About how long an element is.
const LENGTH: usize = 2_900;

/// How long a part is.
const BLOCK: usize = judged::SMALL.block;

pub(super) static FULL: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(values::FULL).unwrap());

pub(super) const COMPACT: Style = STYLES[0];

/// A list answer, by what stands before, in and behind its list.
struct Page {
    before: &'static str,
    elements: Vec<String>,
    behind: &'static str,
}

impl Page {
    /// A page of elements as `written` gives them, by number.
    fn of(written: impl Fn(usize) -> String) -> Self {
        let elements = (0..ELEMENTS).map(written).collect();
        Self { before: r#"{"backups":["#, elements, behind: r#"],"count":1000,"limit":1000}"# }
    }

    fn usual() -> Self {
        Self::of(|number| record(number, 0).written(COMPACT))
    }

    /// The usual page with this text of one element far inside replaced.
    fn spoiled(old: &str, new: &str) -> Self {
        let mut page = Self::usual();
        let spoiled = page.elements[FAR].replacen(old, new, 1);
        assert_ne!(page.elements[FAR], spoiled, "{old} is there");
        page.elements[FAR] = spoiled;
        page
    }

    fn text(&self) -> String {
        [self.before, &self.elements.join(","), self.behind].concat()
    }

    fn check(&self) {
        check(self.text().as_bytes());
    }
}

/// Fails unless a text leads to the same report in parts and in one piece.
fn check(text: &[u8]) {
    check_by(&[2], text);
}

/// The same for some numbers of threads.
fn check_by(threads: &[usize], text: &[u8]) {
    let twin = Twin::new(text).unwrap();
    assert!(twin.usual.len() > 16 * BLOCK, "the text is long enough to be read in parts");
    let scratch = Scratch::new();
    let [usual, strict] = [scratch.write("usual", &twin.usual), scratch.write("strict", &twin.strict)];
    let whole = judged::report_in(&[("page.json", &strict)], Windows::NONE);
    for &threads in threads {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let parts = pool.install(|| judged::report_in(&[("page.json", &usual)], judged::SMALL));
        judged::assert_same(&parts, &whole, &format!("in parts, by {threads} threads"));
    }
}

/// A record with so many children. Now and then one has a replication, or a key and a type that nobody knows.
pub(super) fn record(number: usize, children: usize) -> Node {
    let mut record = Node::from(&*FULL);
    let id = format!("{number:08x}-0000-4000-8000-000000000000");
    let child = |ordinal: usize| {
        let mut child = Node::from(&FULL["children"][0]);
        child.set("id", string(&format!("{number:08x}-{ordinal:04x}-4000-8000-000000000000")));
        child.set("parent_id", string(&id));
        child
    };
    record.set("id", string(&id));
    record.set("resource_id", string(&format!("r{}", number % 40)));
    record.set("description", string(&"d".repeat(LENGTH - 2000 + number % 7)));
    record.set("children", Node::Array((0..children).map(child).collect()));
    if !number.is_multiple_of(3) {
        record.set("replication_records", Node::Array(Vec::new()));
    }
    if number % 100 == 99 {
        record.set("unheard", Node::raw("[1]"));
        record.set("version", Node::raw("\"3\""));
    }
    record
}

fn string(plain: &str) -> Node {
    Node::Raw(format!("\"{plain}\""))
}

/// A usual page, in some elements of which one key has another value.
fn page_with(key: &str, value: &str, numbers: Range<usize>) -> Page {
    Page::of(|number| {
        let mut record = record(number, 0);
        if numbers.contains(&number) {
            record.set(key, Node::raw(value));
        }
        record.written(COMPACT)
    })
}

#[test]
fn a_usual_long_list_reads_the_same_in_parts_by_any_number_of_threads() {
    check_by(&[1, 2, 5], Page::usual().text().as_bytes());
}

/// With the windows of the program itself.
#[test]
fn a_list_of_many_megabytes_reads_the_same_in_parts() {
    let padding = "p".repeat(20_000);
    let text = page_with("description", &format!("\"{padding}\""), 0..ELEMENTS).text();
    assert!(text.len() as u64 > Windows::default().from);
    let scratch = Scratch::new();
    let path = scratch.write("page", &text);
    let [parts, whole] =
        [Windows::default(), Windows::NONE].map(|windows| judged::report_in(&[("page.json", &path)], windows));
    judged::assert_same(&parts, &whole, "a list of many megabytes in parts");
}

#[test]
fn a_long_list_with_indentation_reads_the_same_in_parts() {
    let written = |number| record(number, 1).written(STYLES[number / 100 % STYLES.len()]);
    Page { before: " {\r\n \"count\" : 750 , \"backups\" : [ ", behind: " ]\n}\n\n", ..Page::of(written) }.check();
}

#[test]
fn a_long_list_behind_a_byte_order_mark_reads_the_same_in_parts() {
    Page { before: "\u{feff}{\"count\":\"751\",\"backups\":[", behind: "]}", ..Page::usual() }.check();
}

#[test]
fn text_that_looks_like_elements_is_no_element() {
    let lure = r#""}, {\"id\": \"b1\"}, {}, {}], [{}, {\"a\":{}}, ""#.replace("\\\"", "\\u0022");
    let lure = format!("\"{}\"", lure.trim_matches('"').repeat(20));
    page_with("name", &lure, 0..ELEMENTS).check();
}

#[test]
fn long_rows_of_children_are_not_taken_for_the_list() {
    let page = Page::of(|number| record(number % 300, if number < 300 { 40 } else { 0 }).written(COMPACT));
    page.check();
}

#[test]
fn an_element_may_be_much_longer_than_the_others() {
    let page = Page::of(|number| record(number, if number % 300 == 299 { 800 } else { 0 }).written(COMPACT));
    page.check();
}

#[test]
fn an_element_may_be_longer_than_a_part() {
    for length in [BLOCK + 1000, 3 * BLOCK, 9 * BLOCK, 33 * BLOCK] {
        page_with("name", &format!("\"{}\"", "x".repeat(length)), 200..201).check();
    }
}

#[test]
fn what_begins_far_behind_the_part_is_not_read_for_it() {
    // The long element covers the second part and ends where that is read a little further than it reaches.
    let mut page =
        Page::of(|number| format!(r#"{{"id":"b{number}","resource_id":"r1","name":"{}"}}"#, "y".repeat(2000)));
    let length = |elements: &[String]| elements.iter().map(|element| element.len() + 1).sum::<usize>();
    let before = length(&page.elements[..100]);
    let covered = 2 * BLOCK + 600 - before;
    page.elements[100] = format!(r#"{{"id":"b100","name":"{}"}}"#, "x".repeat(covered));
    page.check();
}

#[test]
fn something_unusual_far_inside_reads_the_same_in_parts() {
    let unusual = [
        ("\"name\":", "\"n\\u0061me\":"),
        ("\"auto_trigger\":true", "\"auto_trigger\":true,\"x\":1},\"x\":{\"x\":[]"),
        ("\"name\":\"autobk_1\"", "\"name\":\"\\ud83d\\ude00\\\"\""),
    ];
    unusual.into_iter().for_each(|(old, new)| Page::spoiled(old, new).check());
}

#[test]
fn a_record_with_a_fault_far_inside_is_lost_all_the_same() {
    let faults = [
        ("\"name\":", "\"status\":\"error\",\"name\":"),
        ("\"version\":3", "\"version\":1e999"),
        ("\"children\":[]", "\"children\":[{\"id\":\"k\",\"x\":1,\"x\":2},{\"id\":\"l\"}]"),
    ];
    faults.into_iter().for_each(|(old, new)| Page::spoiled(old, new).check());
    let mut page = Page::usual();
    page.elements[FAR] = "null".to_owned();
    page.check();
}

#[test]
fn what_is_no_json_far_inside_is_refused_all_the_same() {
    for (old, new) in [("autobk_1", "auto\tbk"), ("\"version\":3", "\"version\":03"), ("}", "")] {
        Page::spoiled(old, new).check();
    }
    let text = Page::spoiled("autobk_1", "auto\u{fffd}").text();
    let at = text.find('\u{fffd}').unwrap();
    check(&[&text.as_bytes()[..at], b"\xff\xfe\xfd", &text.as_bytes()[at + 3..]].concat());
    check(&text.as_bytes()[..at]);
}

#[test]
fn what_stands_around_a_long_list_counts() {
    let around = [
        (r#"{"backups":["#, r#"]}{}"#),
        (r#"{"backups":["#, r#",]}"#),
        (r#"{"backups":["#, r#"],"backups":[]}"#),
        (r#"{"backups":["#, r#"],"id":"b1","resource_id":"r1","vault_id":"v1"}"#),
        (r#"{"count":9,"backup":{"id":"b"},"backups":["#, r#"]}"#),
        (r#"{"count":1e3,"x":{"a":[1]},"offset":20,"backups":["#, r#"],"links":[{"href":"}, {"}],"limit":null} "#),
        (r#"{"x":"ustar","backups":["#, ""),
    ];
    let usual = Page::usual();
    for (before, behind) in around {
        Page { before, elements: usual.elements.clone(), behind }.check();
    }
}

#[test]
fn a_long_list_behind_headers_reads_the_same_in_parts() {
    let list = Page::usual().text();
    let good = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";
    let heads = [
        good,
        "HTTP/1.1 200 Connection established\n\nHTTP/2 200\nx: {backups: [\n\n \n",
        "HTTP/1.1 503 Service Unavailable\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "ListBackupsResponse ",
        "\u{feff}HTTP/2 200\n",
    ];
    heads.into_iter().for_each(|head| check(format!("{head}{list}").as_bytes()));
    check(format!("{good}{list}\r\n{good}{}", list.replace("0000-4000", "0000-4001")).as_bytes());
    check(format!("{good}{list}\r\nHTTP/1.1 500 Internal Server Error\r\n\r\n{{}}").as_bytes());
    check(format!("{good}{}", list.replace("\"count\":1000", "\"count\":1000,")).as_bytes());
}

#[test]
fn a_long_list_that_looks_like_an_archive_is_treated_alike() {
    let text = Page::usual().text();
    let key = "{\"x\":\"";
    check(format!("{key}{}ustar\",{}", "x".repeat(257 - 5 - key.len()), &text[1..]).as_bytes());
}
