-- Reports and what came of them, who is kept out, who is on call.

-- +goose Up
CREATE TABLE cases (
    id        TEXT   NOT NULL PRIMARY KEY,
    n         BIGINT NOT NULL UNIQUE,
    rev       BIGINT NOT NULL,
    kind      TEXT   NOT NULL,
    about     TEXT   NOT NULL,
    category  TEXT   NOT NULL,
    priority  BIGINT NOT NULL,
    circle    TEXT   NOT NULL,
    room      TEXT   NOT NULL,
    subject   TEXT   NOT NULL,
    person    TEXT   NOT NULL,
    state     TEXT   NOT NULL,
    outcome   TEXT   NOT NULL,
    reports   BIGINT NOT NULL,
    quotes    BIGINT NOT NULL,
    raised_at BIGINT NOT NULL,
    due_at    BIGINT NOT NULL,
    acked_at  BIGINT,
    closed_at BIGINT,
    again_at  BIGINT,
    alone     BIGINT NOT NULL,
    erased    BIGINT NOT NULL
);
CREATE INDEX cases_open ON cases (priority, n) WHERE closed_at IS NULL OR again_at IS NOT NULL;
CREATE INDEX cases_waiting ON cases (due_at) WHERE acked_at IS NULL AND closed_at IS NULL;
CREATE INDEX cases_closed ON cases (closed_at);
-- One open case of a kind about somebody in a room.
CREATE UNIQUE INDEX cases_subject ON cases (kind, room, subject) WHERE closed_at IS NULL AND kind IN ('care', 'conduct') AND room <> '';

CREATE TABLE case_away (
    case_id TEXT NOT NULL REFERENCES cases (id),
    person  TEXT NOT NULL,
    PRIMARY KEY (case_id, person)
);

CREATE TABLE claims (
    case_id  TEXT   NOT NULL PRIMARY KEY REFERENCES cases (id),
    person   TEXT   NOT NULL,
    since    BIGINT NOT NULL,
    until_at BIGINT NOT NULL
);
CREATE INDEX claims_person ON claims (person);

CREATE TABLE reports (
    id       TEXT   NOT NULL PRIMARY KEY,
    case_id  TEXT   NOT NULL REFERENCES cases (id),
    code     TEXT   NOT NULL UNIQUE,
    about    TEXT   NOT NULL,
    category TEXT   NOT NULL,
    reporter TEXT   NOT NULL,
    lang     TEXT   NOT NULL,
    at       BIGINT NOT NULL,
    quotes   BIGINT NOT NULL,
    on_call  BIGINT NOT NULL,
    keys     TEXT   NOT NULL,
    body     TEXT
);
CREATE INDEX reports_case ON reports (case_id);

CREATE TABLE decisions (
    id        TEXT   NOT NULL PRIMARY KEY,
    case_id   TEXT   NOT NULL REFERENCES cases (id),
    n         BIGINT NOT NULL,
    person    TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    action    TEXT   NOT NULL,
    minutes   BIGINT NOT NULL,
    scope     TEXT   NOT NULL,
    until_at  BIGINT,
    second    TEXT,
    rule      TEXT   NOT NULL,
    code      TEXT   UNIQUE,
    texts     TEXT,
    undone_at BIGINT,
    undoer    TEXT,
    told_at   BIGINT,
    CHECK (rule <> ''),
    CHECK (action <> 'ban' OR until_at IS NOT NULL OR (second IS NOT NULL AND second <> person)),
    UNIQUE (id, person)
);
CREATE INDEX decisions_case ON decisions (case_id);

CREATE TABLE appeals (
    case_id    TEXT   NOT NULL PRIMARY KEY REFERENCES cases (id),
    decision   TEXT   NOT NULL UNIQUE,
    decider    TEXT   NOT NULL,
    second     TEXT,
    at         BIGINT NOT NULL,
    texts      TEXT,
    judge      TEXT,
    judged_at  BIGINT,
    overturned BIGINT NOT NULL,
    FOREIGN KEY (decision, decider) REFERENCES decisions (id, person),
    CHECK (judge IS NULL OR judge <> decider),
    CHECK (judge IS NULL OR second IS NULL OR judge <> second)
);

CREATE TABLE notes (
    id      TEXT   NOT NULL PRIMARY KEY,
    case_id TEXT   NOT NULL REFERENCES cases (id),
    n       BIGINT NOT NULL,
    person  TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    texts   TEXT
);
CREATE INDEX notes_case ON notes (case_id);

-- Whom a decision is about: a seat, and what else leads to them.
CREATE TABLE bans (
    decision TEXT   NOT NULL REFERENCES decisions (id),
    key      TEXT   NOT NULL,
    circle   TEXT   NOT NULL,
    from_at  BIGINT NOT NULL,
    until_at BIGINT,
    PRIMARY KEY (decision, key)
);
CREATE INDEX bans_key ON bans (key);

-- Whom a decision concerns beside a ban: for telling them at the next join.
CREATE TABLE told (
    decision TEXT   NOT NULL REFERENCES decisions (id),
    key      TEXT   NOT NULL,
    PRIMARY KEY (decision, key)
);
CREATE INDEX told_key ON told (key);

CREATE TABLE links (
    seat   TEXT   NOT NULL PRIMARY KEY,
    room   TEXT   NOT NULL,
    at     BIGINT NOT NULL,
    sealed TEXT   NOT NULL
);
CREATE INDEX links_room ON links (room);
CREATE INDEX links_at ON links (at);

CREATE TABLE duties (
    person   TEXT   NOT NULL PRIMARY KEY REFERENCES people (id),
    since    BIGINT NOT NULL,
    until_at BIGINT NOT NULL
);

CREATE TABLE pages (
    case_id  TEXT   NOT NULL REFERENCES cases (id),
    step     TEXT   NOT NULL,
    lease_at BIGINT NOT NULL,
    priority BIGINT NOT NULL,
    tries    BIGINT NOT NULL,
    done_at  BIGINT,
    PRIMARY KEY (case_id, step)
);

CREATE TABLE modkeys (
    id     TEXT   NOT NULL PRIMARY KEY,
    person TEXT   NOT NULL REFERENCES people (id),
    raw    TEXT   NOT NULL,
    made   BIGINT NOT NULL
);
CREATE INDEX modkeys_person ON modkeys (person);

CREATE TABLE desk (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    n  BIGINT NOT NULL
);
INSERT INTO desk (id, n) VALUES (1, 1);

ALTER TABLE bars ADD COLUMN decision TEXT;
ALTER TABLE audit ADD COLUMN rule TEXT;
ALTER TABLE audit ADD COLUMN words TEXT;

-- +goose Down
ALTER TABLE audit DROP COLUMN words;
ALTER TABLE audit DROP COLUMN rule;
ALTER TABLE bars DROP COLUMN decision;
DROP TABLE desk;
DROP TABLE modkeys;
DROP TABLE pages;
DROP TABLE duties;
DROP TABLE links;
DROP TABLE told;
DROP TABLE bans;
DROP TABLE notes;
DROP TABLE appeals;
DROP TABLE decisions;
DROP TABLE reports;
DROP TABLE claims;
DROP TABLE case_away;
DROP TABLE cases;
