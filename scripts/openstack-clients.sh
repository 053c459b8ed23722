#!/usr/bin/env bash
# Installs the clients of OpenStack that the tests of the Cloud Queues API use, where that can be done: on Debian, as root. Elsewhere, or
# without a network, those tests are skipped.
set -uo pipefail

present() { "$1" -c 'import openstack, zaqarclient' 2>/dev/null; }
if present /usr/bin/python3 || present python3; then exit 0; fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo 'The clients of OpenStack are not installed: their tests will be skipped.'
  exit 0
fi

install() {
  DEBIAN_FRONTEND=noninteractive timeout 300 apt-get install -y -qq --no-install-recommends python3-zaqarclient python3-openstacksdk
}
install >/dev/null 2>&1 || { timeout 120 apt-get update -qq >/dev/null 2>&1; install >/dev/null 2>&1; } ||
  echo 'The clients of OpenStack could not be installed: their tests will be skipped.'
exit 0
