#!/bin/sh
# Answers one HTTP request and ends.
while read -r line && [ "${line%"$(printf '\r')"}" != "" ]; do :; done
body="<!doctype html><title>superd</title><h1>It is $(date +%T)</h1><p>Process $$ was started to tell you so, $REMOTE_HOST.</p>"
printf 'HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s\n' "$((${#body} + 1))" "$body"
