package formats_test

import (
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/room"
	"hearth/room/formats"
)

var (
	circles = flag.Int("circles", 24, "simulated circles of each format")
	only    = flag.Uint64("circle", 0, "hold this one alone")
	last    = flag.Int("last", 15, "entries that a story tells")
)

// TestCircles holds circles of each format with simulated people, and prints
// what came of them. Of those of one format the closing round begins in time
// in 99 of 100; everything else a judge watches holds in each.
func TestCircles(t *testing.T) {
	all, err := formats.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	rows := []string{
		fmt.Sprintf("%-16s %7s %8s %9s %6s %7s %10s %13s %17s %7s", "format", "circles", "in time", "asked", "merged", "out", "merged/", "airtime", "closing round", "in all"),
		fmt.Sprintf("%-16s %7s %8s %9s %6s %7s %10s %6s %6s %8s %8s %7s", "", "", "", "", "", "", "circle", "p50", "max", "p50", "latest", "p50"),
	}
	for _, f := range all {
		t.Run(f.Name, func(t *testing.T) { rows = append(rows, holdMany(t, f)) })
	}
	t.Log("\n" + strings.Join(rows, "\n"))
}

// holdMany holds a format's circles, and returns its row of the table.
func holdMany(t *testing.T, f formats.Format) string {
	var sum []figures
	failed := 0
	for seed := uint64(1); seed <= uint64(*circles); seed++ {
		if *only != 0 && seed != *only {
			continue
		}
		c, err := hold(f.Settings(room.DefaultSettings()), rand.New(rand.NewPCG(seed, named(f.Name))))
		if err != nil {
			if failed++; failed > 1 {
				t.Errorf("%s, circle %d: %v", f.Name, seed, err)
				continue
			}
			t.Errorf("%s, circle %d (again: go test ./room/formats -run TestCircles/%s -circles %d -circle %d): %v\n%s",
				f.Name, seed, f.Name, seed, seed, err, c.story(*last))
			continue
		}
		if g := c.judge.figures; f.Name == "sharing-circle" && g.ratio > 1.5 {
			t.Errorf("%s, circle %d: the longest share was %.2f times the shortest\n%s", f.Name, seed, g.ratio, c.sharesStory())
		}
		sum = append(sum, c.judge.figures)
	}
	return judged(t, f.Name, sum)
}

// judged adds up what came of a format's circles.
func judged(t *testing.T, name string, sum []figures) string {
	inTime, asked, merged, out := 0, 0, 0, 0
	var ratios []float64
	var untils, lengths []time.Duration
	for _, g := range sum {
		if g.inTime() {
			inTime++
		}
		asked, merged, out = asked+g.asked, merged+g.merged, out+g.out
		if g.ratio > 0 {
			ratios = append(ratios, g.ratio)
		}
		untils, lengths = append(untils, g.late), append(lengths, g.length)
	}
	n := len(sum)
	if n == 0 {
		return ""
	}
	if late := n - inTime; late > 1 && late*100 > n {
		t.Errorf("%s: the closing round began in time in %d of %d circles", name, inTime, n)
	}
	slices.Sort(ratios)
	slices.Sort(untils)
	slices.Sort(lengths)
	ratio := "     -      -"
	if len(ratios) > 0 {
		ratio = fmt.Sprintf("%6.2f %6.2f", ratios[len(ratios)/2], ratios[len(ratios)-1])
	}
	of := float64(asked+merged+out) / 100
	return fmt.Sprintf("%-16s %7d %7.1f%% %8.1f%% %5.1f%% %6.1f%% %10.1f %s %8s %8s %7s", name, n, float64(inTime)*100/float64(n),
		float64(asked)/of, float64(merged)/of, float64(out)/of, float64(merged)/float64(n), ratio, untils[n/2].Round(time.Second), untils[n-1].Round(time.Second), lengths[n/2].Round(time.Minute))
}

func named(format string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(format))
	return h.Sum64()
}

// sharesStory tells of the turns where the time was split.
func (c *circle) sharesStory() string {
	var b strings.Builder
	split := false
	for _, e := range c.log {
		for _, ev := range e.Events {
			switch ev := ev.(type) {
			case room.StageSet:
				i := slices.IndexFunc(c.s.Agenda, func(g room.Stage) bool { return g.ID == ev.Stage })
				split = c.s.Agenda[i].Split
			case room.Said:
				continue
			}
			if split {
				fmt.Fprintf(&b, "%s %s\n", clock(e.At), tell(ev))
			}
		}
	}
	return b.String()
}
