#!/usr/bin/env bash
# An agent from the shell with wscat: it answers every message with the time on this machine.
# Run it with ORCHESTRATOR_URL and ORCHESTRATOR_TOKEN set; WSCAT names another wscat than the one on the PATH.
set -euo pipefail
register='{"jsonrpc":"2.0","id":"register","method":"agent.register","params":{"agentId":"shell","card":{
  "name":"Shell","version":"1.0.0","skills":[{"id":"time","description":"What time it is."}]}}}'

# wscat prints what comes, and sends each line that it reads.
coproc WSCAT { exec "${WSCAT:-wscat}" --no-color --header "Authorization: Bearer $ORCHESTRATOR_TOKEN" \
  --connect "${ORCHESTRATOR_URL:-ws://127.0.0.1:7420/rpc}"; }
wscat=$WSCAT_PID
trap 'kill "$wscat" 2>/dev/null || true' EXIT

# What wscat reads before it is connected is lost: say it until there is an answer. Registering twice is harmless.
until echo "${register//$'\n'/}" >&"${WSCAT[1]}" && IFS= read -r -t 1 line <&"${WSCAT[0]}"; do
  kill -0 "$wscat"
done
case $line in
  *'"error"'*) echo "$line" >&2; exit 1 ;;
  *) echo 'shell is ready' ;;
esac

while IFS= read -r line <&"${WSCAT[0]}"; do
  if [[ $line == *'"message.deliver"'* && $line =~ \"id\":([0-9]+) ]]; then
    echo "{\"jsonrpc\":\"2.0\",\"id\":${BASH_REMATCH[1]},\"result\":{\"time\":\"$(date -u +%FT%TZ)\"}}" >&"${WSCAT[1]}"
  fi
done
