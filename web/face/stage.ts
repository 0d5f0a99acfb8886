// Where the agenda is, as sentences: what the middle of the ring, the bar and
// the notices say of it. Nothing here touches the page.
import { nameOf, short, type Known } from "./store.ts";
import * as texts from "./texts.ts";

const mostNames = 3; // in the middle of the ring
const soon = 120_000; // ms before the closing round in which it is said
const saidFor = 90_000; // ms for which it is said whose turn is made up for

/** Whether the stick comes only to raised hands just now. */
export function byHand(k: Known): boolean {
  const { stage, support, floor } = k.room;
  return floor === "ring" && !support && (stage?.order === "hands" || stage?.order === "least");
}

/** Whether whoever speaks names the next. */
export function nominates(k: Known): boolean {
  const { stage, support, round } = k.room;
  return stage?.order === "nominate" && !support && round.going;
}

/** What the middle of the ring says: where the circle is, who is next, what follows. */
export function middle(k: Known): { where: string; next: string; then: string } {
  return { where: where(k), next: nextSays(k), then: k.room.then ? texts.then(k.room.then) : "" };
}

function where(k: Known): string {
  const { room, you } = k;
  const { stage, round } = room;
  if (room.support) return room.support === you.seat ? texts.supportForYou : texts.supportFor(short(nameOf(k, room.support)));
  if (stage) return texts.stageAt(stage.title, round.going ? (round.at ?? 0) : 0, round.going ? (round.of ?? 0) : 0);
  if (room.floor === "open") return texts.openFloor;
  if (room.phase === "gathering") return texts.gathering;
  return round.going ? texts.round(round.n, Math.round((room.stick.limit ?? 0) / 60_000)) : "";
}

function nextSays(k: Known): string {
  const { room, you } = k;
  const all = room.round.going && room.floor === "ring" ? (room.round.next ?? []) : [];
  if (!all.length) return "";
  const names = all.slice(0, mostNames).map((id) => (id === you.seat ? texts.nextYou : short(nameOf(k, id))));
  return (nominates(k) ? texts.toChoose : texts.nextOf)(names, all.length - names.length);
}

/** Says aloud, once, whose turn is made up for in the closing round. */
export class Merged {
  #key: string | undefined;
  #since = 0;

  says(k: Known, now: number): string {
    const ids = k.room.merged ?? [];
    const key = ids.join(" ");
    const late = this.#key === undefined && !ids.includes(k.you.seat); // it was said before one came
    if (key !== this.#key) [this.#key, this.#since] = [key, late ? 0 : now];
    if (!ids.length || now - this.#since > saidFor) return "";
    const others = ids.filter((id) => id !== k.you.seat).map((id) => nameOf(k, id));
    const t = texts.stage;
    if (others.length === ids.length) return t.merged(texts.names(others));
    return others.length ? t.mergedYouToo(texts.names(others)) : t.mergedYou;
  }
}

/** What comes soon: the closing round, or another part after these words. */
export function coming(k: Known, now: number): string[] {
  const { closes, moving, stick } = k.room;
  const t = texts.stage;
  return [
    moving && stick.at === "held" ? (stick.seat === k.you.seat ? t.movingYours : t.moving)(moving) : "",
    closes && closes > now && closes - now <= soon ? t.closes(texts.clock(closes)) : "",
  ].filter(Boolean);
}

/** What concerns support for oneself. */
export function supportSays(k: Known): string {
  return k.you.support === "wanted" ? texts.support.asked : "";
}
