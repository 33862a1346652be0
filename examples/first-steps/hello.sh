#!/bin/sh
# Greets whoever calls. superd has put the connection on standard input and output.
echo "Hello $REMOTE_HOST, I am process $$, started for you alone. Say something:"
read -r line
echo "You said: $line"
