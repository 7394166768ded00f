-- Many small files: read_json spends most of its time on opening them, read_text takes a fraction of it.
-- Set before: the variable files (a glob).
CREATE TEMP VIEW answers AS
SELECT answer.backups, answer.backup
FROM (
    SELECT from_json(content, '{
        "backups": [{
            "expired_at": "VARCHAR",
            "extend_info": {"encrypted": "JSON"},
            "replication_records": [{"status": "VARCHAR"}],
            "children": [{"extend_info": {"encrypted": "JSON"}}]
        }],
        "backup": {
            "expired_at": "VARCHAR",
            "extend_info": {"encrypted": "JSON"},
            "replication_records": [{"status": "VARCHAR"}],
            "children": [{"extend_info": {"encrypted": "JSON"}}]
        }
    }') AS answer
    FROM read_text(getvariable('files'))
);
