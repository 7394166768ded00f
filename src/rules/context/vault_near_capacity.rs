//! `vault-near-capacity`

use super::bound;
use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "vault-near-capacity",
    family: Family::Context,
    severity: Severity::High,
    title: "A vault is nearly full, or full",
    why: "A full vault takes no further backups: every resource in it stops being backed up at once.",
    remedy: "Enlarge the vault, let it grow by itself, or delete backups that nobody needs.",
    logic: "The used megabytes are compared with the size, which is in gigabytes of 1024 megabytes. At the limit or above it fails, and with high severity when full. One limit holds for all vaults, since an alarm that the vault itself sets high would excuse it; its own stands in the finding. A vault that grows by itself fails only when full all the same. A size of nought, and a missing size or use, are not judged.",
    params: &[VAULT_USAGE_PERCENT],
    controls: &["nist-800-53r5:CP-9", "c5-2020:OPS-07", "soc2:A1.2"],
    check: Check::EachNeighbour(Kind::Vault, check),
    cases: &[
        Case::new("a tenth is used", r#"{"vaults": [{}]}"#, &["pass v1"]),
        Case::new(
            "one megabyte below the limit, at the limit, full",
            r#"{"vaults": [
                {"billing": {"size": 10, "used": 8191}},
                {"billing": {"size": 10, "used": 8192}},
                {"billing": {"size": 10, "used": 10240}}
            ]}"#,
            &["pass v1", "fail v2 medium", "fail v3 high full"],
        ),
        Case::new(
            "it grows by itself, and is full all the same",
            r#"{"vaults": [
                {"auto_expand": true, "billing": {"size": 10, "used": 9000}},
                {"auto_expand": true, "billing": {"size": 10, "used": 20000}}
            ]}"#,
            &["pass v1", "fail v2 high full"],
        ),
        Case::new(
            "not said whether it grows by itself",
            r#"{"vaults": [{"auto_expand": "$absent", "billing": {"size": 10, "used": 9000}}]}"#,
            &["fail v1 medium"],
        ),
        Case::new("another limit", r#"{"vaults": [{"billing": {"size": 10, "used": 9000}}]}"#, &["pass v1"])
            .set(&["vault-usage-percent=90"]),
        Case::new(
            "no size, a size of nought, nothing on its use",
            r#"{"vaults": [
                {"billing": {"size": "$absent"}},
                {"billing": {"size": 0}},
                {"billing": {"used": null}},
                {"billing": {"used": -1}}
            ]}"#,
            &[
                "unknown v1 field-absent",
                "unknown v2 value-unrecognised",
                "unknown v3 field-null",
                "unknown v4 value-unrecognised",
            ],
        ),
    ],
};

const VAULT_USAGE_PERCENT: Param =
    Param::new("vault-usage-percent", ParamUnit::Count, 80.0, "From how many percent on a vault is nearly full.");

/// How many megabytes a gigabyte has.
const MEGABYTES: u64 = 1024;

fn check(cx: &Context<'_>, vault: Neighbour<'_>, out: &mut Sink<'_>) {
    match (amount(vault, Part::Size, 1), amount(vault, Part::Used, 0)) {
        (Ok(size), Ok(used)) => judge(cx, vault, (used, size.saturating_mul(MEGABYTES)), out),
        (Err((reason, part)), _) | (_, Err((reason, part))) => {
            bound::leave_open(out, vault, reason, vault.spot(part));
        }
    }
}

/// A number of a vault that is at least so large.
fn amount(vault: Neighbour<'_>, part: Part, least: u64) -> Result<u64, (Reason, Part)> {
    let number = vault.number(part).known().map_err(|reason| (reason, part))?;
    u64::try_from(number).ok().filter(|&number| number >= least).ok_or((Reason::ValueUnrecognised, part))
}

fn judge(cx: &Context<'_>, vault: Neighbour<'_>, (used, of): (u64, u64), out: &mut Sink<'_>) {
    let subject = Subject::Neighbour(vault.ix);
    let limit = cx.count(&VAULT_USAGE_PERCENT);
    let reaches = |percent: u64| u128::from(used) * 100 >= u128::from(of) * u128::from(percent);
    let is_full = used >= of;
    if !is_full && (!reaches(limit) || vault.flag(Part::AutoExpand).value() == Some(true)) {
        return out.pass(subject);
    }
    let evidence = Evidence::Neighbour(vault.spot(Part::Used));
    let finding = out.fail(subject).observed(Value::CountOf(used, of, "MB used"), evidence);
    finding.note(Note::Neighbour("its own alarm in percent:", vault.spot(Part::Threshold)));
    finding.expected(Value::Percent(limit));
    if is_full {
        finding.reason("full");
    } else {
        finding.severity(Severity::Medium);
    }
}
