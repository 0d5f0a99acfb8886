// The wire of reports, generated from the Go types: go test ./web -run TestWire -rewrite
import type { SeatID } from "./wire.ts";

/** About is what a report is about. */
export type About =
  | "self"
  | "person"
  | "words"
  | "facilitator"
  | "moderator"
  | "circle"
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

/** Step is what a reporter is told of how far it has come. Never what became of somebody else. */
export type Step =
  | "received"
  | "looking"
  | "decided"
  ;

/** WordsWay is what became of the words in a report. */
export type WordsWay =
  | "kept"
  | "none"
  | "nokey"
  ;

/** ReportIn is the body of POST /c/{handle}/report, and of POST /report by whoever has left. Texts are kept as they were typed. */
export interface ReportIn {
  /** care or conduct */
  kind: Kind;
  /** self and person of care; all but self of conduct */
  about: About;
  category?: Category;
  /** whom it is about; of self nobody else */
  subject?: SeatID;
  /** the subject, as the reporter saw them; 200 bytes */
  called?: string;
  /** 2,000 characters */
  text?: string;
  /** 10, and 10 as context */
  quotes?: QuoteIn[];
  /** receipts of asides that are quoted, 4 */
  asides?: string[];
  /** at /report alone */
  receipt?: string;
}

/** QuoteIn is one utterance, as it was delivered. */
export interface QuoteIn {
  /** of an aside; empty: the seat's own */
  room?: string;
  seq: number;
  seat: SeatID;
  at: number;
  words: string;
  tag: string;
  called?: string;
  /** beside the words it is about */
  context?: boolean;
}

/** ReportOut answers a report that was taken. */
export interface ReportOut {
  /** asks how far it has come, and nothing else */
  code: string;
  /** somebody is on call now */
  onCall: boolean;
  /** what became of what was typed and chosen */
  words: WordsWay;
  /** words that were left out: said too long ago to be checked */
  old?: number;
}

/** ReportAsk is the body of POST /report/status. */
export interface ReportAsk {
  code: string;
}

/** ReportStep answers it: how far a report has come. Never what became of somebody else. */
export interface ReportStep {
  step: Step;
  since: number;
  /** somebody was on call when it came */
  onCall: boolean;
  /** what moderators say of it to those who reported */
  public?: string;
}

/** What the page keeps to by itself. */
export const bounds = { quotes: 10, context: 10 };
