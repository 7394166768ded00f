//! Which backup is composed of which: nesting and `parent_id`, with cycles found whatever the input.

#![allow(clippy::indexing_slicing, reason = "there is one entry for every backup")]

use rayon::prelude::*;

use super::field::FieldId;
use super::group::{Grouped, Sparse};
use super::id::Id;
use super::shape::Presence;
use super::{BackupIx, Inventory};

/// What a backup is in the hierarchy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Stands by itself: a restore point of its resource.
    Top,
    /// Part of a backup that is loaded.
    Child,
    /// Names a parent that is not loaded.
    Orphan,
}

/// Stands for no backup.
const NONE: u32 = u32::MAX;

/// Set for a backup that stands in the `children` of its parent.
const NESTED: u8 = 1;
/// Set for a backup that carries a `parent_id`, readable or not.
const NAMES_PARENT: u8 = 2;
/// Set for a member of a parent cycle.
const IN_CYCLE: u8 = 4;
/// Set for a backup that stands in the `children` of one backup and names another.
const HAS_TWO_PARENTS: u8 = 8;

/// Parents, children, roles and cycles of all backups.
#[derive(Debug, Default)]
pub(super) struct Hierarchy {
    parent: Vec<u32>,
    flags: Vec<u8>,
    children: Sparse,
}

/// What the records say about one backup's parent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Link {
    /// The backup in whose `children` it stands.
    pub(super) nested_in: Option<BackupIx>,
    /// The loaded backup that its `parent_id` names.
    pub(super) named: Option<BackupIx>,
    /// It carries a `parent_id`, readable or not.
    pub(super) names_parent: bool,
}

impl Hierarchy {
    /// The loaded backup that this one is part of.
    pub(super) fn parent(&self, ix: BackupIx) -> Option<BackupIx> {
        Some(self.parent[ix.index()]).filter(|&parent| parent != NONE).map(BackupIx)
    }

    /// The backup in whose `children` this one stands.
    pub(super) fn nested_in(&self, ix: BackupIx) -> Option<BackupIx> {
        self.parent(ix).filter(|_| self.flags[ix.index()] & NESTED != 0)
    }

    /// The backups that are part of this one.
    pub(super) fn children(&self, ix: BackupIx) -> &[u32] {
        self.children.of(ix.0)
    }

    /// Whether the backup is a member of a parent cycle.
    pub(super) fn in_cycle(&self, ix: BackupIx) -> bool {
        self.flags[ix.index()] & IN_CYCLE != 0
    }

    /// What the backup is in the hierarchy.
    pub(super) fn role(&self, ix: BackupIx) -> Role {
        match self.parent(ix) {
            Some(_) => Role::Child,
            None if self.flags[ix.index()] & NAMES_PARENT != 0 => Role::Orphan,
            None => Role::Top,
        }
    }
}

impl Inventory {
    /// Links every backup to its parent. Readings must be merged.
    pub(super) fn link_hierarchy(&self) -> Hierarchy {
        let backups = u32::try_from(self.len()).unwrap_or(u32::MAX);
        let linked = (0..backups).into_par_iter().with_max_len(4096).map(|backup| {
            let link = self.link(BackupIx(backup));
            let nested = if link.nested_in.is_some() { NESTED } else { 0 };
            let named = if link.names_parent { NAMES_PARENT } else { 0 };
            let several = link.named.is_some_and(|named| link.nested_in.is_some_and(|other| other != named));
            let several = if several { HAS_TWO_PARENTS } else { 0 };
            (link.nested_in.or(link.named).map_or(NONE, |parent| parent.0), nested | named | several)
        });
        let (mut parent, mut flags) = (Vec::new(), Vec::new());
        linked.unzip_into_vecs(&mut parent, &mut flags);
        // A backup whose parent leads nowhere is in no cycle, which is nearly every one of a genuine dump.
        let may_be_in_cycle = |&(&parent_of, &flags): &(&u32, &u8)| {
            flags & HAS_TWO_PARENTS != 0 || parent.get(parent_of as usize).is_some_and(|&next| next != NONE)
        };
        let suspects = (0_u32..).zip(parent.iter().zip(&flags)).filter(|(_, links)| may_be_in_cycle(links));
        let suspects = suspects.map(|(suspect, _)| suspect);
        let children = (0_u32..).zip(&parent).filter(|(_, parent)| **parent != NONE);
        let pairs = children.map(|(child, &parent)| (parent, child));
        let (members, children) = rayon::join(
            || self.cycle_members(&suspects.collect::<Vec<_>>()),
            || Grouped::new(parent.len(), pairs).into(),
        );
        for member in members {
            flags[member as usize] |= IN_CYCLE;
        }
        Hierarchy { children, parent, flags }
    }

    /// Those of some backups that are in cycles, given all that may be.
    fn cycle_members(&self, suspects: &[u32]) -> Vec<u32> {
        let number = |ix: BackupIx| suspects.binary_search(&ix.0).ok().and_then(|number| u32::try_from(number).ok());
        let among = |target: Option<BackupIx>| target.and_then(number).map(BackupIx);
        let links = suspects.iter().map(|&suspect| {
            let link = self.link(BackupIx(suspect));
            Link { nested_in: among(link.nested_in), named: among(link.named), ..link }
        });
        let in_cycle = cycles(&links.collect::<Vec<_>>());
        suspects.iter().zip(in_cycle).filter(|(_, member)| *member).map(|(&suspect, _)| suspect).collect()
    }

    fn link(&self, ix: BackupIx) -> Link {
        let backup = self.backup(ix);
        let enclosing =
            backup.readings().find_map(|reading| self.rows[reading as usize].place(reading, &self.beside).enclosing);
        let named = backup.supplying(FieldId::ParentId).id(FieldId::ParentId);
        Link {
            nested_in: enclosing.map(|reading| self.backup_of(reading)),
            named: named.and_then(|id| self.by_id(id)),
            names_parent: backup.any_reading(|reading| {
                matches!(reading.presence(FieldId::ParentId), Presence::Value | Presence::Aside)
            }),
        }
    }

    /// The backup with this id.
    #[must_use]
    pub fn by_id(&self, id: Id) -> Option<BackupIx> {
        self.by_id.get(id).map(BackupIx)
    }
}

/// The members of cycles in the graph of nesting and `parent_id`: self-loops and strongly connected components of more
/// than one.
fn cycles(links: &[Link]) -> Vec<bool> {
    let targets = |node: usize| [links[node].nested_in, links[node].named].into_iter().flatten().map(BackupIx::index);
    let mut in_cycle = vec![false; links.len()];
    Components::new(links.len()).mark(&targets, &mut in_cycle);
    in_cycle
}

/// Tarjan's algorithm with a stack of its own, so that no input is deep enough to overflow.
struct Components {
    order: Vec<u32>,
    low: Vec<u32>,
    on_stack: Vec<bool>,
    stack: Vec<usize>,
    clock: u32,
}

#[allow(clippy::indexing_slicing, reason = "nodes are numbered below the length that every table was made with")]
impl Components {
    fn new(nodes: usize) -> Self {
        Self { order: vec![0; nodes], low: vec![0; nodes], on_stack: vec![false; nodes], stack: Vec::new(), clock: 0 }
    }

    fn mark<I: Iterator<Item = usize>>(mut self, targets: &impl Fn(usize) -> I, in_cycle: &mut [bool]) {
        for root in 0..in_cycle.len() {
            if self.order[root] == 0 {
                self.explore(root, targets, in_cycle);
            }
        }
    }

    fn explore<I: Iterator<Item = usize>>(
        &mut self,
        root: usize,
        targets: &impl Fn(usize) -> I,
        in_cycle: &mut [bool],
    ) {
        let mut path = vec![(root, self.enter(root, targets))];
        while let Some((node, ways)) = path.last_mut() {
            let node = *node;
            match ways.pop() {
                Some(target) if self.order[target] == 0 => path.push((target, self.enter(target, targets))),
                Some(target) => {
                    if self.on_stack[target] {
                        self.low[node] = self.low[node].min(self.order[target]);
                    }
                    in_cycle[node] |= target == node;
                }
                None => {
                    path.pop();
                    if let Some((above, _)) = path.last() {
                        self.low[*above] = self.low[*above].min(self.low[node]);
                    }
                    self.close(node, in_cycle);
                }
            }
        }
    }

    fn enter<I: Iterator<Item = usize>>(&mut self, node: usize, targets: &impl Fn(usize) -> I) -> Vec<usize> {
        self.clock += 1;
        self.order[node] = self.clock;
        self.low[node] = self.clock;
        self.on_stack[node] = true;
        self.stack.push(node);
        targets(node).collect()
    }

    /// Takes a finished component off the stack and marks it if it has several members.
    fn close(&mut self, node: usize, in_cycle: &mut [bool]) {
        if self.low[node] != self.order[node] {
            return;
        }
        let start = self.stack.iter().rposition(|&member| member == node).unwrap_or_default();
        let several = self.stack.len() - start > 1;
        for member in self.stack.drain(start..) {
            self.on_stack[member] = false;
            in_cycle[member] |= several;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BackupIx, Link, cycles};
    use pretty_assertions::assert_eq;

    /// Whether a node leads back to itself, step by step.
    fn leads_back(links: &[Link], start: usize) -> bool {
        let targets = |node: usize| [links[node].nested_in, links[node].named].into_iter().flatten();
        let (mut seen, mut open) = (vec![false; links.len()], vec![start]);
        while let Some(node) = open.pop() {
            for target in targets(node).map(BackupIx::index) {
                if target == start {
                    return true;
                }
                if !std::mem::replace(&mut seen[target], true) {
                    open.push(target);
                }
            }
        }
        false
    }

    #[test]
    fn the_members_of_cycles_are_those_that_lead_back_to_themselves() {
        let mut dice = 7_u32;
        let mut roll = |sides: u32| {
            dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (dice >> 16) % sides
        };
        let (mut with, mut without) = (0, 0);
        for _ in 0..3000 {
            let nodes = 1 + roll(9);
            let sparse = 2 + roll(3);
            let mut target = || (roll(sparse) == 0).then(|| BackupIx(roll(nodes)));
            let links: Vec<_> =
                (0..nodes).map(|_| Link { nested_in: target(), named: target(), names_parent: false }).collect();
            let expected: Vec<_> = (0..links.len()).map(|node| leads_back(&links, node)).collect();
            *if expected.contains(&true) { &mut with } else { &mut without } += 1;
            assert_eq!(cycles(&links), expected, "{links:?}");
        }
        assert!(with > 500 && without > 500, "{with} {without}");
    }
}
