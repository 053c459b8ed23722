/**
 * The schema, as the list of steps that led to it: step n brings a file of version n to version n + 1 (`user_version`).
 * A step is never edited once released. People open these files with the sqlite3 shell, so columns say what they hold.
 *
 * Numbers stand for words: delivery.state 0 ready, 1 behind, 2 delayed, 3 leased, 4 finished; delivery.type 0 Q, 1 D,
 * 2 P, 3 E, 4 F, 5 S; history.outcome as listed in encoding.ts. Times are milliseconds since 1970, UTC.
 */
export const migrations: readonly string[] = [
  `
  -- Counters that outlive the process: numbers below these were given out, or may have been.
  CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE queue (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    explicit INTEGER NOT NULL,          -- 0: a virtual queue, which exists while it has messages
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    settings TEXT NOT NULL,             -- JSON
    UNIQUE (account, name)
  ) STRICT;

  -- The readers of a queue. A 'discarded' one belongs to nobody and is emptied behind the scenes.
  CREATE TABLE queue_group (
    id INTEGER PRIMARY KEY,
    queue_id INTEGER NOT NULL,
    kind TEXT NOT NULL,                 -- default, retained, consumer, dead-letters, discarded
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    dead_letters_of INTEGER,            -- the group that gave up on these messages
    backfill_from INTEGER NOT NULL,     -- positions that a late group is still to be given
    backfill_to INTEGER NOT NULL,
    door TEXT NOT NULL                  -- JSON
  ) STRICT;
  CREATE INDEX queue_group_of_queue ON queue_group (queue_id, id);

  -- How many deliveries of a group are in each state. Apart from queue_group because it changes with every commit.
  CREATE TABLE group_count (
    group_id INTEGER PRIMARY KEY,
    ready INTEGER NOT NULL,
    behind INTEGER NOT NULL,
    delayed INTEGER NOT NULL,
    leased INTEGER NOT NULL,
    reprocessing INTEGER NOT NULL,
    processed INTEGER NOT NULL,
    errored INTEGER NOT NULL,
    filtered INTEGER NOT NULL,
    shelved INTEGER NOT NULL,
    done INTEGER NOT NULL
  ) STRICT;

  -- Written once. The body comes last, so that no other column lies on its overflow pages.
  CREATE TABLE message (
    serial INTEGER PRIMARY KEY,         -- the second half of the message's id
    sent_at INTEGER NOT NULL,
    queue_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    expires_at INTEGER,                 -- NULL: the queue's retention decides
    priority INTEGER NOT NULL,
    content_type TEXT,
    message_group TEXT,
    attributes TEXT,                    -- JSON, as the sender gave it
    extra TEXT,                         -- JSON: what few messages have
    body BLOB NOT NULL
  ) STRICT;

  -- One message's state for one group: small and hot.
  CREATE TABLE delivery (
    group_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    serial INTEGER NOT NULL,
    state INTEGER NOT NULL,
    urgency INTEGER NOT NULL,           -- ready deliveries are handed out by (urgency, rank)
    rank INTEGER NOT NULL,
    visible_at INTEGER NOT NULL,        -- end of the lease or delay, otherwise 0
    due_at INTEGER,                     -- when something happens to it by itself
    message_group TEXT,
    modified_at INTEGER NOT NULL,
    type INTEGER NOT NULL DEFAULT 0,
    receive_count INTEGER NOT NULL DEFAULT 0,
    first_received_at INTEGER,
    reprocess_count INTEGER NOT NULL DEFAULT 0,
    nonce INTEGER NOT NULL DEFAULT 0,   -- names the latest lease
    claim_id TEXT,
    detail TEXT,                        -- JSON: what few deliveries have
    PRIMARY KEY (group_id, position)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX delivery_ready ON delivery (group_id, urgency, rank) WHERE state = 0;
  CREATE INDEX delivery_due ON delivery (due_at) WHERE due_at IS NOT NULL;
  CREATE INDEX delivery_message_group ON delivery (group_id, message_group, position)
    WHERE message_group IS NOT NULL AND state <> 4;
  CREATE INDEX delivery_claim ON delivery (claim_id, position) WHERE claim_id IS NOT NULL;

  -- How a message ended.
  CREATE TABLE history (
    serial INTEGER PRIMARY KEY,
    sent_at INTEGER NOT NULL,
    queue_id INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,
    first_received_at INTEGER,
    receive_count INTEGER NOT NULL,
    reprocess_count INTEGER NOT NULL,
    detail TEXT                         -- JSON
  ) STRICT;

  -- Deduplication ids and idempotency keys that are taken.
  CREATE TABLE deduplication (
    group_id INTEGER NOT NULL,
    key TEXT NOT NULL,
    serial INTEGER NOT NULL,            -- the first message that took it; \`count\` serials in a row
    count INTEGER NOT NULL,
    sent_at INTEGER NOT NULL,
    position INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    digest TEXT,
    PRIMARY KEY (group_id, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX deduplication_expiry ON deduplication (expires_at);

  -- Of the messages without an expiry of their own: none of this queue expires before check_at.
  CREATE TABLE retention_mark (
    queue_id INTEGER PRIMARY KEY,
    check_at INTEGER NOT NULL,
    cursor INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX retention_mark_check ON retention_mark (check_at);

  -- Everything cold: accounts, keys, claims, tasks, subscriptions, sessions.
  CREATE TABLE document (
    collection TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,                -- JSON
    expires_at INTEGER,
    PRIMARY KEY (collection, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX document_expiry ON document (expires_at) WHERE expires_at IS NOT NULL;
  `,
  `
  -- How many of the retained messages a group that catches up has been given, or passed by.
  ALTER TABLE queue_group ADD COLUMN backfilled INTEGER NOT NULL DEFAULT 0;
  -- JSON: the tags that a group's messages must have; NULL: it is given all.
  ALTER TABLE queue_group ADD COLUMN tag_rule TEXT;
  `,
  `
  -- For looking at what is delayed, processed, errored, filtered or shelved; most deliveries never are.
  CREATE INDEX delivery_type ON delivery (group_id, type, position) WHERE type <> 0;

  -- How many deliveries of a group came to an end on a day: days since 1970 in the server's time zone.
  CREATE TABLE count_of_day (
    group_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    processed INTEGER NOT NULL,         -- acknowledged ones, too
    errored INTEGER NOT NULL,
    filtered INTEGER NOT NULL,
    PRIMARY KEY (group_id, day)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX count_of_day_day ON count_of_day (day);
  `,
  `
  -- Every change of state of a message that is there still, where its queue keeps them.
  CREATE TABLE step (
    queue_id INTEGER NOT NULL,
    serial INTEGER NOT NULL,
    lines TEXT NOT NULL,                -- JSON
    omitted INTEGER NOT NULL,           -- lines left out after the first ten
    PRIMARY KEY (queue_id, serial)
  ) STRICT, WITHOUT ROWID;

  -- Of a group of kind 'subscriber', as JSON: the service it calls, and when it ends.
  ALTER TABLE queue_group ADD COLUMN subscription TEXT;

  UPDATE queue SET settings = json_set(settings,
    '$.history', iif(json_extract(settings, '$.history'), 'end', 'none'), '$.input', NULL, '$.push', NULL);
  `,
  `
  UPDATE queue SET settings = json_insert(settings, '$.publicId', NULL);

  -- Tasks do more than move messages.
  UPDATE document SET value = json_insert(json_remove(value, '$.moved'),
      '$.changed', json_extract(value, '$.moved'), '$.skipped', 0, '$.examined', json_extract(value, '$.moved'), '$.by', NULL)
    WHERE collection = 'task' AND json_type(value, '$.moved') IS NOT NULL;
  `,
]
