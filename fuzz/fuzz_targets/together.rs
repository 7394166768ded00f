//! Small files of one dump, read together and one by one: the same ledger and the same backups. A byte 0xff parts the input
//! into files; the first byte chooses how many are read together, a limit, and sometimes that whole reports are compared.

#![no_main]

use std::fmt::Write as _;
use std::fs::File;
use std::io::{Seek, Write};
use std::os::fd::AsRawFd;
use std::sync::{LazyLock, Mutex};

use cbr_audit::discover::{Access, Source};
use cbr_audit::format::FORMATS;
use cbr_audit::inventory::Inventory;
use cbr_audit::inventory::field::FieldId;
use cbr_audit::judge;
use cbr_audit::limits::Limits;
use cbr_audit::read::{self, Reading, TOGETHER};
use cbr_audit_fuzz::{SETTINGS, check_inventory, check_run, stay_on_this_thread};
use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 9] =
    ["d/a.json", "d/b.json", "d/c.json", "d/d.json", "d/e.jsonl", "d/f.txt", "d/g.json", "e/a.json", "e/b.json"];

/// A file for each name, without a name of its own.
static FILES: LazyLock<Mutex<Vec<File>>> =
    LazyLock::new(|| Mutex::new(NAMES.iter().map(|_| tempfile::tempfile().expect("a temporary file")).collect()));

/// A file that holds these bytes, as a source of this name.
fn source(name: &str, file: &mut File, bytes: &[u8]) -> Source {
    file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(bytes)).expect("a file takes everything");
    let path = format!("/proc/self/fd/{}", file.as_raw_fd()).into();
    Source { path: name.to_owned(), access: Access::File { path, bytes: bytes.len() as u64 } }
}

fn limits(choice: u8) -> Limits {
    let usual = Limits::default();
    match choice {
        1 => Limits { records: 1, ..usual },
        2 => Limits { string_bytes: 40, ..usual },
        3 => Limits { depth: 3, ..usual },
        _ => usual,
    }
}

/// What files come to of which so many are read together: the ledger and every backup with all its fields; or, to be thorough,
/// the JSON report.
fn told(sources: &[Source], together: usize, limits: Limits, is_thorough: bool) -> String {
    let inventory = read::read(sources, Reading { together, limits, ..Reading::default() });
    if is_thorough {
        let run = judge(&SETTINGS, inventory, false);
        check_run(&run);
        let json = FORMATS.iter().find(|format| format.name == "json").expect("a format");
        let mut report = Vec::new();
        json.write(&run, &mut report).expect("memory takes everything");
        String::from_utf8(report).expect("UTF-8")
    } else {
        check_inventory(&inventory);
        table(&inventory).expect("memory takes everything")
    }
}

/// The ledger, the answers, and every backup with all its fields, line by line.
fn table(inventory: &Inventory) -> Result<String, std::fmt::Error> {
    let mut told = String::new();
    inventory.files.iter().try_for_each(|file| writeln!(told, "{file:?}"))?;
    inventory.answers().try_for_each(|ix| writeln!(told, "{:?}", inventory.answer(ix)))?;
    writeln!(told, "{:?} {:?}", inventory.drift, inventory.objects())?;
    writeln!(told, "{:?} {}", inventory.known_keys, inventory.zones_assumed)?;
    for ix in inventory.backups() {
        let backup = inventory.backup(ix);
        let readings: Vec<_> = backup.readings().map(|reading| inventory.place_of(reading)).collect();
        let parent = backup.parent().map(|parent| parent.first_reading());
        writeln!(told, "{ix:?} {readings:?} in {parent:?}, {:?}, {:?}", backup.role(), backup.conflicts())?;
        writeln!(told, "{:?} {:?} {:?}", backup.status(), backup.image_type(), backup.resource_type())?;
        for &field in FieldId::ALL {
            let (presence, text) = (backup.presence(field), backup.text(field));
            writeln!(told, "{field:?} {presence:?} {text} {:?} {:?}", backup.time(field), backup.flag(field))?;
        }
        for (_, ordinal, replication) in inventory.replications_seen(backup) {
            let (status, created) = (replication.status, replication.created_at);
            let region = replication.destination_region.known().map(|symbol| inventory.text(symbol));
            writeln!(told, "{ordinal} {status:?} {created:?} {region:?} {:?}", replication.progress)?;
        }
    }
    Ok(told)
}

fuzz_target!(|input: &[u8]| {
    let Some((&first, bytes)) = input.split_first() else { return };
    stay_on_this_thread();
    let mut files = FILES.lock().expect("a panic ends the program");
    let texts = bytes.split(|byte| *byte == 0xff);
    let sources: Vec<_> =
        NAMES.iter().zip(&mut *files).zip(texts).map(|((name, file), text)| source(name, file, text)).collect();
    let limits = limits(first / 4 % 8);
    let is_thorough = first >= 0xf0;
    let together = told(&sources, [TOGETHER, 2, 3, 5][usize::from(first % 4)], limits, is_thorough);
    let one_by_one = told(&sources, 1, limits, is_thorough);
    if together != one_by_one {
        let parts = together.lines().zip(one_by_one.lines()).find(|(one, other)| one != other);
        panic!("together and one by one: {parts:?}");
    }
});
