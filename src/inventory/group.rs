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
        groups.into_par_iter().for_each(|group| {
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
