//! Runs a program under `strace`, which makes one of its system calls fail, or kills it there.

use std::ffi::OsString;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A fault: which call, what it does, and at which of them.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) call: &'static str,
    /// As `strace` writes it: `error=EIO`, `signal=SIGKILL`.
    pub(crate) effect: &'static str,
    /// Which of the calls, counted in each thread: `3`, or `3+` for all from there on.
    pub(crate) when: String,
    /// Only calls that touch this path.
    pub(crate) path: Option<PathBuf>,
}

/// What became of a run.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit status; none after a signal.
    pub(crate) status: Option<i32>,
    pub(crate) signal: Option<i32>,
    pub(crate) out: Vec<u8>,
    pub(crate) err: String,
    /// The traced calls.
    pub(crate) log: String,
}

impl Ended {
    /// Whether the fault came about.
    pub(crate) fn was_hit(&self) -> bool {
        self.log.contains("INJECTED") || self.log.contains("DELAYED") || self.log.contains("killed by SIGKILL")
    }
}

/// What is to be run, and where.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) words: Vec<OsString>,
    pub(crate) directory: PathBuf,
}

/// A run that takes longer than this hangs.
const PATIENCE: Duration = Duration::from_secs(60);

impl Program {
    fn command(&self, log: &Path, options: &[String], path: Option<&Path>) -> Command {
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "-y", "--seccomp-bpf", "-s", "0", "-o"]).arg(log).args(options);
        if let Some(path) = path {
            command.arg("-P").arg(path);
        }
        command.arg("--").args(&self.words).current_dir(&self.directory);
        command.stdin(Stdio::null()).env("TWIN_ENDS", "yes");
        command
    }

    /// Runs it without a fault, and returns the log of these calls.
    pub(crate) fn calls(&self, calls: &[&str]) -> Ended {
        self.run(&[format!("-etrace={}", calls.join(","))], None)
    }

    /// Runs it with a fault.
    pub(crate) fn with(&self, fault: &Fault) -> Ended {
        let Fault { call, effect, when, path } = fault;
        self.run(&[format!("-etrace={call}"), format!("-einject={call}:{effect}:when={when}")], path.as_deref())
    }

    fn run(&self, options: &[String], path: Option<&Path>) -> Ended {
        let scratch = tempfile::tempdir().unwrap();
        let file = |name: &str| fs::File::create(scratch.path().join(name)).unwrap();
        let log = scratch.path().join("log");
        let mut command = self.command(&log, options, path);
        let mut child = command.stdout(file("out")).stderr(file("err")).spawn().expect("strace has to be installed");
        let started = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if started.elapsed() > PATIENCE {
                let _ = child.kill();
                panic!("it hangs: {self:?} {options:?}");
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let read = |name: &str| fs::read(scratch.path().join(name)).unwrap_or_default();
        Ended {
            status: status.code(),
            signal: status.signal(),
            out: read("out"),
            err: String::from_utf8_lossy(&read("err")).into_owned(),
            log: String::from_utf8_lossy(&read("log")).into_owned(),
        }
    }
}

/// Each of these calls in a log: its number in its thread, and its line.
fn numbered<'l>(log: &'l str, call: &str) -> Vec<(usize, &'l str)> {
    let mut counts = std::collections::BTreeMap::new();
    let number = |line: &'l str| {
        let (thread, rest) = line.split_once(char::is_whitespace)?;
        rest.trim_start().strip_prefix(call)?.strip_prefix('(')?;
        let count = counts.entry(thread).or_insert(0);
        *count += 1;
        Some((*count, line))
    };
    log.lines().filter_map(number).collect()
}

/// How often a call stands in a log, in the thread that makes it most often.
pub(crate) fn most(log: &str, call: &str) -> usize {
    numbered(log, call).into_iter().map(|(number, _)| number).max().unwrap_or(0)
}

/// The same, of the calls that touch exactly this path.
pub(crate) fn most_at(log: &str, call: &str, path: &Path) -> usize {
    let path = path.to_str().unwrap().trim_end_matches('/');
    let is_at = |line: &&str| {
        [format!("\"{path}\""), format!("\"{path}/\""), format!("<{path}>")].iter().any(|at| line.contains(at))
    };
    let lines: Vec<_> = log.lines().filter(is_at).collect();
    most(&lines.join("\n"), call)
}

/// The numbers of the calls that touch something below this path.
pub(crate) fn touching(log: &str, call: &str, path: &Path) -> Vec<usize> {
    let path = path.to_str().unwrap().trim_end_matches('/');
    numbered(log, call).into_iter().filter(|(_, line)| line.contains(path)).map(|(number, _)| number).collect()
}

/// Runs many trials in two threads; stops at the number that the environment variable names, if it does.
pub(crate) fn sweep<T: Sync>(trials: &[T], limit: &str, trial: impl Fn(usize, &T) -> Result<bool, String> + Sync) {
    let share = std::env::var(limit).ok().map_or(trials.len(), |most| most.parse().unwrap());
    // A sample is spread over all of them.
    let step = trials.len().div_ceil(share.max(1)).max(1);
    let chosen: Vec<_> = trials.iter().enumerate().step_by(step).collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let (hit, wrong) = (std::sync::atomic::AtomicUsize::new(0), std::sync::Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((number, one)) = chosen.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                    match trial(*number, one) {
                        Ok(was_hit) => {
                            hit.fetch_add(usize::from(was_hit), std::sync::atomic::Ordering::Relaxed);
                        }
                        Err(why) => wrong.lock().unwrap().push(why),
                    }
                }
            });
        }
    });
    let (hit, wrong) = (hit.into_inner(), wrong.into_inner().unwrap());
    println!("{} runs, {hit} with a fault that came about, {} wrong", chosen.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.iter().take(20).cloned().collect::<Vec<_>>().join("\n"));
    assert!(hit * 10 >= chosen.len() * 5, "too few faults came about");
}
