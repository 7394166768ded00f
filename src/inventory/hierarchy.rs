//! Which backup is composed of which: nesting and `parent_id`, with cycles found whatever the input.

use super::BackupIx;
use super::group::Grouped;

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

/// Parents, children, roles and cycles of all backups.
#[derive(Debug, Default)]
pub(super) struct Hierarchy {
    pub(super) nested_in: Vec<Option<BackupIx>>,
    pub(super) parent: Vec<Option<BackupIx>>,
    pub(super) roles: Vec<Role>,
    pub(super) children: Grouped,
    pub(super) in_cycle: Vec<bool>,
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
    pub(super) fn new(links: &[Link]) -> Self {
        let parent: Vec<_> = links.iter().map(|link| link.nested_in.or(link.named)).collect();
        let roles = links.iter().zip(&parent).map(|(link, parent)| role(*link, *parent)).collect();
        let pairs: Vec<_> =
            (0_u32..).zip(&parent).filter_map(|(child, parent)| Some((parent.as_ref()?.0, child))).collect();
        Self {
            nested_in: links.iter().map(|link| link.nested_in).collect(),
            children: Grouped::new(links.len(), &pairs),
            in_cycle: cycles(links),
            parent,
            roles,
        }
    }
}

fn role(link: Link, parent: Option<BackupIx>) -> Role {
    match parent {
        Some(_) => Role::Child,
        None if link.names_parent => Role::Orphan,
        None => Role::Top,
    }
}

/// The members of cycles in the graph of nesting and `parent_id`: self-loops and strongly connected components of more
/// than one. Backups that lead nowhere or that nothing leads to are peeled off first, which leaves nothing of a genuine
/// dump.
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
fn peel<I: Iterator<Item = usize>>(nodes: usize, alive: &mut [bool], targets: &impl Fn(usize) -> I) {
    let mut ways_on = vec![0_u32; nodes];
    let mut pairs = Vec::new();
    for (node, ways_on) in ways_on.iter_mut().enumerate() {
        for target in targets(node) {
            *ways_on += 1;
            pairs.push((u32::try_from(target).unwrap_or(u32::MAX), u32::try_from(node).unwrap_or(u32::MAX)));
        }
    }
    let sources = Grouped::new(nodes, &pairs);
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
