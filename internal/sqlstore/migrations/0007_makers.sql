-- A link that gives rights works no longer than the rights of whoever made it.

-- +goose Up
ALTER TABLE welcomes ADD COLUMN maker TEXT;

-- +goose Down
ALTER TABLE welcomes DROP COLUMN maker;
