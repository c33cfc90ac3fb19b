#!/usr/bin/env bash
# Generates proto/gen from proto/ascend with Debian's protoc. `--check` fails when the committed output is out of date.
set -euo pipefail
cd "$(dirname "$0")/.."
out=proto/gen
if [ "${1:-}" = --check ]; then
  out=$(mktemp -d)
  trap 'rm -rf "$out"' EXIT
fi
mkdir -p "$out"
# importSuffix and enumsAsLiterals: Node strips types but neither resolves extensions nor compiles enums.
PATH="$PWD/node_modules/.bin:$PATH" protoc -I proto \
  --plugin=node_modules/.bin/protoc-gen-ts_proto \
  --ts_proto_out="$out" \
  --ts_proto_opt=outputServices=grpc-js,importSuffix=.ts,esModuleInterop=true,env=node,enumsAsLiterals=true,removeEnumPrefix=true,oneof=unions-value,forceLong=bigint,useExactTypes=false,useOptionals=messages,unrecognizedEnum=false,outputJsonMethods=false,outputPartialMethods=false \
  --descriptor_set_out="$out/ascend.binpb" \
  proto/ascend/v1/*.proto
if [ "${1:-}" = --check ]; then
  diff -r proto/gen "$out" || { echo 'proto/gen is out of date: run `npm run generate`' >&2; exit 1; }
fi
