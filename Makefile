# The commands of a checkout. Each installs what it needs first.
SHELL := /bin/bash
.PHONY: demo demo-clean test test-full check bench setup

demo: setup
	@scripts/libvirt.sh
	@npm run --silent demo

demo-clean:
	@npm run --silent demo-clean

test: setup
	npm run --silent check
	npm test --silent

test-full: setup
	npm run --silent test:full

check: setup
	npm run --silent check

bench: setup
	npm run --silent bench

setup:
	@scripts/setup.sh
