//! The HTML and Markdown pages: their numbers are those of the JSON report, and the page needs nothing but itself.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod program;

use comrak::nodes::NodeValue;
use comrak::{Arena, Options, parse_document};
use pretty_assertions::assert_eq;
use program::{Scratch, report, run, sample};
use scraper::{ElementRef, Html, Selector};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const SAMPLES: [&str; 4] = ["api-page", "broken", "healthy", "troubled"];

/// The numbers of a rule as every format shows them: fail, not judged, pass, evaluated, not applicable.
type Counts = BTreeMap<String, [u64; 5]>;

fn page(format: &str, path: &Path, arguments: &[&str]) -> String {
    let output = format!("{format}=-");
    let mut all = vec!["report", path.to_str().unwrap(), "-qo", &output];
    all.extend(arguments);
    run(all).out
}

fn html(path: &Path, arguments: &[&str]) -> Html {
    Html::parse_document(&page("html", path, arguments))
}

fn all<'h>(html: &'h Html, selector: &str) -> Vec<ElementRef<'h>> {
    html.select(&Selector::parse(selector).unwrap()).collect()
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

/// The number that a text begins with; thousands are set apart by narrow spaces.
fn number(text: &str) -> u64 {
    let digits = text.trim().replace('\u{202f}', "");
    digits.split(' ').next().unwrap().parse().unwrap_or_else(|_| panic!("{text:?} begins with no number"))
}

fn counts_in_json(report: &Value) -> Counts {
    let keys = ["fail", "unknown", "pass", "evaluated", "not_applicable"];
    let rules = report["rules"].as_array().unwrap().iter();
    rules.map(|rule| (rule["id"].as_str().unwrap().to_owned(), keys.map(|key| rule[key].as_u64().unwrap()))).collect()
}

fn counts_in_html(html: &Html) -> Counts {
    let labels = ["Fail", "Not judged", "Pass", "Evaluated", "Not appl."];
    let cell = |row: ElementRef<'_>, label: &str| {
        let selector = Selector::parse(&format!("td[data-label='{label}']")).unwrap();
        number(&text(row.select(&selector).next().unwrap()))
    };
    let rows = all(html, "tr[data-rule]").into_iter();
    rows.map(|row| (row.attr("data-rule").unwrap().to_owned(), labels.map(|label| cell(row, label)))).collect()
}

/// The cells of every table in a Markdown text, as a reader sees them.
fn rows_in_markdown(markdown: &str) -> Vec<Vec<String>> {
    let arena = Arena::new();
    let mut options = Options::default();
    options.extension.table = true;
    let rows = parse_document(&arena, markdown, &options).descendants();
    let rows = rows.filter(|node| matches!(node.data.borrow().value, NodeValue::TableRow(_)));
    let cell = |node: comrak::Node<'_>| {
        let texts = node.descendants().filter_map(|node| node.data.borrow().value.text().map(|text| text.to_string()));
        texts.collect::<String>()
    };
    rows.map(|row| row.children().map(cell).collect()).collect()
}

fn counts_in_markdown(markdown: &str) -> Counts {
    let rows = rows_in_markdown(markdown);
    let head = rows.iter().position(|row| row.len() == 9 && row[0] == "Rule").unwrap();
    let rows = rows[head + 1..].iter().take_while(|row| row.len() == 9);
    rows.map(|row| (row[0].clone(), [4, 5, 6, 7, 8].map(|column: usize| number(&row[column])))).collect()
}

/// How many failures each severity has, and how many verdicts are missing.
fn strip_of_json(report: &Value) -> Vec<u64> {
    let findings = report["findings"].as_array().unwrap();
    let failed = |severity: &str| {
        findings.iter().filter(|finding| finding["verdict"] == "fail" && finding["severity"] == severity).count() as u64
    };
    let unknown = counts_in_json(report).values().map(|counts| counts[1]).sum();
    ["critical", "high", "medium", "low", "info"].map(failed).into_iter().chain([unknown]).collect()
}

#[test]
fn pages_show_the_numbers_of_the_json_report() {
    for name in SAMPLES {
        let path = sample(name);
        let (report, _) = report(&path, &[]);
        let (html, markdown) = (html(&path, &[]), page("md", &path, &[]));
        assert_eq!(counts_in_html(&html), counts_in_json(&report), "{name}");
        assert_eq!(counts_in_markdown(&markdown), counts_in_json(&report), "{name}");
        let strip: Vec<_> = all(&html, ".strip b").into_iter().map(|count| number(&text(count))).collect();
        assert_eq!(strip, strip_of_json(&report), "{name}");
        let rows = rows_in_markdown(&markdown);
        let head = rows.iter().position(|row| row[0] == "critical").unwrap();
        let strip: Vec<_> = rows[head + 1].iter().map(|cell| number(cell)).collect();
        assert_eq!(strip, strip_of_json(&report), "{name}");
        let unjudged = all(&html, ".why-not td[data-label=Verdicts]");
        let unjudged: u64 = unjudged.into_iter().map(|count| number(&text(count))).sum();
        assert_eq!(unjudged, *strip.last().unwrap(), "{name}");
    }
}

#[test]
fn the_page_lists_the_findings_of_the_json_report_in_their_order() {
    let path = sample("troubled");
    let (report, _) = report(&path, &[]);
    let html = html(&path, &[]);
    for section in all(&html, "details.finding-group .body") {
        let rule = section.attr("id").unwrap().strip_prefix("rule-").unwrap();
        for (verdict, table) in [("fail", ".findings:not(.not-judged)"), ("unknown", ".not-judged")] {
            let findings = report["findings"].as_array().unwrap().iter();
            let findings = findings.filter(|finding| finding["rule"] == rule && finding["verdict"] == verdict);
            let expected: Vec<_> = findings
                .map(|finding| {
                    let place = &finding["evidence"];
                    let (file, pointer) = (place["file"].as_str().unwrap(), place["pointer"].as_str().unwrap());
                    let mark = if pointer.is_empty() { "" } else { "#" };
                    format!("{file}{mark}{pointer}{}", finding["fingerprint"].as_str().unwrap())
                })
                .collect();
            let cells = Selector::parse(&format!("{table} td[data-label=Evidence]")).unwrap();
            assert_eq!(section.select(&cells).map(text).collect::<Vec<_>>(), expected, "{rule}");
        }
    }
}

#[test]
fn the_page_is_self_contained_and_sound() {
    let resource: &[&str] = &["--resource", "leg-erp-01"];
    let nobody: &[&str] = &["--resource", "<nobody>"];
    let mut pages: Vec<_> = SAMPLES.map(|name| (name, page("html", &sample(name), &[]))).into();
    pages.extend([resource, nobody].map(|arguments| (arguments[1], page("html", &sample("troubled"), arguments))));
    pages.push(("nothing", page("html", Scratch::new().path("").as_path(), &[])));
    for (name, page) in pages {
        let html = Html::parse_document(&page);
        assert!(html.errors.is_empty(), "{name}: {:?}", html.errors);
        assert_admits_its_style_alone(&html);
        let ids: Vec<_> = all(&html, "[id]").into_iter().map(|element| element.attr("id").unwrap()).collect();
        let known: BTreeSet<_> = ids.iter().copied().collect();
        assert_eq!(ids.len(), known.len(), "{name}: an id stands twice");
        for element in all(&html, "*") {
            assert!(!["script", "img", "link", "iframe", "object", "form", "base"].contains(&element.value().name()));
            for (key, value) in element.value().attrs() {
                assert!(key != "style" && key != "src" && !key.starts_with("on"), "{name}: {key}");
                let goes_nowhere = key == "href" && !value.strip_prefix('#').is_some_and(|id| known.contains(id));
                assert!(!goes_nowhere, "{name}: {value}");
            }
        }
        assert_readable(name, &html);
    }
}

/// The first thing that the page says is which style it admits, and that is its own.
fn assert_admits_its_style_alone(html: &Html) {
    let first = all(html, "head > *")[0];
    assert_eq!(first.attr("http-equiv"), Some("Content-Security-Policy"));
    let style = all(html, "style");
    assert_eq!(style.len(), 1);
    let digest = Sha256::digest(style[0].text().collect::<String>());
    let hash = base64(&digest);
    let policy = format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'");
    assert_eq!(first.attr("content"), Some(policy.as_str()));
}

fn base64(bytes: &[u8]) -> String {
    let digits: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
    let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let digit = |six: &[u8]| digits[six.iter().fold(0, |sum, bit| sum * 2 + usize::from(*bit)) << (6 - six.len())];
    let text: String = bits.chunks(6).map(digit).collect();
    let padding = (4 - text.len() % 4) % 4;
    text + &"=".repeat(padding)
}

/// One main heading, no level left out, every table named, every head cell with its scope, a way past the contents.
fn assert_readable(name: &str, html: &Html) {
    assert_eq!(all(html, "html")[0].attr("lang"), Some("en"));
    let levels = all(html, "h1, h2, h3, h4").into_iter();
    let levels: Vec<_> = levels.map(|heading| heading.value().name().as_bytes()[1] - b'0').collect();
    assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1, "{name}");
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{name}: {levels:?}");
    assert_eq!(all(html, "table").len(), all(html, "table > caption:first-child").len(), "{name}");
    assert!(all(html, "th:not([scope])").is_empty(), "{name}");
    assert_eq!(all(html, "a")[0].attr("href"), Some("#main"), "{name}");
}

#[test]
fn what_is_left_out_is_said() {
    let backup = |number: usize| {
        json!({
            "id": format!("b{number}"), "name": "n", "status": "available", "image_type": "backup",
            "resource_type": "OS::Cinder::Volume", "resource_id": format!("r{number}"), "resource_name": "disk",
            "created_at": "2026-11-01T01:00:00Z", "expired_at": "2026-12-05T01:00:00Z", "parent_id": "",
            "children": [], "vault_id": "v", "project_id": "p", "replication_records": [],
            "extend_info": {"encrypted": false},
        })
    };
    let scratch = Scratch::new();
    let backups: Vec<_> = (0..1234).map(backup).collect();
    scratch.write("list.json", json!({"backups": backups, "count": 1234}).to_string());
    let arguments = ["--as-of", "2026-11-01T06:00:00Z", "--only", "backup-unencrypted"];
    let html = html(&scratch.path(""), &arguments);
    let said: Vec<_> = all(&html, ".left-out").into_iter().map(text).collect();
    assert!(said[0].starts_with("1184 more findings of this rule are left out here."), "{said:?}");
    assert!(said[0].contains("-o findings.csv"), "{said:?}");
    assert!(said[1].starts_with("1134 more resources"), "{said:?}");
    assert_eq!(all(&html, ".findings tbody tr").len(), 50);
    let markdown = page("md", &scratch.path(""), &arguments);
    assert!(markdown.contains("\n1229 more findings of this rule are left out here"), "{markdown}");
    assert!(markdown.contains("\n1214 more resources"), "{markdown}");
    assert!(markdown.len() < 65_536, "longer than a ticket may be");
}

#[test]
fn the_chosen_resources_come_first() {
    let path = sample("troubled");
    let chosen = ["--resource", "leg-erp-01"];
    let html = html(&path, &chosen);
    let headings: Vec<_> = all(&html, "h2").into_iter().map(text).collect();
    assert_eq!(headings[0], "Restore points");
    let (report, _) = report(&path, &chosen);
    let points = report["restore_points"][0]["points"].as_array().unwrap();
    let ids: Vec<_> = all(&html, ".points code").into_iter().map(text).collect();
    assert_eq!(ids, points.iter().map(|point| point["backup_id"].as_str().unwrap()).collect::<Vec<_>>());
    let nobody = page("md", &path, &["--resource", "<nobody>"]);
    assert!(nobody.contains("no resource of this dump is called <code>&#60;nobody&#62;</code>."), "{nobody}");
}
