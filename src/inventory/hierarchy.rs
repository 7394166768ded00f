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
        let linked = (0..backups).into_par_iter().map(|backup| {
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
        for member in self.cycle_members(&suspects.map(|(suspect, _)| suspect).collect::<Vec<_>>()) {
            flags[member as usize] |= IN_CYCLE;
        }
        let children = (0_u32..).zip(&parent).filter(|(_, parent)| **parent != NONE);
        let pairs = children.map(|(child, &parent)| (parent, child));
        let children = Grouped::new(parent.len(), pairs).into();
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
/// than one. Backups that lead nowhere or that nothing leads to are peeled off first, which leaves nothing of a genuine
/// dump.
#[allow(clippy::indexing_slicing, reason = "nodes are numbered below the number of links, and so are targets")]
fn cycles(links: &[Link]) -> Vec<bool> {
    let targets = |node: usize| [links[node].nested_in, links[node].named].into_iter().flatten().map(BackupIx::index);
    let mut alive = vec![true; links.len()];
    peel(links.len(), &mut alive, &targets);
    let survivors: Vec<usize> = (0..links.len()).filter(|&node| alive[node]).collect();
    let mut in_cycle = vec![false; links.len()];
    Components::new(links.len()).mark(&survivors, &targets, &mut in_cycle);
    in_cycle
}

/// Removes, again and again, every node that has no way on.
#[allow(clippy::indexing_slicing, reason = "nodes are numbered below `nodes`, which is the length of every table")]
fn peel<I: Iterator<Item = usize>>(nodes: usize, alive: &mut [bool], targets: &impl Fn(usize) -> I) {
    let mut ways_on = vec![0_u32; nodes];
    let mut pairs = Vec::new();
    for (node, ways_on) in ways_on.iter_mut().enumerate() {
        for target in targets(node) {
            *ways_on += 1;
            pairs.push((u32::try_from(target).unwrap_or(u32::MAX), u32::try_from(node).unwrap_or(u32::MAX)));
        }
    }
    let sources = Grouped::new(nodes, pairs.iter().copied());
    let mut ends: Vec<usize> = (0..nodes).filter(|&node| ways_on[node] == 0).collect();
    while let Some(end) = ends.pop() {
        alive[end] = false;
        for &source in sources.of(u32::try_from(end).unwrap_or(u32::MAX)) {
            ways_on[source as usize] -= 1;
            if ways_on[source as usize] == 0 {
                ends.push(source as usize);
            }
        }
    }
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

    fn mark<I: Iterator<Item = usize>>(
        mut self,
        nodes: &[usize],
        targets: &impl Fn(usize) -> I,
        in_cycle: &mut [bool],
    ) {
        for &root in nodes {
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
