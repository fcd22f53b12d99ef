# The `mqtt` user C module for ports that build with make:
#   make USER_C_MODULES=<this repository>
#
# C glue is compiled by the port; the Rust library is made by cargo and prelinked into one
# relocatable object.

MQTT_PORT_DIR := $(USERMOD_DIR)
# Also where a folder of several modules has a link to this one.
MQTT_ROOT_DIR := $(realpath $(MQTT_PORT_DIR)/..)

SRC_USERMOD_C += $(addprefix $(MQTT_PORT_DIR)/, modmqtt.c mqtt_borrowed_socket.c mqtt_sched.c mqtt_thread.c mqtt_vm.c mqtt_wait.c mqtt_wait_unix.c)
# The names in this list come out of modmqtt.c.
QSTR_GLOBAL_DEPENDENCIES += $(MQTT_PORT_DIR)/mqtt_methods.h
# Not scanned for qstrs.
SRC_USERMOD_LIB_C += $(MQTT_PORT_DIR)/mqtt_aeabi.c
MQTT_VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' $(MQTT_ROOT_DIR)/Cargo.toml | head -n 1)
CFLAGS_USERMOD += -I$(MQTT_PORT_DIR) -DMQTT_VERSION=\"$(MQTT_VERSION)\"

MQTT_CARGO ?= cargo
# The port's flags say which processor it is for. Another triple may be given.
MQTT_RUST_TARGET ?= $(or $(shell $(MQTT_PORT_DIR)/rust_target.sh '$(CROSS_COMPILE)' $(CFLAGS)),$(error mqtt: no Rust target))
# A microcontroller is short of room, a PC is not. (CROSS_COMPILE may be set after this file was read.)
MQTT_RUST_PROFILE ?= $(if $(CROSS_COMPILE),release,release-fast)
MQTT_CARGO_FLAGS ?=
# The built-in TLS: none (empty), or which keys certificates may have, of p256 rsa p384. P-256 is
# always there, and Ed25519 unless no-ed25519 takes it out.
MQTT_TLS ?= $(if $(CROSS_COMPILE),,p256 rsa p384)
MQTT_FEATURES := micropython $(if $(MQTT_TLS),$(if $(filter no-ed25519,$(MQTT_TLS)),tls,tls-ed25519)) $(patsubst %,tls-%,$(filter rsa p384,$(MQTT_TLS)))

# A cross compiler knows where the headers of its C library are; bindgen has to be told.
MQTT_SYSTEM_INCLUDES ?= $(if $(CROSS_COMPILE),$(addprefix -isystem ,$(shell $(CC) $(filter --specs=%,$(CFLAGS)) -E -Wp,-v -xc /dev/null 2>&1 | sed -n 's/^ \(\/.*\)/\1/p')))

MQTT_BUILD = $(abspath $(BUILD))/mqtt
MQTT_OBJ = $(BUILD)/mqtt/mqtt.o

# As part of PY_O the object is linked on every make port, and made only after the
# generated headers, which bindgen reads.
PY_O += $(MQTT_OBJ)

# What build.rs needs to see the headers as this port's compiler sees them. A file that
# a shell can source, so that clippy can look at the same code.
define MQTT_CARGO_ENV
export MQTT_FEATURES='$(MQTT_FEATURES)'
export MQTT_MPY_CFLAGS='$(MQTT_BUILD)/cflags'
export MQTT_MPY_PORT_DIR='$(CURDIR)'
export MQTT_MPY_GENHDR='$(abspath $(HEADER_BUILD))'
endef

# cargo knows what is up to date.
$(MQTT_OBJ): FORCE
	$(Q)$(MKDIR) -p $(MQTT_BUILD)
	$(file >$(MQTT_BUILD)/cflags.new,$(CFLAGS) $(MQTT_SYSTEM_INCLUDES))
	$(file >$(MQTT_BUILD)/cargo.env,$(MQTT_CARGO_ENV))
	$(Q)cmp -s $(MQTT_BUILD)/cflags.new $(MQTT_BUILD)/cflags || cp $(MQTT_BUILD)/cflags.new $(MQTT_BUILD)/cflags
	$(ECHO) "CARGO $@"
	$(Q)MQTT_CARGO='$(MQTT_CARGO)' $(MQTT_PORT_DIR)/rust_object.sh $(MQTT_BUILD) $(abspath $@) \
	  $(MQTT_RUST_TARGET) $(MQTT_RUST_PROFILE) $(AR) $(CROSS_COMPILE)ld $(MQTT_CARGO_FLAGS)
