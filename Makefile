# The commands of this project. `make` alone lists them.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X github.com/noworse/noworse/internal/cli.version=$(VERSION)
FUZZTIME ?= 5s
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: help build demo test lint bench calibrate clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build bin/noworse
	go build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)' -o bin/noworse ./cmd/noworse

demo: build ## write the demo project to a new temporary directory and check it
	@scripts/demo '$(CURDIR)/bin/noworse'

test: export NOWORSE_PYTHON = $(CURDIR)/.venv/bin/python
test: export NOWORSE_SERVING = $(CURDIR)/.venv-serving/bin/python
test: .venv/installed .venv-serving/installed ## run every test, and each fuzz target for FUZZTIME (5s)
	NOWORSE_ONNXRUNTIME="$$(scripts/onnxruntime .venv)" go test ./...
	scripts/fuzz '$(FUZZTIME)'

.venv/installed: python/requirements-test.txt scripts/venv
	scripts/venv .venv python/requirements-test.txt
	touch $@

.venv-serving/installed: python/requirements-serving.txt scripts/venv
	scripts/venv .venv-serving python/requirements-serving.txt
	touch $@

lint: ## gofmt, vet, staticcheck, and go.mod as go mod tidy would write it
	@unformatted=$$(find . -name '*.go' -not -path './.*' -exec gofmt -l {} +); if [ -n "$$unformatted" ]; then printf 'gofmt would change:\n%s\n' "$$unformatted" >&2; exit 1; fi
	go vet ./...
	go run $(STATICCHECK) ./...
	go mod tidy -diff

bench: ## measure, as ratios against the scan and against scikit-learn
	go run ./internal/benchmark

calibrate: ## hold chances to simulated releases, and write docs/calibration.md (10 minutes)
	go run ./internal/calibrate -version '$(VERSION)'

clean: ## remove what these targets made
	rm -rf bin .venv .venv-serving .cache
