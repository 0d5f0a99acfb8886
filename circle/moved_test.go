package circle

import (
	"maps"
	"slices"
	"testing"
)

func TestWhatWasSaidOfDatesGoesWithThem(t *testing.T) {
	was := Schedule{
		Zone: "Europe/Dublin", First: "2026-03-03T19:00", Minutes: 60, Rule: "FREQ=WEEKLY;BYDAY=TU",
		Also: []string{"2026-03-12T10:00"}, Not: []string{"2026-03-17T19:00"},
		Off:    map[string]string{"2026-03-10T19:00": "Away.", "2026-03-12T10:00": "Ill."},
		Themes: map[string]string{"2026-03-24T19:00": "Letting go"},
	}
	later := Schedule{Zone: was.Zone, First: "2026-03-03T20:30", Minutes: 60, Rule: was.Rule}.Instead(was)
	if !maps.Equal(later.Off, map[string]string{"2026-03-10T20:30": "Away.", "2026-03-12T10:00": "Ill."}) ||
		!maps.Equal(later.Themes, map[string]string{"2026-03-24T20:30": "Letting go"}) ||
		!slices.Equal(later.Not, []string{"2026-03-17T20:30"}) || !slices.Equal(later.Also, was.Also) {
		t.Errorf("an hour and a half later: %+v", later)
	}
	fortnightly := Schedule{Zone: was.Zone, First: was.First, Minutes: 60, Rule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"}.Instead(was)
	if len(fortnightly.Off) != 1 || len(fortnightly.Themes) != 0 || !slices.Equal(fortnightly.Not, was.Not) {
		t.Errorf("every other week: %+v", fortnightly)
	}
	if bad := (Schedule{First: "soon"}).Instead(was); bad.Off != nil {
		t.Errorf("a schedule that can't be read: %+v", bad)
	}
}
