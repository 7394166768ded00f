//! Small inputs that unpack to a lot, and zip archives that lie: refused, with the limit or the lie named. The bombs are
//! made here and never stored.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)]

mod packed;
mod program;

use packed::{gzip, tar_of, zip_of, zstd};
use program::{Scratch, report};
use serde_json::{Value, json};
#[cfg(target_os = "linux")]
use std::{io::Read, process::Command, thread::sleep, time::Duration};

fn show(id: &str) -> Vec<u8> {
    json!({"backup": {"id": id, "status": "available", "created_at": "2026-11-01T01:00:00.5"}}).to_string().into_bytes()
}

/// The report on a file with these bytes beside a good one.
fn read(name: &str, bytes: &[u8], arguments: &[&str]) -> Value {
    let scratch = Scratch::new();
    scratch.write(name, bytes);
    scratch.write("zz-good.json", show("good"));
    let (report, status) = report(&scratch.path(""), arguments);
    assert!(status & 4 == 4, "{name} ends in {status}");
    let good =
        report["inputs"]["files"].as_array().unwrap().iter().find(|file| file["path"] == "zz-good.json").unwrap();
    assert_eq!(good["state"], "read");
    report
}

/// Something that is not read says this.
fn assert_says(report: &Value, reason: &str) {
    let files = report["inputs"]["files"].as_array().unwrap();
    let said = files.iter().any(|file| {
        let is_refused = file["state"] == "rejected" || file["state"] == "partly-read";
        is_refused && file["reason"].as_str().unwrap_or_default().contains(reason)
    });
    assert!(said, "nothing says {reason:?} in {files:?}");
}

#[test]
fn a_very_long_name_is_not_repeated_by_every_finding() {
    let scratch = Scratch::new();
    let backup = |number: usize| json!({"id": format!("b{number}"), "resource_id": "r", "project_id": "p", "resource_type": "OS::Cinder::Volume"});
    let mut list: Vec<_> = (0..200).map(backup).collect();
    list[0]["resource_name"] = json!("n".repeat(1 << 20));
    list[0]["created_at"] = json!("2026-11-01T01:00:00.5");
    scratch.write("list.json", json!({"backups": list, "count": 200}).to_string());
    let beside = Scratch::new();
    let findings = beside.path("findings.csv");
    let (report, _) = report(&scratch.path(""), &["-o", &format!("csv={}", findings.display())]);
    let name = &report["findings"].as_array().unwrap().iter().find(|finding| finding["resource"]["id"] == "r").unwrap()
        ["resource"]["name"];
    assert_eq!(*name, format!("{}… (1.0 MB in all)", "n".repeat(300)));
    let (json, csv) = (report.to_string().len(), std::fs::metadata(findings).unwrap().len());
    assert!(json < 4 << 20 && csv < 4 << 20, "{json} bytes of JSON, {csv} of CSV");
}

/// A megabyte at most, refused in time and in little memory; the limit or the lie is named.
#[cfg(target_os = "linux")]
fn assert_refused(name: &str, bytes: &[u8], reason: &str) {
    assert!(bytes.len() <= 1 << 20, "{name} has {} bytes", bytes.len());
    let scratch = Scratch::new();
    scratch.write(name, bytes);
    scratch.write("zz-good.json", show("good"));
    let taken = Taken::by_a_run(&scratch);
    println!("{name}: {} bytes, {:?}, {} MiB", bytes.len(), taken.time, taken.peak >> 20);
    let report: Value = serde_json::from_slice(&std::fs::read(scratch.path("report.out")).unwrap()).unwrap();
    assert_says(&report, reason);
    assert!(taken.time < in_time(), "{name} took {:?} of a processor", taken.time);
    assert!(taken.peak < 256 << 20, "{name} took {} MiB", taken.peak >> 20);
}

/// How long the program may take: ten seconds where a build is named. Unoptimised code may take six times that, so that a
/// busy machine is no failure, and what grows with the square is one.
#[cfg(target_os = "linux")]
fn in_time() -> Duration {
    Duration::from_secs(if std::env::var_os("PROGRAM").is_some() { 10 } else { 60 })
}

/// What a run took.
#[cfg(target_os = "linux")]
#[derive(Default)]
struct Taken {
    /// Of all processors together, so that other work on the machine counts for nothing.
    time: Duration,
    /// The most memory, in bytes.
    peak: u64,
}

#[cfg(target_os = "linux")]
impl Taken {
    /// Runs the program, or the one that `PROGRAM` names, on a dump.
    fn by_a_run(dump: &Scratch) -> Self {
        let program = std::env::var_os("PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_cbr-audit").into());
        let output = format!("json={}", dump.path("report.out").display());
        let mut command = Command::new(program);
        command.arg("report").arg(dump.path("")).args(["-q", "--no-config", "-o", &output]);
        let mut child = command.spawn().unwrap();
        let mut taken = Self::default();
        while child.try_wait().unwrap().is_none() {
            taken.look(child.id());
            sleep(Duration::from_millis(1));
        }
        taken
    }

    /// Looks at a process that may have ended.
    fn look(&mut self, process: u32) {
        let read = |file: &str| std::fs::read_to_string(format!("/proc/{process}/{file}")).unwrap_or_default();
        let status = read("status");
        let peak =
            status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        self.peak = self.peak.max(peak.unwrap_or(0) << 10);
        // The name may hold anything; behind it stand numbers, the twelfth and thirteenth of which are hundredths of seconds.
        let stat = read("stat");
        let numbers = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks: u64 = numbers.skip(11).take(2).filter_map(|number| number.parse::<u64>().ok()).sum();
        self.time = self.time.max(Duration::from_millis(10 * ticks));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn bombs_are_refused_and_the_limit_is_named() {
    let zeros = vec![b' '; 80 << 20];
    let numbers = [b"[0".to_vec(), b",0".repeat(40 << 20), b"]".to_vec()].concat();
    assert_refused("gz.json", &gzip(&zeros), "--max-ratio");
    assert_refused("numbers.json.gz", &gzip(&numbers), "--max-ratio");
    assert_refused("zst.json", &zstd(&zeros), "--max-ratio");
    assert_refused("d.zip", &zip_of(&[("a.json", zeros.clone())]), "--max-ratio");
    assert_refused("d.tar.gz", &gzip(&tar_of(&[("a.json", zeros.clone())])), "--max-ratio");
    assert_refused("d.tar", &tar_of(&[("a.json.gz", gzip(&zeros))]), "--max-ratio");
    let several = (0..5).map(|number| (format!("{number}.bin"), vec![b'x'; 60 << 20])).collect::<Vec<_>>();
    assert_refused("several.zip", &zip_of(&several), "--max-ratio");
    assert_refused("several.tar.gz", &gzip(&gzip(&tar_of(&several))), "--max-ratio");
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_nested_too_deep_is_refused_and_the_limit_is_named() {
    let mut nested = show("b");
    for _ in 0..50 {
        nested = gzip(&nested);
    }
    assert_refused("nested.gz", &nested, "--max-nesting");
    let mut nested = zip_of(&[("a.json", show("b"))]);
    for _ in 0..50 {
        nested = zip_of(&[("a.zip", nested)]);
    }
    assert_refused("nested.zip", &nested, "--max-nesting");
    let deep = |open: &str, close: &str| {
        let times = (1 << 20) / (open.len() + close.len());
        [open.repeat(times), close.repeat(times)].concat().into_bytes()
    };
    assert_refused("arrays.json", &deep("[", "]"), "within 4 levels");
    assert_refused("children.json", &deep("{\"backups\":[{\"children\":[", "]}]}"), "--max-depth");
}

#[cfg(target_os = "linux")]
#[test]
fn members_that_share_bytes_are_refused_without_being_unpacked() {
    let zip = zip_of(&[("a.json", vec![b' '; 60 << 20])]);
    let entry = zip.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    let end = zip.windows(4).position(|bytes| bytes == b"PK\x05\x06").unwrap();
    let many: u16 = 15_000;
    let directory = zip[entry..end].repeat(many.into());
    let mut tail = zip[end..].to_vec();
    tail[8..10].copy_from_slice(&many.to_le_bytes());
    tail[10..12].copy_from_slice(&many.to_le_bytes());
    tail[12..16].copy_from_slice(&u32::try_from(directory.len()).unwrap().to_le_bytes());
    assert_refused("overlap.zip", &[&zip[..entry], &directory, &tail].concat(), "shares bytes");
}

#[cfg(target_os = "linux")]
#[test]
fn very_many_objects_with_next_to_nothing_in_them_are_refused() {
    let objects = |many: usize| [b"{}".to_vec(), b",{}".repeat(many - 1)].concat();
    let list = |many| [b"{\"backups\":[".to_vec(), objects(many), b"]}".to_vec()].concat();
    let children =
        |many| [b"{\"backup\":{\"id\":\"b\",\"children\":[".to_vec(), objects(many), b"]}}".to_vec()].concat();
    let lines = |many| [show("b"), b"\n{\"backup\":{\"id\":1}}".repeat(many)].concat();
    let named = "each counts as 1 KiB at least (--max-ratio)";
    assert_refused("list.json", &list(340_000), named);
    assert_refused("children.json", &children(340_000), named);
    assert_refused("list.json.gz", &gzip(&list(20_000_000)), named);
    assert_refused("lines.jsonl.gz", &gzip(&lines(100_000)), named);
    assert_refused("list.tar", &tar_of(&[("list.json.gz", gzip(&list(3_000_000)))]), named);
    // So much is read in windows.
    assert_refused("list.zip", &zip_of(&[("list.json", list(6_000_000))]), named);
    assert_refused("lines.zip", &zip_of(&[("lines.jsonl", lines(900_000))]), named);
    let many: Vec<_> = (0..30).map(|number| (format!("{number}.json"), list(70_000))).collect();
    assert_refused("many.tar.zst", &zstd(&tar_of(&many)), named);
}

#[cfg(target_os = "linux")]
#[test]
fn very_many_values_around_the_backups_are_refused() {
    let many = |element: &str, times: usize| [element.to_owned(), format!(",{element}").repeat(times - 1)].concat();
    let around = |before: &str, element: &str, times| format!("{before}{}", many(element, times)).into_bytes();
    let vault =
        |resources: &[u8]| [b"{\"vaults\":[{\"id\":\"v\",\"billing\":{},\"resources\":[", resources, b"]}]}"].concat();
    let resources = vault(many(r#"{"id":"r"}"#, 2_000_000).as_bytes());
    let tags = around("{\"vaults\":[{\"id\":\"v\",\"billing\":{},\"tags\":[", r#"{"key":"k"}"#, 2_500_000);
    let vaults = around("{\"vaults\":[", r#"{"id":"v","billing":{}}"#, 1_500_000);
    let numbers = around("{\"policies\":[{\"id\":\"p\",\"trigger\":{},\"associated_vaults\":[", "1", 13_000_000);
    let keys = around("{\"vaults\":[{\"billing\":{},", "\"id\":\"\"", 4_000_000);
    let alone = around("{\"id\":\"v\",\"billing\":{},\"resources\":[", r#"{"id":"r"}"#, 3_000_000);
    let end = |text: Vec<u8>, end: &[u8]| [text, end.to_vec()].concat();
    let named = "in a list as 320 (--max-ratio)";
    assert_refused("resources.json.gz", &gzip(&resources), named);
    assert_refused("tags.json.gz", &gzip(&end(tags, b"]}]}")), named);
    assert_refused("vaults.json.gz", &gzip(&end(vaults, b"]}")), named);
    assert_refused("numbers.json.gz", &gzip(&end(numbers, b"]}]}")), named);
    assert_refused("keys.json.gz", &gzip(&end(keys, b"}]}")), named);
    assert_refused("alone.json.gz", &gzip(&end(alone, b"]}")), named);
    assert_refused("wrapped.json.gz", &gzip(&[b"{\"status\":200,\"body\":", &resources[..], b"}"].concat()), named);
    let small = vault(many(r#"{"id":"r"}"#, 60_000).as_bytes());
    let line = [&small[..], b"\n"].concat();
    assert_refused("lines.jsonl.gz", &gzip(&line.repeat(8)), named);
    let members: Vec<_> = (0..12).map(|number| (format!("{number}.json"), small.clone())).collect();
    assert_refused("many.tar.gz", &gzip(&tar_of(&members)), named);
    assert_refused("many.zip", &zip_of(&members), named);
}

#[cfg(target_os = "linux")]
#[test]
fn very_many_documents_with_nothing_in_them_take_no_memory() {
    for (name, line) in [("one.jsonl", "{}\n"), ("both.jsonl", "{}\n{\"projects\":[]}\n")] {
        let scratch = Scratch::new();
        scratch.write(name, [show("b"), b"\n".to_vec(), line.repeat(400_000).into_bytes()].concat());
        let taken = Taken::by_a_run(&scratch);
        assert!(taken.peak < 256 << 20, "{name} took {} MiB", taken.peak >> 20);
        let report: Value = serde_json::from_slice(&std::fs::read(scratch.path("report.out")).unwrap()).unwrap();
        let (records, file) = (&report["inputs"]["records"], &report["inputs"]["files"][0]);
        assert_eq!((records, &file["state"]), (&json!(1), &json!("read")), "{name}: {file}");
    }
}

/// What a note speaks for, where a file leaves a doubt, and which lists belong together is not asked of all directories for
/// each of them.
#[cfg(target_os = "linux")]
#[test]
fn many_directories_are_worked_off_in_time() {
    let list =
        |number| json!({"backups": [{"id": format!("b{number}"), "project_id": format!("p{number}")}], "count": 1});
    let members: Vec<_> = (0..10_000)
        .flat_map(|number| {
            let resources = json!([{"id": format!("r{number}"), "type": "OS::Nova::Server"}]);
            let answers = [
                ("a.json", list(number).to_string()),
                ("b.json", "{".to_owned()),
                ("capture.json", r#"{"captured_at": "2026-11-01T06:00:00Z"}"#.to_owned()),
                ("i.json", json!({"instances": resources, "count": 1}).to_string()),
                (
                    "v.json",
                    json!({"vaults": [{"id": format!("v{number}"), "resources": resources}], "count": 1}).to_string(),
                ),
            ];
            answers.map(|(name, text)| (format!("d{number}/{name}"), text.into_bytes()))
        })
        .collect();
    let scratch = Scratch::new();
    scratch.write("d.tar", tar_of(&members));
    let taken = Taken::by_a_run(&scratch);
    println!("many directories: {:?}, {} MiB", taken.time, taken.peak >> 20);
    assert!(taken.time < in_time(), "many directories took {:?} of a processor", taken.time);
}

/// Copies of an object are compared element by element, however long its lists are, and however the copies order them.
#[cfg(target_os = "linux")]
#[test]
fn long_lists_around_the_backups_are_worked_off_in_time() {
    let many = 30_000;
    let list = |element: &dyn Fn(u32) -> Value| (0..many).map(element).collect::<Vec<_>>();
    let resources = list(&|number| json!({"id": format!("r{number}"), "type": "OS::Nova::Server"}));
    let turned: Vec<_> = resources.iter().rev().cloned().collect();
    let vault = |resources| json!({"vaults": [{"id": "v1", "billing": {}, "resources": resources}], "count": 1});
    let vaults = list(&|number| json!({"vault_id": format!("v{number}")}));
    let policy = json!({"policies": [{"id": "p1", "enabled": true, "trigger": {}, "associated_vaults": vaults}]});
    let beside = |number| json!({"id": format!("w{number}"), "project_id": format!("p{}", number % 2), "billing": {"protect_type": "backup"}});
    let vaults_beside = json!({"vaults": (0..2000).map(beside).collect::<Vec<Value>>(), "count": 2000});
    let many_vaults = json!({"vaults": (0..6000).map(beside).collect::<Vec<Value>>(), "count": 6000});
    let of_none = |number| json!({"id": format!("p{number}"), "operation_type": "backup", "trigger": {}, "associated_vaults": []});
    let many_policies = json!({"policies": (0..6000).map(of_none).collect::<Vec<Value>>(), "count": 6000});
    let disks = list(&|number| json!({"id": format!("d{number}"), "type": "OS::Cinder::Volume"}));
    let server = json!({"instances": [{"id": "r1", "type": "OS::Nova::Server", "protectable": {}, "children": disks}]});
    let alone = |number| json!({"policies": [{"id": format!("p{number}"), "trigger": {}, "associated_vaults": []}], "count": 2});
    let every = |most: u32| (0..most).map(|number| number.to_string()).collect::<Vec<_>>().join(",");
    let minutes = format!("FREQ=DAILY;BYHOUR={};BYMINUTE={}", every(24), every(60));
    let pattern = vec![minutes; 5000];
    let busy = json!({"policies": [{"id": "p1", "operation_type": "backup", "enabled": true, "associated_vaults": [],
        "trigger": {"properties": {"pattern": pattern}}}], "count": 1});
    let copied = |id: String, resource: String, copy: String| {
        json!({"id": id, "resource_id": resource, "project_id": "p1", "resource_type": "OS::Nova::Server", "status": "available",
        "image_type": "backup", "created_at": "2026-11-01T01:00:00.5", "replication_records": [{"status": "success",
        "created_at": "2026-11-01T01:10:00.5", "source_region": "a", "destination_region": "b", "destination_backup_id": copy}]})
    };
    let mut claiming: Vec<_> =
        (0..8000).map(|number| copied(format!("b{number}"), format!("r{number}"), "copy".to_owned())).collect();
    claiming.push(json!({"id": "copy", "resource_id": "r", "project_id": "p1", "resource_type": "OS::Nova::Server",
        "status": "available", "image_type": "replication", "created_at": "2026-11-01T01:20:00.5"}));
    let differing: Vec<_> =
        (0..4000).map(|number| copied("b1".to_owned(), "r1".to_owned(), format!("c{number}"))).collect();
    let renamed: Vec<_> =
        (0..4000).map(|number| json!({"id": "v1", "billing": {}, "name": format!("n{number}")})).collect();
    let protected = |number| {
        json!({"id": format!("b{number}"), "resource_id": format!("r{number}"), "project_id": "p1", "vault_id": "v1",
        "resource_type": "OS::Cinder::Volume", "status": "available", "image_type": "backup",
        "created_at": "2026-11-01T01:00:00.5", "extend_info": {"auto_trigger": true}})
    };
    let protected: Vec<Value> = (0..4000).map(protected).collect();
    let mut scattered: Vec<_> = (0..2000).map(alone).collect();
    scattered.push(many_vaults.clone());
    for (name, answers) in [
        ("policies in many directories", scattered),
        ("vault", vec![vault(resources.clone())]),
        ("two copies of a vault", vec![vault(resources), vault(turned)]),
        ("policy", vec![policy.clone()]),
        ("policy beside vaults", vec![policy, vaults_beside]),
        ("policy that runs at every minute, as each of its patterns says", vec![busy]),
        ("one copy that many claim", vec![json!({"backups": claiming, "count": 8001})]),
        (
            "copies of a backup that differ in their replication records",
            vec![json!({"backups": differing, "count": 1})],
        ),
        (
            "many copies of a vault",
            vec![json!({"vaults": renamed, "count": 1}), json!({"backups": protected, "count": 4000})],
        ),
        ("server", vec![server]),
        ("vaults and policies", vec![many_vaults, many_policies]),
    ] {
        let scratch = Scratch::new();
        scratch.write("b.json", show("b"));
        for (number, answer) in answers.iter().enumerate() {
            scratch.write(&format!("{number}/a.json"), answer.to_string());
        }
        let taken = Taken::by_a_run(&scratch);
        println!("{name}: {:?}, {} MiB", taken.time, taken.peak >> 20);
        assert!(taken.time < Duration::from_secs(10), "{name} took {:?} of a processor", taken.time);
        // The findings are many, and what this process takes would be counted for a child that is not yet another program.
        let mut beginning = vec![0; 16 << 10];
        std::fs::File::open(scratch.path("report.out")).unwrap().read_exact(&mut beginning).unwrap();
        let beginning = String::from_utf8_lossy(&beginning).replace([' ', '\n'], "");
        for state in ["partly-read", "rejected"] {
            assert!(beginning.contains(&format!("\"{state}\":0,")), "{name}: {beginning}");
        }
    }
}

#[test]
fn every_limit_is_named_when_it_is_met() {
    let members: Vec<_> = (0..3).map(|number| (format!("{number}.json"), show(&format!("b{number}")))).collect();
    let (tar, zip) = (tar_of(&members), zip_of(&members));
    assert_says(&read("d.tar", &tar, &["--max-members", "2"]), "--max-members");
    assert_says(&read("d.zip", &zip, &["--max-members", "2"]), "--max-members");
    let long = [&show("b")[..], &[b' '; 4096]].concat();
    for (name, bytes) in
        [("a.json", long.clone()), ("a.json.gz", gzip(&long)), ("a.tar", tar_of(&[("a.json", long.clone())]))]
    {
        assert_says(&read(name, &bytes, &["--max-file-size", "4KiB"]), "4 KiB for one file (--max-file-size)");
    }
    assert_says(&read("a.json.gz", &gzip(&long), &["--max-unpacked", "4KiB"]), "4 KiB (--max-unpacked)");
}

#[test]
fn zip_archives_that_lie_are_found_out() {
    let members = [("a.json", show("b1")), ("b.json", show("b2"))];
    let good = zip_of(&members);
    let says = |bytes: &[u8], reason: &str| assert_says(&read("d.zip", bytes, &[]), reason);
    says(&[b"junk", &good[..]].concat(), "4 bytes in it belong to none of its members");
    says(&[&good[..], &good[..]].concat(), "belong to none of its members");
    says(&[&good[..], b"tail"].concat(), "4 bytes stand behind its end");
    says(&good[..good.len() - 1], "the directory at its end is missing");
    says(&changed(&good, b"PK\x01\x02", 24, 1), "two sizes");
    says(&changed(&good, b"PK\x01\x02", 10, 5), "a method that is not known");
    says(&changed(&good, b"PK\x01\x02", 8, 1), "encrypted");
    says(&changed(&changed(&good, b"PK\x01\x02", 16, 1), b"PK\x03\x04", 14, 1), "its checksum is another");
    says(&changed(&changed(&good, b"PK\x01\x02", 24, 1), b"PK\x03\x04", 22, 1), "bytes");
    says(&overlapping(&good), "shares bytes");
}

#[test]
fn members_of_a_zip_archive_with_one_name_are_both_read() {
    let mut zip = zip_of(&[("a.json", show("b1")), ("b.json", show("b2"))]);
    for at in 0..zip.len() - 6 {
        if zip[at..].starts_with(b"b.json") {
            zip[at] = b'a';
        }
    }
    let scratch = Scratch::new();
    let (report, _) = report(&scratch.write("d.zip", zip), &[]);
    let files = report["inputs"]["files"].as_array().unwrap();
    assert_eq!(report["inputs"]["records"], 2, "{files:?}");
    assert!(files[0]["reason"].as_str().unwrap().contains("1 member has the name of another"), "{files:?}");
}

/// The bytes with the byte so far behind the first mark changed.
fn changed(bytes: &[u8], mark: &[u8], behind: usize, by: u8) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let at = bytes.windows(mark.len()).position(|window| window == mark).unwrap();
    bytes[at + behind] ^= by;
    bytes
}

/// The archive with both entries of its directory pointing to the first member.
fn overlapping(zip: &[u8]) -> Vec<u8> {
    let mut zip = zip.to_vec();
    let entries: Vec<_> = (0..zip.len() - 4).filter(|at| zip[*at..].starts_with(b"PK\x01\x02")).collect();
    let first = zip[entries[0]..entries[1]].to_vec();
    let second = entries[1];
    zip[second..second + first.len()].copy_from_slice(&first);
    zip
}
