package redisstore

import (
	"context"
	"fmt"
	"testing"
	"time"

	"hearth/internal/servers"
	"hearth/room"
)

// gathered begins a room of twelve with names.
func gathered(b *testing.B, s *Store, id room.ID) *keeper {
	k := begin(b, s, id)
	for i := range 12 {
		seat := room.SeatID(fmt.Sprintf("5b0e7a52-0000-4000-8000-%012d", i))
		k.append(room.Joined{Seat: seat, Role: room.Member, Node: s.Nodes().Me()},
			room.Named{Seat: seat, Name: room.Name{Name: fmt.Sprint("Person ", i), Key: fmt.Sprint("person ", i)}})
	}
	return k
}

func BenchmarkAppendState(b *testing.B) {
	s := node(b, servers.StartRedis(b), standard)
	k := gathered(b, s, "r")
	for b.Loop() {
		k.append(room.CareOver{})
	}
}

func BenchmarkAppendUtterance(b *testing.B) {
	s := node(b, servers.StartRedis(b), standard)
	k := gathered(b, s, "r")
	for i := 0; b.Loop(); i++ {
		if k.say("two hundred bytes are about what somebody says before they take a breath"); i%100 == 0 {
			k.append(room.CareOver{})
		}
	}
}

func BenchmarkConfirm(b *testing.B) {
	s := node(b, servers.StartRedis(b), standard)
	k := gathered(b, s, "r")
	for b.Loop() {
		if _, err := k.log.Append(context.Background(), "r", k.head, room.Batch{Now: k.now()}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadAtHead(b *testing.B) {
	s := node(b, servers.StartRedis(b), standard)
	k := gathered(b, s, "r")
	for b.Loop() {
		if tail, err := k.log.Read(context.Background(), "r", k.head); err != nil || tail.Head != k.head {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadWhole(b *testing.B) {
	s := node(b, servers.StartRedis(b), standard)
	k := gathered(b, s, "r")
	for range 100 {
		k.say("hello")
	}
	for b.Loop() {
		if tail, err := k.log.Read(context.Background(), "r", room.Head{}); err != nil || len(tail.Entries) != 100 {
			b.Fatal(err)
		}
	}
}

// BenchmarkBeat is one beat of a node with a thousand rooms open.
func BenchmarkBeat(b *testing.B) {
	s := joined(b, servers.StartRedis(b), standard)
	for i := range 1000 {
		id := room.ID(fmt.Sprint("room-", i))
		if _, err := s.Log().Watch(b.Context(), id); err != nil {
			b.Fatal(err)
		}
		begin(b, s, id)
	}
	for b.Loop() {
		if _, err := s.pulse.round(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRestore is how long after a flush a node with a thousand rooms
// open has given them back.
func BenchmarkRestore(b *testing.B) {
	r := servers.StartRedis(b)
	s := joined(b, r, brisk)
	var rooms []*keeper
	for i := range 1000 {
		id := room.ID(fmt.Sprint("room-", i))
		if _, err := s.Log().Watch(b.Context(), id); err != nil {
			b.Fatal(err)
		}
		k := begin(b, s, id)
		k.say("hello")
		rooms = append(rooms, k)
	}
	for b.Loop() {
		do(b, r, "FLUSHALL")
		soon(b, 10*time.Second, "the rooms are back", func() bool {
			open, err := s.pulse.round(b.Context())
			return !open && err == nil
		})
	}
	for _, k := range rooms {
		if tail := k.read(k.head); tail.Head.Hash != k.head.Hash {
			b.Fatalf("%s is at %d, was at %d", k.id, tail.Head.Seq, k.head.Seq)
		}
	}
}

// BenchmarkAcross is from an append on one node until another has read it.
func BenchmarkAcross(b *testing.B) {
	r := servers.StartRedis(b)
	s, other := node(b, r, standard), node(b, r, standard)
	k := gathered(b, s, "r")
	bell, err := other.Log().Watch(b.Context(), "r")
	if err != nil {
		b.Fatal(err)
	}
	at := k.head
	for b.Loop() {
		k.say("hello")
		for at != k.head {
			heard(b, bell)
			tail, err := other.Log().Read(b.Context(), "r", at)
			if err != nil {
				b.Fatal(err)
			}
			at = tail.Head
		}
	}
}
