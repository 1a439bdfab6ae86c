#!/usr/bin/env bash
# Requests per second of the example `hello_wasi` on fastedge-mock and on `wasmtime serve`, the same
# component, and of the reactor app `hello` beside them: 8 connections, the server on one core and
# the load on another, the median of five alternating runs.
#
# Needs wrk, taskset, and the published wasmtime-cli:
#   cargo install wasmtime-cli@48.0.8 --locked
#
# Usage: benches/throughput.sh [seconds for each run]
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-5}
wasmtime=${WASMTIME:-wasmtime}
port=8099

cargo build --quiet --release --package fastedge-mock
mock=target/release/fastedge-mock
for app in hello hello_wasi; do
    cargo build --quiet --release --target wasm32-wasip2 --target-dir target/fastedge --package "$app"
done
apps=target/fastedge/wasm32-wasip2/release
config=$(mktemp --suffix .toml)
server=
trap 'rm -f "$config"; [ -z "$server" ] || kill "$server" 2>/dev/null || true' EXIT

# Starts the server given, loads it, and prints requests per second.
measure() {
    taskset --cpu-list 0 "$@" >/dev/null 2>&1 &
    server=$!
    until (exec 3<>/dev/tcp/127.0.0.1/$port) 2>/dev/null; do
        kill -0 $server 2>/dev/null || { echo "$1 did not start" >&2; exit 1; }
        sleep 0.1
    done
    taskset --cpu-list 1 wrk --threads 1 --connections 8 --duration 1s "http://127.0.0.1:$port/" >/dev/null
    taskset --cpu-list 1 wrk --threads 1 --connections 8 --duration "${seconds}s" "http://127.0.0.1:$port/" |
        awk '/Requests\/sec/ { rate = $2 } /Non-2xx|Socket errors/ { bad = $0 }
             END { if (bad) { print bad > "/dev/stderr"; exit 1 } print rate }'
    kill $server
    wait $server 2>/dev/null || true
    server=
}

median() { sort -n | sed -n 3p; }

for run in 1 2 3 4 5; do
    measure "$mock" serve "$apps/hello_wasi.wasm" --config "$config" --port $port
    measure "$wasmtime" serve -S cli "$apps/hello_wasi.wasm" --addr 127.0.0.1:$port
    measure "$mock" serve "$apps/hello.wasm" --config "$config" --port $port
done | paste - - - | tee /dev/stderr | {
    runs=$(cat)
    ours=$(cut -f1 <<<"$runs" | median)
    theirs=$(cut -f2 <<<"$runs" | median)
    reactor=$(cut -f3 <<<"$runs" | median)
    awk -v o="$ours" -v t="$theirs" -v r="$reactor" 'BEGIN {
        printf "%-30s %10s %7s\n", "median of five runs", "requests/s", "ratio"
        printf "%-30s %10.0f %7.2f\n", "hello_wasi, wasmtime serve", t, 1
        printf "%-30s %10.0f %7.2f\n", "hello_wasi, fastedge-mock", o, o / t
        printf "%-30s %10.0f %7.2f\n", "hello (reactor), fastedge-mock", r, r / t
    }'
}
