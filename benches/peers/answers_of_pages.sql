-- Large files: read_json with an explicit schema, which saves the pass that guesses one.
-- Set before: the variables files (a glob) and largest (bytes of the largest file).
CREATE TEMP VIEW answers AS
SELECT backups, backup
FROM read_json(
    getvariable('files'),
    format = 'unstructured',
    maximum_object_size = getvariable('largest'),
    columns = {
        backups: 'STRUCT(
            expired_at VARCHAR,
            extend_info STRUCT(encrypted JSON),
            replication_records STRUCT(status VARCHAR)[],
            children STRUCT(extend_info STRUCT(encrypted JSON))[]
        )[]',
        backup: 'STRUCT(
            expired_at VARCHAR,
            extend_info STRUCT(encrypted JSON),
            replication_records STRUCT(status VARCHAR)[],
            children STRUCT(extend_info STRUCT(encrypted JSON))[]
        )'
    }
);
