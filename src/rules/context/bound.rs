//! Which policies work on a vault, for the rules that ask for one.

use crate::rule::*;

/// The policies of one operation that name a vault.
#[derive(Debug, Default)]
pub(super) struct Bound<'i> {
    /// Those that are enabled.
    pub(super) enabled: Vec<Neighbour<'i>>,
    /// One that is disabled.
    pub(super) disabled: Option<Neighbour<'i>>,
    /// One that may belong here for all that is known: why that cannot be told, and the value that does not tell.
    pub(super) open: Option<(Reason, Spot)>,
}

impl<'i> Bound<'i> {
    pub(super) fn find(cx: &Context<'i>, vault: Neighbour<'i>, operation: PolicyOperation) -> Self {
        let mut bound = Self::default();
        for binding in cx.inventory.bindings(vault.id()) {
            let policy = cx.inventory.neighbour(binding.policy);
            match policy.word(Part::OperationType, PolicyOperation::from_word).known() {
                Ok(other) if other != operation => {}
                Ok(_) => match policy.flag(Part::Enabled).known() {
                    Ok(true) => bound.enabled.push(policy),
                    Ok(false) => bound.disabled = bound.disabled.or(Some(policy)),
                    Err(reason) => bound.leave_open(reason, policy.spot(Part::Enabled)),
                },
                Err(reason) => bound.leave_open(reason, policy.spot(Part::OperationType)),
            }
        }
        if bound.enabled.is_empty() && bound.open.is_none() {
            bound.open = cx.inventory.hiding_policies().iter().find_map(|hiding| hidden(cx, *hiding, vault, operation));
        }
        bound
    }

    fn leave_open(&mut self, reason: Reason, spot: Spot) {
        self.open.get_or_insert((reason, spot));
    }
}

/// Why a policy does not tell whether it works on a vault that no other value of it names, and where.
fn hidden(
    cx: &Context<'_>,
    hiding: Hiding,
    vault: Neighbour<'_>,
    operation: PolicyOperation,
) -> Option<(Reason, Spot)> {
    let policy = cx.inventory.neighbour(hiding.policy);
    let is_other = |other| other != operation;
    if policy.word(Part::OperationType, PolicyOperation::from_word).value().is_some_and(is_other) {
        return None;
    }
    if let Some(ordinal) = hiding.ordinal {
        let reason = policy.text_in(Part::AssociatedVaultId, ordinal).known().err()?;
        return Some((reason, policy.spot_in(Part::AssociatedVaultId, ordinal)));
    }
    match policy.elements(Part::AssociatedVaults).known() {
        Ok(_) => None,
        // Copies that differ leave those vaults open that one of them names.
        Err(Reason::RecordConflict)
            if !policy.any_copy_lists(Part::AssociatedVaults, Part::AssociatedVaultId, vault.id()) =>
        {
            None
        }
        Err(reason) => Some((reason, policy.spot(Part::AssociatedVaults))),
    }
}

/// Whether the dump holds any answer about policies; without one nobody asked for them.
pub(super) fn shows_policies(cx: &Context<'_>) -> bool {
    let lists_them = || !cx.inventory.neighbour_listings(Kind::Policy).is_empty();
    cx.inventory.neighbours_of(Kind::Policy).next().is_some() || lists_them()
}

/// Whether backups are made in a vault by policy: not in one for replicas, and not in one that on-premises servers fill.
pub(super) fn is_for_backups(vault: Neighbour<'_>) -> Result<bool, Reason> {
    Ok(vault.word(Part::ProtectType, ProtectType::from_word).known()? == ProtectType::Backup)
}

/// Leaves a vault not judged because of one of its values.
pub(super) fn leave_open(out: &mut Sink<'_>, vault: Neighbour<'_>, reason: Reason, spot: Spot) {
    out.unknown(Subject::Neighbour(vault.ix), reason).observed_spot(spot);
}

/// Judges whether an enabled policy of an operation works on a vault.
pub(super) fn judge(
    cx: &Context<'_>,
    vault: Neighbour<'_>,
    operation: PolicyOperation,
    wanted: &'static str,
    out: &mut Sink<'_>,
) {
    let subject = Subject::Neighbour(vault.ix);
    let bound = Bound::find(cx, vault, operation);
    if !bound.enabled.is_empty() {
        out.pass(subject);
    } else if let Some((reason, spot)) = bound.open {
        leave_open(out, vault, reason, spot);
    } else if let Some(policy) = bound.disabled {
        let spot = policy.spot(Part::Enabled);
        out.fail(subject)
            .reason("disabled")
            .observed_spot(spot)
            .note(Note::Neighbour("of the policy", policy.spot(Part::Name)))
            .expected(Value::Words(wanted));
    } else if cx.inventory.shows_policies_of(vault) {
        let (observed, evidence) = (Value::Words("no policy names the vault"), cx.inventory.evidence_of(subject));
        out.fail(subject).observed(observed, evidence).expected(Value::Words(wanted));
    } else {
        let observed = Value::Words("no policy names the vault, and the list of policies may not be whole");
        out.unknown(subject, Reason::InputIncomplete).observed(observed, cx.inventory.evidence_of(subject));
    }
}
