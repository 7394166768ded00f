-- The four counts with DuckDB, over the view answers. Set before: the variable as_of.
-- Disks are read one level deep, for a schema cannot recurse. All times are UTC with microseconds, so they compare as
-- texts, to the second. encrypted is JSON and not BOOLEAN, so that the text "false" is not taken for the value.
WITH tops AS (
    SELECT unnest(coalesce(backups, [backup])) AS top
    FROM answers
)
SELECT to_json({
    objects: (count(*) + coalesce(sum(len(top.children)), 0))::BIGINT,
    expired: count(*) FILTER (top.expired_at[:19] <= getvariable('as_of')),
    unencrypted: (
        count(*) FILTER (top.extend_info.encrypted = 'false')
        + coalesce(sum(len(list_filter(top.children, lambda disk: disk.extend_info.encrypted = 'false'))), 0)
    )::BIGINT,
    unreplicated: count(*) FILTER (
        NOT coalesce(list_contains(list_transform(top.replication_records, lambda copy: copy.status), 'success'), false)
    )
})
FROM tops
WHERE top IS NOT NULL;
