# The `mqtt` user C module for ports that build with make:
#   make USER_C_MODULES=<this repository>
#
# The port compiles the C files. Cargo makes the Rust library, and the linker prelinks it into one
# relocatable object.

MQTT_PORT_DIR := $(USERMOD_DIR)
# realpath also follows the link that a folder of several modules has to this one.
MQTT_ROOT_DIR := $(realpath $(MQTT_PORT_DIR)/..)

SRC_USERMOD_C += $(addprefix $(MQTT_PORT_DIR)/, modmqtt.c mqtt_borrowed_socket.c mqtt_firmware.c mqtt_large.c mqtt_sched.c mqtt_thread.c mqtt_vm.c mqtt_vm_dict.c mqtt_wait.c mqtt_wait_unix.c)
# The qstrs in these lists and tables come out of modmqtt.c.
QSTR_GLOBAL_DEPENDENCIES += $(addprefix $(MQTT_PORT_DIR)/, firmware/module.h firmware/parameters.h mqtt_methods.h mqtt_names.h mqtt_numbers.h)
# A file that MicroPython does not scan for qstrs.
SRC_USERMOD_LIB_C += $(MQTT_PORT_DIR)/mqtt_aeabi.c
MQTT_VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' $(MQTT_ROOT_DIR)/Cargo.toml | head -n 1)
CFLAGS_USERMOD += -I$(MQTT_PORT_DIR) -DMQTT_VERSION=\"$(MQTT_VERSION)\"

MQTT_CARGO ?= cargo
# The port's flags name the processor. The caller may give another triple.
MQTT_RUST_TARGET ?= $(or $(shell $(MQTT_PORT_DIR)/rust_target.sh '$(CROSS_COMPILE)' $(CFLAGS)),$(error mqtt: no Rust target))
# Small on a microcontroller, fast on a PC.
MQTT_RUST_PROFILE ?= $(if $(CROSS_COMPILE),release,release-fast)
MQTT_CARGO_FLAGS ?=
# 1 builds Rust's core library, too, for size.
MQTT_BUILD_STD ?= 0
# The built-in TLS: empty for none, or a list of the keys that certificates may have: p256 rsa p384.
# P-256 is always included, and Ed25519 too unless the list has no-ed25519.
MQTT_TLS ?= $(if $(CROSS_COMPILE),,p256 rsa p384)
# The options: docs/porting.md. Each is in the build unless it is 0.
MQTT_OPTIONS := OUTBOX INTO STORE AIO V5 PORT_TLS BY_HAND AUTO_RECONNECT
# MQTT_OUTBOX is a number of bytes (src/limits.rs), which comes from the environment. The steps of asyncio need it.
MQTT_HAS_AIO := $(if $(filter 0,$(MQTT_OUTBOX)),0)
$(foreach option,$(MQTT_OPTIONS),$(eval MQTT_HAS_$(option) := $(if $(filter 0,$(MQTT_$(option)) $(MQTT_HAS_$(option))),0,1)))
CFLAGS_USERMOD += $(foreach option,$(MQTT_OPTIONS),-DMQTT_HAS_$(option)=$(MQTT_HAS_$(option)))
MQTT_OPTIONAL := $(shell echo $(foreach option,$(MQTT_OPTIONS),$(if $(filter 1,$(MQTT_HAS_$(option))),$(option))) | tr A-Z_ a-z-)
# The texts of errors: 0 leaves them out.
MQTT_TEXTS ?= 1
# Expanded late, because the port may set CROSS_COMPILE after it reads this file.
MQTT_FEATURES = micropython $(MQTT_OPTIONAL) $(if $(filter 0,$(MQTT_TEXTS)),terse) $(if $(MQTT_TLS),$(if $(filter no-ed25519,$(MQTT_TLS)),tls,tls-ed25519)) $(patsubst %,tls-%,$(filter rsa p384,$(MQTT_TLS)))

# Asks the cross compiler for the headers of its C library, because bindgen cannot find them.
MQTT_SYSTEM_INCLUDES ?= $(if $(CROSS_COMPILE),$(addprefix -isystem ,$(shell $(CC) $(filter --specs=%,$(CFLAGS)) -E -Wp,-v -xc /dev/null 2>&1 | sed -n 's/^ \(\/.*\)/\1/p')))

MQTT_BUILD = $(abspath $(BUILD))/mqtt
MQTT_OBJ = $(BUILD)/mqtt/mqtt.o

# Every make port links PY_O, and makes it after the generated headers, which bindgen reads.
PY_O += $(MQTT_OBJ)

# The settings with which build.rs reads the headers as this port's compiler does. A shell can source
# the file, so that clippy checks the same code.
define MQTT_CARGO_ENV
export MQTT_FEATURES='$(MQTT_FEATURES)'
export MQTT_MPY_CFLAGS='$(MQTT_BUILD)/cflags'
export MQTT_MPY_PORT_DIR='$(CURDIR)'
export MQTT_MPY_GENHDR='$(abspath $(HEADER_BUILD))'
endef

# Cargo decides whether the library is up to date.
$(MQTT_OBJ): FORCE
	$(Q)$(MKDIR) -p $(MQTT_BUILD)
	$(file >$(MQTT_BUILD)/cflags.new,$(CFLAGS) $(MQTT_SYSTEM_INCLUDES))
	$(file >$(MQTT_BUILD)/cargo.env,$(MQTT_CARGO_ENV))
	$(Q)cmp -s $(MQTT_BUILD)/cflags.new $(MQTT_BUILD)/cflags || cp $(MQTT_BUILD)/cflags.new $(MQTT_BUILD)/cflags
	$(ECHO) "CARGO $@"
	$(Q)MQTT_CARGO='$(MQTT_CARGO)' MQTT_BUILD_STD='$(MQTT_BUILD_STD)' $(MQTT_PORT_DIR)/rust_object.sh $(MQTT_BUILD) $(abspath $@) \
	  $(MQTT_RUST_TARGET) $(MQTT_RUST_PROFILE) $(AR) $(CROSS_COMPILE)ld $(MQTT_CARGO_FLAGS)
