#!/bin/sh
# Saves the backups of one project for cbr-audit: every page of the list answer, the show answer of every server
# backup, the lists of vaults, policies, tasks and protectable resources, and the time of the export. It only reads.
# Needs curl 7.76 or newer, and jq.
#
#   CBR_ENDPOINT=https://cbr.REGION.DOMAIN PROJECT_ID=… TOKEN=… sh export.sh DIRECTORY
#
# TOKEN is an IAM token for the project. REGION is taken from the endpoint unless it is set. Where a cloud does not
# know show_replication, set SHOW_REPLICATION=false; where the token may not read what is around the backups, set
# AROUND=false. DIRECTORY must not exist: it appears when the dump is whole.
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

# pages PATH KEY NAME LIMIT QUERY: saves every page of a list as NAME-OFFSET.json; false if there is no such list (404).
pages() {
    offset=0
    total=
    while :; do
        page=$partial/$3-$(printf %06d "$offset").json
        query="limit=$4$5"
        [ "$offset" = 0 ] || query="$query&offset=$offset"
        answer "$1?$query" "$page" || { rm -f "$page"; return 1; }
        length=$(jq -er --arg key "$2" '.[$key] | arrays | length' "$page") || fail "the list of $3 holds no $2 array"
        count=$(jq -r '.count // empty' "$page")
        [ "$2" != backups ] || [ -n "$count" ] || fail "the list states no count"
        [ "$2" != backups ] || [ "$count" = "${total:=$count}" ] ||
            fail "the list changed from $total to $count backups while it was read"
        offset=$((offset + length))
        [ "$offset" -lt "${count:-$((offset + length))}" ] || break
        if [ "$length" -eq 0 ]; then
            [ "$2" != backups ] || fail "the list ends after $offset of $count backups"
            break
        fi
    done
}

sorted="&sort=created_at:asc,id:asc"
pages backups backups backups 1000 "&show_replication=$shown$sorted" || fail "the list was answered with 404"
saved=$offset

if [ "${AROUND:-true}" = true ]; then
    for list in vaults:vaults:vaults:100 policies:policies:policies:100 operation-logs:operation_logs:tasks:100 \
        protectables/server/instances:instances:servers:50 protectables/disk/instances:instances:disks:50; do
        IFS=: read -r path key name limit <<EOF
$list
EOF
        pages "$path" "$key" "$name" "$limit" "" || echo "export: this cloud has no list of $name" >&2
    done
fi

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
echo "export: $saved backups saved in $target" >&2
