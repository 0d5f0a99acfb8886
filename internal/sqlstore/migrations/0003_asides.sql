-- A room may be an aside of another one, and its seats are other seats of
-- people who sit there.

-- +goose Up
ALTER TABLE rooms ADD COLUMN parent TEXT;
ALTER TABLE seats ADD COLUMN of_seat TEXT;
DROP INDEX rooms_open;
CREATE UNIQUE INDEX rooms_open ON rooms (circle) WHERE over_at IS NULL AND parent IS NULL;
CREATE UNIQUE INDEX seats_of ON seats (room, of_seat);

-- +goose Down
DROP INDEX seats_of;
DROP INDEX rooms_open;
DELETE FROM seats WHERE room IN (SELECT id FROM rooms WHERE parent IS NOT NULL);
DELETE FROM bars WHERE room IN (SELECT id FROM rooms WHERE parent IS NOT NULL);
DELETE FROM rooms WHERE parent IS NOT NULL;
CREATE UNIQUE INDEX rooms_open ON rooms (circle) WHERE over_at IS NULL;
ALTER TABLE seats DROP COLUMN of_seat;
ALTER TABLE rooms DROP COLUMN parent;
