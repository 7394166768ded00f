//! The blocks of a window: how large they are, and who parses which.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

/// Cuts so many bytes into blocks for so many threads, around a usual size. The first ones are large, since each costs something by
/// itself; towards the end they become small, so that no thread waits long for another.
pub(super) fn sizes(length: usize, usual: usize, threads: usize) -> impl Iterator<Item = usize> {
    let least = (usual / 4).max(1);
    let most = (usual * 2).max(least);
    let mut left = length;
    std::iter::from_fn(move || {
        let size = (left / (2 * threads)).clamp(least, most).min(left);
        left -= size;
        (size > 0).then_some(size)
    })
}

/// Works on every block, the next one with whichever thread is free. Returns what each came to, in their order.
pub(super) fn each<B: Sync, T: Send>(blocks: &[B], work: impl Fn(&B) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let take = |_| {
        std::iter::from_fn(|| {
            let number = next.fetch_add(1, Ordering::Relaxed);
            blocks.get(number).map(|block| (number, work(block)))
        })
    };
    let threads = 0..rayon::current_num_threads();
    let mut done: Vec<_> = threads.into_par_iter().with_max_len(1).flat_map_iter(take).collect();
    done.sort_unstable_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, done)| done).collect()
}

#[cfg(test)]
mod tests {
    use super::{each, sizes};
    use pretty_assertions::assert_eq;

    #[test]
    fn all_is_cut_and_the_last_blocks_are_small() {
        for threads in [1, 2, 3, 64] {
            for length in [0, 1, 3, 100, 4096, 1_000_003] {
                let sizes: Vec<_> = sizes(length, 4096, threads).collect();
                assert_eq!(sizes.iter().sum::<usize>(), length);
                assert!(
                    sizes.is_sorted_by(|one, next| one >= next) && sizes.iter().all(|size| (1..=8192).contains(size))
                );
            }
        }
        assert_eq!(sizes(7, 0, 1).collect::<Vec<_>>(), vec![1; 7]);
    }

    #[test]
    fn every_block_is_worked_on_once_and_in_order() {
        let blocks: Vec<_> = (0..1000).collect();
        assert_eq!(each(&blocks, |block| block * 2), blocks.iter().map(|block| block * 2).collect::<Vec<_>>());
        assert!(each(&[], |(): &()| 1).is_empty());
    }
}
