//! `report.html`: one self-contained file without scripts or requests, by the template of the same name.

use std::io::Write;
use std::sync::LazyLock;

use anyhow::{Result, anyhow};
use sha2::{Digest, Sha256};
use tera::TeraResult;

use super::template::Template;
use super::{Content, Format, escape};
use crate::report::Limits;
use crate::run::Run;

/// The format.
pub const FORMAT: Format =
    Format { name: "html", about: "one self-contained page, to read and to print", content: Content::Page(write) };

const LIMITS: Limits = Limits { per_rule: 50, per_control: 5, resources: 100, files: 50 };

const STYLE: &str = include_str!("../../templates/report.css");

/// The style is part of the template, not a value of it: it is never escaped, and values always are.
static TEMPLATE: LazyLock<TeraResult<Template>> = LazyLock::new(|| {
    let text = include_str!("../../templates/report.html");
    let text = text.replace("[[style]]", STYLE).replace("[[style-hash]]", &style_hash());
    Template::compile("report.html", &text, escape::html)
});

fn write(run: &Run<'_>, out: &mut dyn Write) -> Result<()> {
    let template = TEMPLATE.as_ref().map_err(|error| anyhow!("templates/report.html: {error}"))?;
    template.write(run, LIMITS, out)
}

/// The hash by which the page's security policy admits its own style and no other.
fn style_hash() -> String {
    base64(&Sha256::digest(STYLE.as_bytes()))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for position in 0..4 {
            let digit = DIGITS.get((group >> (18 - 6 * position) & 63) as usize).copied().unwrap_or_default();
            text.push(if position > chunk.len() { '=' } else { char::from(digit) });
        }
    }
    text
}
