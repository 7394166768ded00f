# The four counts over all files that one process is given: jq -nc --arg as_of TIME -f four_counts.jq FILE…
# All times are UTC with microseconds, so they compare as texts, to the second.
def nested: ., (.children[]? | nested);

reduce (inputs | (.backups // [.backup // empty])[]) as $top ([0, 0, 0, 0];
    ($top | [nested | .extend_info.encrypted]) as $flags
    | [ .[0] + ($flags | length),
        .[1] + (if $top.expired_at != null and $top.expired_at[:19] <= $as_of then 1 else 0 end),
        .[2] + ($flags | map(select(. == false)) | length),
        .[3] + (if any($top.replication_records[]?; .status == "success") then 0 else 1 end) ])
