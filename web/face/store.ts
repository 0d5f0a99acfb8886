// What this page knows of the room, and how a frame changes it. Nothing here
// touches the page or the line.
import type { Entries, Frame, Fresh, KeepView, Reaction, Refusal, RoomView, SaidView, SeatID, SeatView, SignalView, Welcome, YouView } from "./wire.ts";
import * as texts from "./texts.ts";

/** One utterance, or a quiet note between them. */
export interface Word extends Partial<SaidView> {
  seq: number;
  at: number; // with seq it is the same words again: a rewound log counts anew
  id: number; // in the order in which they came to this page, from 1
  name: string;
  gone?: boolean; // taken back
  was?: string; // what was, for a quarter of an hour: it can still be reported
  lost?: boolean; // our own, and the house has not kept them
  left?: boolean; // the note that somebody went
  fine?: boolean;
}

/** Everything the page shows. */
export interface Known {
  room: RoomView;
  seats: Record<SeatID, SeatView>;
  you: YouView;
  keep: KeepView | undefined;
  epoch: string;
  seq: number;
  tag: string; // where to resume, with epoch and seq
  words: Word[]; // as they were said
  heard: number; // id of the newest
  names: Record<SeatID, string>; // also of those who went
  signs: Map<Reaction, Set<SeatID>>; // reactions to the present turn
  signsTurn: number;
  stickAt: number; // server time at which room.stick.spent was read
  live: boolean;
}

/** Begins, or begins again: what was known is void, but for the words. */
export function begin(f: Welcome | Fresh, old?: Known): Known | undefined {
  const k: Known | undefined = !f.state ? old : {
    words: [], heard: 0, names: {}, signs: new Map(), signsTurn: 0, ...old,
    ...f.state, keep: f.state.keep, seq: f.seq, stickAt: f.now, epoch: "", tag: "", live: true,
  };
  if (!k) return;
  Object.assign(k, { epoch: f.epoch, tag: f.tag, live: true });
  learnNames(k, k.seats);
  for (const e of f.missed ?? []) hear(k, e);
  return k;
}

/** Folds what happened, and keeps how far that leads. */
export function foldAll(k: Known, { list, seq, tag }: Entries): void {
  for (const f of list) fold(k, f);
  if (seq >= k.seq) Object.assign(k, { seq, tag });
}

/** Folds one frame. Frames of one seq may come more than once. */
function fold(k: Known, f: Frame): void {
  if (f.seq < k.seq) return;
  k.seq = f.seq;
  if (f.room) {
    k.room = f.room;
    k.stickAt = f.at;
  }
  if (f.seats) {
    learnNames(k, f.seats);
    for (const [id, seat] of Object.entries(f.seats)) {
      if (seat) k.seats[id] = seat;
      else delete k.seats[id];
    }
  }
  if (f.you) k.you = f.you;
  if (f.keep) k.keep = f.keep;
  hear(k, f);
}

/** Takes in what was said, wherever it belongs among the words. */
function hear(k: Known, f: Frame): void {
  if (f.said) addWord(k, f, { ...f.said, name: nameOf(k, f.said.seat) });
  if (f.left) addWord(k, f, { left: true, fine: f.left.fine ?? false, name: nameOf(k, f.left.seat) });
  for (const w of k.words) if (w.was && f.at - w.at > 9e5) w.was = ""; // 15 minutes
  const back = f.retracted && k.words.findLast((w) => w.seq === f.retracted && !w.left && !w.lost);
  if (back) {
    back.gone = true;
    back.was = back.text ?? "";
    back.text = "";
  }
}

function learnNames(k: Known, seats: Record<SeatID, SeatView | null>): void {
  for (const [id, seat] of Object.entries(seats)) if (seat?.name) k.names[id] = seat.name;
}

function addWord(k: Known, { seq, at }: Frame, w: Omit<Word, "seq" | "at" | "id">): void {
  if (k.words.some((o) => o.seq === seq && o.at === at && o.left === w.left)) return;
  k.words.push({ ...w, seq, at, id: ++k.heard });
  k.words.sort((a, b) => a.at - b.at || a.seq - b.seq);
}

/** Marks our own words that the house has lost. */
export function lose(k: Known, seq: number, text: string): void {
  const w = k.words.findLast((o) => o.seat === k.you.seat && !o.lost && (seq ? o.seq === seq : o.text === text));
  if (w) w.lost = true;
}

/** Folds signals; returns the reactions that are new. */
export function foldSignals(k: Known, list: SignalView[]): SignalView[] {
  const fresh: SignalView[] = [];
  for (const s of list) {
    if (!s.kind) continue;
    if (s.turn !== k.signsTurn) {
      k.signs = new Map();
      k.signsTurn = s.turn;
    }
    const who = k.signs.get(s.kind) ?? new Set();
    if (!who.has(s.seat)) fresh.push(s);
    k.signs.set(s.kind, who.add(s.seat));
  }
  return fresh;
}

/** The name to call somebody; "someone" until it is known. */
export function nameOf(k: Known, id: SeatID | undefined): string {
  return (id && (k.seats[id]?.name || k.names[id])) || texts.someone;
}

/** A name where there is little room. */
export function short(name: string): string {
  const all = [...new Intl.Segmenter().segment(name)].map((s) => s.segment);
  return all.length > 14 ? `${all.slice(0, 12).join("").trimEnd()}…` : name;
}

/** Whether an act would not be refused for who asks or when. */
export function can(k: Known, act: YouView["can"][number]): boolean {
  return k.you.can.includes(act);
}

/** Whether this seat looks after the circle. */
export function keeps(k: Known): boolean {
  return k.you.role === "facilitator" || k.you.role === "moderator";
}

/** Whole minutes the present turn has run, without what it stood still. */
export function turnMinutes(k: Known, now: number): number {
  const { spent, runs } = k.room.stick;
  return Math.floor((spent + (runs ? Math.max(0, now - k.stickAt) : 0)) / 60_000);
}

/** The ring in seat order, seen from one's own place: oneself first. */
export function ringOf(k: Known): SeatID[] {
  const order = k.room.order.filter((id) => k.seats[id]);
  const me = order.indexOf(k.you.seat);
  return me < 1 ? order : [...order.slice(me), ...order.slice(0, me)];
}

/** Those who are here and not in the ring. */
export function besides(k: Known): SeatID[] {
  return Object.keys(k.seats).filter((id) => !k.room.order.includes(id)).sort();
}

export type { Refusal };
