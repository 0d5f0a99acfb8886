package formats_test

import (
	"fmt"
	"strings"

	"hearth/room"
)

// tell says an event in words, for scripts and stories.
func tell(ev room.Event) string {
	for _, say := range []func(room.Event) string{tellStick, tellPeople, tellAgenda, tellCare} {
		if told := say(ev); told != "" {
			return told
		}
	}
	return strings.ReplaceAll(fmt.Sprintf("%T%+v", ev, ev), "room.", "")
}

func tellStick(ev room.Event) string {
	switch ev := ev.(type) {
	case room.FloorSet:
		return fmt.Sprintf("floor: %s", ev.Floor)
	case room.RoundStarted:
		return fmt.Sprintf("round %d: %s%s%s", ev.N, list(ev.Queue), when(ev.Order != "", fmt.Sprintf(" (%s)", ev.Order)),
			when(ev.Share != 0, fmt.Sprintf(", %v each", ev.Share)))
	case room.RoundEnded:
		return fmt.Sprintf("round %d is over", ev.N)
	case room.Missed:
		return fmt.Sprintf("the round goes by %s", ev.Seat)
	case room.StickOffered:
		return fmt.Sprintf("offered to %s, turn %d%s%s", ev.To, ev.Turn, when(ev.From != "", ", by "+string(ev.From)),
			when(ev.Limit != 0, fmt.Sprintf(", %v%s", ev.Limit, when(ev.Hard, " at most"))))
	case room.OfferEnded:
		return fmt.Sprintf("offer to %s ends: %s", ev.Seat, ev.How)
	case room.Took:
		return fmt.Sprintf("%s takes the stick", ev.Seat)
	case room.TurnEnded:
		return fmt.Sprintf("%s's turn ends: %s", ev.Seat, ev.How)
	case room.TimeTold:
		return fmt.Sprintf("turn %d: %s", ev.Turn, when(!ev.Firm, "told of its time")+when(ev.Firm, "told that the closing round comes"))
	case room.Wished:
		return fmt.Sprintf("turn %d: would like %s", ev.Turn, ev.Wish)
	case room.HandRaised:
		return fmt.Sprintf("%s %s a hand", ev.Seat, when(ev.On, "raises")+when(!ev.On, "lowers"))
	case room.Said:
		return fmt.Sprintf("%s says %q%s", ev.Seat, ev.Text, when(ev.Note != "", fmt.Sprintf(" (note: %q)", ev.Note)))
	}
	return ""
}

func tellPeople(ev room.Event) string {
	switch ev := ev.(type) {
	case room.Joined:
		return fmt.Sprintf("%s sits down (%s)", ev.Seat, ev.Role)
	case room.Returned:
		return fmt.Sprintf("%s is back", ev.Seat)
	case room.Dropped:
		return fmt.Sprintf("%s's line is down", ev.Seat)
	case room.Left:
		return fmt.Sprintf("%s left%s%s", ev.Seat, when(ev.Fine, ", fine"), when(ev.Long, ", away too long"))
	case room.Named:
		return fmt.Sprintf("%s is called %q", ev.Seat, ev.Name.Name)
	case room.Listens:
		return fmt.Sprintf("%s %s", ev.Seat, when(ev.On, "listens today")+when(!ev.On, "takes part"))
	case room.Muted:
		return fmt.Sprintf("%s is muted until %s", ev.Seat, clock(ev.Until))
	case room.Unmuted:
		return fmt.Sprintf("%s is not muted any more", ev.Seat)
	case room.DutySet:
		return fmt.Sprintf("%s: %s %v", ev.Seat, ev.Duty, ev.On)
	}
	return ""
}

func tellAgenda(ev room.Event) string {
	switch ev := ev.(type) {
	case room.CircleBegan:
		return "the circle begins"
	case room.StageSet:
		return fmt.Sprintf("stage %d", ev.Stage)
	case room.StageMoving:
		return fmt.Sprintf("stage %d follows after these words", ev.Stage)
	case room.Merged:
		return fmt.Sprintf("in the closing round say both: %s", list(ev.Seats))
	case room.BellRang:
		return "the bell rings"
	case room.Reminded:
		return "the ground rules, once more"
	case room.Extended:
		return fmt.Sprintf("stage %d: %v more", ev.Stage, ev.By)
	case room.SupportAsked:
		return fmt.Sprintf("%s is offered a support round", ev.Seat)
	case room.SupportWanted:
		return fmt.Sprintf("%s would like support", ev.Seat)
	case room.SupportBegan:
		return fmt.Sprintf("a support round for %s", ev.Seat)
	case room.SupportOver:
		return fmt.Sprintf("the support round for %s is over", ev.Seat)
	case room.Closed:
		return "the circle is closed" + when(ev.By != "", " by "+string(ev.By))
	}
	return ""
}

func tellCare(ev room.Event) string {
	switch ev := ev.(type) {
	case room.Deputized:
		return fmt.Sprintf("%s %s deputy", ev.Seat, when(ev.On, "is")+when(!ev.On, "is no more"))
	case room.ChairTaken:
		return fmt.Sprintf("%s has the chair", ev.Seat)
	case room.CareMoved:
		return fmt.Sprintf("nobody keeps the circle: %s%s", ev.Step, when(!ev.Until.IsZero(), " until "+clock(ev.Until)))
	case room.CareOver:
		return "the circle is kept again"
	case room.EndSet:
		return "will close at " + clock(ev.At)
	}
	return ""
}

func list(ids []room.SeatID) string {
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
