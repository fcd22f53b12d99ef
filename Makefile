# `make help` lists the targets. Everything that is made lies in build/.

# Which interpreter `make unix` builds: gil, nogil or asan.
VARIANT ?= gil
# Where `make run` and `make python-test` run the scripts (python_tests/run.py --list). The make
# target of that name builds it.
TARGET ?= $(or $(BOARD),unix)
# Further arguments for pytest: make python-test PYTEST='-k retained -x'
PYTEST ?=
# How long `make fuzz` gives each of its targets.
FUZZ_SECONDS ?= 60
# The targets of the fuzzer (fuzz/fuzz_targets).
FUZZ_TARGETS ?= decode stream session saved tls_handshake tls_records tls_context
# The boards that QEMU emulates. The first one is taken where BOARD= does not name one.
BOARDS := MPS2_AN385 MPS2_AN386 MPS2_AN500
# Those where the native module is tried, on firmware without the module.
NATIVE_BOARDS := MPS2_AN385 MPS2_AN386 ARDUINO_NANO_RP2040_CONNECT
# The board of MicroPython's that is tested here, and whichever other one is asked for.
MPY_BOARDS := $(sort ARDUINO_NANO_RP2040_CONNECT $(filter-out unix% %-mpy $(BOARDS:%=%%),$(BOARD) $(TARGET)))

# The name of a firmware is its board and its flavour: without the module (bare), with the
# built-in TLS (tls), with the port's TLS (ssl), with the counters of the benchmark.
MPS2_FIRMWARES := $(BOARDS) $(foreach flavour,tls ssl bare bench bench-tls,$(BOARDS:%=%-$(flavour)))
MPY_FIRMWARES := $(MPY_BOARDS) $(MPY_BOARDS:%=%-bare)
# Both parts of the name of the firmware that a rule makes.
board = $(firstword $(subst -, ,$@))
flavour = $(patsubst -%,%,$(@:$(board)%=%))

MPY := $(abspath $(or $(MPY_DIR),build/src/micropython-1.25.0))
# A checkout of MicroPython may have its own lwIP.
LWIP := $(if $(wildcard $(MPY)/lib/lwip/src/core/init.c),,build/src/lwip-2.2.1)
FIRMWARE_BOARD := $(or $(BOARD),$(firstword $(BOARDS)))
# A variant that MicroPython has of a board: RISCV of RPI_PICO2_W.
BOARD_VARIANT ?=
# The folder of the firmware in build/.
FIRMWARE_NAME := $(FIRMWARE_BOARD)$(BOARD_VARIANT:%=-%)
CARGO := CARGO_TARGET_DIR=build/target cargo
# Run after sourcing the environment that the firmware build left behind.
FIRMWARE_ENV := build/unix/mqtt/cargo.env
CARGO_FUZZ := build/tools/bin/cargo-fuzz
# The features that the host's tests and lints include.
HOST_FEATURES := --features tls-ed25519,tls-rsa,tls-p384,v5
# As many tests at once as the machine bears (python_tests/conftest.py): PYTEST='-n 0' runs one after
# the other.
IN_PARALLEL := -n auto --maxschedchunk 1
pytest = build/venv/bin/python -m pytest python_tests $(IN_PARALLEL) $(1)

.NOTPARALLEL:
.PHONY: loom help deps sources unix unix-newest newest-test unix-nogil unix-asan unix-panic firmware riscv repl flash \
	board-upstream-test firmware-size size sizes dist docs venv brokers interoperability-table interoperability \
	interoperability-check emulator run test flaky fmt fmt-check clippy host-test no-panics conformance fuzz miri \
	python-test sanitize bench bench-smoke coverage-of-methods soak load tls-test nano-test cross-check board-test \
	smoke-test ports-test clean distclean _lwip _bench-host _bench-board _bench-tools _bench-umqtt _umqtt \
	_stock _riscv-bare _xtensa-bare mpy unix-bare unix-mpy $(NATIVE_BOARDS:%=%-mpy) MPS2_AN385-mpy-aio MPS2_AN385-mpy-lean mpy-test $(MPS2_FIRMWARES) $(MPY_FIRMWARES)

help: ## Print this list
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "  make %-23s %s\n", $$1, $$2 }'
	@echo "With MPY_DIR=/a/checkout, that MicroPython is built, and none fetched."

deps: ## Install the tools that are missing (apt-get, rustup)
	@port/sources/deps.sh

sources: deps ## Fetch MicroPython and mbedTLS
	@$(if $(MPY_DIR),port/sources/check.sh,port/sources/fetch.sh) $(if $(MPY_DIR),'$(MPY)',build/src micropython)

unix: sources ## Build MicroPython with the module for this machine (VARIANT=nogil: without a GIL)
	@port/unix/build.sh '$(MPY)' $(VARIANT)

unix-newest: deps ## The same with the newest MicroPython that Debian has
	@port/sources/fetch.sh build/src micropython-newest
	@port/unix/build.sh build/src/micropython-newest newest

newest-test: unix-newest venv ## Run a few of the MicroPython scripts on the newest MicroPython that Debian has
	@$(call pytest,--target unix-newest -m smoke)

unix-nogil: sources ## Build MicroPython without a GIL
	@port/unix/build.sh '$(MPY)' nogil

# The native module for stock firmware, for every kind of processor.
MPY_ARCHES := x64 armv6m armv7m armv7emsp rv32imc xtensawin
# Further files: one with the built-in TLS, where there is the memory for it; for each kind of board one with the steps of
# asyncio, and one without any option.
MPY_FURTHER := armv7emsp-tls xtensawin-tls $(foreach arch,$(filter-out x64,$(MPY_ARCHES)),$(arch)-aio $(arch)-lean)
mpy: sources ## Build the module as a .mpy file for stock firmware, for every kind of processor (ARCH=x64: for one)
	@$(foreach arch,$(or $(ARCH),$(MPY_ARCHES)),port/sources/deps.sh mpy-$(arch) && port/natmod/build.sh '$(MPY)' $(arch) &&) :
	@$(foreach file,$(if $(ARCH),,$(MPY_FURTHER)),port/natmod/build.sh '$(MPY)' $(subst -, ,$(file)) &&) :
	@$(if $(ARCH),,port/natmod/package.py build/mpy build/mpy/mip '$(MPY_URL)')

unix-bare: sources ## Build MicroPython without the module for this machine
	@port/unix/build.sh '$(MPY)' bare

# The targets of that name in python_tests/harness/targets.py.
unix-mpy: unix-bare ## Build the same, and the .mpy file for it
	@port/natmod/build.sh '$(MPY)' x64

# The same on boards.
MPS2_AN385-mpy: MPY_ARCH := armv7m
MPS2_AN386-mpy: MPY_ARCH := armv7emsp
ARDUINO_NANO_RP2040_CONNECT-mpy: MPY_ARCH := armv6m
$(NATIVE_BOARDS:%=%-mpy): %-mpy: %-bare
	@port/sources/deps.sh mpy-$(MPY_ARCH)
	@port/natmod/build.sh '$(MPY)' $(MPY_ARCH)

MPS2_AN385-mpy-aio: MPS2_AN385-mpy ## Build the same with the client for asyncio
	@port/natmod/build.sh '$(MPY)' armv7m aio

MPS2_AN385-mpy-lean: MPS2_AN385-mpy ## Build the same with the smallest module
	@port/natmod/build.sh '$(MPY)' armv7m lean

# All of them: make python-test TARGET=unix-mpy, and TARGET=MPS2_AN385-mpy. The tests of asyncio on the stock firmware
# of a board: make python-test TARGET=MPS2_AN385-mpy-aio PYTEST='-k test_aio'.
MPY_TESTS := features natmod
mpy-test: mpy unix-mpy $(NATIVE_BOARDS:%=%-mpy) MPS2_AN385-mpy-aio MPS2_AN385-mpy-lean emulator _riscv-bare _xtensa-bare venv _stock ## Run a part of the MicroPython scripts on stock firmware with the .mpy file
	@failed=; \
	build/venv/bin/python -m pytest $(MPY_TESTS:%=python_tests/%) $(IN_PARALLEL) --target unix-mpy $(PYTEST) || failed=1; \
	for board in $(NATIVE_BOARDS:%=%-mpy) MPS2_AN385-mpy-lean; do $(call pytest,--target $$board -m smoke $(PYTEST)) || failed=1; done; \
	build/venv/bin/python -m pytest python_tests/aio $(IN_PARALLEL) --target MPS2_AN385-mpy-aio $(PYTEST) || failed=1; \
	[ -z "$$failed" ]

_riscv-bare: sources
	@port/sources/deps.sh VIRT_RV32
	@port/qemu/build.sh '$(MPY)' VIRT_RV32 bare

_xtensa-bare: sources
	@port/sources/deps.sh mpy-xtensawin
	@port/xtensa/build.sh '$(MPY)'

# An interpreter with mip, which installs the file as on a board. Where Debian has none, that test is left out.
_stock: | sources
	@for suite in stock stock-newest; do \
		port/sources/fetch.sh build/src micropython-$$suite || echo "  NOTE     mip is not tried here"; \
	done

firmware: $(FIRMWARE_BOARD) ## Build a board's firmware: BOARD=ARDUINO_NANO_RP2040_CONNECT, MPS2_AN385 (QEMU), ...

$(MPS2_FIRMWARES): sources _lwip
	@port/sources/deps.sh $(board)
	@port/mps2/build.sh '$(MPY)' '$(LWIP)' $(board) $(flavour)

$(MPY_FIRMWARES): sources
	@port/board.sh '$(MPY)' build/src $(board) '$(BOARD_VARIANT)' $(flavour)

_lwip: | sources
	@[ -z '$(LWIP)' ] || port/sources/fetch.sh build/src lwip

riscv: sources ## Build MicroPython's own qemu port for RISC-V with the module
	@port/sources/deps.sh VIRT_RV32
	@port/sources/rust_std.sh "$$(port/rust_target.sh riscv64-unknown-elf- -march=rv32imac)"
	@port/qemu/build.sh '$(MPY)' VIRT_RV32

repl: $(FIRMWARE_BOARD) ## Talk to a board in QEMU: Ctrl-A X ends it (BOARD=)
	@echo "Ctrl-A X leaves QEMU. For the network: import network; network.LAN().active(True)"
	@qemu-system-arm -machine $$(echo $(FIRMWARE_BOARD) | tr A-Z_ a-z-) -kernel build/$(FIRMWARE_BOARD)/firmware.elf \
		-nographic -nic user -semihosting-config enable=on,target=native

flash: $(filter-out $(BOARDS),$(FIRMWARE_BOARD)) ## Put the firmware onto a board that is connected by USB (BOARD=, MOUNT=)
	@MOUNT='$(MOUNT)' port/rp2/flash.sh $(FIRMWARE_NAME)

board-upstream-test: $(FIRMWARE_BOARD) ## Run MicroPython's own tests on a board in QEMU (BOARD=)
	@port/mps2/upstream_tests.sh '$(MPY)' $(FIRMWARE_BOARD)

firmware-size: $(FIRMWARE_BOARD) $(FIRMWARE_BOARD)-bare ## How large is a board's firmware, with the module and without (BOARD=)
	@arm-none-eabi-size build/$(FIRMWARE_NAME)/firmware.elf build/$(FIRMWARE_NAME)-bare/firmware.elf
	@for file in build/$(FIRMWARE_NAME)/firmware.uf2 build/$(FIRMWARE_NAME)-bare/firmware.uf2; do \
		[ ! -f $$file ] || echo "$$(wc -c <$$file) bytes: $$file"; \
	done

# As in bench/size.py, but for this machine.
SIZE_TARGETS := thumbv6m-none-eabi thumbv7m-none-eabi thumbv7em-none-eabihf riscv32imc-unknown-none-elf
sizes: MPS2_AN385 unix ## How large the Rust side is on every kind of processor, by section and layer (writes docs/bench.md)
	@port/sources/deps.sh sizes
	@for target in $(SIZE_TARGETS); do port/sources/rust_std.sh $$target || exit; done
	@mkdir -p build/bench
	@python3 bench/size.py build/MPS2_AN385/mqtt/cargo.env $(FIRMWARE_ENV) --output docs
	@python3 bench/size_crates.py build/MPS2_AN385/mqtt/cargo.env --output docs

dist: unix mpy $(firstword $(BOARDS)) ARDUINO_NANO_RP2040_CONNECT docs build/dist-venv/.stamp ## Make a release of firmware, .mpy files and stubs, with a page, in build/dist
	@build/dist-venv/bin/python port/dist/collect.py '$(MPY)'

docs: build/docs-venv/.stamp ## Build the site of the documentation into build/docs
	@docs/site/stage.py build/docs-pages
	@NO_MKDOCS_2_WARNING=1 build/docs-venv/bin/mkdocs -q build --strict -f docs/site/mkdocs.yml
	@echo "  DOCS     build/docs/index.html"

build/docs-venv/.stamp: docs/site/requirements.txt
build/dist-venv/.stamp: port/dist/requirements.txt
build/docs-venv/.stamp build/dist-venv/.stamp: | deps
	@echo "  VENV     $(@D)"
	@python3 -m venv --clear $(@D)
	@$(@D)/bin/python -m pip install -q --disable-pip-version-check -r $<
	@touch $@

venv: build/venv/.stamp ## Install the Python packages of the tests
build/venv/.stamp: python_tests/requirements.txt python_tests/requirements-stubs.txt | deps
	@echo "  VENV     build/venv"
	@python3 -m venv --clear build/venv
	@build/venv/bin/python -m pip install -q --disable-pip-version-check -r $<
	@build/venv/bin/python -m pip install -q --disable-pip-version-check --target build/stubs --upgrade \
		-r python_tests/requirements-stubs.txt
	@touch $@

# The brokers of the interoperability run, other than Mosquitto.
brokers: build/brokers/.stamp ## Install the other brokers
build/brokers/.stamp: port/sources/deps.sh $(wildcard python_tests/brokers/requirements.txt python_tests/brokers/package*.json) | deps
	@port/sources/deps.sh brokers
	@echo "  BROKERS  build/brokers"
	@rm -rf build/brokers && mkdir -p build/brokers
	@python3 -m venv build/brokers/venv
	@build/brokers/venv/bin/python -m pip install -q --disable-pip-version-check -r python_tests/brokers/requirements.txt
	@cp python_tests/brokers/package*.json build/brokers
	@cd build/brokers && npm ci --silent --no-audit --no-fund
	@touch $@

interoperability-table: unix brokers ## Try other brokers, too, and write the tables of docs/interoperability.md
	@python3 python_tests/interoperability.py

interoperability-check: unix brokers ## Try other brokers, too, and compare the results with those tables
	@python3 python_tests/interoperability.py --check

# Where there is one for a target, and it is not part of a system package.
EMULATOR := $(if $(filter ARDUINO_NANO_RP2040_CONNECT%,$(TARGET)),emulator)

emulator: venv ## Install the emulator of the Arduino Nano RP2040 Connect
	@port/rp2/emulator/install.sh

run: $(TARGET) $(EMULATOR) ## Show the module at work, with a private Mosquitto
	@python3 python_tests/demo.py --target $(TARGET)

# Emulated boards keep their own time, so that the tests of a board run beside the checks of the source code. The tests
# of the unix port, some of which are about deadlines, run alone; so do those that compare the speed of programs.
FIRST_STAGES := venv unix fmt-check python-test bench-smoke
BOARD_STAGES := board-test tls-test nano-test smoke-test mpy-test newest-test interoperability-check
SOURCE_STAGES := lint docs clippy host-test loom conformance no-panics cross-check riscv ports-test
test: ## Check and test everything: a line for each stage, and at the end which of them failed
	+@.ci/stages.py '$(MAKE)' $(BOARD_STAGES) --first $(FIRST_STAGES) --beside $(SOURCE_STAGES)

RUNS ?= 10
LOAD ?= 0
flaky: $(TARGET) $(EMULATOR) venv ## Run the tests RUNS times (10) beside LOAD busy loops (0), and list what failed how often (TARGET=, PYTEST=)
	@build/venv/bin/python python_tests/flaky.py --runs $(RUNS) --load $(LOAD) -- \
		--target $(TARGET) $(IN_PARALLEL) $(PYTEST)

RUST_PACKAGES := . crates/chacha tests/loom tests/panics
fmt: deps ## Format the Rust code
	@for package in $(RUST_PACKAGES); do cargo fmt --manifest-path $$package/Cargo.toml || exit; done

fmt-check: deps ## Check the format of the Rust code
	@for package in $(RUST_PACKAGES); do cargo fmt --check --manifest-path $$package/Cargo.toml || exit; done

clippy: unix ## Lint the Rust code, for this machine and as built into the firmware
	@$(CARGO) clippy -q --all-targets $(HOST_FEATURES) -- -D warnings
	@$(CARGO) clippy -q --features tls -- -D warnings
	@$(CARGO) clippy -q -p mqtt-chacha --all-targets -- -D warnings
	@test -f $(FIRMWARE_ENV) || { echo "There is no $(FIRMWARE_ENV): port/micropython.mk did not run." >&2; exit 1; }
	@. ./$(FIRMWARE_ENV) && for features in "$$MQTT_FEATURES" "$$(printf '%s\n' $$MQTT_FEATURES | grep -x 'micropython\|tls.*' | tr '\n' ' ') terse"; do \
		cargo clippy -q --features "$$features" --target-dir build/unix/mqtt/target -- -D warnings || exit; \
	done

host-test: deps ## Run the Rust tests, and those of the codec without MQTT 5, too
	@$(CARGO) test $(HOST_FEATURES)
	@$(CARGO) test -p mqtt-chacha
	@$(CARGO) test --lib --test codec_stream -- --skip session:: --skip transport::

loom: deps ## Run the events and roles in every interleaving of their threads (LOOM_MAX_PREEMPTIONS=)
	@CARGO_TARGET_DIR=build/target/loom cargo test --locked --manifest-path tests/loom/Cargo.toml

no-panics: unix ## Check that the module without TLS and the codec of MQTT 5 can neither panic nor format text
	@python3 .ci/panics.py $(FIRMWARE_ENV) build/panics

conformance: ## Print which tests prove which statement of the standard
	@python3 .ci/conformance.py

fuzz: deps $(CARGO_FUZZ) ## Fuzz codec, session and TLS, for FUZZ_SECONDS (default 60) each; FUZZ_TARGETS="saved": these alone
	@for target in $(FUZZ_TARGETS); do \
		mkdir -p build/fuzz/$$target && \
		RUSTUP_TOOLCHAIN=nightly $(CARGO_FUZZ) fuzz run --fuzz-dir fuzz --target-dir $(abspath build/target/fuzz) $$target \
			build/fuzz/$$target fuzz/seeds/$$target -- -max_total_time=$(FUZZ_SECONDS) -max_len=600 \
		|| exit; \
	done

$(CARGO_FUZZ):
	@cargo install -q --locked cargo-fuzz --version 0.13.2 --root build/tools

# With the sizes of a microcontroller. The codec's own tests take hours there, and it is safe code
# over slices: the session's use it. The transport's use real sockets, which Miri has not.
miri: deps ## Run the Rust tests in Miri, but for the long ones
	@rustup component add --toolchain nightly miri rust-src
	@MQTT_IN_FLIGHT=12 MQTT_INCOMING_QOS2=32 MQTT_ACK_QUEUE=16 MQTT_UNSUBSCRIBES=4 \
		RUSTUP_TOOLCHAIN=nightly MIRIFLAGS=-Zmiri-disable-isolation cargo miri test --target-dir build/target/miri \
		--features v5 --lib --test fuzz_seeds -- --skip codec:: --skip transport::

# The tests of the native module on a PC also import the files for other processors.
python-test: $(TARGET) $(EMULATOR) venv _umqtt $(if $(filter unix-mpy,$(TARGET)),mpy unix _riscv-bare _xtensa-bare _stock) ## Run the MicroPython scripts on TARGET (default unix)
	@$(call pytest,--target $(TARGET) $(PYTEST))

unix-asan: sources ## Build MicroPython with AddressSanitizer
	@port/unix/build.sh '$(MPY)' asan

sanitize: unix-asan venv ## Run the MicroPython scripts with AddressSanitizer
	@$(call pytest,--target unix-asan $(PYTEST))

bench: $(if $(BOARD),_bench-board,_bench-host) ## Measure against umqtt.simple and libmosquitto (ROUNDS=5); BOARD=MPS2_AN385: instructions and heap there

_bench-host: _bench-tools
	@build/venv/bin/python bench/run.py --rounds $(or $(ROUNDS),5) --output docs
	@build/venv/bin/python bench/dropin.py --rounds $(or $(ROUNDS),5) --output docs
	@build/venv/bin/python bench/aio.py --rounds $(or $(ROUNDS),5) --output docs

_bench-board: _bench-tools $(FIRMWARE_BOARD)-bench $(FIRMWARE_BOARD)-bench-tls
	@build/venv/bin/python bench/board.py $(FIRMWARE_BOARD) --output docs

# The second one takes most of the first one's build.
$(BOARDS:%=%-bench): _bench-umqtt
$(BOARDS:%=%-bench-tls): %-bench-tls: %-bench

_bench-umqtt: _bench-tools _umqtt

# The tests of the drop-ins compare them with the originals, too.
_umqtt: build/bench/venv/.stamp
	@python3 bench/umqtt_source.py >/dev/null

bench-smoke: _bench-tools ## Try every measurement of the benchmark, a few rounds of each
	@build/venv/bin/python bench/run.py --rounds 1 --scale 0.02
	@build/venv/bin/python bench/dropin.py --rounds 1 --scale 0.02
	@build/venv/bin/python bench/aio.py --rounds 1 --scale 0.02

_bench-tools: unix venv build/bench/venv/.stamp build/bench/peer build/bench/libmosquitto

build/bench/venv/.stamp: bench/requirements.txt | deps
	@python3 -m venv --clear build/bench/venv
	@build/bench/venv/bin/python -m pip install -q --disable-pip-version-check -r $<
	@touch $@

build/bench/libmosquitto: BENCH_LIBS := -lmosquitto
build/bench/peer: BENCH_LIBS := -lssl -lcrypto
build/bench/%: bench/%.c | deps
	@port/sources/deps.sh bench
	@mkdir -p build/bench
	@$(CC) -O2 -Wall -Wextra -Werror -o $@ $< $(BENCH_LIBS) -lpthread

coverage-of-methods: ## Print which tests call which public function and method
	@python3 python_tests/coverage_of_methods.py

soak: $(TARGET) $(EMULATOR) ## Publish MESSAGES (a million) over a link that breaks again and again
	@python3 python_tests/soak.py --target $(TARGET) --messages $(or $(MESSAGES),1000000)

load: $(TARGET) $(EMULATOR) venv ## Floods, slow functions, timers and threads at once for SECONDS (60), then check what must hold (TLS=builtin, port)
	@build/venv/bin/python python_tests/load.py --target $(TARGET) --seconds $(or $(SECONDS),60) $(if $(TLS),--tls $(TLS))

# The tests of a connection's whole life, of traffic and of faults, over TLS with both kinds of
# context; on a board a part of them. Everything: make python-test PYTEST='--tls builtin', or port,
# and on a board with TARGET=MPS2_AN385-tls, or -ssl.
FAULTS := faults/test_faults_broker.py faults/test_faults_network.py
BOARD_TLS_TESTS := features/test_lifecycle.py features/test_features.py $(FAULTS)
TLS_TESTS := $(BOARD_TLS_TESTS) faults/test_faults_load.py conformance/test_fake_cuts.py features/test_traffic.py memory
tls_pytest = build/venv/bin/python -m pytest $(2:%=python_tests/%) $(IN_PARALLEL) --target $(1)
tls-test: unix unix-panic MPS2_AN385-tls MPS2_AN385-ssl venv ## Run the tests of connections over TLS, and of panics in TLS
	@failed=; \
	$(call tls_pytest,unix --tls builtin,$(TLS_TESTS)) || failed=1; \
	$(call tls_pytest,unix --tls port,$(TLS_TESTS)) || failed=1; \
	$(call pytest,--target unix-panic -m panic) || failed=1; \
	$(call pytest,--target MPS2_AN385-tls -m tls_board) || failed=1; \
	$(call tls_pytest,MPS2_AN385-tls --tls builtin,$(BOARD_TLS_TESTS)) || failed=1; \
	$(call tls_pytest,MPS2_AN385-ssl --tls port,$(BOARD_TLS_TESTS)) || failed=1; \
	[ -z "$$failed" ]

# After `unix`, of which most is taken.
unix-panic: unix ## Build MicroPython with a function that panics
	@port/unix/build.sh '$(MPY)' panic

nano-test: ARDUINO_NANO_RP2040_CONNECT emulator venv ## Run the tests of the emulated Arduino Nano RP2040 Connect
	@$(call pytest,--target ARDUINO_NANO_RP2040_CONNECT -m smoke $(PYTEST))

# Processors of boards that nothing here emulates, without the part that needs a port's headers.
CROSS_TARGETS := thumbv8m.main-none-eabi riscv32imac-unknown-none-elf
cross-check: deps ## Compile the Rust code for processors that nothing here emulates
	@for target in $(CROSS_TARGETS); do \
		port/sources/rust_std.sh $$target && \
		$(CARGO) check -q --target $$target && $(CARGO) check -q --target $$target --features tls-ed25519 || exit; \
	done

ports-test: unix venv ## Run the tests of the rules of builds, on small trees in the manner of MicroPython's ports
	@port/sources/deps.sh ports
	@build/venv/bin/python -m pytest python_tests/ports $(IN_PARALLEL) --target unix

board-test: $(BOARDS) venv _umqtt ## Run the MicroPython scripts on the boards in QEMU, on two of them a few
	@failed=; \
	$(call pytest,--target MPS2_AN385 $(PYTEST)) || failed=1; \
	for board in MPS2_AN386 MPS2_AN500; do $(call pytest,--target $$board -m smoke $(PYTEST)) || failed=1; done; \
	[ -z "$$failed" ]

smoke-test: unix-nogil venv ## Run a few of the MicroPython scripts without a GIL
	@$(call pytest,--target unix-nogil -m smoke)

include .ci/checks.mk

# Their former names.
size: firmware-size ## The same as firmware-size
interoperability: interoperability-table ## The same as interoperability-table

clean: ## Remove built files, and keep fetched ones
	@[ ! -d build ] || find build -mindepth 1 -maxdepth 1 ! -name src ! -name venv ! -name docs-venv ! -name dist-venv ! -name stubs ! -name brokers -exec rm -rf {} +

distclean: ## Remove build/
	@rm -rf build
