//! The configuration: what it decides, who wins, what is refused and where, and that a waived finding stays in sight.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod program;

use cbr_audit::cli::configured;
use cbr_audit::config::{Config, EXAMPLE, in_force};
use cbr_audit::format::escape::is_invisible;
use pretty_assertions::assert_eq;
use program::{Scratch, report, run, sample};
use serde_json::{Value, json};

/// The error that a configuration is refused with.
fn refusal(text: &str) -> String {
    Config::parse("policy.toml", "policy.toml", text).expect_err(text).to_string()
}

/// A dump may come from anybody, and must not bring along how it is judged.
#[test]
fn a_configuration_in_the_dump_leaves_the_answer_incomplete_until_it_is_named() {
    let scratch = Scratch::new();
    let backup = json!({"id": "b1", "project_id": "p1", "vault_id": "v1", "resource_id": "r1", "status": "error",
        "resource_type": "OS::Cinder::Volume", "created_at": "2026-11-01T01:00:00Z"});
    scratch.write("dump/a.json", json!({"count": 1, "backups": [backup]}).to_string());
    scratch.write("dump/capture.json", json!({"captured_at": "2026-11-01T06:00:00Z"}).to_string());
    let policy = scratch.write("dump/cbr-audit.toml", "fail-on = \"none\"\n");
    scratch.write("cbr-audit.toml", "fail-on = \"none\"\n");
    let ended = |directory: &str, words: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cbr-audit"));
        let output = command.current_dir(scratch.path(directory)).arg("report").args(words).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (_, said) = ended("dump", &["."]);
    assert!(said.contains("the configuration cbr-audit.toml stands in the input, and may have come with it"), "{said}");
    let named = policy.to_str().unwrap();
    for (directory, words, status) in [
        ("dump", &["."][..], 4),
        ("dump", &["../dump"], 4),
        ("dump", &["a.json", "--as-of", "2026-11-01T06:00:00Z"], 0),
        ("dump", &[".", "--config", "cbr-audit.toml"], 0),
        ("dump", &[".", "--no-config"], 1),
        ("", &["dump"], 0),
        ("", &["dump", "--config", named], 0),
        ("", &["."], 4),
    ] {
        let (ended, said) = ended(directory, words);
        assert_eq!(ended, Some(status), "{directory:?} {words:?}: {said}");
    }
}

/// Nor may it stop the run, or let it read more than is read without it.
#[test]
#[cfg(unix)]
fn a_configuration_in_the_dump_is_not_waited_for_and_raises_no_limit() {
    use std::process::Command;
    let scratch = Scratch::new();
    let dump = scratch.path("dump");
    scratch.write("dump/a.json", json!({"count": 1, "backups": [{"id": "b1"}]}).to_string());
    let ended = |words: &[&str]| {
        let mut command = Command::new("timeout");
        let words = [&["60", env!("CARGO_BIN_EXE_cbr-audit")], words].concat();
        let output = command.current_dir(&dump).args(words).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(said).unwrap())
    };
    let file = dump.join("cbr-audit.toml");
    let fifo = |name: &str| assert!(Command::new("mkfifo").arg(dump.join(name)).status().unwrap().success());
    fifo("cbr-audit.toml");
    for words in [&["report", "."][..], &["inventory", "."], &["explain", "rpo-breach", "b1", "."], &["config", "show"]]
    {
        let (status, said) = ended(words);
        let told =
            "cannot read the configuration cbr-audit.toml: not a regular file but a fifo; name the one that is meant";
        assert!(status == 2 && said.contains(told), "{words:?}: {status} {said}");
    }
    std::fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &file).unwrap();
    assert!(ended(&["report", "."]).1.contains("not a regular file but a device"));
    std::fs::remove_file(&file).unwrap();
    std::fs::File::create(&file).unwrap().set_len((16 << 20) + 1).unwrap();
    assert!(ended(&["report", "."]).1.contains("cbr-audit.toml: more than 16 mib"));
    fifo("names");
    for text in ["expect = \"names\"", "[tiers.a]\nresources-file = \"names\"\nrpo-hours = 4"] {
        scratch.write("dump/cbr-audit.toml", text);
        let (status, said) = ended(&["report", ".", "--exclude", "*.toml"]);
        assert!(status == 2 && said.contains("names: not a regular file but a fifo"), "{text}: {status} {said}");
    }
    std::fs::remove_file(dump.join("names")).unwrap();

    scratch.write("dump/cbr-audit.toml", "[limits]\nmax-ratio = 1000\nmax-nesting = 1\nmax-file-size = \"9GiB\"\n");
    let limits = |words: &[&str]| {
        let (_, said) = ended(&[&["report", "-qo", "json=-", "--exclude", "*.toml"], words].concat());
        let report: Value = serde_json::from_str(&said).unwrap();
        ["max-ratio", "max-nesting", "max-file-size"].map(|key| report["settings"]["limits"][key].as_u64().unwrap())
    };
    let (gib, named) = (1_u64 << 30, ["--config", "cbr-audit.toml"]);
    assert_eq!(limits(&["."]), [100, 1, 8 * gib]);
    assert_eq!(limits(&[".", "--max-ratio", "7000"]), [7000, 1, 8 * gib]);
    assert_eq!(limits(&[&["."], &named[..]].concat()), [1000, 1, 9 * gib]);
    assert_eq!(limits(&["a.json"]), [1000, 1, 9 * gib]);
    // The population knows the same: what is packed more often than by default is refused.
    let packed = "gzip -c a.json | gzip -c | gzip -c >a.gz";
    assert!(Command::new("sh").args(["-c", packed]).current_dir(&dump).status().unwrap().success());
    scratch.write("dump/cbr-audit.toml", "[limits]\nmax-nesting = 9\n");
    let listed = |words: &[&str]| ended(&[&["inventory", ".", "--exclude", "*.toml"], words].concat()).0;
    assert_eq!((listed(&[]), listed(&named)), (4, 0));
}

#[test]
fn what_is_not_understood_is_refused_with_its_place() {
    let waiver = |lines: &str| format!("[[waivers]]\n{lines}");
    let whole = "rule = \"rpo-breach\"\nsubject = \"*\"\nreason = \"r\"\nowner = \"o\"\n";
    let wrong = [
        ("regoin = \"x\"", "policy.toml:1:1: unknown key \"regoin\", did you mean \"region\"?"),
        ("region = 1", "policy.toml:1:10: write a text in quotes"),
        ("\nreplication-shown = \"yes\"", "policy.toml:2:21: write true or false"),
        ("fail-on = \"severe\"", "policy.toml:1:11: \"severe\" is no severity"),
        ("waiver-limit = -1", "policy.toml:1:16: write a whole number"),
        ("[parameters]\nrpo-hour = 1", "policy.toml:2:1: unknown parameter \"rpo-hour\", did you mean \"rpo-hours\"?"),
        ("[parameters]\nrpo-hours = -1", "policy.toml:2:13: rpo-hours takes a number that is not negative"),
        ("[parameters]\nrpo-hours = 0x10", "policy.toml:2:13: rpo-hours takes"),
        ("[parameters]\nmin-points = 1.5", "policy.toml:2:14: min-points takes a whole number"),
        ("[rules.rpo-breech]", "policy.toml:1:8: no rule is called \"rpo-breech\", did you mean \"rpo-breach\"?"),
        (
            "[rules.rpo-breach]\nwarn-days = 1",
            "policy.toml:2:1: rpo-breach does not have the parameter \"warn-days\"; it has rpo-hours, rpo-tolerance-hours, ",
        ),
        ("rpo-hours = 4", "policy.toml:1:1: \"rpo-hours\" is a parameter: put it below [parameters]"),
        ("rpo-hour = 4", "policy.toml:1:1: unknown key \"rpo-hour\", did you mean \"rpo-hours\" below [parameters]?"),
        ("[rules.rpo-breach]\nenabled = false", "policy.toml:1:8: say why rpo-breach is off"),
        ("[rules.rpo-breach]\nreason = \"x\"", "policy.toml:2:10: a reason goes with enabled = false"),
        ("[rules.rpo-breach]\nenabled = false\nreason = \" \"", "policy.toml:3:10: this may not be empty"),
        ("region = \"a\"\nregion = \"b\"", "policy.toml:2:1: this is no TOML: duplicate key"),
        ("region = ", "policy.toml:1:10: this is no TOML: "),
        ("ü = 1\nregion = 1", "policy.toml:1:1: "),
    ];
    for (text, start) in wrong {
        let error = refusal(text);
        assert!(error.starts_with(start), "{text:?}\n {error}\n {start}");
    }
    let wrong = [
        (whole.to_owned(), "policy.toml:1:1: this waiver has no until"),
        (whole.replace("owner = \"o\"\n", ""), "policy.toml:1:1: this waiver has no owner and no until: every"),
        (
            whole.replace("rule = \"rpo-breach\"\n", ""),
            "policy.toml:1:1: this waiver has no rule and no until: every waiver needs them",
        ),
        (format!("{whole}until = \"soon\""), "policy.toml:6:9: \"soon\" is no time"),
        (format!("{whole}until = 2027-01-01T00:00:00"), "policy.toml:6:9: \"2027-01-01T00:00:00\" is no time"),
        (format!("{whole}util = 2027-01-01"), "policy.toml:6:1: unknown key \"util\", did you mean \"until\"?"),
        (format!("{whole}until = 2027-01-01").replace("\"r\"", "\"\""), "policy.toml:4:10: this may not be empty"),
        (format!("{whole}until = 2027-01-01").replace("rpo-breach", "*"), "policy.toml:2:8: no rule is called \"*\""),
    ];
    for (lines, start) in wrong {
        let error = refusal(&waiver(&lines));
        assert!(error.starts_with(start), "{lines}\n {error}\n {start}");
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once_in_the_order_of_the_text() {
    let text = "waiver-limit = -1\n[[waivers]]\nrule = \"rpo-breech\"\nsubject = \"*\"\nreason = \"r\"\nowner = \"o\"\n\
                until = 2027-01-01\n[[waivers]]\n[tiers.a]\nresource = [\"db\"]\ntypes = [\"x\"]\nvaults = [\"\", \"v\"]\n\
                [rules.backup-gap]\nseverity = \"bad\"\nenabled = false\ngap = 1\n[known-values]\nstatuss = [\"a\"]\n";
    let places = |text: &str| {
        let lines = refusal(text);
        let place =
            |line: &str| line.splitn(4, ':').skip(1).take(2).map(|part| part.parse().unwrap()).collect::<Vec<u32>>();
        lines.lines().map(place).collect::<Vec<_>>()
    };
    let all = [[1, 16], [3, 8], [8, 1], [10, 1], [11, 10], [12, 11], [13, 8], [14, 12], [16, 1], [18, 1]];
    assert_eq!(places(text), all);
    // All of one waiver too.
    let text = "[[waivers]]\nrule = \"rpo-breech\"\nsubject = \"\"\nreason = \"\"\nproject = 1\nuntil = 1\n";
    assert_eq!(places(text), [[1, 1], [2, 8], [3, 11], [4, 10], [5, 11], [6, 9]]);
    let text = "[[waivers]]\nrul = \"x\"\nunti = 1\nsubject = \"\"\n";
    assert_eq!(places(text), [[2, 1], [3, 1], [4, 11]]);
    let many = "[[waivers]]\n".repeat(30);
    let error = refusal(&many);
    assert!(error.ends_with("policy.toml: 10 more faults are not named here"), "{error}");
    assert_eq!(error.lines().count(), 21);
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_what_to_do() {
    let scratch = Scratch::new();
    let path = |name: &str| scratch.path(name).to_str().unwrap().to_owned();
    scratch.write("utf16.toml", b"\xff\xfea\0");
    scratch.write("named.toml", "\nexpect = \"nowhere.csv\"\n");
    for command in ["check", "show"] {
        let refused = |arguments: &[&str]| {
            let ran = run([&["config", command], arguments].concat());
            assert_eq!(ran.status, 2, "{command} {arguments:?}");
            ran.err
        };
        assert!(
            refused(&[&path("nowhere.toml")]).contains("no such file or directory; `cbr-audit config init` writes one")
        );
        assert!(refused(&["--config", &path("nowhere.toml")]).contains("cannot read the configuration"));
        assert!(refused(&[&path("")]).contains("is a directory; name the file in it"));
        assert!(refused(&[&path("utf16.toml")]).contains("byte 0 is no UTF-8 text; save it as UTF-8"));
        let error = refused(&[&path("named.toml")]);
        assert!(error.contains("named.toml:2:10: cannot read the expected resources"), "{error}");
        assert!(error.contains("nowhere.csv: no such file or directory: check the path"), "{error}");
    }
}

#[test]
fn every_waiver_needs_its_five_entries() {
    let lines = ["rule = \"rpo-breach\"", "subject = \"*\"", "reason = \"r\"", "owner = \"o\"", "until = 2027-01-01"];
    for missing in lines {
        let rest: Vec<_> = lines.iter().filter(|line| **line != missing).copied().collect();
        let name = missing.split(' ').next().unwrap();
        let error = refusal(&format!("[[waivers]]\n{}", rest.join("\n")));
        assert_eq!(error, format!("policy.toml:1:1: this waiver has no {name}: every waiver needs one"));
    }
}

#[test]
fn what_is_shown_as_in_force_is_a_configuration_that_says_the_same() {
    let sample = std::fs::read_to_string("samples/config/cbr-audit.toml").unwrap();
    for text in [EXAMPLE, &sample, "", "region = \"a\\\"\\u0007\\u007fü\u{9b}\u{202e}\u{e0041}\""] {
        let first = in_force(&configured(Config::parse("c", "c", text).unwrap()).unwrap());
        assert!(!first.contains(|char| char != '\n' && is_invisible(char)), "{first:?}");
        let again = in_force(&configured(Config::parse("c", "c", &first).expect(&first)).unwrap());
        assert_eq!(again, first.replace("   # default", ""));
    }
}

#[test]
fn the_example_becomes_a_configuration_when_its_comments_are_lines() {
    let lines = EXAMPLE.lines().filter(|line| !line.starts_with("# What"));
    let text = lines.map(|line| line.strip_prefix("# ").unwrap_or(line)).collect::<Vec<_>>().join("\n");
    let config = Config::parse("c", "c", &text).expect(&text);
    assert_eq!((config.waivers.len(), config.off.len(), config.severities.len(), config.tiers.len()), (1, 1, 1, 1));
}

/// A dump with one disk whose two backups are not encrypted, and what a configuration makes of it.
fn judged(config: &str, arguments: &[&str]) -> (Value, i32) {
    let scratch = Scratch::new();
    let backup = |id: &str, created: &str| {
        json!({
            "id": id, "project_id": "p1", "vault_id": "v1", "resource_id": "r1", "resource_name": "db-01",
            "resource_type": "OS::Cinder::Volume", "status": "available", "image_type": "backup",
            "created_at": created, "updated_at": null, "expired_at": "2026-06-01T00:00:00Z", "parent_id": null,
            "checkpoint_id": "c", "children": [], "replication_records": [],
            "extend_info": {"encrypted": false, "auto_trigger": true}
        })
    };
    let backups = [backup("b1", "2026-03-01T01:00:00Z"), backup("b2", "2026-03-02T01:00:00Z")];
    scratch.write("dump/list.json", json!({"backups": backups, "count": 2}).to_string());
    let file = scratch.write("policy.toml", config);
    let config = ["--config", file.to_str().unwrap(), "--only", "backup-unencrypted"];
    report(&scratch.path("dump"), &[&config, arguments].concat())
}

fn waiver(subject: &str, until: &str) -> String {
    format!(
        "[[waivers]]\nrule = \"backup-unencrypted\"\nsubject = \"{subject}\"\nreason = \"why\"\nowner = \"who\"\nuntil = {until}\n"
    )
}

fn verdicts(report: &Value) -> Vec<&str> {
    report["findings"].as_array().unwrap().iter().map(|finding| finding["verdict"].as_str().unwrap()).collect()
}

const AS_OF: [&str; 2] = ["--as-of", "2026-03-02T12:00:00Z"];

#[test]
fn a_waiver_means_a_backup_by_its_id_and_by_the_id_or_name_of_its_resource() {
    let cases = [("b1", 1), ("b?", 2), ("r1", 2), ("db-*", 2), ("db-02", 0), ("*", 2), ("B1", 0)];
    for (subject, waived) in cases {
        let (report, status) = judged(&waiver(subject, "2027-01-01"), &AS_OF);
        assert_eq!(verdicts(&report).iter().filter(|verdict| **verdict == "waived").count(), waived, "{subject}");
        assert_eq!(report["findings"].as_array().unwrap().len(), 2, "{subject}: nothing vanishes");
        assert_eq!(report["rules"][0]["waived"], waived, "{subject}");
        assert_eq!(report["rules"][0]["fail"], 2 - waived, "{subject}");
        assert_eq!(report["rules"][0]["evaluated"], 2, "{subject}");
        assert_eq!(status, i32::from(waived < 2), "{subject}: what is waived does not set the status");
    }
}

#[test]
fn a_project_narrows_a_waiver() {
    for (project, waived) in [("p1", 2), ("p*", 2), ("p2", 0)] {
        let text = format!("{}project = \"{project}\"\n", waiver("*", "2027-01-01"));
        assert_eq!(judged(&text, &AS_OF).0["rules"][0]["waived"], waived, "{project}");
    }
}

#[test]
fn a_waiver_ends_at_the_as_of_time_and_not_at_the_wall_clock() {
    let cases = [
        ("2026-03-01", "expired", 0),
        ("2026-03-02", "holds", 2),
        ("2026-03-02T12:00:00Z", "expired", 0),
        ("2026-03-02T12:00:01Z", "holds", 2),
        ("2026-03-02T13:00:00+01:00", "expired", 0),
    ];
    for (until, state, waived) in cases {
        let (report, _) = judged(&waiver("*", until), &AS_OF);
        let waiver = &report["waivers"][0];
        assert_eq!((&waiver["state"], &waiver["findings"]), (&json!(state), &json!(2)), "{until}");
        assert_eq!(report["rules"][0]["waived"], waived, "{until}");
        let told = report["notes"].to_string().contains("count again");
        assert_eq!(told, state == "expired", "{until}");
    }
}

#[test]
fn a_waiver_that_is_too_broad_or_means_nothing_is_told() {
    let (report, _) = judged(&waiver("nothing", "2027-01-01"), &AS_OF);
    assert_eq!(report["waivers"][0]["state"], "unused");
    assert!(report["notes"].to_string().contains("is about nothing that failed"), "{}", report["notes"]);
    let (report, _) = judged(&format!("waiver-limit = 1\n{}", waiver("*", "2027-01-01")), &AS_OF);
    assert_eq!(report["waivers"][0]["state"], "broad");
    assert!(report["notes"].to_string().contains("more than the limit of 1"), "{}", report["notes"]);
}

#[test]
fn of_two_waivers_the_one_that_holds_counts() {
    let text = waiver("*", "2020-01-01") + &waiver("b1", "2027-01-01");
    let (report, _) = judged(&text, &AS_OF);
    assert_eq!(verdicts(&report), ["fail", "waived"]);
    assert_eq!(report["findings"][1]["waiver"], json!({"reason": "why", "owner": "who", "until": "2027-01-01"}));
}

#[test]
fn a_tier_that_says_too_little_or_too_much_is_refused() {
    let wrong = [
        ("[tiers.gold]\nrpo-hours = 4", "policy.toml:1:8: say which resources the tier means"),
        ("[tiers.gold]\nresources = []", "policy.toml:2:13: write a list of texts"),
        ("[tiers.gold]\nresources = \"db\"", "policy.toml:2:13: write a list of texts"),
        ("[tiers.gold]\nresource = [\"db\"]", "policy.toml:1:8: say which resources the tier means"),
        (
            "[tiers.gold]\nvaults = [\"v\"]\nresource = [\"db\"]",
            "policy.toml:3:1: unknown parameter \"resource\", did you mean \"resources\"?",
        ),
        (
            "[tiers.gold]\ntypes = [\"disk\", \"sever\"]",
            "policy.toml:2:18: \"sever\" is no resource type, did you mean \"server\"?; write server, ",
        ),
        (
            "[tiers.gold]\nvault-tags = [\"=x\"]",
            "policy.toml:2:15: \"=x\" is no tag: it has no key; write key or key=value",
        ),
        (
            "[tiers.gold]\nvaults = [\"v\"]\nzzz = 1",
            "policy.toml:3:1: unknown parameter \"zzz\"; `cbr-audit rules show RULE` lists those of a rule",
        ),
    ];
    for (text, start) in wrong {
        let error = refusal(text);
        assert!(error.starts_with(start), "{text:?}\n {error}\n {start}");
    }
}

#[test]
fn a_severity_of_its_own_sets_the_order_and_the_status() {
    let text = "[rules.backup-unencrypted]\nseverity = \"low\"\n";
    let (report, status) = judged(text, &AS_OF);
    assert_eq!(report["findings"][0]["severity"], "low");
    assert_eq!(report["rules"][0]["severity"], "low");
    assert_eq!(status, 0);
    assert_eq!(judged(&format!("fail-on = \"low\"\n{text}"), &AS_OF).1, 1);
    let over = [&AS_OF[..], &["--fail-on", "high"]].concat();
    assert_eq!(judged(&format!("fail-on = \"low\"\n{text}"), &over).1, 0, "the command line wins");
}

#[test]
fn the_command_line_wins_over_the_configuration() {
    let value = |report: &Value, key: &str| {
        let params = report["settings"]["params"].as_array().unwrap();
        params.iter().find(|param| param["key"] == key).unwrap()["value"].clone()
    };
    let config = "[parameters]\nrpo-hours = 48\n[rules.rpo-breach]\nrpo-tolerance-hours = 5\n";
    let only = ["--only", "rpo-breach"];
    let (report, _) = judged(config, &only);
    assert_eq!((value(&report, "rpo-hours"), value(&report, "rpo-tolerance-hours")), (json!("48"), json!("5")));
    let (report, _) = judged(config, &[&only[..], &["--set", "rpo-hours=7"]].concat());
    assert_eq!(value(&report, "rpo-hours"), "7");
    let off = "[rules.rpo-breach]\nenabled = false\nreason = \"later\"\n";
    let (report, _) = judged(off, &only);
    assert_eq!(report["rules"].as_array().unwrap().len(), 2, "what is asked for runs");
    assert_eq!(report["settings"].get("off"), None);
}

#[test]
fn a_rule_that_is_off_is_listed_with_its_reason() {
    let scratch = Scratch::new();
    let file = scratch.write("policy.toml", "[rules.rpo-breach]\nenabled = false\nreason = \"later\"\n");
    let (report, _) = report(&sample("healthy"), &["--config", file.to_str().unwrap()]);
    assert_eq!(report["settings"]["rules_off"], json!(["rpo-breach"]));
    assert_eq!(report["settings"]["off"], json!([{"rule": "rpo-breach", "reason": "later"}]));
    assert_eq!(report["settings"]["config"], "policy.toml");
}

#[test]
fn a_configuration_that_cannot_be_read_stops_the_run() {
    let scratch = Scratch::new();
    let latin = scratch.write("latin.toml", b"region = \"\xfc\"");
    let cases = [
        (scratch.path("missing.toml"), "cannot read the configuration"),
        (scratch.path(""), "cannot read the configuration"),
        (latin, "byte 10 is no UTF-8 text"),
    ];
    for (file, message) in cases {
        let dump = sample("healthy");
        let ran = run([dump.to_str().unwrap(), "--config", file.to_str().unwrap()].iter().fold(
            vec!["report".to_owned()],
            |mut all, one| {
                all.push((*one).to_owned());
                all
            },
        ));
        assert_eq!(ran.status, 2);
        assert!(ran.err.contains(message), "{}", ran.err);
    }
}

#[test]
fn words_of_a_waiver_are_inert_in_every_format() {
    let scratch = Scratch::new();
    let hostile = "<script>alert(1)</script> [x](javascript:1) | =cmd";
    let text = format!(
        "[[waivers]]\nrule = \"backup-unencrypted\"\nsubject = \"*\"\nreason = '{hostile}'\nowner = '{hostile}'\nticket = '{hostile}'\nuntil = 2030-01-01\n\
         [[waivers]]\nrule = \"rpo-breach\"\nsubject = '{hostile}'\nreason = \"r\"\nowner = '{hostile}'\nuntil = 2030-01-01\n"
    );
    let text = text.replace("subject = '<script>alert(1)</script> [x](", "subject = '<script>alert(1)</script> x(");
    let file = scratch.write("policy.toml", text);
    let (html, md) = (scratch.path("r.html"), scratch.path("r.md"));
    let arguments = ["report", "samples/troubled", "--config", file.to_str().unwrap(), "-o", html.to_str().unwrap()];
    let ran = run(arguments.into_iter().chain(["-o", md.to_str().unwrap()]));
    assert!(ran.status < 8, "{}", ran.err);
    let html = std::fs::read_to_string(html).unwrap();
    let md = std::fs::read_to_string(md).unwrap();
    assert!(!html.contains("<script>alert") && html.contains("&lt;script&gt;alert"), "HTML");
    assert!(!md.contains("<script>") && !md.contains("[x](javascript"), "Markdown");
}

#[test]
fn a_page_tells_one_resource_and_one_finding_in_the_singular() {
    let config = program::root().join("samples/config/cbr-audit.toml");
    let troubled = sample("troubled");
    let page = run([
        "report".as_ref(),
        troubled.as_os_str(),
        "-qo".as_ref(),
        "md=-".as_ref(),
        "--config".as_ref(),
        config.as_os_str(),
    ]);
    for wanted in [
        "**Tier** <code>critical</code> for 2 resources: ",
        "<code>scratch</code> for 1 resource: ",
        "holds, 1 finding: ",
    ] {
        assert!(page.out.contains(wanted), "{wanted}");
    }
}

#[test]
fn demands_that_no_backup_can_meet_together_are_told_with_their_places() {
    let rules = ["retention-too-short", "retention-too-long", "vault-retention-too-short", "restore-window-too-short"];
    let said = |text: &str, arguments: &[&str]| {
        let only: Vec<_> = rules.iter().flat_map(|rule| ["--only", rule]).collect();
        let (report, _) = judged(text, &[&AS_OF[..], &only, arguments].concat());
        let notes: Vec<_> =
            report["notes"].as_array().unwrap().iter().map(|note| note.as_str().unwrap().to_owned()).collect();
        notes.into_iter().filter(|note| note.contains("no backup can meet both")).collect::<Vec<_>>()
    };
    let alone = said("[parameters]\nretention-max-days = 10\n", &[]);
    let wanted = "policy.toml:2: retention-min-days 30 is more than retention-max-days 10 (policy.toml:2): no backup can \
                  meet both; change one of them.";
    assert_eq!(alone, [wanted]);
    let tier = "[parameters]\nretention-max-days = 90\n[tiers.gold]\nresources = [\"*\"]\nretention-min-days = 100\n\
                [rules.restore-window-too-short]\nwindow-days = 91\n";
    let wanted = [
        "policy.toml:7: window-days 91 is more than retention-max-days 90 (policy.toml:2): no backup can meet both; change \
         one of them.",
        "policy.toml:5: retention-min-days 100 is more than retention-max-days 90 (policy.toml:2) of the tier gold: no \
         backup can meet both; change one of them.",
    ];
    assert_eq!(said(tier, &[]), wanted);
    let typed = said("", &["--set", "retention-min-days=50", "--set", "retention-max-days=40"]);
    assert_eq!(typed.len(), 1);
    assert!(
        typed[0].starts_with("--set: retention-min-days 50 is more than retention-max-days 40 (--set)"),
        "{typed:?}"
    );
    let off = ["--skip", "retention-too-short", "--skip", "vault-retention-too-short"];
    assert_eq!(said("[parameters]\nretention-max-days = 10\n", &off), Vec::<String>::new());
    assert_eq!(said("[parameters]\nretention-max-days = 30\n", &[]), Vec::<String>::new());
}

#[test]
fn of_a_waiver_that_ended_for_a_rule_that_did_not_run_it_is_not_said_that_nothing_failed() {
    let (report, _) = judged(
        &waiver("*", "2020-01-01"),
        &[&AS_OF[..], &["--only", "rpo-breach", "--skip", "backup-unencrypted"]].concat(),
    );
    let notes = report["notes"].to_string();
    assert!(notes.contains("held until 2020-01-01, and is about a rule that did not run: take it out."), "{notes}");
}
