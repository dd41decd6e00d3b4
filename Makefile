# daytona for Lua: the library for both Lua ABIs, and daytona-local, the server.
# `make demo` and `make test` are the two commands of the README.

PREFIX ?= /usr/local
DESTDIR ?=
CC ?= gcc
CFLAGS ?= -O2 -g
CURL_LIBS ?= -lcurl
LUA54_INCDIR ?= /usr/include/lua5.4
LUA51_INCDIR ?= /usr/include/lua5.1
B ?= build
SECONDS_EACH ?= 300
VERSION := $(shell sed -n 's/^return "\(.*\)"/\1/p' lua/daytona/version.lua)
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
  -Wmissing-prototypes -Wwrite-strings -Wundef -Wno-missing-field-initializers

BASE = -std=c99 -D_GNU_SOURCE -MMD -MP $(WARNINGS) $(CFLAGS) $(EXTRA)
CORE = $(BASE) -fPIC -fvisibility=hidden $(CURL_CFLAGS)
CORE_SRC = $(wildcard src/core/*.c src/wire/*.c)
LOCAL_SRC = $(wildcard src/local/*.c src/local/control/*.c src/local/toolbox/*.c)
WIRE_SRC = $(wildcard src/wire/*.c)
MODULES = $(B)/5.4/daytona/core.so $(B)/5.4/daytona/preload.so \
  $(B)/5.1/daytona/core.so $(B)/5.1/daytona/preload.so

all: $(MODULES) local
local: $(B)/daytona-local

$(B)/5.4/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(CORE) -I$(LUA54_INCDIR) -c -o $@ $<

$(B)/5.1/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(CORE) -I$(LUA51_INCDIR) -c -o $@ $<

$(B)/5.4/daytona/core.so: $(CORE_SRC:src/%.c=$(B)/5.4/%.o)
$(B)/5.1/daytona/core.so: $(CORE_SRC:src/%.c=$(B)/5.1/%.o)
$(B)/5.4/daytona/preload.so: $(B)/5.4/preload/preload.o
$(B)/5.1/daytona/preload.so: $(B)/5.1/preload/preload.o
%/core.so: LIBS = $(CURL_LIBS) -lwslay -lpthread
$(MODULES):
	@mkdir -p $(@D)
	$(CC) -shared -Wl,-z,nodelete $(CFLAGS) $(EXTRA) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/local/%.o: src/local/%.c
	@mkdir -p $(@D)
	$(CC) $(BASE) -Isrc/local -Isrc -DDL_VERSION='"$(VERSION)"' -c -o $@ $<

$(B)/local/wire/%.o: src/wire/%.c
	@mkdir -p $(@D)
	$(CC) $(BASE) -c -o $@ $<

$(B)/local/toolbox/charts.o: src/local/toolbox/chart_wrapper.py
$(B)/local/toolbox/interpreter_worker.o: src/local/toolbox/interpreter_worker.py

$(B)/daytona-local: $(LOCAL_SRC:src/local/%.c=$(B)/local/%.o) $(WIRE_SRC:src/%.c=$(B)/local/%.o)
	$(CC) $(CFLAGS) $(EXTRA) $(LDFLAGS) -o $@ $^ \
	  -lmicrohttpd -ljansson -lsqlite3 -lcrypto -lwslay -lpthread

env:
	@echo "export LUA_PATH='$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua;;'"
	@echo "export LUA_CPATH='$(CURDIR)/$(B)/5.1/?.so;;'"
	@echo "export LUA_CPATH_5_4='$(CURDIR)/$(B)/5.4/?.so;;'"
	@echo "export PATH='$(CURDIR)/$(B)':\"\$$PATH\""

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

bench:
	@sh .ci/deps build demo test bench
	@$(MAKE) -s -j2 all
	@bash bench/run

doc: $(B)/5.4/daytona/core.so
	@eval "$$($(MAKE) -s env)" && lua5.4 doc/generate.lua

format:
	clang-format -i $$(git ls-files 'src/*.c' 'src/*.h' 'bench/*.c' 'spec/*.c' 'spec/*.h')

install-local: local
	install -Dm755 $(B)/daytona-local $(DESTDIR)$(PREFIX)/bin/daytona-local

install: all install-local
	for v in 5.4 5.1; do for m in core preload; do \
	  install -Dm755 $(B)/$$v/daytona/$$m.so $(DESTDIR)$(PREFIX)/lib/lua/$$v/daytona/$$m.so; done; \
	  (cd lua && find . -name '*.lua' -exec install -Dm644 {} $(DESTDIR)$(PREFIX)/share/lua/$$v/{} \;); done

clean:
	rm -rf $(B)

-include $(shell find $(B) -name '*.d' 2>/dev/null)

.PHONY: all local env demo test spec conformance check fuzz bench doc format install install-local clean
