# make run · make test · make bench · make bundle: nothing else to learn.
SHELL := /bin/bash
export PATH := $(CURDIR)/.tools/node/node_modules/.bin:$(HOME)/.cargo/bin:$(PATH)
UI_SOURCES := $(shell find ui/src ui/public ui/index.html ui/vite.config.ts ui/package-lock.json -type f 2>/dev/null)
TARGET := $(or $(CARGO_TARGET_DIR),target)
# The first build takes minutes, and says so; cargo shows how far it is.
FIRST := test -d $(TARGET)/debug/build || echo "Building Tapedeck: about ten minutes on two cores, this once.";
HAS_DISPLAY := $(DISPLAY)$(WAYLAND_DISPLAY)

.PHONY: run test bench bundle ui

ifneq ($(HAS_DISPLAY),)
run:
	@scripts/setup run
	@$(MAKE) --no-print-directory --silent ui/dist/index.html
	@$(FIRST) cargo build -p tapedeck-desktop --features custom-protocol
	@exec $(TARGET)/debug/tapedeck-desktop $(ARGS)
else
run:
	@echo "There is no display here, so Tapedeck serves its screen to a browser on this machine instead."
	@scripts/setup serve
	@$(MAKE) --no-print-directory --silent ui/dist/index.html
	@$(FIRST) cargo build -p tapedeck
	@exec $(TARGET)/debug/tapedeck serve $(ARGS)
endif

ui: ui/dist/index.html

ui/node_modules/.installed: ui/package-lock.json
	@npm --prefix ui ci --no-audit --no-fund --loglevel=error
	@touch $@

ui/dist/index.html: ui/node_modules/.installed $(UI_SOURCES)
	@npm --prefix ui run --silent build
	@touch $@

test:
	@scripts/setup test
	@scripts/test

bench:
	@scripts/setup serve
	@scripts/bench

bundle:
	@scripts/setup bundle
	@$(MAKE) --no-print-directory --silent ui/dist/index.html
	@scripts/bundle
