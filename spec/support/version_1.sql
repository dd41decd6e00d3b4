-- Makes the tables of the present version those of the first one, with their
-- rows. Those of later ones end at the lines that say so.
DROP TABLE warm_pools;
DROP TABLE secrets;
DROP INDEX sandboxes_warm;
DROP INDEX sandboxes_hidden;
ALTER TABLE sandboxes DROP COLUMN warm_pool_id;
ALTER TABLE sandboxes DROP COLUMN auto_pause_interval;
CREATE INDEX sandboxes_hidden ON sandboxes (hidden) WHERE hidden = 1;
PRAGMA user_version = 3;
-- The second one.
DROP TRIGGER mounts_end;
DROP TRIGGER origins_end;
DROP TABLE mounts;
DROP TABLE origins;
DROP TABLE snapshots;
DROP TABLE volumes;
PRAGMA user_version = 2;
-- The first one.
CREATE TEMP TABLE kept AS SELECT * FROM sandboxes;
DROP TRIGGER labels_begin;
DROP TRIGGER labels_change;
DROP TRIGGER labels_end;
DROP TABLE labels;
DROP TABLE sandboxes;
CREATE TABLE sandboxes (
  id TEXT, name TEXT, target TEXT, snapshot TEXT, user TEXT, env TEXT, labels TEXT, error_reason TEXT,
  outbound_proxy_url TEXT, linked_sandbox_id TEXT, preview_token TEXT, daemon_version TEXT, state TEXT,
  desired_state TEXT, pending INTEGER NOT NULL, force_stop INTEGER NOT NULL, cpu INTEGER NOT NULL,
  gpu INTEGER NOT NULL, memory INTEGER NOT NULL, disk INTEGER NOT NULL, is_public INTEGER NOT NULL,
  network_block_all INTEGER NOT NULL, recoverable INTEGER NOT NULL, auto_stop_interval INTEGER NOT NULL,
  auto_archive_interval INTEGER NOT NULL, auto_delete_interval INTEGER NOT NULL, auto_destroy_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, last_activity_at INTEGER NOT NULL,
  stopped_at INTEGER NOT NULL, port INTEGER NOT NULL, PRIMARY KEY (id)) WITHOUT ROWID;
CREATE UNIQUE INDEX sandboxes_name ON sandboxes (name);
CREATE INDEX sandboxes_pending ON sandboxes (pending) WHERE pending = 1;
INSERT INTO sandboxes SELECT id, name, target, snapshot, user, env, labels, error_reason,
  outbound_proxy_url, linked_sandbox_id, preview_token, daemon_version, state, desired_state, pending, force_stop,
  cpu, gpu, memory, disk, is_public, network_block_all, recoverable, auto_stop_interval, auto_archive_interval,
  auto_delete_interval, auto_destroy_at, created_at, updated_at, last_activity_at, stopped_at, 0 FROM kept;
DROP TABLE kept;
PRAGMA user_version = 1;
