# daytona for Lua: the library for both Lua ABIs, and daytona-local, the server.
# `make demo` and `make test` are the two commands of the README.

PREFIX ?= /usr/local
DESTDIR ?=
CC ?= gcc
CFLAGS ?= -O2 -g
CURL_LIBS ?= -lcurl
LUA51_INCDIR ?= /usr/include/lua5.1
LUA52_INCDIR ?= /usr/include/lua5.2
LUA53_INCDIR ?= /usr/include/lua5.3
LUA54_INCDIR ?= /usr/include/lua5.4
LUA55_INCDIR ?= /usr/include/lua5.5
incdir = $(LUA$(subst .,,$1)_INCDIR)
# Those to build for; 5.1 is also LuaJIT, Neovim and nginx.
LUAS ?= $(foreach v,5.4 5.1,$(if $(wildcard $(call incdir,$v)/lua.h),$v))
B ?= build
SECONDS_EACH ?= 300
VERSION := $(shell sed -n 's/^return "\(.*\)"/\1/p' lua/daytona/version.lua)
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
  -Wmissing-prototypes -Wwrite-strings -Wundef -Wno-missing-field-initializers

BASE = -std=c99 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -MMD -MP $(WARNINGS) $(CFLAGS) $(EXTRA)
CORE = $(BASE) -fPIC -fvisibility=hidden $(CURL_CFLAGS)
# What speaks Lua is built for each; the rest once, and without the headers of any.
LUA_SRC = $(wildcard src/core/lua/*.c)
COMMON_SRC = $(filter-out $(LUA_SRC),$(wildcard src/core/*/*.c src/wire/*.c))
LOCAL_SRC = $(wildcard src/local/*.c src/local/*/*.c src/local/*/*/*.c)
WIRE_SRC = $(wildcard src/wire/*.c)
MODULES = $(foreach v,$(LUAS),$(B)/$v/daytona/core.so $(B)/$v/daytona/preload.so)

all: $(or $(MODULES),no-lua) local
no-lua:
	@echo "lua.h is neither in $(LUA54_INCDIR) nor in $(LUA51_INCDIR): install liblua5.4-dev, or say" \
	  "LUAS=5.3 (or 5.1, 5.2, 5.4) and where it is: LUA53_INCDIR=/usr/local/include" >&2; exit 1
local: $(B)/daytona-local

define module_for
$(B)/$1/%.o: src/%.c
	@mkdir -p $$(@D)
	$$(CC) $$(CORE) -I$$(call incdir,$1) -c -o $$@ $$<
$(B)/$1/daytona/core.so: $$(LUA_SRC:src/%.c=$(B)/$1/%.o) $$(COMMON_SRC:src/%.c=$(B)/common/%.o)
$(B)/$1/daytona/preload.so: $(B)/$1/preload/preload.o
endef
$(foreach v,$(LUAS),$(eval $(call module_for,$v)))

$(B)/common/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(CORE) -c -o $@ $<

%/core.so: LIBS = $(CURL_LIBS) -lwslay -lpthread -lm
$(MODULES):
	@mkdir -p $(@D)
	$(CC) -shared -Wl,-z,nodelete $(CFLAGS) $(EXTRA) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/local/%.o: src/local/%.c
	@mkdir -p $(@D)
	$(CC) $(BASE) -Isrc/local -Isrc -DDL_VERSION='"$(VERSION)"' -c -o $@ $<

$(B)/local/wire/%.o: src/wire/%.c
	@mkdir -p $(@D)
	$(CC) $(BASE) -c -o $@ $<

$(B)/local/toolbox/process/charts.o: src/local/toolbox/process/chart_wrapper.py
$(B)/local/toolbox/interpreter/worker.o: src/local/toolbox/interpreter/worker.py

$(B)/daytona-local: $(LOCAL_SRC:src/local/%.c=$(B)/local/%.o) $(WIRE_SRC:src/%.c=$(B)/local/%.o)
	$(CC) $(CFLAGS) $(EXTRA) $(LDFLAGS) -o $@ $^ \
	  -lmicrohttpd -ljansson -lsqlite3 -lcrypto -lseccomp -lwslay -lpthread -lm

# What the caller has in these variables already stays, behind ours.
here = $(subst ','\'',$(CURDIR))
env:
	@for v in $(subst .,_,$(filter-out 5.1,$(LUAS))); do \
	  echo "export LUA_PATH_$$v='$(here)/lua/?.lua;$(here)/lua/?/init.lua;'\"\$${LUA_PATH_$$v:-\$${LUA_PATH:-;}}\""; \
	  echo "export LUA_CPATH_$$v='$(here)/$(B)/$$(echo $$v | tr _ .)/?.so;'\"\$${LUA_CPATH_$$v:-\$${LUA_CPATH:-;}}\""; done
	@echo "export LUA_PATH='$(here)/lua/?.lua;$(here)/lua/?/init.lua;'\"\$${LUA_PATH:-;}\""
	@echo "export LUA_CPATH='$(here)/$(B)/5.1/?.so;'\"\$${LUA_CPATH:-;}\""
	@echo "export PATH='$(here)/$(B)':\"\$$PATH\""

demo:
	@sh .ci/deps build demo
	@$(MAKE) -s -j2 all
	@sh examples/demo

test:
	@sh .ci/deps build demo test
	@$(MAKE) -s -j2 all
	@bash spec/run

# make spec F=spec/lua/run_spec.lua T="part of a name" VM=luajit
spec: all
	@SPECS="$$F" bash spec/run $(VM)

conformance: all
	@bash spec/conformance/run

check:
	@sh .ci/deps build demo test check
	@bash .ci/check

fuzz:
	@sh .ci/deps build check
	@bash spec/fuzz/run $(SECONDS_EACH)

coverage:
	@sh .ci/deps build demo test
	@bash .ci/coverage

bench:
	@sh .ci/deps build demo test bench
	@$(MAKE) -s -j2 all
	@bash bench/run

doc: $(B)/5.4/daytona/core.so
	@eval "$$($(MAKE) -s env)" && for f in generate reference coverage; do lua5.4 doc/$$f.lua || exit 1; done

format:
	clang-format -i $$(git ls-files 'src/*.c' 'src/*.h' 'bench/*.c' 'spec/*.c' 'spec/*.h')

install-local: local
	install -Dm755 $(B)/daytona-local $(DESTDIR)$(PREFIX)/bin/daytona-local

install: all install-local
	for v in $(LUAS); do for m in core preload; do \
	  install -Dm755 $(B)/$$v/daytona/$$m.so $(DESTDIR)$(PREFIX)/lib/lua/$$v/daytona/$$m.so; done; \
	  (cd lua && find . -name '*.lua' -exec install -Dm644 {} $(DESTDIR)$(PREFIX)/share/lua/$$v/{} \;); done

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/daytona-local
	rm -rf $(foreach v,5.1 5.2 5.3 5.4 5.5,$(DESTDIR)$(PREFIX)/lib/lua/$v/daytona $(DESTDIR)$(PREFIX)/share/lua/$v/daytona)

# With what "luarocks make" leaves in the checkout.
clean:
	rm -rf $(B) daytona
	find src -name '*.o' -delete

-include $(shell find $(B) -name '*.d' 2>/dev/null)

.PHONY: all local env demo test spec conformance check coverage fuzz bench doc format install install-local uninstall no-lua clean
