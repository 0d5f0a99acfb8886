// The wire of hearth.v1, generated from the Go types: go test ./web -run TestWire -rewrite

export const protocol = "hearth.v1";

/** Names one person's place in one room. */
export type SeatID = string;

/** Capability is one thing a person can do in a room. Its names are those of the commands on the wire. */
export type Capability =
  | "admit"
  | "aside"
  | "aside-end"
  | "close"
  | "consent"
  | "decline"
  | "deputy"
  | "extend"
  | "grant"
  | "guard"
  | "hand"
  | "hand-over"
  | "hold"
  | "later"
  | "lay"
  | "leave"
  | "listen"
  | "more-time"
  | "move"
  | "mute"
  | "name"
  | "next"
  | "offer"
  | "open-floor"
  | "pass"
  | "plan"
  | "react"
  | "release"
  | "remind"
  | "remove"
  | "retract"
  | "say"
  | "skip"
  | "stage"
  | "support"
  | "take"
  | "take-chair"
  | "tell"
  | "typing"
  | "unmute"
  | "wish"
  ;

/** CareStep is how far a room without its facilitator has come (rule 8). */
export type CareStep =
  | "grace"
  | "deputies"
  | "moderators"
  | "closing"
  ;

/** Code names a refusal for the program. */
export type Code =
  | "alt-long"
  | "alt-needed"
  | "bad-action"
  | "bad-aside"
  | "bad-key"
  | "bad-minutes"
  | "bad-plan"
  | "bad-reaction"
  | "bad-reason"
  | "bad-wish"
  | "banned"
  | "barred"
  | "case-changed"
  | "case-done"
  | "case-taken"
  | "claim-first"
  | "desk-full"
  | "duty-needed"
  | "elsewhere"
  | "end-needed"
  | "enough-of-them"
  | "enter-first"
  | "facts-needed"
  | "fault"
  | "hello-first"
  | "hello-twice"
  | "in-aside"
  | "in-lead"
  | "in-quiet"
  | "keeper-needed"
  | "later-used"
  | "long-note"
  | "long-told"
  | "malformed"
  | "muted"
  | "name-long"
  | "name-mixed"
  | "name-needed"
  | "name-taken"
  | "no-case"
  | "no-invite"
  | "no-moderator"
  | "no-one-next"
  | "no-pictures"
  | "no-seat"
  | "no-such-aside"
  | "no-such-duty"
  | "no-such-seat"
  | "no-such-stage"
  | "no-such-words"
  | "no-turn"
  | "no-words"
  | "not-a-picture"
  | "not-at-door"
  | "not-found"
  | "not-holding"
  | "not-in-ring"
  | "not-member"
  | "not-now"
  | "not-offered"
  | "not-open"
  | "not-over-them"
  | "not-seated"
  | "not-waiting"
  | "not-your-words"
  | "not-yours"
  | "note-needed"
  | "one-picture"
  | "out-of-order"
  | "picture-big"
  | "picture-broken"
  | "picture-busy"
  | "picture-cut"
  | "picture-moves"
  | "picture-pixels"
  | "plan-moved"
  | "pronouns-long"
  | "prove-it"
  | "receipt-old"
  | "report-big"
  | "report-empty"
  | "report-later"
  | "report-long"
  | "report-many"
  | "report-self"
  | "report-whom"
  | "report-words"
  | "restarting"
  | "room-full"
  | "room-held"
  | "room-over"
  | "rule-needed"
  | "seat-away"
  | "seat-muted"
  | "seat-out"
  | "second-needed"
  | "shelf-full"
  | "sign-in"
  | "slow-down"
  | "stage-moved"
  | "still-kept"
  | "too-many"
  | "too-many-asides"
  | "too-many-deputies"
  | "too-many-tabs"
  | "too-many-words"
  | "turn-moved"
  | "unavailable"
  | "unknown-command"
  ;

/** Duty is a help that a member was asked for tonight. */
export type Duty =
  | "timekeeper"
  | "greeter"
  | "reader"
  ;

/** Floor says how speaking goes round. */
export type Floor =
  | "ring"
  | "open"
  | "quiet"
  | "lead"
  ;

/** HoldWhy is one of a few reasons, so that a hold carries no typed words. */
export type HoldWhy =
  | "breath"
  | "care"
  | "pause"
  ;

/** Kind says how a stage goes. */
export type Kind =
  | "round"
  | "open"
  | "quiet"
  | "lead"
  ;

/** MuteWhy is one of a few reasons, so that a mute carries no typed words. */
export type MuteWhy =
  | "space"
  | "rules"
  | "calm"
  ;

/** Order says to whom the stick goes next in a round. */
export type Order =
  | "ring"
  | "reversed"
  | "hands"
  | "least"
  | "nominate"
  | "random"
  ;

/** Phase is where a gathering stands between arrival and close. */
export type Phase =
  | "gathering"
  | "circle"
  | "held"
  | "over"
  ;

/** Reaction is a silent sign of the circle. There are no negative ones. */
export type Reaction =
  | "snap"
  | "heart"
  | "nod"
  | "with-you"
  | "celebrate"
  ;

/** Role is what a seat may be in a room. */
export type Role =
  | "listener"
  | "member"
  | "deputy"
  | "facilitator"
  | "moderator"
  | "waiting"
  ;

/** StickAt says where the stick is. */
export type StickAt =
  | "resting"
  | "offered"
  | "held"
  ;

/** SupportStep says how far a support round for oneself has come. */
export type SupportStep =
  | "offered"
  | "wanted"
  | "going"
  ;

/** Wish is what whoever speaks would like from the others. */
export type Wish =
  | "listen"
  | "reflections"
  | "ideas"
  ;

/** Hello is the first frame, within HelloWithin of the handshake. */
export interface Hello {
  t: "hello";
  /** single use, 30 s, for one seat */
  ticket: string;
  /** random, one per tab: 16 to 22 of A-Z a-z 0-9 - _ */
  session: string;
  name: string;
  pronouns?: string;
  /** just listening, chosen at the door */
  listen?: boolean;
  /** "this is my first time", for whoever lets them in */
  first?: boolean;
  resume?: Resume;
}

/** Resume names the last entry a client has. */
export interface Resume {
  epoch: string;
  seq: number;
  /** as it came with that entry; without it everything comes anew */
  tag?: string;
}

/** Do is a numbered command. */
export interface Do {
  t: "do";
  /** one more than the last that was answered ok */
  n: number;
  act: Capability;
  with?: object;
}

/** Signal is lossy: a reaction, or that somebody is typing. */
export interface Signal {
  t: "signal";
  /** "react" or "typing" */
  act: Capability;
  with?: object;
}

/** Welcome answers hello. State is absent when the client's resume could be honoured: then entries follow. Door is there instead for whoever has to wait at the door, whatever they resume: it changes with the door of an entry, and a state follows by itself when they are let in. */
export interface Welcome {
  t: "welcome";
  epoch: string;
  /** what State shows, or what resume starts after */
  seq: number;
  /** of the log at Seq */
  tag: string;
  /** number of this session's last committed command */
  last: number;
  now: number;
  state?: State;
  door?: DoorView;
  /** Missed is what was said (and taken back) between the client's resume and State, oldest first, if it is still known. */
  missed?: Frame[];
  /** entries that were committed are lost */
  rewound?: boolean;
  /** of the circle, for the crisis card; the member's choice wins */
  country?: string;
}

/** State is the room from scratch: everything known before is void, but for words already on the screen. */
export interface State {
  room: RoomView;
  seats: Record<SeatID, SeatView>;
  you: YouView;
  keep?: KeepView;
}

/** RoomView is the room as everybody may see it. */
export interface RoomView {
  title: string;
  /** of the stage, else of the circle */
  prompt: string;
  /** where the agenda is */
  stage?: StageView;
  /** title of the stage that follows */
  then?: string;
  /** title of the stage that begins when the present turn ends, soon */
  moving?: string;
  /** when the closing round begins */
  closes?: number;
  /** who says in the closing round what there was no time for */
  merged?: SeatID[];
  /** whom this round is for */
  support?: SeatID;
  /** when the circle was last reminded of its ground rules */
  rules?: number;
  /** gathering, circle, held, over */
  phase: Phase;
  floor: Floor;
  stick: StickView;
  round: RoundView;
  /** the ring */
  order: SeatID[];
  /** who keeps the circle */
  chair?: SeatID;
  hold?: HoldView;
  care?: CareView;
  /** when the room will close */
  closing?: number;
}

/** StageView is the present stage as everybody may see it. */
export interface StageView {
  id: number;
  kind: Kind;
  order?: Order;
  title: string;
  images?: boolean;
  closing?: boolean;
  /** the quiet is over */
  bell?: boolean;
}

/** StickView tells where the stick is. The turn's clock shows Spent at the frame's time and runs on if Runs. */
export interface StickView {
  at: StickAt;
  turn: number;
  seat?: SeatID;
  from?: SeatID;
  spent: number;
  runs: boolean;
  limit?: number;
  /** the turn ends with it */
  hard?: boolean;
  /** of whoever speaks */
  wish?: Wish;
}

/** RoundView tells how far the round is, and who comes next: two at most; all of them where they were drawn, or can be named by the last speaker. */
export interface RoundView {
  n: number;
  going: boolean;
  /** which turn of it this is */
  at?: number;
  of?: number;
  next?: SeatID[];
}

/** HoldView tells that the room is held. */
export interface HoldView {
  by?: SeatID;
  why: HoldWhy;
  since: number;
}

/** CareView tells how far a room without its facilitator has come. */
export interface CareView {
  step: CareStep;
  until?: number;
}

/** SeatView is one seat as everybody may see it. */
export interface SeatView {
  /** as they act: a member named as deputy is one */
  role: Role;
  name?: string;
  pronouns?: string;
  here: boolean;
  listening?: boolean;
  hand?: boolean;
  /** stepped out into a quiet room; the place is kept */
  out?: boolean;
  duties?: Duty[];
}

/** YouView is what concerns one seat alone. */
export interface YouView {
  seat: SeatID;
  role: Role;
  /** what would not be refused right now for who or when */
  can: Capability[];
  /** people before you; -1: not in the order */
  before: number;
  /** until when */
  muted?: number;
  /** and why */
  why?: MuteWhy;
  /** your turn's soft time has passed */
  time?: boolean;
  /** this offer can still be put off */
  later?: boolean;
  /** your turn ends then */
  until?: number;
  /** your turn has had its picture */
  shown?: boolean;
  support?: SupportStep;
  /** for whoever keeps the time */
  clock?: StageClock;
  /** that one is in, or asked into */
  asides?: AsideView[];
  /** who is at the door, for whoever greets */
  waiting?: WaitingView;
  removed?: boolean;
  /** the newest decision of a moderator about you */
  stated?: Statement;
}

/** StageClock tells how long the present stage has gone on: Spent, and since Since, unless that is zero: it stands still. */
export interface StageClock {
  spent: number;
  since?: number;
  /** it is meant to take; 0: as it comes */
  time?: number;
  /** of all stages still to come */
  left?: number;
}

/** AsideView is an aside as those in it see it, and those who look after the circle. */
export interface AsideView {
  id: string;
  kind: string;
  /** who asked */
  by: SeatID;
  /** whom it is for */
  seats: SeatID[];
  in?: SeatID[];
}

/** WaitingView is who waits, for those who may let them in. */
export interface WaitingView {
  /** in order of coming, at most 30 */
  list: WaitView[];
  /** who wait behind them */
  more?: number;
  /** all places are taken */
  full?: boolean;
}

/** WaitView is one person who waits. */
export interface WaitView {
  seat: SeatID;
  name?: string;
  pronouns?: string;
  /** it is their first time, they say */
  first?: boolean;
  /** will just listen */
  listen?: boolean;
  /** has to be let in; else only waits for a place */
  asks?: boolean;
  /** their line is down */
  away?: boolean;
  /** something kind was said to them */
  told?: boolean;
  since: number;
}

/** Statement is what somebody is told of a decision about them: in the frame that applies it, and again whenever they come back. Facts and Appeal are words: they are in no stored fact of a room. */
export interface Statement {
  id: string;
  action: string;
  /** of a ban: circle, series or server */
  scope?: string;
  /** Unix milliseconds, as the rest */
  from: number;
  /** 0: no end, or nothing that lasts */
  until?: number;
  /** a category of package moderation, or ground-rules */
  rule: string;
  /** a person's sentence; decided by a human */
  facts?: string;
  /** the code to appeal with, at /appeal#… */
  appeal?: string;
  /** and until when */
  appealUntil?: number;
}

/** KeepView is what facilitators and moderators see beside the rest. */
export interface KeepView {
  /** until when */
  muted?: Record<SeatID, number>;
  /** since when */
  away?: Record<SeatID, number>;
  removed?: SeatID[];
  /** revision of the agenda */
  plan?: number;
  agenda?: PlanView[];
  clock?: StageClock;
  /** who is still to be offered the stick, in order */
  queue?: SeatID[];
  /** raised, first come first */
  hands?: SeatID[];
  support?: SupportView;
  asides?: AsideView[];
  /** who is at the door */
  waiting?: WaitingView;
  /** held for long: when it was last asked whether that is still right */
  askHold?: number;
}

/** PlanView is a stage of tonight's agenda for those who keep the circle. Times are milliseconds; 0: as it comes. */
export interface PlanView {
  id: number;
  kind: Kind;
  order?: Order;
  title: string;
  prompt?: string;
  /** what to say or do */
  cue?: string;
  time?: number;
  turn?: number;
  split?: boolean;
  rounds?: number;
  images?: boolean;
  closing?: boolean;
}

/** SupportView is the same for those who keep the circle. */
export interface SupportView {
  seat: SeatID;
  step: SupportStep;
  /** it was offered: once wanted it begins by itself */
  asked?: boolean;
}

/** DoorView is the door as whoever waits there sees it: nothing of the room but whether all its places are taken. */
export interface DoorView {
  seat: SeatID;
  /** their own */
  name?: string;
  pronouns?: string;
  /** somebody lets them in; else they come in when there is a place */
  asks?: boolean;
  /** all places are taken */
  full?: boolean;
  /** a kind sentence of whoever keeps the circle */
  told?: string;
  can: Capability[];
}

/** Frame is what leaves a room for one audience after one entry. Fields that are empty have not changed. Times are Unix milliseconds, durations milliseconds. */
export interface Frame {
  seq: number;
  at: number;
  room?: RoomView;
  /** null: not here any more */
  seats?: Record<SeatID, SeatView | null>;
  said?: SaidView;
  /** seq of what was said */
  retracted?: number;
  left?: LeftView;
  you?: YouView;
  keep?: KeepView;
  /** alone, and only to who waits there */
  door?: DoorView;
}

/** SaidView is one utterance. */
export interface SaidView {
  seat: SeatID;
  turn: number;
  guardian?: boolean;
  /** of a picture: what can be seen */
  text: string;
  /** what it is about, to leave it folded */
  note?: string;
  picture?: PictureView;
  /** Tag is evidence that the server delivered exactly this (see package moderation). Filled in by whoever encodes the frame. */
  tag: string;
}

/** PictureView is a picture as everybody may see it. */
export interface PictureView {
  name: string;
  /** pixels */
  w: number;
  h: number;
}

/** LeftView tells that somebody went. A removal looks like any leaving. */
export interface LeftView {
  seat: SeatID;
  /** "I'm fine, just leaving" */
  fine?: boolean;
}

/** Fresh replaces everything, after a client fell behind, the log was rewound, or whoever was at the door was let in. State or Door is there. */
export interface Fresh {
  t: "state";
  epoch: string;
  seq: number;
  tag: string;
  /** as in welcome; every answer before this frame is counted */
  last: number;
  now: number;
  state?: State;
  door?: DoorView;
  missed?: Frame[];
  rewound?: boolean;
}

/** Entries are what happened, in order. One seq may come in several frames: what everybody sees, then what concerns this seat. */
export interface Entries {
  t: "entries";
  list: Frame[];
  /** how far they lead: to resume from, with Tag */
  seq: number;
  tag: string;
}

/** Answer answers one Do. Exactly one of Seq, Already and Refused is set. */
export interface Answer {
  t: "answer";
  n: number;
  /** the entry it became; its entry may come earlier or later */
  seq?: number;
  /** it was so before; N is not used up */
  already?: boolean;
  /** N is not used up */
  refused?: Refusal;
  /** number of the last committed command */
  last: number;
}

/** Refusal is a no that a person may read: a code for the program, a kind sentence, and nothing lost. */
export interface Refusal {
  code: Code;
  say: string;
}

/** Signals are what was signalled lately, coalesced for 250 ms. */
export interface Signals {
  t: "signals";
  list: SignalView[];
}

/** SignalView is one signal of one seat. */
export interface SignalView {
  seat: SeatID;
  /** empty: typing */
  kind?: Reaction;
  turn: number;
}

/** Moving tells that this server is about to restart. */
export interface Moving {
  t: "moving";
  /** milliseconds from now */
  reconnectIn: number;
}

/** Beat is sent when nothing else was for 15 s: no frame for 40 s means the line is down. */
export interface Beat {
  t: "beat";
  now: number;
}

/** Refused answers a frame that is not understood and has no number. */
export interface Refused {
  t: "refused";
  refused: Refusal;
}

/** lets somebody in who waits at the door */
export interface Admit {
  /** empty: all for whom there is a place */
  seat?: SeatID;
}

/** opens a talk or a quiet room */
export interface Aside {
  kind: string;
  /** one for a talk, one or two for a quiet room */
  with: SeatID[];
}

export interface AsideEnd {
  id: string;
}

export interface Close {
}

/** to a support round for oneself; also unasked */
export interface Consent {
  yes: boolean;
}

/** not now */
export interface Decline {
  turn: number;
}

export interface NameDeputy {
  seat: SeatID;
  on: boolean;
}

/** the present stage, and with it what follows */
export interface Extend {
  /** 1 to 30 */
  minutes: number;
}

export interface Grant {
  seat: SeatID;
  duty: Duty;
  on: boolean;
}

export interface Guard {
  text: string;
}

/** raise it, or lower it */
export interface Hand {
  on: boolean;
}

/** the chair, to a deputy, a member or a facilitator */
export interface HandOver {
  seat: SeatID;
}

export interface SetHold {
  why: HoldWhy;
}

/** at the end of the round, once */
export interface Later {
  turn: number;
}

export interface Lay {
  turn: number;
}

export interface Leave {
  fine?: boolean;
}

/** listening today, or taking part */
export interface Listen {
  on: boolean;
}

/** 1 to 30 */
export interface MoreTime {
  turn: number;
  minutes: number;
}

/** who comes next in the round; between rounds, who sits where */
export interface Move {
  seat: SeatID;
  /** empty: last */
  before?: SeatID;
}

export interface Mute {
  seat: SeatID;
  /** 1 to 60 */
  minutes: number;
  /** what the person is told; space if absent */
  why?: MuteWhy;
}

export interface Call {
  name: string;
  pronouns?: string;
}

/** begin, go on, or start a round */
export interface Next {
  turn: number;
}

export interface Offer {
  turn: number;
  seat: SeatID;
}

export interface OpenFloor {
  turn: number;
}

/** the holder passes it on */
export interface Pass {
  turn: number;
  /** whom its holder names, where the order is so */
  to?: SeatID;
}

export interface Plan {
  /** of tonight's agenda as the asker saw it */
  rev: number;
  /** all that is still to come, in order */
  stages: PlanStage[];
}

/** PlanStage is one stage of a Plan. Of a stage that is in the agenda already (ID > 0) only time, title and prompt can change; what is empty stays. */
export interface PlanStage {
  /** 0: a new one */
  id: number;
  kind?: Kind;
  order?: Order;
  title?: string;
  prompt?: string;
  /** 0: as it comes */
  minutes: number;
  /** seconds; 0: as it comes */
  turn?: number;
  /** 0: until the stage's time has come */
  rounds?: number;
  images?: boolean;
}

export interface React {
  kind: Reaction;
}

export interface Release {
}

/** of the ground rules */
export interface Remind {
}

export interface Remove {
  seat: SeatID;
}

export interface Retract {
  seq: number;
}

export interface Say {
  /** looked at where the stick goes round */
  turn: number;
  /** 1 to 4,000 characters */
  text: string;
  /** what it is about, so that others can leave it folded; 100 characters */
  note?: string;
}

export interface Skip {
  turn: number;
}

/** to a stage: the next, back, or past one */
export interface Go {
  /** the present one as the asker saw it; 0: none yet */
  from: number;
  to: number;
}

/** offers somebody a support round */
export interface Rally {
  seat: SeatID;
}

/** take the offered stick */
export interface Take {
  turn: number;
}

export interface TakeChair {
}

/** something kind to somebody who waits */
export interface Tell {
  seat: SeatID;
  /** 1 to 300 characters */
  text: string;
}

export interface Type {
}

export interface Unmute {
  seat: SeatID;
}

/** what one would like from the others in one's turn */
export interface SetWish {
  turn: number;
  wish: Wish;
}

/** What each act comes with. */
export interface Acts {
  "admit": Admit;
  "aside": Aside;
  "aside-end": AsideEnd;
  "close": Close;
  "consent": Consent;
  "decline": Decline;
  "deputy": NameDeputy;
  "extend": Extend;
  "grant": Grant;
  "guard": Guard;
  "hand": Hand;
  "hand-over": HandOver;
  "hold": SetHold;
  "later": Later;
  "lay": Lay;
  "leave": Leave;
  "listen": Listen;
  "more-time": MoreTime;
  "move": Move;
  "mute": Mute;
  "name": Call;
  "next": Next;
  "offer": Offer;
  "open-floor": OpenFloor;
  "pass": Pass;
  "plan": Plan;
  "react": React;
  "release": Release;
  "remind": Remind;
  "remove": Remove;
  "retract": Retract;
  "say": Say;
  "skip": Skip;
  "stage": Go;
  "support": Rally;
  "take": Take;
  "take-chair": TakeChair;
  "tell": Tell;
  "typing": Type;
  "unmute": Unmute;
  "wish": SetWish;
}

export type FromClient =
  | Hello
  | Do
  | Signal
  ;

export type FromServer =
  | Welcome
  | Fresh
  | Entries
  | Answer
  | Signals
  | Moving
  | Beat
  | Refused
  ;
