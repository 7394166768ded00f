//! Signals that would end a run: what is half written is removed before it ends.

use std::io;

/// From now on an interrupt removes what is half written, and then ends the process as it would have; a second one ends
/// it at once. A file that grows beyond the user's limit fails to be written, as on a full disk.
///
/// # Errors
/// The system does not let signals be handled.
#[cfg(unix)]
pub fn watch() -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
    use signal_hook::iterator::Signals;
    use signal_hook::{flag, low_level};
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    // With a handler the signal no longer kills, and the write reports its error.
    flag::register(SIGXFSZ, Arc::default())?;
    let ignored = ignored();
    let ending = [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0);
    let ending: Vec<_> = ending.collect();
    for &signal in &ending {
        let is_second = Arc::new(AtomicBool::new(false));
        flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&is_second))?;
        flag::register(signal, is_second)?;
    }
    let mut signals = Signals::new(&ending)?;
    let wait = move || {
        if let Some(signal) = signals.forever().next() {
            let _nothing_more = crate::write::abandon();
            let _ = low_level::emulate_default_handler(signal);
        }
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(wait).map(drop)
}

/// Nothing to watch.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn watch() -> io::Result<()> {
    Ok(())
}

/// The signals that the caller wants ignored, a bit each, as `nohup` does it; none where the system does not tell.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}
