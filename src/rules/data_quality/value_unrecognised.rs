//! `value-unrecognised`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "value-unrecognised",
    family: Family::DataQuality,
    severity: Severity::Medium,
    title: "A value stands outside the known list",
    why: "A new word may mean that the backup is not usable: it is never taken for a good one.",
    remedy: "Correct the export if it rewrites values; a word that the service has introduced needs a newer version of this tool.",
    logic: "Fails, once per field, where status, image_type, resource_type, supported_restore_mode, an application-consistency flag or the status of a replication record is none of the documented words. Case and blanks count. A word that the configuration knows (known-values) does not fail here. Every rule that reads such a field does not judge the record, be the word known or not. A record that carries none of these fields is not applicable.",
    params: &[],
    controls: &["soc2:A1.2"],
    check: Check::EachRecord(check),
    cases: &[
        Case::new("documented words", r#"{"backup": {}}"#, &["pass b1"]),
        Case::new(
            "foreign words, and one that differs in case",
            r#"{"backup": {
                "status": "archived",
                "image_type": "Backup",
                "extend_info": {"supported_restore_mode": "full"}
            }}"#,
            &["fail b1 [status] medium", "fail b1 [image_type] medium", "fail b1 [supported_restore_mode] medium"],
        ),
        Case::new(
            "a foreign word in a replication record",
            r#"{"backup": {"replication_records": [{"status": "paused"}]}}"#,
            &["fail b1 [replication_records.status] medium"],
        ),
        Case::new(
            "a word that the configuration knows, and another that it does not",
            r#"{"backups": [{"status": "archived"}, {"status": "frozen", "replication_records": [{"status": "paused"}]}]}"#,
            &["pass b1", "fail b2 [status] medium"],
        )
        .set(&["known status=archived", "known replication-status=paused"]),
        Case::new(
            "an empty word, of the backup and in a replication record",
            r#"{"backup": {"status": "", "replication_records": [{"status": ""}]}}"#,
            &["fail b1 [status] medium", "fail b1 [replication_records.status] medium"],
        ),
        Case::new(
            "no words at all",
            r#"{"backups": [{"status": null, "image_type": null, "resource_type": null, "extend_info": null}]}"#,
            &["not-applicable b1"],
        ),
    ],
};

fn check(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Backup(backup.ix);
    let mut known = true;
    let foreign = |field: &FieldId| {
        backup.presence(*field) == Field::Unusable(Reason::ValueUnrecognised) && !is_known(cx, backup, *field)
    };
    let odd = !backup.has_no_oddities(FieldSet::of(&WORDS));
    for field in WORDS.into_iter().filter(|field| odd && foreign(field)) {
        known = false;
        let (observed, evidence) = cx.at(backup, field);
        let note = backup.resembling(field).map_or(Note::None, Note::Resembles);
        let finding = out.fail(subject).key(Key::Field(field)).observed(observed, evidence).note(note);
        finding.expected(Value::Words("a documented word"));
    }
    let are_plain = backup.plain_replications().is_some_and(|records| !records.has_foreign_status());
    known &= are_plain || replications_known(cx, backup, out);
    match known {
        true if WORDS.iter().any(|&field| backup.presence(field).optional() != Ok(None)) => out.pass(subject),
        true => out.not_applicable(subject),
        false => {}
    }
}

/// Whether the configuration knows the foreign word of a field.
fn is_known(cx: &Context<'_>, backup: Backup<'_>, field: FieldId) -> bool {
    match cx.inventory.aside(backup.reading_of(field), field) {
        Some(Aside::Unusable(_, word)) => cx.known_values.knows(Some(field), word),
        _ => false,
    }
}

fn replications_known(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) -> bool {
    let known = |word: Symbol| cx.known_values.knows(None, cx.inventory.text(word));
    let foreign = cx.inventory.replications_seen(backup).find_map(|(reading, ordinal, record)| {
        Some((reading, ordinal, record.foreign_status.filter(|&word| !known(word))?))
    });
    let Some((reading, ordinal, word)) = foreign else { return true };
    let key = ReplicationKey::Status;
    let note = ReplicationStatus::resembling(cx.inventory.text(word)).map_or(Note::None, Note::Resembles);
    out.fail(Subject::Backup(backup.ix))
        .key(Key::ReplicationStatus)
        .observed(Value::Replication(reading, ordinal, key), Evidence::Replication(reading, ordinal, key))
        .note(note)
        .expected(Value::Words("a documented word"));
    false
}
