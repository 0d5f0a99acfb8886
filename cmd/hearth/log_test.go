package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"go.uber.org/zap"
)

// verbose is an error that zap would print more of than its message.
type verbose struct{ error }

func (verbose) Format(s fmt.State, _ rune) { fmt.Fprint(s, "canary-verbose") }

func TestLogKeepsOnlyTheListedFields(t *testing.T) {
	var out bytes.Buffer
	log, err := newLog(&out, "info")
	if err != nil {
		t.Fatal(err)
	}
	log.With(zap.String("name", "canary-name"), zap.String("room", "r1")).Info("somebody came",
		zap.String("words", "canary-words"), zap.Any("error", verbose{errors.New("disk full")}),
		zap.Namespace("more"), zap.Int("count", 3), zap.Inline(zap.DictObject(zap.String("token", "canary-token"))))
	log.Debug("canary-debug")
	if strings.Contains(out.String(), "canary") {
		t.Errorf("a field that isn't listed was logged: %s", &out)
	}
	line := map[string]any{}
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	got := slices.Sorted(maps.Keys(line))
	if want := []string{"count", "error", "level", "msg", "room", "time"}; !slices.Equal(got, want) {
		t.Errorf("fields %v, want %v", got, want)
	}
	if line["error"] != "disk full" {
		t.Errorf("error is %v", line["error"])
	}
}

func TestLogListHasNothingPersonal(t *testing.T) {
	for _, f := range []string{"name", "text", "words", "pronouns", "ip", "remote", "token", "ticket", "code_", "query", "path", "handle", "device", "user"} {
		if slices.Contains(fields, f) {
			t.Errorf("%q is on the list", f)
		}
	}
}

func TestTheSameIsNotSaidWithoutEnd(t *testing.T) {
	var b bytes.Buffer
	log, err := newLog(&b, "info")
	if err != nil {
		t.Fatal(err)
	}
	for range 900 {
		log.Error("a room could not go on")
	}
	log.Info("something else")
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != logFirst+1 || !strings.Contains(lines[logFirst], "something else") {
		t.Errorf("%d lines: %s", len(lines), b.String())
	}
}
