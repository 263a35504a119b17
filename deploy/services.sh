#!/bin/sh
# What the tests need from the system: Chromium and a Chinese font for the browser, PostgreSQL for the
# store's second engine, bubblewrap for one layer of the decoders' cell. Debian and Ubuntu; safe to
# run again.
set -eu

wanted=""
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || wanted="$wanted chromium"
fc-list :lang=zh 2>/dev/null | grep -q . || wanted="$wanted fonts-noto-cjk"
command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || wanted="$wanted postgresql"
command -v bwrap >/dev/null 2>&1 || wanted="$wanted bubblewrap"
if [ -z "$wanted" ]; then
    echo "services: Chromium, a Chinese font, PostgreSQL and bubblewrap are here"
    exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
    echo "services: no apt-get here; install by hand:$wanted (tests that need them are skipped without)"
    exit 0
fi
as_root=""
if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null 2>&1; then
        as_root="sudo"
    else
        echo "services: neither root nor sudo; ask for:$wanted (tests that need them are skipped without)"
        exit 0
    fi
fi
echo "services: installing$wanted"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# shellcheck disable=SC2086 # a list of packages
$as_root apt-get install -y -qq --no-install-recommends $wanted fontconfig >/dev/null
