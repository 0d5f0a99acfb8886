-- PostgreSQL holds no room logs, so this is for SQLite alone, as the name of
-- the file says. Files of version 1 have these tables already.

-- +goose Up
CREATE TABLE IF NOT EXISTS logs (
    room    TEXT NOT NULL PRIMARY KEY,
    epoch   TEXT NOT NULL,
    over_at BIGINT
);

CREATE TABLE IF NOT EXISTS entries (
    room  TEXT   NOT NULL REFERENCES logs (room),
    seq   BIGINT NOT NULL,
    hash  TEXT   NOT NULL,
    at_ns BIGINT NOT NULL,
    facts TEXT   NOT NULL,
    PRIMARY KEY (room, seq)
);

CREATE TABLE IF NOT EXISTS states (
    room  TEXT   NOT NULL PRIMARY KEY REFERENCES logs (room),
    seq   BIGINT NOT NULL,
    facts TEXT   NOT NULL
);

CREATE TABLE IF NOT EXISTS beats (
    id      BIGINT NOT NULL PRIMARY KEY,
    beat_at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE beats;
DROP TABLE states;
DROP TABLE entries;
DROP TABLE logs;
