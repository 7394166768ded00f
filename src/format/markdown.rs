//! `report.md`: the report for a ticket or a wiki, by the template of the same name.

use std::io::Write;
use std::sync::LazyLock;

use anyhow::{Context as _, Result};
use tera::{Context, Tera};

use super::{Format, escape};
use crate::report::{Limits, Page};
use crate::run::Run;

/// The format.
pub const FORMAT: Format = Format { name: "md", about: "Markdown, for tickets and wikis", write };

const LIMITS: Limits = Limits { per_rule: 10, resources: 20, files: 20 };

static TEMPLATES: LazyLock<tera::TeraResult<Tera>> = LazyLock::new(|| {
    let mut tera = Tera::new();
    tera.autoescape_on([""]);
    tera.set_escape_fn(escape::markdown);
    tera.add_raw_template("report.md", include_str!("../../templates/report.md"))?;
    Ok(tera)
});

fn write(run: &Run<'_>, out: &mut dyn Write) -> Result<()> {
    let tera = TEMPLATES.as_ref().map_err(|error| anyhow::anyhow!("templates/report.md: {error}"))?;
    let context = Context::from_serialize(&Page::new(run, LIMITS)).context("preparing the page")?;
    tera.render_to("report.md", &context, &mut *out).context("rendering templates/report.md")
}
