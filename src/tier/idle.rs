//! What a tier says that fits nothing in the dump: most likely a slip of the pen.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::claim::enterprise_project;
use super::{NameList, TagPattern, Tier, tag};
use crate::inventory::Inventory;
use crate::inventory::field::FieldId;
use crate::inventory::neighbour::Kind;
use crate::inventory::vocabulary::ResourceType;
use crate::waiver::Pattern;

/// An entry of a criterion that fits nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idle {
    /// The criterion.
    pub criterion: &'static str,
    /// The entry; of a file the first name, with how many more there are.
    pub text: String,
    /// The line of the configuration.
    pub line: usize,
}

impl Tier {
    /// The entries of its criteria that fit nothing in the dump, each by itself. What the dump does not tell is left out.
    #[must_use]
    pub fn idle(&self, inventory: &Inventory) -> Vec<Idle> {
        let rows = || inventory.resources().map(|ix| inventory.resource(ix));
        let names = || rows().flat_map(|row| [Some(row.id), row.name]).flatten().map(|name| inventory.text(name));
        let vaults = || inventory.vaults().map(|ix| inventory.text(inventory.vault_id(ix)));
        let projects = || rows().map(|row| inventory.text(row.project));
        let enterprise_projects = enterprise_projects(inventory, &self.enterprise_projects);
        let by_pattern = |criterion, patterns: &[Pattern], is_met: &dyn Fn(&Pattern) -> bool| -> Vec<Idle> {
            let idle = patterns.iter().filter(|pattern| !is_met(pattern));
            idle.map(|pattern| Idle { criterion, text: pattern.text.clone(), line: pattern.line }).collect()
        };
        let mut idle = by_pattern("resources", &self.resources, &|pattern| names().any(|text| pattern.matches(text)));
        idle.extend(self.of_list("resources-file", &self.resource_list, names));
        idle.extend(by_pattern("vaults", &self.vaults, &|pattern| vaults().any(|text| pattern.matches(text))));
        idle.extend(self.of_list("vaults-file", &self.vault_list, vaults));
        let is_unknown = |tag: &&TagPattern| tag::is_known(inventory, tag) == Some(false);
        let tags = self.vault_tags.iter().filter(is_unknown);
        idle.extend(tags.map(|tag| Idle { criterion: "vault-tags", text: tag.text.clone(), line: tag.line }));
        idle.extend(by_pattern("enterprise-projects", &self.enterprise_projects, &|pattern| {
            enterprise_projects.iter().any(|text| pattern.matches(text))
        }));
        let missing = self.types.iter().filter(|kind| !rows().any(|row| row.kind == **kind));
        let of_type = |kind: &ResourceType| Idle { criterion: "types", text: kind.word().to_owned(), line: self.line };
        idle.extend(missing.map(of_type));
        idle.extend(by_pattern("projects", &self.projects, &|pattern| projects().any(|text| pattern.matches(text))));
        idle
    }

    /// The names of a file that fit nothing, as one entry.
    fn of_list<'i, T: Iterator<Item = &'i str>>(
        &self,
        criterion: &'static str,
        list: &NameList,
        known: impl Fn() -> T,
    ) -> Option<Idle> {
        if list.names.is_empty() {
            return None;
        }
        let known: BTreeSet<&str> = known().filter(|name| list.names.contains(*name)).collect();
        let mut missing = list.names.iter().filter(|name| !known.contains(name.as_str()));
        let first = missing.next()?;
        let more = match missing.count() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Some(Idle { criterion, text: format!("{first}{more} in {}", list.file), line: self.line })
    }
}

/// The enterprise projects of all backups and vaults; not looked for unless there are patterns of them.
fn enterprise_projects<'i>(inventory: &'i Inventory, patterns: &[Pattern]) -> BTreeSet<Cow<'i, str>> {
    if patterns.is_empty() {
        return BTreeSet::new();
    }
    let backups = inventory.backups().map(|ix| inventory.backup(ix));
    let met: BTreeSet<_> = backups.filter_map(|backup| backup.symbol(FieldId::EnterpriseProjectId).value()).collect();
    let of_vaults = inventory.neighbours_of(Kind::Vault).filter_map(enterprise_project);
    met.into_iter().map(|symbol| Cow::Borrowed(inventory.text(symbol))).chain(of_vaults).collect()
}
