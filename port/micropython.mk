# The `mqtt` user C module for ports that build with make:
#   make USER_C_MODULES=<this repository>
#
# C glue is compiled by the port; the Rust library is made by cargo and prelinked into one
# relocatable object.

MQTT_PORT_DIR := $(USERMOD_DIR)
MQTT_ROOT_DIR := $(abspath $(MQTT_PORT_DIR)/..)

SRC_USERMOD_C += $(addprefix $(MQTT_PORT_DIR)/, modmqtt.c mqtt_sched.c mqtt_vm.c mqtt_wait.c)
# Not scanned for qstrs.
SRC_USERMOD_LIB_C += $(MQTT_PORT_DIR)/mqtt_aeabi.c
MQTT_VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' $(MQTT_ROOT_DIR)/Cargo.toml | head -n 1)
CFLAGS_USERMOD += -I$(MQTT_PORT_DIR) -DMQTT_VERSION=\"$(MQTT_VERSION)\"

MQTT_CARGO ?= cargo
# A host triple for the unix port; boards set theirs.
MQTT_RUST_TARGET ?= $(shell cd $(MQTT_ROOT_DIR) && rustc -vV | sed -n 's/^host: //p')
MQTT_RUST_PROFILE ?= release-fast
MQTT_CARGO_FLAGS ?=

# A cross compiler knows where the headers of its C library are; bindgen has to be told.
ifneq ($(CROSS_COMPILE),)
MQTT_SYSTEM_INCLUDES ?= $(addprefix -isystem ,$(shell $(CC) -E -Wp,-v -xc /dev/null 2>&1 | sed -n 's/^ \(\/.*\)/\1/p'))
endif

MQTT_BUILD = $(abspath $(BUILD))/mqtt
MQTT_LIB = $(MQTT_BUILD)/target/$(MQTT_RUST_TARGET)/$(MQTT_RUST_PROFILE)/libmqtt.a
MQTT_OBJ = $(BUILD)/mqtt/mqtt.o

# As part of PY_O the object is linked on every make port, and made only after the
# generated headers, which bindgen reads.
PY_O += $(MQTT_OBJ)

# What build.rs needs to see the headers as this port's compiler sees them. A file that
# a shell can source, so that clippy can look at the same code.
define MQTT_CARGO_ENV
export MQTT_MPY_CFLAGS='$(MQTT_BUILD)/cflags'
export MQTT_MPY_PORT_DIR='$(CURDIR)'
export MQTT_MPY_GENHDR='$(abspath $(HEADER_BUILD))'
endef

# cargo knows what is up to date; the object only changes when the library did. Only what
# the C glue calls is taken: the library's other objects stay out. So does Rust's compiler_builtins,
# for what is linked first wins: its arithmetic would take the place of libgcc's everywhere in the
# firmware, and be larger.
$(MQTT_OBJ): FORCE
	$(Q)$(MKDIR) -p $(MQTT_BUILD)
	$(file >$(MQTT_BUILD)/cflags.new,$(CFLAGS) $(MQTT_SYSTEM_INCLUDES))
	$(file >$(MQTT_BUILD)/cargo.env,$(MQTT_CARGO_ENV))
	$(Q)cmp -s $(MQTT_BUILD)/cflags.new $(MQTT_BUILD)/cflags || cp $(MQTT_BUILD)/cflags.new $(MQTT_BUILD)/cflags
	$(ECHO) "CARGO $@"
	$(Q). $(MQTT_BUILD)/cargo.env && cd $(MQTT_ROOT_DIR) && CARGO_TARGET_DIR=$(MQTT_BUILD)/target \
	  $(MQTT_CARGO) rustc --quiet --locked --lib --crate-type staticlib --features micropython \
	  --profile $(MQTT_RUST_PROFILE) --target $(MQTT_RUST_TARGET) $(MQTT_CARGO_FLAGS)
	$(Q)cp $(MQTT_LIB) $(MQTT_BUILD)/libmqtt.a
	$(Q)$(AR) t $(MQTT_BUILD)/libmqtt.a | grep '^compiler_builtins' | xargs $(AR) d $(MQTT_BUILD)/libmqtt.a
	$(Q)$(CROSS_COMPILE)ld -r -o $(MQTT_BUILD)/new.o \
	  $$(sed -n 's/^.* \(mqtt_client_[a-z_]*\|mqtt_create_[a-z_]*\|mqtt_run_[a-z_]*\)(.*;$$/-u \1/p' $(MQTT_PORT_DIR)/modmqtt.h) \
	  $(MQTT_BUILD)/libmqtt.a
	$(Q)cmp -s $(MQTT_BUILD)/new.o $@ || cp $(MQTT_BUILD)/new.o $@
