//! Members of groups, by dense numbers: two flat arrays instead of a map of vectors.

use rayon::prelude::*;

/// Which members each group has, in the order in which they were given.
#[derive(Clone, Debug, Default)]
pub struct Grouped {
    ends: Vec<u32>,
    members: Vec<u32>,
}

#[allow(clippy::indexing_slicing, reason = "groups are numbered below `groups`; a place is below the end of its group")]
impl Grouped {
    /// Groups `(group, member)` pairs into `groups` groups.
    #[must_use]
    pub fn new(groups: usize, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut ends = vec![0_u32; groups];
        for (group, _) in pairs.clone() {
            ends[group as usize] += 1;
        }
        let mut total = 0;
        for end in &mut ends {
            total += *end;
            *end = total;
        }
        // While they are filled, the ends of groups serve as the places of their next members.
        ends.rotate_right(usize::from(groups > 0));
        ends.first_mut().map(|first| *first = 0).unwrap_or_default();
        let mut members = vec![0; total as usize];
        for (group, member) in pairs {
            let place = &mut ends[group as usize];
            members[*place as usize] = member;
            *place += 1;
        }
        Self { ends, members }
    }

    /// The same groups with the members of each in the order of a key, equal ones in that of a second key, which is made
    /// for those alone.
    #[must_use]
    pub fn sorted_by<K: Ord, S: Ord>(&self, key: impl Fn(&u32) -> K + Sync, second: impl Fn(&u32) -> S + Sync) -> Self {
        let mut members = self.members.clone();
        let mut rest = members.as_mut_slice();
        let mut groups = Vec::with_capacity(self.ends.len());
        let mut start = 0;
        for &end in &self.ends {
            let (group, behind) = std::mem::take(&mut rest).split_at_mut((end - start) as usize);
            groups.push(group);
            (rest, start) = (behind, end);
        }
        groups.into_par_iter().with_max_len(64).for_each(|group| {
            group.sort_by_cached_key(&key);
            let equal = group.chunk_by_mut(|one, other| key(one) == key(other));
            equal.filter(|equal| equal.len() > 1).for_each(|equal| equal.sort_by_cached_key(&second));
        });
        Self { ends: self.ends.clone(), members }
    }

    /// The members of a group.
    #[must_use]
    #[inline]
    pub fn of(&self, group: u32) -> &[u32] {
        let group = group as usize;
        let start = if group == 0 { 0 } else { self.ends[group - 1] };
        &self.members[start as usize..self.ends[group] as usize]
    }
}

/// Members of groups of which many have none: such a group costs a bit.
#[derive(Clone, Debug, Default)]
pub struct Sparse {
    /// A bit for every group that has members.
    filled: Vec<u64>,
    /// How many of them come before the groups of each word.
    before: Vec<u32>,
    /// Where the members of each of them begin, and where those of the last end.
    starts: Vec<u32>,
    members: Vec<u32>,
}

#[allow(clippy::indexing_slicing, reason = "there is a bit for every group, and a start for every bit that is set")]
impl Sparse {
    /// The members of a group.
    #[must_use]
    #[inline]
    pub fn of(&self, group: u32) -> &[u32] {
        let (word, bit) = (group as usize / 64, group % 64);
        let filled = self.filled[word];
        if filled >> bit & 1 == 0 {
            return &[];
        }
        let place = self.before[word] as usize + (filled & ((1 << bit) - 1)).count_ones() as usize;
        &self.members[self.starts[place] as usize..self.starts[place + 1] as usize]
    }
}

impl From<Grouped> for Sparse {
    fn from(Grouped { ends, members }: Grouped) -> Self {
        let (mut filled, mut before, mut starts) = (Vec::new(), Vec::new(), vec![0]);
        let mut last = 0;
        for ends in ends.chunks(64) {
            before.push(u32::try_from(starts.len() - 1).unwrap_or(u32::MAX));
            let mut word = 0_u64;
            for (bit, &end) in ends.iter().enumerate() {
                if end != last {
                    word |= 1 << bit;
                    starts.push(end);
                    last = end;
                }
            }
            filled.push(word);
        }
        Self { filled, before, starts, members }
    }
}

#[cfg(test)]
mod tests {
    use super::{Grouped, Sparse};
    use pretty_assertions::assert_eq;

    #[test]
    fn groups_have_the_same_members_in_either_form() {
        for groups in [1, 63, 64, 65, 200] {
            for step in [1, 2, 3, 64, 1000] {
                let pairs =
                    (0..groups).step_by(step).flat_map(|group| (0..group % 4).map(move |member| (group, member)));
                let pairs = pairs.chain((0..groups).step_by(step).map(|group| (group, 1000 + group)));
                let grouped = Grouped::new(groups as usize, pairs);
                let sparse = Sparse::from(grouped.clone());
                for group in 0..groups {
                    assert_eq!(sparse.of(group), grouped.of(group), "{group} of {groups}, step {step}");
                }
            }
        }
    }
}
