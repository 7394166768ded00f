//! What a long run shows on a terminal while it works: files, bytes, rate and time left. Elsewhere, and in a short run, it
//! shows nothing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::read::Step;

/// A run shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_millis(700);

/// A bar on the terminal that standard error is, if it is one.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    files: AtomicU64,
    found: AtomicU64,
    started: Instant,
}

impl Progress {
    /// A bar that is not shown yet. With `quiet` it never is.
    #[must_use]
    pub fn new(quiet: bool) -> Option<Self> {
        let is_wanted = !quiet && !ProgressDrawTarget::stderr().is_hidden();
        is_wanted.then(|| Self {
            bar: ProgressBar::hidden(),
            files: AtomicU64::new(0),
            found: AtomicU64::new(0),
            started: Instant::now(),
        })
    }

    /// Takes note of a step.
    pub fn note(&self, step: Step) {
        match step {
            Step::Found { files, bytes } => {
                self.found.store(files, Ordering::Relaxed);
                self.bar.set_length(bytes);
            }
            Step::Read { files, bytes } => {
                self.files.fetch_add(files, Ordering::Relaxed);
                self.bar.inc(bytes);
                if !self.bar.is_hidden() {
                    self.count();
                }
            }
            Step::Judging => self.bar.set_style(style("{spinner} judging, {elapsed} so far")),
            Step::Writing => self.bar.set_style(style("{spinner} writing the reports, {elapsed} so far")),
        }
        if self.bar.is_hidden() && self.started.elapsed() > PATIENCE {
            self.show(step);
        }
    }

    fn show(&self, step: Step) {
        if matches!(step, Step::Found { .. } | Step::Read { .. }) {
            self.bar
                .set_style(style("reading {wide_bar} {bytes} of {total_bytes}, {msg}, {bytes_per_sec}, {eta} left"));
        }
        self.count();
        self.bar.set_draw_target(ProgressDrawTarget::stderr());
        self.bar.enable_steady_tick(Duration::from_millis(200));
    }

    fn count(&self) {
        let [read, found] = [&self.files, &self.found].map(|count| count.load(Ordering::Relaxed));
        self.bar.set_message(format!("{read} of {found} files"));
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
