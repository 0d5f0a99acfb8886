// What somebody can do now, made of what the room says they can. Whoever
// may not, sees no button; whoever presses too late is told kindly.
import { ask } from "./dialogs.ts";
import type { Act } from "./bar.ts";
import { can, keeps, nameOf, short, type Known } from "./store.ts";
import * as texts from "./texts.ts";
import type { Acts, HoldWhy, MuteWhy, SeatID } from "./wire.ts";

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
  if (to === "held") add("pass", texts.pass, () => void passOn(act, turn, unsaid));
  if (me?.listening || k.you.role === "listener") add("listen", texts.takePart, () => act("listen", { on: false }));
  if (k.room.chair !== k.you.seat) add("take-chair", texts.takeChair, () => void takeChair(act), !!k.room.care);
  return out;
}

/** Passes the stick on; asks first when something written would go unsaid. */
async function passOn(act: Do, turn: number, unsaid: Unsaid): Promise<void> {
  if (unsaid.written()) {
    const { title, say, first, without, no } = texts.unsaid;
    const a = await ask({ title, say, no, options: [{ label: first, value: true, lead: true }, { label: without, value: false }] });
    if (!a || (a.value && !(await unsaid.say()))) return;
  }
  await act("pass", { turn });
}

/** What whoever keeps the circle can do with the room: first what the bar shows, then what the board does. */
export function keeping(k: Known, act: Do, busy: boolean, wide: boolean): { bar: Act[]; board: Act[] } {
  if (!keeps(k)) return { bar: [], board: [] };
  const turn = k.room.stick.turn;
  const first: Act[] = []; // always in the bar
  const second: Act[] = []; // in the bar where there is room
  const rest: Act[] = [];
  const add = (to: Act[], key: keyof Acts, label: string, run: () => void, lead = false) => {
    if (can(k, key)) to.push({ key, label, lead: lead && !busy, do: run });
  };
  const held = !!k.room.hold;
  const { at } = k.room.stick;
  const after = k.room.round.going ? k.room.round.next?.[0] : undefined;
  const cut = (yes: string, run: () => unknown) => void endingTurn(k, yes, run);
  const goOn = after ? texts.goOnTo(after === k.you.seat ? texts.nextYou : short(nameOf(k, after))) : texts.skip;
  if (held) add(first, "release", texts.release, () => act("release", {}), true);
  else add(first, "next", nextLabel(k), () => act("next", { turn }), true);
  if (at === "held" && k.room.stick.limit) add(second, "more-time", texts.moreTime, () => void moreTime(act, turn));
  if (at !== "resting") add(at === "offered" ? second : rest, "skip", goOn, () => cut(goOn, () => act("skip", { turn })));
  add(second, "guard", texts.guard, () => void guard(act));
  if (at !== "resting") add(second, "lay", texts.lay, () => cut(texts.lay, () => act("lay", { turn })));
  if (k.room.floor === "ring") add(rest, "open-floor", texts.openTheFloor, () => cut(texts.openTheFloor, () => act("open-floor", { turn })));
  add(rest, "close", texts.close, () => void closeRoom(act));
  const hold: Act[] = [];
  if (!held) add(k.room.phase === "gathering" ? rest : hold, "hold", texts.hold, () => void holdRoom(act), !first.length);
  if (wide) return { bar: [...first, ...second, ...hold], board: rest };
  if (can(k, "say")) return { bar: [...first, ...hold], board: [...second, ...rest] }; // room for the words
  const beside = first.length ? [] : second.splice(0, 1); // what is needed most, beside holding the room
  return { bar: [...first, ...beside, ...hold], board: [...second, ...rest] };
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
  if (k.room.floor === "open") return texts.backToRing;
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

/** The rest of what can be done for one person, behind "…". */
export async function person(k: Known, id: SeatID, act: Do): Promise<void> {
  const name = nameOf(k, id);
  const options: { value: () => unknown; label: string }[] = [];
  if (k.keep?.muted?.[id]) {
    if (can(k, "unmute")) options.push({ label: texts.unmute, value: () => act("unmute", { seat: id }) });
  } else if (can(k, "mute")) options.push({ label: texts.mute, value: () => mute(name, id, act) });
  const deputy = k.seats[id]?.role === "deputy";
  if (can(k, "deputy") && k.room.order.includes(id)) options.push({ label: deputy ? texts.unnameDeputy : texts.nameDeputy, value: () => act("deputy", { seat: id, on: !deputy }) });
  if (can(k, "remove")) options.push({ label: texts.remove, value: () => remove(name, id, act) });
  const a = await ask({ title: name, options });
  await a?.value();
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
