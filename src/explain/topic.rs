//! What can be explained by itself: a rule, a control, a framework.

use anyhow::{Result, bail};

use super::text::Text;
use crate::catalogue;
use crate::control::{Control, FRAMEWORKS, Framework};
use crate::rule::Rule;
use crate::rules::{self, RULES};
use crate::settings::nearest;

/// What is to be explained.
#[derive(Clone, Copy, Debug)]
pub enum Topic {
    /// A rule.
    Rule(&'static Rule),
    /// A control of a framework.
    Control(&'static Framework, &'static Control),
    /// A control that rules name and that belongs to no framework with texts here.
    Named(&'static str),
    /// A framework.
    Framework(&'static Framework),
}

impl Topic {
    /// The rule, control or framework with this id.
    ///
    /// # Errors
    /// Nothing has it; the message suggests the nearest.
    pub fn find(id: &str) -> Result<Self> {
        let control = || controls().find(|(_, control)| control.id == id);
        let framework = || FRAMEWORKS.into_iter().find(|framework| framework.id == id);
        if let Some(rule) = rules::find(id) {
            Ok(Self::Rule(rule))
        } else if let Some((framework, control)) = control() {
            Ok(Self::Control(framework, control))
        } else if let Some(name) = names().find(|name| *name == id) {
            Ok(Self::Named(name))
        } else if let Some(framework) = framework() {
            Ok(Self::Framework(framework))
        } else if id.contains(':') {
            bail!(
                "no control is called {id:?}{}; {}",
                nearest(id, controls().map(|(_, control)| control.id).chain(names())),
                known(id)
            )
        } else {
            let frameworks = FRAMEWORKS.iter().map(|framework| framework.id);
            bail!(
                "no rule or framework is called {id:?}{}; see `cbr-audit rules list`, or name a control, for example \
                 iso27001-2022:A.8.13",
                nearest(id, RULES.iter().map(|rule| rule.id).chain(frameworks))
            )
        }
    }

    /// The rules that speak to it.
    #[must_use]
    pub fn rules(self) -> Vec<&'static Rule> {
        match self {
            Self::Rule(rule) => vec![rule],
            Self::Control(_, control) => control.rules().collect(),
            Self::Named(name) => RULES.iter().copied().filter(|rule| rule.controls.contains(&name)).collect(),
            Self::Framework(_) => Vec::new(),
        }
    }

    /// Its text.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Rule(rule) => catalogue::show(rule),
            Self::Control(framework, control) => control_text(framework, control),
            Self::Named(name) => named_text(name, &self.rules()),
            Self::Framework(framework) => framework_text(framework),
        }
    }
}

fn controls() -> impl Iterator<Item = (&'static Framework, &'static Control)> {
    FRAMEWORKS.into_iter().flat_map(|framework| framework.controls.iter().map(move |control| (framework, control)))
}

/// The controls that rules name.
fn names() -> impl Iterator<Item = &'static str> {
    RULES.iter().flat_map(|rule| rule.controls).copied()
}

/// Where to look for the controls that are there.
fn known(id: &str) -> String {
    let prefix = id.split(':').next().unwrap_or_default();
    match FRAMEWORKS.into_iter().find(|framework| framework.prefixes.contains(&prefix)) {
        Some(framework) => format!("`cbr-audit explain {}` lists those of that framework", framework.id),
        None => {
            let ids: Vec<_> = FRAMEWORKS.iter().map(|framework| framework.id).collect();
            format!("the frameworks are {}", ids.join(", "))
        }
    }
}

fn control_text(framework: &Framework, control: &Control) -> String {
    let mut text = Text::default();
    text.title(&format!("{} ({})", control.id, framework.name));
    text.gap();
    text.title(&format!("Asks: {}", control.asks));
    match control.supports {
        Some(supports) => text.title(&format!("Records show: {supports}")),
        None => text.title("Records show: nothing that could test it."),
    }
    text.title(&format!("Records cannot prove: {}", control.cannot_prove));
    if let Some(remark) = framework.remark {
        text.title(&format!("Remark: {remark}"));
    }
    let rules: Vec<_> = control.rules().collect();
    if !rules.is_empty() {
        text.gap();
        text.title(match control.refutable_only {
            true => "Rules that give evidence against it; that all pass leaves it open:",
            false => "Rules that give evidence for or against it, never proof:",
        });
        rule_lines(&mut text, &rules);
    }
    text.into_string()
}

fn rule_lines(text: &mut Text, rules: &[&Rule]) {
    let widest = rules.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
    for rule in rules {
        text.line(&format!("{:<widest$}  {:<8}  {}", rule.id, rule.severity.word(), rule.title));
    }
}

fn named_text(name: &str, rules: &[&Rule]) -> String {
    let mut text = Text::default();
    text.title(name);
    text.gap();
    text.title("The catalogue names this control, but there is no text of what it asks for.");
    text.title("Rules that give evidence for or against it, never proof:");
    rule_lines(&mut text, rules);
    text.into_string()
}

fn framework_text(framework: &Framework) -> String {
    let mut text = Text::default();
    text.title(&format!("{} ({})", framework.id, framework.name));
    if let Some(remark) = framework.remark {
        text.title(remark);
    }
    text.gap();
    let widest = framework.controls.iter().map(|control| control.id.len()).max().unwrap_or_default();
    for control in framework.controls {
        let rules = match control.rules().count() {
            0 => "not testable".to_owned(),
            1 => "1 rule".to_owned(),
            many => format!("{many} rules"),
        };
        text.line(&format!("{:<widest$}  {rules:<12}  {}", control.id, control.asks));
    }
    text.into_string()
}
