package room

import (
	"fmt"
	"strings"
	"time"
)

// tell says an event in words, for scripts.
func tell(ev Event) string {
	switch ev := ev.(type) {
	case Joined:
		return fmt.Sprintf("%s sits down (%s)", ev.Seat, ev.Role)
	case Returned:
		return fmt.Sprintf("%s is back", ev.Seat)
	case Reached:
		return fmt.Sprintf("%s has a line to %s too", ev.Seat, ev.Node)
	case Unreached:
		return fmt.Sprintf("%s has no line to %s any more", ev.Seat, ev.Node)
	case Keyed:
		return "words are sealed with " + ev.Kid
	case Dropped:
		return fmt.Sprintf("%s's line is down", ev.Seat)
	case Left:
		return fmt.Sprintf("%s left%s%s", ev.Seat, when(ev.Fine, ", fine"), when(ev.Long, ", away too long"))
	case Removed:
		return fmt.Sprintf("%s is removed%s", ev.Seat, when(!ev.Here, ", without a seat"))
	case Named:
		return fmt.Sprintf("%s is called %q%s", ev.Seat, ev.Name.Name, when(ev.Name.Pronouns != "", " ("+ev.Name.Pronouns+")"))
	case TakesPart:
		return fmt.Sprintf("%s takes part", ev.Seat)
	case Listens:
		return fmt.Sprintf("%s listens today: %v", ev.Seat, ev.On)
	case Said:
		return fmt.Sprintf("%s %s %s%s%s", ev.Seat, when(ev.Picture == nil, "says")+when(ev.Picture != nil, "shows"), brief(ev.Text),
			when(ev.Guardian, " as guardian"), when(ev.Note != "", ", about "+ev.Note))
	case Retracted:
		return fmt.Sprintf("entry %d is taken back", ev.Seq)
	case Reacted:
		return fmt.Sprintf("%s: %s", ev.Seat, ev.Kind)
	case Typing:
		return fmt.Sprintf("%s is typing", ev.Seat)
	}
	for _, tell := range []func(Event) string{tellStick, tellAgenda, tellAside, tellDoor, tellDesk} {
		if told := tell(ev); told != "" {
			return told
		}
	}
	return tellKeeping(ev)
}

func tellStick(ev Event) string {
	switch ev := ev.(type) {
	case CircleBegan:
		return "the circle begins"
	case FloorSet:
		return fmt.Sprintf("floor: %s", ev.Floor)
	case RoundStarted:
		return fmt.Sprintf("round %d%s: %s%s", ev.N, when(ev.Order != "", " ("+string(ev.Order)+")"), list(ev.Queue), when(ev.Share > 0, ", "+ev.Share.String()+" each"))
	case RoundEnded:
		return fmt.Sprintf("round %d is over", ev.N)
	case Missed:
		return fmt.Sprintf("the round goes by %s", ev.Seat)
	case StickOffered:
		return fmt.Sprintf("offered to %s, turn %d%s", ev.To, ev.Turn, when(ev.From != "", ", by "+string(ev.From))+
			when(ev.Limit > 0, fmt.Sprintf(", %s%v", when(ev.Hard, "at most "), ev.Limit)))
	case OfferEnded:
		return fmt.Sprintf("offer to %s ends: %s", ev.Seat, ev.How)
	case Took:
		return fmt.Sprintf("%s takes the stick", ev.Seat)
	case TurnEnded:
		return fmt.Sprintf("%s's turn ends: %s", ev.Seat, ev.How)
	case TimeGiven:
		return fmt.Sprintf("%v more", ev.More)
	case TimeTold:
		return fmt.Sprintf("turn %d: its time %s", ev.Turn, when(!ev.Firm, "has passed")+when(ev.Firm, "ends with the closing round"))
	case Wished:
		return fmt.Sprintf("turn %d: %s", ev.Turn, ev.Wish)
	}
	return ""
}

func tellAgenda(ev Event) string {
	switch ev := ev.(type) {
	case StageSet:
		return fmt.Sprintf("stage %d%s", ev.Stage, when(ev.Later > 0, fmt.Sprintf(", the closing round %v later", ev.Later)))
	case StageMoving:
		return fmt.Sprintf("stage %d follows", ev.Stage)
	case Extended:
		return fmt.Sprintf("stage %d: %v more", ev.Stage, ev.By)
	case Planned:
		return fmt.Sprintf("tonight, as changed %d times: %s", ev.Rev, agenda(ev.Stages, ev.Typed))
	case Moved:
		return fmt.Sprintf("%s moves %s", ev.Seat, when(ev.Before != "", "before "+string(ev.Before))+when(ev.Before == "", "to the end"))
	case Merged:
		return "in the closing round: " + list(ev.Seats)
	case BellRang:
		return "the bell"
	case Reminded:
		return "the ground rules are shown"
	case HandRaised:
		return fmt.Sprintf("%s's hand is %s", ev.Seat, when(ev.On, "up")+when(!ev.On, "down"))
	case DutySet:
		return fmt.Sprintf("%s is %s: %v", ev.Seat, ev.Duty, ev.On)
	case SupportAsked:
		return fmt.Sprintf("a support round is offered to %s", ev.Seat)
	case SupportWanted:
		return fmt.Sprintf("%s would like a support round", ev.Seat)
	case SupportBegan:
		return fmt.Sprintf("a round for %s", ev.Seat)
	case SupportOver:
		return fmt.Sprintf("the round for %s is over", ev.Seat)
	}
	return ""
}

// agenda tells stages as scripts name them.
func agenda(stages []Stage, typed map[StageID]Typed) string {
	out := []string{}
	for _, g := range stages {
		t := typed[g.ID]
		out = append(out, fmt.Sprintf("%d %s%s", g.ID, g.Kind, when(g.Time > 0, " "+g.Time.String())+when(t.Title != "", fmt.Sprintf(" %q", t.Title))+when(t.Prompt != "", fmt.Sprintf(" %q", t.Prompt))))
	}
	return strings.Join(out, ", ")
}

func tellKeeping(ev Event) string {
	switch ev := ev.(type) {
	case WasHeld:
		return fmt.Sprintf("%s holds the room: %s", ev.By, ev.Why)
	case HoldAsked:
		return "is the hold still right?"
	case Released:
		return "the room goes on"
	case Muted:
		return fmt.Sprintf("%s is muted until %s", ev.Seat, clock(ev.Until))
	case Unmuted:
		return fmt.Sprintf("%s is not muted any more", ev.Seat)
	case Deputized:
		return fmt.Sprintf("%s is deputy: %v", ev.Seat, ev.On)
	case ChairTaken:
		return fmt.Sprintf("%s has the chair", ev.Seat)
	case CareMoved:
		return fmt.Sprintf("nobody keeps the circle: %s%s", ev.Step, when(!ev.Until.IsZero(), " until "+clock(ev.Until)))
	case CareOver:
		return "the circle is kept again"
	case EndSet:
		return "will close at " + clock(ev.At)
	case Closed:
		return "the circle is closed" + when(ev.By != "", " by "+string(ev.By))
	case Froze:
		return fmt.Sprintf("%v did not count", ev.For)
	}
	return fmt.Sprintf("%T?", ev)
}

// tellState prints where a room stands.
func tellState(s *State, now time.Time) []string {
	st := s.Stick
	out := []string{fmt.Sprintf("stick: %s%s, turn %d, clock %v%s", st.At, when(st.Seat != "", " "+string(st.Seat)), st.Turn,
		st.Clock.Read(now), when(st.Clock.Since.IsZero(), " stopped"))}
	queue := []string{}
	for _, p := range s.Round.Queue {
		queue = append(queue, string(p.Seat)+when(p.Again, " again")+when(p.Cut, " cut")+when(p.Late, " late"))
	}
	out = append(out, fmt.Sprintf("round: %d%s; to come: %s", s.Round.N, when(!s.Round.Going, " over"), strings.Join(queue, ", ")))
	out = append(out, fmt.Sprintf("ring: %s; floor %s; phase %s; chair %s", list(s.Order), s.Floor, s.PhaseNow(), s.Chair))
	if s.Now.Stage != 0 {
		out = append(out, fmt.Sprintf("stage: %d for %v, %d rounds%s", s.Now.Stage, s.Now.Clock.Read(now), s.Now.Rounds,
			when(!s.closesAt().IsZero(), "; closing round at "+clock(s.closesAt()))))
	}
	if s.Care != nil {
		out = append(out, fmt.Sprintf("care: %s%s", s.Care.Step, when(!s.Care.Until.IsZero(), " until "+clock(s.Care.Until))))
	}
	return out
}

func list(ids []SeatID) string {
	names := []string{}
	for _, id := range ids {
		names = append(names, string(id))
	}
	return strings.Join(names, ", ")
}

func when(is bool, s string) string {
	if is {
		return s
	}
	return ""
}

func brief(text string) string {
	if len(text) > 40 {
		return fmt.Sprintf("%d characters", len([]rune(text)))
	}
	return fmt.Sprintf("%q", text)
}

// clock shows a time as hours, minutes and seconds since the opening.
func clock(t time.Time) string {
	return t.UTC().Format("15:04:05")
}
