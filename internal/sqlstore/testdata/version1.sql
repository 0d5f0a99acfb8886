-- What version 1 made, when logs were in it too.
CREATE TABLE circles (
    id       TEXT   NOT NULL PRIMARY KEY,
    made     BIGINT NOT NULL UNIQUE,
    settings TEXT   NOT NULL,
    rules    TEXT   NOT NULL,
    country  TEXT   NOT NULL
);

CREATE TABLE rooms (
    id      TEXT   NOT NULL PRIMARY KEY,
    circle  TEXT   NOT NULL REFERENCES circles (id),
    over_at BIGINT
);
CREATE UNIQUE INDEX rooms_open ON rooms (circle) WHERE over_at IS NULL;

CREATE TABLE invites (
    code     TEXT   NOT NULL PRIMARY KEY,
    circle   TEXT   NOT NULL REFERENCES circles (id),
    role     TEXT   NOT NULL,
    uses     BIGINT NOT NULL,
    used     BIGINT NOT NULL,
    until_at BIGINT,
    device   TEXT
);

CREATE TABLE seats (
    id     TEXT   NOT NULL PRIMARY KEY,
    handle TEXT   NOT NULL UNIQUE,
    secret TEXT   NOT NULL,
    room   TEXT   NOT NULL REFERENCES rooms (id),
    n      BIGINT NOT NULL,
    role   TEXT   NOT NULL,
    invite TEXT   NOT NULL REFERENCES invites (code),
    device TEXT   NOT NULL,
    UNIQUE (room, n)
);

CREATE TABLE bars (
    room   TEXT NOT NULL REFERENCES rooms (id),
    device TEXT NOT NULL,
    PRIMARY KEY (room, device)
);

CREATE TABLE logs (
    room    TEXT NOT NULL PRIMARY KEY,
    epoch   TEXT NOT NULL,
    over_at BIGINT
);

CREATE TABLE entries (
    room  TEXT   NOT NULL REFERENCES logs (room),
    seq   BIGINT NOT NULL,
    hash  TEXT   NOT NULL,
    at_ns BIGINT NOT NULL,
    facts TEXT   NOT NULL,
    PRIMARY KEY (room, seq)
);

CREATE TABLE states (
    room  TEXT   NOT NULL PRIMARY KEY REFERENCES logs (room),
    seq   BIGINT NOT NULL,
    facts TEXT   NOT NULL
);

CREATE TABLE beats (
    id      BIGINT NOT NULL PRIMARY KEY,
    beat_at BIGINT NOT NULL
);

