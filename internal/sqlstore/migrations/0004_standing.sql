-- What a circle's page says and who may come in how, invites that can be
-- listed and revoked, people's own seats, questions, and the audit.

-- +goose Up
ALTER TABLE circles ADD COLUMN about TEXT NOT NULL DEFAULT '{}';
ALTER TABLE circles ADD COLUMN rev BIGINT NOT NULL DEFAULT 1;
ALTER TABLE circles ADD COLUMN interest BIGINT NOT NULL DEFAULT 0;

ALTER TABLE invites ADD COLUMN id TEXT;
ALTER TABLE invites ADD COLUMN n BIGINT NOT NULL DEFAULT 0;
ALTER TABLE invites ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE invites ADD COLUMN revoked_at BIGINT;

ALTER TABLE seats ADD COLUMN waits BIGINT NOT NULL DEFAULT 0;
ALTER TABLE seats ADD COLUMN deputy BIGINT NOT NULL DEFAULT 0;
ALTER TABLE seats ADD COLUMN person TEXT;
ALTER TABLE seats ADD COLUMN session TEXT;

CREATE TABLE questions (
    id          TEXT   NOT NULL PRIMARY KEY,
    circle      TEXT   NOT NULL REFERENCES circles (id),
    code        TEXT   NOT NULL UNIQUE,
    text        TEXT   NOT NULL,
    asked_at    BIGINT NOT NULL,
    answer      TEXT   NOT NULL,
    answered_at BIGINT
);
CREATE INDEX questions_of ON questions (circle);

CREATE TABLE audit (
    seq    BIGINT NOT NULL PRIMARY KEY,
    at     BIGINT NOT NULL,
    person TEXT   NOT NULL,
    did    TEXT   NOT NULL,
    what   TEXT   NOT NULL,
    prev   TEXT   NOT NULL,
    hash   TEXT   NOT NULL
);

CREATE TABLE revisions (
    id BIGINT NOT NULL PRIMARY KEY,
    n  BIGINT NOT NULL
);
INSERT INTO revisions (id, n) VALUES (1, 1);

-- +goose Down
DROP TABLE revisions;
DROP TABLE audit;
DROP TABLE questions;
DELETE FROM seats WHERE invite IN (SELECT code FROM invites WHERE role = '' OR revoked_at IS NOT NULL);
DELETE FROM invites WHERE role = '' OR revoked_at IS NOT NULL;
ALTER TABLE seats DROP COLUMN session;
ALTER TABLE seats DROP COLUMN person;
ALTER TABLE seats DROP COLUMN deputy;
ALTER TABLE seats DROP COLUMN waits;
ALTER TABLE invites DROP COLUMN revoked_at;
ALTER TABLE invites DROP COLUMN note;
ALTER TABLE invites DROP COLUMN n;
ALTER TABLE invites DROP COLUMN id;
ALTER TABLE circles DROP COLUMN interest;
ALTER TABLE circles DROP COLUMN rev;
ALTER TABLE circles DROP COLUMN about;
