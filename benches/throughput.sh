#!/usr/bin/env bash
# Requests per second of the example `hello_wasi` on fastedge-mock and on `wasmtime serve`, the same
# component, and of the reactor app `hello` beside them; then of an app that makes no call of the
# host, and of the same with one `get`. 8 connections, the server on one core and the load on another,
# the median of five alternating runs. At last the time from the start to the first answer, with the
# compiled component in the cache.
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
ports=(--port $port --admin-port 0)

cargo build --quiet --release --package fastedge-mock
mock=target/release/fastedge-mock
for app in hello hello_wasi sdk_calls; do
    cargo build --quiet --release --target wasm32-wasip2 --target-dir target/fastedge --package "$app"
done
apps=target/fastedge/wasm32-wasip2/release
config=$(mktemp --suffix .toml)
printf '[stores.bench.values]\nkey = "a value of some length"\n' >"$config"
server=
trap 'rm -f "$config"; [ -z "$server" ] || kill "$server" 2>/dev/null || true' EXIT

# Starts the server given, loads a path of it, and prints requests per second.
measure() {
    local path=$1
    shift
    taskset --cpu-list 0 "$@" >/dev/null 2>&1 &
    server=$!
    until (exec 3<>/dev/tcp/127.0.0.1/$port) 2>/dev/null; do
        kill -0 $server 2>/dev/null || { echo "$1 did not start" >&2; exit 1; }
        sleep 0.1
    done
    taskset --cpu-list 1 wrk --threads 1 --connections 8 --duration 1s "http://127.0.0.1:$port$path" >/dev/null
    taskset --cpu-list 1 wrk --threads 1 --connections 8 --duration "${seconds}s" "http://127.0.0.1:$port$path" |
        awk '/Requests\/sec/ { rate = $2 } /Non-2xx|Socket errors/ { bad = $0 }
             END { if (bad) { print bad > "/dev/stderr"; exit 1 } print rate }'
    kill $server
    wait $server 2>/dev/null || true
    server=
}

median() { sort -n | sed -n 3p; }

for run in 1 2 3 4 5; do
    measure / "$mock" serve "$apps/hello_wasi.wasm" --config "$config" "${ports[@]}"
    measure / "$wasmtime" serve -S cli "$apps/hello_wasi.wasm" --addr 127.0.0.1:$port
    measure / "$mock" serve "$apps/hello.wasm" --config "$config" "${ports[@]}"
    measure /set/0 "$mock" serve "$apps/sdk_calls.wasm" --config "$config" "${ports[@]}"
    measure /get/1 "$mock" serve "$apps/sdk_calls.wasm" --config "$config" "${ports[@]}"
done | paste - - - - - | tee /dev/stderr | {
    runs=$(cat)
    ours=$(cut -f1 <<<"$runs" | median)
    theirs=$(cut -f2 <<<"$runs" | median)
    reactor=$(cut -f3 <<<"$runs" | median)
    none=$(cut -f4 <<<"$runs" | median)
    get=$(cut -f5 <<<"$runs" | median)
    awk -v o="$ours" -v t="$theirs" -v r="$reactor" -v n="$none" -v g="$get" 'BEGIN {
        printf "%-30s %10s %7s\n", "median of five runs", "requests/s", "ratio"
        printf "%-30s %10.0f %7.2f\n", "hello_wasi, wasmtime serve", t, 1
        printf "%-30s %10.0f %7.2f\n", "hello_wasi, fastedge-mock", o, o / t
        printf "%-30s %10.0f %7.2f\n", "hello (reactor), fastedge-mock", r, r / t
        printf "%-30s %10.0f %7.2f\n", "no call, fastedge-mock", n, 1
        printf "%-30s %10.0f %7.2f\n", "one get, fastedge-mock", g, g / n
    }'
}

for run in 1 2 3 4 5; do
    start=$(date +%s%N)
    "$mock" serve "$apps/hello.wasm" --config "$config" "${ports[@]}" >/dev/null 2>&1 &
    server=$!
    until curl --silent --output /dev/null http://127.0.0.1:$port/; do :; done
    echo $(((($(date +%s%N) - start)) / 1000000))
    kill $server
    wait $server 2>/dev/null || true
    server=
done | median | sed 's/$/ ms from the start to the first answer/'
