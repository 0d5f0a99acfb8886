-- What version 3 added.
ALTER TABLE rooms ADD COLUMN parent TEXT;
ALTER TABLE seats ADD COLUMN of_seat TEXT;
DROP INDEX rooms_open;
CREATE UNIQUE INDEX rooms_open ON rooms (circle) WHERE over_at IS NULL AND parent IS NULL;
CREATE UNIQUE INDEX seats_of ON seats (room, of_seat);
