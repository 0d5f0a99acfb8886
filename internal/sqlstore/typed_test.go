package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/circle"
	"hearth/moderation"
	"hearth/moderation/modtest"
	"hearth/room"
)

// What a column of text holds, if nobody has typed it.
const (
	fact = "fact" // an id, a word of ours, a time, a place; what a key makes of something; a public key
	hash = "hash" // of a secret, or of what is chained
)

// What people have typed, as ARCHITECTURE.md names it in its table of typed
// texts: there stands who reads it and until when.
const (
	typedPages     = "titles, purposes, ground rules, dates and why one is off"
	typedQuestions = "questions before a first visit, and answers"
	typedNotes     = "notes on invites"
	typedNames     = "names of those who run the house"
	typedReports   = "words reported, what a reporter types"
	typedDecisions = "statements, appeals, moderators' notes"
	typedAddresses = "addresses for reminders"
)

// textColumns is every column of text there is.
var textColumns = map[string]map[string]string{
	"circles":    {"id": fact, "settings": typedPages, "rules": typedPages, "about": typedPages, "country": fact},
	"rooms":      {"id": fact, "circle": fact, "parent": fact},
	"invites":    {"code": hash, "circle": fact, "role": fact, "device": hash, "id": fact, "note": typedNotes},
	"seats":      {"id": fact, "handle": fact, "secret": hash, "room": fact, "role": fact, "invite": hash, "device": hash, "of_seat": fact, "person": fact, "session": fact},
	"bars":       {"room": fact, "device": hash, "decision": fact},
	"logs":       {"room": fact, "epoch": fact},
	"entries":    {"room": fact, "hash": hash, "facts": fact},
	"states":     {"room": fact, "facts": fact},
	"questions":  {"id": fact, "circle": fact, "code": hash, "text": typedQuestions, "answer": typedQuestions},
	"audit":      {"person": fact, "did": fact, "what": fact, "prev": hash, "hash": hash, "rule": fact, "words": hash},
	"people":     {"id": fact, "name": typedNames},
	"passkeys":   {"id": fact, "person": fact, "data": fact},
	"welcomes":   {"code": hash, "person": fact, "circle": fact, "maker": fact},
	"ceremonies": {"code": hash, "data": fact},
	"sessions":   {"id": fact, "secret": hash, "person": fact},
	"reminders":  {"id": fact, "circle": fact, "date": fact, "code": hash, "whose": hash, "sealed": typedAddresses},
	"cases":      {"id": fact, "kind": fact, "about": fact, "category": fact, "circle": fact, "room": fact, "subject": fact, "person": fact, "state": fact, "outcome": fact},
	"case_away":  {"case_id": fact, "person": fact},
	"claims":     {"case_id": fact, "person": fact},
	"reports":    {"id": fact, "case_id": fact, "code": hash, "about": fact, "category": fact, "reporter": fact, "lang": fact, "keys": fact, "body": typedReports},
	"decisions":  {"id": fact, "case_id": fact, "person": fact, "action": fact, "scope": fact, "second": fact, "rule": fact, "code": hash, "texts": typedDecisions, "undoer": fact},
	"appeals":    {"case_id": fact, "decision": fact, "decider": fact, "second": fact, "texts": typedDecisions, "judge": fact},
	"notes":      {"id": fact, "case_id": fact, "person": fact, "texts": typedDecisions},
	"bans":       {"decision": fact, "key": hash, "circle": fact},
	"told":       {"decision": fact, "key": hash},
	"links":      {"seat": fact, "room": fact, "sealed": fact},
	"duties":     {"person": fact},
	"pages":      {"case_id": fact, "step": fact},
	"modkeys":    {"id": fact, "person": fact, "raw": fact},
}

// textsIn lists the columns that may hold text.
func textsIn(t *testing.T, db *sql.DB) (list []string) {
	t.Helper()
	rows, err := db.Query(`SELECT m.name || '.' || c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name <> 'goose_db_version' AND c.type NOT IN ('BIGINT', 'INTEGER')`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			t.Fatal(err)
		}
		list = append(list, one)
	}
	if rows.Err() != nil || len(list) < 50 {
		t.Fatalf("%d columns, %v", len(list), rows.Err())
	}
	return list
}

// TestEveryTypedTextHasReadersAndAnEnd holds columns and ARCHITECTURE.md's
// table of what is typed against each other.
func TestEveryTypedTextHasReadersAndAnEnd(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	unused := map[string]bool{} // rows of the table that are about SQL
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) == 6 && strings.HasPrefix(strings.TrimSpace(cells[2]), "SQL") && strings.TrimSpace(cells[3]) != "" && strings.TrimSpace(cells[4]) != "" {
			unused[strings.TrimSpace(cells[1])] = true
		}
	}
	rows := len(unused)
	known := map[string]bool{}
	for table, columns := range textColumns {
		for column, holds := range columns {
			known[table+"."+column] = true
			if holds == fact || holds == hash {
				continue
			}
			if _, is := unused[holds]; !is {
				t.Errorf("%s.%s holds %q: there is no such row with readers and an end", table, column, holds)
			}
			unused[holds] = false
		}
	}
	for row, is := range unused {
		if is {
			t.Errorf("nothing in SQL is %q", row)
		}
	}
	for _, column := range textsIn(t, open(t, filepath.Join(t.TempDir(), "hearth.db"), time.Now).read) {
		if !known[column] {
			t.Errorf("nobody says whether %s is typed", column)
		}
		delete(known, column)
	}
	if len(known) > 0 || rows < 7 {
		t.Errorf("%d rows; there are no columns %v", rows, known)
	}
}

// TestWhatIsTypedLiesWhereItSays types into everything there is, and looks at
// every column.
func TestWhatIsTypedLiesWhereItSays(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "hearth.db"), func() time.Time { return noon }).Durable
	typeAll(t, db)
	found := 0
	for _, name := range textsIn(t, db.read) {
		table, column, _ := strings.Cut(name, ".")
		var n int
		if err := db.read.QueryRow(`SELECT COUNT(*) FROM "` + table + `" WHERE "` + column + `" LIKE '%typed %'`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		switch holds := textColumns[table][column]; {
		case n == 0:
		case holds == fact || holds == hash:
			t.Errorf("%s is a %s, and what was typed is in it", name, holds)
		case holds == typedReports || holds == typedDecisions || holds == typedAddresses:
			t.Errorf("%s can be read", name)
		default:
			found++
		}
	}
	if found < 5 {
		t.Errorf("what was typed is in %d columns: nothing was tried", found)
	}
}

func typeAll(t *testing.T, db *Durable) {
	t.Helper()
	ctx, s, by := context.Background(), db.Circles(), circle.Act{At: noon}
	set := room.DefaultSettings()
	set.Title = "typed title"
	code, err := s.AddWelcome(ctx, by, circle.Welcome{Moderator: true, Until: noon.Add(circle.WelcomeLife)})
	mo, err2 := s.Register(ctx, code, circle.Person{ID: "mo", Name: "typed name"}, circle.Passkey{ID: []byte("key"), Data: []byte("record")}, noon)
	c := circle.Circle{ID: "tea", Settings: set, Rules: []string{"typed rule"}, Country: "IE", About: circle.About{Purpose: "typed purpose"}}
	err3 := s.AddCircle(ctx, by, c)
	_, err4 := s.AddInvite(ctx, by, circle.Invite{Circle: c.ID, Role: room.Member, For: "typed note"})
	_, err5 := s.Ask(ctx, c.ID, "typed question", noon)
	if err := errors.Join(err, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
	desk, act := db.Desk(modtest.NewVault()), moderation.Act{By: moderation.PersonID(mo.ID), At: noon}
	filed, err := desk.File(ctx, moderation.Report{Kind: moderation.Conduct, About: moderation.AboutPerson, Category: moderation.Harassment,
		Circle: "tea", Room: "evening", Subject: "sam", Reporter: "kim", Lang: "en", At: noon, Body: &moderation.Sealed{V: 1, Body: []byte("typed report")}})
	is, err2 := desk.Claim(ctx, act, filed.Case)
	err3 = desk.Note(ctx, act, filed.Case, "typed note", time.Time{})
	d, err4 := desk.Decide(ctx, act, is.Rev+1, moderation.Decision{Case: filed.Case, Action: moderation.Warn, Rule: moderation.RuleGround, Facts: "typed facts", Public: "typed word to all"}, false)
	err5 = desk.Appeal(ctx, d.Appeal, "typed appeal", noon)
	if err := errors.Join(err, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
}
