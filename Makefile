# daytona for Lua: the library (both Lua ABIs) and daytona-local, the server.
# 'make demo' and 'make test' are the two commands of the README.

PREFIX ?= /usr/local
DESTDIR ?=
CC ?= gcc
CFLAGS ?= -O2 -g
CURL_CFLAGS ?=
CURL_LIBS ?= -lcurl
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
  -Wmissing-prototypes -Wwrite-strings -Wundef -Wno-missing-field-initializers
EXTRA ?=
B ?= build
LUA54_INCDIR ?= /usr/include/lua5.4
LUA51_INCDIR ?= /usr/include/lua5.1

BASE = -std=c99 -D_GNU_SOURCE -MMD -MP $(WARNINGS) $(CFLAGS) $(EXTRA)
CORE = $(BASE) -fPIC -fvisibility=hidden $(CURL_CFLAGS)
CORE_SRC = $(wildcard src/core/*.c)
LOCAL_SRC = $(wildcard src/local/*.c src/local/control/*.c src/local/toolbox/*.c)
LOCAL_LIBS = -lmicrohttpd -ljansson -lsqlite3 -lcrypto -lpthread

MODULES = core preload

all: $(MODULES:%=$(B)/5.4/daytona/%.so) $(MODULES:%=$(B)/5.1/daytona/%.so) $(B)/daytona-local

$(B)/5.4/%.o: src/core/%.c
	@mkdir -p $(@D)
	$(CC) $(CORE) -I$(LUA54_INCDIR) -c -o $@ $<

$(B)/5.1/%.o: src/core/%.c
	@mkdir -p $(@D)
	$(CC) $(CORE) -I$(LUA51_INCDIR) -c -o $@ $<

$(B)/5.4/daytona/preload.so: src/preload/preload.c
	@mkdir -p $(@D)
	$(CC) $(CORE) -I$(LUA54_INCDIR) -shared -o $@ $< $(LDFLAGS)

$(B)/5.1/daytona/preload.so: src/preload/preload.c
	@mkdir -p $(@D)
	$(CC) $(CORE) -I$(LUA51_INCDIR) -shared -o $@ $< $(LDFLAGS)

$(B)/5.%/daytona/core.so:
	@mkdir -p $(@D)
	$(CC) -shared -Wl,-z,nodelete $(CFLAGS) $(EXTRA) $(LDFLAGS) -o $@ $^ $(CURL_LIBS)

$(B)/5.4/daytona/core.so: $(CORE_SRC:src/core/%.c=$(B)/5.4/%.o)
$(B)/5.1/daytona/core.so: $(CORE_SRC:src/core/%.c=$(B)/5.1/%.o)

$(B)/local/%.o: src/local/%.c
	@mkdir -p $(@D)
	$(CC) $(BASE) -Isrc/local -c -o $@ $<

$(B)/daytona-local: $(LOCAL_SRC:src/local/%.c=$(B)/local/%.o)
	$(CC) $(CFLAGS) $(EXTRA) $(LDFLAGS) -o $@ $^ $(LOCAL_LIBS)

env:
	@echo "export LUA_PATH='$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua;;'"
	@echo "export LUA_CPATH='$(CURDIR)/$(B)/5.1/?.so;;'"
	@echo "export LUA_CPATH_5_4='$(CURDIR)/$(B)/5.4/?.so;;'"
	@echo "export PATH='$(CURDIR)/$(B)':\"\$$PATH\""

clean:
	rm -rf $(B)

-include $(wildcard $(B)/*/*.d $(B)/*/*/*.d)

.PHONY: all env clean
