/**
 * The schema, as the list of steps that led to it: step n brings version n to version n + 1. A step is never edited once
 * released. `docs/decisions/0009-postgres.md` says what a step may do: nodes of the version before it go on working
 * while it runs and afterwards.
 *
 * Every key begins with the queue. Numbers stand for words as in the SQLite store: `stores/sql/encoding.ts`. Times are
 * milliseconds since 1970, UTC. `stamp` is drawn anew with every write of a row, and tells whether it is still the one that was read.
 */
export interface Migration {
  readonly sql: string
  /** The oldest version whose nodes can work with what this step leaves. */
  readonly worksWith: number
}

export const migrations: readonly Migration[] = [
  {
    worksWith: 1,
    sql: `
CREATE SEQUENCE position_block INCREMENT 1024 MINVALUE 1024 MAXVALUE 281474976709632 START 1024;
CREATE SEQUENCE group_block INCREMENT 16 MINVALUE 16 MAXVALUE 1073741808 START 16;

CREATE TABLE queue (
  id int8 PRIMARY KEY,
  account text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,     -- U+0000 and U+0001 escaped
  explicit boolean NOT NULL,          -- false: a virtual queue, which exists while it has messages
  created_at int8 NOT NULL,
  modified_at int8 NOT NULL,
  settings text NOT NULL,             -- JSON
  version int4 NOT NULL,              -- another one with every change of the queue or its groups
  UNIQUE (account, name)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- The latest position that was taken in a queue. Whoever takes positions in it, changes it or inserts into it has this row for himself.
CREATE TABLE queue_end (
  queue_id int8 PRIMARY KEY,
  position int8 NOT NULL
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE TABLE queue_group (
  queue_id int8 NOT NULL,
  id int4 NOT NULL,
  kind text NOT NULL,                 -- default, retained, consumer, dead-letters, discarded, ...
  name text NOT NULL,
  created_at int8 NOT NULL,
  dead_letters_of int4,
  backfill_from int8 NOT NULL,
  backfill_to int8 NOT NULL,
  door text NOT NULL,                 -- JSON
  more text,                          -- JSON: what few groups have
  PRIMARY KEY (queue_id, id)
);
CREATE INDEX queue_group_id ON queue_group (id);

-- How many deliveries of a group are in each state: the sum over lanes. Transactions at once add to lanes of their own.
CREATE TABLE group_count (
  queue_id int8 NOT NULL,
  group_id int4 NOT NULL,
  lane int2 NOT NULL,
  ready int8 NOT NULL,
  behind int8 NOT NULL,
  delayed int8 NOT NULL,
  leased int8 NOT NULL,
  reprocessing int8 NOT NULL,
  processed int8 NOT NULL,
  errored int8 NOT NULL,
  filtered int8 NOT NULL,
  shelved int8 NOT NULL,
  done int8 NOT NULL,
  PRIMARY KEY (queue_id, group_id, lane)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000);

-- How many deliveries of a group came to an end on a day: the sum over lanes. Days since 1970 in the server's time zone.
CREATE TABLE count_of_day (
  queue_id int8 NOT NULL,
  group_id int4 NOT NULL,
  day int4 NOT NULL,
  lane int2 NOT NULL,
  processed int8 NOT NULL,            -- acknowledged ones, too
  errored int8 NOT NULL,
  filtered int8 NOT NULL,
  PRIMARY KEY (queue_id, group_id, day, lane)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
CREATE INDEX count_of_day_day ON count_of_day (day);

-- Written once.
CREATE TABLE message (
  queue_id int8 NOT NULL,
  serial int8 NOT NULL,               -- the second half of the message's id
  position int8 NOT NULL,
  sent_at int8 NOT NULL,
  expires_at int8,                    -- NULL: the queue's retention decides
  priority int4 NOT NULL,
  content_type text,
  message_group text,
  client_id text,
  attributes text,                    -- JSON, as the sender gave it
  extra text,                         -- JSON: what few messages have
  body bytea NOT NULL,
  PRIMARY KEY (queue_id, serial)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_insert_scale_factor = 0.2, autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX message_serial ON message (serial);

-- One message's state for one group: small and hot.
CREATE TABLE delivery (
  queue_id int8 NOT NULL,
  position int8 NOT NULL,
  serial int8 NOT NULL,
  urgency int8 NOT NULL,              -- ready deliveries are handed out by (urgency, rank)
  rank int8 NOT NULL,
  visible_at int8 NOT NULL,           -- end of the lease or delay, otherwise 0
  modified_at int8 NOT NULL,
  nonce int8 NOT NULL,                -- names the latest lease
  group_id int4 NOT NULL,
  ready_group int4,                   -- the group while it is ready: a column that only the index of ready ones serves
  receive_count int4 NOT NULL,
  reprocess_count int4 NOT NULL,
  stamp int4 NOT NULL,
  state int2 NOT NULL,
  type int2 NOT NULL,
  due_at int8,                        -- when something happens to it by itself
  first_received_at int8,
  message_group_hash int8,            -- while it is not finished
  claim_hash int8,
  message_group text,
  claim_id text,
  detail text,                        -- JSON: what few deliveries have
  PRIMARY KEY (queue_id, group_id, position)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000, autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX delivery_ready ON delivery (queue_id, ready_group, urgency, rank) WHERE ready_group IS NOT NULL;
CREATE INDEX delivery_due ON delivery (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX delivery_message_group ON delivery (queue_id, group_id, message_group_hash, position) WHERE message_group_hash IS NOT NULL;
-- For looking at what is delayed, processed, errored, filtered or shelved; most deliveries never are.
CREATE INDEX delivery_type ON delivery (queue_id, group_id, type, position) WHERE type <> 0;
CREATE INDEX delivery_claim ON delivery (claim_hash) WHERE claim_hash IS NOT NULL;

-- How a message ended.
CREATE TABLE history (
  queue_id int8 NOT NULL,
  serial int8 NOT NULL,
  sent_at int8 NOT NULL,
  finished_at int8 NOT NULL,
  first_received_at int8,
  receive_count int4 NOT NULL,
  reprocess_count int4 NOT NULL,
  outcome int2 NOT NULL,
  detail text                         -- JSON
) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX history_serial ON history (serial);
CREATE INDEX history_sent_at ON history (sent_at);

-- Every change of state of a message that is there still, where its queue keeps them.
CREATE TABLE step (
  queue_id int8 NOT NULL,
  serial int8 NOT NULL,
  lines text NOT NULL,                -- JSON
  omitted int8 NOT NULL,              -- lines left out after the first ten
  stamp int4 NOT NULL,
  PRIMARY KEY (queue_id, serial)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);

-- Deduplication ids and idempotency keys that are taken. Ids may be longer than an index takes, so the key is their SHA-256.
CREATE TABLE deduplication (
  queue_id int8 NOT NULL,
  group_id int4 NOT NULL,
  key_hash bytea NOT NULL,
  key text NOT NULL,
  serial int8 NOT NULL,
  count int4 NOT NULL,
  sent_at int8 NOT NULL,
  position int8 NOT NULL,
  expires_at int8 NOT NULL,
  digest text,
  stamp int4 NOT NULL,
  PRIMARY KEY (queue_id, group_id, key_hash)
) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX deduplication_expiry ON deduplication (expires_at);

CREATE TABLE retention_mark (
  queue_id int8 PRIMARY KEY,
  check_at int8 NOT NULL,
  cursor int8 NOT NULL,
  stamp int4 NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX retention_mark_check ON retention_mark (check_at);

-- Everything cold: accounts, keys, claims, tasks, subscriptions, sessions.
CREATE TABLE document (
  collection text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  value text NOT NULL,                -- JSON
  expires_at int8,
  stamp int4 NOT NULL,
  PRIMARY KEY (collection, key)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 500);
CREATE INDEX document_expiry ON document (expires_at) WHERE expires_at IS NOT NULL;
`,
  },
]
