-- Who wants to be reminded of a date by mail, sealed, until that date.

-- +goose Up
CREATE TABLE reminders (
    id        TEXT   NOT NULL PRIMARY KEY,
    circle    TEXT   NOT NULL REFERENCES circles (id),
    date      TEXT   NOT NULL,
    begins_at BIGINT NOT NULL,
    ends_at   BIGINT NOT NULL,
    code      TEXT   NOT NULL UNIQUE,
    whose     TEXT   NOT NULL,
    sealed    TEXT   NOT NULL,
    agreed    BIGINT NOT NULL,
    asked_at  BIGINT NOT NULL,
    gone_at   BIGINT NOT NULL,
    due_at    BIGINT,
    attempts  BIGINT NOT NULL,
    failed    BIGINT NOT NULL
);
CREATE INDEX reminders_whose ON reminders (whose);
CREATE INDEX reminders_due ON reminders (due_at);

-- +goose Down
DROP TABLE reminders;
