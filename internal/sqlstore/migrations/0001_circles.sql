-- Only TEXT and BIGINT, so that SQLite and PostgreSQL have the same tables.
-- What each column holds, and how long, is in the package comment.

-- +goose Up
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

-- +goose Down
DROP TABLE bars;
DROP TABLE seats;
DROP TABLE invites;
DROP TABLE rooms;
DROP TABLE circles;
