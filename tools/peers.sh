#!/usr/bin/env bash
# The programs of others that tests talk to: `make test` calls this, and it installs what is missing where it may (Debian,
# root, a network). Elsewhere the tests that need them are skipped by name, and with CI set that is a failure.
#
# On somebody's own machine only the softphone and its registrar; the servers among the others would begin to listen.
set -euo pipefail

peers=(linphone-cli kamailio)
if [ -n "${CI:-}" ]; then
    peers+=(
        haproxy nginx-light slowhttptest openssl dnsmasq-base isc-dhcp-server kea-dhcp4-server tftp-hpa nftables fail2ban
        crowdsec rsyslog rsyslog-openssl prometheus
    )
fi
if command -v apt-get >/dev/null && [ "$(id -u)" -eq 0 ] && ! dpkg --status "${peers[@]}" >/dev/null 2>&1; then
    echo "== installing ${peers[*]}"
    export DEBIAN_FRONTEND=noninteractive
    # Its package registers at a central service unless this file has something in it.
    [ -z "${CI:-}" ] || { mkdir -p /etc/crowdsec && echo "# no central API" >/etc/crowdsec/online_api_credentials.yaml; }
    { apt-get -qq update && apt-get -qq install --yes --no-install-recommends "${peers[@]}" >/dev/null; } \
        || echo "could not install ${peers[*]}: the tests decide whether that matters"
fi
