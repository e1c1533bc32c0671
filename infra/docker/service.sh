#!/bin/sh
# A service's process in its container: sh service.sh COMMAND...
# Exit code 2 means that what it was started with is wrong: no restart mends that, and Docker's restart
# policies know no code. So the container then stays, unhealthy, with the reason as the last line of its log,
# until it is restarted or made anew. Every other code ends it, and Docker starts it again after a pause
# that grows. Compose makes anew by itself only what has changed in its own file, so the hint forces it.
"$@" &
pid=$!
asked=
trap 'asked=1; kill -TERM $pid 2>/dev/null' TERM INT
# A signal ends `wait`, not the process.
while :; do
  wait $pid
  code=$?
  kill -0 $pid 2>/dev/null || break
done
if [ $code -eq 2 ] && [ -z "$asked" ]; then
  trap 'exit 2' TERM INT
  echo "service.sh: exit code 2: correct what the line before says," \
    "then docker compose up --wait --force-recreate <service>" >&2
  while :; do sleep 3600 & wait $!; done
fi
exit $code
