package lang

import (
	"testing"
	"time"
)

func TestDates(t *testing.T) {
	all, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	zone := time.FixedZone("", 3600)
	at := time.Date(2026, 11, 24, 19, 5, 0, 0, zone)
	for _, c := range []struct{ lang, day, date, when, minutes, one string }{
		{"en", "Tuesday 24 November", "24 November 2026", "Tuesday 24 November, 19:05", "75 minutes", "one minute"},
		{"es", "martes 24 de noviembre", "24 de noviembre de 2026", "martes 24 de noviembre, 19:05", "75 minutos", "un minuto"},
		{"ar", "الثلاثاء 24 نوفمبر", "24 نوفمبر 2026", "الثلاثاء 24 نوفمبر، 19:05", "75 دقيقة", "دقيقة واحدة"},
	} {
		l := Pick(all, c.lang, "")
		for want, got := range map[string]string{
			c.day: l.Day(at), c.date: l.Date(at), c.when: l.DayAndTime(at), c.minutes: l.Duration(75), c.one: l.Duration(1),
		} {
			if got != want {
				t.Errorf("%s: %q, want %q", c.lang, got, want)
			}
		}
	}
	en := all[0]
	if got := en.Clock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)); got != "00:00" {
		t.Errorf("midnight is %q", got)
	}
}
