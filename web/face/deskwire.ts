// The wire of the moderators' desk, generated from the Go types: go test ./web -run TestWire -rewrite
import type { Phase, SeatID } from "./wire.ts";

/** About is what a report is about. */
export type About =
  | "self"
  | "person"
  | "words"
  | "facilitator"
  | "moderator"
  | "circle"
  ;

/** Action is what a moderator can do about a case. */
export type Action =
  | "none"
  | "warn"
  | "take-stick"
  | "mute"
  | "quiet-room"
  | "remove"
  | "ban"
  | "close"
  | "restrict"
  ;

/** Capability is one thing that can be done on the desk. */
export type Capability =
  | "care"
  | "claim"
  | "decide"
  | "follow-up"
  | "hand-over"
  | "judge"
  | "look"
  | "note"
  | "read"
  | "release"
  | "search"
  | "second"
  | "undo"
  ;

/** Category is what went wrong. A care report has none, a notice is Illegal. Pain is never one. */
export type Category =
  | "threat-to-others"
  | "child-safety"
  | "encouraging-harm"
  | "methods"
  | "outing"
  | "sexual"
  | "facilitator-conduct"
  | "illegal"
  | "harassment"
  | "selling"
  | "turn-taking"
  | "other"
  ;

/** Kind is by which door a report came. */
export type Kind =
  | "care"
  | "conduct"
  | "notice"
  | "appeal"
  ;

/** Outcome is how care ended. */
export type Outcome =
  | "ok"
  | "resources"
  | "helpline"
  | "emergency"
  | "left"
  ;

/** Scope is where a ban holds. */
export type Scope =
  | "circle"
  | "series"
  | "server"
  ;

/** State is how far a case has come. Conduct, notices and appeals go raised → acknowledged → closed; care goes through all of them. */
export type State =
  | "raised"
  | "acknowledged"
  | "with"
  | "closed"
  ;

/** DeskView is all that a desk shows beside an open case. */
export interface DeskView {
  t: "desk";
  rev: number;
  now: number;
  /** a person's id */
  you: string;
  cards: Card[];
  /** how many wait, of which Cards are the first */
  open: number;
  /** past their time without anybody */
  late: number;
  /** pages that reached nobody: the loudest there is */
  unheard: number;
  duty: DutyView[];
  /** the moderators: to hand over to */
  people: NameView[];
  /** ids of your own keys, as the server knows them */
  keys: string[];
}

/** Card is one case in the queue. */
export interface Card {
  id: string;
  n: number;
  rev: number;
  kind: Kind;
  about: About;
  category?: Category;
  priority: number;
  /** id; empty: none */
  circle: string;
  /** of the circle */
  title?: string;
  state: State;
  outcome?: Outcome;
  reports: number;
  quotes: number;
  raised: number;
  due: number;
  again?: number;
  closed?: number;
  claim?: ClaimView;
  /** the room goes on */
  live?: LiveView;
}

/** ClaimView says who has a case. */
export interface ClaimView {
  id: string;
  name: string;
  since: number;
  until: number;
}

/** NameView is a moderator. */
export interface NameView {
  id: string;
  name: string;
}

/** LiveView is a live room as the desk may see it: facts alone. */
export interface LiveView {
  /** with a line, who sit in it */
  people: number;
  facilitator: boolean;
  moderator: boolean;
  phase: Phase;
  /** "here", "away" or "gone": whom it is about */
  subject?: string;
  /** they hold the stick */
  holds?: boolean;
  /** until when */
  muted?: number;
}

/** DutyView is somebody on call. */
export interface DutyView {
  id: string;
  name: string;
  since: number;
  until: number;
}

/** CaseView is an open case. */
export interface CaseView {
  id: string;
  n: number;
  rev: number;
  kind: Kind;
  about: About;
  category?: Category;
  priority: number;
  /** id; empty: none */
  circle: string;
  /** of the circle */
  title?: string;
  state: State;
  outcome?: Outcome;
  reports: number;
  quotes: number;
  raised: number;
  due: number;
  again?: number;
  closed?: number;
  claim?: ClaimView;
  /** the room goes on */
  live?: LiveView;
  /** what you may do with it now */
  can: Capability[];
  /** what can be decided now */
  actions?: Action[];
  /** the circle's ground rules */
  ground?: string[];
  /** the circle is one */
  series?: boolean;
  filings: FilingView[];
  decisions: DecisionView[];
  notes: NoteView[];
  appeal?: AppealView;
  erased?: boolean;
}

/** FilingView is one report of a case. */
export interface FilingView {
  id: string;
  about: About;
  category?: Category;
  quotes: number;
  lang: string;
  at: number;
  /** that open it; none: nothing was typed, or it is gone */
  keys: string[];
  /** moderators who have one of them, you too; the organisation's is nobody's */
  openers?: NameView[];
}

/** DecisionView is one decision. */
export interface DecisionView {
  id: string;
  by: NameView;
  at: number;
  action: Action;
  scope?: Scope;
  until?: number;
  /** name */
  second?: string;
  /** you decided it, or agreed to it */
  yours?: boolean;
  rule: string;
  facts: string;
  public?: string;
  undone?: number;
  /** you may undo it */
  can: boolean;
  /** the room did not take it: it is over, or they had gone */
  missed?: boolean;
}

/** NoteView is one note. */
export interface NoteView {
  by: NameView;
  at: number;
  text: string;
}

/** AppealView is what an appeal says. */
export interface AppealView {
  text: string;
  at: number;
  /** what it is against */
  decision: DecisionView;
  decided?: number;
  overturned?: boolean;
  answer?: string;
}

/** DeskDecide is POST decide. */
export interface DeskDecide {
  rev: number;
  action: Action;
  minutes?: number;
  scope?: Scope;
  /** of a ban; 0: no end, with Second */
  days?: number;
  /** code of another moderator who agrees, from POST second */
  second?: string;
  rule: string;
  facts: string;
  public?: string;
  /** the case stays open */
  more?: boolean;
}

/** DeskUndo is POST undo. */
export interface DeskUndo {
  decision: string;
}

/** DeskCare is POST care. */
export interface DeskCare {
  state: State;
  outcome?: Outcome;
}

/** DeskNote is POST note. */
export interface DeskNote {
  text: string;
  /** the case comes back to the queue then */
  again?: number;
}

/** DeskTo is POST hand-over, and POST /desk/shift. */
export interface DeskTo {
  to: string;
}

/** DeskJudge is POST judge. */
export interface DeskJudge {
  overturn?: boolean;
  answer: string;
}

/** DeskDuty is POST /desk/duty. */
export interface DeskDuty {
  /** 0: not any more; 12 at most */
  hours: number;
}

/** DeskKey is POST /desk/keys. */
export interface DeskKey {
  /** an uncompressed point of P-256 */
  raw: string;
}

/** DeskKeyEnd is POST /desk/keys/end: one's own key, that is lost or not wanted any more. */
export interface DeskKeyEnd {
  id: string;
}

/** DeskActive is all that a desk's socket sends, at most each 30 s: the moderator is at work on a case that they have, and keeps it. */
export interface DeskActive {
  t: "active";
  case: string;
}

/** DeskBodies answers POST read: what of each report is sealed, by its id. */
export interface DeskBodies {
  bodies: Record<string, Sealed>;
}

/** Sealed is what the holders of some keys alone can read. */
export interface Sealed {
  /** 1 */
  v: number;
  /** 12 bytes of nonce and AES-256-GCM, under a key of its own */
  body: string;
  to: Wrapped[];
}

/** Wrapped is that key for one of them: HPKE in base mode with DHKEM(P-256, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM (RFC 9180). */
export interface Wrapped {
  /** PublicKey.ID */
  key: string;
  /** 65 bytes */
  enc: string;
  /** 48 bytes */
  box: string;
}

/** DeskCases answers GET /desk/search. */
export interface DeskCases {
  cases: Card[];
}

/** DeskSecond answers POST second: a code by which another moderator agrees to a ban without an end in this case, for 5 minutes, told to whoever decides. */
export interface DeskSecond {
  code: string;
}

/** Body is what of a report moderators alone can read, as JSON in a Sealed. */
export interface Body {
  text?: string;
  /** the subject, as the reporter saw them; not vouched for */
  called?: string;
  /** of a notice: where it is */
  place?: string;
  /** of a notice */
  contact?: string;
  quotes?: Quote[];
}

/** Quote is one utterance whose tag was checked. */
export interface Quote {
  room: string;
  seq: number;
  seat: SeatID;
  /** Unix milliseconds */
  at: number;
  words: string;
  /** as the reporter saw them; not vouched for */
  called?: string;
  context?: boolean;
}

/** What the page keeps to by itself. */
export const bounds = {
  facts: 600,
  public: 300,
  note: 1000,
  muteMinutes: 60,
  banDays: 366,
  dutyHours: 12,
  claimMinutes: 5,
  appealDays: 183,
  found: 50,
};
