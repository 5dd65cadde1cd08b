#!/bin/sh
# Made by bandari-validator edge media-cdn. Make it anew after keys rotate; do not edit it.
# Brings key set, origin and service into Media CDN, or up to date there: in this order, since the last names the other two.
#
# Usage: sh import.sh <project> <bucket>
set -eu

if [ $# -ne 2 ]; then
    echo "usage: sh import.sh <project> <bucket>" >&2
    exit 2
fi
# What could mean something to sed is in neither.
for name in "$1" "$2"; do
    case $name in
    '' | *[!A-Za-z0-9.:_-]*)
        echo "found \`$name\`, expected the id of a project or the name of a bucket without gs://" >&2
        exit 2
        ;;
    esac
done
cd "$(dirname "$0")"

gcloud edge-cache keysets import "{{ key_set }}" --project="$1" --quiet <keyset.yaml
sed "s/BUCKET_NAME/$2/" origin.yaml | gcloud edge-cache origins import "{{ key_set }}" --project="$1" --quiet
{%- if scheme == "https" %}
sed "s/PROJECT_ID/$1/" service.yaml | gcloud edge-cache services import "{{ key_set }}" --project="$1" --quiet
{%- else %}
gcloud edge-cache services import "{{ key_set }}" --project="$1" --quiet <service.yaml
{%- endif %}
