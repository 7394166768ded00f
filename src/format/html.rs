//! `report.html`: one self-contained file without scripts or requests, by the template of the same name.

use std::io::Write;
use std::sync::LazyLock;

use anyhow::{Context as _, Result};
use sha2::{Digest, Sha256};
use tera::{Context, Tera};

use super::{Format, escape};
use crate::report::{Limits, Page};
use crate::run::Run;

/// The format.
pub const FORMAT: Format = Format { name: "html", about: "one self-contained page, to read and to print", write };

const LIMITS: Limits = Limits { per_rule: 50, resources: 100, files: 50 };

const STYLE: &str = include_str!("../../templates/report.css");

static TEMPLATES: LazyLock<tera::TeraResult<Tera>> = LazyLock::new(|| {
    let mut tera = Tera::new();
    tera.autoescape_on([""]);
    tera.set_escape_fn(escape::html);
    tera.add_raw_template("report.html", include_str!("../../templates/report.html"))?;
    Ok(tera)
});

fn write(run: &Run<'_>, out: &mut dyn Write) -> Result<()> {
    let tera = TEMPLATES.as_ref().map_err(|error| anyhow::anyhow!("templates/report.html: {error}"))?;
    let mut context = Context::from_serialize(&Page::new(run, LIMITS)).context("preparing the page")?;
    context.insert("style", STYLE);
    context.insert("style_hash", &style_hash());
    tera.render_to("report.html", &context, &mut *out).context("rendering templates/report.html")
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
            let digit = DIGITS[(group >> (18 - 6 * position) & 63) as usize];
            text.push(if position > chunk.len() { '=' } else { char::from(digit) });
        }
    }
    text
}
