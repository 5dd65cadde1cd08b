-- Who bought what. Keys are derived from a user's id and a group, so they are not here.
CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Trimmed and in lower case.
    email TEXT NOT NULL UNIQUE,
    -- Unix seconds, like every time here.
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE licenses (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id),
    group_id TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    -- The first second in which it is no longer good; NULL is never.
    expires_at INTEGER
) STRICT;

CREATE INDEX licenses_of_user ON licenses (user_id, group_id);
