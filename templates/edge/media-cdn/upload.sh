#!/bin/sh
# Made by bandari-validator edge media-cdn. Make it anew after keys rotate; do not edit it.
# Copies licensed packages into the bucket, each as an object that says under which name it is to be kept: Media CDN cannot
# make that header from the path, and without it Joomla cannot unpack the download.
#
# Usage: sh upload.sh [--replace] <bucket> <folder>
# The folder is `output/protected` of the site. What the bucket has already is left alone, unless --replace is given.
set -eu

skip=--no-clobber
if [ "${1-}" = --replace ]; then
    skip=
    shift
fi
case ${1-} in
'' | -* | *[!a-z0-9._-]*) bucket= ;;
*) bucket=$1 ;;
esac
if [ $# -ne 2 ] || [ -z "$bucket" ]; then
    echo "usage: sh upload.sh [--replace] <bucket without gs://> <folder>" >&2
    exit 2
fi
cd -- "$2"

# No package's name begins with a dot, but that of a file that a build is just writing does.
odd=$(LC_ALL=C find . -type f ! -name '.*' \( -path '*[!A-Za-z0-9._~/-]*' -o -path './*/*/*' -o ! -path './*/*' \))
if [ -n "$odd" ]; then
    printf 'expected <product>/<file> of letters, digits and "." "_" "~" "-", found\n%s\n' "$odd" >&2
    exit 1
fi
# The list is made before the loop: behind a pipe nobody would notice that it is not whole.
files=$(find . -type f ! -name '.*')
if [ -z "$files" ]; then
    echo "found no file in \`$2\`, expected <product>/<file>" >&2
    exit 1
fi
printf '%s\n' "$files" | LC_ALL=C sort | while IFS= read -r file; do
    path=${file#./}
    # gcloud is given an input of its own: it would read the list.
    gcloud storage cp ${skip:+"$skip"} \
        --content-disposition="attachment; filename=\"${path##*/}\"" \
        --content-type=application/octet-stream \
        --cache-control='private, no-transform' \
        "$file" "gs://$bucket{{ path }}/$path" </dev/null
done
