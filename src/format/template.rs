//! What the page templates share: every value is escaped, and a few filters word numbers and times.

use std::io::Write;

use anyhow::{Context as _, Result};
use jiff::{SignedDuration, Timestamp};
use tera::{Context, EscapeFn, Kwargs, State, Tera, TeraResult};

use crate::report::{Limits, Page, unjudged, wording};
use crate::run::Run;

/// A compiled template.
#[derive(Debug)]
pub struct Template {
    name: &'static str,
    tera: Tera,
}

impl Template {
    /// Compiles a template whose values are all escaped by `escape`.
    ///
    /// # Errors
    /// The template is malformed.
    pub fn compile(name: &'static str, text: &str, escape: EscapeFn) -> TeraResult<Self> {
        let mut tera = Tera::new();
        tera.autoescape_on([""]);
        tera.set_escape_fn(escape);
        tera.register_filter("grouped", |number: u64, _: Kwargs, _: &State<'_>| wording::number(number));
        tera.register_filter("counted", |number: u64, words: Kwargs, _: &State<'_>| -> TeraResult<String> {
            Ok(wording::counted(number, &words.must_get::<String>("noun")?))
        });
        tera.register_filter("more", |count: u64, words: Kwargs, _: &State<'_>| more(count, &words));
        tera.register_filter("span", |seconds: i64, _: Kwargs, _: &State<'_>| {
            wording::span(SignedDuration::from_secs(seconds))
        });
        tera.register_filter("minute", |time: &str, _: Kwargs, _: &State<'_>| minute(time));
        tera.register_filter("meaning", |reason: &str, _: Kwargs, _: &State<'_>| unjudged::meaning(reason));
        tera.add_raw_template(name, text)?;
        Ok(Self { name, tera })
    }

    /// Writes the page of a run.
    ///
    /// # Errors
    /// A value that the template names is missing, or the output cannot be written.
    pub fn write(&self, run: &Run<'_>, limits: Limits, out: &mut dyn Write) -> Result<()> {
        let context = Context::from_serialize(&Page::new(run, limits)).context("preparing the page")?;
        self.tera.render_to(self.name, &context, out).with_context(|| format!("rendering templates/{}", self.name))
    }
}

/// How many more there are of something, with its verb: `5 more files are`; `which` stands between the two.
fn more(count: u64, words: &Kwargs) -> TeraResult<String> {
    let which: Option<String> = words.get("which")?;
    let noun: String = words.must_get("noun")?;
    let verb = if count == 1 { "is" } else { "are" };
    Ok(format!("{}{} {verb}", wording::counted(count, &format!("more {noun}")), which.unwrap_or_default()))
}

/// A time to the minute, for tables; what is no time stays as it is.
fn minute(text: &str) -> String {
    let time = text.parse::<Timestamp>();
    time.map_or_else(|_| text.to_owned(), |time| time.strftime("%Y-%m-%d %H:%M").to_string())
}
