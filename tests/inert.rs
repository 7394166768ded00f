//! Names from a dump do nothing in a browser, a ticket, a spreadsheet or a terminal: a dump with hostile names has the
//! same reports as its harmless twin, but for the text.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod program;

use cbr_audit::format::escape::visible;
use comrak::nodes::NodeValue;
use comrak::{Arena, Options, parse_document};
use pretty_assertions::assert_eq;
use program::{Scratch, run};
use scraper::{Html, Node};
use serde_json::json;

const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg/onload=alert(1)>",
    "' onmouseover='alert(1)",
    "` onmouseover=alert(1) x=`",
    "</code></bdi></td></tr></table><h1>x</h1>",
    "</title></style><style>*{display:none}</style>",
    "<!-- x",
    "--><b>x</b><!--",
    "<![CDATA[x]]>",
    "&lt;b&gt;&amp;&#60;b&#62;",
    "{{ 7 * 7 }} {% raw %} {# x #}",
    "[x](javascript:alert(1))",
    "![x](http://example.org/x.png)",
    "[x]: http://example.org",
    "<http://example.org> http://example.org www.example.org",
    "mail me@example.org @admin #1 !2 ~3 %4",
    "xmpp:me@example.org mailto:me@example.org",
    "a | b | c",
    "a \\| b \\\\| c",
    "|---|---|",
    "`code` ``code`` ```",
    "**bold** __bold__ *i* _i_ ~~gone~~ ==mark==",
    "# heading",
    "- item",
    "+ item",
    "1. item",
    "1) item",
    "> quote",
    "    indented",
    "---",
    "===",
    "- [ ] task",
    "[^1] [^1]: note",
    "$x$ $$x$$ :smile: ^up^",
    "line\nbreak\r\nand\rreturn\ttab",
    "\n\n# heading\n\n<b>x</b>\n",
    "| x |\n|---|\n| y |",
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    " =1+1",
    "\t=1+1",
    "\r=1+1",
    "＝1+1",
    "=cmd|' /C calc'!A0",
    "'=1+1",
    "a\",\"b;c",
    "\u{1b}[31mred\u{1b}[0m",
    "\u{1b}]8;;http://example.org\u{7}x\u{1b}]8;;\u{7}",
    "\u{9b}31m \u{8}\u{8}\u{7f}",
    "nul\u{0}nul",
    "\u{202e}gnp.exe\u{202c} \u{2066}x\u{2069}",
    "\u{200b}\u{200d}\u{feff}zero \u{ad}width \u{2028}\u{2029}",
    "\u{e0041}\u{e0042} tags \u{fe0f}",
    "ｆｕｌｌ ｗｉｄｔｈ 給与 é e\u{301} 👨‍👩‍👧",
];

/// A dump in which each text is the name of a resource, a status, a key, a vault, a reason and, as far as a file system
/// allows it, a directory.
fn dump(texts: &[String]) -> Scratch {
    let scratch = Scratch::new();
    let backup = |(number, text): (usize, &String)| {
        let mut backup = json!({
            "id": format!("b{number:03}"), "name": text, "description": text, "image_type": "backup",
            "status": if number % 3 == 0 { text } else { "available" }, "resource_type": "OS::Nova::Server",
            "resource_id": if number % 5 == 0 { format!("{number:03}{text}") } else { format!("r{number}") },
            "resource_name": text, "created_at": "2026-10-01T01:00:00Z", "expired_at": null, "parent_id": text,
            "vault_id": format!("{number:03}{text}"), "project_id": "p", "provider_id": text,
            "replication_records": [{
                "status": if number % 2 == 0 { "fail" } else { text }, "created_at": "2026-10-01T02:00:00Z",
                "destination_region": text, "fail_code": text, "fail_reason": text, "extra_info": {text: text},
            }],
            "extend_info": {"encrypted": false, "supported_restore_mode": text},
        });
        backup[format!("{number:03}{text}")] = json!(text);
        backup
    };
    let backups: Vec<_> = texts.iter().enumerate().map(backup).collect();
    for (number, text) in texts.iter().enumerate() {
        let directory = format!("{number:03}{}", text.replace(['/', '\0'], "_"));
        scratch.write(&format!("{directory}/show.json"), json!({"backup": backups[number]}).to_string());
    }
    scratch.write("broken.json", "{");
    scratch.write("list.json", json!({"backups": backups, "count": texts.len() + 1}).to_string());
    scratch
}

fn hostile() -> Scratch {
    dump(&HOSTILE.iter().map(ToString::to_string).collect::<Vec<_>>())
}

fn harmless() -> Scratch {
    dump(&(0..HOSTILE.len()).map(|number| format!("plain{number}")).collect::<Vec<_>>())
}

fn in_format(format: &str, scratch: &Scratch) -> String {
    let output = format!("{format}=-");
    let path = scratch.path("");
    let all = ["report", path.to_str().unwrap(), "--as-of", "2026-11-01T06:00:00Z", "-qo", &output];
    run(all.into_iter().chain(["--framework", "soc2", "--framework", "3-2-1-1-0"])).out
}

/// Whether a reader would not see the character, or not see it where it stands.
fn is_unseen(char: char) -> bool {
    char.is_control() || matches!(char, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The elements of a page with all their attributes, in order and depth.
fn skeleton(page: &str) -> Vec<String> {
    let html = Html::parse_document(page);
    assert!(html.errors.is_empty(), "{:?}", html.errors);
    let elements = html.tree.root().descendants().filter_map(|node| match node.value() {
        Node::Element(element) => {
            let mut attributes: Vec<_> = element.attrs().collect();
            attributes.sort_unstable();
            Some(format!("{}{} {attributes:?}", " ".repeat(node.ancestors().count()), element.name()))
        }
        Node::Comment(comment) => panic!("a comment: {comment:?}"),
        _ => None,
    });
    elements.collect()
}

#[test]
fn the_page_keeps_its_skeleton_and_shows_every_name() {
    let page = in_format("html", &hostile());
    assert_eq!(skeleton(&page), skeleton(&in_format("html", &harmless())));
    assert!(!page.contains(|char| is_unseen(char) && char != '\n'));
    let html = Html::parse_document(&page);
    let names: Vec<String> = html
        .select(&scraper::Selector::parse("#resources ~ table bdi.name").unwrap())
        .map(|name| name.text().collect())
        .collect();
    for text in HOSTILE {
        assert!(names.contains(&visible(text).into_owned()), "{text:?} is not shown as it is");
    }
}

/// The nodes of a Markdown text in order and depth, without the text.
fn nodes(markdown: &str) -> Vec<String> {
    let arena = Arena::new();
    let mut options = Options::default();
    let extension = &mut options.extension;
    (extension.table, extension.autolink, extension.strikethrough, extension.tasklist) = (true, true, true, true);
    (extension.footnotes, extension.superscript, extension.math_dollars, extension.underline) =
        (true, true, true, true);
    (extension.description_lists, extension.multiline_block_quotes, extension.alerts) = (true, true, true);
    let root = parse_document(&arena, markdown, &options);
    let kinds = root.descendants().filter_map(|node| {
        let kind = match &node.data.borrow().value {
            NodeValue::Text(_) => return None,
            NodeValue::HtmlInline(tag) => {
                assert!(["<code>", "</code>"].contains(&tag.as_str()), "{tag}");
                tag.clone()
            }
            NodeValue::Code(code) => code.literal.clone(),
            NodeValue::Link(_) | NodeValue::Image(_) | NodeValue::HtmlBlock(_) | NodeValue::CodeBlock(_) => {
                panic!("{:?}", node.data.borrow().value)
            }
            other => format!("{other:?}"),
        };
        Some(format!("{}{kind}", " ".repeat(node.ancestors().count())))
    });
    kinds.collect()
}

#[test]
fn the_ticket_keeps_its_structure() {
    let markdown = in_format("md", &hostile());
    assert_eq!(nodes(&markdown), nodes(&in_format("md", &harmless())));
    assert!(!markdown.contains(|char| is_unseen(char) && char != '\n'));
    for block in markdown.split("\n\n").filter(|block| block.starts_with('|')) {
        let columns: Vec<_> = block.lines().map(|line| line.matches('|').count()).collect();
        assert!(columns.windows(2).all(|pair| pair[0] == pair[1]), "{block}");
    }
}

#[test]
fn the_spreadsheet_keeps_its_grid_and_runs_nothing() {
    let grid = |scratch: &Scratch| {
        let text = in_format("csv", scratch);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect::<Vec<Vec<String>>>()
    };
    let (cells, twin) = (grid(&hostile()), grid(&harmless()));
    let widths = |rows: &[Vec<String>]| rows.iter().map(Vec::len).collect::<Vec<_>>();
    assert_eq!(widths(&cells), widths(&twin));
    for cell in cells.iter().flatten() {
        assert!(!cell.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '|', '%']), "{cell:?}");
        assert!(!cell.contains(is_unseen), "{cell:?}");
    }
}

#[test]
fn the_terminal_is_not_written_to_by_names() {
    let scratch = hostile();
    let path = scratch.path("");
    let path = path.to_str().unwrap();
    for text in HOSTILE.iter().filter(|text| !text.contains('\0')) {
        let ran = run(["report", path, "--as-of", "2026-11-01T06:00:00Z", &format!("--resource={text}")]);
        assert!(!ran.out.contains(|char| is_unseen(char) && char != '\n'), "{:?}", ran.out);
        assert!(!ran.err.contains(|char| is_unseen(char) && char != '\n'), "{:?}", ran.err);
        assert!(ran.out.contains("restore points newest first"), "{text:?}: {}", ran.out);
    }
    let ran = run(["report", path]);
    assert!(!ran.out.contains(|char| is_unseen(char) && char != '\n'), "{:?}", ran.out);
}
