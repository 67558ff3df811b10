# The two that matter: `make demo` and `make test`. `make help` lists all.

JOBS ?= 2
STRICT := -Xswiftc -warnings-as-errors

.PHONY: help deps build release test torture sanitize fuzz fuzz-short check format docs coverage demo benchmark clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

deps: ## install the system packages that are missing (Debian, as root or with sudo)
	@scripts/install-deps

build: deps ## debug build of everything, tests included, warnings are errors
	swift build --build-tests -j $(JOBS) $(STRICT)

release: deps ## optimised build of the command
	swift build -c release --product sdl -j $(JOBS)

test: deps ## all tests, on real servers that are started and stopped here
	@JOBS=$(JOBS) scripts/test

torture: deps ## everything fails at random for MINUTES=n on SOURCE=mysql, mariadb or mariadb118; SEED=n repeats a run
	@JOBS=$(JOBS) MINUTES=$(MINUTES) SEED=$(SEED) SOURCE=$(SOURCE) scripts/torture

sanitize: deps ## all tests under the thread sanitizer, then under the address sanitizer
	@JOBS=$(JOBS) SANITIZE=thread scripts/test
	@JOBS=$(JOBS) SANITIZE=address scripts/test

fuzz: deps ## MINUTES=n for each target of the decoders, or for TARGET=x alone (Docs/FUZZING.md)
	@JOBS=$(JOBS) scripts/fuzz $$(($(or $(MINUTES),5) * 60)) $(TARGET)

fuzz-short: deps ## the same for seconds, as CI does it
	@JOBS=$(JOBS) scripts/fuzz 12 $(TARGET)

check: deps ## formatting, warnings, documentation
	swift format lint --strict -r Package.swift Sources Tests Examples Benchmarks Fuzz/Package.swift Fuzz/Targets
	swift build --build-tests -j $(JOBS) $(STRICT)
	scripts/check-docs

format: ## rewrite the sources in the one format
	swift format -i -r Package.swift Sources Tests Examples Benchmarks Fuzz/Package.swift Fuzz/Targets

docs: ## the documentation of BinlogProtocol as a DocC archive; a warning is an error
	@JOBS=$(JOBS) scripts/docs

coverage: deps ## which lines of BinlogProtocol its tests run, folder by folder
	@JOBS=$(JOBS) scripts/coverage

demo: ## the whole thing in 20 seconds on real servers; KEEP=1 leaves it running
	@scripts/demo

benchmark: deps ## how fast a log of 100 MB is decoded, beside mysqlbinlog
	@scripts/install-deps --client
	@JOBS=$(JOBS) scripts/benchmark

clean: ## remove what was built here
	rm -rf .build Fuzz/.build
