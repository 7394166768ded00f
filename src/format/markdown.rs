//! `report.md`: the report for a ticket or a wiki, by the template of the same name.

use std::io::Write;
use std::sync::LazyLock;

use anyhow::{Result, anyhow};
use tera::TeraResult;

use super::template::Template;
use super::{Content, Format, escape};
use crate::report::Limits;
use crate::run::Run;

/// The format.
pub const FORMAT: Format =
    Format { name: "md", about: "Markdown, for tickets and wikis", content: Content::Page(write) };

const LIMITS: Limits = Limits { per_rule: 5, per_control: 5, resources: 20, files: 20 };

static TEMPLATE: LazyLock<TeraResult<Template>> =
    LazyLock::new(|| Template::compile("report.md", include_str!("../../templates/report.md"), escape::markdown));

fn write(run: &Run<'_>, out: &mut dyn Write) -> Result<()> {
    let template = TEMPLATE.as_ref().map_err(|error| anyhow!("templates/report.md: {error}"))?;
    template.write(run, LIMITS, out)
}
