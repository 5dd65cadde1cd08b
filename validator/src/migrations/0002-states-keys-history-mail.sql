-- Accounts of `keybyauth`, as imported from where customers log in.
ALTER TABLE users ADD COLUMN username TEXT;
-- In a form that Joomla writes or still accepts; never a password.
ALTER TABLE users ADD COLUMN password_hash TEXT;
-- Joomla tells user names apart without regard to case.
CREATE UNIQUE INDEX users_by_username ON users (username COLLATE NOCASE) WHERE username IS NOT NULL;

-- What the vendor has made of a license, and when. A revoked one counts as if it had never been granted.
ALTER TABLE licenses ADD COLUMN state TEXT NOT NULL DEFAULT 'active'
    CHECK (state IN ('active', 'canceled', 'refunded', 'suspended', 'revoked'));
ALTER TABLE licenses ADD COLUMN state_since INTEGER;

-- How often a user's key for a group was reset; no row is never.
CREATE TABLE key_serials (
    user_id INTEGER NOT NULL REFERENCES users (id),
    group_id TEXT NOT NULL,
    serial INTEGER NOT NULL,
    PRIMARY KEY (user_id, group_id)
) STRICT, WITHOUT ROWID;

-- Keys that another system gave out, as keyed hashes.
CREATE TABLE imported_keys (
    hash BLOB PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    -- What it opens; NULL is whatever its holder has licenses for.
    group_id TEXT,
    imported_at INTEGER NOT NULL,
    -- Since when it is no longer good; NULL is while it is.
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX imported_keys_of_user ON imported_keys (user_id);

-- Every change, once and for all.
CREATE TABLE history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    -- The command: grant, revoke, cancel, refund, suspend, restore, reset, import.
    action TEXT NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id),
    -- What does not apply to a change is NULL.
    group_id TEXT,
    license_id INTEGER REFERENCES licenses (id),
    -- For people; holds no secret.
    detail TEXT
) STRICT;

CREATE INDEX history_of_user ON history (user_id);

CREATE TRIGGER history_is_not_changed BEFORE UPDATE ON history
BEGIN SELECT RAISE(ABORT, 'the history is never changed'); END;

CREATE TRIGGER history_is_not_shortened BEFORE DELETE ON history
BEGIN SELECT RAISE(ABORT, 'the history is never shortened'); END;

-- `INSERT OR REPLACE` deletes without asking the trigger above.
CREATE TRIGGER history_is_not_replaced BEFORE INSERT ON history
WHEN EXISTS (SELECT 1 FROM history WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the history is never changed'); END;

-- Wishes for a mail with a key, from known and unknown addresses alike; each goes when it is done.
CREATE TABLE key_mails (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- As an address is kept in `users`.
    email TEXT NOT NULL,
    group_id TEXT NOT NULL,
    -- Tag of the language of the mail, such as `en`.
    language TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL
) STRICT;

CREATE INDEX key_mails_due ON key_mails (next_attempt_at);
