// The wire of hearth.v1, generated from the Go types: go test ./web -run TestWire -rewrite

export const protocol = "hearth.v1";

/** Names one person's place in one room. */
export type SeatID = string;

/** Capability is one thing a person can do in a room. Its names are those of the commands on the wire. */
export type Capability =
  | "close"
  | "decline"
  | "deputy"
  | "guard"
  | "hold"
  | "later"
  | "lay"
  | "leave"
  | "listen"
  | "more-time"
  | "mute"
  | "name"
  | "next"
  | "offer"
  | "open-floor"
  | "pass"
  | "react"
  | "release"
  | "remove"
  | "retract"
  | "say"
  | "skip"
  | "take"
  | "take-chair"
  | "typing"
  | "unmute"
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
  | "bad-minutes"
  | "bad-reaction"
  | "bad-reason"
  | "barred"
  | "elsewhere"
  | "fault"
  | "hello-first"
  | "hello-twice"
  | "later-used"
  | "malformed"
  | "muted"
  | "name-long"
  | "name-mixed"
  | "name-needed"
  | "name-taken"
  | "no-invite"
  | "no-one-next"
  | "no-seat"
  | "no-such-seat"
  | "no-such-words"
  | "no-turn"
  | "no-words"
  | "not-found"
  | "not-holding"
  | "not-in-ring"
  | "not-member"
  | "not-now"
  | "not-offered"
  | "not-open"
  | "not-over-them"
  | "not-seated"
  | "not-your-words"
  | "not-yours"
  | "out-of-order"
  | "pronouns-long"
  | "restarting"
  | "room-full"
  | "room-held"
  | "room-over"
  | "seat-away"
  | "seat-muted"
  | "slow-down"
  | "still-kept"
  | "too-many"
  | "too-many-deputies"
  | "too-many-tabs"
  | "too-many-words"
  | "turn-moved"
  | "unavailable"
  | "unknown-command"
  ;

/** Floor says how speaking goes round. */
export type Floor =
  | "ring"
  | "open"
  ;

/** HoldWhy is one of a few reasons, so that a hold carries no typed words. */
export type HoldWhy =
  | "breath"
  | "care"
  | "pause"
  ;

/** MuteWhy is one of a few reasons, so that a mute carries no typed words. */
export type MuteWhy =
  | "space"
  | "rules"
  | "calm"
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
  ;

/** StickAt says where the stick is. */
export type StickAt =
  | "resting"
  | "offered"
  | "held"
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

/** Welcome answers hello. State is absent when the client's resume could be honoured: then entries follow. */
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
  prompt: string;
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

/** StickView tells where the stick is. The turn's clock shows Spent at the frame's time and runs on if Runs. */
export interface StickView {
  at: StickAt;
  turn: number;
  seat?: SeatID;
  from?: SeatID;
  spent: number;
  runs: boolean;
  /** soft */
  limit?: number;
}

/** RoundView tells how far the round is, and who comes next (two at most). */
export interface RoundView {
  n: number;
  going: boolean;
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
  removed?: boolean;
}

/** KeepView is what facilitators and moderators see beside the rest. */
export interface KeepView {
  /** until when */
  muted?: Record<SeatID, number>;
  /** since when */
  away?: Record<SeatID, number>;
  removed?: SeatID[];
  /** held for long: when it was last asked whether that is still right */
  askHold?: number;
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
}

/** SaidView is one utterance. */
export interface SaidView {
  seat: SeatID;
  turn: number;
  guardian?: boolean;
  text: string;
  /** Tag is evidence that the server delivered exactly this (see package moderation). Filled in by whoever encodes the frame. */
  tag: string;
}

/** LeftView tells that somebody went. A removal looks like any leaving. */
export interface LeftView {
  seat: SeatID;
  /** "I'm fine, just leaving" */
  fine?: boolean;
}

/** Fresh replaces everything, after a client fell behind or the log was rewound. */
export interface Fresh {
  t: "state";
  epoch: string;
  seq: number;
  tag: string;
  /** as in welcome; every answer before this frame is counted */
  last: number;
  now: number;
  state: State;
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

export interface Close {
}

/** not now */
export interface Decline {
  turn: number;
}

export interface NameDeputy {
  seat: SeatID;
  on: boolean;
}

export interface Guard {
  text: string;
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
}

export interface React {
  kind: Reaction;
}

export interface Release {
}

export interface Remove {
  seat: SeatID;
}

export interface Retract {
  seq: number;
}

export interface Say {
  /** on the open floor it is not looked at */
  turn: number;
  /** 1 to 4,000 characters */
  text: string;
}

export interface Skip {
  turn: number;
}

/** take the offered stick */
export interface Take {
  turn: number;
}

export interface TakeChair {
}

export interface Type {
}

export interface Unmute {
  seat: SeatID;
}

/** What each act comes with. */
export interface Acts {
  "close": Close;
  "decline": Decline;
  "deputy": NameDeputy;
  "guard": Guard;
  "hold": SetHold;
  "later": Later;
  "lay": Lay;
  "leave": Leave;
  "listen": Listen;
  "more-time": MoreTime;
  "mute": Mute;
  "name": Call;
  "next": Next;
  "offer": Offer;
  "open-floor": OpenFloor;
  "pass": Pass;
  "react": React;
  "release": Release;
  "remove": Remove;
  "retract": Retract;
  "say": Say;
  "skip": Skip;
  "take": Take;
  "take-chair": TakeChair;
  "typing": Type;
  "unmute": Unmute;
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
