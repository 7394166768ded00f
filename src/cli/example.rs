//! What the help texts say behind the options: facts and examples.

pub(super) const EXIT_STATUS: &str = "\
Exit status:
  0    everything was read, and nothing failed at or above --fail-on
  1    findings at or above --fail-on (default: high)
  2    the run failed: wrong usage, or an output that cannot be written; the old reports stay
  3    no backup record was found in the input, whatever else was found; the report is written
  4    the report is written, but the answer is incomplete; the last line of the summary says why
  5    both 1 and 4
  70   a fault of cbr-audit itself: please report it
  130  interrupted (143: terminated, 129: hung up); old reports stay
Treat every other status as a failure.";

pub(super) const REPORT_EXAMPLES: &str = "\
Examples:
  cbr-audit report dump/                            the summary on the terminal
  cbr-audit report dump/ -o report.html -o findings.csv
  cbr-audit report dump/ -o md=- --as-of 2026-11-01T06:00:00Z
  cbr-audit report dump/ --set rpo-hours=168 --set rpo-breach.rpo-hours=48 --fail-on medium
  cbr-audit report dump/ --config policy.toml -o report.html
  cbr-audit report dump/ --expect servers.csv       what is never backed up, unexpected or retired?
  cbr-audit report dump/ --resource web-01 --as-of 2026-11-01T03:00:00Z
                                                    what could be restored of web-01 at 3 a.m.?
  cbr-audit report dump/ -o report.html --framework nist-800-53r5 --framework 3-2-1-1-0
  curl … | cbr-audit report -                       an answer from standard input";

pub(super) const INVENTORY_EXAMPLES: &str = "\
Absent fields are empty, null is the word null, arrays and objects are JSON in one line. Text that
a spreadsheet would run as a formula gets a leading apostrophe. Of a configuration only [limits]
counts.

Examples:
  cbr-audit inventory dump/ -o inventory.csv
  cbr-audit inventory dump/ | wc -l";

pub(super) const EXPLAIN_EXAMPLES: &str = "\
Give the options of the report whose verdict is to be explained: its as-of time, parameters and
configuration.

Examples:
  cbr-audit explain rpo-breach                         what the rule judges, and how
  cbr-audit explain iso27001-2022:A.8.13               what the control asks, and its rules
  cbr-audit explain rpo-breach web-01 dump/            why this verdict on the resource web-01
  cbr-audit explain child-orphaned 0d2f… dump/ --all   on a backup by its id, nothing left out
  cbr-audit explain iso27001-2022:A.8.13 web-01 dump/  what the rules of the control say of it";

pub(super) const RULES_EXAMPLES: &str = "\
Examples:
  cbr-audit rules list
  cbr-audit rules show rpo-breach";

pub(super) const CONFIG_EXAMPLES: &str = "\
A configuration says once what the command line would say every time: parameters, severities, rules
that are off, tiers and waivers. `report` reads cbr-audit.toml in the working directory, or what
--config names; the command line wins.

Examples:
  cbr-audit config init                     write a cbr-audit.toml to start from
  cbr-audit config check                    is everything in it understood?
  cbr-audit config show                     what is in force, defaults included
  cbr-audit config schema                   for an editor that checks while you type";

#[cfg(test)]
mod tests {
    use super::{CONFIG_EXAMPLES, EXIT_STATUS, EXPLAIN_EXAMPLES, INVENTORY_EXAMPLES, REPORT_EXAMPLES, RULES_EXAMPLES};

    /// Help is broken at this width where the terminal does not say its own: a longer line would leave a word by itself.
    const WIDTH: usize = 100;

    #[test]
    fn no_line_is_broken_anew() {
        let texts =
            [EXIT_STATUS, REPORT_EXAMPLES, INVENTORY_EXAMPLES, EXPLAIN_EXAMPLES, RULES_EXAMPLES, CONFIG_EXAMPLES];
        let long: Vec<_> =
            texts.iter().flat_map(|text| text.lines()).filter(|line| line.chars().count() > WIDTH).collect();
        assert!(long.is_empty(), "{long:#?}");
    }
}
