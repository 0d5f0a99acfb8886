package room

import "time"

func (s *State) Apply(e Entry)             {}
func (s *State) Due() (time.Time, Command) { return time.Time{}, Command{} }

type decision struct{}

func (Take) decide(d *decision)              {}
func (Decline) decide(d *decision)           {}
func (Later) decide(d *decision)             {}
func (Pass) decide(d *decision)              {}
func (Say) decide(d *decision)               {}
func (Listen) decide(d *decision)            {}
func (Retract) decide(d *decision)           {}
func (React) decide(d *decision)             {}
func (Type) decide(d *decision)              {}
func (Call) decide(d *decision)              {}
func (Leave) decide(d *decision)             {}
func (Next) decide(d *decision)              {}
func (Offer) decide(d *decision)             {}
func (Skip) decide(d *decision)              {}
func (Lay) decide(d *decision)               {}
func (MoreTime) decide(d *decision)          {}
func (OpenFloor) decide(d *decision)         {}
func (SetHold) decide(d *decision)           {}
func (Release) decide(d *decision)           {}
func (Mute) decide(d *decision)              {}
func (Unmute) decide(d *decision)            {}
func (Remove) decide(d *decision)            {}
func (Guard) decide(d *decision)             {}
func (NameDeputy) decide(d *decision)        {}
func (TakeChair) decide(d *decision)         {}
func (Close) decide(d *decision)             {}
func (Arrive) decide(d *decision)            {}
func (Drop) decide(d *decision)              {}
func (Timer) decide(d *decision)             {}
func (Outage) decide(d *decision)            {}
func (Begun) apply(s *State, e Entry)        {}
func (Joined) apply(s *State, e Entry)       {}
func (Returned) apply(s *State, e Entry)     {}
func (Dropped) apply(s *State, e Entry)      {}
func (Left) apply(s *State, e Entry)         {}
func (Removed) apply(s *State, e Entry)      {}
func (Named) apply(s *State, e Entry)        {}
func (TakesPart) apply(s *State, e Entry)    {}
func (Listens) apply(s *State, e Entry)      {}
func (CircleBegan) apply(s *State, e Entry)  {}
func (FloorSet) apply(s *State, e Entry)     {}
func (RoundStarted) apply(s *State, e Entry) {}
func (RoundEnded) apply(s *State, e Entry)   {}
func (Missed) apply(s *State, e Entry)       {}
func (StickOffered) apply(s *State, e Entry) {}
func (OfferEnded) apply(s *State, e Entry)   {}
func (Took) apply(s *State, e Entry)         {}
func (TurnEnded) apply(s *State, e Entry)    {}
func (TimeGiven) apply(s *State, e Entry)    {}
func (TimeTold) apply(s *State, e Entry)     {}
func (WasHeld) apply(s *State, e Entry)      {}
func (HoldAsked) apply(s *State, e Entry)    {}
func (Released) apply(s *State, e Entry)     {}
func (Muted) apply(s *State, e Entry)        {}
func (Unmuted) apply(s *State, e Entry)      {}
func (Deputized) apply(s *State, e Entry)    {}
func (ChairTaken) apply(s *State, e Entry)   {}
func (CareMoved) apply(s *State, e Entry)    {}
func (CareOver) apply(s *State, e Entry)     {}
func (EndSet) apply(s *State, e Entry)       {}
func (Closed) apply(s *State, e Entry)       {}
func (Froze) apply(s *State, e Entry)        {}
func (Said) apply(s *State, e Entry)         {}
func (Retracted) apply(s *State, e Entry)    {}
func (Reacted) apply(s *State, e Entry)      {}
func (Typing) apply(s *State, e Entry)       {}
