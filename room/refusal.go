package room

// Refusal is a no that a person may read: a code for the program, a kind
// sentence, and nothing lost.
type Refusal struct {
	Code Code   `json:"code"`
	Say  string `json:"say"`
}

func (r *Refusal) Error() string { return "refused: " + string(r.Code) }

// Code names a refusal for the program.
type Code string

// The codes a room refuses with.
const (
	RoomOver      Code = "room-over"
	NotYours      Code = "not-yours"
	NotNow        Code = "not-now"
	NotSeated     Code = "not-seated"
	TurnMoved     Code = "turn-moved"
	NotHolding    Code = "not-holding"
	NotOffered    Code = "not-offered"
	YouAreMuted   Code = "muted"
	NoSuchSeat    Code = "no-such-seat"
	NoOneNext     Code = "no-one-next"
	NotInRing     Code = "not-in-ring"
	LaterUsed     Code = "later-used"
	NoWords       Code = "no-words"
	TooManyWords  Code = "too-many-words"
	NoSuchWords   Code = "no-such-words"
	NotYourWords  Code = "not-your-words"
	BadMinutes    Code = "bad-minutes"
	BadReason     Code = "bad-reason"
	BadReaction   Code = "bad-reaction"
	NameNeeded    Code = "name-needed"
	NameTaken     Code = "name-taken"
	RoomFull      Code = "room-full"
	YouAreBarred  Code = "barred"
	NotOverThem   Code = "not-over-them"
	StillKept     Code = "still-kept"
	TooManyNamed  Code = "too-many-deputies"
	OutOfOrder    Code = "out-of-order"
	RoomHeld      Code = "room-held"
	SeatAway      Code = "seat-away"
	SeatMuted     Code = "seat-muted"
	NoTurnRunning Code = "no-turn"
	NotMember     Code = "not-member"
	StageMoved    Code = "stage-moved"
	NoSuchStage   Code = "no-such-stage"
	PlanMoved     Code = "plan-moved"
	BadPlan       Code = "bad-plan"
	NotWaiting    Code = "not-waiting"
	NoSuchDuty    Code = "no-such-duty"
	EnoughOfThem  Code = "enough-of-them"
	DutyNeeded    Code = "duty-needed"
	BadWish       Code = "bad-wish"
	NoPictures    Code = "no-pictures"
	OnePicture    Code = "one-picture"
	LongNote      Code = "long-note"
	InQuiet       Code = "in-quiet"
	InLead        Code = "in-lead"
	BadAside      Code = "bad-aside"
	KeeperNeeded  Code = "keeper-needed"
	InAside       Code = "in-aside"
	TooManyAsides Code = "too-many-asides"
	NoSuchAside   Code = "no-such-aside"
	SeatOut       Code = "seat-out"
	NotAtDoor     Code = "not-at-door"
	LongTold      Code = "long-told"
)

// says holds the sentence of every code.
var says = map[Code]string{
	RoomOver:      "This gathering has ended.",
	NotYours:      "That belongs to somebody else's part in the circle.",
	NotNow:        "That isn't possible just now. Nothing is lost.",
	NotSeated:     "You don't have a seat in this circle at the moment. Please come in again.",
	TurnMoved:     "The stick had already moved on. Nothing is lost.",
	NotHolding:    "Only the person with the stick speaks. Your words are still here with you.",
	NotOffered:    "The stick isn't offered to you at the moment.",
	YouAreMuted:   "You can't speak in this circle for a little while. Your words are still here with you.",
	NoSuchSeat:    "That person isn't in the circle any more.",
	NoOneNext:     "There is nobody to offer the stick to just now.",
	NotInRing:     "That person is listening today, so the stick passes by.",
	LaterUsed:     "You have put it off once in this round already. You can take it or pass.",
	NoWords:       "There are no words in this yet.",
	TooManyWords:  "That is longer than 4,000 characters. Please send it in two parts.",
	NoSuchWords:   "Those words are not in the room any more.",
	NotYourWords:  "Only the person who said them can take words back.",
	BadMinutes:    "Please choose a number of minutes within the limits.",
	BadReason:     "Please choose one of the reasons given.",
	BadReaction:   "This circle doesn't have that reaction.",
	NameNeeded:    "Please tell us what to call you.",
	NameTaken:     "Somebody here already goes by that name. Please choose another for tonight.",
	RoomFull:      "All seats are taken at the moment. You are welcome to try again a little later.",
	YouAreBarred:  "You can't come into this gathering any more. Help is still there for you.",
	NotOverThem:   "That person looks after the circle too, so this isn't possible.",
	StillKept:     "The circle is being looked after, so the chair isn't free.",
	TooManyNamed:  "There are enough deputies already. You can take one back first.",
	OutOfOrder:    "Some of what you did may not have arrived. Please look at the circle and try again.",
	RoomHeld:      "The room is held for a moment. Nothing is lost.",
	SeatAway:      "Their line is down at the moment. Their place is kept.",
	SeatMuted:     "They can't speak at the moment. You can end that first.",
	NoTurnRunning: "Nobody holds the stick just now.",
	NotMember:     "Only somebody who takes part can be named.",
	StageMoved:    "The circle had already moved on to another part. Nothing is lost.",
	NoSuchStage:   "That part isn't in tonight's agenda any more.",
	PlanMoved:     "Somebody changed tonight's agenda at the same time. Here is how it stands now.",
	BadPlan:       "The agenda can't be kept like this. Please look at its times, and keep one closing round.",
	NotWaiting:    "That person isn't waiting for the stick in this round any more.",
	NoSuchDuty:    "This circle doesn't have that duty.",
	EnoughOfThem:  "Three people have that duty already. You can take it back from one first.",
	DutyNeeded:    "That is for whoever keeps the time tonight.",
	BadWish:       "This circle doesn't have that wish.",
	NoPictures:    "This part of the circle is without pictures.",
	OnePicture:    "You have shown a picture in this turn already.",
	LongNote:      "Please keep a note to 100 characters, and what a picture shows to 300.",
	InQuiet:       "The circle is quiet for a while. Your words are still here with you.",
	InLead:        "Somebody leads this part. Your words are still here with you.",
	BadAside:      "Please choose one person for a talk, or one or two for a quiet room.",
	KeeperNeeded:  "You can talk aside with whoever keeps the circle, or with a moderator.",
	InAside:       "You are aside with somebody of them already.",
	TooManyAsides: "A few people are aside already. Please try again in a little while.",
	NoSuchAside:   "That has ended. The circle is where you left it.",
	SeatOut:       "They have stepped out for a moment. Their place is kept.",
	NotAtDoor:     "They aren't at the door any more.",
	LongTold:      "Please keep it to 300 characters.",
}

// Refuse returns the refusal of a code.
func Refuse(c Code) *Refusal { return &Refusal{Code: c, Say: says[c]} }

// Codes lists every code a room can refuse with.
func Codes() []Code {
	all := make([]Code, 0, len(says))
	for c := range says {
		all = append(all, c)
	}
	return all
}
