#!/bin/sh
# Saves the backups of one project for cbr-audit: every page of the list answer, the show answer of every server
# backup, and the time of the export. It only reads. Needs curl 7.76 or newer, and jq.
#
#   CBR_ENDPOINT=https://cbr.REGION.DOMAIN PROJECT_ID=… TOKEN=… sh export.sh DIRECTORY
#
# TOKEN is an IAM token for the project. REGION is taken from the endpoint unless it is set. Where a cloud does not
# know show_replication, set SHOW_REPLICATION=false. DIRECTORY must not exist: it appears when the dump is whole.
set -eu
umask 077
: "${CBR_ENDPOINT:?}" "${PROJECT_ID:?}" "${TOKEN:?}"
target=${1:?give the directory to write to}
target=${target%/}
region=${REGION:-$(printf '%s\n' "$CBR_ENDPOINT" | sed -n 's|^https*://cbr\.\([^./:]*\)\..*|\1|p')}
shown=${SHOW_REPLICATION:-true}
partial=$target.partial

fail() {
    echo "export: $1; nothing was saved" >&2
    exit 1
}

# answer PATH FILE: saves an answer; false if there is none (404); every other error ends the export.
answer() {
    if code=$(printf 'header = "X-Auth-Token: %s"\n' "$TOKEN" |
        curl --config - --silent --show-error --fail-with-body --retry 5 --max-time 300 \
            --write-out '%{http_code}' --output "$2" "$CBR_ENDPOINT/v3/$PROJECT_ID/$1"); then
        jq -e 'type == "object"' "$2" >/dev/null || fail "the answer to $1 is no JSON object"
        return 0
    fi
    [ "$code" = 404 ] && return 1
    [ ! -s "$2" ] || cat "$2" >&2
    fail "$1 was answered with $code"
}

[ ! -e "$target" ] || fail "$target exists already"
mkdir -p "$(dirname "$target")"
mkdir "$partial" || fail "$partial is in the way: another export is running, or one was killed"
trap 'rm -rf "$partial"' EXIT
trap 'exit 130' HUP INT TERM
mkdir "$partial/show"

offset=0
total=
while :; do
    page=$partial/backups-$(printf %06d "$offset").json
    query="show_replication=$shown&sort=created_at:asc,id:asc&limit=1000&offset=$offset"
    answer "backups?$query" "$page" || fail "the list was answered with 404"
    count=$(jq -er '.count' "$page") || fail "the list states no count"
    length=$(jq -er '.backups | arrays | length' "$page") || fail "the list holds no backups array"
    [ "$count" = "${total:=$count}" ] || fail "the list changed from $total to $count backups while it was read"
    offset=$((offset + length))
    [ "$offset" -lt "$count" ] || break
    [ "$length" -gt 0 ] || fail "the list ends after $offset of $count backups"
done

servers='.backups[] | select(.resource_type == "OS::Nova::Server" or .resource_type == "OS::Ironic::BareMetalServer").id'
for page in "$partial"/backups-*.json; do
    jq -r "$servers" "$page" >"$partial/ids" || fail "the list cannot be read"
    while read -r id; do
        case $id in *[!A-Za-z0-9_-]*) fail "a backup has the unusable id $id" ;; esac
        answer "backups/$id" "$partial/show/$id.json" && continue
        rm -f "$partial/show/$id.json"
        echo "export: backup $id was deleted since it was listed" >&2
    done <"$partial/ids"
done
rm "$partial/ids"

jq -n --arg at "$(date -u +%Y-%m-%dT%H:%M:%SZ)" --arg region "$region" --argjson shown "$shown" \
    '{captured_at: $at, region: $region, show_replication: $shown}' >"$partial/capture.json"
mv "$partial" "$target"
echo "export: $offset backups saved in $target" >&2
