//! Answers in the forms in which tools save them: wrapped, as texts, in arrays. Whatever the form, they give
//! what the plain answer gives, evidence names the true place, and what is no answer is told.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod answers;
mod program;
mod saved;
mod table;

use answers::{backup, list};
use pretty_assertions::assert_eq;
use program::{Scratch, run};
use saved::{OK, assert_read, pointers, read};
use serde_json::{Value, json};
use table::COLUMNS;

fn vault() -> Value {
    json!({
        "id": "v1", "name": "vault-1", "billing": {"size": 100, "used": 95, "status": "available"},
        "resources": [], "tags": [],
    })
}

/// The answers of a dump, and what a wrapped one has to give.
fn answers() -> [Value; 6] {
    [
        list(&["b1", "b2"]),
        json!({"backup": backup("b1")}),
        backup("b1"),
        json!([backup("b1"), backup("b2")]),
        json!({"vaults": [vault()], "count": 1}),
        vault(),
    ]
}

#[test]
fn a_wrapped_answer_gives_what_the_plain_one_gives() {
    for answer in answers() {
        let (plain, plain_report) = read("a.json", answer.to_string());
        let text = answer.to_string();
        let forms = [
            ("/body", json!({"body": answer})),
            ("/data", json!({"data": answer})),
            ("/response", json!({"response": answer})),
            ("/body", json!({"statusCode": 200, "headers": {"a": ["b"]}, "body": answer})),
            ("/body", json!({"status": 200, "headers": {"a": "b"}, "body": answer, "url": "https://x/"})),
            ("/data", json!({"code": 0, "message": "ok", "data": answer})),
            ("/data", json!({"code": "200", "message": "Success", "data": answer, "request_id": "x"})),
            ("/data", json!({"error_code": null, "error_msg": "", "data": answer})),
            ("/data", json!({"error": null, "data": answer})),
            ("/response/body", json!({"request": {"url": "x"}, "response": {"status": 200, "body": answer}})),
            ("/0", json!([answer])),
            ("/0/body", json!([{"body": answer}])),
            ("/0/response/body", json!([{"response": {"body": answer}}])),
            ("/body#", json!({"statusCode": 200, "body": text})),
            ("/data/body#", json!({"data": {"body": format!("\n {text}")}})),
            ("#", json!(text)),
            ("/0#", json!([text])),
        ];
        // One object in an array is a list of one.
        let is_object = answer["id"].is_string() || answer["backup"].is_object();
        for (within, form) in forms.into_iter().filter(|(within, _)| !is_object || *within != "/0") {
            let (file, report) = read("a.json", form.to_string());
            assert_eq!(file, plain, "{form}");
            let rules = |report: &Value| report["rules"].clone();
            assert_eq!(rules(&report), rules(&plain_report), "{within}");
            assert_eq!(places(&report), places_within(&plain_report, within), "{form}");
        }
    }
}

/// The findings, and the pointers of their evidence in order.
fn places(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| format!("{} {}", finding["rule"], finding["evidence"]["pointer"].as_str().unwrap()))
        .collect()
}

fn places_within(report: &Value, within: &str) -> Vec<String> {
    places(report).into_iter().map(|place| place.replace(' ', &format!(" {within}"))).collect()
}

#[test]
fn arrays_of_answers_are_pages_and_elements() {
    let page = |ids: &[&str], offset: u64| {
        let mut page = list(ids);
        page["count"] = json!(4);
        page["offset"] = json!(offset);
        page
    };
    let pages = json!([page(&["b1", "b2"], 0), {"body": page(&["b3", "b4"], 2)}]);
    let (file, report) = read("a.json", pages.to_string());
    assert_eq!((file.state.as_str(), file.kind.as_str(), file.records), ("read", "2 answers in one document", 4));
    assert_eq!(pointers(&report, "pagination-incomplete"), Vec::<String>::new());
    let short = json!([page(&["b1", "b2"], 0), {"body": page(&["b3"], 2)}]);
    let (_, report) = read("a.json", short.to_string());
    assert_eq!(pointers(&report, "pagination-incomplete"), ["/0/count"]);
    // Show answers, as jq -s puts them into an array.
    let shows = json!([{"backup": backup("b1")}, backup("b2"), {"backup": backup("b3")}]);
    let mut failed = shows.clone();
    failed[2]["backup"]["status"] = json!("error");
    let (file, report) = read("a.json", failed.to_string());
    assert_eq!((file.state.as_str(), file.kind.as_str(), file.records), ("read", "array of backup objects", 3));
    assert_eq!(pointers(&report, "backup-error"), ["/2/backup/status"]);
    let text = failed.to_string().replacen("\"name\":\"autobk_1\"", "\"name\":\"\\ud800\"", 1);
    let (file, report) = read("a.json", text);
    assert_eq!((file.state.as_str(), file.records), ("partly-read", 2));
    assert!(file.reason.contains("1 backup object could not be read: /0/backup: "), "{}", file.reason);
    assert_eq!(pointers(&report, "backup-error"), ["/2/backup/status"]);
    // Different answers, backups by themselves, empty ones, arrays of backups.
    let mixed =
        json!([{"backup": backup("b1")}, backup("b2"), {"vaults": [vault()]}, {}, [], [backup("b3")], list(&[])]);
    assert_read(mixed.to_string(), "read", 3, "");
    let mixed = json!([{"backup": backup("b1")}, 5, {"x": 1}, {"error_code": "A.1", "error_msg": "no"}]);
    let (file, _) = read("a.json", mixed.to_string());
    assert_eq!((file.state.as_str(), file.records), ("partly-read", 1));
    for part in
        ["3 of 4 answers could not be used", "/3: a saved error", "/1: no object or array", "/2: no known answer"]
    {
        assert!(file.reason.contains(part), "{}", file.reason);
    }
    // A record that cannot be read costs itself.
    let text = json!([list(&["b1", "b2"]), list(&["b3"])]).to_string().replacen(
        "\"name\":\"autobk_1\"",
        "\"name\":\"\\ud800\"",
        1,
    );
    assert_read(text, "partly-read", 2, "/0/backups/0: ");
    let text =
        json!({"data": list(&["b1", "b2"])}).to_string().replacen("\"name\":\"autobk_1\"", "\"name\":\"\\ud800\"", 1);
    assert_read(text, "partly-read", 1, "/data/backups/0: ");
}

#[test]
fn an_answer_beside_another_is_read_too() {
    let mut both = list(&["b1"]);
    both["data"] = list(&["b2"]);
    let (file, _) = read("a.json", both.to_string());
    assert_eq!((file.state.as_str(), file.kind.as_str(), file.records), ("read", "2 answers in one document", 2));
    both["data"] = json!({"error_code": "A.1", "error_msg": "no"});
    assert_read(both.to_string(), "partly-read", 1, "1 of 2 answers could not be used: /data: a saved error");
    // Under other keys no answer is read, and none is passed over.
    let place = |key: &str| format!("/{key}: an answer where none is read");
    for (key, answer) in [
        ("more", list(&["b2"])),
        ("items", json!([backup("b2")])),
        ("a~/b", json!({"backup": backup("b2")})),
        ("vaults", json!([vault()])),
        ("vault", vault()),
        ("next", json!({"vaults": [vault()]})),
    ] {
        let mut list = list(&["b1"]);
        list[key] = answer;
        assert_read(list.to_string(), "partly-read", 1, &place(&key.replace("a~/b", "a~0~1b")));
    }
    let policy = json!({"id": "p", "operation_definition": {}, "trigger": {}});
    let two = json!({"vaults": [vault()], "policies": [policy], "count": 1});
    assert_read(two.to_string(), "partly-read", 0, &place("vaults"));
    // What is no answer is a key that nobody knows.
    let mut linked = list(&["b1"]);
    linked["links"] = json!([{"rel": "next", "href": "/x"}]);
    linked["empty"] = json!({"backups": []});
    assert_read(linked.to_string(), "read", 1, "");
    both["data"] = json!({"trace": [1, 2]});
    assert_read(both.to_string(), "read", 1, "");
    let two = json!({"body": list(&["b1"]), "data": {"backup": backup("b2")}});
    assert_read(two.to_string(), "read", 2, "");
}

/// Vaults, policies and tasks are lost like backups: also in a note, and in an answer that decides nothing.
#[test]
fn answers_around_the_backups_are_told_wherever_none_is_read() {
    let policy = json!({"id": "p", "operation_definition": {}, "trigger": {}});
    let vaults = || json!({"vaults": [vault()], "count": 1});
    let note = json!({"captured_at": "2026-11-01T06:00:00Z"});
    let merged = |mut one: Value, other: &Value| {
        one.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
        one
    };
    for (document, place) in [
        (merged(note.clone(), &vaults()), "/vaults"),
        (merged(note.clone(), &json!({"vault": vault()})), "/vault"),
        (merged(note.clone(), &json!({"answers": vaults()})), "/answers"),
        (merged(json!({"size": 1, "used_size": 1}), &vaults()), "/vaults"),
        (json!({"vaults.json": vaults(), "policies.json": {"policies": [policy]}}), "/policies.json"),
        (json!({"agents": [], "x": [policy]}), "/x"),
        (json!({"count": 1, "vaults": [vault()], "z": {"policy": policy}}), "/z"),
    ] {
        assert_read(document.to_string(), "partly-read", 0, &format!("{place}: an answer where none is read"));
    }
    // What merely has such a key, what is empty, and what belongs to an object by itself.
    for document in [
        merged(note.clone(), &json!({"vaults": ["v1"], "resources": {"servers": 3}, "policies": []})),
        merged(note, &json!({"counts": {"vaults": 3, "policies": 2}, "of": {"vault": "v1", "members": []}})),
        json!({"backup.kinds": {"policy": ["daily"]}, "vault.sizes": [1]}),
        json!({"id": "t", "operation_type": "backup", "status": "failed", "started_at": null, "extra_info": {"backup": {"backup_id": "b"}}}),
        json!({"id": "c", "status": "available", "created_at": null, "vault": {"id": "v", "resources": [{"id": "r"}]}, "extra_info": {}}),
        json!({"operation_logs": [{"id": "t", "extra_info": {"backup": {"backup_id": "b"}}}], "count": 1}),
    ] {
        assert_read(document.to_string(), "not-backup", 0, "");
    }
}

#[test]
fn an_error_around_an_answer_stays_an_error() {
    for error in [
        json!({"code": "CBR.0001", "message": "internal error"}),
        json!({"code": 500, "message": "internal error", "data": null}),
        json!({"code": 500, "message": "internal error", "data": {}}),
        json!({"statusCode": 403, "body": {"error_code": "A.1", "error_msg": "no"}}),
        json!({"statusCode": 403, "body": {}}),
        json!({"statusCode": 500, "body": "oops"}),
        json!({"statusCode": 200, "body": {"error_code": "A.1", "error_msg": "no"}}),
        json!({"statusCode": 200, "body": r#"{"error_code": "A.1", "error_msg": "no"}"#}),
        json!({"error_msg": "no", "data": {}}),
        json!({"statusCode": "500", "body": {}}),
        json!({"status": "error", "data": []}),
        json!({"success": false, "data": {}}),
    ] {
        assert_read(error.to_string(), "rejected", 0, "a saved error instead of an answer");
    }
    // What it holds is read, and the error told: never an empty list in silence.
    for (held, state, records) in [(list(&[]), "partly-read", 0), (list(&["b1"]), "partly-read", 1)] {
        let around = json!({"code": "CBR.0001", "message": "internal error", "data": held});
        assert_read(around.to_string(), state, records, "a saved error instead of an answer: CBR.0001 internal error");
        for (key, value, said) in [
            ("statusCode", json!(500), "HTTP status 500"),
            ("statusCode", json!("500"), "HTTP status 500"),
            ("code", json!(1), "a saved error instead of an answer: 1"),
            ("status", json!("FAILED"), "status FAILED"),
            ("success", json!(false), "success false"),
        ] {
            assert_read(json!({key: value, "body": held}).to_string(), state, records, said);
        }
    }
}

#[test]
fn a_saved_error_is_told_in_its_own_words() {
    for (error, said) in [
        (json!({"error_code": "BackupService.6200", "error_msg": "no backup"}), "BackupService.6200 no backup"),
        (json!({"error_msg": "no token", "error_code": "APIGW.0301", "request_id": "r"}), "APIGW.0301 no token"),
        (json!({"error": {"code": 401, "message": "no token", "title": "x"}}), "error: 401 no token"),
        (json!({"error": {"code": "IAM.0006", "message": "no"}}), "error: IAM.0006 no"),
        (json!({"error": {"error_code": "X.9", "error_msg": "no"}, "request_id": "r"}), "error: X.9 no"),
        (json!({"error": "invalid_token", "error_description": "expired"}), "error: invalid_token expired"),
        (json!({"itemNotFound": {"code": 404, "message": "no server"}}), "itemNotFound: 404 no server"),
        (json!({"conflictingRequest": {"message": "busy", "code": 409}}), "conflictingRequest: 409 busy"),
        (json!({"errorCode": "X.1", "errorMsg": "no"}), "X.1 no"),
        (json!({"errorCode": "X.1", "errorMessage": "no"}), "X.1 no"),
        (json!({"errcode": 7, "errmsg": "no"}), "7 no"),
        (json!({"Code": "AccessDenied", "Message": "no"}), "AccessDenied no"),
        (json!({"code": "CBR.0001", "message": "no"}), "CBR.0001 no"),
        (json!({"data": {"error": {"code": "IAM.0006", "message": "no"}}}), "error: IAM.0006 no"),
    ] {
        let reason = format!("a saved error instead of an answer: {said}");
        assert_read(error.to_string(), "rejected", 0, &reason);
        // A value that only a reader that passes over faults gets by.
        let mut odd = error;
        odd["x"] = json!("number");
        let odd = odd.to_string().replace("\"number\"", "1e999");
        if !said.starts_with("conflictingRequest") {
            assert_read(odd, "rejected", 0, &reason);
        }
    }
    let nested = json!([backup("b1"), [backup("b2")]]);
    assert_read(nested.to_string(), "partly-read", 1, "/1: a backup object was expected, an array found");
    for good in [
        json!({"errorCode": 0, "errorMsg": "", "data": list(&["b1"])}),
        json!({"error_code": null, "error_msg": null, "data": list(&["b1"])}),
        json!({"Code": "200", "Message": "OK", "data": list(&["b1"])}),
        json!({"error": null, "data": list(&["b1"])}),
        json!({"code": "0", "message": "ok", "data": list(&["b1"])}),
    ] {
        assert_read(good.to_string(), "read", 1, "");
    }
}

#[test]
fn what_is_no_answer_inside_is_told_with_the_remedy() {
    for unknown in [
        json!({"items": [backup("b1")]}),
        json!({"result": list(&["b1"])}),
        json!({"data": []}),
        json!({"data": {}, "total": 5}),
        json!({"data": "no"}),
        json!({"body": 5}),
        json!({"statusCode": 200, "body": null}),
        json!({"code": 0, "message": "ok", "data": ""}),
        json!({"page1": list(&["b1"]), "page2": list(&["b2"])}),
        json!({"items": [backup("b1")], "data": {}}),
    ] {
        assert_read(unknown.to_string(), "rejected", 0, "save the answer of the API by itself");
    }
    let place = "/data: no known answer: its keys are items";
    let items = json!({"data": {"items": [backup("b1")]}});
    assert_read(items.to_string(), "rejected", 0, "/data/items: an answer where none is read");
    assert_read(json!({"code": 0, "message": "", "data": {"items": []}}).to_string(), "rejected", 0, place);
    // Pages of something else than the list answer.
    let short = json!({"data": [backup("b1"), backup("b2")], "count": 7});
    assert_read(short.to_string(), "partly-read", 2, "2 of 7 backup objects, by the count beside them");
    assert_read(json!({"data": [backup("b1")], "total": 1}).to_string(), "read", 1, "");
    let short = json!({"data": {"backups": [backup("b1")]}, "count": 9});
    assert_read(short.to_string(), "partly-read", 1, "1 of 9 backup objects, by the count beside them");
    let total = |key: &str, total: u64| json!({"backups": [backup("b1")], key: total}).to_string();
    for key in ["total", "total_count"] {
        assert_read(total(key, 9), "partly-read", 1, "1 of 9 backup objects, by the count beside them");
        assert_read(total(key, 1), "read", 1, "");
    }
    // The count of the API is compared over all pages.
    assert_read(total("count", 9), "read", 1, "");
    assert_read(json!([1, "a", null]).to_string(), "rejected", 0, "an array without a single backup object or answer");
    assert_read(json!([{}, []]).to_string(), "rejected", 0, "an array without a single backup object or answer");
    assert_read(
        r#"{"statusCode": 200, "body": "{\"backups\": ["}"#,
        "rejected",
        0,
        "/body#: the JSON is cut off at line 1 column 13",
    );
    for (answer, kind) in [
        (json!({"statusCode": 204, "body": ""}), "empty answer"),
        (json!({"statusCode": 200, "body": {}}), "empty answer"),
        (json!({"code": 0, "message": "ok", "data": {}}), "empty answer"),
    ] {
        let (file, _) = read("a.json", answer.to_string());
        assert_eq!((file.state.as_str(), file.kind.as_str()), ("not-backup", kind), "{answer}");
    }
}

#[test]
fn four_levels_are_looked_through() {
    let wrapped = |levels: usize| {
        (0..levels).fold(list(&["b1"]), |inner, level| json!({["data", "body", "response"][level % 3]: inner}))
    };
    for levels in 0..=4 {
        assert_read(wrapped(levels).to_string(), "read", 1, "");
    }
    for levels in 5..8 {
        assert_read(wrapped(levels).to_string(), "rejected", 0, "no answer within 4 levels");
    }
    let arrays = |levels: usize| (0..levels).fold(list(&["b1"]), |inner, _| json!([inner]));
    assert_read(arrays(4).to_string(), "read", 1, "");
    assert_read(arrays(5).to_string(), "rejected", 0, "no answer within 4 levels");
}

#[test]
fn the_table_of_the_openstack_client_is_refused() {
    let row = |id: &str| {
        let mut row = backup(id);
        for column in COLUMNS {
            row.as_object_mut().unwrap().entry(column).or_insert(Value::Null);
        }
        row
    };
    let reason = "a table of the OpenStack client";
    assert_read(json!([row("b1"), row("b2")]).to_string(), "rejected", 0, reason);
    assert_read(serde_json::to_string_pretty(&json!([row("b1")])).unwrap(), "rejected", 0, reason);
    let mut shown = row("b1");
    assert_read(shown.to_string(), "rejected", 0, reason);
    shown["child_backup_1"] = json!("b2");
    assert_read(shown.to_string(), "rejected", 0, reason);
    assert_read(json!({"data": [row("b1")]}).to_string(), "rejected", 0, &format!("/data: {reason}"));
    assert_read(
        format!("{}\n{}\n", row("b1"), row("b2")),
        "rejected",
        0,
        &format!("2 of 2 documents could not be used: line 1: {reason}"),
    );
    // With what the table drops it is a backup.
    let mut whole = row("b1");
    whole["extend_info"] = json!({"encrypted": false});
    assert_read(json!([whole]).to_string(), "read", 1, "");
}

#[test]
fn the_population_names_the_same_places() {
    let scratch = Scratch::new();
    let form = json!([{"statusCode": 200, "body": list(&["b1"]).to_string()}, {"data": {"backup": backup("b2")}}]);
    let path = scratch.write("a.json", form.to_string());
    let population = run(["inventory".as_ref(), path.as_os_str()]).out;
    let rows: Vec<_> = population.lines().skip(1).map(|row| row.split(',').take(4).collect::<Vec<_>>()).collect();
    assert_eq!(rows, [["a.json", "", "/0/body#/backups/0", "b1"], ["a.json", "", "/1/data/backup", "b2"]]);
    let shows = scratch.write("c.json", json!([{"backup": backup("b1")}, backup("b2")]).to_string());
    let population = run(["inventory".as_ref(), shows.as_os_str()]).out;
    let rows: Vec<_> = population.lines().skip(1).map(|row| row.split(',').take(4).collect::<Vec<_>>()).collect();
    assert_eq!(rows, [["c.json", "", "/0/backup", "b1"], ["c.json", "", "/1", "b2"]]);
    let text = scratch.write("b.json", format!("{OK}{}{OK}{}", list(&["b1"]), list(&["b2"])));
    let population = run(["inventory".as_ref(), text.as_os_str()]).out;
    let rows: Vec<_> = population.lines().skip(1).map(|row| row.split(',').take(4).collect::<Vec<_>>()).collect();
    assert_eq!(rows, [["b.json", "0", "/backups/0", "b1"], ["b.json", "1", "/backups/0", "b2"]]);
}

#[test]
fn a_large_array_of_nothing_is_refused_soon() {
    let text = format!("[{}{{}}]", "{\"a\":[]},".repeat(1_000_000));
    let start = std::time::Instant::now();
    assert_read(text, "rejected", 0, "an array without a single backup object or answer");
    assert!(start.elapsed() < std::time::Duration::from_secs(60), "{:?}", start.elapsed());
}

/// Half of an answer, to which the gateway put an error, is read; but it is no whole one.
#[test]
fn an_error_beside_backups_is_told() {
    let reason = "a saved error beside the backups: APIGW.0308 too many requests";
    let error = json!({"error_code": "APIGW.0308", "error_msg": "too many requests"});
    let with = |mut answer: Value, error: &Value| {
        answer.as_object_mut().unwrap().extend(error.as_object().unwrap().clone());
        answer
    };
    let (list, show) = (list(&["b1", "b2"]), json!({"backup": backup("b1")}));
    for (answer, records) in [(&list, 2), (&show, 1)] {
        assert_read(with(answer.clone(), &error).to_string(), "partly-read", records, reason);
        assert_read(json!({"body": with(answer.clone(), &error)}).to_string(), "partly-read", records, reason);
        assert_read(json!([with(answer.clone(), &error)]).to_string(), "partly-read", records, reason);
        let lines = format!("{answer}\n{}\n", with(answer.clone(), &error));
        let told = format!("1 of 3 answers in 2 documents could not be used: line 2: {reason}");
        assert_read(lines, "partly-read", 2 * records, &told);
        for none in [
            json!({"error_code": null, "error_msg": ""}),
            json!({"code": 200, "message": "ok"}),
            json!({"status": 200, "error": null}),
        ] {
            assert_read(with(answer.clone(), &none).to_string(), "read", records, "");
        }
    }
    let other = with(list, &json!({"error": {"code": 500, "message": "timed out"}}));
    assert_read(other.to_string(), "partly-read", 2, "a saved error beside the backups: error");
}
