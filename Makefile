# Everything one does with mspd from a checkout; `make` alone lists it.
#
# Tests and program share one build: release, with nothing compiled twice. MSPD_STATIC only changes
# how the program is linked (Swift's own libraries inside it, so that the file can be copied to a
# machine without Swift), which takes seconds.

SWIFTFLAGS := -c release
SOURCES    := Sources Tests Fuzz Package.swift

# What `make demo` imports; a folder of your own subtitles or films serves as well.
FILES ?=
# What `make bench` measures.
CORPUS  ?=
ROWS    ?=
QUERIES ?=
VECTORS ?=
OUT     ?= bench.json
# For `make bench-peers`: what other engines took for the same, and an earlier OUT to compare with.
PEERS ?=
IDS   ?=
# Which tests `make soak` runs for long.
SOAK ?= [Kk]ill|[Cc]rash|[Ss]oak|FaultSweep|PowerCutTests|Corruption|StoreModel

ifeq ($(MAKECMDGOALS),bench)
ifeq ($(or $(VECTORS),$(and $(or $(CORPUS),$(ROWS)),$(QUERIES))),)
$(error make bench needs VECTORS=folder, or QUERIES=queries.json with CORPUS=lines.tsv or ROWS=rows.ndjson)
endif
endif

ifeq ($(MAKECMDGOALS),bench-peers)
ifeq ($(and $(CORPUS),$(QUERIES)),)
$(error make bench-peers needs CORPUS=lines.tsv, QUERIES=queries.json, and PEERS="their.json ...")
endif
endif

BINARY = $(shell swift build $(SWIFTFLAGS) --show-bin-path)/mspd

.DEFAULT_GOAL := help
.PHONY: help deps build test lint format demo demo-visual bench bench-peers soak fuzz clean

help:  ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps:  ## install the C libraries and tools that are missing
	@scripts/deps.sh

build: deps  ## build the program and say where it is
	MSPD_STATIC=1 swift build $(SWIFTFLAGS) --product mspd
	@du -h "$(BINARY)" | awk '{ print "built " $$2 " (" $$1 ")" }'

test: lint  ## check the formatting and run all tests
	@scripts/deps.sh tests
	swift build $(SWIFTFLAGS) --build-tests
	swift test $(SWIFTFLAGS) --skip-build

lint:  ## check the formatting
	swift format lint --strict --recursive $(SOURCES)

format:  ## format the sources
	swift format --in-place --recursive $(SOURCES)

demo: build  ## start a server, import, search: FILES=folder for files of your own
	@scripts/demo.sh "$(BINARY)" $(if $(FILES),"$(FILES)")

demo-visual: build  ## fetch a film, import it, find shots by words and by example: SHEET=file
	@scripts/demo-visual.sh "$(BINARY)" $(if $(SHEET),"$(SHEET)")

bench: build  ## measure: QUERIES=queries.json with CORPUS=lines.tsv or ROWS=rows.ndjson, or VECTORS=folder; OUT=file
	$(if $(VECTORS),"$(BINARY)" bench vectors "$(VECTORS)" "$(OUT)")
	$(if $(CORPUS),"$(BINARY)" bench text "$(CORPUS)" "$(QUERIES)" "$(OUT)")
	$(if $(ROWS),"$(BINARY)" bench server "$(ROWS)" "$(QUERIES)" "$(OUT:.json=.server.json)")

bench-peers: build  ## the table beside others: CORPUS=lines.tsv QUERIES=queries.json PEERS="their.json ..."
	scripts/bench_peers.py "$(BINARY)" "$(CORPUS)" "$(QUERIES)" "$(OUT)" $(PEERS) $(if $(IDS),--ids "$(IDS)")

soak: deps  ## kill, cut the power and damage files for long, looking for lost data
	swift build $(SWIFTFLAGS) --build-tests
	MSPD_SOAK=1 swift test $(SWIFTFLAGS) --skip-build --filter '$(SOAK)'

fuzz: deps  ## feed every parser random bytes: FUZZ_SECONDS=60 for each
	@scripts/fuzz.sh

clean:  ## remove what was built
	swift package clean
	rm -rf .build-fuzz
