// What somebody can do now, made of what the room says they can. Whoever
// may not, sees no button; whoever presses too late is told kindly.
import { around, goTo, step, type Step } from "./agenda.ts";
import { asideWith } from "./aside.ts";
import { ask } from "./dialogs.ts";
import type { Act } from "./bar.ts";
import { byHand, nominates } from "./stage.ts";
import { can, keeps, nameOf, short, type Known } from "./store.ts";
import * as texts from "./texts.ts";
import type { Acts, Duty, HoldWhy, MuteWhy, SeatID } from "./wire.ts";

/** Asks the room for something. */
export type Do = <A extends keyof Acts>(act: A, what: Acts[A]) => Promise<boolean>;

/** What is written and not said yet. */
export interface Unsaid {
  written(): boolean;
  say(): Promise<boolean>;
}

/** What concerns one's own place. */
export function mine(k: Known, act: Do, unsaid: Unsaid): Act[] {
  const { stick } = k.room;
  const turn = stick.turn;
  const out: Act[] = [];
  const me = k.seats[k.you.seat];
  const to = stick.seat === k.you.seat ? stick.at : "";
  const add = (key: keyof Acts, label: string, run: () => void, lead = false) => {
    if (can(k, key)) out.push({ key, label, lead, do: run });
  };
  if (to === "offered") {
    add("take", texts.take, () => act("take", { turn }), true);
    add("decline", texts.decline, () => act("decline", { turn }));
    if (k.you.later) add("later", texts.later, () => act("later", { turn }));
    if (can(k, "take")) add("listen", texts.today_, () => act("listen", { on: true }));
  }
  const up = !!me?.hand;
  if (byHand(k) && !to) add("hand", up ? texts.lower : texts.raise, () => act("hand", { on: !up }), !up);
  if (to === "held") add("pass", nominees(k).length ? texts.passToOne : texts.pass, () => void passOn(k, act, unsaid));
  if (k.you.support === "going") add("consent", texts.support.enough, () => act("consent", { yes: false }));
  if (me?.listening || k.you.role === "listener") add("listen", texts.takePart, () => act("listen", { on: false }));
  if (needed(k)) add("take-chair", texts.takeChair, () => void takeChair(act), !!k.room.care);
  return out;
}

/** Whether the chair waits for somebody: its facilitator is away, or back while a deputy has it. */
function needed(k: Known): boolean {
  const { care, chair } = k.room;
  return chair !== k.you.seat && (!!care || k.seats[chair ?? ""]?.role !== "facilitator");
}

/** Whom one could name as the next. */
function nominees(k: Known): SeatID[] {
  return nominates(k) ? (k.room.round.next ?? []).filter((id) => id !== k.you.seat && k.seats[id]?.here) : [];
}

/** Passes the stick on; asks first when something written would go unsaid, and to whom where that is the order. */
async function passOn(k: Known, act: Do, unsaid: Unsaid): Promise<void> {
  const { turn } = k.room.stick;
  if (unsaid.written()) {
    const { title, say, first, without, no } = texts.unsaid;
    const a = await ask({ title, say, no, options: [{ label: first, value: true, lead: true }, { label: without, value: false }] });
    if (!a || (a.value && !(await unsaid.say()))) return;
  }
  const names = nominees(k);
  if (!names.length) return void act("pass", { turn });
  const { title, say, anybody, no } = texts.passTo;
  const a = await ask<SeatID>({ title, say, no, options: [...names.map((id) => ({ label: nameOf(k, id), value: id })), { label: anybody, value: "" }] });
  if (a) await act("pass", { turn, ...(a.value && { to: a.value }) });
}

/** What whoever keeps the circle can do with the room: first what the bar shows, then what the board does. */
export function keeping(k: Known, act: Do, busy: boolean, wide: boolean, now: number): { bar: Act[]; board: Act[] } {
  const turn = k.room.stick.turn;
  const first: Act[] = []; // always in the bar
  const second: Act[] = []; // in the bar where there is room
  const rest: Act[] = [];
  const add = (to: Act[], key: keyof Acts, label: string, run: () => void, lead = false) => {
    if (can(k, key)) to.push({ key, label, lead: lead && !busy, do: run });
  };
  const held = !!k.room.hold;
  const { at } = k.room.stick;
  const timed = at === "held" && !!k.room.stick.limit;
  if (!keeps(k)) {
    if (timed) add(first, "more-time", texts.moreTime, () => void moreTime(act, turn)); // whoever keeps the time
    return { bar: first, board: [] };
  }
  const after = k.room.round.going ? k.room.round.next?.[0] : undefined;
  const cut = (yes: string, run: () => unknown) => void endingTurn(k, yes, run);
  const goOn = after ? texts.goOnTo(after === k.you.seat ? texts.nextYou : short(nameOf(k, after))) : texts.skip;
  const planned = step(k, now);
  if (held) add(first, "release", texts.release, () => act("release", {}), true);
  else if (planned) inAgenda(k, act, planned, (key, label, run, lead) => add(first, key, label, run, lead), (key, label, run) => add(rest, key, label, run));
  else add(first, "next", nextLabel(k), () => act("next", { turn }), true);
  if (timed) add(second, "more-time", texts.moreTime, () => void moreTime(act, turn));
  if (at !== "resting") add(at === "offered" ? second : rest, "skip", goOn, () => cut(goOn, () => act("skip", { turn })));
  add(second, "guard", texts.guard, () => void guard(act));
  if (at !== "resting") add(second, "lay", texts.lay, () => cut(texts.lay, () => act("lay", { turn })));
  if (k.room.floor === "ring") add(rest, "open-floor", texts.openTheFloor, () => cut(texts.openTheFloor, () => act("open-floor", { turn })));
  if (!needed(k) && k.room.chair !== k.you.seat) add(rest, "take-chair", texts.takeChair, () => void takeChair(act));
  if (planned?.act !== "close") add(rest, "close", texts.closeCircle, () => void closeRoom(act));
  const hold: Act[] = [];
  if (!held) add(k.room.phase === "gathering" ? rest : hold, "hold", texts.hold, () => void holdRoom(act), !first.some((a) => a.lead));
  if (wide) return { bar: [...first, ...second, ...hold], board: rest };
  if (can(k, "say")) return { bar: [...first, ...hold], board: [...second, ...rest] }; // room for the words
  const lead = planned ? first.filter((a) => a.key === "next" && a.lead) : []; // on the board too, which tells to do it
  const beside = first.length || busy ? [] : second.splice(0, 1); // what is needed most, beside holding the room
  return { bar: [...first, ...beside, ...hold], board: [...lead, ...second, ...rest] };
}

type Add = (key: keyof Acts, label: string, run: () => void, lead?: boolean) => void;

/** The next thing to do with an agenda: in the bar, what can also be done behind it. */
function inAgenda(k: Known, act: Do, s: Step, first: Add, rest: Add): void {
  const { turn } = k.room.stick;
  const { next } = around(k);
  const starts = () => act("next", { turn });
  if (s.act === "stage" && next) first("stage", texts.goOnToStage(next.title), () => void goTo(k, act, next), !s.early);
  if (s.act === "close") first("close", texts.closeCircle, () => void closeRoom(act), !s.early);
  if (s.act === "next") first("next", nextLabel(k), starts, true);
  else rest("next", nextLabel(k), starts);
}

/** Does something that ends somebody's turn: asks first when they are speaking. */
export async function endingTurn(k: Known, yes: string, run: () => unknown): Promise<void> {
  const { at, seat } = k.room.stick;
  if (at === "held" && seat !== k.you.seat) {
    const t = texts.cutAsk;
    const name = nameOf(k, seat);
    if (!(await ask({ title: t.title(name), say: t.say, no: t.no(short(name)), options: [{ value: true, label: yes }] }))) return;
  }
  await run();
}

function nextLabel(k: Known): string {
  if (k.room.phase === "gathering") return texts.begin;
  if (k.room.floor === "open" && (!k.room.stage || k.room.stage.kind === "round")) return texts.backToRing;
  return k.room.round.going ? texts.goOn : texts.newRound;
}

async function holdRoom(act: Do): Promise<void> {
  const options = (Object.entries(texts.holdOptions) as [HoldWhy, string][]).map(([value, label]) => ({ value, label }));
  const a = await ask({ ...texts.holdAsk, options });
  if (a) await act("hold", { why: a.value });
}

async function moreTime(act: Do, turn: number): Promise<void> {
  const a = await ask({ ...texts.timeAsk, options: [2, 5, 10].map((n) => ({ value: n, label: texts.minutes(n) })) });
  if (a) await act("more-time", { turn, minutes: a.value });
}

async function guard(act: Do): Promise<void> {
  const { title, say, label, ok } = texts.guardAsk;
  const a = await ask({ title, say, fields: [{ name: "text", label, long: true, required: true }], options: [{ value: true, label: ok, lead: true }] });
  if (a) await act("guard", { text: a.fields.text! });
}

async function closeRoom(act: Do): Promise<void> {
  const { title, say, yes } = texts.closeAsk;
  if (await ask({ title, say, options: [{ value: true, label: yes, lead: true }] })) await act("close", {});
}

async function takeChair(act: Do): Promise<void> {
  const { title, say, yes } = texts.chairAsk;
  if (await ask({ title, say, options: [{ value: true, label: yes, lead: true }] })) await act("take-chair", {});
}

/** One thing that can be done for a person. */
interface ForPerson {
  label: string;
  value(): unknown;
}

/** What can be done for one person besides offering the stick. */
export function forPerson(k: Known, id: SeatID, act: Do, again: () => Known = () => k): ForPerson[] {
  const out: ForPerson[] = [];
  const name = nameOf(k, id);
  const seat = k.seats[id];
  const inRing = k.room.order.includes(id);
  const me = id === k.you.seat;
  const equal = seat?.role === "facilitator" || seat?.role === "moderator";
  const add = (can_: boolean, label: string, value: () => unknown) => can_ && out.push({ label, value });
  const deputy = seat?.role === "deputy";
  add(can(k, "support") && inRing && !me && !seat?.listening && !k.keep?.support, texts.offerSupport, () => act("support", { seat: id }));
  add(placesOf(k, id).length > 1, texts.changePlace, () => placeOf(again, id, act));
  add(can(k, "grant") && inRing && !!k.keep?.agenda?.length, texts.dutiesMore, () => dutiesOf(again, id, act));
  add(can(k, "hand-over") && inRing && !!seat?.here && k.room.chair !== id && (seat.role === "facilitator" || can(k, "deputy")), texts.handOver, () => handOver(k, id, act));
  out.push(...asideWith(k, id, act));
  if (me || equal) return out;
  add(can(k, "deputy") && inRing, deputy ? texts.unnameDeputy : texts.nameDeputy, () => act("deputy", { seat: id, on: !deputy }));
  if (k.keep?.muted?.[id]) add(can(k, "unmute"), texts.unmute, () => act("unmute", { seat: id }));
  else add(can(k, "mute"), texts.mute, () => mute(name, id, act));
  add(can(k, "remove"), texts.remove, () => remove(name, id, act));
  return out;
}

/** Asks what to do for one person, behind "…". */
export async function person(know: () => Known, id: SeatID, act: Do): Promise<void> {
  const a = await ask({ title: nameOf(know(), id), options: forPerson(know(), id, act, know) });
  await a?.value();
}

/** Those among whom somebody can be moved: who is still to come while a round goes, else the ring. */
function placesOf(k: Known, id: SeatID): SeatID[] {
  if (!can(k, "move") || !k.keep?.agenda?.length || k.room.stage?.order === "least") return [];
  const all = (k.room.round.going ? (k.keep.queue ?? []) : k.room.order).filter((o) => k.seats[o]);
  return all.includes(id) ? all : [];
}

/** Moves somebody step by step, without dragging, until that is done. */
export async function placeOf(know: () => Known, id: SeatID, act: Do): Promise<void> {
  const t = texts.placeAsk;
  for (;;) {
    const k = know();
    const all = placesOf(k, id);
    const i = all.indexOf(id);
    if (i < 0 || all.length < 2) return;
    const options: { label: string; value: SeatID }[] = [];
    if (i > 0) options.push({ label: t.up, value: all[i - 1]! });
    if (i < all.length - 1) options.push({ label: t.down, value: all[i + 2] ?? "" }, { label: t.end, value: "" });
    const a = await ask({ title: t.title(nameOf(k, id), i + 1, all.length), options, no: t.done });
    if (!a || !(await act("move", { seat: id, ...(a.value && { before: a.value }) }))) return;
    await told(() => placesOf(know(), id).indexOf(id) !== i);
  }
}

/** Gives tasks for tonight and takes them back, until that is done. */
async function dutiesOf(know: () => Known, id: SeatID, act: Do): Promise<void> {
  const t = texts.dutiesAsk;
  for (;;) {
    const has = know().seats[id]?.duties ?? [];
    const options = (Object.keys(t.give) as Duty[]).map((duty) => ({ value: duty, label: (has.includes(duty) ? t.take : t.give)[duty] }));
    const a = await ask({ title: t.title(nameOf(know(), id)), say: t.say, options, no: t.done });
    if (!a || !(await act("grant", { seat: id, duty: a.value, on: !has.includes(a.value) }))) return;
    await told(() => know().seats[id]?.duties?.includes(a.value) !== has.includes(a.value));
  }
}

/** Waits until the room has told what was done; not longer than a person waits. */
async function told(so: () => boolean): Promise<void> {
  for (let i = 0; i < 20 && !so(); i++) await new Promise((r) => setTimeout(r, 50));
}

async function handOver(k: Known, id: SeatID, act: Do): Promise<void> {
  const t = texts.handOverAsk;
  if (await ask({ title: t.title(nameOf(k, id)), say: can(k, "deputy") ? t.say : t.sayBack, options: [{ value: true, label: t.yes, lead: true }] })) await act("hand-over", { seat: id });
}

async function mute(name: string, id: SeatID, act: Do): Promise<void> {
  const { title, say, why } = texts.muteAsk;
  const a = await ask({ title: title(name), say, fields: [{ name: "why", label: why, choices: texts.muteWhy }], options: [2, 5, 10, 30].map((n) => ({ value: n, label: texts.minutes(n) })) });
  if (a) await act("mute", { seat: id, minutes: a.value, why: a.fields.why as MuteWhy });
}

async function remove(name: string, id: SeatID, act: Do): Promise<void> {
  const { title, say, yes } = texts.removeAsk;
  if (await ask({ title: title(name), say, options: [{ value: true, label: yes, lead: true }] })) await act("remove", { seat: id });
}
