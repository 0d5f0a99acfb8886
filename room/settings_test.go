package room

import (
	"strings"
	"testing"
)

func TestSettingsThatCannotBe(t *testing.T) {
	if err := DefaultSettings().Check(); err != nil {
		t.Fatalf("the defaults: %v", err)
	}
	for what, spoil := range map[string]func(*Settings){
		"holdAsk":  func(s *Settings) { s.HoldAsk = 0 },
		"grace":    func(s *Settings) { s.Grace = -1 },
		"turnTime": func(s *Settings) { s.TurnTime = -1 },
		"maxLife":  func(s *Settings) { s.MaxLife *= 1000 },
		"maxSeats": func(s *Settings) { s.MaxSeats = MostSeats + 1 },
		"title":    func(s *Settings) { s.Title = strings.Repeat("x", 201) },
		"prompt":   func(s *Settings) { s.Prompt = strings.Repeat("x", 1001) },
	} {
		s := DefaultSettings()
		spoil(&s)
		if err := s.Check(); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
