package room

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// StageID names a stage of one room's agenda. Ids count from 1 and are never
// used twice.
type StageID int

// Kind says how a stage goes.
type Kind string

// The kinds.
const (
	KindRound Kind = "round" // the stick is offered, in the stage's order
	KindOpen  Kind = "open"  // the stick rests, anyone may speak
	KindQuiet Kind = "quiet" // nobody speaks; a bell when its time has passed
	KindLead  Kind = "lead"  // whoever keeps the circle speaks, and readers
)

// Order says to whom the stick goes next in a round.
type Order string

// The orders. In hands and least, a round goes on until its stage ends, and
// the stick comes only to those who raise a hand.
const (
	OrderRing     Order = "ring"     // as they sit, from whoever keeps the circle
	OrderReversed Order = "reversed" // the other way round
	OrderHands    Order = "hands"    // who raised a hand first
	OrderLeast    Order = "least"    // of those, who has spoken least
	OrderNominate Order = "nominate" // the last speaker names the next
	OrderRandom   Order = "random"   // drawn when the round begins, and told
)

// Stage is one part of an agenda. Title and prompt are what the circle's
// format says; what is typed tonight stands in Words and wins.
type Stage struct {
	ID      StageID       `json:"id"`
	Kind    Kind          `json:"kind"`
	Title   string        `json:"title,omitempty"`
	Prompt  string        `json:"prompt,omitempty"`
	Cue     string        `json:"cue,omitempty"`  // what to say or do, for whoever keeps the circle
	Time    time.Duration `json:"time,omitempty"` // of the stage; 0: as it comes
	Order   Order         `json:"order,omitempty"`
	Turn    time.Duration `json:"turn,omitempty"`   // of one turn; 0: as it comes
	Split   bool          `json:"split,omitempty"`  // a turn is an equal part of the stage's time
	Hard    bool          `json:"hard,omitempty"`   // a turn ends with its time
	Rounds  int           `json:"rounds,omitempty"` // 0: until the stage's time has come
	Images  bool          `json:"images,omitempty"` // a turn may carry one image
	Closing bool          `json:"closing,omitempty"`
}

// Bounds of an agenda.
const (
	MaxStages    = 12
	MaxStageTime = 4 * time.Hour
	MaxTurnTime  = time.Hour
	MinTurnTime  = 30 * time.Second
	MaxRounds    = 9
	MaxTitle     = 80   // bytes
	MaxPrompt    = 400  // bytes
	MaxCue       = 400  // bytes
	MaxText      = 2500 // bytes of all titles, prompts and cues: they are stored with every entry
)

// Check says what is wrong with a stage by itself, as "field: what".
func (g Stage) Check() error {
	round := g.Kind == KindRound
	switch {
	case !slices.Contains([]Kind{KindRound, KindOpen, KindQuiet, KindLead}, g.Kind):
		return errors.New("kind: must be round, open, quiet or lead")
	case round && !slices.Contains([]Order{OrderRing, OrderReversed, OrderHands, OrderLeast, OrderNominate, OrderRandom}, g.Order):
		return errors.New("order: must be ring, reversed, hands, least, nominate or random")
	case len(g.Title) > MaxTitle || len(g.Prompt) > MaxPrompt || len(g.Cue) > MaxCue:
		return fmt.Errorf("title, prompt, cue: at most %d, %d and %d bytes", MaxTitle, MaxPrompt, MaxCue)
	case g.Time < 0 || g.Time > MaxStageTime || g.Time%time.Second != 0:
		return errors.New("time: must be between nothing and four hours, in whole seconds")
	case g.Turn != 0 && (g.Turn < MinTurnTime || g.Turn > MaxTurnTime || g.Turn%time.Second != 0):
		return errors.New("turn: must be between half a minute and an hour, in whole seconds")
	case g.Rounds < 0 || g.Rounds > MaxRounds:
		return fmt.Errorf("rounds: must be between 1 and %d, or 0 until the time has come", MaxRounds)
	case g.Kind == KindQuiet && g.Time == 0:
		return errors.New("time: quiet needs a time, for the bell")
	case !round && (g.Order != "" || g.Turn != 0 || g.Split || g.Hard || g.Rounds != 0 || g.Images || g.Closing):
		return errors.New("kind: order, turn, split, hard, rounds, images and closing belong to a round")
	case g.Split && (g.Turn != 0 || g.Time == 0):
		return errors.New("split: an equal split needs the time of the stage, and no time of a turn")
	case g.Hard && g.Turn == 0 && !g.Split:
		return errors.New("hard: needs the time of a turn, or an equal split")
	case round && g.Rounds == 0 && g.Time == 0:
		return errors.New("rounds: until the time has come needs a time")
	case g.Closing && (g.Rounds != 1 || g.byHand()):
		return errors.New("closing: is one round that comes to everybody")
	}
	return nil
}

// byHand says whether the stick comes only to those who raise a hand.
func (g Stage) byHand() bool { return g.Order == OrderHands || g.Order == OrderLeast }

// CheckAgenda says what is wrong with an agenda; an empty one is none, and
// fine. The closing round is the one that cannot be starved (rule 9).
func CheckAgenda(stages []Stage) error {
	if len(stages) == 0 {
		return nil
	}
	if len(stages) > MaxStages {
		return fmt.Errorf("room agenda: at most %d stages", MaxStages)
	}
	closing, text, seen := 0, 0, map[StageID]bool{}
	for i, g := range stages {
		if err := g.Check(); err != nil {
			return fmt.Errorf("room agenda: stage %d: %w", i+1, err)
		}
		if g.ID < 1 || seen[g.ID] {
			return fmt.Errorf("room agenda: stage %d: id: must be its own, from 1", i+1)
		}
		seen[g.ID] = true
		text += len(g.Title) + len(g.Prompt) + len(g.Cue)
		if g.Closing {
			closing++
		}
	}
	if text > MaxText {
		return fmt.Errorf("room agenda: titles, prompts and cues take %d bytes, more than %d", text, MaxText)
	}
	if closing != 1 {
		return fmt.Errorf("room agenda: there must be one closing round, not %d", closing)
	}
	return nil
}
