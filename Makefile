# make test     everything, as CI runs it; as root it installs what it needs
# make run      a circle to try on this machine
# make cluster  the same on three nodes, with Redis and PostgreSQL
# With CI=true a part that would be left out is a failure.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:

STATICCHECK := go tool -modfile=tools/go.mod staticcheck
FUZZTIME ?= 10000000x
STEPS ?= 1000000
CIRCLES ?= 1000
HEARTH_FAULTS ?= -seeds 20 -for 60s
CLUSTER ?=

# What `make test` needs: a command to look for, and its package in Debian 13.
# An older Go fetches the one that go.mod asks for by itself.
NEEDS := go:golang-go chromium:chromium node:nodejs npm:npm gcc:build-essential fc-list:fontconfig \
         redis-server:redis-server postgres:postgresql
FONTS := fonts-noto-core fonts-dejavu-core

export GOTOOLCHAIN ?= auto

# node20 says whether there is a Node that the browser tests can use.
node20 = command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'

.PHONY: test run cluster needs fmt vet staticcheck unit types e2e race circles long bench fuzz mutants faults

test: needs fmt vet staticcheck race circles types e2e

run:
	go run ./cmd/hearth

# cluster takes options: make cluster CLUSTER='--port 9101 --proxy'
cluster:
	@./deployments/cluster.sh $(CLUSTER)

# needs installs what is missing when it may, and says how otherwise. Of Redis
# and PostgreSQL only the programs are wanted: policy-rc.d keeps their packages
# from starting services.
needs:
	@missing=()
	PATH="$$PATH$$(printf ':%s' /usr/lib/postgresql/*/bin)" # where Debian keeps postgres
	for n in $(NEEDS); do
	  command -v "$${n%%:*}" >/dev/null || missing+=("$${n##*:}")
	done
	if [ "$$(fc-list 2>/dev/null | wc -l)" = 0 ]; then missing+=($(FONTS)); fi
	if [ $${#missing[@]} -gt 0 ]; then
	  line="apt-get install -y --no-install-recommends $${missing[*]}"
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	    if [ ! -e /usr/sbin/policy-rc.d ]; then
	      trap 'rm -f /usr/sbin/policy-rc.d' EXIT
	      printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
	      chmod 755 /usr/sbin/policy-rc.d
	    fi
	    apt-get update -q && DEBIAN_FRONTEND=noninteractive $$line
	  else
	    echo "make: some parts need more than is here. To have it all: sudo $$line"
	  fi
	fi
	go mod download

fmt:
	@bad=$$(git ls-files -co --exclude-standard '*.go' | xargs gofmt -l)
	if [ -n "$$bad" ]; then echo "make: not as gofmt writes it:" $$bad; exit 1; fi

vet:
	go vet ./...

staticcheck:
	$(STATICCHECK) ./...

# unit is what there is without browsers.
unit:
	go test ./...

# race needs a C compiler; without one the tests still run.
race:
	@if command -v gcc >/dev/null; then
	  go test -race -timeout 30m ./...
	else
	  $(call without,gcc,the race detector)
	  go test ./...
	fi

# without,COMMAND,WHAT: says that WHAT is left out, which CI doesn't accept.
without = echo "make: without $(1), left out: $(2)"; [ "$${CI:-}" != true ] || exit 1

web/e2e/node_modules/.package-lock.json: web/e2e/package-lock.json
	@if $(node20); then npm ci --prefix web/e2e --no-fund --no-audit; fi

types: web/e2e/node_modules/.package-lock.json
	@if $(node20); then
	  npm run --prefix web/e2e types
	else
	  $(call without,npm and Node 20,the TypeScript check)
	fi

e2e: web/e2e/node_modules/.package-lock.json
	@if $(node20) && command -v chromium >/dev/null; then
	  bin=$$(mktemp -d); trap 'rm -rf "$$bin"' EXIT
	  go build -o "$$bin/hearth" ./cmd/hearth
	  cd web/e2e && HEARTH_BIN="$$bin/hearth" npx playwright test $(E2E)
	else
	  $(call without,Node 20 and chromium,the circle in browsers)
	fi

# circles holds a thousand circles of each format with simulated people, and
# prints what came of them. Fewer: make circles CIRCLES=100
circles:
	go test -count=1 -timeout 10m -run 'TestCircles$$' -v ./room/formats -circles $(CIRCLES) | grep -v '^=== \|^    --- PASS'

# long is what takes minutes: a million random steps, ten million reports, 200 kills.
long:
	go test -count=1 ./room -run TestWalk -steps $(STEPS)
	go test -count=1 ./web -run TestReportsByChance -reports 10000000
	HEARTH_KILLS=200 go test -count=1 ./cmd/hearth -run TestKill9 -v
	HEARTH_KILLS=200 go test -count=1 ./internal/sqlstore -run 'TestKillsKeep|TestKilledRestore' -v

# bench measures several nodes for 10 s each; longer: HEARTH_BENCH=60s.
bench:
	go test -run '^$$' -bench . -benchmem ./...

# fuzz runs every fuzz target for FUZZTIME: a number of inputs (x) or a time (s).
fuzz:
	@for pkg in $$(go list ./...); do
	  for f in $$(go test -list '^Fuzz' "$$pkg" | grep '^Fuzz' || true); do
	    echo "$$pkg $$f"
	    go test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) "$$pkg"
	  done
	done

# faults breaks whole clusters, seed by seed, and checks what people were told.
# Fewer: HEARTH_FAULTS='-seeds 1 -seed 7 -for 20s'
faults:
	go test -count=1 -timeout 2h -run 'TestFaults$$' -v ./internal/faults $(HEARTH_FAULTS)
	go test -count=1 -timeout 2h -run 'Failover|Nodes|Loss|Holder|Thousand|Rolling|Removed|Outages' -v ./internal/faults -long

# mutants plants bugs that circles elsewhere have had, and shows who notices.
mutants:
	go test -count=1 -tags mutants -timeout 30m -run TestMutants -v ./internal/house
