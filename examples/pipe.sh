#!/bin/sh
# Lines in, lines out: with nothing but curl. Each line of standard input becomes a message; then all are taken and shown.
set -eu
url="${MILLRACE_URL:-http://127.0.0.1:8080}/api/v1/queues/lines-by-curl"

while IFS= read -r line; do
  printf '%s' "$line" | curl -sS --fail-with-body -o /dev/null -H 'Content-Type: text/plain' --data-binary @- "$url/messages"
done

# Receive and delete in one step, until there is nothing left.
while id=$(curl -sS --fail-with-body "$url/messages?limit=1" | sed -n 's/.*"messages":\[{"id":"\([^"]*\)".*/\1/p') && [ -n "$id" ]; do
  curl -sS --fail-with-body "$url/messages/$id/body"
  echo
  curl -sS --fail-with-body -o /dev/null -X DELETE "$url/messages/$id"
done
