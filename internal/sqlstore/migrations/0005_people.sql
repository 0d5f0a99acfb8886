-- People who run the house, what they sign in with, and where they are
-- signed in.

-- +goose Up
CREATE TABLE people (
    id        TEXT   NOT NULL PRIMARY KEY,
    n         BIGINT NOT NULL UNIQUE,
    name      TEXT   NOT NULL,
    admin     BIGINT NOT NULL,
    moderator BIGINT NOT NULL,
    made      BIGINT NOT NULL
);

CREATE TABLE passkeys (
    id      TEXT   NOT NULL PRIMARY KEY,
    person  TEXT   NOT NULL REFERENCES people (id),
    data    TEXT   NOT NULL,
    made    BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX passkeys_person ON passkeys (person);

CREATE TABLE welcomes (
    code      TEXT   NOT NULL PRIMARY KEY,
    person    TEXT,
    circle    TEXT,
    first     BIGINT NOT NULL,
    admin     BIGINT NOT NULL,
    moderator BIGINT NOT NULL,
    deputy    BIGINT NOT NULL,
    until_at  BIGINT NOT NULL
);

CREATE TABLE ceremonies (
    code     TEXT   NOT NULL PRIMARY KEY,
    data     TEXT   NOT NULL,
    until_at BIGINT NOT NULL
);

CREATE TABLE sessions (
    id     TEXT   NOT NULL PRIMARY KEY,
    secret TEXT   NOT NULL UNIQUE,
    person TEXT   NOT NULL REFERENCES people (id),
    made   BIGINT NOT NULL,
    seen   BIGINT NOT NULL,
    proved BIGINT NOT NULL
);
CREATE INDEX sessions_person ON sessions (person);

-- +goose Down
DROP TABLE sessions;
DROP TABLE ceremonies;
DROP TABLE welcomes;
DROP TABLE passkeys;
DROP TABLE people;
