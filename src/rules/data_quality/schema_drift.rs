//! `schema-drift`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "schema-drift",
    family: Family::DataQuality,
    severity: Severity::Low,
    title: "A key or type is new",
    why: "An early warning: the service or an exporter has changed, and a field may soon be missed.",
    remedy: "Compare with the current API page; report the key so that it can be read.",
    logic: "One verdict per key and JSON type. Fails for a key that neither documentation nor recordings show, for a known key with a new type, for children of children, and for a provider that does not fit the resource type. Passes for each known key with a known type.",
    params: &[],
    controls: &["soc2:A1.2"],
    check: Check::Whole("key and type", check),
    cases: &[
        Case::new("known keys and types", r#"{"backup": {"children": [{}]}}"#, &["pass schema"]),
        Case::new(
            "an unknown key, and a known one with a new type",
            r#"{"backup": {"colour": "red", "resource_size": true}}"#,
            &["fail backup.colour [string] low", "fail backup.resource_size [boolean] low", "pass schema"],
        ),
        Case::new(
            "disks in a disk",
            r#"{"backup": {"children": [{"children": [{}]}]}}"#,
            &["fail depth low", "pass schema"],
        ),
        Case::new(
            "a server with the provider of disks",
            r#"{"backup": {"provider_id": "d1603440-187d-4516-af25-121250c7cc97"}}"#,
            &["fail provider low", "pass schema"],
        ),
    ],
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for field in cx.inventory.known_keys.iter() {
        out.pass_for(Subject::Project(None), Key::Field(field));
    }
    for (position, (key, seen)) in (0_u32..).zip(&cx.inventory.drift) {
        out.fail(Subject::SchemaKey(position))
            .key(Key::Kind(key.kind))
            .observed(Value::Kind(key.kind), Evidence::Drift(position))
            .note(Note::Count(seen.count, "in all"))
            .expected(Value::Words("a documented key and type"));
    }
    deeper_than_disks(cx, out);
    foreign_providers(cx, out);
}

fn deeper_than_disks(cx: &Context<'_>, out: &mut Sink<'_>) {
    let mut found = cx.inventory.parts_of_parts().filter(|backup| !backup.in_cycle());
    if let Some(first) = found.next() {
        out.fail(Subject::Schema(SchemaBreak::Depth))
            .observed(Value::Words("children of children"), Evidence::Record(first.first_reading()))
            .note(Note::Count(1 + found.count() as u64, "in all"))
            .expected(Value::Words("server backups with disks in them, no deeper"));
    }
}

/// The provider that belongs to each resource type; disks inside a server backup carry that of the server.
const PROVIDERS: [(ResourceType, &str); 4] = [
    (ResourceType::Server, "0daac4c5-6707-4851-97ba-169e36266b66"),
    (ResourceType::Volume, "d1603440-187d-4516-af25-121250c7cc97"),
    (ResourceType::SfsTurbo, "3f3c3220-245c-4805-b811-758870015881"),
    (ResourceType::Desktop, "86a80900-71bf-4961-956a-d52df944f84a"),
];

fn foreign_providers(cx: &Context<'_>, out: &mut Sink<'_>) {
    let met = PROVIDERS.map(|(kind, id)| (kind, cx.inventory.symbol_of(id)));
    let foreign = |backup: &Backup<'_>| {
        if backup.role() != Role::Top || !cx.exists(*backup) {
            return false;
        }
        let provider = backup.label(FieldId::ProviderId);
        let Some(&(of, _)) = met.iter().find(|(_, id)| id.is_some() && *id == provider) else { return false };
        backup.resource_type().value().is_some_and(|kind| kind != of && met.iter().any(|(other, _)| *other == kind))
    };
    let mut found = cx.inventory.backups().map(|ix| cx.inventory.backup(ix)).filter(foreign);
    if let Some(first) = found.next() {
        let (observed, evidence) = cx.at(first, FieldId::ProviderId);
        out.fail(Subject::Schema(SchemaBreak::Provider))
            .observed(observed, evidence)
            .note(Note::Count(1 + found.count() as u64, "in all"))
            .expected(Value::Words("the provider of the resource type"));
    }
}
