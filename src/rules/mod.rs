//! The catalogue: every rule once, in the order of reports.

use std::sync::LazyLock;

use crate::rule::Rule;

mod context;
mod coverage;
mod data_quality;
mod encryption;
mod health;
mod hierarchy;
mod offsite;
mod retention;

/// Every rule, in the order of reports: families in turn, within a family as its folder lists them.
pub static RULES: LazyLock<Vec<&'static Rule>> = LazyLock::new(|| {
    let families = [
        data_quality::RULES,
        health::RULES,
        retention::RULES,
        encryption::RULES,
        offsite::RULES,
        hierarchy::RULES,
        coverage::RULES,
        context::RULES,
    ];
    families.concat()
});

/// The rule with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.id == id)
}
